"""Tensors: running them, unrolling them into numbers, and their formulas by indices."""
