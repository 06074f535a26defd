"""What went wrong where a claim is wrong."""
