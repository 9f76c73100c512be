"""Tensor calculus: the rules of the rulebook, and the passes that apply them to whole programs.

Takes a program, gives programs: derivatives carried out, gradients as equations, simplified; or the trace of how they
came about. Judges claims by a normal form and, where that fails, by counterexamples. It knows nothing of arrays' memory
or of the order in which values are computed: that is planned later.
"""
