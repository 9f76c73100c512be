"""Reading: a text in matrix notation to a program.

Declarations give shapes, statements are read in the order in which they use one another, and each becomes one equation
or claim in index notation. The program is what the plain dialect makes of these: all that is decided about names,
sums and derivatives is decided there, once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from einsgrad.diagnostics import Diagnostic, EinsgradError, InternalError, LanguageError, Source, Span
from einsgrad.frontend.lexis import LexicalError, read_name
from einsgrad.frontend.matrix import tree as t
from einsgrad.frontend.matrix.declarations import Declarations, described
from einsgrad.frontend.matrix.fitting import ShapeError
from einsgrad.frontend.matrix.meaning import Meaning
from einsgrad.frontend.matrix.scanner import Token, scan
from einsgrad.frontend.matrix.shapes import Shape, Size, fits
from einsgrad.frontend.matrix.syntax import parse_side
from einsgrad.frontend.matrix.values import Letters, families
from einsgrad.frontend.parser import parse_program
from einsgrad.ir.equations import Claim, Definition
from einsgrad.ir.names import gradient_name
from einsgrad.ir.nodes import Index
from einsgrad.ir.printer import print_claim, print_definition
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Axis


def parse_matrix(text: str, name: str = "<input>") -> Program:
    """Parse a text in matrix notation.

    Args:
        text: a line of declarations, ``X: n×d, w: d, λ: scalar`` or ``X ∈ R^{n×d}``, then equations and claims.
        name: how diagnostics call the text.

    Raises:
        LanguageError: the text is no program; it holds every error of the text.

    >>> print(parse_matrix("X: n×d, w: d, y: n; f = ‖X w - y‖²"), end="")
    f = 1_i (X_ij w_j - y_i)^2
    """
    return _Reader(Source(text, name)).read()


@dataclass
class _Reader:
    source: Source
    problems: list[Diagnostic] = field(default_factory=list)
    declarations: Declarations = field(default_factory=Declarations)
    shapes: dict[str, Shape] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)

    def read(self) -> Program:
        statements = self._statements()
        self._declare()
        written: dict[t.Statement, Definition | Claim] = {}
        letters = families([*self.sizes])
        defined = {name for st in statements if (name := _defined_name(st))}
        ordered, circular = _in_order(statements)
        for statement in circular:
            name = _defined_name(statement)
            self._report("cycle", f"`{name}` is defined by way of itself", statement.start, statement.end)
        for statement in ordered:
            result = self._written(statement, letters, defined) if not self._is_blocked(statement, defined) else None
            if result is not None:
                written[statement] = result
        if not statements and not self.problems:
            self._report("empty", "the text has no equation and no claim", 0, len(self.source.text))
        if self.problems:
            raise LanguageError(sorted(self.problems, key=lambda d: d.span.start if d.span else 0))
        return self._program([(st, written[st]) for st in statements])

    # --- what the text says

    def _statements(self) -> list[t.Statement]:
        found = []
        for tokens in scan(self.source, self.problems):
            if not self.declarations.read(self.source, tokens, self.problems):
                statement = self._statement(tokens)
                if statement is not None:
                    found.append(statement)
        return found

    def _statement(self, tokens: Sequence[Token]) -> t.Statement | None:
        signs = [k for k, token in enumerate(tokens) if token.type in ("EQUALS", "CLAIM")]
        start, end = tokens[0].start, tokens[-1].end
        if len(signs) != 1:
            message = "an equation has one `=`" if signs else "a statement is an equation `f = …` or a claim `… == …`"
            self._report("no-equation", message, tokens[signs[1]].start if signs else start, end)
            return None
        sign = tokens[signs[0]]
        left, right = _without_arguments(tokens[: signs[0]]), tokens[signs[0] + 1 :]
        if not left or not right:
            self._report("unexpected-end", "an equation has two sides", sign.start, sign.end)
            return None
        sides = [parse_side(self.source, side, self.problems) for side in (left, right)]
        if sides[0] is None or sides[1] is None:
            return None
        return t.Statement(start, end, sign.type == "CLAIM", sides[0], sides[1])

    def _declare(self) -> None:
        for name, sizes in self.declarations.sizes.items():
            span = self.declarations.places[name]
            try:
                read_name(name, name)
            except LexicalError as error:
                self._report(error.code, error.message, span.start, span.end)
            axes = [(self.sizes.setdefault(size, Size(size)),) for size in sizes]
            self.shapes[name] = Shape(*axes, *[()] * (2 - len(axes)))
        for name in self.declarations.size_names & self.declarations.sizes.keys():
            span = self.declarations.places[name]
            message = f"`{name}` is declared as {described(self.declarations.sizes[name])}, and is a size, too"
            self._report("matrix-declaration", message, span.start, span.end)

    def _is_blocked(self, statement: t.Statement, defined: set[str]) -> bool:
        """Tell whether a statement uses what has an error where it is declared or defined: one error is enough."""
        without = (defined | self.declarations.broken) - self.shapes.keys()
        return not without.isdisjoint(_uses(statement))

    # --- what it means

    def _written(
        self, statement: t.Statement, families: dict[str, list[Index]], defined: set[str]
    ) -> Definition | Claim | None:
        meaning = Meaning(self.source.text, self.shapes, self.sizes, defined)
        try:
            if _is_claim(statement, defined):
                return self._claim(meaning, statement, Letters(families))
            return self._definition(meaning, statement, Letters(families))
        except ShapeError as error:
            part, text = error.part, self.source.text
            fix = error.fix and text[statement.start : part.start] + error.fix + text[part.end : statement.end]
            self._report(error.code, error.message, part.start, part.end, error.notes, fix)
            return None

    def _claim(self, meaning: Meaning, statement: t.Statement, letters: Letters) -> Claim:
        left, right = meaning.of(statement.lhs), meaning.of(statement.rhs)
        if not isinstance(statement.rhs, t.Number):
            self._require_one_shape(statement, left.shape, right.shape)
        _require_settled(meaning)
        rows, columns = letters.fresh(left.shape.rows), letters.fresh(left.shape.columns)
        sides = []
        seen: set[Index] = set()
        for side in (left, right):
            with letters.branch(seen):
                sides.append(side.components(letters, rows, columns))
        return Claim(sides[0], sides[1], rows + columns)

    def _definition(self, meaning: Meaning, statement: t.Statement, letters: Letters) -> Definition:
        value = meaning.of(statement.rhs)
        name, declared = self._target(meaning, statement, value.shape)
        if declared is not None:
            self._require_one_shape(statement, declared, value.shape)
        _require_settled(meaning)
        if len(value.shape.rows) > 1 or len(value.shape.columns) > 1:
            message = "`vec` has two letters for one axis: it can stand in a product, and is no equation of its own"
            raise ShapeError("matrix-shape", message, statement.rhs)
        self.shapes.setdefault(name, value.shape)
        rows, columns = letters.fresh(value.shape.rows), letters.fresh(value.shape.columns)
        return Definition(name, rows + columns, value.components(letters, rows, columns))

    def _target(self, meaning: Meaning, statement: t.Statement, shape: Shape) -> tuple[str, Shape | None]:
        """Give the name that an equation defines, and the shape that it must have."""
        match statement.lhs:
            case t.Symbol(name=name):
                try:
                    read_name(name, name)
                except LexicalError as error:
                    raise ShapeError(error.code, error.message, statement.lhs) from error
                return name, self.shapes.get(name)
            case t.Derivative(operand=t.Symbol(name=of), wrt=wrt) if wrt.name in self.shapes:
                return gradient_name(of, wrt.name), self.shapes[wrt.name]
            case _:
                message = "the left-hand side of an equation is one name; that two sides are equal is claimed with `==`"
                raise ShapeError("left-side", message, statement.lhs)

    def _require_one_shape(self, statement: t.Statement, left: Shape, right: Shape) -> None:
        if fits(left.rows, right.rows) and fits(left.columns, right.columns):
            return
        message = f"the left-hand side is {left}, the right-hand side is {right}"
        raise ShapeError("matrix-shape", message, statement.rhs)

    # --- the program

    def _program(self, written: Sequence[tuple[t.Statement, Definition | Claim]]) -> Program:
        """Let the plain dialect read what was written, and give each statement its place in this text."""
        given = [statement for _, statement in written]
        program = _reread(given)
        stated = [
            dataclasses.replace(claim, stated=True) if set(claim.free) != set(read.free) else claim
            for claim, read in zip(_claims(given), program.claims, strict=True)
        ]
        if any(claim.stated for claim in stated):
            claims = iter(stated)
            given = [next(claims) if isinstance(st, Claim) else st for st in given]
            program = _reread(given)
        places = [Span(st.start, st.end, self.source) for st, _ in written]
        definitions, claims = iter(program.definitions), iter(program.claims)
        read = [next(claims) if isinstance(st, Claim) else next(definitions) for st in given]
        spans = MappingProxyType(dict(zip(read, places, strict=True)))
        return Program(program.definitions, program.claims, loss=program.loss, spans=spans, ties=self._ties())

    def _ties(self) -> tuple[tuple[Axis, Axis], ...]:
        """Pair each axis with the first of its size: index notation ties them only where they share a letter."""
        first: dict[Size, Axis] = {}
        ties: list[tuple[Axis, Axis]] = []
        for name, shape in self.shapes.items():
            for number, size in enumerate(shape.axes):
                axis = (name, number)
                known = first.setdefault(size.found(), axis)
                if known != axis:
                    ties.append((known, axis))
        return tuple(ties)

    def _report(
        self, code: str, message: str, start: int, end: int, notes: Iterable[str] = (), fix: str | None = None
    ) -> None:
        self.problems.append(Diagnostic(code, message, Span(start, end, self.source), tuple(notes), fix))


def _reread(statements: Sequence[Definition | Claim]) -> Program:
    text = "".join(f"{print_claim(st) if isinstance(st, Claim) else print_definition(st)}\n" for st in statements)
    try:
        return parse_program(text)
    except EinsgradError as error:
        raise InternalError(f"matrix notation became what is no program:\n{text}{error}") from error


def _claims(statements: Sequence[Definition | Claim]) -> list[Claim]:
    return [statement for statement in statements if isinstance(statement, Claim)]


def _require_settled(meaning: Meaning) -> None:
    """Refuse a vector of ones, or an identity, whose size nothing says."""
    for size, part in meaning.open:
        if size.found().name is None:
            shown = "I" if isinstance(part, t.Symbol) else "1"
            message = f"nothing says which size `{shown}` has: write `{shown}_n`, with `n` the size"
            raise ShapeError("matrix-size", message, part)


def _without_arguments(tokens: Sequence[Token]) -> Sequence[Token]:
    """Give the left-hand side ``f`` of ``f(w) = …``: which arguments it has follows from the right-hand side."""
    if len(tokens) < 4 or [tokens[0].type, tokens[1].type, tokens[-1].type] != ["NAME", "LPAR", "RPAR"]:
        return tokens
    inside = tokens[2:-1]
    is_list = all(token.type == ("COMMA" if k % 2 else "NAME") for k, token in enumerate(inside))
    return tokens[:1] if is_list and len(inside) % 2 else tokens


def _defined_name(statement: t.Statement) -> str | None:
    return statement.lhs.name if not statement.is_claim and isinstance(statement.lhs, t.Symbol) else None


def _is_claim(statement: t.Statement, defined: set[str]) -> bool:
    """Tell whether a statement claims something: also ``∂f/∂x = …`` where an equation defines ``f``."""
    match statement.lhs:
        case t.Derivative(operand=t.Symbol(name=name)):
            return statement.is_claim or name in defined
        case _:
            return statement.is_claim or isinstance(statement.lhs, t.Derivative)


def _in_order(statements: Sequence[t.Statement]) -> tuple[list[t.Statement], list[t.Statement]]:
    """Give the statements so that each follows those that define what it uses, and those on or behind a cycle."""
    waiting, done = list(statements), list[t.Statement]()
    names = {name: st for st in statements if (name := _defined_name(st))}
    while waiting:
        ready = [st for st in waiting if not any(names.get(name) in waiting for name in _uses(st))]
        if not ready:
            break
        done += ready
        waiting = [st for st in waiting if st not in ready]
    return done, waiting


def _uses(statement: t.Statement) -> set[str]:
    """Give the names that a statement uses; those on the left of an equation it defines."""
    sides = [statement.rhs] if _defined_name(statement) else [statement.lhs, statement.rhs]
    return {part.name for side in sides for part in t.walk(side) if isinstance(part, t.Symbol)}
