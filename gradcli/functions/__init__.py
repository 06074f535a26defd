"""The table of functions: one row for each function and operator of the language."""
