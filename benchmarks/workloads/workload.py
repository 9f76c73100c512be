"""What a workload is: equations, the sizes at which they are computed, and the same written for the other libraries."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy

import einsgrad as eg

Draw = Callable[[numpy.random.Generator, tuple[int, ...]], Any]

SIZES = ("small", "large")
"""A call takes microseconds at the small sizes, and tens of milliseconds at the large ones."""


@dataclass(frozen=True)
class Workload:
    """A computation whose value and gradients are timed.

    Attributes:
        title: what the table calls it.
        equations: the program for einsgrad, whose inputs and their indices also say which arrays there are.
        forward: the same for the other libraries, from a library's functions (``functions.py``) and the arrays.
        small: a size for each letter of an input, for a call of microseconds.
        large: likewise, for a call of tens of milliseconds.
        data: the inputs that no gradient is taken by.
        draw: how inputs are drawn that are not normally distributed.
        positions: the inputs that are positions, drawn below the size of a letter.
        dtype: the type of all other arrays.
        builtin: the same as the one kernel that torch ships for it, where it does.
    """

    title: str
    equations: str
    forward: Callable[..., Any]
    small: Mapping[str, int]
    large: Mapping[str, int]
    data: tuple[str, ...] = ()
    draw: Mapping[str, Draw] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)
    dtype: str = "float32"
    builtin: Callable[..., Any] | None = None

    @cached_property
    def wrt(self) -> tuple[str, ...]:
        """The inputs that gradients are taken by; calls that are timed look here, so they are not worked out again."""
        return tuple(name for name in eg.parse(self.equations).inputs if name not in {*self.data, *self.positions})

    def sizes(self, size: str) -> Mapping[str, int]:
        """Give the sizes by letter."""
        return self.small if size == "small" else self.large

    def inputs(self, size: str, rng: numpy.random.Generator) -> dict[str, Any]:
        """Draw the arrays, by name."""
        program, sizes = eg.parse(self.equations), self.sizes(size)
        drawn = {}
        for name in program.inputs:
            shape = tuple(sizes[letter] for letter in program.indices(name))
            if name in self.positions:
                drawn[name] = rng.integers(sizes[self.positions[name]], size=shape)
            else:
                drawn[name] = numpy.asarray(self.draw.get(name, normal)(rng, shape), self.dtype)
        return drawn


def normal(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Any:
    """Draw from the standard normal distribution."""
    return rng.normal(size=shape)


def scaled(scale: float) -> Draw:
    """Draw from a normal distribution of this standard deviation."""
    return lambda rng, shape: scale * rng.normal(size=shape)


def weights(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Any:
    """Draw weights that keep the magnitude of what they are multiplied with: all axes but the last are summed over."""
    return rng.normal(size=shape) / math.sqrt(math.prod(shape[:-1]))


def between(low: float, high: float) -> Draw:
    """Draw uniformly."""
    return lambda rng, shape: rng.uniform(low, high, size=shape)


def constant(value: float) -> Draw:
    """Take the same number everywhere."""
    return lambda rng, shape: numpy.full(shape, value)


def labels(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Any:
    """Draw zeros and ones."""
    return rng.integers(2, size=shape)


def one_hot(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Any:
    """Draw one class for each row."""
    rows, classes = shape
    return numpy.eye(classes)[rng.integers(classes, size=rows)]


def distributions(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Any:
    """Draw rows that sum to one."""
    return rng.dirichlet(numpy.ones(shape[1]), size=shape[0])


def causal(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Any:
    """Give the mask that is very negative above the diagonal."""
    return numpy.triu(numpy.full(shape, -1e9), 1)
