"""What is declared and routed here goes out as the files of notices and of past routings, and comes back to the same
state: another installation counts the same, routes nothing of it again, and goes on with what waits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.models import Sum

from flux.imports.notices import Notices
from flux.imports.past_routings import PastRoutings
from flux.imports.returned_units import ReturnedUnits
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.queries.controls.accounts import audit
from reservations.imports.kinds import kind_of
from reservations.takeaway import leaving_kinds
from tests.attributions.bilan.acts import let
from tests.flux.operations.test_returning import agree, give_back, send
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, signed_elsewhere, written
from tests.world import MORNING, World

KINDS = ("logements", "conventions", PastRoutings.code, Notices.code)
BACK = ReturnedUnits.code


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING + timedelta(days=9))


def lines_out(world: World, code: str, person: str) -> list[dict[str, str]]:
    return [dict(line) for line in kind_of(code).recorded(world.member(person))]


def file_of(world: World, code: str, person: str) -> bytes:
    head = [column.name for column in kind_of(code).columns]
    return csv_of(
        ";".join(head), *(";".join(line.get(name, "") for name in head) for line in lines_out(world, code, person))
    )


def account(world: World, person: str) -> list[tuple[object, ...]]:
    """What each holder's account adds up to, stage by stage; the landlord's own part is its own."""
    entries = FlowEntry.objects.filter(ledger__landlord=world.member(person).landlord).order_by()
    sums = entries.values_list("stage", "holder__organisation__kind", "holder__contingent").annotate(Sum("quantity"))
    return sorted(row for row in sums if row[-1])


def test_what_is_declared_and_routed_leaves_and_comes_back_to_the_same_state(world: World) -> None:
    let(world, send(world, "city"), date(2026, 11, 30))
    for holder in ("als", "priority", "landlord"):
        send(world, holder)
    waiting = [
        world.vacancy(),
        world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER"),
        world.vacancy(kind="TECHNICAL"),
    ]
    cancel_vacancy(
        vacancy=send(world, "city").vacancy,
        reason="NOTICE_WITHDRAWN",
        text="Le locataire reste.",
        by=world.people["aline"],
        now=MORNING + timedelta(days=2),
    )
    reclassify_vacancy(
        vacancy=world.vacancy(),
        kind="EXCLUDED",
        exclusion="INTERNAL_TRANSFER",
        text="Gardé pour une mutation.",
        by=world.people["aline"],
        now=MORNING + timedelta(days=3),
    )
    assert [kind.code for kind in leaving_kinds(world.member("alice")) if kind.code in KINDS] == list(KINDS)
    lines = [len(lines_out(world, code, "alice")) for code in KINDS[2:]]
    assert lines == [4, 6], "those that were cancelled, or classified anew, too"
    for code, count in zip(KINDS[2:], lines, strict=True):
        same = given(world, code, file_of(world, code, "alice"))
        assert (faults(same), counts(same), same.warned) == ([], (0, 0, count, 0), 0), code

    for code in KINDS:
        written(world, code, file_of(world, code, "alice"), person="zoe")
        if code == "conventions":
            signed_elsewhere(world)
    assert [lines_out(world, code, "zoe") for code in KINDS] == [lines_out(world, code, "alice") for code in KINDS]
    there = Ledger.objects.get(landlord=world.other_landlord)
    assert set(Vacancy.objects.filter(ledger=there).values_list("source", flat=True)) == {"PAST", "HERE"}
    gone = Vacancy.declared.filter(unit__landlord=world.other_landlord, cancelled_at__isnull=False)
    assert set(gone.values_list("cancellation", "cancellation_text")) == {
        ("NOTICE_WITHDRAWN", "Le locataire reste."),
        ("RECLASSIFIED", "Gardé pour une mutation."),
    }
    assert not Routing.objects.filter(vacancy__in=gone).exists()
    for ledger in (waiting[0].ledger_id, there.pk):
        route_waiting_vacancies(ledger_id=ledger, now=MORNING + timedelta(days=9))
    assert account(world, "zoe") == account(world, "alice")
    assert audit([there.pk]).differences == ()


def test_units_given_back_and_out_for_works_leave_and_come_back_to_the_same_account(world: World) -> None:
    """Counted, not counted, above the cap (whose surplus goes to the landlord), twice in a row, and for works."""
    agree(world.conventions["state"], returns_effect="NO", returned_cap=10_000)
    send(world, "city")
    first = send(world, "als")
    give_back(world, first, "DECLINED", now=MORNING + timedelta(days=1))
    second = send(world, "city", first.vacancy, now=MORNING + timedelta(days=1))
    give_back(world, second, "WITHDRAWN", now=MORNING + timedelta(days=2))
    send(world, "priority", first.vacancy, now=MORNING + timedelta(days=3))
    back = send(world, "agents")
    give_back(world, back, "DECLINED", now=MORNING + timedelta(days=1))
    send(world, "landlord", back.vacancy, now=MORNING + timedelta(days=2))
    give_back(world, send(world, "als"), "WORKS", now=MORNING + timedelta(days=2))
    give_back(world, send(world, "city"), "DECLINED", now=MORNING + timedelta(days=2))  # and waits: a notice

    lines = lines_out(world, BACK, "alice")
    assert [(each["raison"], each["compte pour lui"], bool(each["dû abandonné au bailleur"])) for each in lines] == [
        ("le réservataire rend le logement", "oui", False),
        ("le bailleur reprend le logement", "non", False),
        ("le réservataire rend le logement", "non", True),
        ("travaux découverts", "non", False),
    ]
    assert counts(given(world, BACK, file_of(world, BACK, "alice"))) == (0, 0, 4, 0)
    kinds = ("logements", "conventions", BACK, PastRoutings.code)
    for code in kinds:
        written(world, code, file_of(world, code, "alice"), person="zoe")
        if code == "conventions":
            signed_elsewhere(world)
    assert [lines_out(world, code, "zoe") for code in kinds[2:]] == [
        lines_out(world, code, "alice") for code in kinds[2:]
    ]
    there = Ledger.objects.ordinary().get(landlord=world.other_landlord)
    every = Ledger.objects.filter(landlord=world.other_landlord).values_list("pk", flat=True)
    assert (len(every), audit(list(every)).differences) == (2, ())
    out = Vacancy.objects.filter(ledger=there).exclude(routings__closed_at=None).get()
    assert out.routings.get().given_back.reason == "WORKS"
    waiting = Vacancy.objects.to_decide().filter(unit__landlord=world.landlord).values("pk")
    mine = FlowEntry.objects.filter(ledger__landlord=world.landlord).exclude(vacancy__in=waiting)
    sums = mine.order_by().values_list("stage", "holder__organisation__kind", "holder__contingent")
    assert account(world, "zoe") == sorted(row for row in sums.annotate(Sum("quantity")) if row[-1])
