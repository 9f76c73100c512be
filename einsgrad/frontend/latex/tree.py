"""The tree builder of the LaTeX dialect: what the parser matched, leaves first, to the surface tree."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from lark import Token
from lark.visitors import Transformer_NonRecursive

from einsgrad.frontend import surface as s
from einsgrad.frontend.latex import derivatives, fractions, scripts, terms
from einsgrad.frontend.latex.commands import FUNCTION_COMMANDS, function_name
from einsgrad.frontend.latex.facts import Context, key_of_text
from einsgrad.frontend.latex.marks import (
    HOW_TO_DERIVE,
    Argument,
    Arguments,
    Bare,
    Bars,
    Braces,
    Determinant,
    FunctionMark,
    Item,
    Norm,
    PartialMark,
    Quotient,
    Raised,
    Top,
)
from einsgrad.frontend.latex.names import read_pieces, word_of
from einsgrad.frontend.latex.norms import refused_norm
from einsgrad.frontend.latex.references import decoded, letter_of
from einsgrad.frontend.lexis import LexicalError, read_number
from einsgrad.frontend.tree import SumMark, add_terms


class TreeBuilder(Transformer_NonRecursive[Token, Any]):
    """One method for each rule of the grammar; each takes what the rule matched."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def start(self, children: list[Any]) -> s.Content:
        """All of it."""
        content: s.Content = children[0]
        return content

    def expression(self, children: list[Any]) -> s.Content:
        """Terms, added or subtracted."""
        return add_terms(children)

    def term(self, children: list[Any]) -> s.Term:
        """Signs, factors and operators."""
        parts = [p if isinstance(p, Token) else scripts.without_scripts(self.context, p) for p in children]
        return terms.term_of(self.context, parts, _start(children[0]), _end(children[-1]))

    def scripted(self, children: list[Any]) -> Item:
        """A base with scripts."""
        base, *above_and_below = children
        if isinstance(base, Quotient):
            base = s.Group(base.start, base.end, fractions.fraction_term(base))
        return scripts.apply_scripts(self.context, base, above_and_below)

    def raised(self, children: list[Any]) -> Raised:
        """``^`` and its argument."""
        return Raised(_start(children[0]), children[1].end, children[1])

    def name(self, children: list[Token]) -> Bare:
        """A letter, or a word."""
        return Bare(_start(children[0]), _end(children[0]), str(children[0]))

    def number(self, children: list[Token]) -> s.Factor:
        """A number."""
        token = children[0]
        start, end = _start(token), _end(token)
        return decoded(start, lambda: s.Number(start, end, read_number(str(token))))

    def one(self, children: list[Token]) -> s.One:
        r"""``\\mathbf{1}``, which is to have indices."""
        return s.One(_start(children[0]), _end(children[0]), ())

    def top(self, children: list[Token]) -> Top:
        r"""``\\top``."""
        message = r"a transpose sign is a superscript: write `a^\top_{ji}`"
        return Top(_start(children[0]), _end(children[0]), "transpose", message)

    def function(self, children: list[Token]) -> FunctionMark:
        """A function, before it is known what it takes."""
        token = children[0]
        name: str | None = key_of_text(token)
        if name not in self.context.facts.own:
            name = FUNCTION_COMMANDS.get(token[1:]) or function_name(word_of(token))
        assert name is not None, token
        return FunctionMark(_start(token), _end(token), name)

    def sum(self, children: list[Token]) -> SumMark:
        r"""``\\sum``, which is to have indices."""
        return SumMark(_start(children[0]), _end(children[0]), ())

    def partial(self, children: list[Token]) -> PartialMark:
        r"""``\\partial``."""
        return PartialMark(_start(children[0]), _end(children[0]))

    def arguments(self, children: list[Any]) -> list[s.Content]:
        """Expressions with commas between them."""
        return children

    def group(self, children: list[Any]) -> s.Factor:
        """Expressions in brackets."""
        opener, contents, closer = children
        if len(contents) == 1:
            return s.Group(_start(opener), _end(closer), contents[0])
        message = "a comma stands between the arguments of a known function, and here is none"
        return Arguments(_start(opener), _end(closer), "comma", message, None, tuple(contents))

    def braces(self, children: list[Any]) -> Braces:
        """An expression in braces."""
        opener, content, closer = children
        return Braces(_start(opener), _end(closer), content)

    def argument(self, children: list[Any]) -> Argument:
        """What is in braces, or one token."""
        start, end = _start(children[0]), _end(children[-1])
        if len(children) == 3:
            return Argument(start, end, children[1])
        leaves: dict[str, Callable[[list[Token]], Item]] = {
            "NAME": self.name, "NUMBER": self.number, "ONE": self.one, "TOP": self.top,
        }  # fmt: skip
        leaf = scripts.without_scripts(self.context, leaves[children[0].type](children))
        return Argument(start, end, terms.term_of(self.context, [leaf], start, end))

    def fraction(self, children: list[Any]) -> Item:
        r"""``\\frac``: a quotient or a derivative."""
        command, above, below = children
        start = _start(command)
        if derivatives.is_derivative(above):
            return derivatives.derivative(above, below, start, below.end)
        if derivatives.is_total(above, below):
            return s.Wrong(start, below.end, "derivative", HOW_TO_DERIVE)
        return Quotient(start, below.end, above, below)

    def option(self, children: list[Any]) -> Argument:
        """What is in square brackets."""
        return Argument(_start(children[0]), _end(children[-1]), children[1])

    def root(self, children: list[Any]) -> s.Factor:
        """A square root, or that of another order, which is a power."""
        command, option, argument = children
        start = _start(command)
        order = s.sole_factor(option.content) if option else None
        if option is None or (isinstance(order, s.Number) and order.value == 2):
            return s.Call(start, argument.end, "sqrt", (argument.content,))
        if not isinstance(order, s.Number):
            message = "the order of a root is a number; another root is a power, as in `x^{1/n}`"
            return s.Wrong(option.start, option.end, "root-order", message)
        one = s.Number(order.start, order.end, Fraction(1))
        fraction = s.Term(order.start, order.end, (one, order), (False, True), (), 0)
        exponent = s.Group(order.start, order.end, fraction)
        return s.Power(start, argument.end, fractions.grouped(argument), exponent, 0)

    def norm(self, children: list[Any]) -> Norm:
        r"""``\\|x_i\\|``."""
        opener, content, closer = children
        return refused_norm(_start(opener), _end(closer), content)

    def bars(self, children: list[Any]) -> s.Factor:
        """``|h|``: the size of an index, or an absolute value; ``||x_i||`` is a norm."""
        opener, content, closer = children
        start, end = _start(opener), _end(closer)
        within = content.factors[0] if isinstance(content, s.Term) and len(content.factors) == 1 else None
        if isinstance(within, Bars | s.SizeOf) and not content.negations:
            return refused_norm(start, end, within.arguments[0] if isinstance(within, Bars) else None)
        inner = _end(opener)
        letter = self._letter(inner, _start(closer))
        facts = self.context.facts
        if letter is not None and letter.key in facts.names - facts.scalars - facts.indices:
            shown = self.context.text[start:end]
            fix = rf"\det({self.context.text[inner : _start(closer)].strip()})"
            message = f"`{shown}` of a matrix can be its determinant: write `{fix}`"
            matrix = s.sole_reference(content)
            return Determinant(start, end, "determinant", message, fix, matrix)
        if letter is None or (letter.key in facts.scalars and letter.key not in facts.indices):
            return Bars(start, end, "abs", (content,))
        if letter.key in facts.scalars:
            shown = self.context.text[inner : _start(closer)].strip()
            message = (
                f"`|{shown}|` can be the size of the index or the absolute value of the scalar: "
                r"write the latter with `\operatorname{abs}`, or rename one"
            )
            return s.Wrong(start, end, "bars", message, rf"\operatorname{{abs}}({shown})")
        return s.SizeOf(start, end, letter)

    def _letter(self, start: int, end: int) -> s.Letter | None:
        """Give the one index that stands at ``start:end``, if there is nothing else."""
        text = self.context.text[start:end]
        if not text.strip():
            return None
        try:
            pieces = read_pieces(text, 0)
            return letter_of(pieces[0], start) if len(pieces) == 1 else None
        except LexicalError:
            return None


def _start(part: Any) -> int:
    if isinstance(part, Token):
        assert part.start_pos is not None
        return part.start_pos
    start: int = part.start
    return start


def _end(part: Any) -> int:
    if isinstance(part, Token):
        return _start(part) + len(part)
    end: int = part.end
    return end
