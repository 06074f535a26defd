"""`gradcli functions`, and the pages of the manual."""
