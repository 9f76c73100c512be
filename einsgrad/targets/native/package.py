"""The files of native code that stands alone: kernels in C, a header, and a Python module that builds and uses them.

The module is that of the NumPy target, with functions that call kernels where that has statements: what it offers,
checks and tests is the same. It needs NumPy and a C compiler.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from einsgrad.calculus.joint import Joint
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.targets.names import python_name
from einsgrad.targets.native.kernels import Argument, Kernel, NativeSource, write_kernels
from einsgrad.targets.numpy.functions import dictionary, function
from einsgrad.targets.numpy.lines import LINE, STEP, call, display, indented
from einsgrad.targets.numpy.module import Module
from einsgrad.targets.numpy.text import tuple_of
from einsgrad.targets.signature import Signature

_SUFFIXES = {"float64": "", "float32": "_float32"}
_MARK = "# --- what follows is written into modules\n"

_INTRODUCTION = """\
/* Kernels that einsgrad wrote. Each takes sizes, the arrays that it reads and those that it writes, in the order shown,
   and the most threads that it may start; it gives 0, or 1 where memory is short. Arrays have their last axis without
   gaps and share no memory; they are of double, or of float where the function's name ends in _float32. */\
"""


def package_name(wanted: str) -> str:
    """Give the name of a module, and of functions in C, that comes nearest to a wanted one.

    >>> package_name("layer-norm"), package_name("lambda"), package_name("2 γ")
    ('layer_norm', 'lambda_', '_2__')
    """
    name = re.sub(r"\W", "_", wanted, flags=re.ASCII)
    return python_name(f"_{name}" if name[:1].isdigit() or not name else name)


def write_package(
    name: str, joint: Joint, signature: Signature, sizes: Mapping[str, int], options: PlanOptions = DEFAULT
) -> dict[str, str]:
    """Give the texts of the files by their names.

    Args:
        name: of the module, as :func:`package_name` gives it.
        joint: forward and adjoint equations.
        signature: what the functions are given.
        sizes: sizes by letter: those that the plan is for.
        options: how paths are found.

    Raises:
        NotNative: there is no native code for the program.
    """
    sources = {
        suffix: write_kernels(joint, signature, sizes, dtype, options, naming=f"{name}_{{}}{suffix}")
        for dtype, suffix in _SUFFIXES.items()
    }
    texts = {f"{name}{suffix}.c": f'#include "{name}.h"\n\n{source.text}' for suffix, source in sources.items()}
    texts[f"{name}.h"] = _header(name, sources)
    texts[f"{name}.py"] = _Module(name, sources[""].kernels, joint, signature, sizes, options).text()
    return texts


def _header(name: str, sources: Mapping[str, NativeSource]) -> str:
    guard = f"{name.upper()}_H"
    lines = [_INTRODUCTION, f"#ifndef {guard}", f"#define {guard}", "", "#include <stdint.h>"]
    for suffix, source in sources.items():
        if source.uses_blas:
            lines += ["", "/* Takes the address of dgemm, or sgemm; before that, loops multiply matrices. */"]
            lines += [f"void {name}_set_blas{suffix}(void *gemm_of_blas);"]
        for kernel in source.kernels:
            head = f"int {kernel.symbol}("
            lines += ["", *_described(kernel), f"{head}const int64_t *sizes, const void *const *in,"]
            lines += [f"{' ' * len(head)}void *const *out, int threads);"]
    return "\n".join([*lines, "", "#endif"]) + "\n"


def _described(kernel: Kernel) -> list[str]:
    """Say what a kernel takes and gives."""

    def listed(arguments: Sequence[Argument]) -> str:
        return ", ".join(f"{a.name}[{', '.join(_axes(kernel, a))}]" if a.axes else a.name for a in arguments) or "none"

    return [
        f"/* sizes  {', '.join(kernel.sizes) or 'none'}",
        f"   in     {listed(kernel.arguments)}",
        f"   out    {listed(kernel.results)} */",
    ]


def _axes(kernel: Kernel, argument: Argument) -> list[str]:
    return [kernel.sizes[k] for k in argument.axes]


class _Module(Module):
    """The Python module."""

    def __init__(
        self,
        name: str,
        kernels: Sequence[Kernel],
        joint: Joint,
        signature: Signature,
        sizes: Mapping[str, int],
        options: PlanOptions,
    ) -> None:
        super().__init__(joint, signature, sizes, options)
        self.modules, self._runtime = _standalone()
        self._name = name
        self._kernels = kernels

    def work(self) -> list[str]:
        """Write the functions that call kernels, and what builds these."""
        functions = [self._forward()]
        if self.joint.is_scalar:
            functions.append(self._value_and_grad())
        elif self.joint.wrt:
            functions.append(self._vjp())
        return ["\n".join(lines) for lines in [*functions, self._tables()]] + [self.words.put_into(self._runtime)]

    def _forward(self) -> list[str]:
        results = self.setting.names().new("results")
        element = self.setting.returned_type if len(self.joint.outputs) == 1 else "Any"
        run = self._run(f"{results}: list[{element}]", "forward", LINE - STEP)
        body = [*run, f"return {self._outputs(results)}"]
        return self._function("_forward", self.setting.returned_type, body)

    def _value_and_grad(self) -> list[str]:
        results = self.setting.names().new("results")
        name = self.setting.names().new("gradients")
        body = [
            *self._run(results, "value_and_grad", LINE - STEP),
            *dictionary(f"{name}: {self.words.gradients} = ", self._gradients(results, 1), LINE - STEP),
            f"return {results}[0], {name}",
        ]
        returned = f"tuple[{self.setting.returned_type}, {self.words.gradients}]"
        return self._function("_value_and_grad", returned, body)

    def _vjp(self) -> list[str]:
        names = self.setting.names()
        results, found, pullback = map(names.new, ("results", "found", "pullback"))
        upstream = [self.joint.upstream[y] for y in self.joint.outputs]
        more = [f"*{results}[{len(self.joint.outputs)}:]", *(self.setting.tensors[name] for name in upstream)]
        inner = [
            *self._run(found, "pullback", LINE - 2 * STEP, more),
            *dictionary("return ", self._gradients(found, 0), LINE - 2 * STEP),
        ]
        body = [
            *self._run(results, "vjp", LINE - STEP),
            "",
            *function(pullback, self.setting.parameters(upstream), self.words.gradients, inner, LINE - STEP),
            "",
            f"return {self._outputs(results)}, {pullback}",
        ]
        return self._function(
            "_vjp", f"tuple[{self.setting.returned_type}, Callable[..., {self.words.gradients}]]", body
        )

    def _run(self, results: str, kernel: str, columns: int, more: Sequence[str] = ()) -> list[str]:
        return call(f"{results} = _run(", [f'"{kernel}"', *self.setting.arguments, *more], columns=columns)

    def _outputs(self, results: str) -> str:
        count = len(self.joint.outputs)
        return f"{results}[0]" if count == 1 else f"{self.words.outputs}(*{results}[:{count}])"

    def _gradients(self, results: str, first: int) -> dict[str, str]:
        return {x: f"{results}[{k}]" for k, x in enumerate(self.joint.gradients, first)}

    def _function(self, name: str, returned: str, body: Sequence[str]) -> list[str]:
        return function(name, self.setting.parameters(self.setting.inputs), returned, body)

    def _tables(self) -> list[str]:
        """Write what the functions in C are called, and what they take."""
        lines = ["# What the files in C and their functions are called by.", f'_NAME = "{self._name}"']
        sizes = {letter: str(size) for letter, size in self.signature.sizes.items()}
        lines += ["# Sizes of indices that no array has.", *dictionary("_SIZES: dict[str, int] = ", sizes, LINE)]
        lines += ["# The sizes that each kernel takes, the axes of what it reads and of what it writes."]
        lines += [
            "_Axes = tuple[str, ...]",
            "_KERNELS: dict[str, tuple[_Axes, tuple[_Axes, ...], tuple[_Axes, ...]]] = {",
        ]
        for kernel in self._kernels:
            lines += indented(_entry(kernel))
        return [*lines, "}"]


def _entry(kernel: Kernel) -> list[str]:
    """Write what a kernel takes, on as many lines as it needs."""
    parts = [[f'"{letter}"' for letter in kernel.sizes]]
    for arguments in (kernel.arguments, kernel.results):
        parts.append([tuple_of([f'"{letter}"' for letter in _axes(kernel, a)]) for a in arguments])
    line = f'"{kernel.name}": ({", ".join(map(tuple_of, parts))}),'
    if len(line) <= LINE - STEP:
        return [line]
    inside: list[str] = []
    for part in parts:
        whole = f"{tuple_of(part)},"
        inside += [whole] if len(whole) <= LINE - 2 * STEP else display("(", part, "),")
    return [f'"{kernel.name}": (', *indented(inside), "),"]


@cache
def _standalone() -> tuple[tuple[str, ...], str]:
    """Give the modules that the module's own runtime imports, and its text."""
    head, text = files("einsgrad.targets.native").joinpath("standalone.py").read_text(encoding="utf-8").split(_MARK)
    imported = [node for node in ast.parse(head).body if isinstance(node, ast.Import)]
    modules = [alias.name for node in imported for alias in node.names if alias.name != "numpy"]
    return tuple(modules), text.strip("\n")
