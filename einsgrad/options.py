"""Options: what may be typed on the command line, and what its help says."""

from __future__ import annotations

import sys
from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import NoReturn, TypeAlias

from einsgrad import __version__, commands, completion

_Add: TypeAlias = Callable[..., ArgumentParser]

_FILE = """\
FILE is a path, a name in the gallery (`einsgrad gallery` lists them), or - for
standard input. -e EQUATION stands in its place; `;` separates equations.
"""
_OVERVIEW = f"""\
{_FILE}
examples:
  einsgrad derive layer_norm          gradients, as equations
  einsgrad derive -e 'y_ij = x_ik a_kj' --wrt a
  einsgrad check mine.ein             are my equations and claims right?
  einsgrad compile layer_norm -o ln.py && python ln.py
  einsgrad run mine.ein --inputs in.npz --grad

exit status: 0 all well, 1 a check failed, 2 bad input or usage
"""

_JSON = "write JSON for tools, and in JSON what is wrong with the input"


class _Parser(ArgumentParser):
    """A parser that says where its help is when it complains, as its subcommands do."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(commands.BAD_INPUT, f"{self.prog}: error: {message}\n`{self.prog} --help` tells more\n")


def build_parser() -> ArgumentParser:
    """Make the parser of the command line."""
    parser = _Parser(
        "einsgrad",
        description="Derive, check and compile the gradients of equations in index notation.",
        epilog=_OVERVIEW,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"einsgrad {__version__}")
    parser.set_defaults(command=None, parser=parser)
    add = parser.add_subparsers(title="commands", metavar="COMMAND").add_parser
    _add_check(add)
    _add_derive(add)
    _add_show(add)
    _add_compile(add)
    _add_explain(add)
    _add_run(add)
    _add_einsum(add)
    _add_gallery(add)
    _add_cache(add)
    _add_completion(add, parser)
    return parser


def _add_check(add: _Add) -> None:
    parser = _command(
        add,
        commands.check,
        "check",
        "check equations, claims, and gradients by finite differences",
        """\
A claim is written left == right. It is proved where both sides simplify to the
same, refuted by a counterexample, or left as not proved where both sides agree
at random points. All files are looked at, and the worst exit status wins.

examples:
  einsgrad check mine.ein theirs.ein
  einsgrad check -e 'a_kj == δ_ki a_ij'
""",
    )
    _add_program(parser, "*")
    parser.add_argument("--json", action="store_true", help=_JSON)


def _add_derive(add: _Add) -> None:
    parser = _command(
        add,
        commands.derive,
        "derive",
        "derive gradients as equations, or line by line",
        """\
A scalar output E has gradients ∂E/∂x of its own. For other outputs y they are
those of a downstream loss l, given its upstream gradient ∂l/∂y.

Without --steps, text is equations in the plain dialect, which parse again. With
it, each Jacobian and each gradient is derived line by line, with the rule that
leads to each line; lines are wrapped to the width of a terminal, and stay whole
in a pipe or a file, unless COLUMNS is set. LaTeX needs the package amsmath;
HTML is one page with MathML that needs nothing else.

examples:
  einsgrad derive layer_norm
  einsgrad derive matmul --steps
  einsgrad derive paper.tex --steps --format latex > appendix.tex
  einsgrad derive attention --steps --format html > attention.html
  einsgrad derive softmax | einsgrad derive - --wrt x
  einsgrad derive --matrix -e 'X: n×d, w: d, y: n; f = ‖X w - y‖²'
""",
    )
    _add_program(parser)
    _add_choice(parser)
    parser.add_argument("--matrix", action="store_true", help="read matrix notation, and write it first, as comments")
    parser.add_argument("--steps", action="store_true", help="show how: line by line, each with its rule")
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument(
        "--format", choices=commands.FORMATS, help="how to write it: text (default), latex, markdown, html"
    )
    formats.add_argument("--json", action="store_true", help=_JSON)


def _add_show(add: _Add) -> None:
    parser = _command(
        add,
        commands.show_program,
        "show",
        "show a program in another notation",
        """\
Files that end in .tex are LaTeX, in .mat.ein matrix notation, in .ein the plain
dialect; other texts show what they are. What matrices can't say is written with
indices, after a #.

