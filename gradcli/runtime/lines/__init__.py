"""Runs over lines of JSON: in order, on all cores, as many on their way as there is room for."""
