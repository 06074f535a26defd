"""Derivations in index notation."""
