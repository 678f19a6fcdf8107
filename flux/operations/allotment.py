"""A new programme: planned, its first letting shared between its funders, agreed before delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from flux.models import Allotment, AllottedUnit, Programme, Unit, Vacancy
from flux.operations.ledgers import let_first, open_first_lettings
from flux.operations.stock import refuse_gone
from reservations.models import HistoryEntry, Landlord, ReservationHolder, Territory, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.words import of, plural

Act = HistoryEntry.Act

#: No programme is larger: beyond, a figure is a slip of the keyboard.
LARGEST = 2_000


class AllotmentRefused(Refusal):
    """The programme cannot be planned or shared so."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one funder gets at first letting: how many units, and those named for it when they are known."""

    holder: ReservationHolder
    units: int
    named: tuple[Unit, ...] = ()


@atomic
def register_programme(
    *, landlord: Landlord, name: str, commune: Territory, delivered_on: date, expected_units: int, by: User
) -> Programme:
    """Record a new programme before its units exist; an import of the stock adds them later, under the same name.

    Raises AllotmentRefused: no name, a place that is no commune, no plausible number of units;
    Refusal when the landlord has a programme of that name there.
    """
    if not name.strip():
        raise AllotmentRefused("Donnez un nom au programme : celui qu’il aura dans votre fichier RPLS.", field="name")
    if commune.kind not in Territory.COMMUNAL:
        raise AllotmentRefused("Un programme se situe dans une commune : choisissez-la.", field="commune")
    _check_size(expected_units)
    in_order(Landlord.objects.all()).get(pk=landlord.pk)  # one number each
    last = Programme.objects.filter(landlord=landlord).aggregate(last=Max("number"))["last"] or 0
    with constraints_speak(Programme):
        programme = Programme.objects.create(
            landlord=landlord,
            number=last + 1,
            name=name.strip(),
            commune=commune,
            delivered_on=delivered_on,
            expected_units=expected_units,
        )
    record(
        programme,
        Act.RECORDED,
        by=by,
        details={"delivered_on": [None, delivered_on.isoformat()], "expected_units": [None, expected_units]},
    )
    return programme


@atomic
def plan_delivery(
    *, programme: Programme, delivered_on: date, expected_units: int, by: User, why: str = ""
) -> Programme:
    """Say, or put right, when a programme is delivered and how many units it has.

    Raises AllotmentRefused once a unit was let, or for a number of units below what is known or allotted, or that
    changes after the agreement.
    """
    programme = _lock(programme)
    _refuse_once_let(programme)
    _check_size(expected_units)
    if programme.allotment_agreed_on is not None:
        if expected_units != programme.expected_units:
            raise AllotmentRefused(
                f"La répartition est convenue sur {programme.expected_units} "
                f"{plural(programme.expected_units or 0, 'logement,logements')} : rouvrez-la pour changer leur nombre.",
                field="expected_units",
            )
        if delivered_on < programme.allotment_agreed_on:
            raise AllotmentRefused(
                f"La répartition a été convenue le {programme.allotment_agreed_on:%d/%m/%Y} : la livraison vient "
                "après.",
                field="delivered_on",
            )
    _check_room(programme, expected_units, sum(programme.allotments.values_list("units", flat=True)))
    changes: dict[str, list[Any]] = {
        "delivered_on": [_iso(programme.delivered_on), delivered_on.isoformat()],
        "expected_units": [programme.expected_units, expected_units],
    }
    programme.delivered_on, programme.expected_units = delivered_on, expected_units
    programme.save(update_fields=["delivered_on", "expected_units"])
    record(programme, Act.EDITED, by=by, why=why, details={k: v for k, v in changes.items() if v[0] != v[1]})
    return programme


