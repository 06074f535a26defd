"""Evaluation in mpmath: numbers to any precision, whose error is estimated."""
