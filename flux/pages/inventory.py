"""What pages say of inventory.

* The inventory of rights in words: where a title stands, when its units end, what each act changed of it.
* The titles of the stock, in tables: their list, their sum, and one of them: what bears it, used it, changed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from flux.models import StockAssignment, Vacancy
from flux.pages.units import headline
from flux.queries.stock import BearerRow, RightState, SynthesisLine, TitleRow
from flux.words import known
from reservations.models import HistoryEntry, StockRight
from reservations.pages.pieces import Fact, below, beside, bold, button, definition, facts, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text, acting
from reservations.words import day, integer, plural, to, towards

NAMES = {
    RightState.LIVING: "en cours",
    RightState.TO_COME: "à venir",
    RightState.USED: "utilisé",
    RightState.ENDED: "terminé",
    RightState.CONVERTED: "converti en flux",
}

#: Which state word goes with which sign (static/app.css).
PILLS = {
    RightState.LIVING: "ok",
    RightState.TO_COME: "wait",
    RightState.USED: "no",
    RightState.ENDED: "no",
    RightState.CONVERTED: "talk",
}

#: What an act may change of a title.
FIELDS = {
    "reference": "référence",
    "holder": "réservataire",
    "ground": "fondement",
    "use": "usage",
    "starts_on": "début",
    "ends_on": "fin",
    "loan_ends_on": "fin de l’emprunt",
    "extension_years": "années après l’emprunt",
    "unit": "logement rattaché",
    "programme": "programme rattaché",
    "bearers": "logements rattachés",
    "converted_in": "convention qui convertit le titre, n°",
}

#: Acts whose every field is new: what they stated is the title itself, only later changes are listed field by field.
FIRST = (HistoryEntry.Act.RECORDED, HistoryEntry.Act.IMPORTED)


def state_name(row: TitleRow | BearerRow) -> str:
    """« en cours »."""
    return NAMES[row.state]


def state_pill(row: TitleRow | BearerRow) -> str:
    """The class of its pill: a title that ends soon is to watch."""
    return "todo" if isinstance(row, TitleRow) and row.soon else PILLS[row.state]


def kept_financing(line: SynthesisLine) -> str:
    """The financing of the units of a line."""
    return "logements non désignés" if line.financing is None else known(line.financing)


def last_years(line: SynthesisLine) -> str:
    """« 2028 : 3 ; 2031 : 12 ; sans fin : 4 », in units."""
    years = sorted(year for year in line.ends if year is not None)
    parts = [f"{year} : {line.ends[year]}" for year in years]
    return " ; ".join([*parts, f"sans fin : {line.ends[None]}"] if line.ends[None] else parts)


@dataclass(frozen=True, slots=True)
class TitleAct:
    """One act on a title, and what it changed: (what, before, after)."""

    entry: HistoryEntry
    changes: list[tuple[str, str, str]]


def title_acts(entries: Iterable[HistoryEntry]) -> list[TitleAct]:
    """The story of a title."""
    return [TitleAct(entry, list(_changes(entry))) for entry in entries]


def _changes(entry: HistoryEntry) -> Iterable[tuple[str, str, str]]:
    for name, (before, after) in entry.details.items():
        if before is None and (after in {None, ""} or (entry.act in FIRST and name != "bearers")):
            continue
        yield FIELDS.get(name, name), _shown(before), _shown(after)


def _shown(value: str | int | None) -> str:
    if value is None or value == "":
        return ""
    words = dict(StockRight.Ground.choices) | dict(StockRight.Use.choices)
    text = str(words.get(str(value), value))
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    except ValueError:
        return text


def endless(ends_on: date | None) -> str:
    """The day on which it ends, if it does."""
    return day(ends_on) if ends_on else "sans fin"


def question(right: StockRight, *, by_landlord: bool) -> str:
    """The title of the page of one right."""
    whose = to(right.holder) if by_landlord else f"chez {towards(right.landlord.organisation)}"
    return f"Que donne encore ce droit {whose} ?"


def answer(row: TitleRow) -> str:
    """What it still gives, and what it gave."""
    taken = f"{integer(row.taken)} {plural(row.taken, 'logement libéré est parti,logements libérés sont partis')}"
    units = integer(row.units)
    if row.state == RightState.LIVING:
        left = "sans fin"
        if row.days_left is not None:
            left = f"encore {integer(row.days_left)} {plural(row.days_left, 'jour,jours')}"
        sentence = f"{units} {plural(row.units, 'logement le porte,logements le portent')}, {left}"
    else:
        bearing = plural(row.units, "logement rattaché,logements rattachés")
        sentence = f"Plus rien aujourd’hui, sur {units} {bearing} : ce droit est {state_name(row)}"
    return f"{sentence}. {taken} sous ce titre."


def titles_table(rows: Iterable[TitleRow], *, show_landlord: bool) -> Table:
    """A title a row, those that end first at the head."""
    note = "Ceux qui finissent d’abord en tête. « Servi » : logements libérés partis sous ce titre."
    return Rows(
        rows,
        Shown(
            "Titre",
            lambda row: link(
                reverse("stock-right-detail", args=[row.right.pk]), bold(row.right.reference or "sans référence")
            ),
        ),
        Shown(
            "Bailleur" if show_landlord else "Réservataire",
            lambda row: row.right.landlord.organisation.name if show_landlord else str(row.right.holder),
        ),
        Shown("Fondement", lambda row: row.right.get_ground_display()),
        Shown(Head("Usage", ""), lambda row: row.right.get_use_display()),
        Number("Logements", lambda row: row.units),
        Number("Servi", lambda row: row.taken),
        Shown(Head("Période", ""), lambda row: f"{day(row.right.starts_on)} – {endless(row.right.ends_on)}"),
        Number("Jours restants", lambda row: "–" if row.days_left is None else integer(row.days_left)),
        Shown(
            Head("État", ""),
            lambda row: Text(f"{state_name(row)}{', finit bientôt' if row.soon else ''}", pill=state_pill(row)),
        ),
    ).titled("liste", "Titres", note)


def synthesis_table(lines: Iterable[SynthesisLine], units: int, *, show_landlord: bool) -> Table:
    """How many units leave the stock, and when: a holder, a ground, a commune and a financing a row."""
    whole = Text("Ensemble", span=5 if show_landlord else 4)
    title = "Droits en cours, par réservataire, fondement, commune et financement"
    note = "Logements par année de fin : combien sortent du stock, et quand. Aucune adresse ici."
    return Rows(
        lines,
        Shown("Bailleur", lambda line: line.landlord, whole, when=show_landlord),
        Shown("Réservataire", lambda line: str(line.holder), None if show_landlord else whole),
        Shown("Fondement", lambda line: line.ground),
        Shown(Head("Commune", ""), lambda line: line.commune),
        Shown(Head("Financement", ""), kept_financing),
        Number("Logements", lambda line: line.units, units),
        Number("Titres", lambda line: len(line.titles), ""),
        Shown(Head("Logements par année de fin", label="Par année de fin"), last_years, ""),
    ).titled("cap", title, note)


USE = (
    "Un droit de suite revient à chaque libération du logement, jusqu’à sa fin. Un droit unique s’épuise à la première "
    "location."
)
EXTENSION = (
    "Les droits d’une garantie d’emprunt durent encore après l’emprunt, le temps que fixe la loi (CCH, R441-6). Le "
    "nombre d’années est celui en vigueur le jour de l’enregistrement."
)


def title_facts(right: StockRight, ends: str) -> tuple[Fact, ...]:
    """What a title says; `ends`: until when it lasts."""
    return facts(
        ("Bailleur", right.landlord.organisation.name),
        ("Réservataire", bold(right.holder)),
        ("Fondement", right.get_ground_display()),
        ("Usage", beside(right.get_use_display(), definition("Usage", USE))),
        ("Du", day(right.starts_on)),
        ("Au", ends),
        ("Emprunt", _loan(right)),
        ("Conversion", _converted(right)),
    )


def _loan(right: StockRight) -> str:
    if right.loan_ends_on is None:
        return ""
    years = right.extension_years or 0
    text = f"jusqu’au {day(right.loan_ends_on)}, puis {years} {plural(years, 'an,ans')}"
    return beside(text, definition("Prolongation", EXTENSION))


def _converted(right: StockRight) -> str:
    if right.converted_in_id is None:
        return ""
    return link(reverse("convention-detail", args=[right.converted_in_id]), "converti dans cette convention")


def bearers_table(lines: Iterable[BearerRow], *, by_landlord: bool, may_manage: bool) -> Table:
    """What bears a title: units, or programmes whose units are not named."""
    return Rows(
        lines,
        Shown("Logement", lambda line: _bearer(line.assignment, by_landlord=by_landlord)),
        Shown("Adresse", lambda line: _where(line.assignment)),
        Number("Nombre", lambda line: line.assignment.units),
        Number("Servi", lambda line: line.assignment.taken),
        Shown(
            Head("Depuis, jusqu’au", ""),
            lambda line: f"{day(line.assignment.starts_on)} – {endless(line.assignment.ends_on)}",
        ),
        Shown(Head("État", ""), lambda line: Text(state_name(line), pill=state_pill(line))),
        Shown(acting("Agir", hidden=True), lambda line: _detach(line.assignment), when=may_manage),
    ).titled("cap-logements", "Logements et programmes rattachés au titre", quiet=True)


def _bearer(assignment: StockAssignment, *, by_landlord: bool) -> str:
    unit = assignment.unit
    if unit is None:
        return below(bold(assignment.programme), muted("logements non désignés"))
    name = bold(unit)
    return below(link(reverse("unit-detail", args=[unit.pk]), name) if by_landlord else name, muted(headline(unit)))


def _where(assignment: StockAssignment) -> str:
    if assignment.unit is not None:
        return f"{assignment.unit.address}, {assignment.unit.commune.name}"
    assert assignment.programme is not None
    return str(assignment.programme.commune.name)


def _detach(assignment: StockAssignment) -> SafeString:
    also = f" {assignment.unit or assignment.programme}"
    return button(reverse("stock-assignment-end", args=[assignment.pk]), "Détacher", also=also)


def uses_table(uses: Iterable[tuple[Vacancy, bool]]) -> Table:
    """Vacancies that went under a title, and whether the reader may open each."""
    return Rows(
        uses,
        Shown(Head("Enregistré le", ""), lambda each: day(each[0].registered_on)),
        Shown(Head("Logement", ""), lambda each: each[0].unit.reference),
        Shown(Head("Commune", ""), lambda each: each[0].unit.commune.name),
        Shown(acting(hidden=True), lambda each: _read(each[0]) if each[1] else ""),
    ).titled(
        "",
        "Du plus récent au plus ancien",
        quiet=True,
        none="Aucun pour l’instant. Chaque logement libéré qui part sous ce titre apparaîtra ici.",
    )


def _read(vacancy: Vacancy) -> SafeString:
    also = f" la fiche d’orientation de {vacancy.unit.reference}"
    return button(reverse("vacancy-detail", args=[vacancy.pk]), "Lire", also=also)


def acts_table(story: Iterable[TitleAct], *, by_landlord: bool) -> Table:
    """What was done of a title, and why; who did it, for its landlord."""
    return Rows(
        story,
        Shown(Head("Date", ""), lambda each: day(each.entry.at)),
        Shown(
            Head("Acte", ""),
            lambda each: below(
                each.entry.get_act_display(), muted(each.entry.by if by_landlord else "par le bailleur")
            ),
        ),
        Shown(
            Head("Ce qui a changé, et pourquoi", label=""),
            lambda each: below(_titles_changes(each), muted(each.entry.why) if each.entry.why else ""),
        ),
    ).titled(
        "",
        "Du plus récent au plus ancien",
        quiet=True,
        none="Enregistré avant que les actes soient gardés : la suite apparaîtra ici.",
    )


def _titles_changes(act: TitleAct) -> SafeString:
    return format_html_join(
        SafeString("<br>"),
        "{} : {}{}",
        ((what, f"{before} → " if before else "", after or "rien") for what, before, after in act.changes),
    )
