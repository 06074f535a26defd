"""`gradcli config`: what is wanted at a terminal without being said each time."""
