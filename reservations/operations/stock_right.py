"""The titles of the stock: recorded, put right while nothing rests on them, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from reservations.models import HistoryEntry, Landlord, ReservationHolder, StockRight, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.queries.rates import extension_years_on
from reservations.refusals import Refusal, constraints_speak
from reservations.words import towards

Contingent = ReservationHolder.Contingent
Ground = StockRight.Ground

#: On which grounds each contingent may hold a unit (CCH, R441-5 and L441-1).
HELD_BY = {
    Ground.STATE: ReservationHolder.STATE,
    Ground.LOAN_GUARANTEE: (
        Contingent.ACTION_LOGEMENT,
        Contingent.AUTHORITY,
        Contingent.STATE_CONVENTIONAL,
        Contingent.OTHER,
    ),
    Ground.DEFENCE: (*ReservationHolder.STATE, Contingent.STATE_CONVENTIONAL, Contingent.OTHER),
    Ground.PUBLIC_HEALTH: (Contingent.OTHER,),
}
HELD_BY[Ground.LAND] = HELD_BY[Ground.FUNDING] = HELD_BY[Ground.LOAN_GUARANTEE]
HELD_BY[Ground.INTERNAL_SECURITY] = HELD_BY[Ground.DEFENCE]

#: What is stated when the ground is not one of the holder's.
NOT_THEIRS = {
    Ground.STATE: "seul l’État a des droits par la loi, sans contrepartie (CCH, L441-1)",
    Ground.DEFENCE: "les droits de la défense nationale sont à l’État ou à un autre réservataire (code 6)",
    Ground.INTERNAL_SECURITY: "les droits de la sécurité intérieure sont à l’État ou à un autre réservataire (code 6)",
    Ground.PUBLIC_HEALTH: "ce fondement est celui des établissements publics de santé (autres réservataires, code 6)",
}
COUNTERPART = "l’État tient ses contingents de la loi, sans contrepartie : choisissez « droit de l’État »"

LONGEST_REFERENCE = 60


class StockRightRefused(Refusal):
    """This title cannot be recorded, changed or ended so."""


@dataclass(frozen=True, slots=True)
class TitleTerms:
    """What a title says. `ends_on` None: computed from the loan, or without end."""

    holder: ReservationHolder
    ground: str
    starts_on: date
    ends_on: date | None = None
    use: str = StockRight.Use.RECURRING
    reference: str = ""
    loan_ends_on: date | None = None


def title_of(landlord: Landlord, terms: TitleTerms, *, extension_years: int | None) -> StockRight:
    """The title that these terms make, checked, not saved. No query.

    A loan guarantee ends `extension_years` after its loan (CCH, R441-6); an end of its own may come before, never
    after. Raises StockRightRefused, `field` being that of the terms.
    """
    _check_whose(terms)
    if terms.use not in StockRight.Use.values:
        raise StockRightRefused("Choisissez droit de suite ou droit unique.", field="use")
    reference = " ".join(terms.reference.split())
    if len(reference) > LONGEST_REFERENCE:
        raise StockRightRefused(
            f"La référence d’un titre a {LONGEST_REFERENCE} caractères au plus : raccourcissez-la.", field="reference"
        )
    ends_on, years = _ending(terms, extension_years)
    if ends_on is not None and ends_on < terms.starts_on:
        raise StockRightRefused(
            "Le droit finit avant de commencer : corrigez l’une des deux dates.",
            field="ends_on" if terms.ends_on else "loan_ends_on",
        )
    return StockRight(
        landlord=landlord,
        reference=reference,
        holder=terms.holder,
        ground=terms.ground,
        starts_on=terms.starts_on,
        ends_on=ends_on,
        use=terms.use,
        loan_ends_on=terms.loan_ends_on,
        extension_years=years,
    )


def _check_whose(terms: TitleTerms) -> None:
    if terms.holder.is_not_reserved:
        raise StockRightRefused("Un droit en stock revient à un réservataire : choisissez lequel.", field="holder")
    if terms.ground not in Ground.values:
        raise StockRightRefused("Choisissez l’un des fondements de la liste.", field="ground")
    ground = Ground(terms.ground)
    if ground in HELD_BY and terms.holder.contingent not in HELD_BY[ground]:
        raise StockRightRefused(
            f"« {ground.label} » ne va pas avec {towards(terms.holder)} : {NOT_THEIRS.get(ground, COUNTERPART)}.",
            field="ground",
        )


def _ending(terms: TitleTerms, extension_years: int | None) -> tuple[date | None, int | None]:
    """(last day, years after the loan)."""
    if terms.loan_ends_on is None:
        if terms.ground == Ground.LOAN_GUARANTEE and terms.ends_on is None:
            raise StockRightRefused(
                "Une garantie d’emprunt a une fin : donnez celle de l’emprunt, ou à défaut celle du droit.",
                field="loan_ends_on",
            )
        return terms.ends_on, None
    if terms.ground != Ground.LOAN_GUARANTEE:
        raise StockRightRefused(
            "Seule une garantie d’emprunt finit d’après son emprunt : laissez vide la fin de l’emprunt.",
            field="loan_ends_on",
        )
    if extension_years is None:
        raise StockRightRefused(
            "La prolongation après l’emprunt garanti (CCH, R441-6) n’est pas enregistrée : demandez à "
            "l’administrateur de l’ajouter aux paramètres de droit.",
            field="loan_ends_on",
        )
    last = years_after(terms.loan_ends_on, extension_years)
    if terms.ends_on is not None and terms.ends_on > last:
        raise StockRightRefused(
            f"L’emprunt finit le {terms.loan_ends_on:%d/%m/%Y} : le droit finit {extension_years} "
            f"an{'s' * (extension_years > 1)} après, le {last:%d/%m/%Y} au plus tard (CCH, R441-6).",
            field="ends_on",
        )
    return terms.ends_on or last, extension_years


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@atomic
def record_stock_right(*, landlord: Landlord, terms: TitleTerms, by: User, today: date) -> StockRight:
    """Record a title. `today`: the day whose law gives the years after a guaranteed loan, kept on the title.

    Raises StockRightRefused for terms that cannot be; Refusal when the landlord has a title of this reference.
    """
    right = title_of(landlord, terms, extension_years=extension_years_on(today))
    with constraints_speak(StockRight):
        right.save(force_insert=True)
    record(right, HistoryEntry.Act.RECORDED, by=by, details={name: [None, each] for name, each in facts(right).items()})
    return right


@atomic
def correct_stock_right(*, right: StockRight, terms: TitleTerms, by: User, today: date) -> StockRight:
    """Put a title right. The years after the loan that were kept on it stay.

    Whether a vacancy used it is for the flow to say: `flux.operations.stock_rights.correct_title` is the whole act.
    Raises StockRightRefused when the title was converted into flow, or for terms that cannot be.
    """
    right = locked(right)
    years = right.extension_years if right.extension_years is not None else extension_years_on(today)
    corrected = title_of(right.landlord, terms, extension_years=years)
    before, after = facts(right), facts(corrected)
    changed: dict[str, Any] = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changed:
        return right
    corrected.pk, corrected.converted_in = right.pk, right.converted_in
    with constraints_speak(StockRight):
        corrected.save(force_update=True)
    record(corrected, HistoryEntry.Act.EDITED, by=by, details=changed)
    return corrected


@atomic
def end_stock_right(*, right: StockRight, ends_on: date, why: str, by: User) -> StockRight:
    """Bring the end of a title forward, and say why.

    The units that bear it and what was routed are for the flow to check: `flux.operations.stock_rights.end_title` is
    the whole act.
    Raises StockRightRefused without a reason, for a title already ended or converted, or a day out of its period.
    """
    right = locked(right)
    if not why.strip():
        raise StockRightRefused("Dites pourquoi ce droit prend fin.", field="why")
    if ends_on < right.starts_on:
        raise StockRightRefused(
            f"Le droit commence le {right.starts_on:%d/%m/%Y} : choisissez ce jour ou un jour suivant.", field="ends_on"
        )
    if right.ends_on is not None and ends_on >= right.ends_on:
        raise StockRightRefused(
            f"Le droit finit déjà le {right.ends_on:%d/%m/%Y} : choisissez un jour avant.", field="ends_on"
        )
    before = right.ends_on
    right.ends_on = ends_on
    right.save(update_fields=["ends_on"])
    record(
        right,
        HistoryEntry.Act.ENDED,
        by=by,
        why=why,
        details={"ends_on": [iso(before), iso(ends_on)]},
    )
    return right


def locked(right: StockRight) -> StockRight:
    """The title as it is now, its row held. Raises StockRightRefused when it was converted into flow."""
    row = (
        in_order(StockRight.objects.all())
        .select_related("landlord", "holder__organisation", "converted_in__organisation")
        .get(pk=right.pk)
    )
    if row.converted_in is not None:
        raise StockRightRefused(
            f"Ce droit est converti en flux par la convention avec {towards(row.converted_in.organisation)} : il "
            "ne change plus."
        )
    return row


def iso(day: date | None) -> str | None:
    """A day in plain text, for the history."""
    return day.isoformat() if day else None


def facts(right: StockRight) -> dict[str, str | int | None]:
    """What a title says, in plain values, for its history."""
    return {
        "reference": right.reference,
        "holder": str(right.holder),
        "ground": right.ground,
        "use": right.use,
        "starts_on": right.starts_on.isoformat(),
        "ends_on": iso(right.ends_on),
        "loan_ends_on": iso(right.loan_ends_on),
        "extension_years": right.extension_years,
    }
