"""The plot: one row for each workload and size, and on it the time of each library as a multiple of einsgrad's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from libraries import PEERS
from measuring import Result

COLOURS = dict(zip(PEERS, ("#0072b2", "#d55e00", "#cc79a7", "#999999"), strict=True))
_LABELS, _PLOT, _ROW, _TOP, _MARGIN = 230, 560, 18, 50, 20  # pixels


def write_plot(results: Sequence[Result], path: Path) -> None:
    """Write the plot as SVG."""
    path.write_text("\n".join(_lines(results)) + "\n", encoding="utf-8")


def _lines(results: Sequence[Result]) -> Iterator[str]:
    rows = [result for result in results if result.ratio is not None]
    multiples = [
        time / r.milliseconds["einsgrad"] for r in rows for name in PEERS if (time := r.milliseconds.get(name))
    ]
    low = math.floor(math.log10(min([0.1, *multiples])))
    high = math.ceil(math.log10(max([10.0, *multiples])))
    width, height = _LABELS + _PLOT + _MARGIN, _TOP + _ROW * len(rows) + 2 * _MARGIN

    def x(multiple: float) -> float:
        return _LABELS + _PLOT * (math.log10(multiple) - low) / (high - low)

    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    yield f'<rect width="{width}" height="{height}" fill="white"/>'
    yield _text(_LABELS, 18, "time as a multiple of einsgrad's: right of 1 einsgrad is faster", "start")
    for number, (name, colour) in enumerate(COLOURS.items()):
        at = _LABELS + 110 * number
        yield _dot(at, 34, colour, name)
        yield _text(at + 8, 38, name, "start")
    for power in range(low, high + 1):
        at, colour = x(10.0**power), "#000" if power == 0 else "#ddd"
        yield f'<line x1="{at:.1f}" y1="{_TOP}" x2="{at:.1f}" y2="{height - 2 * _MARGIN}" stroke="{colour}"/>'
        yield _text(at, height - _MARGIN, f"{10.0**power:g}", "middle")
    for number, result in enumerate(rows):
        y = _TOP + _ROW * (number + 0.5)
        yield _text(_LABELS - 10, y + 4, f"{result.title}, {result.size}", "end")
        for name, colour in COLOURS.items():
            if name in result.milliseconds:
                multiple = result.milliseconds[name] / result.milliseconds["einsgrad"]
                yield _dot(x(multiple), y, colour, f"{name}: {multiple:.2f}")
    yield "</svg>"


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="{anchor}">{escape(text)}</text>'


def _dot(x: float, y: float, colour: str, title: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{escape(title)}</title></circle>'
