"""Reports: what a check found, as data, as text and as notebooks show it. Nothing here needs NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from einsgrad.diagnostics import Diagnostic, Span

if TYPE_CHECKING:
    from einsgrad.calculus.claims import Verdict
    from einsgrad.calculus.counterexamples import Counterexample


@dataclass(frozen=True)
class ClaimResult:
    """The verdict on a claim.

    Attributes:
        text: the claim.
        verdict: ``"proved"``, ``"refuted"`` or ``"not proved"``.
        counterexample: arrays for which its sides differ, where it is refuted.
        span: where it stands.
        note: what was tried, where it is not proved.
    """

    text: str
    verdict: Verdict
    counterexample: Counterexample | None
    span: Span | None
    note: str = ""

    def __str__(self) -> str:
        head = f"{self.verdict:<10}  {self.span.place if self.span else self.text}"
        if self.verdict == "proved":
            return f"{head}: {self.text}" if self.span else head
        why = str(self.counterexample).splitlines() if self.counterexample else [self.note]
        drawn = self.span.drawn() if self.span else []
        return "\n".join([head, *drawn, *("    " + line for line in why)])


@dataclass(frozen=True)
class GradientResult:
    """A gradient compared with central differences.

    Attributes:
        of: the outputs, together, against a random upstream gradient.
        wrt: the input.
        error: the largest difference, relative to the largest component of the gradient; nan where there is a note.
        ok: whether it is within tolerance; what could not be compared is not held against it.
        note: why it could not be compared, if it could not.
    """

    of: tuple[str, ...]
    wrt: str
    error: float
    ok: bool
    note: str = ""


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        diagnostics: errors and warnings of the text.
        claims: a verdict for each claim.
        gradients: a comparison for each input.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    claims: tuple[ClaimResult, ...] = ()
    gradients: tuple[GradientResult, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error, no refuted claim, and no gradient that disagrees."""
        return (
            all(d.severity != "error" for d in self.diagnostics)
            and all(c.verdict != "refuted" for c in self.claims)
            and all(g.ok for g in self.gradients)
        )

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain data, as ``--json`` prints it."""
        return {
            "ok": self.ok,
            "diagnostics": [d.as_dict() for d in self.diagnostics],
            "claims": [
                {
                    "claim": c.text,
                    "verdict": c.verdict,
                    "file": c.span.source.name if c.span else None,
                    "line": c.span.line if c.span else None,
                    "column": c.span.column if c.span else None,
                    "note": c.note,
                    "counterexample": _plain(c.counterexample),
                }
                for c in self.claims
            ],
            "gradients": [
                {"of": list(g.of), "wrt": g.wrt, "error": g.error, "ok": g.ok, "note": g.note} for g in self.gradients
            ],
        }

    def __str__(self) -> str:
        lines = [d.render() for d in self.diagnostics]
        lines += map(str, self.claims)
        for g in self.gradients:
            verdict = f"{'agrees' if g.ok else 'DISAGREES'} with central differences, error {g.error:.1e}"
            lines.append(f"gradient of {', '.join(g.of)} by {g.wrt}: {g.note or verdict}")
        return "\n".join(lines)


def _plain(counterexample: Counterexample | None) -> dict[str, Any] | None:
    if counterexample is None:
        return None
    return {
        "arrays": {name: value.tolist() for name, value in counterexample.arrays.items()},
        "sizes": dict(counterexample.sizes),
        "place": dict(counterexample.place),
        "left": counterexample.left.tolist(),
        "right": counterexample.right.tolist(),
    }
