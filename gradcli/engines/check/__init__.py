"""Claims about derivatives, held against the truth."""
