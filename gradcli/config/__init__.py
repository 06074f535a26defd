"""`gradcli config`: the defaults used at a terminal."""
