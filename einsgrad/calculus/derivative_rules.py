"""The rules of the tensor derivative operator ``∂ operand / ∂ x_p…q``, whose indices ``p…q`` are new free indices.

Each rule takes a derivative apart into derivatives of smaller expressions; the letters of sums that would capture a
new index are renamed first. All of them hold component by component.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from functools import partial

from einsgrad.calculus.condition_rules import derivative_of_mask
from einsgrad.calculus.gather_rules import gathered_itself
from einsgrad.calculus.occurrences import Occurrences
from einsgrad.calculus.rewriting import Rule, broadcast, is_number, is_zero, multiply, total, zero
from einsgrad.ir import build
from einsgrad.ir.derivation import Reason
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.letters import fresh, of_matrix, rename, unused
from einsgrad.ir.matrix_functions import MATRIX_FUNCTIONS
from einsgrad.ir.nodes import (
    Apply,
    Derivative,
    Expr,
    Gather,
    Index,
    Literal,
    MatrixFunction,
    Power,
    Product,
    Reduction,
    Sum,
    Tensor,
)
from einsgrad.ir.reductions import REDUCTIONS, is_shift
from einsgrad.ir.traversal import letters

ChainRule = Callable[[Tensor | Gather, Tensor], Expr]
Moving = Callable[[Derivative], Sequence[int]]


def derivative_rules(dependents: Callable[[str], Set[str]], chain: ChainRule) -> tuple[Rule, ...]:
    """Give the rules for a program.

    Args:
        dependents: the tensors whose value depends on one, by their names, itself included.
        chain: the derivative of a defined tensor, from the program's equations.
    """
    occurrences = Occurrences()

    def moving(node: Derivative) -> Sequence[int]:
        return occurrences.positions(node.operand, dependents(node.wrt.name))

    def constant(node: Derivative) -> Expr | None:
        """``∂c/∂x_p = 0`` where ``c`` does not depend on ``x``. Ends: one derivative fewer."""
        return None if occurrences.any(node.operand, dependents(node.wrt.name)) else zero(node.free)

    def across_equations(node: Derivative) -> Expr | None:
        """``∂y_ij/∂x_pq``, where an equation defines ``y``, is the derivative of what the equation says.

        Ends: equations have no cycle.
        """
        operand = node.operand
        tensor = operand.operand if isinstance(operand, Gather) else operand
        if isinstance(operand, Tensor | Gather) and isinstance(tensor, Tensor) and tensor.name != node.wrt.name:
            return chain(operand, node.wrt)
        return None

    return (
        Rule(Derivative, "constant", constant, _equation),
        Rule(Derivative, "constant", shift, _equation),
        Rule(Derivative, "∂x_i/∂x_p = δ_ip", itself, _equation),
        Rule(Derivative, "∂x_i/∂x_p = δ_ip", gathered_itself, _equation),
        Rule(Derivative, "definition", across_equations, _definition),
        Rule(Derivative, "sum rule", partial(sum_rule, moving)),
        Rule(Derivative, "product rule", partial(product_rule, moving)),
        Rule(Derivative, "power rule", partial(power_rule, moving), _power_or_quotient),
        Rule(Derivative, "a condition is constant", derivative_of_mask),
        Rule(Derivative, "chain rule", partial(chain_rule, moving)),
        Rule(Derivative, "derivative of a matrix function", matrix_rule, _matrix_function),
        Rule(Derivative, "derivative of a reduction", reduction_rule, _reduction),
    )


def _equation(before: Derivative, after: Expr) -> Reason:
    return before, " = ", build.literal(0) if is_zero(after) else after


def _definition(before: Derivative, after: Expr) -> Reason:
    tensor = before.operand.operand if isinstance(before.operand, Gather) else before.operand
    assert isinstance(tensor, Tensor)
    return "definition of ", build.tensor(tensor.name)


def _power_or_quotient(before: Derivative, after: Expr) -> Reason:
    assert isinstance(before.operand, Power)
    return ("quotient rule" if is_number(before.operand.exponent, -1) else "power rule",)


def _matrix_function(before: Derivative, after: Expr) -> Reason:
    assert isinstance(before.operand, MatrixFunction)
    return (MATRIX_FUNCTIONS[before.operand.function].rule,)


def _reduction(before: Derivative, after: Expr) -> Reason:
    assert isinstance(before.operand, Reduction)
    return (REDUCTIONS[before.operand.function].rule,)


def itself(node: Derivative) -> Expr | None:
    """``∂x_ij/∂x_pq = δ_ip δ_jq``: components are independent of one another. Ends: one derivative fewer."""
    operand, wrt = node.operand, node.wrt
    if not isinstance(operand, Tensor) or operand.name != wrt.name:
        return None
    return multiply([build.delta(i, p) for i, p in zip(operand.indices, wrt.indices, strict=True)])


def shift(node: Derivative) -> Expr | None:
    """``∂(max_j u_ij)/∂x_p = 0``: the value it shifts does not depend on it. Ends: one derivative fewer."""
    return zero(node.free) if is_shift(node.operand) else None


def sum_rule(moving: Moving, node: Derivative) -> Expr | None:
    """``∂(u + v)/∂x_p = ∂u/∂x_p + ∂v/∂x_p``; a term that the sum broadcasts gets its one-tensor.

    Ends: derivatives of smaller expressions.
    """
    if not isinstance(node.operand, Sum):
        return None
    free, below = node.operand.free, node.operand.terms
    parts = [(below[k], build.derivative(below[k], node.wrt)) for k in moving(node)]
    terms = [broadcast(part, free) if term.free != free else part for term, part in parts]
    return terms[0] if len(terms) == 1 else build.add(terms)


def product_rule(moving: Moving, node: Derivative) -> Expr | None:
    """``∂(u v)/∂x_p = ∂u/∂x_p v + u ∂v/∂x_p``, also where indices of the product are summed.

    Ends: derivatives of smaller expressions.
    """
    if not isinstance(node.operand, Product):
        return None
    operand = _keep_clear(node.operand, node.wrt)
    terms = []
    for position in moving(node):
        changed = build.derivative(operand.factors[position], node.wrt)
        terms.append(
            build.product([*operand.factors[:position], changed, *operand.factors[position + 1 :]], operand.summed)
        )
    return total(terms, node.free)


def _keep_clear(operand: Product, wrt: Tensor) -> Product:
    """Rename the letters that a product sums where they are new indices of the derivative."""
    clash = [i for i in operand.summed if i in wrt.indices]
    if not clash:
        return operand
    taken = letters(operand) | set(wrt.indices)
    mapping = {}
    for index in clash:
        mapping[index] = fresh(taken, like=index)
        taken.add(mapping[index])
    renamed = [rename(f, mapping) for f in operand.factors]
    return build.product(renamed, [mapping.get(i, i) for i in operand.summed])


def power_rule(moving: Moving, node: Derivative) -> Expr | None:
    """``∂(u^a)/∂x_p = a u^(a - 1) ∂u/∂x_p + u^a log(u) ∂a/∂x_p``; the quotient rule is the case ``a = -1``.

    For an exponent that is no number, the first slope at ``a = 0`` and the second at ``u = 0`` are limits, not ``0 ∞``:
    ``|sign a|`` and ``1 - |sign u|`` shift the exponent and the logarithm away from them.
    Ends: derivatives of smaller expressions.
    """
    if not isinstance(node.operand, Power):
        return None
    base, exponent, wrt = node.operand.base, node.operand.exponent, node.wrt
    terms: list[Expr] = []
    moved = moving(node)
    if 0 in moved:
        less = _one_less(exponent)
        slope = build.product([exponent, base if is_number(less, 1) else build.power(base, less)])
        terms.append(build.product([slope, build.derivative(base, wrt)]))
    if 1 in moved:
        away = build.add([base, build.literal(1), build.negate(_is_not_zero(base))])
        slope = build.product([node.operand, build.apply("log", [away])])
        terms.append(build.product([slope, build.derivative(exponent, wrt)]))
    return total([broadcast(term, node.free) for term in terms], node.free)


def _one_less(exponent: Expr) -> Expr:
    if isinstance(exponent, Literal):
        return build.literal(exponent.value - 1)
    return build.add([exponent, build.negate(_is_not_zero(exponent))])


def _is_not_zero(node: Expr) -> Expr:
    return build.apply("abs", [build.apply("sign", [node])])


def chain_rule(moving: Moving, node: Derivative) -> Expr | None:
    """``∂f(u_i)/∂x_p = f'(u_i) ∂u_i/∂x_p``, with a term for each argument. Ends: derivatives of smaller expressions."""
    if not isinstance(node.operand, Apply):
        return None
    args, slopes = node.operand.args, FUNCTIONS[node.operand.function].derivatives
    terms: list[Expr] = []
    for position in moving(node):
        value = slopes[position](*args)
        if is_zero(value):
            continue
        inner = build.derivative(args[position], node.wrt)
        term = inner if is_number(value, 1) else build.product([value, inner])
        terms.append(broadcast(term, node.free))
    return total(terms, node.free)


