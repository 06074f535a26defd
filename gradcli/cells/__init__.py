"""Cells of Python, read and never run: what they compute, at which point, and what they differentiate."""
