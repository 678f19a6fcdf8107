"""The demonstration this morning: a year of candidates, sessions, offers and leases, whose accounts hold and replay.

It starts where the repository recorded it, and lives some days more, as `./run demo` does.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from attributions.demonstration.story import go_on
from attributions.demonstration.years import at
from attributions.households.models import Application, CommitteeSession, Lease, Offer, Proposal, ProposalEnd
from attributions.notices.models import Notice
from flux.models import AskedDecision, CarriedOver, FlowEntry, Ledger, Recommendation, Return, Unit, Vacancy
from flux.operations.units import UnitFacts, describe_unit
from flux.queries.cells import SUMMED, acts_of
from flux.queries.controls.early_decisions import habits
from flux.queries.controls.folds import drift
from flux.queries.returns import silent_routings
from flux.queries.units import completeness, lacks_any
from reservations.canonical import verify
from reservations.models import Convention, Landlord, User
from tests.attributions.bilan.leases import unmatched
from tests.attributions.bilan.same_totals import check_totals
from tests.attributions.recount import check_accounts, check_once
from tests.attributions.recount_cells import check_cells
from tests.flux.books import check_books
from tests.own_database import recorded_story

pytestmark = pytest.mark.django_db


def printed(*command: str) -> dict[str, object]:
    out = io.StringIO()
    call_command(*command, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def morning(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[datetime]:
    """Four days after the story was recorded; the test reads that one."""
    with django_db_blocker.unblock(), recorded_story("story") as recording:
        now = at(recording.next_day + timedelta(4), 9)
        marks: list[tuple[float, str]] = []
        go_on(recording.notes, now=now, say=lambda _: None, reach=lambda share, where: marks.append((share, where)))
        shares = [share for share, _ in marks]
        assert (shares, shares[0], shares[-1] < 1) == (sorted(shares), 0, True), "who waits sees it go on"
        yield now
        connection.close()


def test_year_goes_on_through_leases_and_replays(morning: datetime) -> None:
    """One test, as the checks take long: whichever process of tests has it."""
    _check_accounts(morning)
    _check_recount(morning)
    _check_versions(morning.year)
    _check_households(morning)
    _check_journey(morning.year)
    _check_notices(morning)
    _check_balances()


def _check_accounts(now: datetime) -> None:
    check_books(*Ledger.objects.order_by("pk"))
    for ledger in Ledger.objects.order_by("pk"):
        assert unmatched([ledger]) == []
    assert printed("replay")["different"] == 0
    lately = timezone.localdate(now) - timedelta(4)
    assert silent_routings(today=lately) == [], "what lapses does, on the next working day"


def _check_recount(now: datetime) -> None:
    """Counted from acts and not from the account: each due, each unit received and each cell of each landlord and year.
    An amendment from the spring on, an opening balance and first lettings that a convention counts are among them."""
    check_once()
    check_accounts()
    landlords = list(Landlord.objects.order_by("pk"))
    for landlord in landlords:
        for year in (now.year - 1, now.year):
            check_cells(landlord, year, on=timezone.localdate(now))
    assert len(landlords) == 3
    assert Convention.objects.filter(status="AMENDED").exists()
    assert CarriedOver.objects.filter(opening__isnull=False).exists()
    assert FlowEntry.objects.filter(vacancy__kind="FIRST_LETTING", ledger__kind=Ledger.Kind.ORDINARY).exists()


def _check_versions(year: int) -> None:
    """Two landlords planned nothing last year and plan the known departures this year; the third one decides alone."""
    made = Recommendation.objects.order_by().values_list(
        "ledger__landlord__acronym", "ledger__exercise", "engine_version"
    )
    versions = set(made.distinct())
    assert versions == {("RH", year - 1, 1), ("RH", year, 2), ("CL", year - 1, 1), ("CL", year, 2), ("OH", year, 1)}
    assert Recommendation.objects.filter(reason__startswith="KNOWN").count() > 5
    assert Recommendation.objects.filter(reason__startswith="KNOWN", ledger__landlord__acronym="RH").exists()
    assert AskedDecision.objects.filter(passed__gt=0).count() == 3
    assert habits() == {}


def _check_households(now: datetime) -> None:
    months = {lease.signed_on.month for lease in Lease.objects.filter(proposal__isnull=False)}
    assert months >= set(range(3, now.month)), "leases are signed all the year round"
    statuses = Counter(Proposal.objects.values_list("status", flat=True))
    # What is on an agenda is decided on the Thursday: on other days of the week nobody may be.
    assert statuses.keys() >= {"SENT", "OFFERED", "ACCEPTED", "HOUSED", "ENDED", "RELEASED"}
    assert set(ProposalEnd.objects.values_list("side", flat=True)) >= {"APPLICANT", "COMMITTEE"}
    assert set(Offer.objects.values_list("answer", flat=True)) >= {"ACCEPTED", "REFUSED", "SILENT"}
    assert set(Return.objects.values_list("reason", flat=True)) >= {"DECLINED", "NO_CANDIDATE"}
    closed = CommitteeSession.objects.exclude(closed_at=None).order_by("pk")
    assert len(closed) > 15
    assert all(verify(session.minutes, session.seal) for session in closed)
    housed = Application.objects.filter(closure="LEASE").count()
    assert housed == statuses["HOUSED"] == Lease.objects.filter(proposal__isnull=False, cancelled_at=None).count()


def _check_journey(year: int) -> None:
    read = printed("journey", "--landlord", "999000003", "--year", str(year))
    text = json.dumps(read, ensure_ascii=False)
    for application in Application.objects.order_by("pk").iterator():
        assert application.number not in text
        assert application.name not in text
    leased = FlowEntry.objects.filter(
        stage="LEASED", ledger__landlord__organisation__siren="999000003", vacancy__registered_on__year=year
    )
    assert leased.count() > 100
    assert Vacancy.objects.filter(unit__landlord__organisation__siren="999000003").count() > len(read["units"]) > 100


def _check_notices(now: datetime) -> None:
    """Nobody finds two years of notices to read on the first morning; some wait."""
    assert not Notice.objects.unread().filter(at__lt=now - timedelta(10)).exists()
    assert Notice.objects.unread().count() > 5


def _check_balances() -> None:
    """Every balance of the story is what its acts add up to; and again once its defects are repaired."""
    rows = [(ledger.landlord, ledger.exercise) for ledger in Ledger.objects.select_related("landlord").order_by("pk")]
    read = [check_totals(landlord, year) for landlord, year in dict.fromkeys(rows)]
    assert any(each.measures.first_lettings for each in read)
    assert all(sum(getattr(each.measures, name) for each in read) for name in SUMMED), "the story has all of them"
    by, classed = User.objects.order_by("pk")[0], {"financing_code": "13", "in_qpv": False, "construction_year": 1975}
    for unit in Unit.objects.filter(lacks_any()).order_by("pk"):
        facts = UnitFacts(**{each.name: getattr(unit, each.name) for each in fields(UnitFacts)})
        describe_unit(unit=unit, facts=facts, classed=classed, by=by)
    for landlord, year in dict.fromkeys(rows):
        again = check_totals(landlord, year)
        assert completeness(acts_of(again.acts, again.year)).incomplete == 0
    assert drift() == {}, "what folds say follows what a unit is described as"
