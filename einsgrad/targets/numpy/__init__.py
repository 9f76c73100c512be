"""The NumPy target: a readable module that stands alone.

Takes a joint program, gives the text of a Python module that needs nothing but NumPy, through
:func:`einsgrad.targets.numpy.module.generate`. It does not choose what to compute: it names values, joins short
expressions, and writes the statements and the functions around them.
"""
