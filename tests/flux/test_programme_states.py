"""docs/states.md, « First letting of a programme »: each transition is walked, every other one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flux.models import Programme, Vacancy
from flux.operations.allotment import agree_allotment, plan_delivery, reopen_allotment
from flux.operations.cancellation import cancel_vacancy
from flux.pages.programmes import NAMES
from flux.queries.programmes import Stage, programme_sheet
from reservations.refusals import Refusal
from tests.flux.programmes import DELIVERY, drafted, let, planned, unit_of
from tests.house.test_docs import table
from tests.house.test_states import STATES, transitions
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

HEADING = "First letting of a programme"
TODAY = MORNING.date()


def stage(programme: Programme) -> Stage:
    return programme_sheet(Programme.objects.select_related("landlord").get(pk=programme.pk), today=TODAY).stage


def plan(world: World, programme: Programme) -> None:
    units = programme.expected_units or 2
    plan_delivery(programme=programme, delivered_on=DELIVERY, expected_units=units, by=world.people["alice"])


def cancel_last(world: World, programme: Programme) -> None:
    """The last first letting of the programme, if there is one to cancel."""
    last = Vacancy.objects.filter(unit__programme=programme).order_by("pk").last()
    if last is None:
        raise Refusal("Rien n’est à annuler.")
    cancel_vacancy(vacancy=last, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["aline"], now=MORNING)


ACTS = {
    "plan_delivery": plan,
    "set_allotment": lambda world, programme: drafted(world, programme, ("city", 1, [])),
    "agree_allotment": lambda world, programme: agree_allotment(
        programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING
    ),
    "reopen_allotment": lambda world, programme: reopen_allotment(
        programme=programme, why="À revoir.", by=world.people["alice"]
    ),
    "declare_vacancy (first letting)": let,
    "cancel_vacancy (the last first letting)": cancel_last,
}
PATHS = {
    "PLANNED": [],
    "DRAFT": ["set_allotment"],
    "AGREED": ["set_allotment", "agree_allotment"],
    "LETTING": ["set_allotment", "agree_allotment", "declare_vacancy (first letting)"],
    "LET": ["set_allotment", "agree_allotment", *["declare_vacancy (first letting)"] * 2],
}


def test_stages_reported_are_those_of_the_code() -> None:
    rows = [(row[0], row[1]) for row in table(STATES, under=HEADING, after="| stage")]
    assert rows == [(stage.name, NAMES[stage]) for stage in Stage]


@pytest.mark.parametrize("state", ["STOCK", *PATHS])
@pytest.mark.parametrize("act", ACTS)
def test_programme_moves_as_declared_and_not_otherwise(act: str, state: str, world: World) -> None:
    """A first letting before any allotment is only recorded: the stage does not move."""
    values = {(origin, name): end for origin, name, end in transitions(HEADING)}
    if state == "STOCK":
        programme = world.unit().programme
    else:
        programme = planned(world, units=2)
        for step in PATHS[state]:
            ACTS[step](world, programme)
            programme.refresh_from_db()
    assert stage(programme) == state
    if (state, act) in values or (state in ("STOCK", "PLANNED") and act.startswith("declare")):
        ACTS[act](world, programme)
    else:
        with pytest.raises(Refusal):
            ACTS[act](world, programme)
    assert stage(programme) == values.get((state, act), state)


def test_every_move_of_a_programme_is_reported() -> None:
    assert {act for _, act, _ in transitions(HEADING)} == {"register_programme", *ACTS}


def test_unit_let_in_stock_years_is_no_first_letting_to_come(world: World) -> None:
    """A programme that people live in is never shared: its vacancies are of the flow."""
    vacancy = world.vacancy()
    plan_refused = vacancy.unit.programme
    with pytest.raises(Refusal, match="ont déjà été mis en location"):
        plan(world, plan_refused)
    assert (stage(plan_refused), vacancy.kind) == (Stage.STOCK, Vacancy.Kind.IN_FLOW)
    assert unit_of(world, plan_refused).vacancies.count() == 0
