"""MathML: layouts as MathML Core, which browsers show without a script.

Well-formed XML, all text escaped. Products have an invisible sign of multiplication, functions an invisible sign of
application, and indices an invisible comma, so that screen readers can tell them apart.
"""

from __future__ import annotations

from collections.abc import Generator
from html import escape
from typing import Any, assert_never

from einsgrad.ir.traversal import stackless
from einsgrad.render.layout import Fenced, Fraction, Identifier, Layout, Number, Operator, Root, Row, Script, Text
from einsgrad.render.spelling import ACCENTS, Spelling, spell

_TIMES = '<mo lspace="0.07em" rspace="0.07em">\u2062</mo>'
_COMMA, _APPLY = "<mo>\u2063</mo>", "<mo>\u2061</mo>"
_BOLD = {
    **{chr(ord("0") + k): chr(0x1D7CE + k) for k in range(10)},
    **{chr(ord("A") + k): chr(0x1D400 + k) for k in range(26)},
    **{chr(ord("a") + k): chr(0x1D41A + k) for k in range(26)},
}


def mathml(layout: Layout, display: bool = True) -> str:
    """Give a layout as a ``<math>`` element, for a line of its own or, if not ``display``, for the midst of words.

    >>> mathml(Script(Identifier("x"), Identifier("i")), display=False)
    '<math><msub><mi>x</mi><mi>i</mi></msub></math>'
    """
    attribute = ' display="block"' if display else ""
    shown, _ = _mathml(layout, False)
    return f"<math{attribute}>{shown}</math>"


@stackless
def _mathml(layout: Layout, listed: bool) -> Generator[tuple[Any, ...], Any, tuple[str, bool]]:
    """Give a layout as one element, and whether it is taller than a line; ``listed`` where it stands below a base."""
    match layout:
        case Identifier():
            return _identifier(layout), False
        case Number(text=text):
            return f"<mn>{text}</mn>", False
        case Operator(text=text):
            return _operator(layout), text == "∑"
        case Text(text=text):
            return f"<mtext>{escape(text)}</mtext>", False
        case Row(parts=parts):
            shown, tall = "", False
            for position, part in enumerate(parts):
                one, high = yield part, listed
                shown += _between(parts, position, listed) + one
                tall = tall or high
            return f"<mrow>{shown}</mrow>", tall
        case Fraction(above=above, below=below):
            numerator, _ = yield above, False
            denominator, _ = yield below, False
            return f"<mfrac>{numerator}{denominator}</mfrac>", True
        case Script(base=Operator(text="∑") as base, below=below) if below is not None:
            return f"<munder>{_operator(base)}{(yield below, True)[0]}</munder>", True
        case Script(base=base, below=below, above=above):
            main, raised = _taken_apart(base) if above is None else (None, "")
            tall = high = False
            if main is None:
                main, tall = yield base, False
            lowered = "" if below is None else (yield below, True)[0]
            if above is not None:
                raised, high = yield above, False
            return _scripted(main, lowered, raised), tall or high
        case Root(body=body):
            return f"<msqrt>{(yield body, False)[0]}</msqrt>", True
        case Fenced(opener=opener, body=body, closer=closer):
            inside, tall = yield body, False
            return _fenced(opener, inside, closer, tall), tall
        case _:
            assert_never(layout)


def _scripted(main: str, lowered: str, raised: str) -> str:
    tag = {(True, True): "msubsup", (True, False): "msub", (False, True): "msup"}.get((bool(lowered), bool(raised)))
    return f"<{tag}>{main}{lowered}{raised}</{tag}>" if tag else main


def _fenced(opener: str, inside: str, closer: str, tall: bool) -> str:
    stretchy = "true" if tall else "false"
    left = f'<mo form="prefix" stretchy="{stretchy}">{escape(opener)}</mo>'
    right = f'<mo form="postfix" stretchy="{stretchy}">{escape(closer)}</mo>'
    return f"<mrow>{left}{inside}{right}</mrow>"


def _identifier(identifier: Identifier) -> str:
    text = identifier.text
    match identifier.style:
        case "function" | "upright":
            return f'<mi mathvariant="normal">{escape(text)}</mi>' if len(text) == 1 else f"<mi>{escape(text)}</mi>"
        case "bold":
            return f"<mi>{escape(''.join(_BOLD.get(c, c) for c in text))}</mi>"
        case "index":
            spelling = spell(text)
            letter = _scripted(_letter(spelling), f"<mn>{spelling.number}</mn>" if spelling.number else "", "")
            primes = "′" * len(spelling.primes)
            return f'<mrow>{letter}<mo lspace="0" rspace="0">{primes}</mo></mrow>' if primes else letter
        case "italic":
            main, raised = _taken_apart(identifier)
            return _scripted(main or "", "", raised)
        case _:
            assert_never(identifier.style)


def _taken_apart(base: Layout) -> tuple[str | None, str]:
    """Give a name's letter, and its number, which is raised; ``None`` for a base that is no name."""
    if not (isinstance(base, Identifier) and base.style == "italic"):
        return None, ""
    spelling = spell(base.text)
    return _letter(spelling), _fenced("(", f"<mn>{spelling.number}</mn>", ")", tall=False) if spelling.number else ""


def _letter(spelling: Spelling) -> str:
    letter = f"<mi>{escape(spelling.body)}</mi>"
    if not spelling.accent:
        return letter
    return f'<mover accent="true">{letter}<mo stretchy="false">{ACCENTS[spelling.accent][1]}</mo></mover>'


def _operator(operator: Operator) -> str:
    match operator.text:
        case "∂":
            return "<mi>∂</mi>"
        case "∑":
            return '<mo movablelimits="false">∑</mo>'
        case "⊤":
            return '<mi mathvariant="normal">⊤</mi>'
        case "-":
            return "<mo>−</mo>"
        case "·":
            return "<mo>⋅</mo>"
        case text:
            return f"<mo>{escape(text)}</mo>"


def _between(parts: tuple[Layout, ...], position: int, listed: bool) -> str:
    """Give the invisible sign before a part, where no operator and no words stand beside it."""
    if not position:
        return ""
    before, part = parts[position - 1], parts[position]
    if isinstance(part, Operator | Text) or isinstance(before, Text):
        return ""
    match before:
        case Operator() | Script(base=Operator()):
            return ""
        case Identifier(style="function") | Script(base=Identifier(style="function")):
            return _APPLY
        case _:
            return _COMMA if listed else _TIMES
