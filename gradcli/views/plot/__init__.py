"""Plots for readers: in the terminal, as pictures, as data."""
