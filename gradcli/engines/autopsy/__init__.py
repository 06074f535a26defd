"""Where a number that is not finite was born, where digits were lost, and what to write instead."""
