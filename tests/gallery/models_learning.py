"""Models of the equation files of losses, regressions and probability."""

import math

import numpy
from models import model


@model(p=(5,), q=(5,), positive="p q")
def kl_divergence(np, p, q):
    return (p * (np.log(p) - np.log(q))).sum()


@model(m=(3, 2), s=(3, 2))
def gaussian_kl(np, m, s):
    return 0.5 * (m**2 + np.exp(s) - s - 1).sum(1).mean()


@model(x=(5, 3), y=(5,), w=(3,), λ=())
def ridge_regression(np, x, y, w, λ):
    return ((y - x @ w) ** 2).mean() + λ * (w**2).sum()


@model(x=(5, 3), w=(3,), b=(), t=(5,))
def logistic_regression(np, x, w, b, t):
    chance = 1 / (1 + np.exp(-(x @ w + b)))
    return -(t * np.log(chance) + (1 - t) * np.log(1 - chance)).mean()


@model(x=(5, 3), w=(3,), t=(5,), v=(3,))
def hessian_vector_product(np, x, w, t, v):
    chance = 1 / (1 + np.exp(-(x @ w)))
    return x.T @ (chance * (1 - chance) * (x @ v)) / 5 + 0 * t.sum()


@model(x=(5, 3), w=(3,), b=(), t=(5,))
def poisson_regression(np, x, w, b, t):
    return (np.exp(x @ w + b) - t * (x @ w + b)).mean()


@model(x=(8, 3), y=(8,), w=(3,), κ=(), positive="κ")
def huber(np, x, y, w, κ):
    far = np.abs(y - x @ w)
    return np.where(far <= κ, far**2 / 2, κ * (far - κ / 2)).mean()


@model(u=(4, 3), v=(4, 3), τ=(), positive="τ")
def info_nce(np, u, v, τ):
    u, v = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (u, v))
    powers = np.exp(u @ v.T / τ)
    return -np.log(np.diag(powers) / powers.sum(1)).mean()


@model(a=(6, 3), p=(6, 3), q=(6, 3), α=())
def triplet_loss(np, a, p, q, α):
    return np.maximum(((a - p) ** 2).sum(1) - ((a - q) ** 2).sum(1) + α, 0).mean()


@model(x=(6, 3), w=(3, 4), b=(4,))
def max_pooling(np, x, w, b):
    return np.tanh(x @ w + b).max(0)


@model(x=(6, 2), c=(3, 2))
def k_means(np, x, c):
    return ((x[:, None, :] - c) ** 2).sum(2).min(1).mean()


@model(x=(4, 3), positive="x")
def geometric_mean(np, x):
    return x.prod(1) ** (1 / 3)


@model(p=(6,), t=(6,), positive="p t")
def dice_loss(np, p, t):
    return 1 - 2 * (p @ t) / (p.sum() + t.sum())


@model(x=(6, 2), a=(3,), m=(3, 2), s=(3, 2))
def gaussian_mixture(np, x, a, m, s):
    weights = np.exp(a) / np.exp(a).sum()
    scaled = (x[:, None, :] - m) * np.exp(s / 2)
    densities = np.prod(np.exp(-(scaled**2) / 2 + s / 2) / math.sqrt(2 * math.pi), axis=2)
    return np.log(densities @ weights).mean()


@model(x=(4, 5), w=(5,), b=(), v=(5, 2))
def factorisation_machine(np, x, w, b, v):
    pairs = sum(v[i] @ v[j] * x[:, i] * x[:, j] for i in range(5) for j in range(i + 1, 5))
    return b + x @ w + pairs


@model(x=(4, 3), a=(3,), w=(3, 2), b=(2,))
def rbm_free_energy(np, x, a, w, b):
    return -x @ a - np.log(1 + np.exp(x @ w + b)).sum(1)


def _logdet(np, matrix):
    return np.linalg.slogdet(matrix)[1]


@model(x=(4, 3), μ=(3,), S=(3, 3), shift={"S": 4 * numpy.eye(3)})
def gaussian_likelihood(np, x, μ, S):
    z = x - μ
    quadratic = (z * np.linalg.solve(S, z.T).T).sum()
    return (quadratic + 4 * (_logdet(np, S) + 3 * np.log(2 * np.pi))) / 2


@model(x=(4, 2), y=(4,), s=(), w=(), σ=(), positive="s w σ")
def gp_marginal_likelihood(np, x, y, s, w, σ):
    distances = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    k = s**2 * np.exp(-distances / (2 * w**2)) + σ**2 * np.eye(4)
    return (y @ np.linalg.solve(k, y) + _logdet(np, k) + 4 * np.log(2 * np.pi)) / 2


@model(x=(4, 3), μ=(3,), S=(3, 3), shift={"S": 4 * numpy.eye(3)})
def mahalanobis_inverse(np, x, μ, S):
    z = x - μ
    return (z * np.linalg.solve(S, z.T).T).sum(axis=1)


@model(x=(3,), p=(3, 3), h=(2, 3), r=(2, 2), z=(2,), shift={"r": 6 * numpy.eye(2)})
def kalman_update(np, x, p, h, r, z):
    gain = p @ h.T @ np.linalg.inv(h @ p @ h.T + r)
    return x + gain @ (z - h @ x), p - gain @ h @ p
