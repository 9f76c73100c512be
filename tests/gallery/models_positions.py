"""Models of the equation files in which arrays of whole numbers say where something stands: tables, classes, edges."""

from models import model


def one_hot(np, positions, size):
    """Give a row for each position that is 1 there: a scatter-add is a product with these rows."""
    return (positions[..., None] == np.arange(size)).astype(float)


@model(t=(5,), e=(4, 3), w=(3, 6), c=(6,), y=(5,), positions={"t": 4, "y": 6})
def embedding_cross_entropy(np, t, e, w, c, y):
    s = e[t] @ w + c
    return (np.log(np.exp(s).sum(1)) - s[np.arange(5), y]).mean()


@model(u=(4, 3), c=(6,), v=(5, 3), o=(6,), r=(6, 2), positions={"c": 4, "o": 5, "r": 5})
def skip_gram(np, u, c, v, o, r):
    near = (u[c] * v[o]).sum(1)
    drawn = (u[c][:, None] * v[r]).sum(2)
    return np.log(1 + np.exp(-near)).sum() + np.log(1 + np.exp(drawn)).sum()


@model(u=(4, 2), a=(7,), v=(5, 2), b=(7,), g=(4,), h=(5,), r=(7,), λ=(), positions={"a": 4, "b": 5})
def observed_factorisation(np, u, a, v, b, g, h, r, λ):
    m = (u[a] * v[b]).sum(1) + g[a] + h[b]
    return ((r - m) ** 2).sum() + λ * ((u**2).sum() + (v**2).sum())


@model(d=(7,), c=(7,), x=(4, 3), s=(7,), w=(3, 2), u=(3, 2), positions={"d": 4, "s": 4})
def graph_convolution(np, d, c, x, s, w, u):
    m = one_hot(np, d, 4).T @ (c[:, None] * x[s])
    return np.tanh(m @ w + x @ u)


@model(x=(4, 3), w=(3, 2), s=(7,), a=(2,), d=(7,), b=(2,), positions={"d": 4, "s": 4})
def edge_attention(np, x, w, s, a, d, b):
    g, into = x @ w, one_hot(np, d, 4)
    p = np.exp(np.tanh(g[s] @ a + g[d] @ b))
    return (g + into.T @ (p[:, None] * g[s])) / (1 + into.T @ p)[:, None]


@model(J=(7,), s=(4,), a=(7,), b=(7,), h=(4,), positions={"a": 4, "b": 4})
def ising_edges(np, J, s, a, b, h):
    return -(J * s[a] * s[b]).sum() - h @ s


@model(x=(6, 3), w=(3, 4), y=(6,), positions={"y": 4})
def multiclass_hinge(np, x, w, y):
    s = x @ w
    behind = np.maximum(1 + s - s[np.arange(6), y][:, None], 0)
    return ((1 - one_hot(np, y, 4)) * behind).sum(1).mean()


@model(s=(4,), l=(7,), w=(7,), λ=(), positions={"l": 4, "w": 4})
def bradley_terry(np, s, l, w, λ):  # noqa: E741
    return np.log(1 + np.exp(s[l] - s[w])).sum() + λ * (s**2).sum()


@model(e=(5, 3), t=(4, 6), w=(3, 2), positions={"t": 5})
def bag_of_words(np, e, t, w):
    return np.tanh(e[t].mean(1) @ w)


@model(x=(3, 5, 4), y=(3, 5), w=(4, 4), f=(3, 4), g=(3, 4), positions={"y": 4, "f": 4, "g": 4})
def tag_sequence_score(np, x, y, w, f, g):
    return (x * one_hot(np, y, 4)).sum((1, 2)) + w[f, g].sum(1)


@model(
    e=(5, 3), h=(6,), r=(2, 3), k=(6,), t=(6,), c=(6,), γ=(), positions={"h": 5, "k": 2, "t": 5, "c": 5}, positive="γ"
)
def transe(np, e, h, r, k, t, c, γ):
    d, g = e[h] + r[k] - e[t], e[h] + r[k] - e[c]
    return np.maximum(γ + (d**2).sum(1) - (g**2).sum(1), 0).sum()


@model(b=(4,), r=(7,), v=(7,), x=(5,), c=(7,), positions={"r": 4, "c": 5})
def sparse_residual(np, b, r, v, x, c):
    return b - one_hot(np, r, 4).T @ (v * x[c])
