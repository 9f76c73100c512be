"""Layouts as one line of plain text, for tests to read."""

from einsgrad.render.layout import Fenced, Fraction, Identifier, Layout, Number, Operator, Root, Row, Script, Text

_BOLD_SMALL = {chr(ord("a") + n): chr(0x1D41A + n) for n in range(26)} | {"1": "𝟏"}
_RAISED = {"T": "ᵀ", "2": "²", "3": "³", "-1": "⁻¹"}


def plain(layout: Layout) -> str:
    """Vectors of one Latin letter are bold; the parts of a row stand apart, except for signs and functions."""
    match layout:
        case Identifier(text=text, style=style):
            return _BOLD_SMALL.get(text, text) if style == "bold" else text
        case Number(text=text) | Operator(text=text) | Text(text=text):
            return text
        case Row(parts=(Operator(text="∂" | "-" | "∘"), _) | (Identifier(style="function"), _)):
            return "".join(map(plain, layout.parts))
        case Row(parts=(Operator(text="-"), first, *rest)):
            return " ".join(["-" + plain(first), *map(plain, rest)])
        case Row(parts=parts):
            return " ".join(map(plain, parts)).replace(" ,", ",")
        case Fraction(above=above, below=below):
            shown = [f"({plain(part)})" if " " in plain(part) else plain(part) for part in (above, below)]
            return "/".join(shown)
        case Script(base=base, below=below, above=above):
            text = plain(base) + (f"_{plain(below)}" if below else "")
            raised = plain(above) if above else ""
            return text + (_RAISED.get(raised, f"^{{{raised}}}") if raised else "")
        case Root(body=body):
            return f"√({plain(body)})"
        case Fenced(opener=opener, body=body, closer=closer):
            return opener + plain(body) + closer
    raise AssertionError(layout)
