"""Labels before the committee: reported while they can be mended, without a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string

from attributions.households.models import CommitteeSession, PriorityCategory, Proposal
from attributions.households.pages.procedure import to_label, words
from attributions.households.queries.applications import late_labels, late_labels_of
from tests.attributions.households.lettings import candidate, convene, put_on_agenda
from tests.flux.operations.test_returning import send
from tests.reader import as_shown
from tests.world import MORNING, World
from tests.world_again import kept

IN_A_WEEK = MORNING + timedelta(days=7)


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def session(world: World) -> CommitteeSession:
    """Two units in a week: the State's with a label in time, one on the day, one the day after, none; the city's with
    an ordinary household, a category of the law without label, a DALO designated without label."""
    session = convene(world, IN_A_WEEK)
    state, city = send(world, "priority").vacancy, send(world, "city").vacancy
    day = IN_A_WEEK.date()
    labels = (day - timedelta(1), day, day + timedelta(1), None)
    put_on_agenda(session, *(candidate(world, state, labelled_on=label) for label in labels))
    category = PriorityCategory.objects.filter(group="LAW").order_by("pk").first()
    law = {"has_priority": True, "priority": category}
    others = ({"has_priority": False}, law, {"dalo_designated": True}, law | {"labelled_on": day})
    put_on_agenda(session, *(candidate(world, city, **facts) for facts in others))
    return session


def labels_missing(session: CommitteeSession) -> list[tuple[int, str]]:
    return [(late.vacancy.agenda_items.get().position, late.letter) for late in late_labels(session)]


def test_cases_without_a_label_by_the_day_are_reported_before_the_meeting(session, django_assert_num_queries) -> None:
    assert labels_missing(session) == [(1, "C"), (1, "D"), (2, "B"), (2, "C")]
    with django_assert_num_queries(1):
        found = late_labels(session)
    assert [words(late) for late in found[:2]] == [
        "Label du 02/12/2026, après la séance : faites labelliser dans SYPLO avant le 01/12/2026, ou reportez ce "
        "point.",
        "Sans label : faites labelliser dans SYPLO avant le 01/12/2026, ou reportez ce point.",
    ]


def test_a_meeting_after_midnight_is_of_its_day_in_paris(session: CommitteeSession) -> None:
    session.held_at = IN_A_WEEK.replace(hour=23, minute=30)
    assert {late.before for late in late_labels(session)} == {IN_A_WEEK.date() + timedelta(1)}


def test_nothing_is_notified_once_it_is_too_late_or_settled(world: World, session: CommitteeSession) -> None:
    item = session.items.get(position=2)
    item.postponed_at = MORNING
    item.save()
    assert [position for position, _ in [(late.vacancy, late.letter) for late in late_labels(session)]] != []
    assert {late.vacancy for late in late_labels(session)} == {session.items.get(position=1).vacancy}
    Proposal.objects.filter(cases__item=session.items.get(position=1)).update(status="ENDED")
    assert late_labels(session) == []
    Proposal.objects.update(status="ON_AGENDA")
    session.opened_at = MORNING
    session.save()
    assert late_labels(session) == []


def test_count_is_that_of_each_ones_meetings(
    world: World, session: CommitteeSession, django_assert_num_queries
) -> None:
    counts = {
        person: late_labels_of(world.member(person), now=MORNING).count() for person in ("alice", "bob", "chloe", "zoe")
    }
    assert counts == {"alice": 4, "bob": 4, "chloe": 0, "zoe": 0}
    bob = world.member("bob")
    assert bob.organisation.territory_id
    with django_assert_num_queries(1):
        late_labels_of(bob, now=MORNING).count()
    assert late_labels_of(bob, now=IN_A_WEEK + timedelta(days=1)).count() == 0


def test_words_name_units_and_letters_only(session: CommitteeSession) -> None:
    told_so = {"late": [to_label(late) for late in late_labels(session)]}
    text = as_shown(render_to_string("households/late_labels.html", told_so))
    assert "4 dossiers à labelliser" in text
    assert "dossier D. Sans label" in text
    assert "Secret" not in text
    assert render_to_string("households/late_labels.html", {"late": []}).strip() == ""
