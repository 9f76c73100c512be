"""Reports: what a check found, as data, as text and as notebooks show it. Nothing here needs NumPy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from einsgrad.diagnostics import Diagnostic, Span
from einsgrad.ir.summary import counted

if TYPE_CHECKING:
    from einsgrad.calculus.claims import Verdict
    from einsgrad.calculus.counterexamples import Counterexample

Outcome: TypeAlias = Literal["agrees", "disagrees", "unchecked"]
_JUDGED: Mapping[Outcome, str] = {"agrees": "confirmed", "disagrees": "wrong", "unchecked": "unchecked"}
_WORST_FIRST = ("", "refuted", "wrong", "not proved", "unchecked", "proved", "confirmed")


@dataclass(frozen=True, repr=False)
class ClaimResult:
    """The verdict on a claim.

    Attributes:
        text: the claim.
        verdict: ``"proved"``, ``"refuted"`` or ``"not proved"``.
        counterexample: arrays for which its sides differ, where it is refuted.
        span: where it stands.
        note: what was tried, where it is not proved.
        given: the facts that a proof uses.
    """

    text: str
    verdict: Verdict
    counterexample: Counterexample | None
    span: Span | None
    note: str = ""
    given: tuple[str, ...] = ()

    def render(self, width: int | None = None) -> str:
        """Give the verdict as text, with its reason; ``width`` is the most places of the source line."""
        head = f"{self.verdict:<10}  {self.span.place if self.span else self.text}"
        if self.verdict == "proved":
            known = f", given {', '.join(self.given)}" if self.given else ""
            return f"{head}: {self.text}{known}" if self.span else head + known
        why = str(self.counterexample).splitlines() if self.counterexample else [self.note]
        drawn = self.span.drawn(width) if self.span else []
        return "\n".join([head, *drawn, *("    " + line for line in why)])

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        return f"ClaimResult({self.verdict}: {self.text})"


@dataclass(frozen=True, repr=False)
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

    @property
    def outcome(self) -> Outcome:
        """What came of the comparison."""
        if self.note:
            return "unchecked"
        return "agrees" if self.ok else "disagrees"

    @property
    def described(self) -> str:
        """What was compared, and what was seen."""
        seen = self.note or f"{self.error:.0e} off central differences"
        return f"gradient of {', '.join(self.of)} by {self.wrt}: {seen}"

    def __str__(self) -> str:
        return f"{self.outcome:<10}  {self.described}"

    def __repr__(self) -> str:
        return f"GradientResult({self.outcome}: {self.described})"


@dataclass(frozen=True, repr=False)
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

    @property
    def verdict(self) -> str:
        """All of it in a word: ``"ok"``, ``"failed"``, or ``"bad input"`` where there was nothing to check."""
        if any(d.severity == "error" for d in self.diagnostics):
            return "bad input"
        return "ok" if self.ok else "failed"

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
                    "given": list(c.given),
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
        lines += [str(c) for c in self.claims]
        lines += [str(g) for g in self.gradients]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Report({self._summary})"

    def _repr_markdown_(self) -> str:
        details = str(self)
        return f"**{self._summary}**\n" + (f"\n```text\n{details}\n```\n" if details else "")

    @property
    def _summary(self) -> str:
        """The verdict, and how many findings of each kind there are, the worst first."""
        found = [
            *((d.severity, "") for d in self.diagnostics),
            *(("claim", c.verdict) for c in self.claims),
            *(("gradient", _JUDGED[g.outcome]) for g in self.gradients),
        ]
        counts = sorted(Counter(found).items(), key=lambda item: _WORST_FIRST.index(item[0][1]))
        told = ", ".join(f"{counted(number, noun)} {verdict}".rstrip() for (noun, verdict), number in counts)
        return f"{self.verdict}: {told}" if told else f"{self.verdict}: nothing to check"


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
