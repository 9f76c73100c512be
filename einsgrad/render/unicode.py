"""Unicode: layouts as one line of text for terminals, for reading only: what is written need not read back."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, assert_never

from einsgrad.ir.names import GREEK
from einsgrad.ir.notation import Level
from einsgrad.ir.traversal import stackless
from einsgrad.render.layout import Fenced, Fraction, Identifier, Layout, Number, Operator, Root, Row, Script, Text
from einsgrad.render.spelling import bold

_RAISED = dict(zip("0123456789+-nT⊤′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀᵀ′", strict=True))
_LOOSE = frozenset("+-=≡→")


class _Shown(NamedTuple):
    text: str
    level: Level = Level.ATOM


def unicode(layout: Layout) -> str:
    """Give a layout as one line of text.

    >>> x = Script(Identifier("X"), above=Identifier("T", "upright"))
    >>> unicode(Row((x, Fraction(Row((Operator("∂"), Identifier("L"))), Row((Operator("∂"), Identifier("Y")))))))
    'Xᵀ ∂L/∂Y'
    """
    return _unicode(layout, False).text


@stackless
def _unicode(layout: Layout, listed: bool) -> Generator[tuple[Any, ...], Any, _Shown]:
    """Give a layout as text, and how tightly it holds; ``listed`` where it stands below a base."""
    match layout:
        case Identifier(text=text, style=style):
            return _Shown(bold(text) if style == "bold" else GREEK.get(text, text))
        case Number(text=text) | Operator(text=text) | Text(text=text):
            return _Shown(text)
        case Row(parts=parts):
            texts = []
            for part in parts:
                texts.append((yield part, listed).text)
            return _Shown(_side_by_side(parts, texts, listed), _row_level(parts))
        case Fraction(above=above, below=below):
            numerator = _bracket((yield above, False), Level.PRODUCT)
            denominator = _bracket((yield below, False), Level.POWER)
            return _Shown(f"{numerator}/{denominator}", Level.PRODUCT)
        case Script(base=base, below=below, above=above):
            shown = _bracket((yield base, False), Level.ATOM)
            if below is not None:
                text = (yield below, True).text
                shown += f"_{{{text}}}" if "," in text else f"_{text}"
            if above is None:
                return _Shown(shown)
            return _Shown(shown + _raised((yield above, False)), Level.POWER)
        case Root(body=body):
            return _Shown(f"√{_bracket((yield body, False), Level.ATOM)}", Level.POWER)
        case Fenced(opener=opener, body=body, closer=closer):
            return _Shown(opener + (yield body, False).text + closer)
        case _:
            assert_never(layout)


def _bracket(shown: _Shown, least: Level) -> str:
    return f"({shown.text})" if shown.level < least else shown.text


def _raised(shown: _Shown) -> str:
    if all(c in _RAISED for c in shown.text):
        return "".join(_RAISED[c] for c in shown.text)
    return "^" + _bracket(shown, Level.ATOM)


def _row_level(parts: tuple[Layout, ...]) -> Level:
    operators = [part.text for part in parts if isinstance(part, Operator)]
    if any(o in _LOOSE for o in operators):
        return Level.SUM
    if operators == ["∂"] and len(parts) == 2:
        return Level.POWER
    return Level.ATOM if _is_call(parts) else Level.PRODUCT


def _is_call(parts: tuple[Layout, ...]) -> bool:
    """Tell whether a row is a function with the brackets of its argument."""
    match parts:
        case ((Identifier(style="function") | Script(base=Identifier(style="function"))), Fenced()):
            return True
        case _:
            return False


def _side_by_side(parts: tuple[Layout, ...], texts: list[str], listed: bool) -> str:
    return "".join((_gap(parts, position, listed) if position else "") + text for position, text in enumerate(texts))


def _gap(parts: tuple[Layout, ...], position: int, listed: bool) -> str:
    before, part = parts[position - 1], parts[position]
    match before, part:
        case (_, Operator(text=",")) | (Operator(text="∂"), _) | (Text(), _) | (_, Text()):
            return ""
        case Operator(text="-" | "+" | "∘"), _ if position == 1:
            return ""
        case (Operator(text=","), _) | (Identifier(), Identifier()) if listed:
            return ""
        case _:
            return "" if _is_call((before, part)) else " "
