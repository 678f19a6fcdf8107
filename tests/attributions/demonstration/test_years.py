"""The demonstration told whole: a year of candidates, sessions, offers and leases, whose accounts hold and replay.

It is told once, in a database of its own, which is then prepared and copied back as a reset does.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from attributions.demonstration.story import tell
from attributions.households.models import Application, CommitteeSession, Lease, Offer, Proposal, ProposalEnd
from attributions.notices.models import Notice
from config.local import prepared
from config.local.prepared import Origin
from flux.models import AskedDecision, ExpectedHolder, FlowEntry, Ledger, Recommendation, Return, Unit, Vacancy
from flux.operations.unit import UnitFacts, describe_unit
from flux.queries.asked import habits
from flux.queries.cells import SUMMED, acts_of
from flux.queries.lacking import completeness, lacks_any
from flux.queries.silence import silent_routings
from reservations.canonical import verify
from reservations.models import User
from tests.attributions.bilan.leases import unmatched
from tests.attributions.bilan.same_totals import check_same_totals
from tests.aude import load_the_aude
from tests.flux.books import check_books
from tests.one_template import server
from tests.own_database import every_row, own_database

pytestmark = pytest.mark.django_db

AUTUMN = datetime(2026, 11, 24, 9, tzinfo=UTC)


def printed(*command: str) -> dict[str, object]:
    out = io.StringIO()
    call_command(*command, "--json", stdout=out)
    return json.loads(out.getvalue())


@dataclass(frozen=True)
class Story:
    """Every row as the acts left it, and as it came back; where the telling said that it was."""

    told: dict[str, tuple[int, str]]
    brought_back: dict[str, tuple[int, str]]
    marks: list[tuple[float, str]]


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Story]:
    """The story told by its acts, kept as `./run demo` keeps it, spoilt, and brought back: the test reads that one."""
    with django_db_blocker.unblock(), own_database("story") as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepared, "connect", lambda _: server())
        for attribute, suffix in (("NAME", ""), ("PREPARED", "_prepared"), ("DRAFT", "_draft")):
            patch.setattr(prepared, attribute, f"{name}{suffix}")
        marks: list[tuple[float, str]] = []
        load_the_aude()
        tell(now=AUTUMN, say=lambda _: None, reach=lambda share, where: marks.append((share, where)))
        told = every_row()
        connection.close()
        prepared.keep(Path(), Origin.of(AUTUMN.date()))
        User.objects.update(full_name="Quelqu’un")
        prepared.bring_back(Path(), Origin.of(AUTUMN.date()))
        connection.close()
        yield Story(told, every_row(), marks)
        connection.close()
        prepared.forget(Path())


def test_year_goes_on_through_leases_and_replays(story: Story) -> None:
    """One test, as the story takes long: told once, whichever process of tests has it."""
    _check_what_is_brought_back(story)
    _check_marks(story)
    _check_accounts()
    _check_versions()
    _check_households()
    _check_journey()
    _check_notices()
    _check_balances()


def _check_what_is_brought_back(story: Story) -> None:
    """A prepared demonstration is what the acts gave, row for row."""
    assert story.brought_back == story.told
    assert story.told["reservations_user"][0] > 8
    assert story.told["flux_flowentry"][0] > 1000


def _check_marks(story: Story) -> None:
    """Who waits sees it go on, month after month."""
    shares = [share for share, _ in story.marks]
    assert shares == sorted(shares)
    assert (shares[0], len(shares) > 300, shares[-1] < 1) == (0, True, True)
    assert max(after - before for before, after in pairwise(shares)) < 0.1, "no long silence"
    assert "Robine Habitat, 2026, mars" in {where for _, where in story.marks}


def _check_accounts() -> None:
    for ledger in Ledger.objects.order_by("pk"):
        check_books(ledger)
        assert unmatched([ledger]) == []
    assert printed("replay")["different"] == 0
    assert silent_routings(today=timezone.localdate(AUTUMN)) == [], "nothing would lapse on the first night"


def _check_versions() -> None:
    """Two landlords planned nothing last year and plan the known departures this year; the third one decides alone."""
    made = Recommendation.objects.order_by().values_list(
        "ledger__landlord__acronym", "ledger__exercise", "engine_version"
    )
    versions = set(made.distinct())
    assert versions == {("RH", 2025, 1), ("RH", 2026, 2), ("CL", 2025, 1), ("CL", 2026, 2), ("OH", 2026, 1)}
    assert Recommendation.objects.filter(reason__startswith="KNOWN").count() > 5
    assert ExpectedHolder.objects.filter(vacancy__ledger__landlord__acronym="RH").exists()
    assert AskedDecision.objects.filter(passed__gt=0).count() == 3
    assert habits() == {}


def _check_households() -> None:
    months = {lease.signed_on.month for lease in Lease.objects.filter(proposal__isnull=False)}
    assert months >= set(range(3, 12)), "leases are signed all the year round"
    statuses = Counter(Proposal.objects.values_list("status", flat=True))
    assert statuses.keys() >= {"SENT", "ON_AGENDA", "OFFERED", "ACCEPTED", "HOUSED", "ENDED", "RELEASED"}
    assert set(ProposalEnd.objects.values_list("side", flat=True)) >= {"APPLICANT", "COMMITTEE"}
    assert set(Offer.objects.values_list("answer", flat=True)) >= {"ACCEPTED", "REFUSED", "SILENT"}
    assert set(Return.objects.values_list("reason", flat=True)) >= {"DECLINED", "NO_CANDIDATE"}
    closed = CommitteeSession.objects.exclude(closed_at=None).order_by("pk")
    assert len(closed) > 15
    assert all(verify(session.minutes, session.seal) for session in closed)
    housed = Application.objects.filter(closure="LEASE").count()
    assert housed == statuses["HOUSED"] == Lease.objects.filter(proposal__isnull=False, cancelled_at=None).count()


def _check_journey() -> None:
    read = printed("journey", "--landlord", "999000003", "--year", "2026")
    text = json.dumps(read, ensure_ascii=False)
    for application in Application.objects.order_by("pk").iterator():
        assert application.number not in text
        assert application.name not in text
    leased = FlowEntry.objects.filter(
        stage="LEASED", ledger__landlord__organisation__siren="999000003", vacancy__registered_on__year=2026
    )
    assert leased.count() > 100
    assert Vacancy.objects.filter(unit__landlord__organisation__siren="999000003").count() > len(read["units"]) > 100


def _check_notices() -> None:
    """Nobody finds two years of notices to read on the first morning; some wait."""
    assert not Notice.objects.unread().filter(at__lt=AUTUMN - timedelta(10)).exists()
    assert Notice.objects.unread().count() > 5


def _check_balances() -> None:
    """Every balance of the story is what its acts add up to; and again once its defects are repaired."""
    told = [(ledger.landlord, ledger.exercise) for ledger in Ledger.objects.select_related("landlord").order_by("pk")]
    read = [check_same_totals(landlord, year) for landlord, year in dict.fromkeys(told)]
    assert any(each.measures.first_lettings for each in read)
    assert all(sum(getattr(each.measures, name) for each in read) for name in SUMMED), "the story has all of them"
    by, classed = User.objects.order_by("pk")[0], {"financing_code": "13", "in_qpv": False, "construction_year": 1975}
    for unit in Unit.objects.filter(lacks_any()).order_by("pk"):
        facts = UnitFacts(**{each.name: getattr(unit, each.name) for each in fields(UnitFacts)})
        describe_unit(unit=unit, facts=facts, classed=classed, by=by)
    for landlord, year in dict.fromkeys(told):
        again = check_same_totals(landlord, year)
        assert completeness(acts_of(again.acts, again.year)).incomplete == 0
