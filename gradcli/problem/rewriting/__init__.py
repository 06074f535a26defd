"""Programs that are the same function and keep more digits: a table of rewritings, and whether they hold."""
