"""Derivatives: whether each `∂…/∂…` is a derivative to be taken or a tensor, and which scalar is the downstream loss.

Before: the names of the text. After: :attr:`Names.gradients` and :attr:`Names.loss` are settled. A scalar that is only
ever differentiated, and no equation defines, is the loss; its gradients by the outputs of the forward equations are
given tensors, and so are those by tensors that it can't reach; by anything else it is a derivative, for the chain rule.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from einsgrad.diagnostics import did_you_mean
from einsgrad.frontend import surface as s
from einsgrad.frontend.names import Names, Role
from einsgrad.ir.names import gradient_name


def state_derivatives(statements: Sequence[s.Statement]) -> list[s.Statement]:
    """Make claims of the equations whose left-hand side is a derivative that other equations of the text settle.

    In ``E = x_i x_i; ∂E/∂x_p = 2 x_p`` the second states what follows from the first. What an equation can define is
    the derivative of a scalar that no equation defines: that of the downstream loss.
    """
    defined = {reference.key for st in statements if not st.is_claim and (reference := s.sole_reference(st.lhs))}
    return [dataclasses.replace(st, is_claim=st.is_claim or _is_settled(st.lhs, defined)) for st in statements]


def _is_settled(side: s.Content, defined: set[str]) -> bool:
    derivative = s.sole_factor(side)
    if not isinstance(derivative, s.Derivative):
        return False
    bare = derivative.bare
    return bare is None or bare.key in defined or bare.key == derivative.wrt.key


def settle_derivatives(names: Names) -> None:
    """Decide what each derivative of the text stands for; report those that can't stand for anything."""
    used = names.used
    of_loss: list[tuple[s.Statement, s.Derivative]] = []
    for statement, derivative in names.derivatives:
        bare = derivative.bare
        if bare is None or names.is_delta(bare) or names.is_constant(bare):
            continue
        if _key(bare, derivative) in names.defined:
            names.gradients.add(derivative)
        elif bare.key in names.defined or bare.key in names.broken or bare.key == derivative.wrt.key:
            continue
        elif bare.key in used:
            message = f"`{bare.spelling}` is an input: its derivative by `{derivative.wrt.spelling}` is zero"
            names.warn(statement, derivative, "zero-derivative", message)
        elif bare.indices:
            known = [names.tensor_name(key) for key in names.defined]
            message = f"no equation defines `{bare.spelling}`, whose derivative is asked for"
            names.report(statement, bare, "derivative-undefined", message + did_you_mean(bare.spelling, known))
        else:
            of_loss.append((statement, derivative))
    if of_loss:
        _settle_loss(names, of_loss)
    _warn_of_strangers(names, {derivative for _, derivative in of_loss})


def _key(bare: s.Reference, derivative: s.Derivative) -> str:
    return gradient_name(bare.key, derivative.wrt.key)


def _warn_of_strangers(names: Names, of_loss: set[s.Derivative]) -> None:
    """Warn where a derivative is taken by a tensor that occurs nowhere else."""
    known = {o.reference.key for o in names.occurrences if o.role is not Role.BY} | names.broken
    for statement, derivative in names.derivatives:
        wrt = derivative.wrt
        if wrt.key not in known and derivative not in names.gradients and derivative not in of_loss:
            message = f"`{wrt.spelling}` occurs nowhere else: the derivative by it is zero"
            names.warn(statement, wrt, "zero-derivative", message)


def _settle_loss(names: Names, of_loss: list[tuple[s.Statement, s.Derivative]]) -> None:
    forward = _forward_equations(names, {statement for statement, _ in of_loss})
    inside = {key for statement in forward for key in names.uses(statement)}
    outputs = {names.targets[statement].key for statement in forward} - inside
    through: list[tuple[s.Statement, s.Derivative]] = []
    for statement, derivative in of_loss:
        key = derivative.wrt.key
        if key in outputs or key not in inside:
            names.gradients.add(derivative)
        else:
            through.append((statement, derivative))
    first = (through or of_loss)[0][1].bare
    assert first is not None
    names.loss = first.key
    for statement, derivative in through:
        bare = derivative.bare
        assert bare is not None
        if bare.key != first.key:
            message = (
                f"two scalars that no equation defines are differentiated, `{first.spelling}` and `{bare.spelling}`"
            )
            note = "one of them can be the downstream loss"
            names.report(statement, derivative, "several-losses", message, note)


def _forward_equations(names: Names, differentiating: set[s.Statement]) -> set[s.Statement]:
    """Give the equations that no gradient enters; ``differentiating`` are those that differentiate the loss."""
    tainted = differentiating | {st for st, d in names.derivatives if d in names.gradients}
    tainted |= {st for st, target in names.targets.items() if target.key.startswith("∂")}
    users: dict[str, list[s.Statement]] = {}
    for statement in names.targets:
        for key in names.uses(statement):
            users.setdefault(key, []).append(statement)
    stack = [statement for statement in tainted if statement in names.targets]
    while stack:
        for user in users.get(names.targets[stack.pop()].key, ()):
            if user not in tainted:
                tainted.add(user)
                stack.append(user)
    return {statement for statement in names.targets if statement not in tainted}
