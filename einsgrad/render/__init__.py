"""Rendering: programs and derivations for people to read.

Takes what the IR and the calculus give; writes text, LaTeX, Markdown, HTML with MathML, matrix notation and einsum
strings. It reads the IR only and changes nothing in it.
"""
