"""The autograd graph of a program: walked from torch, with both passes recorded, as plain data."""
