"""The conventions of a landlord that another absorbs: they go on with the other (Code de commerce, L236-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from reservations.models import Convention, HistoryEntry, Landlord, Membership, User
from reservations.models.wall import atomic
from reservations.operations.convention import draft_convention, sign_convention
from reservations.operations.convention_end import end_by_succession
from reservations.operations.convention_parties import others_of
from reservations.operations.convention_signature import succeed_signatures
from reservations.operations.convention_terms import quota_terms, terms_of
from reservations.operations.history import record
from reservations.operations.merger import free_rank
from reservations.operations.party import shut
from reservations.operations.pause_carrying import carry_pauses
from reservations.operations.person import grant_membership
from reservations.operations.terms import left_on
from reservations.queries.rates import bound, bound_until
from reservations.refusals import Refusal
from reservations.words import day, of, towards

#: Who routes, lets and signs for a landlord.
MANAGING = tuple(role for role, part in Membership.ROLES.items() if part.is_landlord and part.is_manager)

#: Not signed yet: nobody is bound, so nobody succeeds.
OPEN = (Convention.Status.DRAFT, Convention.Status.PROPOSED)


class AbsorptionRefused(Refusal):
    """A convention of the landlord that is absorbed cannot pass."""


@atomic
def pass_conventions(*, gone: Landlord, stays: Landlord, last: date, why: str, by: User) -> int:
    """End on the day `last` every convention that binds `gone` the day after, and have it go on with `stays` by the
    same clauses and shares, at the last ranks (a rank names one holder a year): how many end. Where `stays` has one
    with that holder over that perimeter already, that one binds alone, and the other goes on from the day after it.

    Nobody signs again: what `gone` had promised is promised by who succeeds to it. Raises AbsorptionRefused (a draft, a
    proposal, a convention to come, a préfet's order with nothing to go on), or the refusal of a convention that cannot
    bind `stays`, named.
    """
    if (waits := Convention.objects.filter(landlord=gone, status__in=OPEN).order_by("pk").first()) is not None:
        raise AbsorptionRefused(
            f"La convention « {waits} » n’est pas signée : avant ce jour, {gone} la fait signer, ou la supprime."
        )
    found = list(bound(gone, last))
    for convention in found:
        if convention.starts_on > last:
            raise AbsorptionRefused(
                f"La convention « {convention} » commence le {day(convention.starts_on)} : que l’absorption vaille "
                "à partir du lendemain."
            )
        _pass(convention, stays, last=last, why=why, by=by)
    return len(found)


def _pass(convention: Convention, stays: Landlord, *, last: date, why: str, by: User) -> None:
    first = last + timedelta(days=1)
    if (own := bound_until(convention, stays, first)) is not None:
        first = own + timedelta(days=1)
    until, settled = left_on(convention, terms_of(convention), first)
    quotas = convention.quotas.select_related("holder__organisation").prefetch_related(
        "delegations__delegate", "rates__territory"
    )
    terms = [quota_terms(quota) for quota in quotas.order_by("rank", "pk")]
    others = [each for each in others_of(convention) if each.closed_on is None and each != stays.organisation]
    end_by_succession(convention=convention, ends_on=last, why=why, today=last, by=by)
    if own is not None and (convention.is_order or own >= until):
        return
    if convention.is_order:
        raise AbsorptionRefused(
            f"L’arrêté du préfet « {convention} » ne vaut que pour le bailleur absorbé : d’abord, {stays} signe sa "
            f"convention avec {towards(convention.organisation)}, ou enregistre son propre arrêté."
        )
    free = free_rank(stays)
    try:
        following = draft_convention(
            landlord=stays,
            organisation=convention.organisation,
            perimeter=convention.perimeter,
            starts_on=first,
            ends_on=until,
            quotas=[replace(each, rank=free + place) for place, each in enumerate(terms)],
            terms=settled,
            others=others,
            by=by,
        )
        succeed_signatures(convention=following, signed_on=last, by=by)
        sign_convention(convention=following, signed_on=last, by=by, today=last)
    except Refusal as refused:
        raise AbsorptionRefused(
            f"La convention « {convention} » ne peut pas continuer sous le nom {of(stays)} : {refused} "
            "Signez d’abord un avenant qui y remédie, à l’une ou à l’autre."
        ) from refused
    carry_pauses(convention, following, by=by)


def act_there(*, gone: Landlord, stays: Landlord, by: User) -> int:
    """The managers of `stays` become managers of `gone`: they route and let what waits there, and sign its balance as
    who succeeds to it. How many."""
    known = Membership.objects.filter(organisation=gone.organisation, role__in=MANAGING).order_by()
    managers = stays.organisation.memberships.filter(role__in=MANAGING).exclude(user__in=known.values("user"))
    found = list(managers.select_related("user").order_by("pk"))
    for each in found:
        grant_membership(user=each.user, organisation=gone.organisation, role=each.role, by=by)
    return len(found)


@atomic
def close_absorbed(*, gone: Landlord, stays: Landlord, why: str, on: date, by: User) -> None:
    """The landlord takes part in nothing new; its accounts, and who reads them, stay. Both have it in their history."""
    shut(gone.organisation, on, into=stays.organisation)
    both = [gone.organisation, stays.organisation]
    for each in both:
        details = {"from": [gone.organisation.name, stays.organisation.name]}
        record(each, HistoryEntry.Act.MERGED, by=by, why=why, details=details, organisations=[row.pk for row in both])
