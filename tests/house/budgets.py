"""The words that a page shows, counted without a browser: what is folded, hidden or heard alone is left out.

`./run bench words` counts the same in a browser, on the demonstration; its budgets are held here on what the tests
render anyway.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from benchmarks.words import NUMBER, budget

WORD = re.compile(r"[^\W_][\w’'.,%€-]*")
#: Elements without an end, and those that are not read as words.
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
UNREAD = frozenset({"script", "style", "option", "svg", "template", "dialog"})


class Shown(HTMLParser):
    """Counts in `words` what `main` shows; of what is folded, its summary alone."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.words = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element hides what is in it when it is not shown; a fold, until its summary."""
        if tag in VOID:
            return
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        hidden = tag in UNREAD or "hidden" in given or bool({"vh", "print-only"} & set(classes))
        if self.open and self.open[-1] == ("details", True) and tag == "summary":
            hidden = any(closed for _, closed in self.open[:-1])
        elif self.open:
            hidden = hidden or self.open[-1][1]
        self.open.append((tag, hidden or (tag == "details" and "open" not in given)))

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and with it those that it left open."""
        tags = [name for name, _ in self.open]
        if tag in tags:
            del self.open[len(tags) - 1 - tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        """Words of `main`, where nothing hides them."""
        if any(tag == "main" for tag, _ in self.open) and not self.open[-1][1]:
            self.words += len(WORD.findall(data))


def words_shown(html: str) -> int:
    """How many words a person sees on a page."""
    page = Shown()
    page.feed(html)
    return page.words


def budget_of(address: str) -> int | None:
    """At most how many words a page has; None for a text of the law or of a convention."""
    return budget(NUMBER.sub("N", address))