examples:
  einsgrad show paper.tex
  einsgrad show layer_norm --dialect latex
  einsgrad show -e 'X: n×d, w: d, y: n; f = ‖X w - y‖²'
""",
    )
    _add_program(parser)
    parser.add_argument("--dialect", choices=commands.DIALECTS, default="plain", help="which notation: plain (default)")


def _add_compile(add: _Add) -> None:
    parser = _command(
        add,
        commands.compile_module,
        "compile",
        "compile to a module that stands alone, of NumPy code or of C",
        """\
The module has the equations in its docstring, offers forward and backward
functions, and tests its own gradients when it is run as a script. It needs
NumPy; with --target native, C files and a C compiler, too.

examples:
  einsgrad compile layer_norm -o ln.py && python ln.py
  einsgrad compile mlp --wrt W1,W2 --sizes b=256
  einsgrad compile cp --with jvp,hvp,hessian
  einsgrad compile softmax --target native -o sm && python sm/softmax.py
""",
    )
    _add_program(parser)
    _add_choice(parser)
    purpose = "functions to offer besides: jvp, hvp and hessian"
    parser.add_argument("--with", dest="offered", type=_names, metavar="jvp,hvp", default=(), help=purpose)
    _add_output(
        parser,
        "OUT",
        "write the module here, whole or not at all, instead of to standard output; for native code a folder",
    )
    _add_sizes(parser)
    _add_planning(parser)
    _add_target(parser)


def _add_explain(add: _Add) -> None:
    parser = _command(
        add,
        commands.explain,
        "explain",
        "tell how a program is computed, and what that costs",
        """\
For each equation its contractions pair by pair, the floating point operations,
the bytes read and written in single precision, and the largest array; what is
shared with earlier equations; then what the outputs, each gradient and all
together cost, the memory, and what a loop over all letters would have cost.
With --target native also the loops of outputs and gradients together.

examples:
  einsgrad explain attention --sizes b=4,h=8,i=256,j=256,d=64,e=64
  einsgrad explain mps_overlap --graph | dot -Tsvg > plan.svg
""",
    )
    _add_program(parser)
    _add_choice(parser)
    _add_sizes(parser)
    _add_planning(parser)
    _add_target(parser)
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--graph", action="store_true", help="write the plan as a graph, in the language of Graphviz")
    formats.add_argument("--json", action="store_true", help=_JSON)


def _add_run(add: _Add) -> None:
    parser = _command(
        add,
        commands.run,
        "run",
        "evaluate on arrays; with --grad the gradients too",
        """\
The arrays come from an npz file, by name: numpy.savez("in.npz", x=x, gamma=g)
serves γ_h as well as gamma_h. The gradients of an output y that is no scalar
need its upstream gradient, as the array dl_dy.

examples:
  einsgrad run layer_norm --inputs in.npz
  einsgrad run layer_norm --inputs in.npz --grad -o out.npz
""",
    )
    _add_program(parser)
    inputs = parser.add_argument(
        "--inputs", required=True, metavar="IN.npz", help="the arrays, as numpy.savez writes them"
    )
    _complete(inputs, completion.FILE)
    parser.add_argument("--grad", action="store_true", help="gradients by all floating inputs, named dl_dx")
    parser.add_argument("--validate", action="store_true", help="check that the arrays obey what is `given`")
    _add_output(parser, "OUT.npz", "write all arrays here, whole or not at all, instead of a summary")
    _add_sizes(parser)


def _add_einsum(add: _Add) -> None:
    parser = _command(
        add,
        commands.einsum,
        "einsum",
        "give the backward einsum strings of an einsum",
        """\
One line an operand: its gradient, the einsum string that computes it, and what
the string takes. The operands are called a, b, c, …; 1 is an array of ones, and
δ an identity matrix: the lines below say of what size. ... is the same axes in
every operand that has it.

examples:
  einsgrad einsum 'ik,kj->ij'
  einsgrad einsum '...ij,jk->...ik'
""",
    )
    parser.add_argument("subscripts", metavar="SUBSCRIPTS", help="as numpy.einsum takes them")


def _add_gallery(add: _Add) -> None:
    parser = _command(
        add,
        commands.gallery,
        "gallery",
        "list the equation files that come with einsgrad, or show one",
        """\
Wherever a command takes a FILE, the name of one of these will do.

