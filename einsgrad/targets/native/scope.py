"""The names of a kernel: variables for sizes, for positions in loops, and for values."""

from __future__ import annotations

from collections.abc import Sequence

from einsgrad.ir.letters import root as root_letter
from einsgrad.planner.iteration import Iteration
from einsgrad.planner.plan import Plan
from einsgrad.planner.storage import Path
from einsgrad.targets.names import Names, python_name

# Names that mean something in C, or in a kernel.
_KEYWORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
"""
_OURS = """
real in out sizes threads thread count memory own shared used padded workspace least has_key matrix_product blas_gemm
"""
# Functions of C, or ours, that a variable would hide; libraries of mathematics have some under short names.
_FUNCTIONS = """
sign relu step maximum minimum sigmoid silu softplus logsigmoid gelu angle mod erfinv
logndtr digamma polygamma main free div abs gamma y0 y1 yn j0 j1 jn
"""


class Scope:
    """Gives out the names of one kernel."""

    def __init__(self, plan: Plan, iteration: Iteration) -> None:
        self._plan = plan
        self._iteration = iteration
        self._names = Names([*_KEYWORDS.split(), *_OURS.split(), *_FUNCTIONS.split()])
        self._indices: dict[int, str] = {}
        self.sizes: dict[str, str] = {}
        """The variable of each size that is used, by its letter."""

    def new(self, wanted: str) -> str:
        """Give ``wanted``, with a number at its end if that is taken."""
        return self._names.distinct(wanted)

    def telling(self, number: int) -> str:
        """Give the name that a value should have: that of the tensor that it holds, or its number."""
        tensor = self._plan.names.get(number)
        return python_name(tensor) if tensor is not None else f"t{number}"

    def size(self, range_: int) -> str:
        """Give the variable of a size: ranges with one letter have one."""
        letter = root_letter(self._plan.letters[range_]).name
        if letter not in self.sizes:
            self.sizes[letter] = self.new(f"n_{python_name(letter)}")
        return self.sizes[letter]

    def extent(self, dim: int) -> str:
        """Give the size of a dimension."""
        return self.size(self._iteration.ranges[dim])

    def index(self, dim: int) -> str:
        """Give the variable of the position along a dimension."""
        if dim not in self._indices:
            letter = root_letter(self._plan.letters[self._iteration.ranges[dim]]).name
            self._indices[dim] = self.new(python_name(letter))
        return self._indices[dim]

    def bounds(self, dim: int, path: Path) -> tuple[str, str]:
        """Give the bounds of a loop over a dimension: those of the block, if one is around."""
        index = self.index(dim)
        return (f"{index}_start", f"{index}_end") if is_in_block(dim, path) else ("0", self.extent(dim))

    def count(self, dim: int, path: Path) -> str:
        """Give how many positions such a loop goes through."""
        first, last = self.bounds(dim, path)
        return last if first == "0" else f"({last} - {first})"

    def head(self, dim: int, path: Path) -> str:
        """Give the head of such a loop."""
        return for_loop(self.index(dim), *self.bounds(dim, path))


def is_in_block(dim: int, path: Path) -> bool:
    """Tell whether a loop around goes through blocks of a dimension."""
    return any(loop.dim == dim and loop.is_blocked for loop in path)


def for_loop(index: str, first: str, last: str) -> str:
    """Give the head of a loop."""
    return f"for (int64_t {index} = {first}; {index} < {last}; ++{index})"


def nested(heads: Sequence[str], statement: str) -> list[str]:
    """Give a statement in loops."""
    return [*("    " * k + head for k, head in enumerate(heads)), "    " * len(heads) + statement]


def indented(lines: Sequence[str]) -> list[str]:
    """Indent lines; directives stay where they are."""
    return [line if line.startswith("#") else "    " + line for line in lines]


def product(factors: Sequence[str]) -> str:
    """Multiply sizes."""
    return " * ".join(factors) or "1"
