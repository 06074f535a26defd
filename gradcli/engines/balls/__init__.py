"""Ball arithmetic: numbers with rigorous error bounds, hundreds of digits in microseconds."""
