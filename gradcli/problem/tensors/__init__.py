"""The sources of an answer on programs over tensors."""
