"""What stands on private parts of SymPy, for speed: each is a fraction of the time of the public way."""
