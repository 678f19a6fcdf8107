"""A programme in tables: its list, its shares, its homes; and the sentence that says how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Programme
from flux.pages.dwelling import headline
from flux.pages.programmes import stage_name, stage_pill
from flux.queries.programmes import ProgrammeRow, ProgrammeSheet, ShareRow, Stage, UnitRow
from reservations.pages.pieces import below, beside, bold, link, muted, pill
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import day, integer, of, plural, to


def answer(sheet: ProgrammeSheet) -> str:
    """How many homes, and what became of them."""
    units = f"{integer(sheet.units)} {plural(sheet.units, 'logement,logements')}"
    if sheet.stage == Stage.STOCK:
        return (
            f"{units}, sans répartition de première location : libérés, ils vont au flux ou suivent leurs droits en "
            "stock."
        )
    if sheet.stage == Stage.PLANNED:
        planned = f"{integer(sheet.units)} {plural(sheet.units, 'logement prévu,logements prévus')}"
        return f"{planned}, aucune part donnée : la première location reste à répartir."
    named = f"dont {integer(sheet.named)} {plural(sheet.named, 'désigné,désignés')}, " if sheet.named else ""
    allotted = f"{integer(sheet.allotted)} {plural(sheet.allotted, 'réparti,répartis')}"
    return f"{units} : {allotted}, {named}{integer(sheet.let)} déjà {plural(sheet.let, 'loué,loués')}."


def shares_table(programme: Programme, sheet: ProgrammeSheet) -> Table:
    """A funder a row, and the landlord for what is left."""
    rows = [
        (_whose(row, programme), integer(row.units), integer(row.named), integer(row.let), integer(row.remaining))
        for row in sheet.shares
    ]
    total = ("Ensemble", *(integer(each) for each in (sheet.units, sheet.named, sheet.let, sheet.remaining)))
    headings = ("Réservataire", *(f"{each}{FIGURE}" for each in ("Part", "Désignés", "Loués", "Reste")))
    title = f"Répartition du programme {programme}"
    return table("", title, "En logements. Reste = part − loués.", headings, rows, totals=[total])


def _whose(row: ShareRow, programme: Programme) -> str:
    return str(row.holder) if row.allotment else beside(programme.landlord.organisation.name, muted("(non réservé)"))


def homes_table(homes: Iterable[UnitRow], *, by_landlord: bool) -> Table:
    """A home a row: for whom it is named, and where its first letting went."""
    rows = [
        (_home(row, by_landlord=by_landlord), str(row.named) if row.named else muted("non désigné"), _letting(row))
        for row in homes
    ]
    title = "Logements enregistrés du programme, leur désignation et leur première location"
    return table(
        "",
        title,
        "",
        ("Logement", "Désigné pour", "Première location"),
        rows,
        quiet=True,
        none="Aucun logement enregistré. Ils arriveront avec le fichier RPLS du bailleur, sous le nom de ce programme.",
    )


def _home(row: UnitRow, *, by_landlord: bool) -> str:
    name = headline(row.unit)
    if not by_landlord:
        return name
    return format_html("{}, {}", link(reverse("unit-detail", args=[row.unit.pk]), bold(row.unit)), name)


def _letting(row: UnitRow) -> SafeString:
    if row.vacancy is None:
        return muted("à venir")
    address = reverse("vacancy-detail", args=[row.vacancy.pk])
    if row.destination is None:
        return format_html("{}, attend la répartition", link(address, "enregistrée"))
    return format_html("{}, le {}", link(address, row.destination), day(row.vacancy.registered_on))


def programmes_table(rows: Iterable[ProgrammeRow], class_cell: Callable[[Programme], str]) -> Table:
    """A programme of the landlord a row. `class_cell`: its class, or where one gives it, as long as it is the
    landlord’s."""
    told = [
        (
            str(row.programme.number),
            below(_named(row.programme), _stands(row)),
            row.programme.commune.name,
            _counted(row),
            class_words(row.programme) if row.gone else class_cell(row.programme),
        )
        for row in rows
    ]
    headings = (
        *(f"N°{FIGURE}", "Programme", Head("Commune", ""), f"Logements{FIGURE}"),
        Head("Classe d’attractivité", label="Classe"),
    )
    return table("liste", "Programmes, leurs logements et leur classe", "", headings, told, head_at=1, quiet=True)


def new_table(rows: Iterable[ProgrammeRow], *, show_landlord: bool) -> Table:
    """A programme that is not let yet a row: its delivery, its allotment."""
    told = [
        (
            _named(row.programme),
            *((row.programme.landlord.organisation.name,) if show_landlord else ()),
            row.programme.commune.name,
            day(row.programme.delivered_on),
            *(integer(figure) for figure in (row.units, row.allotted, row.let)),
            below(pill(stage_name(row.stage), stage_pill(row.stage)), _gone(row)),
        )
        for row in rows
    ]
    headings = (
        *("Programme", *((Head("Bailleur", ""),) if show_landlord else ()), Head("Commune", ""), Head("Livraison", "")),
        *(f"Logements{FIGURE}", f"Répartis{FIGURE}", f"Loués{FIGURE}", "État"),
    )
    title = "Programmes neufs, leur livraison et leur répartition"
    return table("liste", title, "", headings, told, quiet=True)


def _named(programme: Programme) -> SafeString:
    """The name of a programme, where one comes back to it once it is classed."""
    address = reverse("programme-detail", args=[programme.pk])
    return format_html('<a id="p{}" href="{}"><b>{}</b></a>', programme.pk, address, programme)


def _gone(row: ProgrammeRow) -> str:
    return f"cédé {to(row.gone.to)} le {day(row.gone.on)}" if row.gone else ""


def _stands(row: ProgrammeRow) -> SafeString | str:
    if row.gone:
        return pill(_gone(row), "no")
    return pill(stage_name(row.stage), stage_pill(row.stage)) if row.programme.expected_units else ""


def _counted(row: ProgrammeRow) -> SafeString:
    if not row.known:
        return beside(integer(row.units), muted(plural(row.units, "prévu,prévus"), "small"))
    also = f" {plural(row.known, 'logement,logements')} {of(row.programme)}"
    return link(f"{reverse('unit-list')}?programme={row.programme.pk}", integer(row.known), also=also)


def class_words(programme: Programme) -> str:
    """« très demandé »; or that it has no class."""
    return programme.get_attractiveness_display() if programme.attractiveness else muted("Non classé")
