"""The intermediate representation: a program of index-notation equations.

Every stage takes and gives it. Here are the nodes and the builder that interns them, programs and their parts, what
can be asked of them (letters, ranges, order), the printer that gives text which parses again, and the verifier of the
invariants. Nothing here rewrites an expression but to rename letters.
"""
