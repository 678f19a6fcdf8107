"""What the rows of « À faire » say: the act, its object, until when, and what happens once the day is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from attributions.inbox.entries import (
    BY_COMMUNE,
    BY_KIND,
    BY_PROGRAMME,
    GROUP,
    MINE,
    NOBODY,
    PUT_OFF,
    WHOSE,
    Board,
    Counted,
    Entry,
    Filters,
)
from attributions.inbox.kinds import FOLLOW, KIND, RowAct
from attributions.inbox.models import NamedFilter, RowMark
from attributions.inbox.of_units import CANDIDATES_AWAITED, GIVE_BACK, TO_CONFIRM
from attributions.inbox.reader import Reader
from flux.models import Recommendation, Vacancy
from flux.pages.queue import tick
from flux.pages.units import headline
from flux.queries.vacancies import VacancyRow
from flux.words import gap
from reservations.http import CAME, INBOX, RANK
from reservations.models.convention import UNIT
from reservations.pages.pieces import below, beside, bold, heard, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, hour, integer, near_day, plural, upper_first

#: The anchor of a row: the next one takes its place. The parameter that opens the form of a row, and its anchor.
ROW, OPEN, FORM = "rang-", "ouvrir", "agir"
#: Days left from which a row is to be looked at.
SOON = 5


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of a kind or of a place, under its heading; one without a heading when rows are not grouped."""

    anchor: str
    heading: str
    table: Table


@dataclass(frozen=True, slots=True)
class Opened:
    """The form that is open in a row: the act of which kind, on which unit, and what is drawn."""

    entry: Entry
    drawn: str


@dataclass(frozen=True, slots=True)
class Seen:
    """How rows are shown: to whom, under which filters, on which day; is every box ticked; the form that is open."""

    reader: Reader
    filters: Filters
    checked: bool = False
    opened: Opened | None = None

    @property
    def today(self) -> date:
        """The day of the reader."""
        return self.reader.today


def groups(entries: Sequence[Entry], seen: Seen) -> list[Group]:
    """The rows of a page, in their order."""
    filters = seen.filters
    if not filters.group:
        return [Group("liste", "", _table("", entries, 0, seen))] if entries else []
    found: list[Group] = []
    start = 0
    for heading, part in groupby(entries, lambda each: _heading(each, filters)):
        rows = list(part)
        found.append(Group(f"groupe-{len(found) + 1}", heading, _table(heading, rows, start, seen)))
        start += len(rows)
    return found


def first_rows(entries: Sequence[Entry], *, today: date) -> Table:
    """What lapses first, on a home page: to open, not to tick."""
    return Rows(
        entries,
        Shown(Head("À faire", label=""), lambda each: _what(each, today)),
        Shown("Au plus tard", lambda each: _until(each, today)),
        Shown(Head("Agir", "noprint", hidden=True, label=""), _open),
    ).titled("", "Ce qui échoit en premier", quiet=True)


def _heading(each: Entry, filters: Filters) -> str:
    if filters.group == BY_KIND:
        return each.kind.heading
    return each.group or "Sans logement précis"


def _table(heading: str, entries: Sequence[Entry], start: int, seen: Seen) -> Table:
    opened = seen.opened
    title = f"{heading} : ce qui échoit en premier d’abord" if heading else "Ce qui échoit en premier d’abord"
    return Rows(
        enumerate(entries, start=start + 1),
        Shown(Head("Cocher", "check", hidden=True, label=""), lambda row: _box(row[1], checked=seen.checked)),
        Shown(Head("À faire", label=""), lambda row: _what(row[1], seen.today, anchor=f"{ROW}{row[0]}")),
        Shown(
            Head("Programme, ou raison", label=""),
            lambda row: beside(_why(row[1]), opened.drawn if opened and opened.entry is row[1] else ""),
        ),
        Shown("Au plus tard", lambda row: _until(row[1], seen.today)),
        Shown(Head("Agir", "all noprint", hidden=True, label=""), lambda row: _act(row[1], row[0], seen)),
    ).titled("", title, head_at=1, quiet=True)


def confirmable(each: Entry) -> Recommendation | None:
    """The recommendation that a person may follow from the row; None for the other acts, and for a unit that left."""
    row = each.row
    if each.kind is not TO_CONFIRM or row is None:
        return None
    unit = row.vacancy.unit
    return None if unit.is_sold else row.recommendation


def _box(each: Entry, *, checked: bool) -> str:
    recommendation = confirmable(each)
    if recommendation is None or each.row is None:
        return ""
    return tick(each.row.vacancy, recommendation, checked=checked)


def _what(each: Entry, today: date, *, anchor: str = "") -> str:
    """The act and its object, which leads to where it is done. `anchor`: whoever did the act before comes back here,
    the focus on the link."""
    act = each.kind.title or upper_first(each.kind.one)
    if each.row is not None:
        named, where = _unit(each.row)
        title = beside(bold(named) if named else "", headline(each.row.vacancy.unit))
    else:
        title = bold(each.words.title if each.words else act)
        where = each.words.detail if each.words else ""
    name = format_html(' id="{}"', anchor) if anchor else ""
    led = format_html('<a{} href="{}">{}</a>', name, address_of(each), title)
    return below(muted(act, "small"), led, muted(where) if where else "", _followed(each, today))


