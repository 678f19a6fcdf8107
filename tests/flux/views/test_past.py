"""A year lived elsewhere, unit by unit: past routings enter at their date, debit who had them, and are not routed
again; and nobody goes round the rule by that way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from flux.models import FlowEntry, Ledger, Recommendation, Vacancy
from flux.operations.ledgers import PastBook
from flux.operations.past import PastDates, record_past_routing
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.starting import set_go_live
from flux.operations.stock import keep_in_stock
from flux.operations.vacancy_dates import VacancyRefused
from flux.queries.controls.accounts import Check, audit
from flux.queries.queue import queue
from flux.queries.recommendations import replayed
from reservations.models.convention import UNIT
from reservations.refusals import Refusal
from tests.flux.views.pages import text_of
from tests.flux.views.test_opening import proposed
from tests.world import MORNING, promise_behind_the_acts

if TYPE_CHECKING:
    from django.test import Client

    from flux.models import Unit
    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()
URL = reverse("vacancy-past")
MARCH = PastDates(date(2026, 3, 2), date(2026, 3, 9), allocated_on=date(2026, 4, 1), leased_on=date(2026, 4, 20))


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def past(world: World, holder: str = "city", dates: PastDates = MARCH, unit: Unit | None = None) -> Vacancy:
    return record_past_routing(
        unit=unit or world.unit(),
        holder=world.holders[holder],
        dates=dates,
        by=world.people["alice"],
        now=MORNING,
    )


def test_a_past_routing_enters_at_its_date_debits_who_had_it_and_is_not_routed_again(
    world: World, sign_in: SignIn
) -> None:
    unit, alice = world.unit(), sign_in("alice")
    assert alice.get(URL).status_code == 200
    posted = {
        "reference": unit.reference.lower(),
        "notice_on": "02/03/2026",
        "holder": world.holders["city"].pk,
        "proposed_on": "09/03/2026",
        "allocated_on": "01/04/2026",
        "leased_on": "20/04/2026",
    }
    assert "Aucun logement de votre parc" in text_of(alice.post(URL, posted | {"reference": "Z-1"}))
    late = alice.post(URL, posted | {"leased_on": "20/03/2026"})
    assert late.status_code == 422
    assert "Le bail vient après l’attribution" in text_of(late)
    words = text_of(alice.post(URL, posted, follow=True))
    assert f"{unit} est repris au 02/03/2026, à la Ville de Narbonne, dans le compte 2026" in words
    assert "1 orientation passée reprise." in words
    vacancy = Vacancy.objects.get()
    recommendation, routing = vacancy.recommendations.get(), vacancy.routings.get()
    assert (vacancy.source, vacancy.registered_on, vacancy.ledger.exercise) == ("PAST", date(2026, 3, 2), 2026)
    assert (recommendation.engine_version, recommendation.reason) == (0, "RECORDED")
    assert (routing.holder, routing.convention) == (world.holders["city"], world.conventions["city"])
    found = {
        (entry.stage, entry.quantity, entry.on)
        for entry in FlowEntry.objects.filter(holder=world.holders["city"]).order_by("pk")
    }
    assert {
        ("ROUTED", 1, date(2026, 3, 9)),
        ("ALLOCATED", 1, date(2026, 4, 1)),
        ("LEASED", 1, date(2026, 4, 20)),
    } < found
    due = FlowEntry.objects.filter(stage="DUE")
    assert (sum(due.values_list("quantity", flat=True)), set(due.values_list("on", flat=True))) == (
        UNIT,
        {date(2026, 3, 2)},
    )
    assert sweep_waiting_vacancies(now=MORNING) == 0
    assert queue(world.landlord, {}, today=TODAY).total == 0
    listed = reverse("vacancy-list")
    assert "reprise" in text_of(alice.get(listed))
    lines = b"".join(alice.get(f"{listed}?fichier=csv")).decode("utf-8-sig").splitlines()
    assert [line.rpartition(";")[2].strip('"') for line in lines] == ["Origine", "reprise d’une orientation passée"]
    city = [vacancy.ledger_id, world.holders["city"].pk]
    assert "reprise" in text_of(alice.get(f"{reverse('statement-units', args=city)}?stage=ROUTED"))
    sheet = text_of(alice.get(reverse("vacancy-detail", args=[vacancy.pk])))
    assert "Orientation d’avant le compte tenu ici, reprise du suivi du bailleur : Ville de Narbonne." in sheet
    assert "Orientations passées fait 1 orientation passée reprise" in text_of(alice.get(reverse("starting")))
    past(world, "als"), past(world, "landlord")
    real = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    assert real.recommendations.get().sequence == 4
    assert audit([vacancy.ledger_id]).differences == ()
    assert not [each for each in replayed(Recommendation.objects.all()) if each.differences]
    assert sign_in("chloe").get(reverse("home")).status_code == 200
    why = reverse("why-not-us", args=[vacancy.ledger_id, world.holders["als"].pk])
    assert sign_in("alice").get(why).status_code == 200


def test_a_file_of_them_reads_and_writes_each_account_once_and_a_refused_one_leaves_nothing(world: World) -> None:
    """A line cost the reading of its account: a tenth of a second each. The first one opens the account, and is
    refused: its savepoint takes the account back, and the next one opens it again."""
    units, costs, book = [world.unit() for _ in range(4)], [], PastBook()
    about = {"dates": MARCH, "by": world.people["alice"], "now": MORNING, "book": book}
    with transaction.atomic():
        world.end(world.conventions["als"], date(2026, 1, 31))
        with pytest.raises(VacancyRefused, match="n’avait pas de droit"), transaction.atomic():
            record_past_routing(unit=units[0], holder=world.holders["als"], **about)
        book.hold({unit.pk for unit in units})
        for unit, holder in zip(units, ("city", "landlord", "city", "city"), strict=True):
            with CaptureQueriesContext(connection) as caught:
                record_past_routing(unit=unit, holder=world.holders[holder], **about)
            costs.append(len(caught))
        book.close(now=MORNING)
    assert costs[0] > costs[1]
    assert costs[2] == costs[3] <= 10
    [ledger] = Ledger.objects.all()
    assert (ledger.sequence, audit([ledger.pk]).differences) == (4, ())
    assert list(Recommendation.objects.order_by("pk").values_list("sequence", flat=True)) == [1, 2, 3, 4]
    assert not [each for each in replayed(Recommendation.objects.all()) if each.differences]


def test_nobody_goes_round_the_rule_by_a_past_that_is_not(world: World) -> None:
    """From the first day that the rule decided, or that the landlord begins, and beside an opening balance: refused; a
    forged row is found by the nightly control."""
    opening = proposed(world, opened_on=date(2026, 6, 1), figures={"units": 8, "due": UNIT, "received": 1})
    with pytest.raises(VacancyRefused, match="Ce qui précède le 01/06/2026 est dans les soldes d’ouverture"):
        past(world)
    assert past(world, dates=PastDates(date(2026, 6, 2), date(2026, 6, 8))).ledger_id == opening.ledger_id
    set_go_live(landlord=world.landlord, on=TODAY, by=world.people["alice"], now=MORNING)
    with pytest.raises(VacancyRefused, match="L’orientation se fait ici depuis le 24/11/2026"):
        past(world, dates=PastDates(TODAY, TODAY))
    decided = world.vacancy(now=MORNING - timedelta(30))
    sweep_waiting_vacancies(now=MORNING)
    with pytest.raises(VacancyRefused, match="L’orientation se fait ici depuis le 25/10/2026"):
        past(world, dates=PastDates(date(2026, 11, 2), date(2026, 11, 3)))
    Vacancy.objects.filter(pk=decided.pk).update(source="PAST")
    [found] = audit([decided.ledger_id]).differences
    assert (found.check, found.recommendation) == (Check.RECORDED, decided.recommendations.get().pk)


def test_a_past_routing_that_cannot_be_is_refused_with_what_to_correct(world: World) -> None:
    unit = world.unit()
    kept = world.unit()
    keep_in_stock(
        unit=kept, holder=world.holders["city"], ground="LAND", starts_on=date(2026, 1, 1), by=world.people["alice"]
    )
    cases: list[tuple[dict[str, object], str]] = [
        ({"dates": PastDates(date(2022, 3, 2), date(2022, 3, 9))}, "plus de trois ans"),
        ({"dates": PastDates(date(2026, 3, 2), date(2026, 3, 1))}, "libre après le congé"),
        (
            {"dates": PastDates(date(2026, 3, 2), date(2026, 3, 1), date(2026, 3, 5))},
            "vient après le congé",
        ),
        ({"dates": PastDates(date(2026, 3, 2), date(2026, 12, 1), date(2026, 3, 5))}, "est à venir"),
        (
            {"dates": PastDates(date(2025, 3, 2), date(2025, 3, 9))},
            "n’était en vigueur à Narbonne",
        ),
        ({"holder": "other_landlord"}, "n’avait pas de droit à Narbonne"),
        ({"unit": kept}, "portait un droit en stock"),
    ]
    for given, sentence in cases:
        with pytest.raises(VacancyRefused, match=sentence):
            past(world, **({"unit": unit} | given))
    past(world, unit=unit)
    with pytest.raises(Refusal, match="déjà déclaré libéré pour ces dates"):
        past(world, unit=unit)
    assert Vacancy.objects.count() == Ledger.objects.ordinary().get().sequence == 1
    promise_behind_the_acts(world.conventions["city"], 900_000)
    with pytest.raises(VacancyRefused, match="promettaient plus de 100 % du flux"):
        past(world)
