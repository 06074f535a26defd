"""The doors to what happens inside: a program and a point in, plain data for a view out."""