def _followed(each: Entry, today: date) -> str:
    """Who takes it, until when it is put off, or since when it is back."""
    return muted(followed(each.mark, today, each.due_on), "small") if each.mark else ""


def followed(mark: RowMark | None, today: date, due_on: date | None = None) -> str:
    """How a row is followed, whose act is due on a day. One that became due earlier than the day on which it comes back
    is put off no more (`RowMark.hides`)."""
    if mark is None:
        return "Personne ne suit plus cette ligne."
    taken = f"Pris par {mark.taken_by}." if mark.taken_by else ""
    until = mark.put_off_until
    if until is None:
        return taken
    if until <= today:
        when = f"Report échu le {near_day(until)}"
    elif mark.hides(due_on, today=today):
        when = f"Reporté au {near_day(until)}"
    else:
        when = f"Revenue avant le {near_day(until)}, son échéance étant plus proche"
    return " ".join(filter(None, (taken, f"{when} : {mark.reason.rstrip('.')}.")))


def _unit(row: VacancyRow) -> tuple[str, str]:
    """Its reference and its address, for who opens its file; its commune otherwise."""
    unit = row.vacancy.unit
    if row.file_open:
        return unit.reference, f"{unit.address}, {unit.commune.name}"
    return "", unit.commune.name


def _why(each: Entry) -> str:
    """Why it is there, and what the act does to the account, before it is done."""
    recommendation = confirmable(each)
    if recommendation is not None:
        return below(bold(recommendation.holder), muted(recommendation.sentence), _effect(recommendation))
    if each.row is None:
        return ""
    unit = each.row.vacancy.unit
    return below(muted(unit.programme), muted(unit.landlord) if each.kind is CANDIDATES_AWAITED else "")


def _effect(recommendation: Recommendation) -> str:
    """What confirming does to the gap of the holder: one unit received more. Nothing of a unit given back, whose return
    may have used a turn already."""
    mine = next((row for row in recommendation.ranking if row["id"] == str(recommendation.holder_id)), None)
    if mine is None or recommendation.attempt > 1:
        return ""
    return muted(f"Confirmé, son écart passe de {gap(mine['delay'])} à {gap(mine['delay'] - UNIT)}.", "small")


def _until(each: Entry, today: date) -> str:
    """The day, the hour when one is fixed, and what happens then."""
    if each.due_on is None:
        return muted("sans")
    when = near_day(each.due_on) if each.due_at is None else f"{near_day(each.due_on)}, {hour(each.due_at)}"
    lapse = _lapse(each)
    return below(pill(*_left(each, today)), when, muted(lapse, "small") if lapse else "")


def _lapse(each: Entry) -> str:
    """What happens once the day is over. A first letting, or a unit in stock, never leaves its holder."""
    if each.kind is CANDIDATES_AWAITED and not _in_flow(each):
        return "passé ce jour, il vous reste, en retard"
    return each.kind.lapse


def _in_flow(each: Entry) -> bool:
    return each.row is not None and each.row.vacancy.kind == Vacancy.Kind.IN_FLOW


def _left(each: Entry, today: date) -> tuple[str, str]:
    days = (each.due_on - today).days if each.due_on else 0
    if days < 0:
        return "Date passée", "late"
    if days == 0:
        return "Aujourd’hui", "late"
    return ("Demain" if days == 1 else f"Dans {days} jours"), "todo" if days <= SOON else "wait"


def _act(each: Entry, rank: int, seen: Seen) -> str:
    recommendation = confirmable(each)
    follow = "" if each.kind.own else _opens(each, FOLLOW, seen.filters, "link small")
    if each.kind is TO_CONFIRM and recommendation is None:
        return beside(_open(each), follow)
    acts = acts_of(each, seen.reader)
    opens = [*(_opens(each, act, seen.filters) for act in acts), follow]
    if recommendation is None:
        by_key = any(act.key == "c" for act in acts)
        return beside("" if any(act.main for act in acts) else _open(each, by_key=not by_key), *opens)
    confirm = format_html(
        '<button class="btn sm go" type="submit" name="seul" value="{}-{}" formaction="{}" data-key="c">'
        "Confirmer{}</button>",
        each.key,
        recommendation.pk,
        f"{reverse('vacancies-confirm')}?{coming(seen.filters, rank)}",
        heard(f" {_named(each)} : {recommendation.holder}"),
    )
    return beside(confirm, *opens)


def _opens(each: Entry, act: RowAct, filters: Filters, css: str = "btn sm") -> SafeString:
    """What opens the form of an act in its row."""
    return format_html(
        '<a class="{}" href="{}" data-key="{}">{}{}</a>',
        css,
        opening(each, act, filters),
        act.key,
        act.words,
        heard(f" : {_named(each)}"),
    )


