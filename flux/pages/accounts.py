"""What pages say of accounts.

* What a cell of a table says and draws beside its figure.
* Accounts in the tables of their pages: the list, and one account holder by holder.
* A holder's communes in a table and a sentence: what it received beside what equal rates promise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flux import words
from flux.communes import CommuneLine
from flux.models import Ledger
from flux.queries.accounts import Account, AccountLine
from flux.words import gap, plural_units, units
from reservations.models.convention import UNIT
from reservations.pages.pieces import beside, bold, link, muted
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.words import day, integer, of, plural, towards

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
    hint = words.between(figures.received, figures.in_course, figures.left, line.counting_point_words)
    if not hint and line.counting_point != "ROUTED":
        hint = f"{plural(figures.received, 'compté,comptés')} {line.counting_point_words}"
    return format_html(' <span class="hint">{}</span>', hint) if hint else NONE


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


def gap_cell(shares: int, figure: SafeString | None = None, *, scale: int = 2) -> SafeString:
    """A gap, and its bar around the balance, that is not read aloud; `figure`, when it leads somewhere; `scale`: how
    many units the bar may show."""
    shown = figure or format_html('<span class="n">{}</span>', words.gap(shares))
    return render_to_string("components/gap_cell.html", {"shares": shares, "figure": shown, "scale": scale})


def widest_cell(line: AccountLine) -> SafeString:
    """The widest gap of an account: its bar, whose it is, and how much is on its way."""
    return format_html("{} {} {}", gap_cell(line.figures.gap), muted(line.holder, "small"), between(line))


def gauge(due: int, received: int, scale: int) -> SafeString:
    """What was received beside what was due, in one bar that is not read aloud; `scale`: how wide, in millionths."""
    return render_to_string("components/gauge_cell.html", {"due": due, "received": received, "scale": scale})


def part_bar(count: int, largest: int) -> SafeString:
    """A count beside the largest of its table, in one bar that is not read aloud."""
    return render_to_string("components/part_bar_cell.html", {"count": count, "largest": largest})


def accounts_table(rows: Iterable[Mapping[str, Any]], *, today: date, first: bool, mine: bool) -> Table:
    """An account a row: what entered it, the reader's own gap where they hold something, and the widest of a holder.
    `first`: accounts of first lettings."""
    title = f"Comptes{' des premières locations' if first else ''}, arrêtés au {day(today)}"
    note = (
        "Écart = dû − reçu, en logements. Un logement est reçu au point de comptage de la convention (l’orientation, "
        "ou sa recommandation, sauf autre choix) ; avant, il est en cours."
    )
    return Rows(
        rows,
        Shown(
            "Compte",
            lambda row: link(
                reverse("account", args=[(row["ledger"]).pk]),
                format_html(
                    "<b>{}</b>, {}, {}", (row["ledger"]).landlord, (row["ledger"]).departement, (row["ledger"]).exercise
                ),
            ),
        ),
        Number(f"Logements {'loués' if first else 'entrés'}", lambda row: row["entered"]),
        Number("À confirmer", lambda row: row["awaiting"]),
        Shown("Votre écart", lambda row: _mine(row["mine"], (row["ledger"])), when=mine),
        Shown(
            "Plus grand écart d’un réservataire",
            lambda row: widest_cell(row["widest"]) if row["widest"] else muted("aucun réservataire"),
        ),
    ).titled("", title, note, under=gap_key())


def _mine(lines: Sequence[AccountLine], ledger: Ledger) -> str:
    """The gap of each contingent of the reader, which leads to its statement."""
    if not lines:
        return muted("aucun mouvement")
    return format_html_join("", "{}", ((_own(line, ledger, several=len(lines) > 1),) for line in lines))


def _own(line: AccountLine, ledger: Ledger, *, several: bool) -> str:
    also = f", relevé {of(line.holder)} chez {towards(ledger.landlord)}, {ledger.exercise}"
    figure = link(reverse("statement", args=[ledger.pk, line.holder.pk]), gap(line.gap), also=also, css="n")
    whose = muted(line.holder, "small") if several else ""
    return format_html("{} {} {}", gap_cell(line.gap, figure), between(line), whose)


def account_table(
    found: Account, ledger: Ledger, terms: Callable[[AccountLine], Sequence[Any]], *, today: date
) -> Table:
    """A holder a row, each figure leading to its units. `terms`: the shares that a line comes from."""
    first, whole = ledger.kind == Ledger.Kind.FIRST_LETTING, found.total
    since = "" if found.on == today else f"?on={found.on:%Y-%m-%d}"

    def leading(line: AccountLine, stage: str, count: int, words: str, none: str = "0") -> str:
        address = reverse("statement-units", args=[ledger.pk, line.holder.pk])
        return link(f"{address}?stage={stage}&until={found.on:%Y-%m-%d}", words) if count else none

    def counted(line: AccountLine, stage: str, count: int) -> str:
        return leading(line, stage, count, integer(count))

    title = f"Compte{' des premières locations' if first else ''} {of(ledger.landlord)}, {ledger.departement}, "
    carried = " Dû : report compris." if any(line.figures.carried for line in found.lines) else ""
    note = (
        "En logements. Reçus : au point de comptage de la convention (l’orientation, ou sa recommandation, sauf autre "
        "choix) ; avant, en cours : reçus + en cours = orientés + à confirmer. Écart = dû − reçus."
        f"{carried} Chaque nombre mène à ses logements."
    )
    title += f"exercice {ledger.exercise}, au {day(found.on)}"
    return Rows(
        found.lines,
        Shown(
            "Réservataire",
            lambda line: link(f"{reverse('statement', args=[ledger.pk, line.holder.pk])}{since}", bold(line.holder)),
            Text("Ensemble", span=2),
        ),
        Shown(
            "Origine" if first else "Part du flux",
            lambda line: (
                _origin(line) if first else render_to_string("flux/terms.html", {"terms": terms(line), "line": line})
            ),
        ),
        Number(
            "Dû", lambda line: leading(line, "DUE", line.figures.due, units(line.figures.due), "0,00"), units(whole.due)
        ),
        Number("Orientés", lambda line: counted(line, "ROUTED", line.figures.routed), whole.routed),
        Number("À confirmer", lambda line: counted(line, "AWAITING", line.figures.awaiting), whole.awaiting),
        Number(
            "Reçus",
            lambda line: beside(counted(line, "RECEIVED", line.figures.received), between(line)),
            format_html("{}{}", integer(whole.received), on_the_way(whole)),
        ),
        Shown("Écart", lambda line: gap_cell(line.gap), format_html('<span class="n">{}</span>', gap(whole.gap))),
    ).titled("", title, note, under=gap_key())


def _origin(line: AccountLine) -> str:
    return muted("ce qui n’est pas réparti" if line.holder.is_not_reserved else "parts convenues")


def communes_answer(lines: Sequence[CommuneLine], line: AccountLine) -> str:
    """How far the furthest commune is, and whether its convention asks for uniformity."""
    first = lines[0]
    if abs(first.gap) < UNIT:
        text = "Dans chaque commune, il a reçu à moins d’un logement près ce que des taux égaux promettent."
    else:
        received = f"{integer(first.received)} {plural(first.received, 'reçu,reçus')}"
        promised = f"{units(first.equal)} {plural_units(first.equal, 'promis,promis')}"
        text = f"Le plus loin des taux égaux : {first.commune.name}, {received} pour {promised}."
    if any(right.convention.uniform_communes for right in line.rights):
        return f"{text} Sa convention demande l’uniformité d’une commune à l’autre : la règle en tient compte."
    return f"{text} Sa convention ne demande pas l’uniformité d’une commune à l’autre : la règle ne la cherche pas."


def communes_table(lines: Sequence[CommuneLine]) -> Table:
    """A commune a row, the furthest from equal rates first."""
    note = (
        "À taux égal : les parts de l’exercice, réparties entre les communes selon les logements qui l’ont crédité, une"
        " fois de plus quand un logement rendu compte de nouveau. La part de l’État est ainsi uniforme, sauf accord "
        "contraire (CCH, R441-5-2, II). Dû ici : aux parts de la commune. Sans le report ni ce qui est transféré."
    )
    return Rows(
        lines,
        Shown("Commune", lambda line: line.commune.name),
        Number("Libérés", lambda line: line.entered),
        Number("À taux égal", lambda line: units(line.equal)),
        Number("Dû ici", lambda line: units(line.due)),
        Number("Reçus", lambda line: line.received),
        Number("Écart à taux égal", lambda line: gap(line.gap)),
    ).titled("t-communes", "Reçus et promis, commune par commune", note)
