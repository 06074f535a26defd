"""`gradcli map`: a table in, a table out: values and derivatives at millions of points."""
