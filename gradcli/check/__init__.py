"""`gradcli check`: claims about derivatives, held against the truth."""
