"""The target languages, a file each."""
