"""Evaluation in balls: numbers that carry a proven bound of their error (FLINT's arb)."""
