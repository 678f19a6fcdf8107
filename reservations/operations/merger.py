"""One organisation takes the place of another: two rows for one party, or two parties that became one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from django.db.models import Max, Q

from reservations.models import (
    Convention,
    HistoryEntry,
    Landlord,
    Membership,
    Organisation,
    Quota,
    ReservationHolder,
    Signatory,
    StockRight,
    User,
)
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.convention import draft_convention, motive, sign_convention
from reservations.operations.convention_end import end_by_succession
from reservations.operations.convention_parties import others_of
from reservations.operations.convention_signature import succeed_signatures
from reservations.operations.convention_terms import QuotaTerms, quota_terms, terms_of
from reservations.operations.history import record, record_each
from reservations.operations.party import check_may_close, shut
from reservations.operations.pause_carrying import carry_pauses
from reservations.operations.person import grant_membership
from reservations.operations.terms import left_on
from reservations.queries.parties import covering
from reservations.refusals import Refusal
from reservations.words import day, of, towards

Act = HistoryEntry.Act


class MergerRefused(Refusal):
    """These two cannot become one as they stand."""


@atomic
def merge_organisations(
    *, organisation: Organisation, into: Organisation, why: str, today: date, by: User
) -> dict[str, int]:
    """From tomorrow on, `into` has the conventions and the rights of `organisation`, which closes today.

    What binds both ways passes: a convention in force ends today and goes on with the same terms (at the last ranks: a
    rank names one holder a year), or leaves what is due to the one that `into` has there already; drafts and titles of
    the stock change hands; people get the same roles. Who was named by an agreement that goes on (an allotment, a
    delegation) or recommended is `into` from now on, when it is acted upon (`contingent_now`). What was lived stays
    where it was: routings, accounts, sealed balances, and the people who read them keep the roles they had there. Both
    sides read the act in their history. Return how many of each passed.

    Raises MergerRefused (other natures, itself, closed, a proposal, a convention to come, another perimeter, a
    contingent without a share in the convention that goes on), and as signing does, without a motive first of all.
    """
    rows = {
        row.pk: row
        for row in Organisation.objects.select_for_update(of=("self",))
        .order_by("pk")
        .filter(pk__in=[organisation.pk, into.pk])
    }
    gone, stays = rows[organisation.pk], rows[into.pk]
    why = motive(why)
    _check(gone, stays)
    passed = {
        "conventions": _pass_conventions(gone, stays, why=why, today=today, by=by),
        "rights": _pass_rights(gone, stays, today=today, by=by),
        "people": _pass_people(gone, stays, by=by),
    }
    shut(gone, today, into=stays)
    concerned = [gone.pk, stays.pk, *_landlords_of(gone)]
    for row in (gone, stays):
        details = {"from": [gone.name, stays.name], **{name: [0, number] for name, number in passed.items()}}
        record(row, Act.MERGED, by=by, why=why, details=details, organisations=concerned)
    return passed


def _check(gone: Organisation, stays: Organisation) -> None:
    if gone.pk == stays.pk:
        raise MergerRefused("Choisissez une autre organisation : celle-ci ne se réunit pas à elle-même.", field="into")
    check_may_close(gone)
    if stays.closed_on is not None:
        raise MergerRefused(f"{stays} est fermée : choisissez une organisation qui prend part au flux.", field="into")
    if gone.kind != stays.kind:
        raise MergerRefused(
            f"{stays} n’est pas de la même nature ({stays.get_kind_display()}) : ses contingents sont autres.",
            field="into",
        )


def _landlords_of(organisation: Organisation) -> list[int]:
    """Those who signed with it, or reserve units for it: they read the act too."""
    signed = Convention.objects.filter(organisation=organisation).order_by()
    held = StockRight.objects.filter(holder__organisation=organisation).order_by()
    ids = {
        *signed.values_list("landlord__organisation", flat=True),
        *held.values_list("landlord__organisation", flat=True),
    }
    return sorted(ids)


def _contingents(organisation: Organisation) -> dict[int, ReservationHolder]:
    return {holder.contingent: holder for holder in organisation.contingents.select_related("organisation")}


def _pass_conventions(gone: Organisation, stays: Organisation, *, why: str, today: date, by: User) -> int:
    """Those in force end today and go on tomorrow; drafts change hands; how many."""
    mine = Convention.objects.filter(organisation=gone).select_related("landlord__organisation", "perimeter")
    beside = Signatory.objects.filter(organisation=gone).order_by()
    proposed = Convention.objects.filter(Q(organisation=gone) | Q(pk__in=beside.values("convention")))
    proposed = proposed.filter(status=Convention.Status.PROPOSED).select_related("organisation", "perimeter")
    if found := proposed.order_by("pk").first():
        raise MergerRefused(
            f"La convention « {found} » est proposée à son signataire : retirez d’abord la proposition."
        )
    signed = mine.filter(status=Convention.Status.SIGNED, ends_on__gt=today).order_by("pk")
    passed = 0
    for convention in signed:
        if convention.starts_on > today:
            raise MergerRefused(
                f"La convention « {convention} » commence le {day(convention.starts_on)} : réunissez ces organisations "
                "à partir de ce jour."
            )
        _pass_convention(convention, stays, why=why, today=today, by=by)
        passed += 1
    drafts = beside.filter(convention__status=Convention.Status.DRAFT).exclude(convention__organisation=gone)
    already = Signatory.objects.filter(organisation=stays).order_by().values("convention")
    drafts.filter(convention__in=already).delete()
    drafts.update(organisation=stays)
    for draft in mine.filter(status=Convention.Status.DRAFT, amends=None).order_by("pk"):
        to = _contingents(stays)
        quotas = [
            replace(quota_terms(q), holder=to[q.holder.contingent]) for q in draft.quotas.select_related("holder")
        ]
        draft_convention(
            landlord=draft.landlord,
            organisation=stays,
            perimeter=draft.perimeter,
            starts_on=draft.starts_on,
            ends_on=draft.agreed_term,
            quotas=quotas,
            by=by,
            replaces=draft,
        )
        passed += 1
    return passed


def _pass_convention(convention: Convention, stays: Organisation, *, why: str, today: date, by: User) -> None:
    """It ends today; what is due then goes to `stays`, by the same terms unless a convention of its own bears there."""
    tomorrow = today + timedelta(days=1)
    last, settled = left_on(convention, terms_of(convention), tomorrow)
    quotas = convention.quotas.select_related("holder__organisation").prefetch_related(
        "delegations__delegate", "rates__territory"
    )
    terms = [quota_terms(quota) for quota in quotas.order_by("rank", "pk")]
    end_by_succession(convention=convention, ends_on=today, why=why, today=today, by=by)
    own = covering(convention, stays, tomorrow)
    if own is not None:
        _check_contingents(own, terms, convention)
    else:
        if stays.kind in Organisation.OWN_TERRITORY and stays.territory_id != convention.perimeter_id:
            raise MergerRefused(
                f"La convention « {convention} » porte sur {convention.perimeter.name}, qui n’est pas le territoire "
                f"{of(stays)} : signez d’abord une convention avec {towards(stays)}, sur un territoire qui le "
                "comprend ; elle reprendra ce qui reste dû."
            )
        to, free = _contingents(stays), free_rank(convention.landlord_id)
        following = draft_convention(
            landlord=convention.landlord,
            organisation=stays,
            perimeter=convention.perimeter,
            starts_on=tomorrow,
            ends_on=last,
            quotas=[
                replace(each, holder=to[each.holder.contingent], rank=free + place) for place, each in enumerate(terms)
            ],
            terms=settled,
            others=[each for each in others_of(convention) if each != stays and each.closed_on is None],
            by=by,
        )
        succeed_signatures(convention=following, signed_on=today, by=by)
        sign_convention(convention=following, signed_on=today, by=by, today=today)
        carry_pauses(convention, following, by=by)
    row = Convention.objects.get(pk=convention.pk)
    row.successor = stays
    row.save(update_fields=["successor"])


def _check_contingents(own: Convention, terms: list[QuotaTerms], convention: Convention) -> None:
    """Raise MergerRefused when a contingent of the convention that ends has no share in the one that goes on."""
    shared = set(own.quotas.values_list("holder__contingent", flat=True))
    for each in terms:
        if each.holder.contingent not in shared:
            raise MergerRefused(
                f"La convention « {own} » ne donne pas de part au contingent « {each.holder} », que la convention "
                f"« {convention} » compte : signez d’abord un avenant qui la lui donne."
            )


def free_rank(landlord: Landlord | int) -> int:
    """After all those of the landlord: in an account of this year, a rank stays that of who had it."""
    ranks = Quota.objects.filter(convention__landlord=landlord)
    return int(ranks.aggregate(last=Max("rank"))["last"] or 0) + 1


def _pass_rights(gone: Organisation, stays: Organisation, *, today: date, by: User) -> int:
    """The titles of the stock that live still change hands: what they gave before stays with who had it."""
    to = _contingents(stays)
    living = in_order(StockRight.objects.all()).filter(
        Q(ends_on=None) | Q(ends_on__gte=today), holder__organisation=gone, converted_in=None
    )
    rights = list(living.select_related("holder__organisation").order_by("pk"))
    changed = [(right, {"holder": [str(right.holder), str(to[right.holder.contingent])]}) for right in rights]
    for right in rights:
        right.holder = to[right.holder.contingent]
    StockRight.objects.bulk_update(rights, ["holder"], batch_size=500)
    record_each(changed, Act.EDITED, by=by)
    return len(rights)


def _pass_people(gone: Organisation, stays: Organisation, *, by: User) -> int:
    """The same roles in the one that stays; the roles in the other are kept, for what is behind it."""
    passed = 0
    for membership in gone.memberships.select_related("user").order_by("pk"):
        if not Membership.objects.filter(user=membership.user, organisation=stays, role=membership.role).exists():
            grant_membership(user=membership.user, organisation=stays, role=membership.role, by=by)
            passed += 1
    return passed
