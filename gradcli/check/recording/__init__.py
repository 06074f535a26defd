"""Python functions and their gradients, called with numbers and arrays that record what is computed with them."""