def matrix_rule(node: Derivative) -> Expr | None:
    """``∂inv(A)_ij/∂x_p = -inv(A)_ik ∂A_kl/∂x_p inv(A)_lj``, from ``inv(A)_ik A_kj = δ_ij``.

    And Jacobi's formula, ``∂det(A)/∂x_p = det(A) inv(A)_lk ∂A_kl/∂x_p``; without its first factor for the logarithm.
    By a component of ``A`` itself, ``k`` and ``l`` are its indices. Ends: derivatives of smaller expressions.
    """
    operand, wrt = node.operand, node.wrt
    if not isinstance(operand, MatrixFunction):
        return None
    factors: list[Expr] = []
    summed: list[Index] = []
    if operand.is_bare and isinstance(operand.operand, Tensor) and operand.operand.name == wrt.name:
        row, column = wrt.indices
    else:
        taken = letters(operand) | set(wrt.indices)
        row = fresh(taken, like=_like(operand.slots[0], taken))
        column = fresh(taken | {row}, like=_like(operand.slots[1], taken | {row}))
        entry = rename(operand.operand, {operand.slots[0]: row, operand.slots[1]: column})
        factors, summed = [build.derivative(entry, wrt)], [row, column]
    if operand.function == "inv":
        i, j = operand.indices
        around = of_matrix(operand, "inv", (i, row)), of_matrix(operand, "inv", (column, j))
        return build.product([build.literal(-1), around[0], *factors, around[1]], summed)
    inverse = of_matrix(operand, "inv", (column, row))
    before = [operand] if operand.function == "det" else []
    found = [*before, inverse, *factors]
    return found[0] if len(found) == 1 else build.product(found, summed)


def reduction_rule(node: Derivative) -> Expr | None:
    """``∂max_j(u_j)/∂x_p = s_j ∂u_j/∂x_p``, with the slope ``s_j`` of the table.

    Ends: derivatives of smaller expressions.
    """
    operand, wrt = node.operand, node.wrt
    if not isinstance(operand, Reduction):
        return None
    slope = REDUCTIONS[operand.function].slope
    assert slope is not None, "a shift is a constant"
    moved: dict[Index, Index] = {}
    for index in operand.over:
        if index in wrt.indices:
            moved[index] = fresh({*letters(operand), *wrt.indices, *moved.values()}, like=index)
    over = [moved.get(i, i) for i in operand.over]
    operand = build.reduction(operand.function, rename(operand.operand, moved), over)
    return build.product([slope(operand), build.derivative(operand.operand, wrt)], over)


def _like(index: Index, taken: Set[Index]) -> Index:
    """Give a letter to be primed: the slot, or any other for one that stands for an axis."""
    return unused(taken) if index.is_axis else index
