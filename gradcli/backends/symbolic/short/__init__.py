"""Shorter forms of a formula: sums over one denominator in their lowest terms, identities, functions of the table."""
