"""Many claims: JSON Lines in, a verdict for each out, in order, on all cores."""
