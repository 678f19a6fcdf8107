"""What several parts of a page read is read once, in a request that reads, and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

from reservations.models import Membership, Organisation, ReservationHolder
from reservations.models.once_a_request import by_id, once_a_request, reading
from tests.world import World


@once_a_request
def kinds(of: Collection[int], least: int = 0) -> list[str]:
    return list(Organisation.objects.filter(pk__in=of, pk__gte=least).order_by("pk").values_list("kind", flat=True))


@once_a_request
def ordered(words: Iterable[str]) -> str:
    return "".join(words)


def test_the_same_is_asked_once_however_it_is_given(world: World, django_assert_num_queries: Any) -> None:
    ids = set(Organisation.objects.values_list("pk", flat=True))
    with reading(is_safe=True), django_assert_num_queries(1):
        first = kinds(ids)
        first.append("added by whoever asked")
        assert kinds(frozenset(ids)) == kinds(of=ids, least=0) == first[:-1]


def test_another_question_is_asked(world: World, django_assert_num_queries: Any) -> None:
    ids = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    with reading(is_safe=True), django_assert_num_queries(3):
        assert kinds(ids[:1]) != kinds(ids)
        assert kinds(ids, least=ids[1]) == kinds(ids)[1:]


@pytest.mark.parametrize("is_safe", [None, False])
def test_an_act_and_a_command_ask_again(world: World, django_assert_num_queries: Any, is_safe: bool | None) -> None:
    """What is read may have been written since."""
    with django_assert_num_queries(2):
        for _ in range(2):
            if is_safe is None:
                kinds([1])
            else:
                with reading(is_safe=is_safe):
                    kinds([1])


def test_nothing_is_kept_for_the_next_request(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        for _ in range(2):
            with reading(is_safe=True):
                kinds([1])


def test_an_order_counts_and_what_is_read_once_is_refused() -> None:
    with reading(is_safe=True):
        assert (ordered(["a", "b"]), ordered(("b", "a"))) == ("ab", "ba")
        with pytest.raises(TypeError, match="give a list or a set"):
            ordered(iter(["a"]))
    assert ordered(iter(["a"])) == "a"


def test_rows_that_are_known_are_not_read_again(world: World, django_assert_num_queries: Any) -> None:
    city, als = world.holders["city"], world.holders["als"]
    with reading(is_safe=True):
        with django_assert_num_queries(1):
            (read,) = by_id(ReservationHolder, [city.pk], "organisation").values()
        with django_assert_num_queries(1):
            both = by_id(ReservationHolder, [als.pk, city.pk], "organisation")
            assert {each.organisation.name for each in both.values()} == {als.organisation.name, city.organisation.name}
        assert both[city.pk] is read
        with django_assert_num_queries(0):
            assert by_id(ReservationHolder, {als.pk}, "organisation") == {als.pk: als}
        with django_assert_num_queries(1):  # an id that is nobody's is looked for each time
            assert by_id(ReservationHolder, [0], "organisation") == {}
    with django_assert_num_queries(1):
        by_id(ReservationHolder, [city.pk], "organisation")


@once_a_request
def role(member: Membership) -> str:
    return str(member.role)


def test_a_row_that_is_not_saved_is_equal_to_itself_alone() -> None:
    """The membership that a token of software stands for: it raised TypeError, and the API answered 500."""
    first, other = (Membership(role=each) for each in (Membership.Role.HOLDER_STAFF, Membership.Role.LANDLORD_STAFF))
    with reading(is_safe=True):
        assert (role(first), role(other), role(first)) == (first.role, other.role, first.role)
