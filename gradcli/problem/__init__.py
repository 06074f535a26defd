"""One question: a program, a point, what is wanted of them; and the sources that answer it."""
