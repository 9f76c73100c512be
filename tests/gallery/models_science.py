"""Models of the equation files from physics and chemistry."""

from models import model


@model(a1=(2, 3), a2=(3, 2, 3), a3=(3, 2, 2), a4=(2, 2), b1=(2, 2), b2=(2, 2, 3), b3=(3, 2, 2), b4=(2, 2))
def mps_overlap(np, a1, a2, a3, a4, b1, b2, b3, b4):
    def dense(first, second, third, last):
        state = np.tensordot(np.tensordot(first, second, (1, 0)), third, (2, 0))
        return np.tensordot(state, last, (3, 0))

    return (dense(a1, a2, a3, a4) * dense(b1, b2, b3, b4)).sum()


@model(g=(2, 3, 2, 3), e=(2,), f=(3,), shift={"e": -4, "f": 4})
def mp2_energy(np, g, e, f):
    gap = e[:, None, None, None] - f[None, :, None, None] + e[None, None, :, None] - f[None, None, None, :]
    return (g * (2 * g - np.swapaxes(g, 1, 3)) / gap).sum()


@model(g=(3, 3), λ=(), μ=())
def elastic_energy(np, g, λ, μ):
    strain = (g + g.T) / 2
    return λ / 2 * np.trace(strain) ** 2 + μ * (strain**2).sum()


@model(m=(4,), r=(4, 3), positive="m")
def moment_of_inertia(np, m, r):
    return sum(m[n] * (r[n] @ r[n] * np.eye(3) - np.outer(r[n], r[n])) for n in range(4))


@model(h=(2, 2), d=(2, 2, 2))
def christoffel(np, h, d):
    lowered = 0.5 * (d.transpose(0, 1, 2) + d.transpose(0, 2, 1) - d.transpose(2, 0, 1))
    return np.tensordot(h, lowered, (1, 0))


@model(w=(4, 4), x=(4, 2))
def laplacian_energy(np, w, x):
    return sum(w[i, j] * ((x[i] - x[j]) ** 2).sum() for i in range(4) for j in range(4)) / 2


@model(s=(4,), j=(4, 4), h=(4,))
def ising_energy(np, s, j, h):
    return -(s @ j @ s) / 2 - h @ s
