"""Derivatives of what equations determine: y of F(x, y) = 0, and several unknowns of as many equations."""
