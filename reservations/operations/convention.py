"""The life of a convention: drafted, signed, ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet

from reservations.models import (
    Convention,
    Landlord,
    LegalParameter,
    Organisation,
    Quota,
    ReservationHolder,
    Territory,
)
from reservations.models.convention import UNIT, percent_of
from reservations.queries.rights import OverCommitment, over_commitment, promises
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
    replaces: Convention | None = None,
) -> Convention:
    """Write a draft, new or in the place of another draft.

    Raises PerimeterOutOfPlace, PeriodRefused, QuotaRefused or ConventionClosed.
    """
    _check_perimeter(organisation, perimeter)
    check_period(starts_on, ends_on)
    if replaces is not None:
        convention = _locked(replaces)
        if not convention.is_draft:
            raise ConventionClosed("Cette convention est signée : elle ne se modifie plus.")
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
    return convention


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


def signature_obstacles(convention: Convention, *, on: date) -> list[str]:
    """Why this draft cannot be signed, one French sentence an obstacle; empty when it can.

    Shown live on a draft, and enforced at signature. `on` is the day of signature; the caps that count are those
    in force in the convention's own period.
    """
    quotas = list(convention.quotas.select_related("holder__organisation").order_by("rank", "pk"))
    obstacles = []
    if not quotas:
        obstacles.append("La convention ne donne aucune part : ajoutez au moins un contingent.")
    if convention.ends_on < on:
        obstacles.append(
            f"La période de la convention a pris fin le {convention.ends_on:%d/%m/%Y}, avant la signature : "
            "changez ses dates."
        )
    obstacles += _cap_obstacles(convention, quotas)
    obstacles += _rank_obstacles(convention, quotas)
    obstacles += _overlap_obstacles(convention)
    if excess := over_commitment(convention):
        obstacles.append(_excess_obstacle(convention, excess))
    return obstacles


def _excess_obstacle(convention: Convention, excess: OverCommitment) -> str:
    listed = " ; ".join(
        "ce brouillon"
        if other == convention
        else f"{other.organisation.name} (du {other.starts_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y})"
        for other in excess.conventions
    )
    return (
        f"À {excess.commune.name}, les parts promises atteignent {french_percent(excess.total)} le "
        f"{excess.on:%d/%m/%Y}, plus que la totalité du flux. Conventions : {listed}. Réduisez une part, ou terminez "
        "une de ces conventions."
    )


#: The préfet's caps (CCH, R441-5-2): whose share each one bounds, and its contingents.
CAPS = (
    (LegalParameter.Code.STATE_SHARE_MAX, "part de l’État", ReservationHolder.STATE),
    (
        LegalParameter.Code.STATE_AGENTS_SHARE_MAX,
        "part des agents de l’État",
        (ReservationHolder.Contingent.STATE_AGENTS,),
    ),
)


def _cap_obstacles(convention: Convention, quotas: Sequence[Quota]) -> list[str]:
    """The State's share, summed over all conventions on the same communes, under every cap in force in the period."""
    if not any(quota.holder.contingent in ReservationHolder.STATE for quota in quotas):
        return []
    obstacles = []
    for code, whose, contingents in CAPS:
        caps = list(
            LegalParameter.objects.filter(
                Q(ends_on=None) | Q(ends_on__gte=convention.starts_on), code=code, starts_on__lte=convention.ends_on
            ).order_by("starts_on")
        )
        if (without := _first_day_without(caps, convention)) is not None:
            obstacles.append(
                f"Aucun plafond n’est enregistré au {without:%d/%m/%Y} pour la {whose} : demandez à l’administrateur "
                "de l’enregistrer, ou changez les dates de la convention."
            )
        elif any(quota.holder.contingent in contingents for quota in quotas):
            obstacles += _excess_over(caps, convention, whose, contingents)
    return obstacles


def _first_day_without(caps: Sequence[LegalParameter], convention: Convention) -> date | None:
    """The first day of the period on which none of these values, in order, is in force."""
    day = convention.starts_on
    for cap in caps:
        if cap.starts_on > day:
            return day
        if cap.ends_on is None or cap.ends_on >= convention.ends_on:
            return None
        day = cap.ends_on + timedelta(days=1)
    return day