example:
  einsgrad gallery attention > mine.ein
""",
    )
    name = parser.add_argument("name", metavar="NAME", nargs="?", help="the file to show")
    _complete(name, completion.NAME)


def _add_cache(add: _Add) -> None:
    parser = _command(
        add,
        commands.cache,
        "cache",
        "show or clear the folder in which compiled native code is kept",
        """\
It is einsgrad's part of the user's cache folder, or what EINSGRAD_CACHE names.

examples:
  einsgrad cache
  einsgrad cache --clear
""",
    )
    parser.add_argument("--clear", action="store_true", help="remove all that einsgrad keeps there, and nothing else")


def _add_completion(add: _Add, whole: ArgumentParser) -> None:
    parser = _command(
        add,
        lambda arguments: commands.completion(whole, arguments.shell),
        "completion",
        "write the script that lets a shell complete commands",
        """\
Tab then completes commands, options, files and names in the gallery. The script
is written to standard output; these are places where shells look for it.

examples:
  einsgrad completion bash > ~/.local/share/bash-completion/completions/einsgrad
  einsgrad completion zsh > ~/.zfunc/_einsgrad   # a folder in $fpath
  einsgrad completion fish > ~/.config/fish/completions/einsgrad.fish
""",
    )
    parser.add_argument("shell", choices=completion.SHELLS, help="the shell")


def _command(add: _Add, run: Callable[[Namespace], int], name: str, purpose: str, epilog: str) -> ArgumentParser:
    parser: ArgumentParser = add(
        name,
        help=purpose,
        description=f"{purpose[0].upper()}{purpose[1:]}.",
        epilog=epilog,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=run, parser=parser)
    return parser


def _add_program(parser: ArgumentParser, count: str = "?") -> None:
    file = parser.add_argument(
        "file", metavar="FILE", nargs=count, help="a path, a name in the gallery, or - for standard input"
    )
    _complete(file, completion.FILE_OR_NAME)
    parser.add_argument(
        "-e",
        dest="equations",
        metavar="EQUATION",
        action="append",
        help="an equation in place of FILE; may be repeated",
    )


def _complete(argument: Action, completed: str | dict[str, str]) -> None:
    argument.complete = completed  # type: ignore[attr-defined]


def _add_choice(parser: ArgumentParser) -> None:
    parser.add_argument("--of", type=_names, metavar="y", help="the outputs, y,z; all of them if left out")
    parser.add_argument("--wrt", type=_names, metavar="x,a", help="the inputs to differentiate by; all if left out")


def _add_output(parser: ArgumentParser, metavar: str, purpose: str) -> None:
    _complete(parser.add_argument("-o", dest="output", metavar=metavar, help=purpose), completion.FILE)


def _add_sizes(parser: ArgumentParser) -> None:
    purpose = "sizes to plan for; needed for indices that no input has"
    parser.add_argument("--sizes", type=_sizes, metavar="b=64,h=768", help=purpose)


def _add_planning(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--optimizer", metavar="NAME", default="auto", help="what finds contraction paths, by opt_einsum's names: dp, …"
    )
    parser.add_argument(
        "--memory-limit", metavar="200MB", help="the most that a call may hold at a time, 8 bytes a number"
    )
    parser.add_argument("--search-time", type=_seconds, metavar="S", help="seconds that a search for a path may take")
    parser.add_argument(
        "--no-expand", dest="expand", action="store_false", help="don't multiply out brackets whose terms may cancel"
    )


def _add_target(parser: ArgumentParser) -> None:
    parser.add_argument("--target", metavar="NAME", default="numpy", help="numpy, or native for C; numpy if left out")


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"expected seconds, such as 0.5; got {text!r}") from None


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise ArgumentTypeError(f"expected names separated by commas, such as x,a; got {text!r}")
    return names


def _sizes(text: str) -> dict[str, int]:
    sizes = {}
    for part in text.split(","):
        letter, _, value = (piece.strip() for piece in part.partition("="))
        if not letter or not (value.isascii() and value.isdigit()):
            raise ArgumentTypeError(f"expected sizes of indices, such as b=64,h=768; got {text!r}")
        if letter in sizes:
            raise ArgumentTypeError(f"two sizes for {letter} in {text!r}")
        sizes[letter] = int(value)
    return sizes
