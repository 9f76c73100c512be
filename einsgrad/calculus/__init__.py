"""Tensor calculus: the rules of the rulebook, and the passes that apply them to whole programs."""
