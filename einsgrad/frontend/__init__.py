"""The frontend: text to a program."""
