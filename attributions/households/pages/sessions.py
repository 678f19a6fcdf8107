"""A session and the units of its agenda, as their pages say them: states, counts, quorum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html

from attributions.households.models import AgendaCase, AgendaItem, Attendance, CommitteeMember, CommitteeSession
from attributions.households.queries.committees import Quorum
from attributions.households.queries.sessions import ItemState, SessionLine, Tally, item_state
from flux.pages.units import headline
from reservations.pages.pieces import Act, below, beside, bold, hint, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, euros, hour, plural, tenths, upper_first, weekday

State = CommitteeSession.State

#: The pill of each state of a session (visual language, « état »).
PILLS = {State.CONVENED: "wait", State.OPEN: "todo", State.CLOSED: "ok", State.CANCELLED: "no"}

#: The state of a unit of an agenda in two words, and its pill.
ITEM_STATES = {
    ItemState.POSTPONED: ("Reporté", "no"),
    ItemState.DECIDED: ("Décidé", "ok"),
    ItemState.VOTING: ("Vote en cours", "todo"),
    ItemState.REJECTED: ("Proposition rejetée", "late"),
    ItemState.UNDECIDED: ("Sans décision", "late"),
    ItemState.TO_EXAMINE: ("À examiner", "wait"),
}


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A unit of the agenda: for whom, how many cases, and where it stands."""

    item: AgendaItem
    holder: str
    cases: list[AgendaCase]
    words: str
    pill: str

    @property
    def has_dalo(self) -> bool:
        """Is a household designated by the préfet under the enforceable right among the cases?"""
        return any(case.proposal.dalo_designated for case in self.cases)


def item_rows(items: Iterable[AgendaItem]) -> list[ItemRow]:
    """Items fetched by `agenda_items`, with their state in two words. No query."""
    rows = []
    for item in items:
        holder = str(item.routing.holder) if item.routing else "Soustrait du flux"
        rows.append(ItemRow(item, holder, list(item.cases.all()), *ITEM_STATES[item_state(item)]))
    return rows


def mode_words(session: CommitteeSession) -> str:
    """« en présence, siège, salle 2 »: how it is held, and where."""
    return f"{session.get_mode_display()}{f', {session.place}' if session.place else ''}"


def session_notes(session: CommitteeSession) -> Iterator[str]:
    """When one votes, of a session that is not held in a room; why it is convened so late, and why it is not held."""
    opens, closes = session.vote_opens_at, session.vote_closes_at
    if opens is not None and closes is not None:
        yield f"Vote à distance : de {hour(opens)} le {day(opens)}, à {hour(closes)} le {day(closes)}."
    if session.short_notice:
        yield f"Convoquée dans un délai plus court que celui du règlement : {session.short_notice}"
    if session.state == State.CANCELLED:
        yield session.cancelled_why


def papers(session: CommitteeSession) -> str:
    """What is read and printed of it."""
    minutes = link(reverse("minutes", args=[session.pk]), "Lire le procès-verbal", css="btn go")
    agenda = link(reverse("session-agenda", args=[session.pk]), "Ordre du jour à imprimer")
    return beside(minutes if session.state == State.CLOSED else "", agenda)


def left_before_closing(rows: Iterable[ItemRow]) -> list[str]:
    """What is still to be decided or postponed before the minutes are sealed, each leading to its page."""
    return [
        beside(
            link(reverse("agenda-item", args=[row.item.pk]), f"Logement {row.item.position}"),
            f"{row.item.vacancy.unit} :",
            pill(row.words, row.pill),
        )
        for row in rows
        if row.item.concluded_at is None and row.item.postponed_at is None and not row.item.is_void
    ]


def closing_acts(session: CommitteeSession) -> tuple[Act, ...]:
    """Of who keeps the minutes of a session that is open."""
    return (
        Act(
            "Clore et sceller le procès-verbal",
            reverse("session-close", args=[session.pk]),
            "Après la clôture, rien ne change dans cette séance. Une erreur se corrige par une décision rectificative, "
            "qui s’ajoute au procès-verbal.",
            "Clore la séance",
            first=True,
        ),
    )


