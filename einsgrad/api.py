"""What users call: parse, load, grad, derive, check, einsum_grad, compile."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from einsgrad.diagnostics import Diagnostic, UsageError, did_you_mean
from einsgrad.ir.program import Program

if TYPE_CHECKING:
    from einsgrad.planner.options import Optimizer
    from einsgrad.render.derivation import Derivation
    from einsgrad.render.einsum import Einsum
    from einsgrad.report import Report
    from einsgrad.runtime.function import Function

Dialect = Literal["auto", "plain", "latex", "matrix"]
Names = str | Sequence[str] | None

_DIALECTS: Mapping[str, Dialect] = {".mat.ein": "matrix", ".tex": "latex", ".ein": "plain"}
"""The dialect of a file by the end of its name, longer ends first."""


def parse(text: str, *, dialect: Dialect = "auto", name: str = "<input>") -> Program:
    r"""Read a program from text.

    Args:
        text: equations in index notation.
        dialect: ``"plain"``, ``"latex"`` or ``"matrix"``; ``"auto"`` takes matrix notation where a line declares
            shapes, and LaTeX where the text has something only LaTeX has.
        name: what errors call the text.

    Raises:
        LanguageError: the text is no program; its diagnostics say where and why.
        UsageError: there is no such dialect, or ``text`` is something else.

    >>> import einsgrad as eg
    >>> program = eg.parse("y_ij = x_ik a_kj")
    >>> program.inputs, program.outputs, program.indices("x")
    (('x', 'a'), ('y',), ('i', 'k'))
    >>> eg.parse(r"y_{ij} &= \frac{1}{2} x_{ik} a_{kj} \\") == eg.parse("y_ij = 1/2 x_ik a_kj")
    True
    >>> print(eg.parse("X: n×d, w: d, y: n; f = ‖X w - y‖²"), end="")
    f = 1_i (X_ij w_j - y_i)^2
    """
    from einsgrad.frontend.dialects import LATEX, PLAIN
    from einsgrad.frontend.parser import parse_program

    if not isinstance(text, str):
        raise _wrong_type("expected a program's text", text)
    match dialect:
        case "plain":
            return parse_program(text, name, PLAIN)
        case "latex":
            return parse_program(text, name, LATEX)
        case "matrix":
            from einsgrad.frontend.matrix.reading import parse_matrix

            return parse_matrix(text, name)
        case "auto":
            from einsgrad.frontend.detection import parse_undeclared

            return parse_undeclared(text, name)
        case _:
            message = f"no dialect `{dialect}`: there are plain, latex and matrix"
            raise UsageError([Diagnostic("unknown-dialect", message)])


def load(path: str | os.PathLike[str], *, dialect: Dialect = "auto") -> Program:
    """Read a program from a file, or from the gallery.

    Args:
        path: an equation file, in LaTeX if it ends in ``.tex``, in the plain dialect if in ``.ein``, in matrix
            notation if in ``.mat.ein``; or a name in the gallery, such as ``"layer_norm"``, where no such file exists.
        dialect: as :func:`parse` takes it; ``"auto"`` goes by the end of the file's name first.

    Raises:
        LanguageError: the file is no program.
        UsageError: there is no such file, nor such a gallery entry.

    >>> import einsgrad as eg
    >>> eg.load("layer_norm").outputs
    ('y',)
    """
    from einsgrad.frontend.reading import read_file
    from einsgrad.gallery import names, read

    if not isinstance(path, str | os.PathLike):
        raise _wrong_type("expected the name of a file, or one in the gallery", path)
    name = os.fspath(path)
    if os.path.exists(name):
        told = _dialect_of(name) or "auto" if dialect == "auto" else dialect
        return parse(read_file(name), dialect=told, name=name)
    if name in names():
        return parse(read(name), dialect="plain", name=name)
    message = f"there is no file `{name}`, and no such name in the gallery{did_you_mean(name, names())}"
    raise UsageError([Diagnostic("no-file", message)])


def grad(program: Program | str, of: Names = None, wrt: Names = None) -> Program:
    """Derive gradients as a program: one equation for each, and for each intermediate tensor on the way.

    Args:
        program: the forward program, or its text.
        of: an output or several; all outputs if left out. A scalar has gradients of its own; for others the equations
            give those of a downstream loss ``l`` from the upstream gradients ``∂l/∂y``.
        wrt: the tensors to differentiate by; all inputs if left out.

    Raises:
        LanguageError: the text is no program.
        UsageError: a name is not in the program, or ``program`` is none.

    >>> import einsgrad as eg
    >>> print(eg.grad("y_ij = x_ik a_kj", of="y", wrt="x"), end="")
    ∂l/∂x_ik = ∂l/∂y_ij a_kj
    """
    from einsgrad.calculus.gradient import gradient_program

    return gradient_program(_as_program(program), of, wrt)


def derive(program: Program | str, of: Names = None, wrt: Names = None) -> Derivation:
    """Derive gradients line by line, each line with the name of its rule.

    Args and raises: as :func:`grad`, whose program the derivation ends at.

    Returns:
        The derivation. It has ``steps``; ``text()``, ``latex()``, ``markdown()`` and ``html()`` write it down, and
        ``matrix()`` gives the gradients in matrix notation.

    >>> import einsgrad as eg
    >>> print(eg.derive("y_i = sin(x_i)").text(), end="")
    y_i = sin(x_i)
    <BLANKLINE>
      ∂y_i/∂x_p = ∂sin(x_i)/∂x_p        [definition of y]
                = cos(x_i) ∂x_i/∂x_p    [chain rule]
                = cos(x_i) δ_ip         [∂x_i/∂x_p = δ_ip]
    <BLANKLINE>
      ∂l/∂x_p = ∂l/∂y_i ∂y_i/∂x_p        [chain rule]
              = ∂l/∂y_i cos(x_i) δ_ip    [Jacobian inserted]
              = ∂l/∂y_p cos(x_p)         [δ_ip: i → p]
    <BLANKLINE>
    Gradients
      ∂l/∂x_i = ∂l/∂y_i cos(x_i)
        matrix   ∂l/∂𝐱 = ∂l/∂𝐲 ⊙ cos(𝐱)
    """
    from einsgrad.calculus.derivation import derive_gradients
    from einsgrad.render.derivation import Derivation

    sections, derived = derive_gradients(_as_program(program), of, wrt)
    return Derivation(derived, sections)


def compile(
    program: Program | str,
    of: Names = None,
    wrt: Names = None,
    *,
    sizes: Mapping[str, int] | None = None,
    optimizer: Optimizer = "auto",
    memory_limit: str | int | None = None,
    search_time: float | None = None,
    expand: bool = True,
    target: str = "numpy",
    threads: int | None = None,
) -> Function:
    """Compile a program and its gradients to code.

    Args:
        program: what to compute, or its text.
        of: the outputs; all of them if left out.
        wrt: the inputs to differentiate by; all floating inputs if left out.
        sizes: sizes of indices by their letters. Contraction paths are planned for them; they are needed for indices
            that no input has.
        optimizer: what finds contraction paths: a name that opt_einsum has for one (``"optimal"``, ``"dp"``,
            ``"greedy"``, ``"random-greedy"``, ...), or an object that opt_einsum takes, such as one of cotengra's.
        memory_limit: the most that a call may hold at a time, its arguments apart, such as ``"200MB"``, or in bytes:
            eight are counted for each number. NumPy code goes through slices where the whole takes more.
        search_time: the most seconds that the search for one path may take, with the optimizers ``"auto"`` and
            ``"random-greedy"``.
        expand: whether a square or product of a sum is multiplied out where that is cheaper. Where terms then cancel,
            the error is that of the terms: a small multiple of the precision times the sum of their magnitudes.
        target: ``"numpy"``, or ``"native"`` for C that is compiled at the first call and kept in the user's cache.
            That takes a C compiler and, for large matrix products, ``pip install "einsgrad[native]"``; where they are
            missing a warning says so and NumPy code runs.
        threads: the most threads that native code may start; as many as there are processors if left out. NumPy code
            has none unless told: then it goes through slices of an index that runs through the program, if there is
            one, on so many threads. That pays for large arrays; with two threads or one alike, since slices stay in
            the cache. Results are the same up to rounding.

    Raises:
        LanguageError: the text is no program.
        BuildError: the C compiler fails; this comes at the first call.
        UsageError: a name is not in the program, ``program`` is none, an option is none that there is, or a call
            needs more memory than ``memory_limit``; where sizes are not given this comes at the first call.

    >>> import einsgrad as eg, numpy as np
    >>> f = eg.compile("l = x_i x_i")
    >>> f.value_and_grad(x=np.array([1.0, 2.0]))
    (np.float64(5.0), {'x': array([2., 4.])})
    """
    from einsgrad.planner.options import plan_options
    from einsgrad.runtime.code import backend
    from einsgrad.runtime.function import compile_program

    options = plan_options(optimizer, memory_limit, search_time, expand)
    return compile_program(_as_program(program), of, wrt, sizes, options, backend(target, threads), target)


def check(text: str | Program, *, name: str = "<input>") -> Report:
    """Check a program: its syntax, its indices, its claims, and its gradients against finite differences.

    Bad input does not raise: it is in the report's diagnostics.

    >>> import einsgrad as eg
    >>> eg.check("y_i = x_i x_i").ok
    True
    >>> eg.check("y_i = x_ij").diagnostics[0].code
    'dummy-once'
    """
    from einsgrad.checking import check_program, check_text

    if not isinstance(text, str | Program):
        raise _wrong_type("expected a program or its text", text)
    return check_text(text, name) if isinstance(text, str) else check_program(text)


def einsum_grad(subscripts: str) -> list[str]:
    """Give the backward einsum strings of an einsum, one an operand; the upstream gradient takes the operand's place.

    Where a gradient needs a delta or a one-tensor, that is one more operand after the others: an identity matrix, or
    an array of ones, of the sizes that the other operands' letters don't have. Where it sums over ``...``, which is
    the same axes in every operand, ``np.einsum`` takes the string with ``optimize=True``.

    Args:
        subscripts: as ``np.einsum`` takes them; beyond its 52 letters, as ``opt_einsum.contract`` does.

    Raises:
        LanguageError: the subscripts are not einsum's.

    >>> import einsgrad as eg
    >>> eg.einsum_grad("ik,kj->ij")
    ['ij,kj->ik', 'ik,ij->kj']
    >>> eg.einsum_grad("ii->")
    [',ij->ij']
    """
    return [backward.subscripts for backward in backward_einsums(subscripts)]


def backward_einsums(subscripts: str) -> list[Einsum]:
    """Give the gradient by each operand of an einsum, with what the parts of its einsum string stand for.

    Args and raises: as :func:`einsum_grad`.

    >>> [(b.subscripts, b.operands) for b in backward_einsums("ij->i")]
    [('i,j->ij', ('∂l/∂out', '1'))]
    """
    from einsgrad.calculus.einsum_backward import backward_equations
    from einsgrad.frontend.einsum import ELLIPSIS, parse_einsum
    from einsgrad.render.einsum import einsum_of

    if not isinstance(subscripts, str):
        raise _wrong_type("expected the subscripts of an einsum, such as 'ik,kj->ij'", subscripts)
    results = []
    for equation in backward_equations(parse_einsum(subscripts)):
        einsum = einsum_of(equation, ELLIPSIS)
        assert einsum is not None, "the gradient of an einsum is one"
        results.append(einsum)
    return results


def _as_program(given: Program | str) -> Program:
    if isinstance(given, Program):
        return given
    if isinstance(given, os.PathLike) or _names_a_file(given):
        name = os.fspath(given)
        message = f"`{name}` is the name of a file: expected a program or its text"
        raise UsageError([Diagnostic("file-name", message, fix=f"einsgrad.load({name!r})")])
    return parse(given)


def _names_a_file(given: object) -> bool:
    from einsgrad.gallery import names

    return isinstance(given, str) and "=" not in given and (_dialect_of(given) is not None or given in names())


def _dialect_of(path: str) -> Dialect | None:
    return next((dialect for end, dialect in _DIALECTS.items() if path.endswith(end)), None)


def _wrong_type(expected: str, given: object) -> UsageError:
    return UsageError([Diagnostic("wrong-type", f"{expected}, not {type(given).__name__}")])
