"""A small network, 20×32×10 on a batch of 32, with softmax cross-entropy: all overhead."""

from typing import Any

import numpy

from einsgrad import gallery

TITLE = "mlp 32×20×32×10"
EQUATIONS = gallery.read("mlp")
WRT = ("w1", "b1", "w2", "b2")


def inputs(rng: numpy.random.Generator, sizes: tuple[int, int, int, int] = (32, 20, 32, 10)) -> dict[str, Any]:
    """Draw the arrays, for a batch, features, hidden units and classes of these sizes."""
    batch, features, hidden, classes = sizes
    return {
        "w1": rng.normal(size=(features, hidden)) / features**0.5,
        "b1": rng.normal(size=hidden),
        "w2": rng.normal(size=(hidden, classes)) / hidden**0.5,
        "b2": rng.normal(size=classes),
        "x": rng.normal(size=(batch, features)),
        "t": numpy.eye(classes)[rng.integers(classes, size=batch)],
    }


def forward(np: Any, w1: Any, b1: Any, w2: Any, b2: Any, x: Any, t: Any) -> Any:
    """Compute the loss as a user of NumPy writes it."""
    scores = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    top = scores.max(axis=1, keepdims=True)
    logs = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    return -(t * logs).sum() / x.shape[0]


def forward_torch(torch: Any, w1: Any, b1: Any, w2: Any, b2: Any, x: Any, t: Any) -> Any:
    """Compute the loss as a user of torch writes it."""
    scores = torch.relu(x @ w1 + b1) @ w2 + b2
    return torch.nn.functional.cross_entropy(scores, t)


def truth(upstream: Any, w1: Any, b1: Any, w2: Any, b2: Any, x: Any, t: Any) -> tuple[Any, list[Any]]:
    """Give the value and the gradients."""
    before = x @ w1 + b1
    hidden = numpy.maximum(before, 0)
    scores = hidden @ w2 + b2
    powers = numpy.exp(scores - scores.max(1, keepdims=True))
    chances = powers / powers.sum(1, keepdims=True)
    dscores = (chances - t) / len(x)
    dbefore = dscores @ w2.T * (before > 0)
    return -(t * numpy.log(chances)).sum() / len(x), [x.T @ dbefore, dbefore.sum(0), hidden.T @ dscores, dscores.sum(0)]
