r"""LaTeX: layouts as LaTeX mathematics, and programs as an ``align*`` environment.

What is written compiles with the package amsmath alone, and the LaTeX dialect reads it back as the same program.
Letters that LaTeX has no command for (Greek capitals that look Latin, other scripts) are written as they are: they need
an engine that reads Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, assert_never

from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.functions import FUNCTIONS
from einsgrad.ir.names import GREEK
from einsgrad.ir.nodes import Expr
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import stackless
from einsgrad.render.layout import Fenced, Fraction, Identifier, Layout, Number, Operator, Root, Row, Script, Text
from einsgrad.render.spelling import ACCENTS, COMMANDS, Spelling, spell
from einsgrad.render.typeset import function_name, typeset, typeset_index, typeset_tensor

_RELATIONS = {"==": r"\equiv", ">": ">", ">=": r"\ge"}
_SYMBOLS = {
    "∂": r"\partial", "∑": r"\sum", "·": r"\cdot", "×": r"\times", "⊙": r"\odot", "⊘": r"\oslash", "⊗": r"\otimes",
    "∘": r"\circ", "≡": r"\equiv", "→": r"\to", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∧": r"\land", "∨": r"\lor",
    "⊤": r"\top", "−": "-", "…": r"\dots",
}  # fmt: skip
_FENCES = {"|": (r"\lvert", r"\rvert"), "‖": (r"\lVert", r"\rVert"), "{": (r"\{", r"\}")}
_FUNCTIONS = {"prod": r"\prod", **{function_name(name): function.latex for name, function in FUNCTIONS.items()}}
_SPECIAL = {c: "\\" + c for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "’": "'",
    "∂": r"$\partial$",
}  # fmt: skip
_ENDS_IN_COMMAND = re.compile(r"\\[a-zA-Z]+\Z")


def latex(layout: Layout) -> str:
    r"""Give a layout as LaTeX mathematics.

    >>> latex(Fraction(Script(Identifier("W1"), Identifier("i")), Row((Operator("∂"), Identifier("gamma")))))
    '\\frac{W^{(1)}_{i}}{\\partial \\gamma}'
    """
    text, _ = _latex(layout, False)
    return text


def latex_expression(node: Expr) -> str:
    """Give an expression as LaTeX mathematics."""
    return latex(typeset(node))


def latex_definition(definition: Definition, align: str = "") -> str:
    """Give an equation as LaTeX mathematics, with the mark ``align`` (``&``) before its equals sign."""
    return f"{latex(typeset_tensor(definition.name, definition.indices))} {align}= {latex_expression(definition.rhs)}"


def latex_claim(claim: Claim, align: str = "") -> str:
    """Give a claim as LaTeX mathematics, with the mark ``align`` (``&``) before its sign."""
    stated = ""
    if claim.stated:
        stated = r" \quad \text{(no sum " + ", ".join(f"${latex(typeset_index(i))}$" for i in claim.free) + ")}"
    return rf"{latex_expression(claim.lhs)} {align}{_RELATIONS[claim.relation]} {latex_expression(claim.rhs)}{stated}"


def latex_fact(fact: Claim, align: str = "") -> str:
    """Give a claim that is given as LaTeX mathematics, with the mark ``align`` (``&``) before its sign."""
    return rf"\text{{given }} {latex_claim(fact, align)}"


def latex_rows(program: Program) -> str:
    """Give the statements of a program as rows of an environment that aligns at ``&``."""
    rows = [latex_definition(d, "&") for d in program.definitions]
    rows += [latex_claim(c, "&") for c in program.claims] + [latex_fact(f, "&") for f in program.facts]
    return " \\\\\n".join(rows)


def latex_program(program: Program) -> str:
    """Give a program as an ``align*`` environment."""
    return f"\\begin{{align*}}\n{latex_rows(program)}\n\\end{{align*}}\n"


def escape(words: str) -> str:
    r"""Give words as LaTeX text.

    >>> escape("50% of W_in")
    '50\\% of W\\_in'
    """
    return "".join(_SPECIAL.get(c, c) for c in words)


@stackless
def _latex(layout: Layout, listed: bool) -> Generator[tuple[Any, ...], Any, tuple[str, bool]]:
    """Give a layout and whether it is taller than a line; ``listed`` where it stands below a base."""
    match layout:
        case Identifier():
            return _identifier(layout), False
        case Number(text=text):
            return text, False
        case Operator(text=text):
            return _SYMBOLS.get(text, text), text == "∑"
        case Text(text=text):
            return rf"\text{{{escape(text)}}}", False
        case Row(parts=parts):
            texts, tall = [], False
            for part in parts:
                text, high = yield part, listed
                texts.append(text)
                tall = tall or high
            return _side_by_side(parts, texts, listed), tall
        case Fraction(above=above, below=below):
            numerator, _ = yield above, False
            denominator, _ = yield below, False
            return rf"\frac{{{numerator}}}{{{denominator}}}", True
        case Script(base=base, below=below, above=above):
            text, tall = yield base, False
            if above is not None and _has_superscript(base):
                text = f"{{{text}}}"
            if below is not None:
                text += f"_{{{(yield below, True)[0]}}}"
            if above is not None:
                raised, high = yield above, False
                text, tall = f"{text}^{{{raised}}}", tall or high
            return text, tall
        case Root(body=body):
            text, _ = yield body, False
            return rf"\sqrt{{{text}}}", True
        case Fenced(opener=opener, body=body, closer=closer):
            text, tall = yield body, False
            return _fenced(opener, text, closer, tall), tall
        case _:
            assert_never(layout)


def _identifier(identifier: Identifier) -> str:
    text = identifier.text
    match identifier.style:
        case "function":
            return _FUNCTIONS.get(text, rf"\operatorname{{{text}}}")
        case "bold":
            return _bold(text)
        case "upright":
            return rf"\mathrm{{{_escaped_word(text)}}}"
        case "index":
            spelling = spell(text)
            return _letter(spelling, "mathit") + spelling.number + spelling.primes
        case "italic":
            spelling = spell(text)
            return _letter(spelling, "mathrm") + (f"^{{({spelling.number})}}" if spelling.number else "")
        case _:
            assert_never(identifier.style)


def _bold(name: str) -> str:
    r"""Give a bold name; ``\mathbf`` has neither Greek letters nor accents."""
    if name.isascii() and name not in GREEK:
        return rf"\mathbf{{{_escaped_word(name)}}}"
    spelling = spell(name)
    return rf"\boldsymbol{{{_letter(spelling, 'mathrm')}{spelling.number}}}"


def _letter(spelling: Spelling, words: str) -> str:
    """Give the letter of a name, or its word in the style ``words``: an upright word is a name, an italic an index."""
    body = spelling.body
    if not spelling.is_letter or not (body.isascii() or body in COMMANDS):
        return rf"\{words}{{{_escaped_word(body)}}}"
    letter = COMMANDS.get(body, body)
    return rf"\{ACCENTS[spelling.accent][0]}{{{letter}}}" if spelling.accent else letter


def _escaped_word(word: str) -> str:
    r"""Give a word as it stands inside ``\mathrm``: Greek letters as commands, which a space ends before a letter."""
    text = "".join(COMMANDS[c] + " " if c in COMMANDS else r"\_" if c == "_" else c for c in word)
    return re.sub(r" (?![a-zA-Z])", "", text)


def _has_superscript(base: Layout) -> bool:
    match base:
        case Identifier(text=text, style="italic"):
            return bool(spell(text).number)
        case Script(base=Identifier(text=text, style="italic"), above=above):
            return above is not None or bool(spell(text).number)
        case Script(above=above):
            return above is not None
        case _:
            return False


def _side_by_side(parts: tuple[Layout, ...], texts: list[str], listed: bool) -> str:
    out = ""
    for position, text in enumerate(texts):
        gap = _gap(parts, position, listed) if position else ""
        if not gap and position and text[:1].isalpha() and _ENDS_IN_COMMAND.search(texts[position - 1]):
            gap = " "
        out += gap + text
    return out


def _gap(parts: tuple[Layout, ...], position: int, listed: bool) -> str:
    """Give what stands before a part. Words of several letters would run together, and so would 2 and a one-tensor."""
    before, part = parts[position - 1], parts[position]
    match before, part:
        case (_, Operator(text=",")) | (Text(), _) | (_, Text()):
            return ""
        case ((Identifier(style="function") | Script(base=Identifier(style="function"))), Fenced()):
            return ""
        case Operator(text="-" | "+"), _ if position == 1:
            return ""
        case Identifier(text=first), Identifier(text=second) if listed:
            return " " if any(map(str.isdigit, first + second)) else ""
        case ((Operator() | Script(base=Operator())), _) | (_, Operator()):
            return " "
        case Number(), Script(base=Identifier(style="bold")):
            return r" \, "
        case _:
            return r" \, " if _is_word(before) or _is_word(part) else " "


def _is_word(part: Layout) -> bool:
    """Tell whether a part is the name of a tensor that is a word: it stands apart from other factors."""
    match part:
        case Identifier(text=text, style="italic") | Script(base=Identifier(text=text, style="italic")):
            return not spell(text).is_letter
        case _:
            return False


def _fenced(opener: str, body: str, closer: str, tall: bool) -> str:
    left, right = _FENCES.get(opener, (opener, closer))
    if tall:
        return rf"\left{left} {body} \right{right}"
    return f"{left} {body} {right}" if left.startswith("\\") else f"{left}{body}{right}"
