"""The glossary, read from `docs/glossary.md`: one table a section, so that words are written once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

#: Sections of the file are named after a storey; screens name it in French.
STOREYS = {"reservations": "Les droits", "flux": "Le flux", "flux.engine": "La règle", "attributions": "Les ménages"}

#: Columns of its tables: identifier, French term, meaning, source.
COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One word. `meaning` is in English, as the file is."""

    identifier: str
    term: str
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class Section:
    """The words of one storey, or of another heading of the file."""

    title: str
    entries: list[Entry]


def read_glossary(path: Path) -> list[Section]:
    """The sections that hold a table, in the order of the file; none when there is no file."""
    if not path.is_file():
        return []
    sections: list[Section] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            sections.append(Section(_title(line[3:]), []))
        elif line.startswith("|") and sections:
            cells = [cell.strip().replace("`", "").replace("*", "") for cell in line.strip().strip("|").split("|")]
            if len(cells) == COLUMNS and cells[0] != "identifier" and not set(cells[0]) <= set("-: "):
                sections[-1].entries.append(Entry(*cells))
    return [section for section in sections if section.entries]


def _title(heading: str) -> str:
    storey = re.search(r"`([\w.]+)`", heading)
    return STOREYS.get(storey[1], heading) if storey else heading