def _excess_over(
    caps: Sequence[LegalParameter], convention: Convention, whose: str, contingents: Sequence[int]
) -> list[str]:
    """The widest excess of the State's share over the cap of its day, in one sentence; nothing without excess."""
    widest, sentence = 0, ""
    for promise in promises(convention, moments=[cap.starts_on for cap in caps]):
        cap = next(each for each in reversed(caps) if each.starts_on <= promise.on)
        ceiling = int(cap.value * UNIT / 100)
        held = [right for right in promise.held if right.holder.contingent in contingents]
        total = sum(right.share for right in held)
        if total - ceiling <= widest:
            continue
        widest = total - ceiling
        others = {right.convention.pk: right.convention for right in held if right.convention != convention}
        subject = f"La {whose} est de {french_percent(total)}"
        if others:
            names = " ; ".join(f"{o.organisation.name}, {o.perimeter.name}" for o in others.values())
            subject = (
                f"À {promise.commune.name}, la {whose} atteint {french_percent(total)} le {promise.on:%d/%m/%Y}, avec "
                f"ce que d’autres conventions lui promettent déjà ({names})"
            )
        since = f" à partir du {cap.starts_on:%d/%m/%Y}" if cap.starts_on > convention.starts_on else ""
        sentence = (
            f"{subject} : le plafond est de {french_percent(ceiling)} du flux{since} (CCH, R441-5-2). Réduisez-la."
        )
    return [sentence] if sentence else []


def _rank_obstacles(convention: Convention, quotas: Sequence[Quota]) -> list[str]:
    """A rank names one holder in every exercise (calendar year) of the landlord: it settles the last tie of a ledger.

    A convention that ended in March is still counted in that year's ledger: its ranks are free from January only.
    """
    same_exercises = (
        Convention.objects.binding()
        .filter(
            landlord=convention.landlord_id,
            starts_on__lte=date(convention.ends_on.year, 12, 31),
            ends_on__gte=date(convention.starts_on.year, 1, 1),
        )
        .exclude(pk=convention.pk)
    )
    another_has_it = Q(pk__in=[])
    for quota in quotas:
        another_has_it |= Q(rank=quota.rank) & ~Q(holder=quota.holder_id)
    taken = Quota.objects.filter(another_has_it, convention__in=same_exercises)
    return [
        f"Le rang {quota.rank} est déjà celui de {quota.holder} : choisissez-en un autre."
        for quota in taken.select_related("holder__organisation").order_by("rank", "pk")
    ]


def _overlap_obstacles(convention: Convention) -> list[str]:
    """One convention at a time with an organisation on a perimeter; the database holds it too."""
    same = _beside(convention).filter(organisation=convention.organisation_id, perimeter=convention.perimeter_id)
    return [
        f"Une convention signée avec {other.organisation.name} couvre déjà ce périmètre du {other.starts_on:%d/%m/%Y} "
        f"au {other.ends_on:%d/%m/%Y} : terminez-la d’abord, ou changez les dates de celle-ci."
        for other in same.select_related("organisation").order_by("starts_on")
    ]


def _beside(convention: Convention) -> QuerySet[Convention]:
    """The landlord's other binding conventions of the same time."""
    return (
        Convention.objects.binding()
        .filter(landlord=convention.landlord_id, starts_on__lte=convention.ends_on, ends_on__gte=convention.starts_on)
        .exclude(pk=convention.pk)
    )


def french_percent(share: int) -> str:
    """« 104 % », « 12,5 % »: a share in millionths as a percentage, exact."""
    return f"{percent_of(share).normalize():f} %".replace(".", ",")


@transaction.atomic
def sign_convention(*, convention: Convention, signed_on: date) -> Convention:
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
    return convention


@transaction.atomic
def end_convention(*, convention: Convention, ends_on: date, today: date) -> Convention:
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
    convention.status, convention.ends_on = Convention.Status.ENDED, ends_on
    convention.save(update_fields=["status", "ends_on"])
    return convention


@transaction.atomic
def discard_draft(*, convention: Convention) -> None:
    """Throw a draft away. Raises ConventionClosed when it is signed: facts stay."""
    convention = _locked(convention)
    if not convention.is_draft:
        raise ConventionClosed("Cette convention est signée : elle ne se supprime pas.")
    convention.delete()