def cancelling_acts(session: CommitteeSession, form: Form) -> tuple[Act, ...]:
    """Of who convenes, until the session is closed."""
    return (
        Act(
            "Annuler la séance",
            reverse("session-cancel", args=[session.pk]),
            "Ses logements sont de nouveau prêts pour une autre séance.",
            "Annuler la séance",
            fields=(form["why"],),
            sure=(form["sure"],),
            opens=form.is_bound,
        ),
    )


def tally_words(tally: Tally) -> str:
    """« 8 logements, 19 dossiers, et 1 logement reporté »"""
    text = f"{_counted(tally.units, 'logement')}, {_counted(tally.cases, 'dossier')}"
    return f"{text}, et {_counted(tally.postponed, 'logement', 'reporté')}" if tally.postponed else text


def _counted(number: int, *words: str) -> str:
    return f"{number} {' '.join(f'{word}{"s" * (number > 1)}' for word in words)}"


def quorum_words(quorum: Quorum) -> str:
    """« Quorum atteint : 5 membres désignés présents sur 6, il en faut 3. »"""
    if quorum.needed is None:
        return "Quorum inconnu : enregistrez d’abord le règlement de la commission."
    some = quorum.there > 1
    return (
        f"Quorum {'atteint' if quorum.is_met else 'non atteint'} : {quorum.there} membre{'s' * some} "
        f"désigné{'s' * some} présent{'s' * some} sur {quorum.appointed}, il en faut {quorum.needed}."
    )


def sessions_table(key: str, title: str, lines: Iterable[SessionLine]) -> Table:
    """A session a row: when and where, what it counts, how far it is."""
    return Rows(
        lines,
        Shown(
            "Séance",
            lambda each: link(
                reverse("session-detail", args=[each.session.pk]),
                bold(f"{upper_first(weekday(each.session.held_at))}, {hour(each.session.held_at)}"),
            ),
        ),
        Shown(Head("Commission", ""), lambda each: str(each.session.committee)),
        Shown(Head("Forme", ""), lambda each: mode_words(each.session)),
        Number(
            "Logements",
            lambda each: beside(
                each.units,
                hint(f"et {each.postponed} {plural(each.postponed, 'reporté,reportés')}") if each.postponed else "",
            ),
        ),
        Number("Dossiers", lambda each: str(each.cases)),
        Number("Décidés", lambda each: str(each.decided)),
        Shown(
            Head("État", ""),
            lambda each: beside(
                pill(State(each.session.state).label, PILLS[each.session.state]), _minutes(each.session)
            ),
        ),
    ).titled(key, title, quiet=True)


def _minutes(session: CommitteeSession) -> str:
    """The link to the minutes of a session that is closed."""
    if session.state != State.CLOSED:
        return ""
    also = f" de la séance du {day(session.held_at)}"
    return link(reverse("minutes", args=[session.pk]), "Procès-verbal", also=also, css="small")


def items_table(lines: Iterable[ItemRow], *, may_convene: bool) -> Table:
    """The agenda of a session, a unit a row, with its state."""
    return Rows(
        lines,
        Number("N°", lambda each: str(each.item.position)),
        Shown(
            "Logement",
            lambda each: below(
                link(
                    reverse("agenda-item", args=[each.item.pk]),
                    bold(f"{headline(each.item.vacancy.unit)}, {each.item.vacancy.unit.address}"),
                ),
                muted(
                    format_html(
                        "{}, {}", each.item.vacancy.unit.commune.name, _reference(each.item, may_convene=may_convene)
                    ),
                    "small",
                ),
            ),
        ),
        Shown(Head("Orienté vers", ""), lambda each: each.holder),
        Number("Dossiers", lambda each: beside(len(each.cases), pill("DALO") if each.has_dalo else "")),
        Shown(Head("État", ""), lambda each: Text(each.words, pill=each.pill)),
    ).titled("ordre", "Logements à l’ordre du jour", head_at=1, quiet=True)


