"""Plans: a program and its partials as one list of operations on columns, each of a row's numbers beside the others."""
