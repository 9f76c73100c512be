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
from einsgrad.render.spelling import ACCENTS, Spelling, bold, spell

_TIMES = '<mo lspace="0.07em" rspace="0.07em">&#x2062;</mo>'
_COMMA, _APPLY = "<mo>&#x2063;</mo>", "<mo>&#x2061;</mo>"
_SIGNS = {"-": "−", "·": "⋅"}
# By whether something stands below, and above.
_SCRIPTS = {(True, True): "msubsup", (True, False): "msub", (False, True): "msup", (False, False): "mrow"}


def mathml(layout: Layout, display: bool = True) -> str:
    """Give a layout as a ``<math>`` element, for a line of its own or, if not ``display``, for the midst of words.

    >>> mathml(Script(Identifier("x"), Identifier("i")), display=False)
    '<math><msub><mi>x</mi><mi>i</mi></msub></math>'
    """
    attribute = ' display="block"' if display else ""
    out: list[str] = []
    _write(layout, False, out)
    return f"<math{attribute}>{''.join(out)}</math>"


@stackless
def _write(layout: Layout, listed: bool, out: list[str]) -> Generator[tuple[Any, ...], Any, bool]:
    """Write a layout as one element, and tell whether it is taller than a line.

    ``listed`` is for what stands below a base. The text goes to ``out`` piece by piece, so that time is linear in it.
    """
    match layout:
        case Identifier() | Number() | Operator() | Text():
            out.append(_token(layout))
            return layout == Operator("∑")
        case Row(parts=parts):
            out.append("<mrow>")
            tall = False
            for position, part in enumerate(parts):
                out.append(_between(parts, position, listed))
                tall = (yield part, listed, out) or tall
            out.append("</mrow>")
            return tall
        case Fraction(above=above, below=below):
            out.append("<mfrac>")
            yield above, False, out
            yield below, False, out
            out.append("</mfrac>")
            return True
        case Script(base=base, below=below, above=above):
            return (yield from _write_script(base, below, above, out))
        case Root(body=body):
            out.append("<msqrt>")
            yield body, False, out
            out.append("</msqrt>")
            return True
        case Fenced(opener=opener, body=body, closer=closer):
            start = len(out)
            out.append("")
            high: bool = yield body, False, out
            out[start] = "<mrow>" + _fence("prefix", opener, high)
            out.append(_fence("postfix", closer, high) + "</mrow>")
            return high
        case _:
            assert_never(layout)


def _write_script(
    base: Layout, below: Layout | None, above: Layout | None, out: list[str]
) -> Generator[tuple[Any, ...], Any, bool]:
    """Write a base with scripts; the number of a name is raised where nothing else is."""
    name = base if isinstance(base, Identifier) and base.style == "italic" and above is None else None
    number = _number(spell(name.text)) if name else ""
    tag = _SCRIPTS[below is not None, bool(above is not None or number)]
    tag = "munder" if base == Operator("∑") and tag == "msub" else tag
    out.append(f"<{tag}>")
    if name:
        out.append(_letter(spell(name.text)))
    tall = False if name else (yield base, False, out)
    if below is not None:
        yield below, True, out
    high = False
    if above is not None:
        high = yield above, False, out
    out.append(f"{number}</{tag}>")
    return tall or high


def _fence(form: str, char: str, tall: bool) -> str:
    return f'<mo form="{form}" stretchy="{str(tall).lower()}">{escape(char)}</mo>'


def _token(token: Identifier | Number | Operator | Text) -> str:
    match token:
        case Identifier():
            return _identifier(token)
        case Number(text=text):
            return f"<mn>{text}</mn>"
        case Text(text=text):
            return f"<mtext>{escape(text)}</mtext>"
        case Operator(text="∂"):
            return "<mi>∂</mi>"
        case Operator(text="∑"):
            return '<mo movablelimits="false">∑</mo>'
        case Operator(text="⊤"):
            return '<mi mathvariant="normal">⊤</mi>'
        case Operator(text=text):
            return f"<mo>{escape(_SIGNS.get(text, text))}</mo>"
        case _:
            assert_never(token)


def _identifier(identifier: Identifier) -> str:
    text = identifier.text
    match identifier.style:
        case "function" | "upright":
            return f'<mi mathvariant="normal">{escape(text)}</mi>' if len(text) == 1 else f"<mi>{escape(text)}</mi>"
        case "bold":
            return f"<mi>{escape(bold(text))}</mi>"
        case "index":
            spelling = spell(text)
            letter = _letter(spelling)
            if spelling.number:
                letter = f"<msub>{letter}<mn>{spelling.number}</mn></msub>"
            primes = "′" * len(spelling.primes)
            return f'<mrow>{letter}<mo lspace="0" rspace="0">{primes}</mo></mrow>' if primes else letter
        case "italic":
            spelling = spell(text)
            letter, number = _letter(spelling), _number(spelling)
            return f"<msup>{letter}{number}</msup>" if number else letter
        case _:
            assert_never(identifier.style)


def _letter(spelling: Spelling) -> str:
    letter = f"<mi>{escape(spelling.body)}</mi>"
    if not spelling.accent:
        return letter
    return f'<mover accent="true">{letter}<mo stretchy="false">{ACCENTS[spelling.accent][1]}</mo></mover>'


def _number(spelling: Spelling) -> str:
    """Give the number of a name, as it is raised."""
    if not spelling.number:
        return ""
    return f"<mrow>{_fence('prefix', '(', False)}<mn>{spelling.number}</mn>{_fence('postfix', ')', False)}</mrow>"


def _between(parts: tuple[Layout, ...], position: int, listed: bool) -> str:
    """Give the invisible sign before a part, where no operator and no words stand beside it."""
    if not position:
        return ""
    before, part = parts[position - 1], parts[position]
    if isinstance(part, Operator | Text) or isinstance(before, Text):
        return ""
    match before:
        case Operator(text="∂") if isinstance(part, Row):
            return '<mspace width="0.15em"/>'
        case Operator() | Script(base=Operator()):
            return ""
        case Identifier(style="function") | Script(base=Identifier(style="function")):
            return _APPLY
        case _:
            return _COMMA if listed else _TIMES
