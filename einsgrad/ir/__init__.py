"""The intermediate representation: a program of index-notation equations."""
