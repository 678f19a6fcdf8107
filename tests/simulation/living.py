"""A story lived in the product, through its own operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from attributions.bilan.operations.sending import send_balance, sign_version
from flux.models import RoutingPolicy, Unit, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.departures import decide_now
from flux.operations.outcomes import record_allocation, record_lease, resume_vacancy, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.operations.routing import (
    confirm_recommendations,
    route_elsewhere,
    route_waiting_vacancies,
    sweep_waiting_vacancies,
)
from flux.operations.starting import set_decision_window
from flux.operations.stock import set_routing_policy
from flux.operations.vacancy import declare_vacancy
from reservations.models import Convention, Landlord, ReservationHolder, User
from reservations.operations.convention import draft_convention
from reservations.operations.convention_terms import QuotaTerms, proposed_terms
from reservations.operations.rate_table import RateTerms
from reservations.refusals import Refusal
from tests.signing import sign_convention
from tests.simulation.story import HOLDERS, Act, Settled
from tests.world import World, manager_of

STARTS = date(2026, 1, 1)


def landlords(world: World) -> tuple[Landlord, ...]:
    """Those of a story, in its order."""
    return world.landlord, world.other_landlord


def settle(world: World, landlord: Landlord, given: Settled, first: datetime) -> None:
    """Sign the conventions of a landlord, and make its choices."""
    by = manager_of(landlord)
    for name, settled in given.terms.items():
        organisation = getattr(world, name)
        [place] = {place for of, place, *_ in HOLDERS.values() if of == name}
        quotas = []
        for holder, (of, _, rank, *_) in HOLDERS.items():
            if of == name:
                drawn = given.rights[holder]
                rates = [
                    RateTerms(
                        row.share,
                        world.places[row.place] if row.place else None,
                        (*(f"typology:{each}" for each in row.typologies), *(f"financing:{e}" for e in row.financings)),
                        since_year=row.since or None,
                    )
                    for row in drawn.rows
                ]
                quotas.append(
                    QuotaTerms(world.holders[holder], drawn.share, rank, declined=drawn.declined, rates=tuple(rates))
                )
        terms = replace(
            proposed_terms(organisation, STARTS),
            returns_effect=settled.returns,
            counting_point=settled.point,
            returned_cap=settled.cap,
            fallback=settled.chain,
            proposal_days=settled.days,
            management=Convention.Management.DELEGATED if settled.delegated else Convention.Management.DIRECT,
            uniform_communes=settled.uniform,
            not_offered=settled.not_offered,
        )
        drafted = draft_convention(
            landlord=landlord,
            organisation=organisation,
            perimeter=world.places[place],
            starts_on=STARTS,
            ends_on=date(2028, 12, 31),
            quotas=quotas,
            terms=terms,
            by=by,
        )
        sign_convention(convention=drafted, signed_on=STARTS, by=by)
    today = timezone.localdate(first)
    about = {"landlord": landlord, "starts_on": today, "by": by, "today": today}
    if given.automatic:
        set_routing_policy(mode=RoutingPolicy.Mode.AUTOMATIC, **about)
    if given.length > 1:
        set_decision_window(length=given.length, days=given.days, **about)


@dataclass
class Lived:
    """The product's side of one landlord: its departures, in order of registration."""

    world: World
    landlord: Landlord
    departures: list[Vacancy] = field(default_factory=list)

    @property
    def by(self) -> User:
        return self.world.people["aline" if self.landlord == self.world.landlord else "zoe"]

    @property
    def holders(self) -> dict[str, ReservationHolder]:
        """Those of the conventions, and the landlord, by name."""
        own = "landlord" if self.landlord == self.world.landlord else "other_landlord"
        return {name: self.world.holders[name] for name in HOLDERS} | {"landlord": self.world.holders[own]}

    def live(self, act: Act, now: datetime) -> str | None:
        """What the product answers: "" when it is done, the sentence of the refusal; None when nothing can be asked."""
        try:
            return self._live(act, now)
        except Refusal as refusal:
            return str(refusal)

    def _live(self, act: Act, now: datetime) -> str | None:
        if act.name == "morning":
            sweep_waiting_vacancies(now=now)
            return ""
        if act.name == "declare":
            self._declare(act, now)
            return ""
        if act.name == "seal":
            self._seal(act, now)
            return ""
        if not self.departures:
            return None
        vacancy = Vacancy.declared.get(pk=self.departures[-1 - act.which % len(self.departures)].pk)
        if act.name == "give_back" and not vacancy.routings.exists():
            return None
        ACTS[act.name](self, vacancy, act, now)
        return ""

    def _seal(self, act: Act, now: datetime) -> None:
        """Send the balance of a year, and sign it in the name of each party that is asked to."""
        version = send_balance(
            landlord=self.landlord,
            departement=self.world.places["Aude"],
            exercise=STARTS.year + act.other,
            note=act.text,
            by=self.by,
            now=now,
        )
        for each in version.dispatches.filter(signs=True).select_related("organisation").order_by("pk"):
            sign_version(version=version, organisation=each.organisation, by=self.by, now=now)

    def _declare(self, act: Act, now: datetime) -> None:
        if act.other and self.departures:
            unit = Unit.objects.get(pk=self.departures[-1 - act.other % len(self.departures)].unit_id)
        else:
            commune, rooms, financing, in_qpv, year = act.unit
            unit = self.world.unit(
                landlord=self.landlord,
                commune=commune,
                rooms=rooms,
                financing_code=financing,
                in_qpv=in_qpv,
                construction_year=year,
            )
        notice = timezone.localdate(now) + timedelta(act.days)
        vacancy = declare_vacancy(
            unit=unit,
            kind=act.word,
            exclusion="INTERNAL_TRANSFER" if act.word == Vacancy.Kind.EXCLUDED else "",
            notice_on=notice,
            available_on=notice + timedelta(act.which),
            confirmed=True,
            by=self.by,
            now=now,
        )
        self.departures.append(vacancy)
        if vacancy.ledger_id is not None:
            route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)


