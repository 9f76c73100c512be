"""A gradient compiler for index notation."""
