"""The life of a convention: drafted, signed, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from reservations.models import (
    Convention,
    HistoryEntry,
    Landlord,
    Organisation,
    Quota,
    ReservationHolder,
    Territory,
    User,
)
from reservations.models.convention import UNIT
from reservations.operations.history import record
from reservations.queries.obstacles import signature_obstacles
from reservations.refusals import Refusal, constraints_speak


class PerimeterOutOfPlace(Refusal):
    """The perimeter is not one this organisation can sign for (CCH, R441-5 I and R441-5-3)."""


class QuotaRefused(Refusal):
    """A share or a rank that cannot be."""


class PeriodRefused(Refusal):
    """The period ends before it starts, or the day chosen is out of it."""


class SignatureRefused(Refusal):
    """The convention cannot be signed as it stands; each of `obstacles` says what to change."""

    def __init__(self, obstacles: Sequence[str]) -> None:
        super().__init__(" ".join(obstacles))
        self.obstacles = tuple(obstacles)


class ConventionClosed(Refusal):
    """The convention is no longer in the state that the act needs."""


class MotiveMissing(Refusal):
    """The act needs to say why."""


#: A signed percentage is exact: no more decimals than a millionth of a unit can hold.
FOUR_DECIMALS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """What a convention gives one contingent: a share in millionths of a unit, and its rank."""

    holder: ReservationHolder
    share: int
    rank: int


def share_of(percent: Decimal) -> int:
    """The integer share of a percentage, in millionths of a unit.

    Raises QuotaRefused when it is not above 0 and up to 100, or has over four decimals: never rounded silently.
    """
    if not 0 < percent <= 100:
        raise QuotaRefused("Une part va de plus de 0 % à 100 % : écrivez 12,5 pour 12,5 %.", field="percent")
    exact = percent.quantize(FOUR_DECIMALS)
    if exact != percent:
        raise QuotaRefused("Une part s’écrit avec quatre décimales au plus : 33,3333 %.", field="percent")
    return int(exact * UNIT / 100)


@transaction.atomic
def draft_convention(
    *,
    landlord: Landlord,
    organisation: Organisation,
    perimeter: Territory,
    starts_on: date,
    ends_on: date,
    quotas: Sequence[QuotaTerms],
    by: User,
    replaces: Convention | None = None,
) -> Convention:
    """Write a draft, new or in the place of another draft.

    Recorded in the convention's history as done by `by`, with what changed when it replaces a draft.
    Raises PerimeterOutOfPlace, PeriodRefused, QuotaRefused or ConventionClosed.
    """
    _check_perimeter(organisation, perimeter)
    check_period(starts_on, ends_on)
    before: dict[str, Any] = {}
    if replaces is not None:
        convention = _locked(replaces)
        if not convention.is_draft:
            raise ConventionClosed("Cette convention est signée : elle ne se modifie plus.")
        before = contents(convention)
        convention.quotas.all().delete()
    else:
        convention = Convention(landlord=landlord)
    convention.organisation, convention.perimeter = organisation, perimeter
    convention.starts_on, convention.ends_on = starts_on, ends_on
    for terms in quotas:
        if terms.holder.organisation_id != organisation.pk:
            raise QuotaRefused(f"{terms.holder} n’est pas un contingent de {organisation.name}.")
    with constraints_speak(Convention, Quota):
        convention.save()
        Quota.objects.bulk_create(
            Quota(convention=convention, holder=terms.holder, share=terms.share, rank=terms.rank) for terms in quotas
        )
    act = HistoryEntry.Act.EDITED if before else HistoryEntry.Act.RECORDED
    record(convention, act, by=by, details=changes(before, contents(convention)) if before else {})
    return convention


def contents(convention: Convention) -> dict[str, Any]:
    """What a convention says, as plain values: what its history compares."""
    said: dict[str, Any] = {
        "organisation": convention.organisation.name,
        "perimeter": convention.perimeter.name,
        "starts_on": convention.starts_on.isoformat(),
        "ends_on": convention.ends_on.isoformat(),
    }
    for quota in convention.quotas.select_related("holder__organisation").order_by("rank", "pk"):
        said[f"share {quota.holder_id}"] = quota.share
        said[f"rank {quota.holder_id}"] = quota.rank
    return said


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} for each field that is not the same; None for what was not there."""
    return {
        name: [before.get(name), after.get(name)]
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    }


def _locked(convention: Convention) -> Convention:
    """The convention as it is now, its row held. Raises ConventionClosed when its draft was thrown away meanwhile."""
    row = Convention.objects.select_for_update(of=("self",)).filter(pk=convention.pk).first()
    if row is None:
        raise ConventionClosed("Ce brouillon n’existe plus : il a été supprimé.")
    return row


def check_period(starts_on: date, ends_on: date) -> None:
    """Raise PeriodRefused when a convention would end before it starts."""
    if ends_on < starts_on:
        raise PeriodRefused("La convention finit avant de commencer : corrigez l’une des deux dates.", field="ends_on")


