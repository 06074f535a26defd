"""What is true of a program at a point: its value, its derivatives and their error, and kinds of nonsmooth points."""
