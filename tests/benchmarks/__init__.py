"""Benchmarks: ratios against a peer, or seconds against a promise."""
