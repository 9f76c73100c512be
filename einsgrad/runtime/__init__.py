"""The runtime: generated code and the arrays that users give it.

Takes a program, has it planned and written by a target, loads the text, and gives a
:class:`~einsgrad.runtime.function.Function` that checks its arguments. It computes nothing itself.
"""