#: Those whose département, or région, is theirs: they sign for no other.
WITHIN_TERRITORY = (Organisation.Kind.DEPARTEMENT, Organisation.Kind.REGION, Organisation.Kind.STATE)


def perimeters_of(organisation: Organisation) -> QuerySet[Territory]:
    """Where a convention with this organisation may bear (CCH, R441-5 I and R441-5-3).

    A commune or an EPCI: its own territory. A département, a région, a State service: its own département, or those
    of its région. Anybody else: any département.
    """
    own = organisation.territory
    if organisation.kind in Organisation.OWN_TERRITORY:
        return Territory.objects.filter(organisations=organisation)
    departements = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT)
    if organisation.kind not in WITHIN_TERRITORY:
        return departements
    if own is None:
        return departements.none()
    return departements.filter(region=own) if own.kind == Territory.Kind.REGION else departements.filter(pk=own.pk)


def _check_perimeter(organisation: Organisation, perimeter: Territory) -> None:
    if perimeters_of(organisation).filter(pk=perimeter.pk).exists():
        return
    if organisation.kind in Organisation.OWN_TERRITORY:
        sentence = (
            f"Les droits de {organisation.name} portent sur son propre territoire (CCH, R441-5-3) : "
            "choisissez-le comme périmètre."
        )
    elif perimeter.kind != Territory.Kind.DEPARTEMENT or organisation.kind not in WITHIN_TERRITORY:
        sentence = f"Avec {organisation.name}, une convention porte sur un département (CCH, R441-5)."
    elif organisation.territory is None:
        sentence = (
            f"Aucun territoire n’est enregistré pour {organisation.name} : demandez à l’administrateur de le compléter."
        )
    else:
        sentence = (
            f"Avec {organisation.name}, une convention porte sur son propre territoire ({organisation.territory.name}) "
            f": {perimeter.name} n’en fait pas partie."
        )
    raise PerimeterOutOfPlace(sentence, field="perimeter")


@transaction.atomic
def sign_convention(*, convention: Convention, signed_on: date, by: User) -> Convention:
    """Sign a draft: from now on it binds, and is never edited.

    Signatures of one landlord wait for each other, so that two cannot promise the same units.
    Raises SignatureRefused with every obstacle, ConventionClosed, or Refusal when the database sees an overlap.
    """
    Landlord.objects.select_for_update(of=("self",)).get(pk=convention.landlord_id)
    convention = _locked(convention)
    if not convention.is_draft:
        raise ConventionClosed("Cette convention est déjà signée.")
    if obstacles := signature_obstacles(convention, on=signed_on):
        raise SignatureRefused(obstacles)
    convention.status, convention.signed_on = Convention.Status.SIGNED, signed_on
    with constraints_speak(Convention):
        convention.save(update_fields=["status", "signed_on"])
    record(convention, HistoryEntry.Act.SIGNED, by=by, details={"signed_on": [None, signed_on.isoformat()]})
    return convention


@transaction.atomic
def end_convention(*, convention: Convention, ends_on: date, why: str, today: date, by: User) -> Convention:
    """End a signed convention on a day: its last day in force. Earlier decisions keep what they used.

    Raises ConventionClosed, or PeriodRefused when the day has gone by (units were routed under the convention
    since), or lies before its start or after its end.
    """
    convention = _locked(convention)
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée et en cours peut être terminée.")
    if ends_on < today:
        raise PeriodRefused(
            "Choisissez un dernier jour à partir d’aujourd’hui : ce qui est passé a déjà été compté.", field="ends_on"
        )
    if not convention.starts_on <= ends_on <= convention.ends_on:
        raise PeriodRefused(
            f"Choisissez un dernier jour entre le {convention.starts_on:%d/%m/%Y} et le {convention.ends_on:%d/%m/%Y}.",
            field="ends_on",
        )
    details = {"ends_on": [convention.ends_on.isoformat(), ends_on.isoformat()]}
    convention.status, convention.ends_on = Convention.Status.ENDED, ends_on
    convention.save(update_fields=["status", "ends_on"])
    record(convention, HistoryEntry.Act.ENDED, by=by, why=_motive(why), details=details)
    return convention


def _motive(why: str) -> str:
    """The motive, without its blanks. Raises MotiveMissing when nothing is left."""
    if not why.strip():
        raise MotiveMissing("Dites pourquoi : la convention garde ce motif dans son histoire.", field="why")
    return why.strip()


@transaction.atomic
def discard_draft(*, convention: Convention, by: User) -> None:
    """Throw a draft away. Raises ConventionClosed when it is signed: facts stay."""
    convention = _locked(convention)
    if not convention.is_draft:
        raise ConventionClosed("Cette convention est signée : elle ne se supprime pas.")
    record(convention, HistoryEntry.Act.DISCARDED, by=by, details={"convention": [str(convention), None]})
    convention.delete()