@atomic
def set_allotment(*, programme: Programme, shares: Sequence[Share], by: User) -> list[Allotment]:
    """Write the draft of an allotment in the place of the one before; what no holder gets stays with the landlord.

    Any number of times until it is agreed. An empty list takes the draft away.

    Raises AllotmentRefused: already agreed, no number of units, a holder twice or that is none, a count below one or
    below its named units, more units than the programme has, a unit named twice, of another programme or already let.
    """
    programme = _lock(programme)
    if programme.allotment_agreed_on is not None:
        raise AllotmentRefused(
            f"La répartition est convenue depuis le {programme.allotment_agreed_on:%d/%m/%Y} : rouvrez-la, avec un "
            "motif, pour la changer."
        )
    if programme.expected_units is None:
        raise AllotmentRefused("Dites d’abord combien de logements aura le programme, et quand il sera livré.")
    _refuse_once_let(programme)
    _check_shares(programme, shares)
    _check_room(programme, programme.expected_units, sum(share.units for share in shares))
    before = _as_written(programme)
    AllottedUnit.objects.filter(allotment__programme=programme).delete()
    programme.allotments.all().delete()
    made = []
    for share in shares:
        allotment = Allotment.objects.create(programme=programme, holder=share.holder, units=share.units)
        AllottedUnit.objects.bulk_create(AllottedUnit(allotment=allotment, unit=unit) for unit in share.named)
        made.append(allotment)
    record(programme, Act.EDITED, by=by, details={"allotment": [before, _as_written(programme)]})
    return made


@atomic
def agree_allotment(
    *, programme: Programme, agreed_on: date, by: User, why: str = "", now: datetime | None = None
) -> Programme:
    """Fix the allotment: from now on first lettings follow it. First lettings already recorded are routed at once.

    Raises AllotmentRefused: already agreed, nothing to agree, no delivery planned, a day to come or after delivery,
    more units known than planned, or a unit already let in the flow;
    FirstLettingRefused when a first letting that waits finds no place.
    """
    now = now or timezone.now()
    _hold_units(programme)
    programme = _lock(programme)
    if programme.allotment_agreed_on is not None:
        raise AllotmentRefused(f"La répartition est déjà convenue, depuis le {programme.allotment_agreed_on:%d/%m/%Y}.")
    if programme.delivered_on is None or programme.expected_units is None:
        raise AllotmentRefused("Dites d’abord combien de logements aura le programme, et quand il sera livré.")
    if not programme.allotments.exists():
        raise AllotmentRefused("Aucun réservataire n’a de part : répartissez d’abord le programme.")
    if agreed_on > timezone.localdate(now):
        raise AllotmentRefused("Un accord ne se date pas d’un jour à venir.", field="agreed_on")
    if agreed_on > programme.delivered_on:
        raise AllotmentRefused(
            f"La répartition se convient avant la livraison, le {programme.delivered_on:%d/%m/%Y} : corrigez d’abord "
            "la date de livraison si elle a changé.",
            field="agreed_on",
        )
    _refuse_once_let(programme)
    _check_room(programme, programme.expected_units, sum(programme.allotments.values_list("units", flat=True)))
    programme.allotment_agreed_on = agreed_on
    programme.save(update_fields=["allotment_agreed_on"])
    record(
        programme,
        Act.AGREED,
        by=by,
        why=why,
        details={"allotment_agreed_on": [None, agreed_on.isoformat()], "allotment": [None, _as_written(programme)]},
    )
    found = Vacancy.objects.filter(unit__programme=programme, kind=Vacancy.Kind.FIRST_LETTING)
    waiting = list(found.select_related("unit__commune", "unit__landlord", "unit__programme").order_by("pk"))
    for year in sorted({vacancy.registered_on.year for vacancy in waiting}):  # all, before the first of them moves
        open_first_lettings(waiting[0].unit, date(year, 12, 31))
    for vacancy in waiting:
        let_first(vacancy=vacancy, programme=programme, now=now)
    return programme


@atomic
def reopen_allotment(*, programme: Programme, why: str, by: User) -> Programme:
    """Take an agreement back to the draft, to amend it: only before any unit was let.

    Raises AllotmentRefused: not agreed, no motive, or first lettings begun.
    """
    programme = _lock(programme)
    agreed_on = programme.allotment_agreed_on
    if agreed_on is None:
        raise AllotmentRefused("La répartition n’est pas encore convenue : elle se modifie librement.")
    if not why.strip():
        raise AllotmentRefused("Dites pourquoi vous rouvrez la répartition : les réservataires le liront.", field="why")
    begun = Vacancy.objects.filter(unit__programme=programme, ledger__isnull=False).count()
    if begun:
        raise AllotmentRefused(
            f"{begun} logements du programme sont déjà loués selon cette répartition : elle ne change plus."
            if begun > 1
            else "Un logement du programme est déjà loué selon cette répartition : elle ne change plus."
        )
    programme.allotment_agreed_on = None
    programme.save(update_fields=["allotment_agreed_on"])
    record(programme, Act.EDITED, by=by, why=why, details={"allotment_agreed_on": [agreed_on.isoformat(), None]})
    return programme


