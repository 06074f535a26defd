"""Error propagation: the uncertainty of a result, from those of its inputs, and whether to believe it."""
