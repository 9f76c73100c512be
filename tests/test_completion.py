"""Completion: what the scripts for shells complete."""

import shutil
import subprocess

import pytest
from command_line import COMMANDS, MATMUL, write

from einsgrad.gallery import names

TYPED = """\
source completion.bash
function=$(complete -p einsgrad | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
COMP_WORDS=(einsgrad "$@")
COMP_CWORD=$#
$function einsgrad "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
echo "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (("de",), ["derive"]),
        (("derive", "layer"), ["layer_norm"]),
        (("derive", "min"), ["mine.ein"]),
        (("check", "matmul", "soft"), ["softmax", "softmax_jacobian"]),
        (("derive", "--fo"), ["--format"]),
        (("derive", "--format", ""), ["text", "latex", "markdown", "html"]),
        (("run", "matmul", "--inputs", "a"), ["arrays.npz"]),
        (("gallery", "m"), [name for name in names() if name.startswith("m")]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
    ids=" ".join,
)
def test_bash_completes(einsgrad, typed, completed):
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    write("completion.bash", einsgrad.good("completion", "bash"))
    write("mine.ein", MATMUL)
    write("arrays.npz", "")
    done = subprocess.run(
        ["bash", "--norc", "-c", TYPED, "bash", *typed], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stderr, done.stdout.split()) == ("", completed)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_know_commands_and_the_gallery(einsgrad, shell):
    script = einsgrad.good("completion", shell)
    assert all(command in script for command in COMMANDS)
    assert all(name in script for name in names())
    assert "_einsgrad_file" in script
    if shutil.which(shell) is not None:
        write("script", script)
        done = subprocess.run([shell, "-n", "script"], capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_shell_that_is_not_known_is_refused(einsgrad):
    assert "argument shell: invalid choice: 'tcsh' (choose from 'bash', 'zsh', 'fish')" in einsgrad.bad(
        "completion", "tcsh"
    )
