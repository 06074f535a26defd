"""Whole tensors in balls: their values, their derivatives by one reverse sweep, and quotients that bear these out."""
