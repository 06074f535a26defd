"""Deadlines, worker processes, runs over lines, and the server of warm workers."""
