"""`gradcli notebook`: every derivative of a notebook, with its verdict, beside what the notebook recorded."""
