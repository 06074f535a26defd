"""What stands on private parts of SymPy, for speed.

Each has its figure beside it: the time in which the formulas of 200 programs are written, as a part of the time with
plain SymPy in its place (`python -m tests.benchmarks symbolic`, SymPy 1.14). What brings less than a tenth goes.
"""