def _lock(programme: Programme) -> Programme:
    """The programme, held. Raises a Refusal when it passed to another landlord."""
    held = in_order(Programme.objects.all()).select_related("landlord")
    programme = held.get(pk=programme.pk)
    refuse_gone(programme)
    return programme


def _hold_units(programme: Programme) -> None:
    """Lock the units of a programme, as a declaration does before the programme: those that wait enter the accounts as
    they are described, and none is described otherwise meanwhile. The landlord first, as an import of its stock does,
    which describes many at once.
    """
    in_order(Landlord.objects.all()).get(pk=programme.landlord_id)
    units = in_order(Unit.objects.all()).filter(programme=programme).order_by("pk")
    list(units.values_list("pk", flat=True))


def _check_shares(programme: Programme, shares: Sequence[Share]) -> None:
    """Each holder once, with at least its named units; each unit once, of this programme."""
    holders = [share.holder for share in shares]
    for holder in holders:
        if holder.is_not_reserved:
            raise AllotmentRefused("Le bailleur garde ce qui n’est pas réparti : donnez des parts aux réservataires.")
        if holders.count(holder) > 1:
            raise AllotmentRefused(f"{holder} apparaît deux fois : réunissez ses deux parts.")
    for share in shares:
        if share.units < 1:
            raise AllotmentRefused(f"La part {of(share.holder)} compte au moins un logement, ou ne s’écrit pas.")
        if len(share.named) > share.units:
            raise AllotmentRefused(
                f"{share.holder} a une part de {share.units} et {len(share.named)} "
                f"{plural(len(share.named), 'logement désigné,logements désignés')} : "
                "augmentez sa part, ou retirez une désignation."
            )
    named = [unit for share in shares for unit in share.named]
    for unit in named:
        if unit.programme_id != programme.pk:
            raise AllotmentRefused(f"{unit} n’est pas un logement du programme {programme}.")
        if named.count(unit) > 1:
            raise AllotmentRefused(f"{unit} est désigné deux fois : choisissez un seul réservataire.")


def _check_size(units: int) -> None:
    if not 1 <= units <= LARGEST:
        raise AllotmentRefused(
            f"Un programme compte de 1 à {LARGEST} logements : vérifiez le nombre.", field="expected_units"
        )


def _check_room(programme: Programme, units: int, allotted: int) -> None:
    """The number of units holds those that exist, and those that are allotted."""
    known = programme.units.count()
    if known > units:
        raise AllotmentRefused(
            f"{programme} compte déjà {known} {plural(known, 'logement enregistré,logements enregistrés')}, et vous en "
            f"prévoyez {units} : corrigez leur nombre.",
            field="expected_units",
        )
    if allotted > units:
        raise AllotmentRefused(
            f"Les parts font {allotted} {plural(allotted, 'logement,logements')}, et le programme en compte "
            f"{units} : diminuez une part de {allotted - units}.",
            field="expected_units",
        )


def _refuse_once_let(programme: Programme) -> None:
    """A first letting that is only recorded waits for the agreement; any other vacancy says that people live there."""
    vacancies = Vacancy.objects.filter(unit__programme=programme).exclude(kind=Vacancy.Kind.TECHNICAL)
    if vacancies.exclude(kind=Vacancy.Kind.FIRST_LETTING, ledger=None).exists():
        raise AllotmentRefused(
            f"Des logements du programme {programme} ont déjà été mis en location : une répartition se convient avant."
        )


def _as_written(programme: Programme) -> dict[str, dict[str, object]]:
    """The allotment in plain values, for the history: {holder: {units, named}}."""
    return {
        str(allotment.holder): {
            "units": allotment.units,
            "named": [str(row.unit) for row in allotment.named_units.all()],
        }
        for allotment in programme.allotments.select_related("holder__organisation")
        .prefetch_related("named_units__unit")
        .order_by("pk")
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
