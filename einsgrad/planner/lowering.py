"""Lowering: the expressions of a program as array operations.

Before: a program free of derivatives. After: a :class:`Plan` in which every operation occurs once, in the order of
the equations. Not attempted here: slices, buffers, and any rearrangement that would change what is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any, assert_never

from einsgrad.diagnostics import InternalError
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import unused
from einsgrad.ir.nodes import (
    Affine,
    Apply,
    Delta,
    Derivative,
    Expr,
    Gather,
    Index,
    Iota,
    Literal,
    MatrixFunction,
    One,
    Position,
    Power,
    Product,
    Reduction,
    Selector,
    Size,
    Sum,
    Tensor,
)
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import Ranges
from einsgrad.ir.reductions import root_of_squares
from einsgrad.ir.traversal import children, postorder, stackless, tensors
from einsgrad.planner.divisions import Division, division_in, name_of
from einsgrad.planner.forms import Form, dense, relabel, scatter, settle
from einsgrad.planner.interning import PlanBuilder
from einsgrad.planner.plan import Labels, Operand
from einsgrad.planner.powers import lower_power
from einsgrad.planner.products import ProductForm, lower_product
from einsgrad.planner.selection import pick, select, selection_of


class Lowering:
    """Lowers the equations of one program, one after another, into one builder."""

    def __init__(self, program: Program, ranges: Ranges, builder: PlanBuilder) -> None:
        self._ranges = ranges
        self._builder = builder
        self._tensors: dict[str, tuple[Labels, Form]] = {}
        self._shared = _shared(program)

    def add_input(self, name: str, labels: Labels) -> None:
        """Make an input known; its letters stand for axes only, so they need not be distinct."""
        axes = tuple(Index(f"{name}{k}") for k in range(len(labels)))
        ranges = tuple(self._ranges.of_axis[name, k] for k in range(len(labels)))
        self._tensors[name] = (axes, Form(self._builder.input(name, axes, ranges)))

    def lower_definition(self, number: int, definition: Definition) -> Form:
        """Lower an equation, the program's statement of this number, and remember what it defines."""
        ranges = self._ranges.by_statement.get(number, {})
        equation = _Equation(self._builder, self._tensors, self._shared, ranges)
        form = equation.lower(definition.rhs, definition.indices)
        self._tensors[definition.name] = (definition.indices, form)
        return form


def lower_alone(node: Expr, ranges: Mapping[Index, int], builder: PlanBuilder) -> Form:
    """Lower an expression whose tensors are all inputs."""
    inputs: dict[str, tuple[Labels, Form]] = {}
    for tensor in tensors(node):
        axes = tuple(Index(f"{tensor.name}{k}") for k in range(len(tensor.indices)))
        numbers = tuple(ranges[i] for i in tensor.indices)
        inputs.setdefault(tensor.name, (axes, Form(builder.input(tensor.name, axes, numbers))))
    return _Equation(builder, inputs, frozenset(), ranges).lower(node, node.free)


