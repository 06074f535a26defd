"""The program as a list of operations, and its differentiation: lowering, the reverse sweep, scalarizing."""
