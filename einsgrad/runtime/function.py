"""Functions: a compiled program, its gradients and what is made of them.

Before: a program. After: something to call with arrays. Forward code is compiled at once, gradients when they are
first asked for. Every derived quantity, a Jacobian or a Hessian too, is a program that goes the same way.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einsgrad.calculus.apart import sizes_apart
from einsgrad.calculus.directional import gnvp, hvp, jvp
from einsgrad.calculus.gradient import by_positions, resolve_inputs
from einsgrad.calculus.joint import Joint, make_joint
from einsgrad.diagnostics import ArrayError, Diagnostic, UsageError
from einsgrad.ir.printer import print_definition
from einsgrad.ir.program import Program
from einsgrad.ir.ranges import infer_ranges
from einsgrad.ir.summary import arrow
from einsgrad.planner.cost import ITEM
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.options import DEFAULT, PlanOptions
from einsgrad.planner.planning import make_plan, nominal_sizes
from einsgrad.planner.report import PlanReport, report_plan
from einsgrad.runtime.arguments import Arguments, checked_sizes, tangent_arrays, upstream_arrays
from einsgrad.runtime.code import Backend, Code
from einsgrad.runtime.derivatives import Derivatives, ProductOf
from einsgrad.runtime.into import Into
from einsgrad.runtime.magnitudes import Magnitude, Magnitudes
from einsgrad.runtime.memory_limit import require_memory
from einsgrad.runtime.modules import NumpyCode
from einsgrad.targets.numpy.memory import peak_bytes
from einsgrad.targets.numpy.module import write_module
from einsgrad.targets.signature import Signature, signature_of

Array = NDArray[Any]
Names = str | Sequence[str] | None


@dataclass(frozen=True)
class Compiled:
    """A joint program and its code.

    ``picked`` are the inputs that these take, by their positions among the program's; ``None`` if they take all.
    """

    joint: Joint
    picked: tuple[int, ...] | None
    code: Code

    def run(self, function: str, arrays: Sequence[Array]) -> Any:
        """Call a function of the module with the arrays that it takes out of those of the program."""
        return self.guarded(
            self.code.functions[function], *(arrays if self.picked is None else [arrays[k] for k in self.picked])
        )

    def into(self, function: str, arrays: Sequence[Array], out: Mapping[str, Array]) -> Any:
        """Have native code write results into arrays; gives ``NotImplemented``, and writes nothing, where it can't."""
        write = self.code.functions.get("_into")
        if write is None:
            return NotImplemented
        return write(function, arrays if self.picked is None else [arrays[k] for k in self.picked], out)

    def guarded(self, function: Callable[..., Any], *arrays: Array) -> Any:
        """Call a function of the module, and say of a singular matrix what it is."""
        try:
            return function(*arrays)
        except np.linalg.LinAlgError as error:
            name = str(error).removesuffix(" is singular")
            definition = self.joint.program.by_name.get(name)
            notes = (print_definition(definition),) if definition is not None else ()
            message = f"`{name}` is singular: it has no inverse"
            raise ArrayError([Diagnostic("singular-matrix", message, notes=notes)]) from None


def compile_program(
    program: Program,
    of: Names = None,
    wrt: Names = None,
    sizes: Mapping[str, int] | None = None,
    options: PlanOptions = DEFAULT,
    backend: Backend = NumpyCode,
    target: str = "numpy",
) -> Function:
    """Compile a program.

    Args:
        program: the equations.
        of: the outputs; all of them if ``None``.
        wrt: the inputs to differentiate by; all that are floating if ``None``.
        sizes: sizes by letter: what costs are estimated from, and the size of an index that no input has.
        options: what the user decides about planning.
        backend: compiles joint programs to code.
        target: what that is code for.

    Raises:
        UsageError: a name is not in the program, or memory is short.
        ArrayError: the size of an index is needed that neither an input nor ``sizes`` tells.
    """
    return Function(program, of, wrt, sizes, options, backend, target=target)


