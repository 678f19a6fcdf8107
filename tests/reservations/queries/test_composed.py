"""What is composed once for a role gives each of its people their own rows, and keeps nothing that was read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Concat

from reservations.models import FileImport, Membership, Organisation, User
from reservations.queries.composed import Composed, among
from tests.world import MORNING, World

AFTER = MORNING + timedelta(days=900)


def colleagues(member: Membership, now: datetime, shape: str, **given: Any) -> QuerySet[Any, Any]:
    found = Membership.objects.filter(organisation=member.organisation_id, user__last_login__lte=now)
    kept = found.filter(pk__in=among(given["among"])) if "among" in given else found
    return kept.order_by(shape).values_list("pk", "role")


def mine(member: Membership) -> list[tuple[Any, ...]]:
    own = Membership.objects.filter(organisation=member.organisation_id).order_by("pk")
    return list(own.values_list("pk", "role"))


def test_each_reads_its_own_rows_of_one_statement(world: World) -> None:
    """Aline and Zoe have the same role, each at a landlord: one text, two answers, whoever asked first."""
    User.objects.update(last_login=MORNING)
    aline, zoe = world.member("aline"), world.member("zoe")
    assert mine(aline) != mine(zoe)
    composed = Composed(colleagues)
    for _ in range(2):
        for each in (aline, zoe):
            assert composed.rows(each, AFTER, "pk") == mine(each)
    assert composed.rows(aline, AFTER, "pk", stop=1) == mine(aline)[:1]


def test_what_is_given_each_time_changes_no_statement(world: World) -> None:
    User.objects.update(last_login=MORNING)
    aline, composed = world.member("aline"), Composed(colleagues)
    ids = [pk for pk, _ in mine(aline)]
    for some in ([], ids[:1], ids):
        assert [pk for pk, _ in composed.rows(aline, AFTER, "pk", among=some)] == some
    # The moment is a parameter: nobody had come long before.
    assert composed.rows(aline, MORNING - timedelta(days=9000), "pk") == []


def named(member: Membership, *_: Any) -> QuerySet[Any, Any]:
    return Membership.objects.filter(organisation__name=member.organisation.name).values_list("pk")


def addressed(member: Membership, *_: Any) -> QuerySet[Any, Any]:
    return Membership.objects.filter(user__email=member.user.email).values_list("pk")


def read_before(*_: Any) -> QuerySet[Any, Any]:
    known = list(Membership.objects.order_by("pk").values_list("pk", flat=True))
    return Membership.objects.filter(pk__in=known).values_list("pk")


@pytest.mark.parametrize("compose", [named, addressed, read_before])
def test_what_is_read_of_a_person_while_composing_is_refused(world: World, compose: Any) -> None:
    """Kept, it would be read by the next one of the role."""
    with pytest.raises(LookupError, match="composed once"):
        Composed(compose).rows(world.member("aline"), MORNING)


def test_a_value_written_inside_another_is_refused(world: World) -> None:
    def inside(member: Membership, *_: Any) -> QuerySet[Any, Any]:
        text = Concat(Value(f"n{member.organisation_id}"), Value("x"), output_field=CharField())
        return Organisation.objects.order_by("pk").values_list(text)

    def later(_: Membership, now: datetime, *__: Any) -> QuerySet[Any, Any]:
        return User.objects.filter(last_login__lte=now + timedelta(hours=1)).order_by("pk").values_list("pk")

    with pytest.raises(LookupError, match="inside another"):
        Composed(inside).rows(world.member("aline"), MORNING)
    with pytest.raises(LookupError, match="a moment"):
        Composed(later).rows(world.member("aline"), MORNING)


def test_what_finds_nothing_asks_nothing(world: World, django_assert_num_queries: Any) -> None:
    composed, member = Composed(lambda *_: FileImport.objects.none().values_list("pk")), world.member("aline")
    with django_assert_num_queries(0):
        assert composed.rows(member, MORNING) == []
