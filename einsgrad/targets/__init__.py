"""Targets: what writes a plan down as code.

Takes a joint program and its plan, gives the text of a module. The planner decides what is computed and how; a target
writes that down and decides nothing. Each is a folder with one way in, and nothing outside of it knows what it emits.
What targets share lies here: the names of tensors as identifiers, and the signature of what a module is given.
"""
