"""Facts: what follows about signs from a claim's having a value.

A claim speaks only of points, sizes and arrays, at which both sides have a value, and a side has a value where all of
its parts have one. So what any part of either side needs may be used on both. Here is all that is concluded:

=====================================  ========================================================================
a part                                 what follows of its argument ``u``
=====================================  ========================================================================
``sqrt(u)``, ``u^(3/2)``               ``u >= 0``
``log(u)``, ``u^(-1/2)``               ``u > 0``
``log1p(u)``                           ``1 + u > 0``
``1/u``, ``u^-2``                      ``u`` is not zero
``u^p``, ``asin(u)``, ``tan(u)`` …     nothing: ``(-2)^p`` has a value where ``p`` is whole
=====================================  ========================================================================

and from a product ``u = c v w …`` of a number and powers of atoms, as which every form can be written:

- If ``u`` is not zero, no factor is: ``v`` is not zero. Of exponents that are 0, ``sign(v)`` is meant, and so is ``v``.
- If ``u >= 0``, ``c > 0``, and the sign of exactly one factor ``v`` is open, then ``v >= 0``, **provided that all other
  factors are positive**, not just never negative: ``sqrt((x - 7)^2 y)`` has a value at ``x = 7`` whatever ``y`` is.
  A factor is positive if it can't be negative and is known not to be zero, by what it is (``exp``, numbers), from
  another part, since ``u`` is not zero, or since it is divided by.
- With ``c < 0`` or with two open signs nothing follows: ``sqrt(x y)`` has a value where both are negative.

Under these side conditions:

Sizes.
    A part is evaluated for all values of its letters, so ``v`` is concluded for all values of its own: if ``v`` does
    not carry all letters of the part, any value of the others will do, and there has to be one. So nothing follows
    from what stands in a sum over nothing, and :mod:`einsgrad.calculus.cases` proves a claim for itself where a range
    is empty and where it is not.
Diagonals.
    An atom stands for all of its components. What holds of ``x_ij`` for all ``i`` and ``j`` holds of all ``x``, the
    diagonal included; what holds of ``x_ii`` holds on the diagonal only, so nothing follows of ``x``. Of a tensor that
    an equation defines and a side uses as ``y_ii``, only the diagonal is a part of that side. A delta may be zero,
    so nothing follows through one.
Points without a value.
    Facts are drawn from the claim's own nodes, never from forms made on the way: ``f(u + δ_ij v)`` is taken apart into
    ``f(u) + δ_ij (f(u_ii + v_ii) - f(u_ii))``, in which ``f(u)`` is made on a diagonal where no one evaluates it.
Kinks.
    A derivative is what :mod:`einsgrad.calculus.differentiate` makes of it, kinks as the function table has them. A
    side is that expression, so what the differentiated expression itself needed is not asked of it.
Circles.
    A fact may rest on facts of earlier passes, but never on one of its own pass.

Each conclusion holds at every point at which both sides have a value, so a later one may build on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from einsgrad.calculus.atoms import Atoms, Form, Signs
from einsgrad.calculus.cases import Case
from einsgrad.calculus.domains import Domain, domain_of_function, domain_of_power
from einsgrad.calculus.forms import add, constant, factored, number_of
from einsgrad.ir.nodes import Apply, Expr, Power, Tensor


def draw_facts(atoms: Atoms, case: Case, forms: Mapping[Expr, Form], *sides: Expr) -> Signs:
    """Give the signs of atoms that follow from both sides' having a value, known ones included.

    Args:
        atoms: the atoms, with what is known so far.
        case: where the claim is to be proved.
        forms: of all parts of the sides, made with what is known.
        sides: the two expressions.
    """
    facts = atoms.known
    for part in _evaluated_in_whole(case, *sides):
        match part:
            case Power(base=base, exponent=exponent):
                domain, argument = domain_of_power(number_of(forms[exponent])), base
            case Apply(function=name, args=(argument, *_)):
                domain = domain_of_function(name)
            case _:
                continue
        facts |= _conclusions(atoms, forms[argument], domain)
    return facts


def _evaluated_in_whole(case: Case, *sides: Expr) -> Iterator[Expr]:
    """Yield the parts that are evaluated for all values of their letters."""
    seen: set[Expr] = set()
    stack = list(sides)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        if not isinstance(node, Tensor) or _is_general(node.indices):
            stack += case.parts(node)


def _conclusions(atoms: Atoms, u: Form, domain: Domain) -> Signs:
    match domain:
        case Domain.NONNEGATIVE | Domain.POSITIVE:
            return _of_product(atoms, u, signed=True, nonzero=domain is Domain.POSITIVE)
        case Domain.NONZERO:
            return _of_product(atoms, u, signed=False, nonzero=True)
        case Domain.ABOVE_MINUS_ONE:
            return _of_product(atoms, add(constant(1), u), signed=True, nonzero=True)
        case Domain.ALL | Domain.OTHER:
            return Signs()
        case _:
            assert_never(domain)


def _of_product(atoms: Atoms, u: Form, signed: bool, nonzero: bool) -> Signs:
    """Conclude from a form that is not negative, if it is ``signed``, and not zero, if it is ``nonzero``."""
    factors, coefficient = factored(atoms, u)
    general = [f for f in factors if _is_general(f.letters)]
    nowhere_zero = frozenset(f.atom for f in general) if nonzero else frozenset[int]()
    nonnegative = frozenset[int]()
    unknown = [f for f in factors if f.sign == 1]
    if signed and coefficient > 0 and len(unknown) == 1 and unknown[0] in general:
        others = [f for f in factors if f is not unknown[0]]
        if nonzero or all(f.exponent < 0 or atoms.nonzero(f.atom) for f in others):
            nonnegative = frozenset({unknown[0].atom})
    return Signs(nonnegative, nowhere_zero)


def _is_general(letters: Sequence[object]) -> bool:
    """Tell whether letters stand for all values, rather than for a diagonal."""
    return len(set(letters)) == len(letters)
