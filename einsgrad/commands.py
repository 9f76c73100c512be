"""The commands: each takes its parsed arguments, writes what it found, and gives the exit status.

What a user did wrong is raised as an :class:`EinsgradError` or an ``OSError``; only ``check`` looks at all of its files
first.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import einsgrad as eg
from einsgrad.diagnostics import Diagnostic, EinsgradError, UsageError
from einsgrad.ir.names import canonical_name, gradient_name, identifier, split_gradient_name
from einsgrad.ir.program import Program
from einsgrad.terminal import describe_os_error, output_width, put, show, tell, tell_all

if TYPE_CHECKING:
    from einsgrad.api import Dialect
    from einsgrad.render.derivation import Derivation
    from einsgrad.report import Report
    from einsgrad.runtime.function import Function

OK, CHECK_FAILED, BAD_INPUT = range(3)
_STATUS = {"ok": OK, "failed": CHECK_FAILED, "bad input": BAD_INPUT}
DIALECTS = ("plain", "latex", "matrix")
FORMATS = ("text", "latex", "markdown", "html")
_STDIN = "<stdin>"
# An array of more components is described, not printed.
_MAX_SHOWN = 32


def check(arguments: Namespace) -> int:
    """Check programs: all of them, and the worst status wins."""
    reports, statuses = [], []
    for file in arguments.file or [None]:
        report = _report(file, arguments.equations)
        statuses.append(_STATUS[report.verdict])
        if arguments.json:
            reports.append({"file": file, **report.as_dict()})
        else:
            tell_all(report.diagnostics)
            show(_summary(file or "equation", report))
            sys.stdout.flush()
    if arguments.json:
        _put_json({"ok": max(statuses) == OK, "files": reports})
    return max(statuses)


def derive(arguments: Namespace) -> int:
    """Write the equations of gradients, or the steps to them."""
    program = _read(arguments.file, arguments.equations, "matrix" if arguments.matrix else "auto")
    if not arguments.json:
        tell_all(program.warnings)
    derivation = eg.derive(program, arguments.of, arguments.wrt)
    if arguments.json:
        steps = derivation.as_dict() if arguments.steps else {}
        _put_json({"ok": True, **_diagnostics_data(program.warnings), **_as_data(derivation.program), **steps})
    elif derivation.program.definitions:
        if arguments.matrix and not arguments.format:
            put(_as_comments(derivation.program))
        put(_derived_as(derivation, arguments.format or "text", arguments.steps))
    else:
        tell("nothing to derive: the program has no input to differentiate by")
    return OK


def show_program(arguments: Namespace) -> int:
    """Write a program in another notation."""
    from einsgrad.render.latex import latex_program
    from einsgrad.render.matrix import matrix_lines

    program = _load(arguments)
    match arguments.dialect:
        case "plain":
            put(str(program))
        case "latex":
            put(latex_program(program))
        case "matrix":
            put("".join(f"{line}\n" for line in matrix_lines(program)))
    return OK


def compile_module(arguments: Namespace) -> int:
    """Write a module with forward and backward functions, or with ``--target native`` a folder that has one."""
    from einsgrad.files import refuse_same, replacing

    function = _compiled(_load(arguments), arguments)
    if arguments.target == "native":
        return _write_native(function, arguments)
    source = function.module(*arguments.offered)
    if arguments.output is None:
        put(source)
        return OK
    refuse_same(arguments.output, arguments.file)
    with replacing(arguments.output) as file:
        file.write(source.encode())
    tell(f"wrote {arguments.output}: run it to test its gradients, import it to use them")
    return OK


def _write_native(function: Function, arguments: Namespace) -> int:
    from einsgrad.files import refuse_same, replacing_all
    from einsgrad.targets.native.package import package_name

    if arguments.offered:
        message = f"there is no native code for {', '.join(arguments.offered)}"
        raise UsageError([Diagnostic("no-native-code", message, fix="--target numpy")])
    if arguments.output is None:
        put(function.source)
        return OK
    named = arguments.output if arguments.file in (None, "-") else arguments.file
    name = package_name(Path(named).stem or Path(named).resolve().stem)
    texts = function.files(name)
    paths = {os.path.join(arguments.output, file): text.encode() for file, text in texts.items()}
    for path in paths:
        refuse_same(path, arguments.file)
    replacing_all(arguments.output, paths)
    script = os.path.join(arguments.output, f"{name}.py")
    tell(f"wrote {', '.join(texts)} in {arguments.output}: run {script} to test its gradients, import it to use them")
    return OK


def explain(arguments: Namespace) -> int:
    """Write what a plan computes and costs."""
    program = _read(arguments.file, arguments.equations) if arguments.json else _load(arguments)
    report = _compiled(program, arguments).explain()
    if arguments.json:
        _put_json({"ok": True, **_diagnostics_data(program.warnings), **report.as_dict()})
    else:
        put(report.dot if arguments.graph else str(report))
    return OK


def run(arguments: Namespace) -> int:
    """Evaluate a program, and its gradients, on the arrays of an npz file."""
    from einsgrad.files import read_arrays, refuse_same, write_arrays

    program = _load(arguments)
    arrays = read_arrays(arguments.inputs)
    results = _evaluate(program, dict(arrays), arguments)
    if arguments.validate:
        from einsgrad.validation import validate

        validate(program, arrays)
    if arguments.output is None:
        put("".join(_describe_array(name, value) for name, value in results.items()))
        return OK
    refuse_same(arguments.output, arguments.file, arguments.inputs)
    write_arrays(arguments.output, results)
    tell(f"wrote {arguments.output}: {', '.join(results)}")
    return OK


def einsum(arguments: Namespace) -> int:
    """Write the backward einsum strings of an einsum, each with the operands it takes."""
    from einsgrad.api import backward_einsums

    results = backward_einsums(arguments.subscripts)
    heads = [f"{identifier(b.equation.name)}:" for b in results]
    width, wide = max(map(len, heads)), max(len(b.subscripts) for b in results)
    for head, b in zip(heads, results, strict=True):
        put(f"{head:{width}} {b.subscripts:{wide}}  ({', '.join(map(identifier, b.operands))})\n")
        put("".join(f"{'':{width}} {note}\n" for note in b.notes))
    return OK


def gallery(arguments: Namespace) -> int:
    """List the gallery, or write one of its files."""
    from einsgrad.gallery import describe, names, read

    if arguments.name is not None:
        put(read(arguments.name))
        return OK
    width = max(map(len, names()))
    put("".join(f"{name:{width}}  {describe(name).removeprefix(name + ' — ')}\n" for name in names()))
    return OK


def cache(arguments: Namespace) -> int:
    """Tell what native code is kept and where, or remove it."""
    from einsgrad.planner.options import shown_memory
    from einsgrad.targets.native.cache import cache_folder, clear, contents

    folder, found = cache_folder(), contents()
    size = shown_memory(found.size)
    if arguments.clear:
        clear()
        tell(f"removed {found.entries} {'entry' if found.entries == 1 else 'entries'}, {size}, from {folder}")
    else:
        put(f"folder   {folder}\nentries  {found.entries}\nsize     {size}\n")
    return OK


def completion(parser: ArgumentParser, shell: str) -> int:
    """Write the script that lets a shell complete what the parser reads."""
    from einsgrad.completion import script

    put(script(parser, shell))
    return OK


def _compiled(program: Program, arguments: Namespace) -> Function:
    """Compile with the options of the command line."""
    return eg.compile(
        program,
        arguments.of,
        arguments.wrt,
        sizes=arguments.sizes,
        optimizer=arguments.optimizer,
        memory_limit=arguments.memory_limit,
        search_time=arguments.search_time,
        expand=arguments.expand,
        target=arguments.target,
    )


def _load(arguments: Namespace) -> Program:
    program = _read(arguments.file, arguments.equations)
    tell_all(program.warnings)
    return program


def _read(file: str | None, equations: list[str] | None, dialect: Dialect = "auto") -> Program:
    if file is None:
        return eg.parse("\n".join(equations or ()), name="<equation>", dialect=dialect)
    if file == "-":
        return eg.parse(_read_stdin(), name=_STDIN, dialect=dialect)
    return eg.load(file, dialect=dialect)


def _read_stdin() -> str:
    from einsgrad.frontend.reading import MAX_BYTES, decode

    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"can't read standard input: {describe_os_error(error)}"
        raise UsageError([Diagnostic("no-file", message)]) from None
    return decode(content, _STDIN)


def reject(diagnostics: Sequence[Diagnostic], as_json: bool) -> int:
    """Write what is wrong with the input, where whoever gave it looks for it, and give the exit status."""
    if as_json:
        _put_json({"ok": False, **_diagnostics_data(diagnostics)})
    else:
        tell_all(diagnostics)
    return BAD_INPUT


def _diagnostics_data(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    return {"diagnostics": [d.as_dict() for d in diagnostics]}


def _put_json(data: Any) -> None:
    # JSON has no nan and no infinity: they become null.
    plain = json.loads(json.dumps(data), parse_constant=lambda _: None)
    put(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")


# --- check


def _report(file: str | None, equations: list[str] | None) -> Report:
    from einsgrad.report import Report

    try:
        return eg.check(_read(file, equations))
    except EinsgradError as error:
        return Report(error.diagnostics)


def _summary(name: str, report: Report) -> str:
    """Give all but the diagnostics, with one line for the gradients that agree."""
    lines, width = [f"{name}: {report.verdict}"], output_width()
    for claim in report.claims:
        head, *rest = claim.render(width).splitlines()
        lines += [f"  {head}", *rest]
    for outcome in ("unchecked", "disagrees"):
        lines += [f"  {g}" for g in report.gradients if g.outcome == outcome]
    agreeing = [g for g in report.gradients if g.outcome == "agrees"]
    if agreeing:
        worst = max(agreeing, key=lambda g: g.error)
        compared = sum(g.outcome != "unchecked" for g in report.gradients)
        lines.append(f"  agrees      {len(agreeing)} of {compared}, at worst the {worst.described}")
    return "\n".join(lines) + "\n"


# --- derive


def _derived_as(derivation: Derivation, form: str, steps: bool) -> str:
    """Give a derivation in a format; without its steps, text is equations that parse again."""
    if form == "text":
        return derivation.text(output_width()) if steps else str(derivation.program)
    shown = derivation if steps else derivation.without_steps()
    writers = {"latex": shown.latex, "markdown": shown.markdown, "html": shown.html}
    return writers[form]()


def _as_comments(program: Program) -> str:
    """Give the equations that matrix notation can say, as comments of the plain dialect."""
    from einsgrad.render.matrix import matrix_lines

    return "".join(f"# {line}\n" for line in matrix_lines(program) if not line.startswith("#"))


def _as_data(program: Program) -> dict[str, Any]:
    from einsgrad.ir.printer import print_definition

    equations = [
        {
            "name": d.name,
            "identifier": identifier(d.name),
            "indices": [i.name for i in d.indices],
            "equation": print_definition(d),
        }
        for d in program.definitions
    ]
    return {"inputs": program.inputs, "outputs": program.outputs, "equations": equations}


# --- run


def _evaluate(program: Program, arrays: dict[str, Any], arguments: Namespace) -> dict[str, Any]:
    """Give the outputs, and the gradients where asked, under the names that Python code has for them."""
    import numpy as np

    f = eg.compile(program, sizes=arguments.sizes)
    upstream = _take_upstream(program, arrays)
    gradients: dict[str, Any] = {}
    if not arguments.grad:
        value = f(**arrays)
    elif len(program.outputs) == 1 and not program.indices(program.outputs[0]):
        value, gradients = f.value_and_grad(**arrays)
    else:
        _require_upstream(program, upstream, arguments.inputs)
        value, pullback = f.vjp(**arrays)
        gradients = pullback(upstream)
    values = value if len(program.outputs) > 1 else (value,)
    results = dict(zip(program.outputs, values, strict=True))
    results |= {f.joint.gradients[x]: gradient for x, gradient in gradients.items()}
    return {identifier(name): np.asarray(result) for name, result in results.items()}


def _take_upstream(program: Program, arrays: dict[str, Any]) -> dict[str, Any]:
    """Take the upstream gradients ``dl_dy`` out of the arrays, and give them by output."""
    outputs = {canonical_name(y): y for y in program.outputs}
    inputs = {canonical_name(x) for x in program.inputs}
    found = {}
    for name in list(arrays):
        parts = split_gradient_name(canonical_name(name))
        if parts and parts[1] in outputs and canonical_name(name) not in inputs:
            found[outputs[parts[1]]] = arrays.pop(name)
    return found


def _require_upstream(program: Program, upstream: Mapping[str, Any], path: str) -> None:
    missing = [y for y in program.outputs if y not in upstream]
    if missing:
        names = {y: identifier(gradient_name("l", y)) for y in missing}
        message = f"{path} has no {', '.join(names.values())}: gradients of arrays need upstream gradients"
        notes = tuple(f"{name} has the shape of {y}" for y, name in names.items())
        raise UsageError([Diagnostic("upstream-missing", message, notes=notes)])


def _describe_array(name: str, value: Any) -> str:
    import numpy as np

    shape = "×".join(map(str, value.shape)) if value.shape else "scalar"
    if value.size > _MAX_SHOWN:
        return f"{name}  {shape} {value.dtype}, from {value.min():.6g} to {value.max():.6g}\n"
    lines = np.array2string(value, precision=6).splitlines()
    return f"{name}  {shape} {value.dtype}\n" + "".join(f"    {line}\n" for line in lines)
