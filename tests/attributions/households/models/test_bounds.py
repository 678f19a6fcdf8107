"""A figure or a day of a household is bounded once: form, act and database refuse the same, in one sentence.

Instruction took −1 consumption units, no adult with three children, an income of 999,999,999 and a label of 2099.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from attributions.households.forms.applications import NeedsForm, OutcomeForm
from attributions.households.forms.requests import BirthField, CandidateForm, InstructionForm
from attributions.households.models import Application, Lease, Proposal
from attributions.households.models.priority import (
    FACT_BOUNDS,
    FACTS,
    IDENTITY_BOUNDS,
    INSTRUCTION_BOUNDS,
    NEED_BOUNDS,
    PERSONS,
    QUARTILE,
)
from attributions.households.operations.application import register_application
from attributions.households.operations.lease import record_outside_lease
from attributions.households.operations.needs import instruct_proposal, note_needs
from attributions.households.operations.request_facts import FactsRefused, checked_facts
from flux.forms.units import UnitFactsForm
from flux.imports.rpls_row import BOUNDS as READ
from flux.models import Unit
from flux.models.unit import UNIT_BOUNDS
from flux.operations.units import UnitFacts, describe_unit
from reservations.bounds import Bound
from reservations.refusals import Refusal, constraints_speak
from tests.attributions.households.candidates import routed, sent
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()
LONG_AGO, FAR = date(1899, 12, 31), date(2100, 1, 1)


def step(bound: Bound) -> Any:
    """The least change of a column."""
    return timedelta(1) if isinstance(bound.least, date) else Decimal(1).scaleb(-bound.places) if bound.places else 1


def outside(bound: Bound) -> list[Any]:
    return [bound.least - step(bound), bound.most + step(bound)]


def inside(bound: Bound) -> list[Any]:
    return [bound.least, bound.most]


def cases(*bounds: Bound) -> list[Any]:
    return [
        pytest.param(bound, value, id=f"{bound.field} {value}")
        for bound in bounds
        for value in (*outside(bound), *inside(bound))
    ]


def typed(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value).replace(".", ",")


def refusal_of(act: Any) -> str:
    """The sentence that refuses; "" when nothing does."""
    try:
        with transaction.atomic():
            act()
    except Refusal as refused:
        return str(refused)
    except ValidationError as refused:
        return refused.messages[0]
    return ""


def written(row: Any, table: type, field: str, value: Any) -> None:
    with constraints_speak(table):
        table.objects.filter(pk=row.pk).update(**{field: value})


@pytest.fixture
@kept
def proposal(world: World) -> Proposal:
    sent(world, routed(world), 1)
    return Proposal.objects.select_related("application").get()


@pytest.mark.parametrize(("bound", "value"), cases(*FACT_BOUNDS, *INSTRUCTION_BOUNDS))
def test_a_fact_is_refused_alike_by_the_form_the_act_and_the_database(
    world: World, proposal: Proposal, bound: Bound, value: Any
) -> None:
    sentence = bound.sentence if value in outside(bound) else ""
    assert refusal_of(lambda: written(proposal, Proposal, bound.field, value)) == sentence
    if bound in FACT_BOUNDS:
        assert refusal_of(lambda: written(proposal.application, Application, bound.field, value)) == sentence
    if value == bound.most and isinstance(value, date):  # the database does not know which day it is
        sentence = bound.sentence
    form = InstructionForm({bound.field: typed(value)}, today=TODAY)
    result = form.errors.get(bound.field, [""])[0]
    choices = bound.field == "income_quartile"  # a list: what is not in it cannot be chosen
    assert (bool(result) == bool(sentence)) if choices else (result == sentence)
    given = {"facts": {bound.field: value}} if bound.field in FACTS else {bound.field: Decimal(value)}
    assert (
        refusal_of(lambda: instruct_proposal(proposal=proposal, by=world.people["aline"], now=MORNING, **given))
        == sentence
    )


@pytest.mark.parametrize(("bound", "value"), cases(*IDENTITY_BOUNDS))
def test_a_day_of_identity_is_refused_alike(world: World, proposal: Proposal, bound: Bound, value: date) -> None:
    sentence = bound.sentence if value in outside(bound) else ""
    assert refusal_of(lambda: written(proposal.application, Application, bound.field, value)) == sentence
    field = CandidateForm.base_fields[bound.field]
    assert refusal_of(lambda: field.clean(typed(value))) == sentence
    result = refusal_of(
        lambda: register_application(
            number="011" + "9" * 15,
            name="Anne",
            organisation=world.city,
            by=world.people["chloe"],
            now=MORNING,
            **{"birth_date": date(1980, 1, 1), bound.field: value},
        )
    )
    assert bool(result) == (value != bound.least)
    assert result == sentence or value == bound.most  # to come: stated in its own words


@pytest.mark.parametrize(("bound", "value"), cases(*NEED_BOUNDS))
def test_what_a_household_looks_for_is_refused_alike(
    world: World, proposal: Proposal, bound: Bound, value: Any
) -> None:
    sentence = bound.sentence if value in outside(bound) else ""
    request, city = proposal.application, {"organisation": world.city, "by": world.people["chloe"], "now": MORNING}
    assert refusal_of(lambda: written(request, Application, bound.field, value)) == sentence
    assert refusal_of(lambda: note_needs(application=request, needs={bound.field: value}, **city)) == sentence
    if not isinstance(value, date):  # the form leaves the day to the act, which names its field
        assert bool(NeedsForm({bound.field: typed(value)}).errors.get(bound.field)) == bool(sentence)


@pytest.mark.parametrize(("bound", "value"), cases(PERSONS, QUARTILE))
def test_who_is_housed_is_refused_alike(world: World, bound: Bound, value: int) -> None:
    sentence = bound.sentence if value in outside(bound) else ""
    routing = routed(world)
    form = OutcomeForm({bound.field: str(value)}, in_account=True)
    assert bool(form.errors.get(bound.field)) == bool(sentence)
    given = {"vacancy": routing.vacancy, "signed_on": TODAY, "by": world.people["aline"], "now": MORNING}
    assert refusal_of(lambda: record_outside_lease(facts={bound.field: value}, **given)) == sentence
    if not sentence:
        assert getattr(Lease.objects.get(), bound.field) == value
        return
    lease = record_outside_lease(facts={}, **given)
    lease.pk, lease.cancelled_at, lease.cancelled_by, lease.cancelled_why = None, MORNING, lease.recorded_by, "Erreur."
    setattr(lease, bound.field, value)
    with pytest.raises(Refusal) as refused, constraints_speak(Lease):
        lease.save(force_insert=True)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(("bound", "value"), cases(*UNIT_BOUNDS))
def test_a_figure_of_a_unit_is_refused_alike(world: World, bound: Bound, value: Any) -> None:
    sentence, unit = (bound.sentence if value in outside(bound) else ""), world.unit(construction_year=None)
    assert refusal_of(lambda: written(unit, Unit, bound.field, value)) == sentence
    if bound.field in ("rooms", "surface"):  # from a file only, which reads them within these bounds
        assert READ[bound.field] is bound
        return
    form = UnitFactsForm({bound.field: typed(value)})
    assert form.errors.get(bound.field, [""])[0] == sentence
    year = {"construction_year": value} if bound.field == "construction_year" else {}
    facts = UnitFacts(**({} if year else {bound.field: Decimal(value) if bound.places else value}))
    result = refusal_of(lambda: describe_unit(unit=unit, facts=facts, classed=year, by=world.people["aline"]))
    assert result == sentence


figures = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)


@given(st.sampled_from([bound for bound in FACT_BOUNDS if not isinstance(bound.least, date)]), figures)
def test_form_and_act_agree_on_any_figure(bound: Bound, figure: Decimal) -> None:
    """Between the ends too, and with decimals: what the form takes the act takes, as the form gives it."""
    form = InstructionForm({bound.field: typed(f"{figure.normalize():f}")}, today=TODAY)
    refused = bound.field in form.errors
    if not refused:
        value = form.cleaned_data[bound.field]
        assert bound.fault(value) == ""
        assert checked_facts({bound.field: value}, on=TODAY)[bound.field] == value
    elif figure == figure.to_integral_value():
        with pytest.raises(FactsRefused):
            checked_facts({bound.field: int(figure)}, on=TODAY)


def test_a_label_to_come_is_refused_with_the_sentence_of_its_bound(world: World, proposal: Proposal) -> None:
    [bound] = [each for each in FACT_BOUNDS if each.field == "labelled_on"]
    for day, refused in ((TODAY, False), (TODAY + timedelta(1), True), (date(2099, 1, 1), True)):
        form = InstructionForm({"labelled_on": typed(day)}, today=TODAY)
        assert form.errors.get("labelled_on", []) == ([bound.sentence] if refused else [])
        result = refusal_of(lambda day=day: checked_facts({"labelled_on": day}, on=TODAY))
        assert result == (bound.sentence if refused else "")


def test_every_figure_and_day_of_a_household_has_its_bound() -> None:
    """A column added tomorrow says what it may be, or this fails."""
    bounded = {bound.field for bound in (*FACT_BOUNDS, *IDENTITY_BOUNDS, *INSTRUCTION_BOUNDS, *NEED_BOUNDS)}
    ours = {"closed_on", "pseudonymised_on", "position"}  # of an act, not typed
    for table in (Application, Proposal):
        kinds = ("IntegerField", "SmallIntegerField", "PositiveSmallIntegerField", "DecimalField", "DateField")
        columns = {field.name for field in table._meta.fields if field.get_internal_type() in kinds}
        assert columns - ours <= bounded
        names = {constraint.name for constraint in table._meta.constraints}
        assert {f"{table._meta.model_name}_{name}_bounds" for name in columns - ours} <= names


def test_a_birth_before_1900_is_a_slip(world: World) -> None:
    with pytest.raises(ValidationError, match="Vérifiez l’année de naissance"):
        BirthField().clean("31/12/1899")
