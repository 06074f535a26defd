"""The views: pure functions from plain data to text."""