def _confirm(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    confirm_recommendations(vacancies=[vacancy.pk], by=lived.by, now=now)


def _override(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    holder = lived.holders[act.holder]
    route_elsewhere(vacancy=vacancy, holder=holder, motive=act.word, motive_text=act.text, by=lived.by, now=now)


def _give_back(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    routing = vacancy.routings.order_by("pk").last()
    assert routing is not None
    return_vacancy(routing=routing, reason=act.word, text=act.text, by=lived.by, now=now)


def _cancel(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    cancel_vacancy(vacancy=vacancy, reason="NOTICE_WITHDRAWN", text=act.text, by=lived.by, now=now)


def _resume(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    resume_vacancy(vacancy=vacancy, by=lived.by, now=now)


def _ask(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    decide_now(vacancy=vacancy, motive=act.text, by=lived.by, now=now)


def _undo(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    withdraw_outcome(vacancy=vacancy, why=act.text, by=lived.by, today=timezone.localdate(now))


def _allocate(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    today = timezone.localdate(now)
    record_allocation(vacancy=vacancy, on=today - timedelta(act.days), by=lived.by, today=today)


def _lease(lived: Lived, vacancy: Vacancy, act: Act, now: datetime) -> None:
    today = timezone.localdate(now)
    record_lease(vacancy=vacancy, on=today - timedelta(act.days), by=lived.by, today=today)


#: How each act is asked.
ACTS: dict[str, Callable[[Lived, Vacancy, Act, datetime], None]] = {
    "confirm": _confirm,
    "override": _override,
    "give_back": _give_back,
    "cancel": _cancel,
    "resume": _resume,
    "ask": _ask,
    "undo": _undo,
    "allocate": _allocate,
    "lease": _lease,
}