def _reference(item: AgendaItem, *, may_convene: bool) -> str:
    """The unit, which leads to its candidates for who convenes."""
    reference = item.vacancy.unit.reference
    return link(reverse("file", args=[item.vacancy_id]), reference, also=" : candidats") if may_convene else reference


def agenda_table(lines: Sequence[ItemRow], *, minutes: int | None = None) -> Table:
    """The agenda to print and to send: no name, no state. `minutes`: how long each unit is examined, which gives each
    its hour, the first at that of the session."""
    title = f"{len(lines)} {plural(len(lines), 'logement,logements')}"
    hours = {
        each.item.pk: hour(each.item.session.held_at + timedelta(minutes=rank * (minutes or 0)))
        for rank, each in enumerate(lines)
    }
    return Rows(
        lines,
        Number("N°", lambda each: str(each.item.position)),
        Shown("Heure", lambda each: hours[each.item.pk], when=minutes is not None),
        Shown(
            "Logement",
            lambda each: (
                headline(each.item.vacancy.unit)
                + (f", {tenths(each.item.vacancy.unit.surface)} m²" if each.item.vacancy.unit.surface else "")
            ),
        ),
        Shown(
            Head("Adresse", ""), lambda each: f"{each.item.vacancy.unit.address}, {each.item.vacancy.unit.commune.name}"
        ),
        Shown(Head("Orienté vers", ""), lambda each: each.holder),
        Number(
            "Loyer hors charges",
            lambda each: "–" if each.item.vacancy.unit.rent is None else euros(each.item.vacancy.unit.rent),
        ),
        Number("Dossiers", lambda each: f"{len(each.cases)}{', DALO' if each.has_dalo else ''}"),
    ).titled(
        "ordre", title, "Les noms des demandeurs n’y figurent pas.", head_at=1, none="Aucun logement à l’ordre du jour."
    )


def nothing_examined(session: CommitteeSession) -> str:
    """Of an agenda on which nothing is left."""
    return "Rien n’a été examiné." if session.state == State.CANCELLED else "Aucun logement à l’ordre du jour."


def session_answer(session: CommitteeSession, tally: str, quorum: str) -> str:
    """How much is on the agenda, and how far the session is."""
    closed = f"{day(session.closed_at)}, à {hour(session.closed_at)}" if session.closed_at else ""
    state = {
        State.CONVENED: "Séance convoquée.",
        State.OPEN: f"Séance ouverte. {quorum}",
        State.CLOSED: f"Séance close le {closed}.",
        State.CANCELLED: "Séance annulée.",
    }[session.state]
    return f"{tally}. {state}"


def seat_words(member: CommitteeMember) -> str:
    """What a member sits as, for which place, and whether it presides."""
    return f"{_seat(member)}{', préside' if member.presides else ''}"


def attendance_words(attendance: Attendance) -> str:
    """What who is there sits as, and who represents a member."""
    by = f", représenté par {attendance.represented_by}" if attendance.represented_by else ""
    return f"{_seat(attendance.member)}{by}"


def _seat(member: CommitteeMember) -> str:
    return f"{member.get_capacity_display()}{f', {member.territory.name}' if member.territory else ''}"


def item_answer(item: AgendaItem, cases: int, tally: str, *, voting: bool) -> str:
    """Which unit it is, and what the committee has done of it."""
    session = item.session
    sentence = f"Logement n° {item.position}, {cases} {plural(cases, 'dossier,dossiers')}. À la séance : {tally}."
    if item.concluded_at:
        return f"{sentence} Décidé le {day(item.concluded_at)}."
    if item.postponed_at:
        return f"{sentence} Reporté le {day(item.postponed_at)} : {item.postponed_why}"
    if session.state == State.CONVENED:
        return f"{sentence} La séance n’est pas encore ouverte."
    if voting and session.vote_closes_at:
        closes = session.vote_closes_at
        return f"{sentence} Le vote est ouvert jusqu’au {day(closes)}, {hour(closes)}."
    return f"{sentence} À examiner."
