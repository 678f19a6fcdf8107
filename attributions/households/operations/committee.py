"""Founding a committee, setting its rules, and saying who sits (CCH, L441-2, R441-9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from attributions.households.models import Attendance, Committee, CommitteeMember, CommitteeRules, CommitteeSession
from attributions.households.models.committee import CONVENING, CommitteeMemberQuerySet
from attributions.households.queries.committees import appointed_limit, in_reach
from reservations.models import HistoryEntry, Landlord, Membership, Organisation, Territory, User
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day, towards

Capacity = CommitteeMember.Capacity

#: Where a local member sits: kinds of territory.
SEATS = {
    Capacity.MAYOR: ((Territory.Kind.COMMUNE,), "Le maire siège pour sa commune : choisissez-la."),
    Capacity.EPCI: (
        (Territory.Kind.EPCI, Territory.Kind.EPT),
        "Le président de l’intercommunalité siège pour son territoire : choisissez-le.",
    ),
}


class CommitteeRefused(Refusal):
    """The committee cannot be so composed or ruled; the sentence says what to do."""


@atomic_act
def found_committee(
    *,
    landlord: Landlord,
    name: str,
    territory: Territory | None = None,
    quorum: int,
    remote_allowed: bool,
    source: str,
    starts_on: date,
    convening_days: int | None = None,
    by: User,
    now: datetime | None = None,
) -> Committee:
    """Record a committee of a landlord with its first rules, as its board settled them.

    Raises CommitteeRefused: no name, a territory without a unit or convention of the landlord, rules that do not hold.
    """
    if not name.strip():
        raise CommitteeRefused("Donnez un nom à la commission.", field="name")
    if territory is not None and not in_reach(landlord, territory):
        raise CommitteeRefused(
            f"{landlord} n’a ni logement ni convention dans ce territoire ({territory}) : choisissez-en un autre.",
            field="territory",
        )
    with constraints_speak(Committee):
        committee = Committee.objects.create(landlord=landlord, name=name.strip(), territory=territory)
    record(committee, HistoryEntry.Act.RECORDED, by=by, details={"name": [None, committee.name]})
    set_rules(
        committee=committee,
        quorum=quorum,
        remote_allowed=remote_allowed,
        source=source,
        starts_on=starts_on,
        convening_days=convening_days,
        by=by,
        now=now,
    )
    return committee


@atomic_act
def set_rules(
    *,
    committee: Committee,
    quorum: int,
    remote_allowed: bool,
    source: str,
    starts_on: date,
    convening_days: int | None = None,
    by: User,
    now: datetime | None = None,
) -> CommitteeRules:
    """Add dated rules: they hold from `starts_on`, until others start. Those of a session held do not change.

    `convening_days`: how many days before a session the members are convened, where the rules say so.

    Raises CommitteeRefused: no source, a quorum that nobody could reach, a delay out of its bounds, a day that a
    session already opened follows.
    """
    _hold(committee)
    limit = appointed_limit(starts_on)
    if not source.strip():
        raise CommitteeRefused("Indiquez la délibération qui fixe ce règlement.", field="source")
    if quorum < 1 or (limit is not None and quorum > limit):
        most = f"et d’au plus {limit} : le conseil n’en désigne pas davantage" if limit else "désigné"
        raise CommitteeRefused(f"Le quorum est d’au moins un membre, {most}.", field="quorum")
    if fault := CONVENING.fault(convening_days):
        raise CommitteeRefused(fault, field="convening_days")
    last = max((each.day for each in _held(committee)), default=None)
    if last is not None and starts_on <= last:
        raise CommitteeRefused(
            f"Une séance s’est tenue le {day(last)} sous le règlement d’alors : "
            f"le nouveau commence au plus tôt le {day(last + timedelta(1))}.",
            field="starts_on",
        )
    with constraints_speak(CommitteeRules):
        rules = CommitteeRules.objects.create(
            committee=committee,
            quorum=quorum,
            remote_allowed=remote_allowed,
            source=source.strip(),
            starts_on=starts_on,
            convening_days=convening_days,
        )
    details = {
        "quorum": [None, quorum],
        "convening_days": [None, convening_days],
        "remote_allowed": [None, remote_allowed],
        "starts_on": [None, starts_on.isoformat()],
    }
    record(committee, HistoryEntry.Act.EDITED, by=by, why=rules.source, details=details)
    return rules


@atomic_act
def seat_member(
    *,
    committee: Committee,
    capacity: str,
    full_name: str,
    organisation: Organisation | None = None,
    territory: Territory | None = None,
    user: User | None = None,
    represents_tenants: bool = False,
    presides: bool = False,
    starts_on: date,
    ends_on: date | None = None,
    by: User,
    now: datetime | None = None,
) -> CommitteeMember:
    """Say that a person sits from a day on, in a capacity; `ends_on`: until which day, for a seat of the past, which
    asks nothing of who acts for whom today.

    Raises CommitteeRefused: no name, more members appointed than the law allows, a second president, a local seat
    without its territory or out of the landlord's reach, a holder's without the holder, a person who does not act for
    that organisation, a second vote for the same person.
    """
    _hold(committee)
    seat = CommitteeMember(
        committee=committee,
        capacity=capacity,
        full_name=full_name.strip(),
        organisation=organisation,
        territory=territory,
        user=user,
        represents_tenants=represents_tenants,
        presides=presides,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    if not seat.full_name:
        raise CommitteeRefused("Donnez le nom du membre.", field="full_name")
    if capacity == Capacity.HOLDER and organisation is None:
        raise CommitteeRefused("Choisissez le réservataire pour lequel cette personne siège.", field="organisation")
    _check_place(seat)
    _check_number(seat)
    if ends_on is None or ends_on >= timezone.localdate(now):
        _check_person(seat)
    _check_one_vote(seat)
    with constraints_speak(CommitteeMember):
        seat.save()
    details = {"capacity": [None, capacity], "starts_on": [None, starts_on.isoformat()], "presides": [None, presides]}
    if ends_on is not None:
        details["ends_on"] = [None, ends_on.isoformat()]
    record(seat, HistoryEntry.Act.RECORDED, by=by, details=details)
    return seat


@atomic_act
def unseat_member(*, member: CommitteeMember, ends_on: date, by: User, now: datetime | None = None) -> CommitteeMember:
    """Say until which day, included, a person sits.

    Raises CommitteeRefused: already stated, before it began, or before a session at which the person sat.
    """
    _hold(member.committee)
    member = CommitteeMember.objects.select_related("committee").get(pk=member.pk)
    if member.ends_on is not None:
        raise CommitteeRefused(f"Ce membre ne siège déjà plus après le {day(member.ends_on)}.", field="ends_on")
    if ends_on < member.starts_on:
        raise CommitteeRefused(
            f"Ce membre siège depuis le {day(member.starts_on)} : choisissez ce jour ou un suivant.",
            field="ends_on",
        )
    sat = Attendance.objects.filter(member=member, session__cancelled_at=None).select_related("session")
    last = max((each.session.day for each in sat.order_by("pk")), default=None)
    if last is not None and ends_on < last:
        raise CommitteeRefused(f"Ce membre a siégé le {day(last)} : choisissez ce jour ou un suivant.", field="ends_on")
    member.ends_on = ends_on
    member.save(update_fields=["ends_on"])
    record(member, HistoryEntry.Act.ENDED, by=by, details={"ends_on": [None, ends_on.isoformat()]})
    return member


def _hold(committee: Committee) -> None:
    """One act at a time on who sits and by which rules."""
    Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=committee.pk)


def _held(committee: Committee) -> Iterable[CommitteeSession]:
    held = CommitteeSession.objects.filter(committee=committee, opened_at__isnull=False, cancelled_at=None)
    return held.order_by("pk")


def _check_place(seat: CommitteeMember) -> None:
    """A local member has its territory, the others none."""
    if seat.capacity not in SEATS:
        if seat.territory is not None:
            raise CommitteeRefused(
                "Seuls le maire et le président de l’intercommunalité siègent pour un territoire.", field="territory"
            )
        return
    kinds, sentence = SEATS[Capacity(seat.capacity)]
    if seat.territory is None or seat.territory.kind not in kinds:
        raise CommitteeRefused(sentence, field="territory")
    if not in_reach(seat.committee.landlord, seat.territory, of=seat.committee.territory):
        raise CommitteeRefused(
            f"Cette commission n’attribue aucun logement dans ce territoire ({seat.territory}).", field="territory"
        )
    rivals = _beside(seat).filter(capacity=seat.capacity, territory=seat.territory)
    for rival in rivals.order_by("pk")[:1]:
        raise CommitteeRefused(
            f"{rival.full_name} siège déjà pour ce territoire ({seat.territory}) : dites d’abord jusqu’à quand.",
            field="territory",
        )


def _check_number(seat: CommitteeMember) -> None:
    """As many appointed as the law says, at most, on any day; and one president among them."""
    if seat.capacity != Capacity.APPOINTED:
        if seat.presides or seat.represents_tenants:
            raise CommitteeRefused("Seul un membre désigné préside, ou représente les locataires.", field="capacity")
        return
    beside = list(_beside(seat).filter(capacity=Capacity.APPOINTED).order_by("pk"))
    for rival in beside:
        if seat.presides and rival.presides:
            raise CommitteeRefused(
                f"{rival.full_name} préside déjà la commission : dites d’abord jusqu’à quand.", field="presides"
            )
    for on in sorted({seat.starts_on} | {each.starts_on for each in beside if each.starts_on > seat.starts_on}):
        limit = appointed_limit(on)
        sitting = sum(each.starts_on <= on and (each.ends_on is None or each.ends_on >= on) for each in beside)
        if limit is not None and sitting + 1 > limit:
            raise CommitteeRefused(
                f"La loi limite à {limit} les membres désignés par le conseil (CCH, R441-9 II), et ils le sont déjà : "
                "dites d’abord jusqu’à quand siège celui qui part.",
                field="capacity",
            )


def _check_person(seat: CommitteeMember) -> None:
    """Who signs in does it for the organisation it sits for; a secretary is of the landlord's staff."""
    acts_for = seat.organisation_id
    if seat.capacity == Capacity.SECRETARY:
        acts_for = seat.committee.landlord.organisation_id
        if seat.user is None:
            raise CommitteeRefused("Choisissez la personne qui tiendra les procès-verbaux.", field="user")
    if seat.user is None or acts_for is None:
        return
    if not Membership.objects.filter(user=seat.user, organisation=acts_for).exists():
        where = Organisation.objects.get(pk=acts_for)
        raise CommitteeRefused(
            f"Cette personne n’agit pas pour {towards(where)} : donnez-lui-en d’abord l’accès.", field="user"
        )


def _check_one_vote(seat: CommitteeMember) -> None:
    """A person votes once, whatever it sits as."""
    if seat.user is None or not seat.votes:
        return
    for other in _beside(seat).filter(user=seat.user, capacity__in=CommitteeMember.VOTING).order_by("pk")[:1]:
        raise CommitteeRefused(
            f"Cette personne vote déjà dans cette commission ({other.get_capacity_display()}) : dites d’abord jusqu’à "
            "quand.",
            field="user",
        )


def _beside(seat: CommitteeMember) -> CommitteeMemberQuerySet:
    """Who still sits once this seat begins, and before it ends."""
    others = CommitteeMember.objects.filter(committee=seat.committee)
    if seat.ends_on is not None:
        others = others.filter(starts_on__lte=seat.ends_on)
    return others.filter(Q(ends_on=None) | Q(ends_on__gte=seat.starts_on))
