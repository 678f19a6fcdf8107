"""A committee that sits in tests: six appointed members, the préfet, the EPCI, the mayor, an adviser, a secretary;
units routed that morning with candidates instructed; sessions in a room or remote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from attributions.households.models import (
    AgendaItem,
    Application,
    Ballot,
    Committee,
    CommitteeMember,
    CommitteeSession,
    Designation,
    Proposal,
)
from attributions.households.operations.agenda import add_to_agenda
from attributions.households.operations.ballot import LineTerms, decide_in_room
from attributions.households.operations.committee import found_committee, seat_member
from attributions.households.operations.session import convene_session, open_session
from flux.models import Routing, Vacancy
from flux.operations.departures import record_answer
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from reservations.models import User
from tests.world import MORNING, World
from tests.world_again import done_once

Capacity = CommitteeMember.Capacity

SINCE = date(2026, 1, 1)
APPOINTED = ("Paul", "Rosa", "Henri", "Leïla", "Martin", "Noémie")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass
class House:
    """A world with its committee. `members` by first name; all of them sign in but the adviser."""

    world: World
    committee: Committee
    members: dict[str, CommitteeMember] = field(default_factory=dict)

    @property
    def secretary(self) -> User:
        return self.world.people["aline"]

    def users(self, *names: str) -> list[CommitteeMember]:
        return [self.members[name] for name in names]

    def unit(self, count: int = 3, *, commune: str = "Narbonne", holder: str = "als", **given: object) -> Vacancy:
        """A unit routed at MORNING, with `count` candidates ready."""
        vacancy = routed(self.world, commune=commune, holder=holder)
        candidates(self.world, vacancy, count, **given)
        return vacancy

    def session(self, *, mode: str = "ROOM", now: datetime = MORNING, **given: object) -> CommitteeSession:
        """Convened at `now`: in an hour, or with a vote from then to two days later."""
        if mode == "REMOTE":
            given = {"vote_opens_at": now + HOUR, "vote_closes_at": now + 2 * DAY} | given
        return convene_session(
            **{
                "committee": self.committee,
                "held_at": now + HOUR,
                "place": "siège",
                "mode": mode,
                "by": self.secretary,
                "now": now,
            }
            | given
        )

    def item(self, session: CommitteeSession | None = None, *, vacancy: Vacancy | None = None) -> AgendaItem:
        """A unit on the agenda of a session, that is not open yet."""
        session = session or self.session()
        [item] = add_to_agenda(session=session, vacancies=[vacancy or self.unit()], by=self.secretary, now=MORNING)
        return item

    def opened(self, *, mode: str = "ROOM", vacancy: Vacancy | None = None) -> AgendaItem:
        """The same, in a session that is open with everybody."""
        item = self.item(self.session(mode=mode), vacancy=vacancy)
        present = list(self.members.values())
        open_session(session=item.session, present=present, by=self.secretary, now=MORNING + HOUR)
        item.session.refresh_from_db()
        return item

    def decide(self, item: AgendaItem, *lines: LineTerms, choice: str = "FOR", **given: object) -> Ballot:
        """Everybody appointed votes the same in the room."""
        votes = {self.members[name].pk: choice for name in APPOINTED}
        return decide_in_room(
            **{"item": item, "lines": lines, "votes": votes, "by": self.secretary, "now": MORNING + 2 * HOUR} | given
        )


@done_once
def house(world: World, *, remote_allowed: bool = True, quorum: int = 3) -> House:
    """Found the committee of the landlord and seat everybody."""
    by = world.people["alice"]
    committee = found_committee(
        landlord=world.landlord,
        name="CALEOL de Robine Habitat",
        quorum=quorum,
        remote_allowed=remote_allowed,
        source="Conseil d’administration du 12 décembre 2025",
        starts_on=SINCE,
        by=by,
    )
    found = House(world, committee)
    seats: Iterable[tuple[str, str, dict[str, object]]] = [
        *((name, Capacity.APPOINTED, {"presides": name == "Paul", "user": person(name)}) for name in APPOINTED),
        ("Bob", Capacity.PREFECT, {"user": world.people["bob"], "organisation": world.state}),
        (
            "Emma",
            Capacity.EPCI,
            {
                "user": world.people["emma"],
                "organisation": world.epci,
                "territory": world.places["Le Grand Narbonne"],
            },
        ),
        (
            "Chloé",
            Capacity.MAYOR,
            {"user": world.people["chloe"], "organisation": world.city, "territory": world.places["Narbonne"]},
        ),
        ("Ada", Capacity.ADVISER, {}),
        ("Aline", Capacity.SECRETARY, {"user": world.people["aline"]}),
    ]
    for name, capacity, given in seats:
        found.members[name] = seat_member(
            committee=committee, capacity=capacity, full_name=name, starts_on=SINCE, by=by, **given
        )
    return found


def person(name: str) -> User:
    return User.objects.create(email=f"membre-{len(name)}-{ord(name[0])}@exemple.test", full_name=name)


@done_once
def routed(world: World, *, commune: str = "Narbonne", holder: str = "als", now: datetime = MORNING) -> Vacancy:
    """A unit of the flow, recommended and routed to this holder."""
    vacancy = world.vacancy(commune=commune, now=now)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    if vacancy.recommendations.order_by("pk").last().holder_id == world.holders[holder].pk:
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["alice"], now=now)
    else:
        elsewhere(world, vacancy, holder, now=now)
    return vacancy


def elsewhere(world: World, vacancy: Vacancy, holder: str = "city", *, now: datetime = MORNING) -> Routing:
    """Send a unit to another holder, in spite of what is recommended or done."""
    return route_elsewhere(
        vacancy=vacancy,
        holder=world.holders[holder],
        motive="OTHER",
        motive_text="Accord entre les parties.",
        by=world.people["alice"],
        now=now,
    )


def candidates(
    world: World,
    vacancy: Vacancy,
    count: int = 3,
    *,
    status: str = Proposal.Status.READY,
    exemption: str = "",
    now: datetime = MORNING,
) -> list[Proposal]:
    """Candidates sent by the holder of the unit in one designation, in this state."""
    routing = Routing.objects.select_related("holder").filter(vacancy=vacancy, closed_at=None).order_by("pk").first()
    proposer = routing.holder.organisation if routing else world.landlord.organisation
    by = world.people["aline"]
    designation = Designation.objects.create(
        vacancy=vacancy, routing=routing, exemption=exemption, sent_at=now, sent_by=by, sent_for=proposer
    )
    if routing is not None:
        record_answer(routing=routing, on=timezone.localdate(now))
    first = Application.objects.count()
    proposals = []
    for ordinal in range(first + 1, first + count + 1):
        application = Application.objects.create(
            number=f"0110{ordinal:06d}00001114", name=f"Ménage {ordinal}", requested_on=date(2024, 3, 1)
        )
        proposals.append(
            Proposal.objects.create(
                vacancy=vacancy,
                routing=routing,
                application=application,
                designation=designation,
                proposer=proposer,
                position=ordinal,
                status=status,
                since=now,
                created_at=now,
                created_by=by,
                adults=2,
            )
        )
    return proposals


def lines(item: AgendaItem, *kinds: str) -> list[LineTerms]:
    """Terms for the cases of an item in their order: « RANKED 2 », « NOT_ALLOCATED SIZE », « CONDITIONAL »."""
    found = []
    for case, asked in zip(item.cases.order_by("pk"), kinds, strict=True):
        kind, _, rest = asked.partition(" ")
        terms: dict[str, object] = {"kind": kind}
        if rest.isdecimal():
            terms["rank"] = int(rest)
        elif rest:
            terms["reason"] = rest
        if kind == "CONDITIONAL":
            terms |= {"document": "TAX_NOTICE", "document_due_on": date(2026, 12, 10)}
        found.append(LineTerms(case, **terms))
    return found
