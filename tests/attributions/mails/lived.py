"""A world in which everything that is notified by e-mail happens, through the acts, at its hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from attributions.bilan.models import BalanceRemark, BalanceVersion
from attributions.bilan.queries.figures import FigurePlace
from attributions.households.models import Ballot, CommitteeSession, Proposal
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.session import cancel_session
from attributions.households.operations.silence import lapse_silent_routings
from attributions.mails.clocks import watch_days, watch_votes
from attributions.mails.telling import tell_people
from attributions.notices.announcing import announce_decision_windows, announce_transfers
from flux.models import AuditAlert, Ledger, Routing
from flux.operations.audit import record_differences
from flux.operations.conversions import sign_for
from flux.operations.stock_transfers import Given, propose_transfer
from flux.queries.controls.accounts import Check, Difference
from reservations.imports.door import receive_file, run
from reservations.imports.kinds import kind_of
from reservations.models.renewal import reach
from reservations.operations.convention_pause import propose_lift, withdraw_pause
from reservations.operations.convention_renewal import give_notice_of_non_renewal
from tests.attributions.bilan.balances import SENT, contest, people, send
from tests.attributions.households.candidates import agree, routed, sent
from tests.attributions.households.sittings import DAY, HOUR, House, house, lines
from tests.flux.imports.unit_files import units
from tests.flux.known import plan_together
from tests.pauses import accepted, proposed
from tests.world import MORNING, convention

if TYPE_CHECKING:
    from tests.world import World

Move = Any


@dataclass
class Lived:
    """What happened, by name."""

    house: House
    first: Routing
    silent: Routing
    ballot: Ballot
    convened: CommitteeSession
    alerts: list[AuditAlert] = field(default_factory=list)
    version: BalanceVersion = None
    remark: BalanceRemark = None


def at(time_machine: Move, moment: datetime) -> None:
    """Everything that waits is reported at this moment."""
    time_machine.move_to(moment, tick=False)
    tell_people(now=moment)


def lived(world: World, time_machine: Move) -> Lived:
    """From a routing of a November morning to a remark that nobody answered in March."""
    at(time_machine, MORNING)
    people(world)  # Anna at Action Logement, Éric at Le Grand Narbonne
    _sign(world)
    agree(world.conventions["als"], management="DELEGATED")
    agree(world.conventions["city"], proposal_days=20)
    first, silent = routed(world), routed(world)
    routed(world, "als")
    tell_people(now=MORNING)
    sent(world, first, 1, 2)
    tell_people(now=MORNING)
    Proposal.objects.filter(vacancy=first.vacancy).update(status=Proposal.Status.READY)
    home = house(world)
    convened, given_up = home.session(), home.session(now=MORNING + HOUR)
    tell_people(now=MORNING)
    cancel_session(session=given_up, why="Quorum incertain.", by=home.secretary, now=MORNING)
    plan_together(world, since=MORNING + 10 * DAY)
    announce_decision_windows(now=MORNING)
    _propose_programmes(world)
    [alert] = record_differences(
        differences=[Difference(Ledger.objects.ordinary().get().pk, Check.SEQUENCE, 1, 2)], now=MORNING
    )
    _import(world)
    _denounce(world)
    _suspend(world)
    item = home.opened(mode="REMOTE")
    at(time_machine, MORNING + 2 * HOUR)
    terms = lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE")
    ballot = open_ballot(item=item, lines=terms, by=home.secretary, now=MORNING + 2 * HOUR)
    watch_votes(now=MORNING + 2 * HOUR)
    at(time_machine, MORNING + DAY + 2 * HOUR)
    watch_votes(now=MORNING + DAY + 2 * HOUR)
    for days in (16, 24):
        at(time_machine, MORNING + days * DAY)
        watch_days(now=MORNING + days * DAY)
    found = Lived(home, first, silent, ballot, convened, [alert])
    at(time_machine, MORNING + 40 * DAY)
    lapse_silent_routings(now=MORNING + 40 * DAY)
    at(time_machine, SENT)
    watch_days(now=SENT)
    found.version = send(world)
    found.remark = contest(world, found.version, place=FigurePlace("SUMMARY", "", "", "due"), claimed=None)
    at(time_machine, SENT + DAY)
    at(time_machine, SENT + 40 * DAY)
    watch_days(now=SENT + 40 * DAY)
    return found


def _sign(world: World) -> None:
    """The next convention with Action Logement: the landlord signs it, then Anna."""
    draft = convention(
        world.landlord,
        world.als,
        world.places["Aude"],
        (world.holders["als"], "10", 3),
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        signed=False,
    )
    for name, at_ in (("alice", world.landlord.organisation), ("anna", world.als)):
        sign_for(convention=draft, organisation=at_, by=world.people[name], today=MORNING.date())
        tell_people(now=MORNING)


def _propose_programmes(world: World) -> None:
    """Our landlord proposes one of its programmes to the other."""
    unit = world.unit(commune="Coursan")
    propose_transfer(
        giver=world.landlord,
        given=Given(world.other_landlord, [unit.programme], MORNING.date() + 10 * DAY, "acte notarié"),
        by=world.people["alice"],
        now=MORNING,
    )
    announce_transfers(now=MORNING)


def _denounce(world: World) -> None:
    """The city's convention is renewed until Chloé denounces it; that of Le Grand Narbonne will soon be."""
    renewed = {"renewal_months": 12, "renewal_times": 2, "notice_months": 3}
    for name, term in (("city", date(2028, 12, 31)), ("epci", date(2027, 2, 28))):
        ends_on = reach(term, 12, 2)
        agree(world.conventions[name], **renewed, term_on=term, ends_on=ends_on)
    give_notice_of_non_renewal(
        convention=world.conventions["city"],
        organisation=world.city,
        given_on=MORNING.date(),
        by=world.people["chloe"],
        today=MORNING.date(),
    )
    watch_days(now=MORNING)
    tell_people(now=MORNING)


def _suspend(world: World) -> None:
    """Alice proposes it, Chloé accepts; then she proposes to lift it, and Alice does not want to, then does."""
    first, last = date(2028, 6, 1), date(2028, 6, 30)
    pause = proposed(world, world.conventions["city"], first, last)
    tell_people(now=MORNING)
    pause = accepted(world, pause)
    tell_people(now=MORNING)
    given = {"resumes_on": last, "why": "Rouvert.", "today": MORNING.date()}
    lift = propose_lift(pause=pause, organisation=world.city, by=world.people["chloe"], **given)
    tell_people(now=MORNING)
    alice, ours = world.people["alice"], world.landlord.organisation
    withdraw_pause(pause=lift, organisation=ours, why="Service encore fermé.", by=alice)
    tell_people(now=MORNING)
    shorter = propose_lift(pause=pause, organisation=ours, by=alice, **given)
    accepted(world, shorter)
    tell_people(now=MORNING)


def _import(world: World) -> None:
    given = receive_file(
        organisation=world.landlord.organisation,
        kind=kind_of("logements"),
        name="M. Durand.csv",
        content=units({}),
        by=world.people["alice"],
    )
    run(given)
