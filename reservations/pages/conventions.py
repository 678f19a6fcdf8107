"""Where a convention stands, in two or three words, and the list of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from reservations.models import Convention
from reservations.pages.clauses import promised
from reservations.pages.pauses import in_force, is_suspended, tally_of
from reservations.pages.pieces import below, beside, bold, button, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table, acting
from reservations.queries.conventions import ConventionState, convention_state, ends_soon
from reservations.words import day

NAMES = {
    ConventionState.DRAFT: "brouillon",
    ConventionState.PROPOSED: "proposée",
    ConventionState.TO_COME: "à venir",
    ConventionState.IN_FORCE: "en vigueur",
    ConventionState.PAST: "passée",
    ConventionState.REPLACED: "remplacée par un avenant",
    ConventionState.VOID: "sans effet",
}

#: The pill of each current (visual language, « état »).
PILLS = {
    ConventionState.DRAFT: "part",
    ConventionState.PROPOSED: "part",
    ConventionState.TO_COME: "wait",
    ConventionState.IN_FORCE: "ok",
    ConventionState.PAST: "no",
    ConventionState.REPLACED: "no",
    ConventionState.VOID: "no",
}


@dataclass(frozen=True, slots=True)
class ConventionLine:
    """A convention with its state in two or three words, and the class of its pill; `tally`, of a proposal in a list:
    how many have signed. One that is suspended that day says so first."""

    convention: Convention
    words: str
    pill: str
    tally: str = ""


def convention_line(convention: Convention, on: date) -> ConventionLine:
    """Where a convention stands on a day, and that its end is near."""
    if is_suspended(in_force(convention), on) and convention.starts_on <= on <= convention.ends_on:
        return ConventionLine(convention, "suspendue", "wait")
    if ends_soon(convention, on):
        days = (convention.ends_on - on).days
        return ConventionLine(
            convention, "dernier jour" if not days else f"finit dans {days} jour{'s' * (days > 1)}", "todo"
        )
    stage = convention_state(convention, on)
    return ConventionLine(convention, NAMES[stage], PILLS[stage], tally_of(convention))


def conventions_table(lines: Iterable[ConventionLine], *, show_landlord: bool, show_signatory: bool) -> Table:
    """A convention a row, by its parties that are not the reader. Quotas with their holders: fetched."""
    note = "Part : logements promis sur 100 qui entrent dans le flux du périmètre."
    return Rows(
        lines,
        Shown("Bailleur", lambda each: bold(each.convention.landlord.organisation.name), when=show_landlord),
        Shown("Signataire", lambda each: _signatory(each.convention, heads=not show_landlord), when=show_signatory),
        Shown(
            Head("Périmètre", ""),
            lambda each: below(
                each.convention.perimeter.name, muted(each.convention.perimeter.get_kind_display(), "small")
            ),
        ),
        Shown(Head("Période", ""), lambda each: f"{day(each.convention.starts_on)} – {day(each.convention.last_day)}"),
        Shown(
            "Contingent, part et rang",
            lambda each: _shares(each.convention, alone=show_landlord and not show_signatory),
        ),
        Shown(Head("État", ""), _state),
        Shown(
            acting(),
            lambda each: button(
                reverse("convention-detail", args=[each.convention.pk]),
                "Lire",
                also=f" la convention {each.convention.landlord.organisation.name}, {each.convention.organisation.name}",  # noqa: E501
            ),
        ),
    ).titled("liste", "Conventions", note)


def _signatory(convention: Convention, *, heads: bool) -> str:
    name = convention.organisation.name
    return bold(name) if heads else name


def _shares(convention: Convention, *, alone: bool) -> str:
    """Each contingent with its share and its rank; it is named when there are several, or when nothing else states
    whose it is (`alone`)."""
    quotas = list(convention.quotas.all())
    named = alone or len(quotas) > 1
    shares = (
        beside(f"{each.holder} :" if named else "", bold(promised(each)), muted(f"rang {each.rank}")) for each in quotas
    )
    return below(*shares) or muted("aucune part")


def _state(line: ConventionLine) -> str:
    """Where it stands, how many signed, that it is an order, and which version it is of what follows it."""
    convention = line.convention
    replaced = convention.status == Convention.Status.AMENDED
    more = (
        line.tally,
        "arrêté du préfet" if convention.is_order else "",
        f"version {convention.version}" if convention.version > 1 else "",
        f"puis la version {convention.version + 1}" if replaced else "",
    )
    return below(pill(line.words, line.pill), *(muted(words, "small") for words in more if words))
