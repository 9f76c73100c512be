"""The errors of the LaTeX frontend: for each a text that causes it alone, code, message, place and fix."""

import latex_errors_of_habits
import latex_errors_of_names
import latex_errors_of_syntax
import latex_errors_of_terms

LATEX_ERRORS = [
    *latex_errors_of_syntax.ROWS,
    *latex_errors_of_names.ROWS,
    *latex_errors_of_habits.ROWS,
    *latex_errors_of_terms.ROWS,
]
"""Every error of a LaTeX text: its code, its message, its place in the source, and its fix."""