class _Equation:
    """Lowers expressions of one equation, whose letters have the given ranges."""

    def __init__(
        self,
        builder: PlanBuilder,
        tensors: Mapping[str, tuple[Labels, Form]],
        shared: frozenset[Expr],
        ranges: Mapping[Index, int],
    ) -> None:
        self._builder = builder
        self._tensors = dict(tensors)
        self._shared = shared
        self._ranges = ranges
        self._done: dict[Expr, Form] = {}

    def lower(self, node: Expr, order: Labels = ()) -> Form:
        """Give the form of an expression, its axes in the given order where that costs nothing."""
        return _lower(self, node, order)

    def step(self, node: Expr, order: Labels) -> Generator[tuple[Any, ...], Any, Form]:
        """Lower one node; yields what has to be lowered before."""
        builder = self._builder
        match node:
            case Literal(value=value):
                return Form(builder.number(value))
            case Size(index=index):
                return Form(builder.extent(self._ranges[index]))
            case Tensor(name=name, indices=indices):
                axes, form = self._tensors[name]
                return settle(builder, relabel(form, dict(zip(axes, indices, strict=True))))
            case Delta(indices=indices):
                return settle(builder, Form(builder.number(1), (indices,)))
            case One():
                return Form(builder.number(1))
            case Iota(index=index):
                return Form(builder.iota(index, self._ranges[index]))
            case Gather():
                return Form(self._gather(node))
            case Selector():
                return (yield from self._select(build.product([node, build.literal(1)])))
            case Product():
                return (yield from self._product(node, order))
            case Sum():
                return (yield from self._sum(node, order))
            case Power(base=base, exponent=exponent):
                below = dense(builder, (yield (self, base, order)), self._ranges, order)
                above = dense(builder, (yield (self, exponent, order)), self._ranges, order)
                return Form(lower_power(builder, below, above, order))
            case Apply(function=function, args=args):
                arrays = []
                for argument in args:
                    arrays.append(dense(builder, (yield (self, argument, order)), self._ranges, order))
                return Form(builder.pointwise(function, tuple(arrays), order))
            case Reduction():
                return (yield from self._reduction(node, order))
            case MatrixFunction():
                matrix = yield from self._matrix(node)
                return self._matrix_function(node, matrix)
            case Derivative():
                raise InternalError("a derivative reached the planner")
            case _:
                assert_never(node)

    def remembered(self, node: Expr) -> Form | None:
        """Give the form of a node that was lowered before."""
        return self._done.get(node)

    def remember(self, node: Expr, form: Form) -> Form:
        """Keep the form of a node."""
        self._done[node] = form
        return form

    def _product(self, node: Product, order: Labels) -> Generator[tuple[Any, ...], Any, Form]:
        if any(isinstance(f, Selector) for f in node.factors):
            return (yield from self._select(node))
        division = division_in(node, self._shared)
        if division is not None:
            divided: Form = yield self, (yield from self._divided(division)), order
            return divided
        factors = yield from self._factors(node)
        return lower_product(self._builder, factors, self._ranges, order)

    def _gather(self, node: Gather) -> Operand:
        """Pick the components at the positions that are given."""
        axes, form = self._tensors[node.operand.name]
        array = settle(self._builder, relabel(form, dict(zip(axes, node.operand.indices, strict=True))))
        pairs = list(zip(node.operand.indices, node.subscripts, strict=True))
        letters = {axis: s for axis, s in pairs if isinstance(s, Index)}
        places = {axis: self._positions(s) for axis, s in pairs if not isinstance(s, Index)}
        return pick(self._builder, dense(self._builder, array, self._ranges), letters, places)

    def _positions(self, tensor: Position) -> Operand | int:
        """Give an array of positions, or the one position."""
        if isinstance(tensor, Literal):
            return int(tensor.value)
        if isinstance(tensor, Affine):
            return self._builder.affine(tensor.terms, tensor.constant, self._ranges)
        axes, form = self._tensors[tensor.name]
        return settle(self._builder, relabel(form, dict(zip(axes, tensor.indices, strict=True)))).operand

    def _select(self, node: Product) -> Generator[tuple[Any, ...], Any, Form]:
        """Lower a product with selectors, which pick from the other factors, or say where their product is added."""
        selection = selection_of(node)
        array = dense(self._builder, (yield (self, selection.inner, ())), self._ranges)
        places = {i: self._positions(position) for i, position in selection.places.items()}
        return Form(select(self._builder, node, array, selection.inside, places, self._ranges))

    def _reduction(self, node: Reduction, order: Labels) -> Generator[tuple[Any, ...], Any, Form]:
        """Lower a reduction; where its operand broadcasts over a letter, it is spread over it."""
        function, over = node.function, node.over
        if function == "norm":
            root: Form = yield self, root_of_squares(node.operand, over), order
            return root
        array = dense(self._builder, (yield (self, node.operand, ())), self._ranges)
        if missing := tuple(i for i in over if i not in array.labels and function != "shift"):
            labels = (*array.labels, *missing)
            array = self._builder.spread(array, labels, {i: self._ranges[i] for i in labels})
        return Form(self._builder.reduce(function, array, [i for i in array.labels if i in over]))

    def _matrix(self, node: MatrixFunction) -> Generator[tuple[Any, ...], Any, Operand]:
        """Lower the matrix that a function is of, with both of its axes."""
        array = dense(self._builder, (yield (self, node.operand, ())), self._ranges)
        missing = tuple(i for i in node.slots if i not in array.labels)
        if not missing:
            return array
        labels = (*array.labels, *missing)
        return self._builder.spread(array, labels, {i: self._ranges[i] for i in labels})

    def _matrix_function(self, node: MatrixFunction, matrix: Operand) -> Form:
        """Take a function of matrices, whose slots then give way to its indices."""
        found = self._builder.matrix(node.function, matrix, node.slots, name_of(node))
        mapping = dict(zip(node.slots, node.indices, strict=True)) if node.indices else {}
        return settle(self._builder, relabel(Form(found), mapping))

    def _divided(self, division: Division) -> Generator[tuple[Any, ...], Any, Expr]:
        """Solve for what a product divides, and give the product in which the solution stands for it."""
        node = division.inverse
        matrix = yield from self._matrix(node)
        right = dense(self._builder, (yield (self, division.right, ())), self._ranges)
        batch = tuple(i for i in matrix.labels if i not in node.slots)
        wanted = (*right.labels, *(i for i in (*batch, division.row) if i not in right.labels))
        if wanted != right.labels:
            right = self._builder.spread(right, wanted, {i: self._ranges[i] for i in wanted})
        column = unused({*matrix.labels, *wanted, division.row, division.column})
        # The first index of an inverse belongs to the column of the matrix, the second to its row.
        letters = {node.slots[division.position]: division.row, node.slots[1 - division.position]: column}
        matrix = Operand(matrix.value, tuple(letters.get(i, i) for i in matrix.labels))
        found = self._builder.solve(matrix, right, (division.row, column), name_of(node))
        name = f"·{len(self._tensors)}"
        self._tensors[name] = found.labels, Form(found)
        solution = build.tensor(name, [division.column if i == column else i for i in found.labels])
        return division.rest(solution)

    def _factors(self, node: Product) -> Generator[tuple[Any, ...], Any, ProductForm]:
        """Lower the factors of a product and of the products in it that stand nowhere else."""
        found: list[tuple[Form, bool]] = []
        summed = list(node.summed)
        letters = {i for factor in node.factors for i in factor.free}
        stack = [*reversed(node.factors)]
        while stack:
            factor = stack.pop()
            divides = False
            times = 1
            match factor:
                case Product() if factor not in self._shared and letters.isdisjoint(factor.summed):
                    stack.extend(reversed(factor.factors))
                    letters.update(factor.summed)
                    summed.extend(factor.summed)
                    continue
                case Power(base=base, exponent=Literal(value=value)) if value in (-2, -3):
                    # One at a time, so that a quotient that is there already can be used.
                    divides, times = True, -int(value)
                    factor = base
                case Power(base=base, exponent=Literal(value=value)) if value < 0:
                    divides = True
                    factor = base if value == -1 else build.power(base, build.literal(-value))
                case Power(base=base, exponent=Literal(value=value)) if value == 2 and set(base.free) & set(summed):
                    times = 2
                    factor = base
            form = yield self, factor, ()
            if divides:
                form = Form(dense(self._builder, form, self._ranges))
            found += [(form, divides)] * times
        return ProductForm(found, node.free, tuple(summed))

    def _sum(self, node: Sum, order: Labels) -> Generator[tuple[Any, ...], Any, Form]:
        """Add terms of one kind of ties element by element; terms of several kinds meet in one array."""
        groups: dict[frozenset[Labels], Form] = {}
        for positive, term in _positive_first(node.terms):
            form = yield self, term, order
            kind = frozenset(form.ties)
            if kind in groups:
                function = "add" if positive else "subtract"
                added = self._builder.pointwise(function, (groups[kind].operand, form.operand), order)
            else:
                added = form.operand if positive else self._builder.pointwise("negative", (form.operand,), order)
            groups[kind] = Form(added, form.ties)
        forms = list(groups.values())
        if len(forms) == 1:
            return forms[0]
        return Form(scatter(self._builder, forms, self._ranges, order))


