"""Tensors: the witnesses on them, and their entries written out as numbers."""
