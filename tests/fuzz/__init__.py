"""Programs, claims and files by chance, and what they found."""
