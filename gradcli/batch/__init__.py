"""`gradcli batch`: many programs, JSON Lines in and out, on all cores."""
