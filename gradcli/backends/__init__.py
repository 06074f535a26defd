"""What evaluates a tape: one folder for each kind of number."""
