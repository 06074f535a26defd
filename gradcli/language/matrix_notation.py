"""Heads of trees in matrix algebra that are no rows of the table: textbook signs for whole tensors."""

BESIDE = "beside"  # factors next to each other: scalars, matrices
TIMES, DIVIDED, RAISED = "entry times", "entry by", "entry power"  # entry by entry
EXP = "entry exp"
ONES, ZEROS = "all ones", "all zeros"  # vectors
TRANSPOSE, INVERSE, INVERSE_TRANSPOSE = "transposed", "inverse", "inverse transposed"
FROBENIUS = "Frobenius norm"
OPTION = "option"  # a function's name, an option's name and value, and the arguments
