"""Given: facts about tensors, ``given A_ij == A_ji``.

Before: the text of a statement. After: the claim that it states, and the sign that it states it with. Once all
statements are resolved, each fact is of a kind that is understood, about a tensor that no equation defines, and agrees
with the others.
"""

from __future__ import annotations

import re

from einsgrad.frontend import surface as s
from einsgrad.frontend.names import Names
from einsgrad.ir.equations import Claim, Relation
from einsgrad.ir.given import Bound, Kind, Orthogonal, Symmetry, Total, kind_of, orders
from einsgrad.ir.program import Program

_GIVEN = re.compile(r"\s*given(?=\s+[^\s=:^*/+)\]])")
_SIGN = re.compile(r">=|≥|>|==?|≡")
_SIGNS: dict[str, Relation] = {
    ">": ">", r"\gt": ">", ">=": ">=", "≥": ">=", r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">="
}  # fmt: skip

_KINDS = (
    "what can be given: a symmetry, `given A_ij == A_ji` or `given A_ij == -A_ji`",
    "a sum that is a number, `given 1_c t_bc == 1`",
    "an orthogonal matrix, `given q_ki q_kj == δ_ij`",
    "a sign, `given s_i > 0` or `given s_i >= 0`",
)


def as_claim(text: str) -> tuple[str, Relation] | None:
    """Give a fact as a claim, its parts where they stand in the text, and its sign; ``None`` for other statements.

    >>> as_claim("given s_i > 0")
    ('      s_i ≡ 0', '>')
    """
    word = _GIVEN.match(text)
    if word is None:
        return None
    sign = _SIGN.search(text, word.end())
    relation = sign_of_fact(sign[0]) if sign else "=="
    if sign:
        text = text[: sign.start()] + "≡".ljust(len(sign[0])) + text[sign.end() :]
    return " " * word.end() + text[word.end() :], relation


def sign_of_fact(sign: str) -> Relation:
    """Give the relation that a sign between the sides of a fact stands for."""
    return _SIGNS.get(sign, "==")


def check_facts(names: Names, program: Program) -> None:
    """Report facts that say nothing einsgrad can use, that are about defined tensors, or that contradict others."""
    statements = [statement for statement in names.statements if statement.given is not None]
    known: list[Kind] = []
    for statement, fact in zip(statements, program.facts, strict=True):
        kind = kind_of(fact)
        if kind is None:
            message = "no rule uses this fact"
            names.report(statement, None, "given-unknown", message, *_KINDS)
        elif kind.name in program.by_name:
            message = f"an equation defines `{kind.name}`: facts are given of inputs"
            names.report(
                statement,
                None,
                "given-defined",
                message,
                "what follows from equations is a claim",
                fix=_claim_of(names, statement, fact),
            )
        elif (why := _contradiction(known, kind)) is not None:
            names.report(statement, None, "given-contradicts", why)
        else:
            known.append(kind)


def _claim_of(names: Names, statement: s.Statement, fact: Claim) -> str | None:
    """Give the claim that a fact states, if there is one."""
    return names.text(statement).split("given", 1)[1].strip() if fact.relation == "==" else None


def _contradiction(known: list[Kind], new: Kind) -> str | None:
    """Say why no tensor obeys a fact and those before it, or more symmetries than are looked at; ``None`` if not so."""
    others = [kind for kind in known if kind.name == new.name]
    match new:
        case Symmetry() if orders([kind for kind in (*others, new) if isinstance(kind, Symmetry)]) is None:
            return f"with what is given before, `{new.name}` has no component but zeros, or too many symmetries"
        case Total(axes=axes, value=value):
            if any(isinstance(k, Total) and k.axes == axes and k.value != value for k in others):
                return f"another sum of `{new.name}` over the same axes is given"
        case Symmetry() | Orthogonal() | Bound():
            pass
    signed = any(isinstance(kind, Symmetry) and kind.sign < 0 for kind in (*others, new))
    if signed and any(isinstance(kind, Bound) and kind.strict for kind in (*others, new)):
        return f"a component of `{new.name}` that changes its sign can't be positive"
    return None