def acts_of(each: Entry, reader: Reader) -> list[RowAct]:
    """What a form of the row does for this person. A unit of the flow alone is left by its holder."""
    return [
        act
        for act in each.kind.acts
        if act.whom(reader) and (not act.drafts or each.drafts) and (act is not GIVE_BACK or _in_flow(each))
    ]


def name_of(each: Entry, act: RowAct) -> str:
    """The form of an act in a row, in the address: by its kind too where kinds share the act."""
    return f"{act.code}-{each.kind.code}-{each.key}" if act is FOLLOW else f"{act.code}-{each.key}"


def opening(each: Entry, act: RowAct, filters: Filters) -> str:
    """The list with the form of an act open in its row."""
    return f"{reverse('inbox')}?{urlencode({**asked(filters), OPEN: name_of(each, act)})}#{FORM}"


def _open(each: Entry, *, by_key: bool = False) -> SafeString:
    """The page of the act. `by_key`: `c` opens it, where the row has no form for it."""
    key = SafeString(' data-key="c"') if by_key else ""
    words = format_html("{}{}", each.kind.verb, heard(f" : {_named(each)}"))
    return format_html('<a class="btn sm" href="{}"{}>{}</a>', address_of(each), key, words)


def _named(each: Entry) -> str:
    if each.row is not None:
        return each.row.vacancy.unit.reference if each.row.file_open else headline(each.row.vacancy.unit)
    return each.words.title if each.words else ""


def address_of(each: Entry) -> str:
    """Where the act of a row is done."""
    if each.row is not None:
        return reverse(each.kind.opens, args=[each.key])
    return each.words.address if each.words else each.kind.where


def asked(filters: Filters) -> dict[str, str]:
    """The part of an address that keeps the filters."""
    kept: dict[str, str] = {KIND: filters.kind.code} if filters.kind else {}
    kept |= {name: str(pk) for name, pk in filters.places.items()}
    kept |= {WHOSE: filters.whose} if filters.whose else {}
    kept |= {GROUP: filters.group} if filters.group else {}
    return kept | ({"page": filters.page} if filters.page else {})


def coming(filters: Filters, rank: int = 0) -> str:
    """What the address of an act says of this list, to come back to it as it was filtered, at the rank of a row."""
    return urlencode({CAME: INBOX, **asked(filters), **({RANK: str(rank)} if rank else {})})


def answer(counted: Sequence[Counted], today: date) -> SafeString:
    """How much there is, and what of it lapses today."""
    number = sum(each.number for each in counted)
    if not number:
        return format_html("Rien : {} chose à faire.", bold(0))
    first = min((each.first for each in counted if each.first), default=None)
    whole = bold(f"{integer(number)} {plural(number, 'chose,choses')} à faire")
    if first is None:
        return format_html("{}, sans échéance.", whole)
    when = (
        "la date de la première est passée"
        if first < today
        else ("la première échoit aujourd’hui" if first == today else f"la première échoit le {day(first)}")
    )
    return format_html("{} : {}.", whole, when)


def selects(board: Board, filters: Filters, *, followed: bool) -> list[tuple[str, str, SafeString]]:
    """The filters: the label of each, its name in the address, and its options. Those of a place stand only where a
    unit awaits, that of a follow-up only where a row is `followed`."""
    kinds = [(each.kind.code, f"{each.kind.heading} ({integer(each.number)})") for each in board.here]
    found = [("Nature", KIND, _options([("", "Toutes"), *kinds], filters.kind.code if filters.kind else ""))]
    orders = [("", "Ce qui échoit en premier"), (BY_KIND, "Par nature")]
    if board.places:
        communes = sorted({(each.commune_name, str(each.commune)) for each in board.places})
        programmes = dict.fromkeys((str(each.programme), each.programme_name) for each in board.places)
        here = [("", "Toutes"), *((pk, name) for name, pk in communes)]
        found.append(("Commune", "commune", _options(here, str(filters.commune or ""))))
        found.append(("Programme", "programme", _options([("", "Tous"), *programmes], str(filters.programme or ""))))
        orders += [(BY_COMMUNE, "Par commune"), (BY_PROGRAMME, "Par programme")]
    if followed or filters.whose:
        whose = [("", "Tout"), (MINE, "Pris par moi"), (NOBODY, "Pris par personne"), (PUT_OFF, "Reporté")]
        found.append(("Suivi", WHOSE, _options(whose, filters.whose)))
    return [*found, ("Ordre", GROUP, _options(orders, filters.group))]


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SafeString(" selected" if value == chosen else ""), words) for value, words in choices),
    )


def named_filters(found: Iterable[NamedFilter], kept: Mapping[str, str]) -> list[tuple[NamedFilter, str, bool]]:
    """The filters that a person keeps under a name: each with its address; is it the one of the list?"""
    here = urlencode({name: value for name, value in kept.items() if name != "page"})
    return [(each, f"{reverse('inbox')}?{each.kept}", each.kept == here) for each in found]
