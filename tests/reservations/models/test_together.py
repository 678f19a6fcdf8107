"""Readings that do not wait for each other are one statement, and give what each gives by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.db.models import Count, Max, Prefetch, Value
from django.db.models.functions import Lower

from flux.models import FlowEntry, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.routing import route_waiting_vacancies
from reservations.models import Convention, Landlord, LegalParameter, Organisation, Quota, Signatory, Territory
from reservations.models.once_a_request import once_in_steps, reading
from reservations.models.together import (
    Part,
    Steps,
    at_once,
    by_itself,
    counting,
    led_to,
    read_whole,
    rows_of,
    stepwise,
    together,
    whole,
)
from tests.world import MORNING, World


@stepwise
def named(kind: str) -> Steps[list[str]]:
    """Two steps: who is of a kind, then their names."""
    (ids,) = yield [Organisation.objects.filter(kind=kind).order_by("-pk").values_list("pk")]
    (rows,) = yield [Organisation.objects.filter(pk__in=[pk for (pk,) in ids]).order_by("name").values_list("name")]
    return [name for (name,) in rows]


@stepwise
def figures() -> Steps[list[tuple[Any, ...]]]:
    """One step, of which a query finds nothing and is not sent."""
    read = LegalParameter.objects.order_by("-starts_on", "code").values_list("code", "value", "starts_on", "ends_on")
    found, nothing = yield [read, LegalParameter.objects.none().values_list("pk")]
    assert nothing == []
    return found


def test_a_step_of_all_is_one_statement(world: World, django_assert_num_queries: Any) -> None:
    alone = named("LANDLORD"), named("STATE"), figures()
    assert all(alone)
    with django_assert_num_queries(2):
        assert tuple(at_once(named.steps("LANDLORD"), named.steps("STATE"), figures.steps())) == alone
    with django_assert_num_queries(2):
        inside, other = at_once(together(named.steps("LANDLORD"), figures.steps()), named.steps("STATE"))
    assert [*inside, other] == [alone[0], alone[2], alone[1]]


def test_values_keep_their_order_and_their_types(world: World, django_assert_num_queries: Any) -> None:
    """Days, decimals, nothing; columns of one name; several rows of one value: as each query gives them."""
    asked = [
        LegalParameter.objects.order_by("value", "-pk").values_list("value", "starts_on", "ends_on", "pk"),
        Landlord.objects.order_by("-organisation__name").values_list("pk", "organisation__pk", "organisation__name"),
        Convention.objects.order_by("-pk").values_list("starts_on", "status", "pk"),
        Organisation.objects.order_by("kind").values_list("kind").annotate(Count("pk"), one=Value(1)),
    ]

    def read() -> Steps[Any]:
        return (yield asked)

    with django_assert_num_queries(1):
        found = by_itself(read())
    assert found == [list(each) for each in asked]


def test_what_is_asked_twice_at_a_step_is_sent_once(world: World) -> None:
    """docs/decisions/0155-no-page-asks-twice.md: each still has its rows."""
    one, other = Part("SELECT random()", ()), Part("SELECT 1 WHERE %s = 2", (1,))

    def read() -> Steps[Any]:
        return (yield [one, other, one])

    first, nothing, again = by_itself(read())
    assert (first, nothing, len(first)) == (again, [], 1)
    assert rows_of(other) == []


def test_what_was_read_in_the_request_is_not_asked_again(world: World, django_assert_num_queries: Any) -> None:
    kept = once_in_steps(named.steps)
    with reading(is_safe=True), django_assert_num_queries(2):
        first = kept("STATE")
        assert at_once(kept.steps("STATE"), kept.steps("STATE")) == [first, first]
    with reading(is_safe=False), django_assert_num_queries(4):
        assert kept("STATE") == kept("STATE")


@pytest.mark.parametrize("path", ["organisation", "organisation__territory"])
def test_rows_are_those_of_the_table(world: World, django_assert_num_queries: Any, path: str) -> None:
    """As `select_related` reads them, with their annotations: what is absent is nothing, and nothing is asked again."""
    asked = Landlord.objects.order_by("pk").annotate(low=Lower("organisation__name"))
    expected = list(asked.select_related(path))
    with django_assert_num_queries(1):
        found = by_itself(whole(asked, path))
        for mine, theirs in zip(found, expected, strict=True):
            assert (mine, mine.low, mine.organisation) == (theirs, theirs.low, theirs.organisation)
            assert vars(mine.organisation).keys() == vars(theirs.organisation).keys()
            if path == "organisation__territory":
                assert mine.organisation.territory == theirs.organisation.territory
    assert not found[0]._state.adding


def test_fields_are_read_as_their_table_reads_them(world: World) -> None:
    """Arrays, JSON and codes."""
    for model in (Territory, Organisation, Convention):
        found = by_itself(whole(model._default_manager.order_by("pk")))
        assert [{**vars(each), "_state": None} for each in found] == [
            {**vars(each), "_state": None} for each in model._default_manager.order_by("pk")
        ]


def lookups() -> tuple[str | Prefetch, ...]:
    shares = Prefetch("quotas", Quota.objects.select_related("holder__organisation").order_by("-rank", "pk"))
    parties = Prefetch("signatories", Signatory.objects.select_related("organisation").order_by("-pk"))
    return shares, parties, "quotas__rates__territory", "landlord__organisation", "amends"


def shown(conventions: Iterable[Convention]) -> list[Any]:
    """What one reads by what they lead to."""
    return [
        (
            each,
            each.landlord.organisation.name,
            each.amends,
            [(party, party.organisation.name, party.convention) for party in each.signatories.all()],
            [
                (
                    quota,
                    quota.holder.organisation.name,
                    quota.convention,
                    [cell.territory for cell in quota.rates.all()],
                )
                for quota in each.quotas.all()
            ],
        )
        for each in conventions
    ]


def test_what_rows_lead_to_is_read_level_by_level(world: World, django_assert_num_queries: Any) -> None:
    """As `prefetch_related` does, which asks a statement a relation: in the same order, with what leads back."""
    asked = Convention.objects.order_by("-pk").prefetch_related(*lookups())
    alone = shown(asked)
    assert any(quotas for *_, quotas in alone)
    with django_assert_num_queries(3):
        found = by_itself(read_whole(asked))
    with django_assert_num_queries(0):
        assert shown(found) == alone


def test_a_key_leads_to_a_row_that_its_manager_leaves_out(world: World) -> None:
    """A cancelled vacancy is in no list, and what its account says of it leads to it all the same."""
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    terms = {"reason": Vacancy.Cancellation.NOTICE_WITHDRAWN, "text": "Le locataire reste.", "now": MORNING}
    cancel_vacancy(vacancy=vacancy, by=world.people["aline"], **terms)
    [first, *_] = by_itself(read_whole(FlowEntry.objects.prefetch_related("vacancy")))
    assert first.vacancy == vacancy
    assert not Vacancy.objects.exists()


def test_what_was_read_with_the_rows_is_not_read_again(world: World, django_assert_num_queries: Any) -> None:
    """What it was read with stays on it: the landlord of a convention, whose signatories are led to."""
    asked = Quota.objects.select_related("convention__landlord").prefetch_related("convention__signatories")
    with django_assert_num_queries(2):
        found = by_itself(read_whole(asked))
    with django_assert_num_queries(0):
        assert found
        assert all(each.convention.landlord and each.convention.signatories.all() for each in found)


def test_rows_that_lead_nowhere_ask_nothing(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert by_itself(led_to([], "quotas")) is None
        assert by_itself(read_whole(Convention.objects.none().prefetch_related("quotas"))) == []


def test_what_is_deferred_is_not_read(world: World, django_assert_num_queries: Any) -> None:
    asked = Quota.objects.select_related("holder__organisation").defer("rank", "holder__organisation__name")
    [first, *_] = by_itself(read_whole(asked))
    assert first.get_deferred_fields() == {"rank"}
    assert first.holder.organisation.get_deferred_fields() == {"name"}


def test_what_is_counted_is_one_row_and_nothing_where_there_is_none(
    world: World, django_assert_num_queries: Any
) -> None:
    every, none = Organisation.objects.order_by("name"), Organisation.objects.filter(name="Personne")
    sums = {"rows": Count("pk"), "last": Max("name")}
    expected = every.aggregate(**sums)
    with django_assert_num_queries(1):
        assert at_once(counting(every, **sums), counting(every), counting(none, **sums), counting(none.none())) == [
            (expected["rows"], expected["last"]),
            (expected["rows"],),
            (0, None),
            (0,),
        ]
