"""The habits that are looked for: of several at one place the one that is listed first is answered."""

from __future__ import annotations

from einsgrad.diagnostics import Diagnostic, Source
from einsgrad.frontend.habits import conditions, differentials, matrices, norms, scripts, signs, words
from einsgrad.frontend.habits.notation import Context, diagnostic, first_habit

HABITS = (
    conditions.sum_with_range,
    conditions.where,
    conditions.conditional,
    conditions.bracket,
    norms.norm,
    norms.lone_bars,
    norms.inner_product,
    signs.keyword,
    signs.where,
    signs.no_sum,
    signs.quantifier,
    signs.assignment,
    conditions.comparison,
    scripts.chained_brackets,
    scripts.whole_axis,
    scripts.index_arithmetic,
    scripts.transpose,
    matrices.transposed,
    scripts.label_above,
    signs.power_of_function,
    scripts.power_before_index,
    scripts.upper_index,
    signs.cross_component,
    signs.vector_product,
    signs.double_star,
    signs.dotted,
    signs.dotted_call,
    signs.matrix_operator,
    signs.root,
    signs.second_derivative,
    signs.gradient_sign,
    differentials.quotient,
    differentials.of_bracket,
    signs.function_without_bracket,
    signs.grouped_digits,
    signs.number,
    words.operator_word,
    words.call,
    words.attribute,
    words.indices_in_brackets,
    signs.percent,
    signs.equation_number,
    signs.trailing,
)


def refuse_habit(
    source: Source, start: int, text: str, known: frozenset[str], tensors: frozenset[str]
) -> Diagnostic | None:
    """Give the error about the first thing in a statement that belongs to another notation.

    Args:
        source: the text that the statement is a part of.
        start: where the statement begins.
        text: the statement, with blanks for comments.
        known: the tensors, by key, that equations define.
        tensors: the names, by key, that occur in the whole text (:func:`differentials.tensors_of`).

    >>> error = refuse_habit(Source("y_i = x_i**2"), 0, "y_i = x_i**2", frozenset(), frozenset())
    >>> error.message, error.fix
    ('a power is written `x^2`', 'y_i = x_i^2')
    """
    answer = first_habit(HABITS, Context(text, known, tensors))
    return diagnostic(answer, source, start) if answer is not None else None
