"""A derivation as text, LaTeX, Markdown, HTML and JSON."""
