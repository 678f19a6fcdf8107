"""What pages say of units.

* What a unit is, in the few words of a list: never where it is.
* The facts of a unit, and of a unit that falls vacant: everything for those who may open its file, what counts are
  made of for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from flux.models import OutsideFlow, StockAssignment, TransferredUnit, Unit, UnitDescription, Vacancy
from flux.queries.compliance import Coverage
from flux.queries.sheet import Sheet
from flux.queries.units import Described
from flux.queries.why_not_file import FileVacancy
from reservations.models import ReservationHolder
from reservations.pages.clauses import in_days
from reservations.pages.pieces import (
    UNKNOWN,
    Fact,
    below,
    beside,
    bold,
    definition,
    facts,
    link,
    muted,
    pill,
    yes_or_no,
)
from reservations.words import day, euros, of, plural, tenths, to


def headline(unit: Unit) -> str:
    """« T3 PLUS, hors QPV »: what everyone who may read the list knows of the unit."""
    return f"{unit.typology} {unit.financing_group or 'de financement non renseigné'}, {qpv(unit)}"


def qpv(unit: Unit | FileVacancy) -> str:
    """« en QPV », « hors QPV », or that it is not known."""
    if unit.in_qpv is None:
        return "QPV non renseigné"
    return "en QPV" if unit.in_qpv else "hors QPV"


def described(description: UnitDescription) -> str:
    """« T3 PLUS, en QPV (QP011009, liste de 2015), construit en 1984, Narbonne, classe A »."""
    where = ", ".join(
        part
        for part in (description.qpv_code, f"liste de {description.qpv_list}" if description.qpv_list else "")
        if part
    )
    facts = (
        f"{description.typology} {description.financing_group or 'de financement non renseigné'}",
        f"{description.qpv or 'QPV non renseigné'}{f' ({where})' if where else ''}",
        f"construit en {description.construction_year}" if description.construction_year else "année non renseignée",
        description.commune.name,
        f"classe {description.attractiveness}" if description.attractiveness else "",
    )
    return ", ".join(fact for fact in facts if fact)


def acts_counted(row: Described) -> str:
    """« 2 proposés, 1 attribué, 1 bail signé », or that no act counts under this description."""
    rows = (
        (row.offered, "proposé,proposés"),
        (row.allocated, "attribué,attribués"),
        (row.leased, "bail signé,baux signés"),
    )
    if not any(count for count, _ in rows):
        return "aucun acte"
    return ", ".join(f"{count} {plural(count, forms)}" for count, forms in rows)


def contingent(code: int) -> str:
    """A code of RPLS item 63, in words: « 3, Action Logement et employeurs »; alone when the arrêté has none of it."""
    known = ReservationHolder.Contingent
    return f"{code}, {known(code).label}" if code in known.values else str(code)


def floor(number: int | None) -> str:
    """« rez-de-chaussée », « 1er étage », « sous-sol »; nothing when it is not known."""
    if number is None:
        return ""
    if number <= 0:
        return "sous-sol" if number else "rez-de-chaussée"
    return f"{number}{'er' if number == 1 else 'e'} étage"


def ago(days: int) -> str:
    """Calendar days as a clerk says them: « aujourd’hui », « hier », « il y a 4 j »."""
    return {0: "aujourd’hui", 1: "hier"}.get(days, f"il y a {days} j")


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
    reported = f"{contingent(unit.told_contingent)}, à vérifier dans vos titres" if unit.told_contingent else ""
    return facts(
        ("Logement", dwelling(unit)),
        ("Adresse", address(unit)),
        ("Programme", format_html("{}, {}", named, f"classe {graded}" if graded else "non classé")),
        ("Identifiant RPLS", unit.rpls_id or UNKNOWN),
        ("Sorti du parc", left),
        ("Contingent selon le RPLS", reported),
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
    """Of a unit that falls vacant, with its days; `sheet`: when it was notified, or is to be."""
    unit = vacancy.unit
    return facts(
        *(_opened(unit) if opens else _shut(unit)),
        ("Financement", unit.financing_group or UNKNOWN),
        ("Quartier", _quarter(unit)),
        ("Construction", _built(unit, opens=opens)),
        ("Attractivité", _graded(unit) if opens else ""),
        ("Congé reçu", _notice(vacancy)),
        ("Signalé", _signal_words(sheet)),
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
    text, year = f"{day(vacancy.notice_on)}, libre le {day(vacancy.available_on)}", vacancy.registered_on.year
    if vacancy.notice_on.year == year:
        return text
    return below(f"{text}.", f"Compté en {year}, l’exercice du jour où il est enregistré")


def _signal_words(sheet: Sheet | None) -> str:
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


def unit_answer(
    unit: Unit, departures: Sequence[Vacancy], came: TransferredUnit | None, *, declared: bool, own: bool
) -> str:
    """What it is, and how often it fell vacant; `declared`: declared at least once; `own`: of the reader’s stock."""
    if departures:
        whose = "" if own else " pour vous"
        text = f"libéré {len(departures)} fois{whose}, la dernière le {day(departures[0].available_on)}"
    else:
        text = "déclaré libéré, puis annulé" if declared else "jamais déclaré libéré, 0 mouvement"
    before = ""
    if came is not None:
        transfer = came.programme.transfer
        before = (
            f"Venu {of(transfer.giver)} le {day(transfer.takes_effect_on)} : ce qui précède se lit chez ce bailleur."
        )
    return beside(f"{headline(unit)}, {unit.address}, {unit.commune.name} : {text}.", before)


def outside_lines(now: OutsideFlow | None, before: Iterable[OutsideFlow]) -> list[str]:
    """Why no share bears on it, or bore on it, the latest first."""
    lines: list[str] = []
    if now is not None:
        until = f", jusqu’au {day(now.ends_on)}" if now.ends_on else ""
        since = f", depuis le {day(now.starts_on)}{until} : {now.source}"
        lines.append(format_html("{}{}", bold(capfirst(now.get_reason_display())), since))
    for each in before:
        during = f"du {day(each.starts_on)} au {day(each.ends_on)}"
        lines.append(muted(f"{capfirst(each.get_reason_display())}, {during} : {each.source}"))
    return lines


STOCK = "Droit qui désigne le logement : libéré, il va à son titulaire sans entrer dans le flux (CCH, R441-5)."


def stock_facts(stock: StockAssignment) -> tuple[Fact, ...]:
    """The right that it bears."""
    right = stock.right
    until = f", jusqu’au {day(stock.ends_on)}" if stock.ends_on else ""
    return facts(
        ("Titulaire", bold(right.holder)),
        ("Titre", link(reverse("stock-right-detail", args=[right.pk]), right.reference or "sans référence")),
        ("Fondement", beside(right.get_ground_display(), definition("Stock", STOCK))),
        ("Période", f"depuis le {day(stock.starts_on)}{until}"),
    )


def without_convention(coverage: Coverage, unit: Unit, *, declared_on: date | None) -> tuple[str, str]:
    """How it stands (« bad », « warn ») and what a unit becomes where no convention is in force, or not that of the
    State; `declared_on`: the day of its registration, when it is declared and decided. Empty where all is well."""
    there, when = to(unit.commune), f" le {day(declared_on)}" if declared_on else ""
    if not coverage.covered and declared_on:
        return "bad", (
            f"Aucune convention de réservation n’était en vigueur {there}{when} : ce logement n’était dû à aucun "
            "réservataire, il reste au bailleur (non réservé). À défaut de convention, le préfet fixe les règles par "
            "arrêté (CCH, R441-5-2 IV)."
        )
    if not coverage.covered:
        return "bad", (
            f"Aucune convention de réservation n’est en vigueur {there} : déclaré dans le flux, ce logement attendra "
            "sans être orienté, jusqu’à ce qu’une convention y soit en vigueur. À défaut de convention, le préfet fixe "
            "les règles par arrêté (CCH, R441-5-2 IV)."
        )
    if coverage.without_state:
        return "warn", (
            f"L’État n’a pas de convention en vigueur {there}{when} : sa part n’est créditée à personne, elle reste au "
            "bailleur (non réservé). À défaut de convention, le préfet fixe les règles par arrêté (CCH, R441-5-2 IV) : "
            "enregistré, sa part est comptée."
        )
    return "", ""
