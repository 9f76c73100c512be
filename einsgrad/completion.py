"""Completion of the command line in shells: the scripts that shtab makes, which also know the names in the gallery."""

from __future__ import annotations

from argparse import ArgumentParser

from einsgrad.gallery import names

SHELLS = ("bash", "zsh", "fish")
# What the parser gives shtab to complete an argument with: the functions that are defined below.
FILE_OR_NAME = {"bash": "_einsgrad_file", "zsh": "_einsgrad_file", "fish": "(_einsgrad_file)"}
NAME = {"bash": "_einsgrad_name", "zsh": "_einsgrad_name", "fish": "(_einsgrad_name)"}
FILE = "file"

_BASH = """\
_einsgrad_name() {{
  compgen -W "{names}" -- "$1"
}}
_einsgrad_file() {{
  compgen -f -- "$1"
  _einsgrad_name "$1"
}}
"""
_ZSH = """\
_einsgrad_name() {{
  local -a names=({names})
  _describe 'name in the gallery' names
}}
_einsgrad_file() {{
  _alternative 'files:file:_files' 'names:name in the gallery:_einsgrad_name'
}}
"""
_FISH = """\
function _einsgrad_name
  printf '%s\\n' {names}
end
function _einsgrad_file
  _einsgrad_name
  __fish_complete_path (commandline -ct)
end
"""
_FUNCTIONS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def script(parser: ArgumentParser, shell: str) -> str:
    """Give the script that lets a shell complete what ``parser`` reads."""
    from shtab import complete

    functions = _FUNCTIONS[shell].format(names=" ".join(names()))
    written: str = complete(parser, shell, preamble=functions)
    return written.rstrip() + "\n"
