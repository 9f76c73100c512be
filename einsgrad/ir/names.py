"""Names of tensors: one spelling for all that a user may write, and the names of gradients."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Upsilon": "Υ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip


@lru_cache(maxsize=65536)
def canonical_name(name: str) -> str:
    """Give the one spelling that stands for all spellings of a tensor's or an index's name.

    >>> canonical_name("gamma"), canonical_name("γ"), canonical_name("dl_dgamma"), canonical_name("∂l/∂γ")
    ('γ', 'γ', '∂l/∂γ', '∂l/∂γ')
    """
    name = unicodedata.normalize("NFKC", name)
    if name.startswith("∂"):
        of, _, wrt = name[1:].partition("/∂")
        return gradient_name(canonical_name(of), canonical_name(wrt))
    if name.startswith("d") and "_d" in name[1:]:
        of, _, wrt = name[1:].partition("_d")
        return gradient_name(canonical_name(of), canonical_name(wrt))
    return GREEK.get(name, name)


def typeable(names: Iterable[str]) -> list[str]:
    """Give names, and in words those that are Greek letters: what may be meant by a name that is none of them.

    >>> typeable(["x", "γ"])
    ['x', 'γ', 'gamma']
    """
    known = list(names)
    return [*known, *(word for word, letter in GREEK.items() if letter in known)]


def gradient_name(of: str, wrt: str) -> str:
    """Give the name of the tensor that holds the gradient of ``of`` with respect to ``wrt``.

    Gradients of gradients are written without inner signs.

    >>> gradient_name("l", "x"), gradient_name("l", "∂E/∂x")
    ('∂l/∂x', '∂l/∂dEdx')
    """
    return "∂{}/∂{}".format(*(name.replace("∂", "d").replace("/", "") for name in (of, wrt)))


def split_gradient_name(name: str) -> tuple[str, str] | None:
    """Undo :func:`gradient_name`; ``None`` for an ordinary name.

    >>> split_gradient_name("∂l/∂x"), split_gradient_name("x")
    (('l', 'x'), None)
    """
    if not name.startswith("∂"):
        return None
    of, _, wrt = name[1:].partition("/∂")
    return of, wrt


def identifier(name: str) -> str:
    """Give the Python spelling of a name: ``∂l/∂x`` is ``dl_dx``."""
    parts = split_gradient_name(name)
    return f"d{parts[0]}_d{parts[1]}" if parts else name
