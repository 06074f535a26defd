"""A Python callable, judged: its derivatives by torch, held against what its values alone say at high precision."""
