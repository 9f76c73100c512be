"""The map in contributing.md: imports run one way."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "grammar" / "contributing.md").read_text(encoding="utf-8")


def layers():
    """Give each package's place in the line of the page, from the bottom to the top."""
    (line,) = re.findall(r"Imports run one way: `(.*?)`", PAGE)
    return {name: place for place, names in enumerate(line.split(" ← ")) for name in names.split(", ")}


def imports(path):
    """Give the packages and modules of einsgrad that a file imports, also inside its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (module.split(".")[1] for module in modules if module.startswith("einsgrad."))


def test_imports_run_one_way():
    place = layers()
    assert {"ir", "frontend", "calculus", "planner", "targets", "runtime", "api"} <= place.keys()
    readers = dict.fromkeys(("render", "reference"), place["ir"])
    wrong = []
    for path in (ROOT / "einsgrad").rglob("*.py"):
        own = path.relative_to(ROOT / "einsgrad").parts[0].removesuffix(".py")
        highest = {**place, **readers}.get(own, len(place))
        wrong += [(path.name, name) for name in imports(path) if place.get(name, -1) > highest]
    assert wrong == []


def test_imports_are_found():
    assert {"diagnostics", "ir"} <= set(imports(ROOT / "einsgrad" / "calculus" / "gradient.py"))
