"""Habits of other notations: what NumPy, PyTorch, MATLAB, Julia, physics or a matrix text would write here.

Before: a statement of the plain dialect, not yet parsed. After: at most one error, about the first thing in it that
belongs to another notation, with the same in this language where it has one. A statement with such an error is not
parsed, so that nothing is said about what comes after it. Nothing that the grammar reads is refused but where it would
mean something else than any reader expects. When the language gains one of these things, its habit goes.
"""