@stackless
def _lower(equation: _Equation, node: Expr, order: Labels) -> Generator[tuple[Any, ...], Any, Form]:
    known = equation.remembered(node)
    if known is not None:
        return known
    form = yield from equation.step(node, order)
    return equation.remember(node, form)


def _positive_first(terms: tuple[Expr, ...]) -> list[tuple[bool, Expr]]:
    """Take the signs off the terms of a sum; a positive term goes first if there is one."""
    signed = [_without_sign(term) for term in terms]
    first = next((k for k, (positive, _) in enumerate(signed) if positive), 0)
    return [signed[first], *signed[:first], *signed[first + 1 :]]


def _without_sign(term: Expr) -> tuple[bool, Expr]:
    match term:
        case Literal(value=value) if value < 0:
            return False, build.literal(-value)
        case Product(factors=(Literal(value=value), *others), summed=summed) if value < 0:
            if value != -1:
                return False, build.product((build.literal(-value), *others), summed)
            if len(others) == 1 and not summed:
                return False, others[0]
            return False, build.product(others, summed)
        case _:
            return True, term


def _shared(program: Program) -> frozenset[Expr]:
    """Give the products that stand in several places."""
    roots = [d.rhs for d in program.definitions]
    places = Counter(child for node in postorder(*roots) for child in children(node))
    places.update(roots)
    return frozenset(node for node, times in places.items() if times > 1 and isinstance(node, Product))


def result_operand(builder: PlanBuilder, form: Form, labels: Labels, ranges: Mapping[Index, int]) -> Operand:
    """Give a form as an array that has every one of ``labels`` as an axis."""
    if form.ties:
        missing = tuple(i for i in labels if i not in form.operand.labels and all(i not in t for t in form.ties))
        if not missing:
            return dense(builder, form, ranges, labels)
        form = Form(dense(builder, form, ranges, labels))
    if set(form.operand.labels) == set(labels):
        return form.operand
    return builder.spread(form.operand, labels, {i: ranges[i] for i in labels})
