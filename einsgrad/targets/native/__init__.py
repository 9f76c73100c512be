"""The native target: C for what NumPy does in many passes, compiled once and kept in the user's cache.

Takes a joint program, gives the text of a C file with its kernels, and a shared library made from it.
"""
