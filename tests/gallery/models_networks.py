"""Models of the equation files from neural networks."""

import math

from models import model


def normalise(np, x, axis):
    centred = x - x.mean(axis, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis, keepdims=True) + 1e-5)


def softmax_of(np, x):
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def logistic(np, x):
    return 1 / (1 + np.exp(-x))


def normal_distribution(np, x):
    if np.__name__ == "numpy":
        return 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
    from jax.scipy.special import erf

    return 0.5 * (1 + erf(x / math.sqrt(2)))


@model(x=(3, 4), γ=(4,), β=(4,))
def layer_norm(np, x, γ, β):
    return normalise(np, x, 1) * γ + β


@model(x=(5, 3), γ=(3,), β=(3,))
def batch_norm(np, x, γ, β):
    return normalise(np, x, 0) * γ + β


@model(x=(3, 4), γ=(4,))
def rms_norm(np, x, γ):
    return x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-5) * γ


@model(x=(2, 2, 3, 4), γ=(2, 3), β=(2, 3))
def group_norm(np, x, γ, β):
    return normalise(np, x, (2, 3)) * γ[..., None] + β[..., None]


@model(x=(3, 4), w=(5, 4), β=(5,))
def linear_layer(np, x, w, β):
    return x @ w.T + β


@model(x=(3, 4), w=(4, 5), α=(), a=(4, 2), b=(2, 5))
def lora(np, x, w, α, a, b):
    return x @ w + α * (x @ a) @ b


@model(x=(3, 4), w1=(4, 5), w2=(4, 5), w3=(5, 2))
def swiglu(np, x, w1, w2, w3):
    gate = x @ w1
    return (gate * logistic(np, gate) * (x @ w2)) @ w3


@model(x=(4, 3), w1=(3, 5), b1=(5,), w2=(5, 3), b2=(3,), t=(4, 3))
def mlp(np, x, w1, b1, w2, b2, t):
    scores = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    return -(t * np.log(softmax_of(np, scores))).sum() / len(x)


@model(x=(3, 4), v=(4, 2), w=(2, 4, 5))
def mixture_of_experts(np, x, v, w):
    gates = softmax_of(np, x @ v)
    return sum(gates[:, e, None] * (x @ w[e]) for e in range(2))


def attend(np, q, k, v, mask=0.0):
    """Attention over the last two axes of ``q``, ``k`` and ``v``."""
    return softmax_of(np, q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1]) + mask) @ v


@model(q=(2, 2, 3, 4), k=(2, 2, 5, 4), v=(2, 2, 5, 3), m=(3, 5))
def attention(np, q, k, v, m):
    return attend(np, q, k, v, m)


def project(np, x, w):
    """Take ``x_btd w_dhk`` to the axes b, h, t, k."""
    return np.moveaxis(np.tensordot(x, w, (2, 0)), 2, 1)


def self_attend(np, x, wq, wk, wv, wo):
    heads = attend(np, project(np, x, wq), project(np, x, wk), project(np, x, wv))
    return np.tensordot(np.moveaxis(heads, 1, 2), wo, ((2, 3), (0, 1)))


@model(x=(2, 3, 4), wq=(4, 2, 3), wk=(4, 2, 3), wv=(4, 2, 3), wo=(2, 3, 4))
def self_attention(np, x, wq, wk, wv, wo):
    return self_attend(np, x, wq, wk, wv, wo)


@model(
    x=(2, 3, 4),
    γ1=(4,),
    β1=(4,),
    wq=(4, 2, 3),
    wk=(4, 2, 3),
    wv=(4, 2, 3),
    wo=(2, 3, 4),
    γ2=(4,),
    β2=(4,),
    w1=(4, 5),
    b1=(5,),
    w2=(5, 4),
    b2=(4,),
)
def transformer_block(np, x, γ1, β1, wq, wk, wv, wo, γ2, β2, w1, b1, w2, b2):
    x = x + self_attend(np, normalise(np, x, 2) * γ1 + β1, wq, wk, wv, wo)
    hidden = (normalise(np, x, 2) * γ2 + β2) @ w1 + b1
    return x + (hidden * normal_distribution(np, hidden)) @ w2 + b2


GATE = {"x": (3, 2), "h": (3, 4)}
INPUT, STATE, SHIFT = (2, 4), (4, 4), (4,)


@model(
    **GATE, wz=INPUT, uz=STATE, bz=SHIFT, wr=INPUT, ur=STATE, br=SHIFT, wn=INPUT, un=STATE, cn=SHIFT, bn=SHIFT
)  # fmt: skip
def gru_cell(np, x, h, wz, uz, bz, wr, ur, br, wn, un, cn, bn):
    update = logistic(np, x @ wz + h @ uz + bz)
    reset = logistic(np, x @ wr + h @ ur + br)
    proposal = np.tanh(x @ wn + bn + reset * (h @ un + cn))
    return (1 - update) * proposal + update * h


@model(
    **GATE, c=(3, 4), wp=INPUT, up=STATE, bp=SHIFT, wf=INPUT, uf=STATE, bf=SHIFT, wo=INPUT, uo=STATE, bo=SHIFT,
    wg=INPUT, ug=STATE, bg=SHIFT,
)  # fmt: skip
def lstm_cell(np, x, h, c, wp, up, bp, wf, uf, bf, wo, uo, bo, wg, ug, bg):
    let_in, forget = logistic(np, x @ wp + h @ up + bp), logistic(np, x @ wf + h @ uf + bf)
    cell = forget * c + let_in * np.tanh(x @ wg + h @ ug + bg)
    return logistic(np, x @ wo + h @ uo + bo) * np.tanh(cell)
