"""Gradient descent: torch.optim takes the steps, and the last gradient is judged."""
