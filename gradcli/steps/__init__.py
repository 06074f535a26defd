"""How a derivative comes about, one rule at a time."""
