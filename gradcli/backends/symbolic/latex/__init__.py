"""Formulas of tensors in LaTeX, by indices and of whole matrices."""
