"""The facts of a unit, and of a unit that falls vacant: everything for those who may open its file, what counts are
made of for the others."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.html import format_html

from flux.models import Unit, Vacancy
from flux.pages.dwelling import contingent, floor, qpv
from flux.queries.sheet import Sheet
from reservations.pages.clauses import in_days
from reservations.pages.facts import UNKNOWN, Fact, facts, yes_or_no
from reservations.pages.pieces import below, beside, bold, definition, link, muted, pill
from reservations.words import day, euros, tenths

QPV = "Quartier prioritaire de la politique de la ville. La part de l’État hors QPV se suit à part (CCH, R441-5-2)."
ADAPTED = "oui : moins de trois candidats peuvent être examinés (CCH, R441-3)"
HIDDEN = "L’adresse est lue par le bailleur et par le réservataire vers lequel le logement est orienté."
SHORTEST = "Délai le plus court des conventions en vigueur ici."


def sized(unit: Unit) -> str:
    """« T3 de 62,0 m² », or « T3 » alone."""
    return f"{unit.typology} de {tenths(unit.surface)} m²" if unit.surface else unit.typology


def dwelling(unit: Unit) -> str:
    """« T3 de 62,0 m², appartement »."""
    kind = {True: ", maison", False: ", appartement", None: ""}[unit.is_house]
    return format_html("{}{}", bold(sized(unit)), kind)


def address(unit: Unit) -> str:
    """« 3 rue Voltaire, 11100 Narbonne »."""
    return f"{unit.address}, {f'{unit.postal_code} ' if unit.postal_code else ''}{unit.commune.name}"


def storey(unit: Unit) -> str:
    """« 1er étage, ascenseur oui »."""
    return f"{floor(unit.floor) or UNKNOWN}, ascenseur {yes_or_no(unit.has_lift)}"


def rent(unit: Unit) -> str:
    """« 412,50 € hors charges, charges 60,00 € par mois »: what of it is known."""
    if unit.rent is None and unit.charges is None:
        return UNKNOWN
    net = UNKNOWN if unit.rent is None else f"{euros(unit.rent)} hors charges"
    charges = "charges non renseignées" if unit.charges is None else f"charges {euros(unit.charges)}"
    return beside(f"{net}, {charges}", muted("par mois"))


def _energy(unit: Unit) -> str:
    return f", étiquette énergie {unit.energy_class}" if unit.energy_class else ""


def unit_facts(unit: Unit, *, by_landlord: bool) -> tuple[Fact, ...]:
    """Of a unit whose file is open to the reader."""
    programme, graded = unit.programme, unit.programme.attractiveness
    named = link(reverse("programme-detail", args=[programme.pk]), programme) if by_landlord else str(programme)
    left = f"{unit.get_left_why_display()}, su le {day(unit.left_on)}" if unit.left_on else ""
    told = f"{contingent(unit.told_contingent)}, à vérifier dans vos titres" if unit.told_contingent else ""
    return facts(
        ("Logement", dwelling(unit)),
        ("Adresse", address(unit)),
        ("Programme", format_html("{}, {}", named, f"classe {graded}" if graded else "non classé")),
        ("Identifiant RPLS", unit.rpls_id or UNKNOWN),
        ("Sorti du parc", left),
        ("Contingent selon le RPLS", told),
        ("Situation", unit.place),
        ("Étage", storey(unit)),
        ("Accessible en fauteuil", yes_or_no(unit.is_accessible)),
        ("Loyer", rent(unit)),
        ("PLAI adapté", ADAPTED if unit.is_adapted_plai else ""),
        ("Financement", unit.financing_group or UNKNOWN),
        ("Quartier", qpv(unit)),
        ("Construction", f"{unit.construction_year or 'non renseignée'}{_energy(unit)}"),
    )


def vacancy_facts(
    vacancy: Vacancy, sheet: Sheet | None, *, opens: bool, by_landlord: bool, today: date
) -> tuple[Fact, ...]:
    """Of a unit that falls vacant, with its days; `sheet`: when it was told, or is to be."""
    unit = vacancy.unit
    return facts(
        *(_opened(unit) if opens else _shut(unit)),
        ("Financement", unit.financing_group or UNKNOWN),
        ("Quartier", _quarter(unit)),
        ("Construction", _built(unit, opens=opens)),
        ("Attractivité", _graded(unit) if opens else ""),
        ("Congé reçu", _notice(vacancy)),
        ("Signalé", _told(sheet)),
        ("À signaler", _to_tell(sheet, today) if by_landlord else ""),
        ("Travaux", f"jusqu’au {day(vacancy.works_end_on)}" if vacancy.works_end_on else ""),
        ("Référence", link(reverse("unit-detail", args=[unit.pk]), unit.reference) if opens else ""),
        ("Fiche", "" if opens else muted(HIDDEN)),
    )


def _opened(unit: Unit) -> tuple[Fact, ...]:
    return (
        ("Logement", dwelling(unit)),
        ("Adresse", below(address(unit), unit.programme)),
        ("Étage", storey(unit)),
        ("Accessible en fauteuil", yes_or_no(unit.is_accessible)),
        ("Loyer", rent(unit)),
        ("PLAI adapté", ADAPTED if unit.is_adapted_plai else ""),
    )


def _shut(unit: Unit) -> tuple[Fact, ...]:
    return ("Logement", bold(unit.typology)), ("Commune", unit.commune.name)


def _quarter(unit: Unit) -> str:
    return UNKNOWN if unit.in_qpv is None else beside("en" if unit.in_qpv else "hors", definition("QPV", QPV))


def _built(unit: Unit, *, opens: bool) -> str:
    if opens and unit.construction_year:
        return f"{unit.construction_year}{_energy(unit)}"
    return unit.period or "non renseignée"


def _graded(unit: Unit) -> str:
    graded = unit.programme.attractiveness
    return f"{graded}, selon la grille du bailleur" if graded else "non classé"


def _notice(vacancy: Vacancy) -> str:
    said, year = f"{day(vacancy.notice_on)}, libre le {day(vacancy.available_on)}", vacancy.registered_on.year
    if vacancy.notice_on.year == year:
        return said
    return below(f"{said}.", f"Compté en {year}, l’exercice du jour où il est enregistré")


def _told(sheet: Sheet | None) -> str:
    if sheet is None or sheet.signal is None:
        return ""
    signal = sheet.signal
    late = pill("Hors délai", "late") if signal.late else ""
    delay = f"{in_days(signal.days, signal.unit)} à compter du {day(signal.since)}"
    return below(beside(f"le {day(signal.told_on)}", late), f"au plus tard le {day(signal.due)}, {delay}")


def _to_tell(sheet: Sheet | None, today: date) -> str:
    if sheet is None or sheet.signal is not None or sheet.signal_due is None:
        return ""
    late = pill("Hors délai", "late") if sheet.signal_due < today else ""
    return below(beside(f"au plus tard le {day(sheet.signal_due)}", late), muted(SHORTEST))
