"""What is true of a program at a point: values and derivatives whose error is known, and the kinds of nonsmooth points."""
