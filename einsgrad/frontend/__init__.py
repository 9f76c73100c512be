"""The frontend: from text to a program.

Takes text in either dialect, or an einsum string; gives a :class:`~einsgrad.ir.program.Program` with every sum
explicit, or raises one error with all that is wrong, each with its place and a fix. It does not simplify.
"""
