"""The workloads, one module each.

A module says what is computed and on what, and how users of each library would write it:

- ``TITLE``: what the table calls it; ``EQUATIONS``: the program for einsgrad;
- ``WRT``: the inputs whose gradients are taken, first among the arguments, in order;
- ``inputs(rng)``: the arrays, in float64, by name;
- ``forward(np, **inputs)``: for libraries with NumPy's interface;
- ``forward_torch(torch, **inputs)``: for torch; ``forward_builtin``, where torch ships the operation as one kernel;
- ``truth(upstream, **inputs)``: the value and the gradients by hand, which every result is verified against.
"""

NAMES = ("layer_norm", "attention", "cp", "mlp", "mlp_large", "logistic_regression", "bilinear")
