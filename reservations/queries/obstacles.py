"""What keeps a draft convention from being signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from reservations.models import Convention, LegalParameter, Quota, ReservationHolder
from reservations.models.convention import UNIT, percent_of
from reservations.queries.rights import OverCommitment, over_commitment, promises


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
