"""`gradcli diff`: every partial derivative, from three sources, with a verdict."""
