"""Index notation: the formulas of tensors by their entries, and their derivatives."""
