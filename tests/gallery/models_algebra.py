"""Models of the equation files from linear algebra, and of the factorisations."""

import numpy
from models import model


@model(b=(3, 4), c=(3, 4))
def matrix_addition(np, b, c):
    return b + c


@model(b=(3, 4))
def transpose(np, b):
    return b.T


@model(a=(4, 4))
def trace(np, a):
    return np.trace(a)


@model(λ=(), b=(3, 4))
def scalar_matrix(np, λ, b):
    return λ * b


@model(x=(3, 4), a=(4, 5))
def matmul(np, x, a):
    return x @ a


@model(x=(3, 4), a=(4, 5))
def matmul_gradients(np, x, a):
    return x @ a


@model(x=(2, 3, 4), a=(2, 4, 5))
def batched_matmul(np, x, a):
    return x @ a


@model(b=(3, 4), c=(3, 4))
def hadamard(np, b, c):
    return b * c


@model(b=(3,), c=(4,))
def outer(np, b, c):
    return np.outer(b, c)


@model(b=(5,), c=(5,))
def dot(np, b, c):
    return np.dot(b, c)


@model(x=(5,))
def l2_norm(np, x):
    return np.linalg.norm(x)


@model(x=(3,), w=(3, 4), y=(4,))
def bilinear(np, x, w, y):
    return x @ w @ y


@model(a=(2, 3), b=(2, 3), c=(3, 4), d=(3, 4))
def complex_matmul(np, a, b, c, d):
    product = (a + 1j * b) @ (c + 1j * d)
    return product.real, product.imag


@model(x=(6,))
def pointwise(np, x):
    return np.sin(x)


@model(e=(3, 3, 3), a=(3,), b=(3,), c=(3,))
def triple_product(np, e, a, b, c):
    return c @ (b @ (a @ e.reshape(3, 9)).reshape(3, 3))


@model(a=(5,), b=(5,))
def cosine_similarity(np, a, b):
    return (a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))


@model(x=(4, 3), m=(3,), p=(3, 3), shift={"p": 6 * numpy.eye(3)})
def mahalanobis(np, x, m, p):
    return np.sqrt(((x - m) @ p * (x - m)).sum(1))


@model(γ=(), x=(3, 2), y=(4, 2), positive="γ")
def rbf_kernel(np, γ, x, y):
    return np.exp(-γ * ((x[:, None, :] - y[None, :, :]) ** 2).sum(-1))


@model(x=(3, 4))
def softmax(np, x):
    powers = np.exp(x)
    return powers / powers.sum(1, keepdims=True)


@model(x=(4,))
def softmax_jacobian(np, x):
    chances = np.exp(x) / np.exp(x).sum()
    return np.diag(chances) - np.outer(chances, chances)


@model(x=(3, 4))
def log_sum_exp(np, x):
    return np.log(np.exp(x).sum(1))


@model(r=(4, 5), m=(4, 5), u=(4, 2), v=(5, 2), λ=())
def matrix_factorisation(np, r, m, u, v, λ):
    return (m * (r - u @ v.T) ** 2).sum() + λ * ((u**2).sum() + (v**2).sum())


@model(x=(5, 4), w=(4, 2))
def pca_reconstruction(np, x, w):
    return ((x - x @ w @ w.T) ** 2).sum(1).mean()


@model(t=(3, 4, 5), a=(3, 2), b=(4, 2), c=(5, 2))
def cp(np, t, a, b, c):
    fitted = sum(np.multiply.outer(np.multiply.outer(a[:, r], b[:, r]), c[:, r]) for r in range(2))
    return ((t - fitted) ** 2).sum()


@model(t=(3, 4, 5), g=(2, 3, 2), a=(3, 2), b=(4, 3), c=(5, 2))
def tucker(np, t, g, a, b, c):
    fitted = np.tensordot(np.tensordot(np.tensordot(a, g, (1, 0)), b, (1, 1)), c, (1, 1))
    return ((t - fitted) ** 2).sum()


@model(a=(2, 3), b=(3, 4, 2), c=(2, 3, 2), d=(2, 5))
def tensor_train(np, a, b, c, d):
    return np.tensordot(np.tensordot(np.tensordot(a, b, (1, 0)), c, (2, 0)), d, (3, 0))
