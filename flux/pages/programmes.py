"""What pages say of programmes.

* A programme in words: how far its first letting is, and what each act left written.
* What the page of a programme says beside its tables: its agreement, what may be done of it, what was.
* A programme in tables: its list, its shares, its homes; and the sentence that says how far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from flux.models import Programme
from flux.pages.units import headline
from flux.queries.programmes import GuaranteeWarning, ProgrammeRow, ProgrammeSheet, ShareRow, Stage, UnitRow
from reservations.models import HistoryEntry
from reservations.pages.pieces import Act, Fact, below, beside, bold, facts, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, of, plural, tenths, to

NAMES = {
    Stage.STOCK: "déjà loué",
    Stage.PLANNED: "à répartir",
    Stage.DRAFT: "répartition en préparation",
    Stage.AGREED: "répartition convenue",
    Stage.LETTING: "première location en cours",
    Stage.LET: "première location terminée",
}

#: The pill of each stage.
PILLS = {
    Stage.STOCK: "no",
    Stage.PLANNED: "todo",
    Stage.DRAFT: "wait",
    Stage.AGREED: "ok",
    Stage.LETTING: "part",
    Stage.LET: "ok",
}


def stage_name(stage: Stage) -> str:
    """« à répartir »."""
    return NAMES[stage]


def stage_pill(stage: Stage) -> str:
    """The class of its pill."""
    return PILLS[stage]


def programme_act(entry: HistoryEntry) -> str:
    """What an act left written, if its name does not say it all: « 24 logements, livraison le 23/01/2027 »."""
    after = {field: change[1] for field, change in entry.details.items()}
    parts = [f"{holder} {share['units']}" for holder, share in (after.get("allotment") or {}).items()]
    if "allotment" in after and not parts:
        parts.append("aucune part")
    if after.get("expected_units"):
        parts.append(f"{after['expected_units']} {plural(after['expected_units'], 'logement,logements')}")
    if after.get("delivered_on"):
        parts.append(f"livraison le {date.fromisoformat(after['delivered_on']):%d/%m/%Y}")
    if "attractiveness" in after:
        parts.append(f"classe {after['attractiveness']}" if after["attractiveness"] else "non classé")
    if "allotment_agreed_on" in after and after["allotment_agreed_on"] is None:
        parts.append("répartition rouverte")
    return ", ".join(parts)


def agreement_facts(programme: Programme) -> tuple[Fact, ...]:
    """How many homes, delivered and agreed when."""
    text, agreed = muted("à dire"), programme.allotment_agreed_on
    return facts(
        ("Commune", programme.commune.name),
        ("Logements prévus", integer(programme.expected_units) if programme.expected_units else text),
        ("Livraison", day(programme.delivered_on) if programme.delivered_on else text),
        ("Convenue le", day(agreed) if agreed else muted("pas encore")),
    )


def way_back(stage: Stage, *, by_landlord: bool) -> str:
    """The list that the programme is in."""
    listed = reverse("programme-list")
    if by_landlord and stage == Stage.STOCK:
        return link(listed, "Programmes")
    return link(f"{listed}?neufs=1", "Programmes neufs")


def none_shared(*, may_manage: bool) -> str:
    """Where there is no allotment."""
    more = " S’il est neuf, dites quand il sera livré, puis répartissez-le." if may_manage else ""
    return f"Ce programme n’a pas de répartition.{more}"


def warnings(read: ProgrammeSheet) -> list[str]:
    """What waits for the agreement, and what the law would not have."""
    return [
        *([_waiting(read.waiting)] if read.waiting else []),
        *([_guaranteed(read.warning)] if read.warning else []),
    ]


def _waiting(count: int) -> str:
    waits = plural(count, "première mise en location attend,premières mises en location attendent")
    then = plural(count, "elle sera orientée,elles seront orientées")
    return f"{integer(count)} {waits} la répartition : {then} le jour où l’accord est enregistré."


def _guaranteed(warning: GuaranteeWarning) -> str:
    held = bold(f"{integer(warning.held)} {plural(warning.held, 'logement,logements')} sur {integer(warning.units)}")
    return format_html(
        "Les collectivités ont ensemble {}. Ce qu’elles reçoivent pour une garantie d’emprunt ne dépasse pas {} % de "
        "chaque programme, ici {} ({}) ; le reste suppose un autre apport : terrain, subvention.",
        held,
        tenths(warning.parameter.value),
        integer(warning.most),
        warning.parameter.source,
    )


def programme_acts(read: ProgrammeSheet, agree: Form, reopen: Form, *, refused: bool) -> tuple[Act, ...]:
    """What its landlord may do of its first letting."""
    return tuple(_acts(read, agree, reopen, refused=refused))


def _acts(read: ProgrammeSheet, agree: Form, reopen: Form, *, refused: bool) -> Iterator[Act]:
    pk, stage = [read.programme.pk], read.stage
    if stage == Stage.DRAFT:
        yield Act(
            "Convenir de la répartition…",
            reverse("programme-agree", args=pk),
            "Ensuite, chaque première mise en location ira aussitôt à son réservataire. La répartition se rouvre, avec "
            "un motif, tant qu’aucun logement n’est loué.",
            "Convenir de la répartition",
            fields=(agree["agreed_on"], agree["why"]),
            first=True,
            opens=refused,
            printed=False,
        )
    if stage in (Stage.PLANNED, Stage.DRAFT):
        words = "Répartir le programme" if stage == Stage.PLANNED else "Modifier la répartition"
        there = reverse("programme-allotment", args=pk)
        yield Act(words, there, first=stage == Stage.PLANNED, printed=False)
    if read.may_be_planned:
        words = "Corriger la livraison" if read.programme.delivered_on else "Prévoir la livraison"
        yield Act(words, reverse("programme-plan", args=pk), css="btn sm", printed=False)
    if stage == Stage.AGREED:
        yield Act(
            "Rouvrir la répartition…",
            reverse("programme-reopen", args=pk),
            "La répartition redevient un projet, que vous corrigez puis convenez de nouveau. D’ici là, aucun logement "
            "du programme ne se met en location.",
            "Rouvrir la répartition",
            fields=(reopen["why"],),
            opens=refused,
            css="btn sm",
            printed=False,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """An act of its history, and what it says to this reader."""

    entry: HistoryEntry
    words: str


def programme_history(entries: list[HistoryEntry], *, by_landlord: bool) -> list[Done]:
    """Each act, its author for the landlord alone, what it left and why."""
    return [Done(entry, _act_words(entry, by_landlord=by_landlord)) for entry in entries]


def _act_words(entry: HistoryEntry, *, by_landlord: bool) -> str:
    by = f", par {entry.by}" if by_landlord else ""
    left = f" : {act}" if (act := programme_act(entry)) else ""
    text = format_html("{}{}{}", bold(capfirst(entry.get_act_display())), by, left)
    return below(text, muted(f"« {entry.why} »") if entry.why else "")


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
