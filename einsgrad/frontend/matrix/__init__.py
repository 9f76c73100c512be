"""The matrix dialect: equations of matrices, vectors and scalars, to the same programs as index notation."""
