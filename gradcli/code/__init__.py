"""Code to take away: a program with its derivatives as a function in another language."""