class Function:
    """A compiled program: call it with an array for each input, by name.

    Any spelling of a name will do (``gamma``, ``γ``). Arrays are never modified, and results share no memory with them
    or with one another. A function may be called from many threads at once. It is planned for the sizes that it was
    given, 64 where none was, and anew for calls whose sizes are of another order of magnitude, once for each; where
    memory is limited, for each set of sizes.
    """

    def __init__(
        self,
        program: Program,
        of: Names,
        wrt: Names,
        sizes: Mapping[str, int] | None,
        options: PlanOptions = DEFAULT,
        backend: Backend = NumpyCode,
        plan: Callable[[Mapping[str, int]], Joint] | None = None,
        target: str = "numpy",
    ) -> None:
        """Take what :func:`compile_program` takes; ``plan`` plans a program that has no gradients its own way."""
        self.program = program
        self._options = options
        self._backend = backend
        self._plan = plan
        self._target = target
        self._of = of
        self._sizes = checked_sizes(program, sizes or {})
        self._apart = sizes_apart(program, self._sizes)
        self._compiled: dict[tuple[tuple[str, ...], Magnitude | None], Compiled] = {}
        joint = self._planned((), self._apart)
        signature = signature_of(joint, self._sizes)
        needed = signature.inputs
        self.outputs = joint.outputs
        self._is_explicit = wrt is not None
        self._wrt = self._differentiable(needed) if wrt is None else resolve_inputs(program, wrt, self.outputs)
        taken = {*needed, *self._wrt}
        self.inputs = tuple(x for x in program.inputs if x in taken)
        self._magnitudes = Magnitudes(signature, self.inputs, exact=options.memory_limit is not None)
        self._compiled[(), None] = self._compile_joint(joint, signature, self._apart)
        self._arguments = Arguments(program, self.inputs, self._magnitudes, self._sizes)
        self._derivatives = Derivatives(program, self.outputs, self._sizes, options, self._compile_alone)

    def __repr__(self) -> str:
        return f"Function({arrow(self.inputs, self.outputs)})"

    def __call__(self, /, **arrays: Any) -> Any:
        """Compute the outputs: one array, or a named tuple of several."""
        bound, compiled = self._bind(arrays)
        return compiled.run("_forward", bound)

    def at(self, arrays: Mapping[str, Any], /) -> Callable[[str, Array], Any]:
        """Give the outputs as a function of one input at a time, by its name, all others being as given.

        Arrays are checked once, here: what is given later has to be a floating array of the same shape.
        """
        bound, forward = self._bind(arrays)
        place = {x: k for k, x in enumerate(self.inputs)}

        def changed(name: str, array: Array) -> Any:
            k = place[name]
            return forward.run("_forward", [*bound[:k], array[()], *bound[k + 1 :]])

        return changed

    def value_and_grad(self, /, **arrays: Any) -> tuple[Any, dict[str, Array]]:
        """Compute a scalar output and its gradients, by name of the input.

        Raises:
            UsageError: there are several outputs, or the output is no scalar.
            ArrayError: the arrays don't fit, or there is no gradient by one that is no floating array.
        """
        self._require_scalar("value_and_grad")
        bound, compiled = self._bind_differentiated(arrays)
        if not compiled.joint.wrt:
            return compiled.run("_forward", bound), {}
        result: tuple[Any, dict[str, Array]] = compiled.run("_value_and_grad", bound)
        return result

    def vjp(self, /, **arrays: Any) -> tuple[Any, Callable[[Any], dict[str, Array]]]:
        """Compute the outputs, and a function from the upstream gradient to the gradients, by name of the input.

        The upstream gradient is an array of the output's shape, or a mapping from outputs to arrays. Don't modify the
        inputs before it is used: the gradients are computed from them.

        Raises:
            ArrayError: the arrays don't fit, or there is no gradient by one that is no floating array.
        """
        bound, compiled = self._bind_differentiated(arrays)
        if not compiled.joint.wrt:
            return compiled.run("_forward", bound), lambda upstream: {}
        if compiled.joint.is_scalar:
            value, gradients = compiled.run("_value_and_grad", bound)
            return value, lambda upstream: _scaled(gradients, *upstream_arrays(upstream, self.outputs, (value,)))
        value, pullback = compiled.run("_vjp", bound)
        values = value if len(self.outputs) > 1 else (value,)
        return value, lambda upstream: compiled.guarded(pullback, *upstream_arrays(upstream, self.outputs, values))

    def into(self, out: Any) -> Into:
        """Give the function that writes results into arrays, to be called as this one.

        All of them are written, or none where an array doesn't fit. Native code writes directly into arrays without
        gaps; elsewhere results are computed and then copied.

        Args:
            out: an array for the one output, or arrays by name: of outputs, and of inputs for their gradients.

        Raises:
            ArrayError: a name is none of these, something is no array that can be written to, or two share memory.

        >>> import einsgrad as eg, numpy as np
        >>> f, y, gradient = eg.compile("l = x_i x_i"), np.empty(()), np.empty(2)
        >>> value, gradients = f.into(out={"l": y, "x": gradient}).value_and_grad(x=np.array([1.0, 2.0]))
        >>> value is y, gradients["x"] is gradient, y, gradient
        (True, True, array(5.), array([2., 4.]))
        """
        return Into(self, out)

    def jacobian(self, of: str, wrt: str, /, **arrays: Any) -> Array:
        """Compute the derivatives of all components of ``of`` by all those of ``wrt``.

        Returns:
            An array of the shape of ``of`` followed by the shape of ``wrt``.
        """
        return self._whole(self.program.resolve_name(of), (self.program.resolve_name(wrt),), arrays)

    def hessian(self, wrt: str, then: str | None = None, /, **arrays: Any) -> Array:
        """Compute the second derivatives of the scalar output by all pairs of components of ``wrt`` and ``then``.

        Args:
            wrt: an input.
            then: another; the same if left out.
            arrays: the inputs by name.

        Returns:
            An array of the shape of ``wrt`` followed by the shape of ``then``.

        Raises:
            UsageError: there are several outputs, or the output is no scalar.
        """
        self._require_scalar("hessian")
        names = [self.program.resolve_name(name) for name in (wrt, wrt if then is None else then)]
        return self._whole(self.outputs[0], names, arrays)

    def jvp(self, arrays: Mapping[str, Any], tangents: Mapping[str, Any], /) -> tuple[Any, Any]:
        """Compute the outputs, and how fast they change as the inputs move along ``tangents``.

        Args:
            arrays: the inputs by name.
            tangents: the tangents of inputs, by name, of the same shapes; inputs without one don't move.

        Returns:
            The outputs and their tangents, each as a call gives the outputs.

        Raises:
            ArrayError: the arrays or the tangents don't fit, or a tangent is that of an array of integers.

        >>> import einsgrad as eg, numpy as np
        >>> f = eg.compile("y_i = x_i x_i a")
        >>> f.jvp({"x": np.array([1.0, 2.0]), "a": 3.0}, {"x": np.array([1.0, 0.5])})
        (array([ 3., 12.]), array([6., 6.]))
        """
        results = self._derivatives.along(jvp, *self._bind_moving(arrays, tangents))
        count = len(self.outputs)
        if count == 1:
            return results[0], results[1]
        outputs = _outputs(results._fields[:count])
        return outputs(*results[:count]), outputs(*results[count:])

    def hvp(self, tangents: Mapping[str, Any], /, **arrays: Any) -> dict[str, Array]:
        """Multiply the Hessian of the scalar output by a direction, without computing it: forward over reverse.

        Args:
            tangents: the direction, by names of inputs: the Hessian is that by these.
            arrays: the inputs by name.

        Returns:
            How fast the gradients by these inputs change along the direction, by name.

        Raises:
            UsageError: there are several outputs, or the output is no scalar.
            ArrayError: the arrays or the tangents don't fit, or a tangent is that of an array of integers.

        >>> import einsgrad as eg, numpy as np
        >>> f = eg.compile("l = x_i x_i x_i")
        >>> f.hvp({"x": np.array([1.0, 0.5])}, x=np.array([1.0, 2.0]))
        {'x': array([6., 6.])}
        """
        self._require_scalar("hvp")
        return self._products(hvp, arrays, tangents)

    def gnvp(self, tangents: Mapping[str, Any], /, **arrays: Any) -> dict[str, Array]:
        """Multiply the Gauss-Newton matrix by a direction, without computing it.

        With the Jacobian ``J`` of the outputs that is ``JᵀJ``. Where the one output is a scalar it is ``Jᵀ H J``, with
        the Jacobian ``J`` of the residuals and the Hessian ``H`` of the output by them: its Hessian without the second
        derivatives of residuals. Residuals are what the output's equation uses, looking through those of tensors that
        it is linear in, and what it squares: ``2 JᵀJ`` for ``E = r_i r_i`` and for ``E = 1_i (y_i - tanh(x_i))^2``.

        Args:
            tangents: the direction, by names of inputs: the matrix is that of these.
            arrays: the inputs by name.

        Returns:
            The product, by name.

        Raises:
            UsageError: the equations of a scalar output don't say what the residuals are.
            ArrayError: the arrays or the tangents don't fit, or a tangent is that of an array of integers.

        >>> import einsgrad as eg, numpy as np
        >>> f = eg.compile("r_i = x_i x_i - 1; l = r_i r_i")
        >>> f.gnvp({"x": np.array([1.0, 0.5])}, x=np.array([1.0, 2.0]))
        {'x': array([ 8., 16.])}
        """
        return self._products(gnvp, arrays, tangents)

    def explain(self, sizes: Mapping[str, int] | None = None) -> PlanReport:
        """Report on the plan: what is computed, at what cost, what is shared, and what memory it takes.

        Args:
            sizes: sizes of indices by their letters; for others those that the function was given, 64 where none was.

        Returns:
            The report; it prints as a table, and ``as_dict()`` gives it as data.

        Raises:
            UsageError: the program has no such index, or it can't have this size.
        """
        from einsgrad.runtime.native import is_native

        known = {**self._apart, **sizes_apart(self.program, checked_sizes(self.program, sizes or {}))}
        joint = plan_joint(self.program, self._of, self._wrt, known, self._options)
        plan = make_plan(joint.program, known, self._options)
        extents = nominal_sizes(infer_ranges(joint.program), known)
        peak = peak_bytes(plan, joint, extents, ITEM)
        has_loops = self._target == "native" and is_native(plan)
        return report_plan(joint, make_joint(self.program, self._of, self._wrt), plan, known, peak, has_loops)

    @cached_property
    def joint(self) -> Joint:
        """The program's forward and adjoint equations."""
        return self._compile(self._wrt, None, self._apart).joint

    @cached_property
    def source(self) -> str:
        """The text of the generated module, gradients by all inputs included, as planned for the sizes given."""
        return self._compile(self._wrt, None, self._apart).code.source

    def module(self, *functions: str) -> str:
        """Give the text of a NumPy module that stands alone, with functions besides those for outputs and gradients.

        Args:
            functions: ``"jvp"``, ``"hvp"`` or ``"hessian"``. The module's take inputs by name, and tangents ``dx`` of
                inputs ``x``, which don't move where there is none. ``jvp`` gives the outputs and their tangents,
                ``hvp`` its products by name, and ``hessian`` its blocks by two names.

        Raises:
            UsageError: there is no such function, it needs one scalar output, or memory is short.

        >>> import einsgrad as eg, numpy as np
        >>> module = {}
        >>> exec(eg.compile("l = x_i x_i a").module("jvp", "hessian"), module)
        >>> x, dx = np.array([1.0, 2.0]), np.array([1.0, 0.5])
        >>> [float(number) for number in module["jvp"](x=x, a=3.0, dx=dx)]
        [15.0, 12.0]
        >>> module["hessian"](x=x, a=3.0)["a"]["x"]
        array([2., 4.])
        """
        for name in {"hvp", "hessian"}.intersection(functions):
            self._require_scalar(name)
        joint = self.joint
        require_memory(joint, self._apart, self._options)
        offered = [self._derivatives.offered(name, joint.wrt) for name in dict.fromkeys(functions)]
        return write_module(joint, signature_of(joint, self._sizes), self._apart, self._options, offered)

    def files(self, name: str) -> dict[str, str]:
        """Give the texts of files that stand alone, by their names: a module ``name.py`` and what that needs.

        Raises:
            UsageError: there is no native code for the program, or memory is short.

        >>> import einsgrad as eg
        >>> list(eg.compile("l = x_i x_i", target="native").files("dot"))
        ['dot.c', 'dot_float32.c', 'dot.h', 'dot.py']
        """
        require_memory(self.joint, self._apart, self._options)
        return self._compile(self._wrt, None, self._apart).code.files(name)

    def write_into(self, function: str, given: Mapping[str, Any], out: Mapping[str, Array]) -> Any:
        """Compute what ``forward`` or ``value_and_grad`` gives, written directly into arrays by name.

        Gives ``NotImplemented``, and writes nothing, where the code can't do that, or the arrays don't fit.
        """
        if self._target != "native":
            return NotImplemented
        if function == "forward":
            bound, compiled = self._bind(given)
        else:
            self._require_scalar(function)
            bound, compiled = self._bind_differentiated(given)
            if not compiled.joint.wrt:
                return NotImplemented
        return compiled.into(function, bound, out)

    def _bind(self, given: Mapping[str, Any]) -> tuple[list[Array], Compiled]:
        """Give the arrays in order, checked, and the code for the outputs."""
        bound, _, magnitude = self._arguments.bind(given)
        return bound, self._for(bound, (), magnitude)

    def _bind_differentiated(self, given: Mapping[str, Any]) -> tuple[list[Array], Compiled]:
        """Give the arrays in order, checked, and the code for the outputs and the gradients."""
        bound, integers, magnitude = self._arguments.bind(given)
        return bound, self._for(bound, self._floating(integers), magnitude)

    def _for(self, arrays: Sequence[Array], wrt: tuple[str, ...], magnitude: Magnitude) -> Compiled:
        """Give the code for gradients by ``wrt`` that is planned for arrays about as large as these."""
        known = self._compiled.get((wrt, magnitude))
        if known is not None:
            return known
        return self._compile(wrt, magnitude, {**self._apart, **self._magnitudes.sizes(arrays)})

    def _compile(self, wrt: tuple[str, ...], magnitude: Magnitude | None, sizes: Mapping[str, int]) -> Compiled:
        key = wrt, magnitude
        if key not in self._compiled:
            joint = self._planned(wrt, sizes)
            self._compiled[key] = self._compile_joint(joint, signature_of(joint, self._sizes), sizes)
        return self._compiled[key]

    def _planned(self, wrt: tuple[str, ...], sizes: Mapping[str, int]) -> Joint:
        if self._plan is not None:
            return self._plan(sizes)
        return plan_joint(self.program, self._of, wrt, sizes, self._options)

    def _compile_joint(self, joint: Joint, signature: Signature, sizes: Mapping[str, int]) -> Compiled:
        code = self._backend(joint, signature, sizes, self._options)
        position = {x: k for k, x in enumerate(self.inputs)}
        picked = None if signature.inputs == self.inputs else tuple(position[x] for x in signature.inputs)
        return Compiled(joint, picked, code)

    def _differentiable(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(x for x in names if x not in self.program.positions)

    def _floating(self, integers: frozenset[str]) -> tuple[str, ...]:
        """Give the inputs that gradients are taken by: there is none by an integer input."""
        if not integers:
            return self._wrt
        refused = [x for x in self._wrt if x in integers]
        if self._is_explicit or len(refused) == len(self._wrt):
            self._refuse(refused)
        return tuple(x for x in self._wrt if x not in integers)

    def _refuse(self, names: Iterable[str]) -> None:
        positions = self.program.positions
        problems = [by_positions(x) if x in positions else _no_gradient(x) for x in names]
        if problems:
            raise ArrayError(problems)

    def _require_scalar(self, method: str) -> None:
        if len(self.outputs) == 1 and not self.program.indices(self.outputs[0]):
            return
        message = f"{method} needs one scalar output; this function computes {', '.join(self.outputs)}"
        fix = None if method in ("hessian", "hvp") else "value, pullback = f.vjp(…)"
        raise UsageError([Diagnostic("not-scalar", message, fix=fix)])

    def _products(self, product: ProductOf, arrays: Mapping[str, Any], tangents: Mapping[str, Any]) -> dict[str, Array]:
        """Give the products with a direction by the inputs that move."""
        bound, given = self._bind_moving(arrays, tangents)
        if not given:
            return {}
        results = self._derivatives.along(product, bound, given)
        return dict(zip(given, results if len(given) > 1 else (results,), strict=True))

    def _whole(self, of: str, wrt: Sequence[str], arrays: Mapping[str, Any]) -> Array:
        """Compute all derivatives of ``of`` by one input, or all second derivatives by two."""
        bound, integers, _ = self._arguments.bind(arrays)
        self._refuse(name for name in wrt if name in integers)
        return self._derivatives.whole(of, wrt, dict(zip(self.inputs, bound, strict=True)))

    def _bind_moving(
        self, arrays: Mapping[str, Any], tangents: Mapping[str, Any]
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        """Give the inputs by name, and the tangents of those that move, checked."""
        bound, integers, _ = self._arguments.bind(arrays)
        named = dict(zip(self.inputs, bound, strict=True))
        given = tangent_arrays(tangents, named)
        self._refuse(x for x in given if x in integers)
        return named, given

    def _compile_alone(
        self,
        program: Program,
        of: str | None,
        sizes: Mapping[str, int],
        plan: Callable[[Mapping[str, int]], Joint] | None = None,
    ) -> Function:
        return Function(program, of, (), sizes, self._options, self._backend, plan)


@cache
def _outputs(fields: tuple[str, ...]) -> type[Any]:
    return namedtuple("Outputs", fields)


def _scaled(gradients: Mapping[str, Array], upstream: Array) -> dict[str, Array]:
    return {x: upstream * gradient for x, gradient in gradients.items()}


def _no_gradient(name: str) -> Diagnostic:
    message = f"there is no gradient by `{name}`, which is an array of integers"
    return Diagnostic("integer-gradient", message, fix=f"{name}={name}.astype(float)")
