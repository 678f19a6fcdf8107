"""The demonstration told whole: a year of candidates, sessions, offers and leases, whose accounts hold and replay."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from attributions.demonstration.story import tell
from attributions.models import (
    Application,
    CommitteeSession,
    Lease,
    Notice,
    Offer,
    Proposal,
    ProposalEnd,
)
from attributions.queries.objectives import unmatched
from flux.models import FlowEntry, Ledger, Return, Unit, Vacancy
from flux.operations.unit import UnitFacts, describe_unit
from flux.queries.cells import SUMMED
from flux.queries.lacking import completeness, lacks_any
from flux.queries.silence import silent_routings
from reservations.canonical import verify
from reservations.models import User
from tests.attributions.same_totals import check_same_totals
from tests.aude import load_the_aude
from tests.flux.books import check_books

pytestmark = pytest.mark.django_db

AUTUMN = datetime(2026, 11, 24, 9, tzinfo=UTC)


def printed(*command: str) -> dict[str, object]:
    out = io.StringIO()
    call_command(*command, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_year_goes_on_through_leases_and_replays() -> None:
    load_the_aude()
    tell(now=AUTUMN, say=lambda _: None)
    _check_accounts()
    _check_households()
    _check_journey()
    _check_notices()
    _check_balances()


def _check_accounts() -> None:
    for ledger in Ledger.objects.order_by("pk"):
        check_books(ledger)
        assert unmatched([ledger]) == []
    assert printed("replay")["different"] == 0
    assert silent_routings(today=timezone.localdate(AUTUMN)) == [], "nothing would lapse on the first night"


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
        assert completeness(again.ledgers).incomplete == 0
