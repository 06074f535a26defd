"""Where a number that is not finite comes from, where digits were lost, and what to write instead."""
