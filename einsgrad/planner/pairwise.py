"""Name what is contracted on the way: products of many tensors become equations of two tensors each.

Before: no derivatives, one range a letter. After: each product of three or more tensors that sums is contracted along
its path by equations that name the intermediate results, so that whatever is derived from the program refers to them.
The gradients of all n factors are then the adjoint of the forward path and cost about twice as much as it, where
deriving first and contracting each gradient by itself costs n times as much.

Not attempted: products with deltas, which are substituted later, and the choice of a path that is cheap for gradients
rather than for the value. An adjoint costs at most twice what its path does, so there is little to gain.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence

from einsgrad.calculus.rewriting import multiply
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.names import canonical_name
from einsgrad.ir.nodes import Delta, Expr, Index, One, Product, Tensor
from einsgrad.ir.program import Program
from einsgrad.ir.traversal import postorder, transform
from einsgrad.planner.networks import flattened, without_ones
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.paths import find_path

# Names made of more characters than this say less than a number does.
_LONGEST_NAME = 6


def contract_pairwise(
    program: Program, sizes: Sequence[Mapping[Index, int]], options: PlanOptions = DEFAULT
) -> Program:
    """Give the program with the intermediate results of its contractions named.

    Args:
        program: equations without derivatives, one range a letter.
        sizes: the size of each letter, for each equation.
        options: how paths are found.

    >>> from einsgrad.frontend.parser import parse_program
    >>> program = parse_program("y_n = x_ni a_ip z_nj b_pj")
    >>> print(contract_pairwise(program, [dict.fromkeys(map(Index, "nijp"), 9)]), end="")
    xa_np = x_ni a_ip
    zb_np = z_nj b_pj
    y_n = xa_np zb_np
    """
    names = _Names(program)
    definitions: list[Definition] = []
    for definition, extents in zip(program.definitions, sizes, strict=True):
        splitter = _Splitter(names, extents, options)
        rhs = transform(transform(definition.rhs, flattened), splitter.split)
        definitions += [*splitter.definitions, dataclasses.replace(definition, rhs=rhs)]
    return dataclasses.replace(program, definitions=tuple(definitions))


class _Splitter:
    """Splits the products of one equation."""

    def __init__(self, names: _Names, sizes: Mapping[Index, int], options: PlanOptions) -> None:
        self.definitions: list[Definition] = []
        self._options = options
        self._names = names
        self._sizes = sizes
        self._named: dict[Expr, Tensor] = {}

    def split(self, node: Expr) -> Expr:
        """Give a product as what is left of it when all contractions but the last have names."""
        if not isinstance(node, Product) or not node.summed:
            return node
        arrays = [f for f in node.factors if f.free and not isinstance(f, One)]
        if len(arrays) < 3 or any(isinstance(n, Delta) for f in node.factors for n in postorder(f)):
            return node
        others = [f for f in without_ones(node.factors) if f not in arrays]
        left = list(arrays)
        for positions in find_path([f.free for f in arrays], node.free, self._sizes, self._options):
            pair = [left[k] for k in sorted(positions)]
            if len(left) > 2:
                left = [f for k, f in enumerate(left) if k not in positions]
                left.append(self._name(pair, {*node.free, *(i for f in left for i in f.free)}))
        kept = {i for f in left for i in f.free} | {i for f in others for i in f.free}
        return build.product([*others, *left], kept - set(node.free))

    def _name(self, pair: Sequence[Expr], keep: Collection[Index]) -> Tensor:
        """Give the contraction of two factors a name; the same one where it has one already."""
        first, second = (f.free for f in pair)
        batch = [i for i in first if i in second and i in keep]
        own = [i for i in (*first, *second) if i in keep and i not in batch]
        summed = {i for i in (*first, *second) if i not in keep}
        product = multiply(pair, tuple(summed)) if summed else build.product(pair)
        if product not in self._named:
            name = self._names.new(pair)
            indices = tuple(dict.fromkeys([*batch, *own]))
            self.definitions.append(Definition(name, indices, product))
            self._named[product] = build.tensor(name, indices)
        return self._named[product]


class _Names:
    """Gives names that the program doesn't have: those of the factors joined while that is short, else numbers."""

    def __init__(self, program: Program) -> None:
        self._taken = {canonical_name(n) for n in (*program.by_name, *program.inputs)}
        self._numbered: Iterator[str] = map("t{}".format, itertools.count(1))

    def new(self, factors: Sequence[Expr]) -> str:
        """Give a name for the product of some factors."""
        joined = "".join(f.name for f in factors if isinstance(f, Tensor))
        is_telling = all(isinstance(f, Tensor) for f in factors) and joined.isalnum() and len(joined) <= _LONGEST_NAME
        wishes = [joined] if is_telling else []
        name = next(n for n in itertools.chain(wishes, self._numbered) if canonical_name(n) not in self._taken)
        self._taken.add(canonical_name(name))
        return name
