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
from reservations.pages.table import Head, Number, Rows, Shown, Table
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
    title = f"Répartition du programme {programme}"
    return Rows(
        sheet.shares,
        Shown("Réservataire", lambda row: _whose(row, programme), total="Ensemble"),
        Number("Part", lambda row: row.units, total=sheet.units),
        Number("Désignés", lambda row: row.named, total=sheet.named),
        Number("Loués", lambda row: row.let, total=sheet.let),
        Number("Reste", lambda row: row.remaining, total=sheet.remaining),
    ).titled("", title, "En logements. Reste = part − loués.")


def _whose(row: ShareRow, programme: Programme) -> str:
    return str(row.holder) if row.allotment else beside(programme.landlord.organisation.name, muted("(non réservé)"))


def homes_table(homes: Iterable[UnitRow], *, by_landlord: bool) -> Table:
    """A home a row: for whom it is named, and where its first letting went."""
    title = "Logements enregistrés du programme, leur désignation et leur première location"
    return Rows(
        homes,
        Shown("Logement", lambda row: _home(row, by_landlord=by_landlord)),
        Shown("Désigné pour", lambda row: str(row.named) if row.named else muted("non désigné")),
        Shown("Première location", _letting),
    ).titled(
        "",
        title,
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
    return Rows(
        rows,
        Number("N°", lambda row: str(row.programme.number)),
        Shown("Programme", lambda row: below(_named(row.programme), _stands(row))),
        Shown(Head("Commune", ""), lambda row: row.programme.commune.name),
        Number("Logements", _counted),
        Shown(
            Head("Classe d’attractivité", label="Classe"),
            lambda row: class_words(row.programme) if row.gone else class_cell(row.programme),
        ),
    ).titled("liste", "Programmes, leurs logements et leur classe", head_at=1, quiet=True)


def new_table(rows: Iterable[ProgrammeRow], *, show_landlord: bool) -> Table:
    """A programme that is not let yet a row: its delivery, its allotment."""
    title = "Programmes neufs, leur livraison et leur répartition"
    return Rows(
        rows,
        Shown("Programme", lambda row: _named(row.programme)),
        Shown(Head("Bailleur", ""), lambda row: row.programme.landlord.organisation.name, when=show_landlord),
        Shown(Head("Commune", ""), lambda row: row.programme.commune.name),
        Shown(Head("Livraison", ""), lambda row: day(row.programme.delivered_on)),
        Number("Logements", lambda row: row.units),
        Number("Répartis", lambda row: row.allotted),
        Number("Loués", lambda row: row.let),
        Shown("État", lambda row: below(pill(stage_name(row.stage), stage_pill(row.stage)), _gone(row))),
    ).titled("liste", title, quiet=True)


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
