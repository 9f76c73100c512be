"""The LaTeX dialect: what authors write in an ``align``, to the same surface tree as the plain dialect."""
