"""The figures of docs/engine.md, and their drawings: written by `--write`, never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import chart, report
from benchmarks.fluxbench import Result

DOCS = Path(__file__).resolve().parents[1] / "docs"
BEGIN = "<!-- written by `python -m benchmarks.routing --write` -->"
END = "<!-- end of what is written by a program -->"


def write(results: Sequence[Result]) -> None:
    """Put these figures between the two marks of the page, and draw them."""
    page = DOCS / "engine.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{report.markdown(results)}\n{END}{after}", encoding="utf-8")
    for name, drawing in chart.drawings(results).items():
        (DOCS / "images" / name).write_text(drawing, encoding="utf-8")
