"""Mathematics as LaTeX, read: its syntax by pylatexenc, its meaning as the tokens of a program."""
