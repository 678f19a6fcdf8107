"""The figures of docs/engine.md and docs/performance.md, and their drawings: written by `--write`, never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import chart, report
from benchmarks.fluxbench import Result

DOCS = Path(__file__).resolve().parents[1] / "docs"
#: Tables of a line for each page: the documents hold what they come to.
MEASURED = Path(__file__).resolve().parent / "measured"
FLUXBENCH = "python -m benchmarks.routing"
END = "<!-- end of what is written by a program -->"


def begin(command: str) -> str:
    """The mark after which a command writes."""
    return f"<!-- written by `{command} --write` -->"


def put(command: str, text: str, *, page: str = "engine.md", folder: Path | None = None) -> None:
    """Put what a command found between its two marks of a page of `docs/`, or of another folder.

    Raises LookupError when the page has no such marks: nothing is written.
    """
    mark = begin(command)
    path = (folder or DOCS) / page
    before, found, rest = path.read_text(encoding="utf-8").partition(mark)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise LookupError(f"{path} has no « {mark} » … « {END} »")
    path.write_text(f"{before}{mark}\n\n{text.rstrip()}\n\n{END}{after}", encoding="utf-8")


def write(results: Sequence[Result]) -> None:
    """Put the figures of FluxBench in the page, and draw them."""
    put(FLUXBENCH, report.markdown(results))
    for name, drawing in chart.drawings(results).items():
        (DOCS / "images" / name).write_text(drawing, encoding="utf-8")
