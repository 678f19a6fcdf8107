"""What a cell of a table says and draws beside its figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux import words
from reservations.pages.pieces import muted
from reservations.words import integer, plural

if TYPE_CHECKING:
    from flux.queries.account import AccountLine

NONE = SafeString("")


class OnTheirWay(Protocol):
    """Figures that compare a due with what was received, some units being in course."""

    @property
    def received(self) -> int: ...

    @property
    def in_course(self) -> int: ...

    @property
    def left(self) -> int: ...


def on_the_way(figures: OnTheirWay) -> SafeString:
    """The hint beside the units received of a table, where some are in course: « 2 en cours »."""
    return (
        format_html(' <span class="hint">{} en cours</span>', integer(figures.in_course)) if figures.in_course else NONE
    )


def between(line: AccountLine) -> SafeString:
    """The same of a holder, with its counting point: « 9 reçus au bail signé, 2 en cours, reste 1,00 »; where none is
    in course, the point alone when it is not the routing."""
    figures = line.figures
    told = words.between(figures.received, figures.in_course, figures.left, line.counting_point_words)
    if not told and line.counting_point != "ROUTED":
        told = f"{plural(figures.received, 'compté,comptés')} {line.counting_point_words}"
    return format_html(' <span class="hint">{}</span>', told) if told else NONE


def more_than_offered(received: int, offered: int, awaiting: int) -> SafeString:
    """Why more units were received than offered in the year: some await a confirmation, and are offered once they have
    it; others were offered in another year. Nothing otherwise."""
    more = received - offered
    if more <= 0:
        return NONE
    unconfirmed = min(more, max(awaiting, 0))
    reasons = []
    if unconfirmed:
        reasons.append(f"{integer(unconfirmed)} à confirmer, pas encore {plural(unconfirmed, 'proposé,proposés')}")
    if before := more - unconfirmed:
        reasons.append(f"{integer(before)} {plural(before, 'proposé,proposés')} une autre année")
    return format_html(' <span class="hint">dont {}</span>', ", ".join(reasons))


def gap_key() -> SafeString:
    """How to read the bars of a table."""
    return render_to_string("components/gap_key.html")


def gap_cell(shares: int, figure: SafeString | None = None) -> SafeString:
    """A gap, and its bar around the balance, that is not read aloud; `figure`, when it leads somewhere."""
    shown = figure or format_html('<span class="n">{}</span>', words.gap(shares))
    return render_to_string("components/gap_cell.html", {"shares": shares, "figure": shown})


def widest_cell(line: AccountLine) -> SafeString:
    """The widest gap of an account: its bar, whose it is, and how much is on its way."""
    return format_html("{} {} {}", gap_cell(line.figures.gap), muted(line.holder, "small"), between(line))


def gauge(due: int, received: int, scale: int) -> SafeString:
    """What was received beside what was due, in one bar that is not read aloud; `scale`: how wide, in millionths."""
    return render_to_string("components/gauge_cell.html", {"due": due, "received": received, "scale": scale})
