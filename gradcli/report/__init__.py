"""`gradcli report`: one page of everything that is known of a program at a point."""
