"""The autograd graph for a reader: as a tree, as a tape, and as a picture."""
