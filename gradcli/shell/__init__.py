"""`gradcli shell`: formulas and commands, a line at a time, over values and definitions that stay."""
