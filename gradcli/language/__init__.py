"""The language: text to tokens, trees, names and points, and trees back to text."""
