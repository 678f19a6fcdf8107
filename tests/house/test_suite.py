"""The suite watches itself: what a test leaves behind, how long it sleeps, which tests a change concerns, what is
put back instead of done again."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from flux.models import Unit, Vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import User
from tests.changed import Changed, dependents
from tests.house.tree import ROOT
from tests.leaks import held, left_behind, numbered
from tests.one_template import server
from tests.spent import Spent
from tests.waiting import WaitedTooLong, Watch
from tests.world import MORNING, World
from tests.world_again import done_once


def test_what_a_test_leaves_behind_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    before = held()
    assert left_behind(before, held()) == []
    with monkeypatch.context() as patch, translation.override("en"):
        patch.setenv("LEFT", "1")
        patch.chdir(ROOT / "tests")
        found = left_behind(before, held())
    assert [each.split(":")[0] for each in found] == ["language", "folder", "environment"]


#: How many times the acts of `recommended` were done, and what they left each time.
done: list[int] = []
left: list[object] = []


@done_once
def recommended(world: World, rooms: int) -> Vacancy:
    """A unit falls vacant, is recommended and confirmed."""
    done.append(rooms)
    vacancy: Vacancy = world.vacancy(rooms=rooms)
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    return vacancy


@pytest.mark.parametrize("time", range(5))
def test_what_a_helper_did_once_is_there_again_and_what_waits_for_its_commit(world: World, time: int) -> None:
    before = len(connection.run_on_commit)  # of the world, when it is built here
    vacancy = recommended(world, 2)
    assert done.count(2) <= 2  # in whatever order these tests come
    entries = vacancy.entries.order_by("pk").values_list("stage", "quantity", "holder__organisation__name")
    waits = [getattr(call, "__qualname__", repr(type(call))) for _, call, _ in connection.run_on_commit[before:]]
    left.append((vacancy.unit.rooms, list(entries), waits))
    assert left == left[:1] * len(left)
    assert entries
    assert waits


@pytest.mark.django_db
@pytest.mark.parametrize("time", range(3))
@pytest.mark.parametrize("early", [True, False])
def test_what_is_put_back_is_of_the_world_of_the_test(
    request: pytest.FixtureRequest, time_machine: Any, time: int, *, early: bool
) -> None:
    """Each day has its own world: one that was there before the day changed is not that of the day."""
    if early:
        time_machine.move_to(datetime(2027, 2, 9, 9, 0, tzinfo=UTC))
    world: World = request.getfixturevalue("world")
    if not early:
        time_machine.move_to(datetime(2027, 2, 9, 9, 0, tzinfo=UTC))
    vacancy = recommended(world, 4)
    assert Unit.objects.select_related("landlord").get(pk=vacancy.unit_id).landlord == world.landlord


@pytest.mark.parametrize("time", range(4))
def test_a_helper_does_its_acts_where_something_else_was_written(world: World, time: int) -> None:
    world.unit()
    before = done.count(3)
    assert recommended(world, 3).unit.rooms == 3
    assert done.count(3) == before + 1


@pytest.mark.django_db
def test_a_setting_left_on_the_connection_is_named() -> None:
    """For whom a test reads, and a limit of time: a later test that reads by this connection would find them."""
    with server() as mine:
        before = held(mine)
        mine.execute("SELECT set_config('equiflux.acting', '7', false)")
        mine.execute("SET statement_timeout = 1000")
        found = left_behind(before, held(mine))
    assert [each.split(" ")[0] for each in found] == ["settings", "equiflux.acting"]


@pytest.mark.django_db
def test_a_sequence_that_went_back_is_named() -> None:
    """No transaction takes that back: it would give a later test the number of a row that was put back."""
    with server(str(connection.settings_dict["NAME"])) as mine:
        mine.execute("CREATE SEQUENCE given")
        try:
            mine.execute("SELECT setval('given', 7)")
            before = numbered(mine)
            mine.execute("SELECT setval('given', 9)")
            assert left_behind(before, numbered(mine)) == []
            mine.execute("SELECT setval('given', 6)")
            [found] = left_behind(before, numbered(mine))
        finally:
            mine.execute("DROP SEQUENCE given")
    assert found == f"sequences of {connection.settings_dict['NAME']}: given went back"


@pytest.mark.django_db
def test_what_was_taken_from_everybody_is_named() -> None:
    """The accounts of a journey take the schema from everybody: the account of a later test would not read it."""
    with server(str(connection.settings_dict["NAME"])) as mine:
        before = numbered(mine)
        mine.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        try:
            [found] = left_behind(before, numbered(mine))
        finally:
            mine.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        assert left_behind(before, numbered(mine)) == []
    assert found == f"rights in {connection.settings_dict['NAME']}: USAGE on public"


@pytest.mark.django_db(transaction=True)
def test_a_user_that_is_left_committed_is_named() -> None:
    """Every story has users: the rows of one that is left would be there for whoever puts its own back."""
    connection.ensure_connection()
    before = numbered()
    User.objects.create(email="fanny@exemple.test")
    assert left_behind(before, numbered()) == [f"users of {connection.settings_dict['NAME']}: 0, then 1"]


def test_a_test_that_sleeps_is_ended_and_one_that_works_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    watch = Watch(every=0.01)
    watch.start(0.05)
    with pytest.raises(WaitedTooLong):
        time.sleep(30)
    assert "time.sleep(30)" not in capfd.readouterr().out
    watch.start(0.05)
    ended = time.process_time() + 0.2
    while time.process_time() < ended:
        pass
    watch.stop()


def test_a_change_concerns_who_imports_it_names_its_template_or_asks_its_address() -> None:
    texts = {
        "flux/queries/queue.py": "",
        "flux/views/queue.py": "from flux.queries import queue\nrender(request, 'flux/queue.html')",
        "templates/flux/queue.html": '{% include "components/pager.html" %}',
        "templates/components/pager.html": "",
        "tests/conftest.py": "",
        "tests/flux/views/test_queue.py": 'reverse("queue")',
        "tests/flux/queries/test_queue.py": "",
        "tests/flux/test_words.py": "from flux import words",
    }
    users = dependents(texts, lambda: {"queue": "flux/views/queue.py"})
    assert users["flux/queries/queue.py"] == {"flux/views/queue.py", "tests/flux/queries/test_queue.py"}
    assert users["templates/components/pager.html"] == {"templates/flux/queue.html"}
    assert users["templates/flux/queue.html"] == {"flux/views/queue.py"}
    assert users["flux/views/queue.py"] == {"tests/flux/views/test_queue.py"}
    assert "tests/flux/test_words.py" in users["tests/conftest.py"]


def test_what_is_not_followed_concerns_every_test() -> None:
    tests = [ROOT / "tests/flux/test_words.py", ROOT / "tests/house/test_files.py"]
    assert [Changed(frozenset({"config/settings.py"})).concerns(each) for each in tests] == [True, True]
    assert [Changed(frozenset({"CHANGELOG.md"})).concerns(each) for each in tests] == [False, True]
    assert [Changed(frozenset({"flux/words.py"})).concerns(each) for each in tests] == [True, True]


def test_what_each_folder_took_is_printed() -> None:
    spent = Spent()
    for number in range(20):
        nodeid = f"tests/flux/views/test_{number}.py::test_a"
        spent.by_test[nodeid] = float(number)
    assert spent.lines()[:2] == ["   190.0 s     20 tests", "   190.0 s     20  tests/flux/views"]
    assert spent.lines()[2].endswith("tests/flux/views/test_19.py::test_a")
