"""Evaluation in torch: a tape run with tensors, its derivatives by autograd."""
