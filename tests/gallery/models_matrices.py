"""Models of the equation files with inverses and determinants, and with functions of their own."""

import numpy
from models import model

LARGE = {size: 6 * numpy.eye(size) for size in (2, 3, 4)}


def _logdet(np, matrix):
    return np.linalg.slogdet(matrix)[1]


def _sigmoid(np, x):
    return 1 / (1 + np.exp(-x))


@model(m=(3,), n=(3,), S=(3, 3), T=(3, 3), shift={"S": LARGE[3], "T": LARGE[3]})
def gaussian_kl_full(np, m, n, S, T):
    distance = (m - n) @ np.linalg.solve(T, m - n)
    return (np.trace(np.linalg.solve(T, S)) + distance + _logdet(np, T) - _logdet(np, S) - 3) / 2


@model(x=(5, 3), w=(5,), positive="w")
def d_optimal_design(np, x, w):
    return -_logdet(np, x.T @ (w[:, None] * x))


@model(x=(4, 3), w=(3,), u=(3,), b=())
def planar_flow(np, x, w, u, b):
    bent = np.tanh(x @ w + b)
    return x + bent[:, None] * u, np.log(np.abs(1 + (1 - bent**2) * (w @ u)))


@model(x=(4, 3), A=(3, 3), b=(3,), shift={"A": LARGE[3]})
def affine_flow(np, x, A, b):
    y = x @ A.T + b
    return (y**2).sum() / 2 - 4 * _logdet(np, A) + 6 * np.log(2 * np.pi)


@model(x=(3,), p=(3, 3), h=(2, 3), r=(2, 2), z=(2,), shift={"r": LARGE[2], "p": LARGE[3]})
def kalman_likelihood(np, x, p, h, r, z):
    s, e = h @ p @ h.T + r, z - h @ x
    return (e @ np.linalg.solve(s, e) + _logdet(np, s) + 2 * np.log(2 * np.pi)) / 2


@model(x=(4, 2), y=(4,), u=(3, 2), s=(), w=(), σ=(), positive="s w σ")
def gp_prediction(np, x, y, u, s, w, σ):
    def kernel(a, b):
        return s**2 * np.exp(-((a[:, None] - b[None]) ** 2).sum(axis=2) / (2 * w**2))

    return kernel(u, x) @ np.linalg.solve(kernel(x, x) + σ**2 * np.eye(4), y)


@model(X=(3, 3), V=(3, 3), ν=(), shift={"X": LARGE[3], "V": LARGE[3]})
def wishart(np, X, V, ν):
    return (np.trace(np.linalg.solve(V, X)) + ν * _logdet(np, V) - (ν - 4) * _logdet(np, X)) / 2


@model(X=(4, 3), A=(4, 4), shift={"A": LARGE[4]})
def determinant_of_form(np, X, A):
    return _logdet(np, X.T @ A @ X)


@model(x=(4, 2), y=(4,), S=(4, 4), shift={"S": LARGE[4]})
def generalised_least_squares(np, x, y, S):
    weighted = x.T @ np.linalg.inv(S)
    return np.linalg.solve(weighted @ x, weighted @ y)


@model(x=(4, 2), y=(4,), α=(), τ=(), positive="α τ")
def bayesian_regression(np, x, y, α, τ):
    precision = α * np.eye(2) + τ * x.T @ x
    m = τ * np.linalg.solve(precision, x.T @ y)
    fit = τ * ((y - x @ m) ** 2).sum() + α * m @ m
    return (fit + _logdet(np, precision) - 2 * np.log(α) - 4 * np.log(τ / (2 * np.pi))) / 2


@model(x=(4, 3), m=(2, 3), S=(3, 3), p=(2,), positive="p", shift={"S": LARGE[3]})
def linear_discriminant(np, x, m, S, p):
    inverse = np.linalg.inv(S)
    return x @ inverse @ m.T + np.log(p) - np.diag(m @ inverse @ m.T) / 2


@model(x=(5, 3), y=(5,), w=(3,), s=(), ν=(), positive="s ν")
def student_regression(np, x, y, w, s, ν):
    return (ν + 1) / 2 * np.log1p(((y - x @ w) / s) ** 2 / ν).sum() + 5 * np.log(s)


@model(x=(4, 3), w=(3, 2), v=(2, 3), κ=())
def swish_network(np, x, w, v, κ):
    def swish(u):
        return u * _sigmoid(np, κ * u)

    return swish(swish(x @ w) @ v)


@model(x=(5, 3), t=(5,), w=(3,), γ=(), positive="γ")
def focal_loss(np, x, t, w, γ):
    z = t * (x @ w)
    return (_sigmoid(np, -z) ** γ * np.log1p(np.exp(-z))).mean()


@model(x=(5, 3), t=(5,), w=(3,), λ=(), positive="λ")
def newton_step(np, x, t, w, λ):
    p = _sigmoid(np, -t * (x @ w))
    hessian = λ * np.eye(3) + x.T @ ((p * (1 - p))[:, None] * x)
    return w - np.linalg.solve(hessian, λ * w - x.T @ (p * t))
