"""Many expressions: JSON Lines in, JSON Lines out, in order, on all cores."""
