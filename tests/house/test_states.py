"""tests/house/transitions.csv lists exactly the transitions there are: each is walked, every other one is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from flux.models import AuditAlert, FlowEntry, Return, Routing, RoutingPolicy, Vacancy
from flux.operations.audit import acknowledge_alert, record_differences
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.departures import decide_now
from flux.operations.outcomes import resume_vacancy
from flux.operations.past import PastDates, record_past_routing
from flux.operations.past_return import PastReturn, record_past_return
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import keep_in_stock, set_outside_flow, set_routing_policy
from flux.queries.controls.accounts import Check, Difference
from reservations.models import Convention, Quota, StockRight
from reservations.models.renewal import reach
from reservations.operations.convention import (
    discard_draft,
    draft_convention,
    propose_convention,
    withdraw_proposal,
)
from reservations.operations.convention_amendment import amend_convention, give_formal_notice, terminate_convention
from reservations.operations.convention_renewal import give_notice_of_non_renewal, withdraw_notice_of_non_renewal
from reservations.operations.convention_terms import QuotaTerms
from reservations.refusals import Refusal
from tests.flux.known import plan_together
from tests.guards import unguarded
from tests.house import documents
from tests.house.test_docs import table
from tests.house.tree import ROOT
from tests.signing import sign_convention
from tests.world import MORNING, World

STATES = (ROOT / "docs/states.md").read_text(encoding="utf-8")
MOTIVE = {"motive": Routing.Motive.HOLDER_AGREEMENT, "motive_text": "Accord du matin."}


def transitions(machine: str) -> set[tuple[str, str, str]]:
    """(from, act, to) of one machine; « – » is « does not exist »."""
    found = {(origin, act, end) for name, origin, act, end in documents.transitions() if name == machine}
    assert found, machine
    return found


@pytest.mark.parametrize(
    ("heading", "header", "choices"),
    [
        ("Vacancy", "| kind", Vacancy.Kind),
        ("Account entries", "| stage", FlowEntry.Stage),
    ],
)
def test_states_reported_are_those_of_the_code(heading: str, header: str, choices: type) -> None:
    rows = [(row[0], row[1]) for row in table(STATES, under=heading, after=header)]
    assert rows == [(state.name, state.label) for state in choices]


# --- conventions ---


@pytest.fixture
def conventions(world: World) -> dict[str, Callable[[], Convention]]:
    """A convention in each state, on demand."""

    def draft() -> Convention:
        return redraft(world, None)

    def signed() -> Convention:
        return sign_convention(convention=draft(), signed_on=date(2030, 1, 1), by=world.people["alice"])

    def proposed() -> Convention:
        return propose_convention(convention=draft(), by=world.people["alice"], today=date(2030, 1, 1))

    def amended() -> Convention:
        convention = signed()
        sign_amendment(world, convention)
        return convention

    def ended() -> Convention:
        return world.end(signed(), date(2030, 6, 30))

    def terminated() -> Convention:
        convention = signed()
        terminate(world, convention)
        return convention

    def void() -> Convention:
        convention = signed()
        amendment = sign_amendment(world, convention)
        world.end(amendment, date(2030, 3, 2))
        amendment.refresh_from_db()
        return amendment

    return {
        "VOID": void,
        "DRAFT": draft,
        "PROPOSED": proposed,
        "SIGNED": signed,
        "AMENDED": amended,
        "ENDED": ended,
        "TERMINATED": terminated,
    }


def redraft(world: World, replaces: Convention | None) -> Convention:
    """A convention with the State, after the one that is in force."""
    return draft_convention(
        landlord=world.landlord,
        organisation=world.state,
        perimeter=world.places["Aude"],
        starts_on=date(2030, 1, 1),
        ends_on=date(2030, 12, 31),
        quotas=[QuotaTerms(world.holders["priority"], 200_000, 1)],
        by=world.people["alice"],
        replaces=replaces,
    )


def amend(world: World, convention: Convention) -> Convention:
    return amend_convention(
        convention=convention, starts_on=date(2030, 7, 1), by=world.people["alice"], today=date(2030, 2, 1)
    )


def sign_amendment(world: World, convention: Convention) -> Convention:
    """The amendment in preparation, or a new one."""
    amendment = Convention.objects.filter(amends=convention).first() or amend(world, convention)
    return sign_convention(
        convention=amendment, signed_on=date(2030, 3, 1), by=world.people["alice"], today=date(2030, 3, 1)
    )


def notify(world: World, convention: Convention) -> Convention:
    return give_formal_notice(
        convention=convention,
        given_on=date(2030, 2, 1),
        why="Aucun logement proposé.",
        by=world.people["bob"],
        today=date(2030, 2, 1),
    )


def denounce(world: World, convention: Convention) -> Convention:
    """By the landlord, of one that is renewed for a year."""
    with unguarded("reservations_convention.terms_kept"):
        Convention.objects.filter(pk=convention.pk, status="SIGNED").update(
            renewal_months=12, notice_months=3, term_on=convention.ends_on, ends_on=reach(convention.ends_on, 12, 1)
        )
    return give_notice_of_non_renewal(
        convention=convention,
        organisation=world.landlord.organisation,
        given_on=date(2030, 2, 1),
        by=world.people["alice"],
        today=date(2030, 2, 1),
    )


def renew(world: World, convention: Convention) -> Convention:
    return withdraw_notice_of_non_renewal(
        convention=denounce(world, convention),
        organisation=world.landlord.organisation,
        why="Accord trouvé.",
        by=world.people["alice"],
        today=date(2030, 2, 1),
    )


def terminate(world: World, convention: Convention) -> Convention:
    """Two months after the formal notice."""
    notified = notify(world, convention)
    return terminate_convention(
        convention=notified,
        ends_on=date(2030, 4, 30),
        why="Sans suite.",
        by=world.people["bob"],
        today=date(2030, 4, 1),
    )


CONVENTION_ACTS = {
    "draft_convention (in the place of a draft)": redraft,
    "sign_convention": lambda world, it: sign_convention(
        convention=it, signed_on=date(2030, 1, 1), by=world.people["alice"]
    ),
    "sign_convention (of its amendment)": sign_amendment,
    "propose_convention": lambda world, it: propose_convention(
        convention=it, by=world.people["alice"], today=date(2030, 1, 1)
    ),
    "withdraw_proposal": lambda world, it: withdraw_proposal(convention=it, why="À revoir.", by=world.people["alice"]),
    "amend_convention, which writes the draft of the next version": amend,
    "give_formal_notice": notify,
    "give_notice_of_non_renewal": denounce,
    "withdraw_notice_of_non_renewal": renew,
    "terminate_convention": terminate,
    "discard_draft": lambda world, it: discard_draft(convention=it, by=world.people["alice"]),
    "accept_pause of the last party, after propose_end": lambda world, it: world.end(it, date(2030, 6, 30)),
}


@pytest.mark.parametrize("state", Convention.Status.names)
@pytest.mark.parametrize("act", CONVENTION_ACTS)
def test_convention_moves_as_declared_and_not_otherwise(
    act: str, state: str, world: World, conventions: dict[str, Callable[[], Convention]]
) -> None:
    values = {(origin, name): end for origin, name, end in transitions("Convention")}
    convention = conventions[state]()
    if (state, act) not in values:
        with pytest.raises(Refusal):
            CONVENTION_ACTS[act](world, convention)
        expected = state
    else:
        CONVENTION_ACTS[act](world, convention)
        expected = values[state, act]
    found = Convention.objects.filter(pk=convention.pk).first()
    assert (found.status if found else "–") == expected
    assert Quota.objects.filter(convention=convention.pk).count() == (1 if found else 0)


#: Held by tests/reservations/operations (test_prefect_order.py, test_convention_end.py): nothing else moves an order.
ORDER_ACTS = {
    "repeal_order",
    "record_order: the préfet's order, in default of a convention of the State",
    "sign_convention (of the State's convention there)",
}


def test_every_move_of_a_convention_is_reported() -> None:
    acts = {act for _, act, _ in transitions("Convention")}
    assert acts == {"draft_convention", *CONVENTION_ACTS, *ORDER_ACTS}
    assert ("–", "draft_convention", "DRAFT") in transitions("Convention")


# --- vacancies ---


def state_of_vacancy(vacancy: Vacancy) -> str:
    """Where a vacancy of the flow stands, derived from its rows as docs/states.md says."""
    waiting = Vacancy.objects.waiting().filter(pk=vacancy.pk).exists()
    to_confirm = Vacancy.objects.to_confirm().filter(pk=vacancy.pk).exists()
    opened = vacancy.routings.filter(closed_at=None).count()
    closed = vacancy.routings.exclude(closed_at=None).count()
    if Vacancy.declared.get(pk=vacancy.pk).is_cancelled:
        assert (waiting, to_confirm, opened) == (False, False, 0)
        return "cancelled"
    named = {
        "waiting": waiting,
        "to_confirm": to_confirm,
        "routed": opened == 1 and not closed,
        "re_routed": opened == 1 and closed > 0,
        "out": not (waiting or to_confirm or opened),
    }
    [state] = [state for state, holds in named.items() if holds]
    return state


def test_states_of_a_vacancy_reported_are_those_derived() -> None:
    rows = [row[0] for row in table(STATES, under="Vacancy", after="| state")]
    assert rows == ["waiting", "to_confirm", "routed", "re_routed", "out", "cancelled"]


def elsewhere(vacancy: Vacancy, world: World) -> None:
    """To a holder that has a right there and not the unit."""
    recommendation = vacancy.recommendations.first()
    current = vacancy.routings.filter(closed_at=None).first() or recommendation
    other = next(
        holder
        for holder in world.holders.values()
        if recommendation is None or (current.holder != holder and holder != world.holders["other_landlord"])
    )
    route_elsewhere(vacancy=vacancy, holder=other, by=world.people["aline"], now=MORNING, **MOTIVE)


def ask_now(vacancy: Vacancy, world: World) -> None:
    """Where known departures are planned together, one is decided before its time."""
    plan_together(world)
    decide_now(vacancy=vacancy, motive="Relogement urgent.", by=world.people["aline"], now=MORNING)


VACANCY_ACTS = {
    "route_waiting_vacancies (policy CONFIRM)": lambda it, world: route_waiting_vacancies(ledger_id=it.ledger_id),
    "route_waiting_vacancies (policy AUTOMATIC)": lambda it, world: (
        automatic(world) or route_waiting_vacancies(ledger_id=it.ledger_id, now=MORNING)
    ),
    "decide_now (policy CONFIRM)": ask_now,
    "decide_now (policy AUTOMATIC)": lambda it, world: automatic(world) or ask_now(it, world),
    "confirm_recommendations": lambda it, world: confirm_recommendations(
        vacancies=[it.pk], by=world.people["aline"], now=MORNING
    ),
    "route_elsewhere": elsewhere,
    "return_vacancy (policy CONFIRM)": lambda it, world: give_back(it, world, Return.Reason.ERROR),
    "return_vacancy (policy AUTOMATIC)": lambda it, world: (
        automatic(world) or give_back(it, world, Return.Reason.DECLINED)
    ),
    "return_vacancy (works)": lambda it, world: give_back(it, world, Return.Reason.WORKS),
    "resume_vacancy (policy CONFIRM)": lambda it, world: resume_vacancy(
        vacancy=it, by=world.people["aline"], now=MORNING
    ),
    "resume_vacancy (policy AUTOMATIC)": lambda it, world: (
        automatic(world) or resume_vacancy(vacancy=it, by=world.people["aline"], now=MORNING)
    ),
    "cancel_vacancy": lambda it, world: cancel_vacancy(
        vacancy=it,
        reason=Vacancy.Cancellation.DECLARED_BY_MISTAKE,
        text="Une raison.",
        by=world.people["aline"],
        now=MORNING,
    ),
    "reclassify_vacancy": lambda it, world: reclassify_vacancy(
        vacancy=it, kind=Vacancy.Kind.TECHNICAL, text="Une raison.", by=world.people["aline"], now=MORNING
    ),
}


def give_back(vacancy: Vacancy, world: World, reason: str) -> None:
    """The latest routing, or one that never was."""
    routing = vacancy.routings.order_by("pk").last() or Routing(vacancy=vacancy)
    return_vacancy(routing=routing, reason=reason, text="Une raison.", by=world.people["aline"], now=MORNING)


def automatic(world: World) -> None:
    today = MORNING.date()
    set_routing_policy(
        by=world.people["alice"],
        landlord=world.landlord,
        mode=RoutingPolicy.Mode.AUTOMATIC,
        starts_on=today,
        today=today - timedelta(1),
    )


PATHS = {
    "waiting": [],
    "to_confirm": ["route_waiting_vacancies (policy CONFIRM)"],
    "routed": ["route_waiting_vacancies (policy CONFIRM)", "confirm_recommendations"],
    "re_routed": ["route_waiting_vacancies (policy CONFIRM)", "confirm_recommendations", "route_elsewhere"],
    "out": ["route_waiting_vacancies (policy CONFIRM)", "confirm_recommendations", "return_vacancy (works)"],
    "cancelled": ["route_waiting_vacancies (policy CONFIRM)", "confirm_recommendations", "cancel_vacancy"],
}


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("act", VACANCY_ACTS)
def test_vacancy_moves_as_declared_and_not_otherwise(act: str, state: str, world: World) -> None:
    """What is not reported is refused, or (routing what does not wait) does nothing."""
    values = {(origin, name): end for origin, name, end in transitions("Vacancy")}
    world.vacancy()  # the landlord has the first one, and gives none back
    vacancy = world.vacancy()
    for step in PATHS[state]:
        VACANCY_ACTS[step](vacancy, world)
    assert state_of_vacancy(vacancy) == state
    if (state, act) in values or act.startswith("route_waiting"):
        VACANCY_ACTS[act](vacancy, world)
    else:
        with pytest.raises(Refusal):
            VACANCY_ACTS[act](vacancy, world)
    assert state_of_vacancy(vacancy) == values.get((state, act), state)


def test_every_move_of_a_vacancy_is_reported(world: World) -> None:
    past_acts = {"record_past_routing", "record_past_return"}
    assert {act for _, act, _ in transitions("Vacancy")} == {"declare_vacancy", *past_acts, *VACANCY_ACTS}
    lived = PastDates(date(2026, 3, 2), date(2026, 3, 9))
    past = {"unit": world.unit(), "holder": world.holders["city"], "dates": lived, "by": world.people["alice"]}
    assert state_of_vacancy(record_past_routing(**past, now=MORNING)) == "routed"
    past |= {"unit": world.unit(), "given": PastReturn(date(2026, 3, 23), "WORKS")}
    assert state_of_vacancy(record_past_return(**past, now=MORNING).routing.vacancy) == "out"
    assert state_of_vacancy(world.vacancy()) == "waiting"


@pytest.mark.parametrize("kind", [kind for kind in Vacancy.Kind if kind != Vacancy.Kind.IN_FLOW])
def test_what_is_not_in_the_flow_never_waits(kind: Vacancy.Kind, world: World) -> None:
    unit = world.unit()
    if kind == Vacancy.Kind.STOCK:
        keep_in_stock(
            unit=unit,
            holder=world.holders["agents"],
            ground=StockRight.Ground.DEFENCE,
            starts_on=date(2020, 1, 1),
            by=world.people["alice"],
        )
    if kind == Vacancy.Kind.OUTSIDE:
        values = {"reason": "STAFF", "starts_on": date(2020, 1, 1), "source": "bail", "today": MORNING.date()}
        set_outside_flow(unit=unit, by=world.people["alice"], **values)
    exclusion = Vacancy.Exclusion.UNFIT_HOUSING if kind == Vacancy.Kind.EXCLUDED else ""
    vacancy = world.vacancy(unit, kind=kind, exclusion=exclusion)
    assert not Vacancy.objects.waiting().exists()
    assert not Vacancy.objects.to_confirm().exists()
    expected = [world.holders["agents"]] if kind == Vacancy.Kind.STOCK else []
    assert [routing.holder for routing in vacancy.routings.order_by("pk")] == expected
    with pytest.raises(Refusal):
        elsewhere(vacancy, world)


# --- routings and entries ---


def test_routing_opens_and_closes_as_declared(world: World) -> None:
    assert transitions("Routing") >= {
        ("open", "route_elsewhere, which opens the next in the same transaction", "closed"),
    }
    vacancy = world.vacancy()
    for act in PATHS["re_routed"]:
        VACANCY_ACTS[act](vacancy, world)
    first, second = vacancy.routings.order_by("pk")
    assert (first.closed_at, first.closed_at, second.closed_at) == (second.routed_at, MORNING, None)


def test_entries_move_as_declared(world: World) -> None:
    """+1 awaiting, then −1 and +1 routed and offered, then both −1 and +1 elsewhere; the dues of the vacancy once."""
    vacancy = world.vacancy()
    seen = []
    for act in PATHS["re_routed"]:
        VACANCY_ACTS[act](vacancy, world)
        entries = vacancy.entries.exclude(stage=FlowEntry.Stage.DUE).order_by("pk")
        seen.append([(entry.stage, entry.quantity) for entry in entries])
    assert seen == [
        [("AWAITING", 1)],
        [("AWAITING", 1), ("AWAITING", -1), ("ROUTED", 1), ("OFFERED", 1)],
        [
            *[("AWAITING", 1), ("AWAITING", -1), ("ROUTED", 1), ("OFFERED", 1)],
            *[("ROUTED", -1), ("ROUTED", 1), ("OFFERED", -1), ("OFFERED", 1)],
        ],
    ]
    dues = vacancy.entries.filter(stage=FlowEntry.Stage.DUE)
    assert sum(entry.quantity for entry in dues) == 1_000_000


# --- policy ---


def test_policy_is_dated_and_confirms_without_any(world: World) -> None:
    today = MORNING.date()
    holds = RoutingPolicy.objects.is_automatic
    assert holds(world.landlord, today) is False
    automatic(world)
    assert holds(world.landlord, today - timedelta(1)) is False
    assert holds(world.landlord, today) is True
    set_routing_policy(
        by=world.people["alice"],
        landlord=world.landlord,
        mode=RoutingPolicy.Mode.CONFIRM,
        starts_on=today + timedelta(1),
        today=today,
    )
    assert (holds(world.landlord, today), holds(world.landlord, today + timedelta(1))) == (True, False)
    assert transitions("Routing policy") == {("any", "set_routing_policy", "any")}


# --- alerts of the controls ---


def test_alert_is_found_then_read_once(world: World) -> None:
    difference = Difference(world.vacancy().ledger.pk, Check.SEQUENCE, 1, 2)
    record_differences(differences=[difference], now=MORNING)
    alert = AuditAlert.objects.active().get()
    acknowledge_alert(alert=alert, text="Vu.", by=world.people["alice"], now=MORNING)
    assert not AuditAlert.objects.active().exists()
    with pytest.raises(Refusal):
        acknowledge_alert(alert=alert, text="Encore.", by=world.people["alice"], now=MORNING)
    assert {(origin, end) for origin, _, end in transitions("Alert of a control")} == {
        ("–", "to read"),
        ("to read", "read"),
    }
