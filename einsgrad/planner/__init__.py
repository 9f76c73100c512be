"""The planner: from a program to a plan, an ordered list of array operations in which nothing is computed twice.

Takes a program free of derivatives, forward and adjoint equations together, through
:func:`einsgrad.planner.planning.make_plan`. Decides contraction paths, orders of axes and what is shared. It emits no
code and knows no target.
"""
