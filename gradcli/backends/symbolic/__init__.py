"""Evaluation in SymPy: the derivatives of a tape as formulas, tidied and written down."""
