"""`gradcli batch`: lines, records, workers, and what survives a crash."""
