"""A unit that a figure of the balance counts, or may count, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.safestring import SafeString

from attributions.bilan.queries.units import Counted
from flux.models import Vacancy
from flux.pages.dwelling import headline
from reservations.pages.pieces import below, beside, bold, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day


def counted_unit(each: Counted) -> str:
    """« RH-06-001, T5, Narbonne, hors QPV : compté »."""
    told, times = each.description, each.times
    facts = (each.vacancy.unit.reference, told.typology, told.commune.name, told.qpv)
    state = "ne compte pas" if not times else "compté" if times == 1 else f"compté {times} fois"
    return f"{', '.join(fact for fact in facts if fact)} : {state}"


def behind_table(rows: Iterable[tuple[Vacancy, int]], *, counts_candidates: bool) -> Table:
    """A unit a row, and how many times it counts; its address is for who opens its file."""
    counted = "Candidatures" if counts_candidates else "Compte pour"
    note = "Dans l’ordre d’enregistrement. L’adresse n’est montrée qu’à qui ouvre la fiche."
    return Rows(
        rows,
        Shown("Logement", lambda each: _unit(each[0])),
        Shown(Head("Enregistré", "nw"), lambda each: day(each[0].registered_on)),
        Number(counted, lambda each: each[1]),
    ).titled("", "Leur somme est le chiffre", note)


def none_behind(*, hidden: bool) -> str:
    """Where the reader sees none of the units that a figure counts."""
    return f"Aucun logement{' que vous puissiez lire' * hidden} derrière ce chiffre."


def _unit(vacancy: Vacancy) -> SafeString:
    unit = vacancy.unit
    name = beside(bold(unit.reference) if vacancy.file_open else "", headline(unit))
    where = f"{unit.address}, {unit.commune.name}" if vacancy.file_open else unit.commune.name
    return below(link(reverse("vacancy-detail", args=[vacancy.pk]), name), muted(where))
