"""Formulas of whole matrices, read from formulas by indices."""
