"""Streams: many points, and many expressions, in bounded memory."""
