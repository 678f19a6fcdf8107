"""Steps of a unit, where it stands, how long it takes, and the command that states it all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.pages.charts import step_times_table
from attributions.bilan.queries.steps import By, StepTimes, measured_counts, spans, step_times
from attributions.home.progress import progress
from attributions.households.models import Lease, Proposal
from attributions.households.operations.withdrawals import record_outside_allocation, record_outside_answer
from attributions.households.pages.procedure import reason_words
from attributions.households.queries.journey import MEASURED, StepKind, as_json, first, journey, steps
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.outcomes import record_allocation, record_lease, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.queries.vacancies import with_destinations
from reservations.deadlines import working_days
from tests.attributions.bilan.views.test_counting_points import content_of
from tests.attributions.households.lettings import candidate, convene, decide, lose, offer, put_on_agenda, sign
from tests.attributions.households.rows import Case, accepted
from tests.attributions.households.spans import counts_are_right
from tests.flux.operations.test_returning import agree, send
from tests.flux.views.test_account import page
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()
LATE = MORNING + timedelta(days=60)
SignIn = Callable[[str], Client]
SCHEMA = Path(__file__).parents[4] / "docs/schemas/journey.json"


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(LATE, tick=False)


@pytest.fixture
@kept
def lived(world: World) -> World:
    """Two units of the city: one let on 15 December after a refusal, one that it gave back and Action Logement keeps;
    and two units that wait for their routing."""
    agree(world.conventions["city"], proposal_days=10, new_candidates_days=5, clock_restarts=["APPLICANT"])
    let = send(world, "city").vacancy
    whole = MORNING + timedelta(days=1)  # Wednesday 25 November
    first = candidate(world, let, sent_at=whole, ready_at=whole + timedelta(days=2))
    second = candidate(world, let, designation=first.designation, ready_at=whole + timedelta(days=5))
    session = convene(world, MORNING + timedelta(days=7), opened_at=MORNING + timedelta(days=7))
    item = put_on_agenda(session, first, second, concluded_at=session.held_at)
    decisions = [decide(world, item, each, "RANKED", rank=rank) for rank, each in enumerate((first, second), 1)]
    offer(decisions[0], sent_on=date(2026, 12, 2), answer="REFUSED", answered_on=date(2026, 12, 4))
    lose(world, first, "RENT_REFUSED", on=date(2026, 12, 4))
    offer(decisions[1], sent_on=date(2026, 12, 4), answer="ACCEPTED", answered_on=date(2026, 12, 10))
    Proposal.objects.filter(pk=second.pk).update(status="HOUSED")
    aline = world.people["aline"]
    record_allocation(vacancy=let, on=date(2026, 12, 1), by=aline, today=LATE.date())
    record_lease(vacancy=let, on=date(2026, 12, 15), by=aline, today=LATE.date())
    sign(world, let, signed_on=date(2026, 12, 15), proposal=second)

    given = send(world, "city")
    return_vacancy(
        routing=given, reason="DECLINED", text="Madame Secret n’en veut pas.", by=aline, now=MORNING + timedelta(days=3)
    )
    send(world, "als", given.vacancy, now=MORNING + timedelta(days=3))
    world.vacancy()
    world.vacancy()
    route_waiting_vacancies(ledger_id=let.ledger_id, now=LATE)
    return world


def let_unit(world: World) -> Vacancy:
    return Lease.objects.get().vacancy


def test_unit_whose_applicant_owes_a_document_is_not_reported_to_be_signed(world: World) -> None:
    """An offer accepted under a condition awaits the document; the lease comes after."""
    [kept] = accepted(world, Case("CONDITIONAL", due=MORNING.date() + timedelta(days=5)))
    found = progress([kept.vacancy])[kept.vacancy_id]
    assert (found.words, found.side) == ("offre acceptée, pièce du demandeur attendue", "APPLICANT")


def test_steps_of_a_unit_let_after_a_refusal(lived: World) -> None:
    found = steps([let_unit(lived)])[let_unit(lived).pk]
    assert [(step.kind.value, step.on.isoformat(), step.side.value) for step in found] == [
        ("NOTICE", "2026-11-24", "UNIT"),
        ("REGISTERED", "2026-11-24", "LANDLORD"),
        ("ROUTED", "2026-11-24", "LANDLORD"),
        ("SENT", "2026-11-25", "HOLDER"),
        ("READY", "2026-11-30", "LANDLORD"),
        ("COMMITTEE", "2026-12-01", "COMMITTEE"),
        ("DECIDED", "2026-12-01", "COMMITTEE"),
        ("OFFERED", "2026-12-02", "LANDLORD"),
        ("OFFERED", "2026-12-04", "LANDLORD"),
        ("ANSWERED", "2026-12-04", "APPLICANT"),
        ("ENDED", "2026-12-04", "APPLICANT"),
        ("ANSWERED", "2026-12-10", "APPLICANT"),
        ("LEASED", "2026-12-15", "LANDLORD"),
    ]
    ended = next(step for step in found if step.kind == StepKind.ENDED)
    assert (ended.reason, reason_words(ended)) == ("RENT_REFUSED", "refus : le loyer et les charges")
    assert (ended.offered, ended.consumed, ended.restarts) == (True, False, True)
    assert {step.kind.value: step.stage for step in found if step.stage} == {
        "ROUTED": "ROUTED",
        "DECIDED": "ALLOCATED",
        "LEASED": "LEASED",
    }


def test_unit_given_back_states_each_routing_in_turn(lived: World) -> None:
    given = Vacancy.objects.get(routings__given_back__isnull=False)
    found = steps([given])[given.pk][2:]
    rows = [(step.kind.value, str(step.routing.holder), step.reason) for step in found]
    city, als = "Ville de Narbonne", "Action Logement Services"
    assert rows == [("ROUTED", city, ""), ("RETURNED", city, "DECLINED"), ("ROUTED", als, "")]
    assert (found[1].side, found[1].offered, found[1].consumed, found[1].restarts) == ("HOLDER", True, True, False)


@pytest.mark.parametrize("person", [None, "aline"])
def test_lapse_is_a_delay_that_ran_out_whoever_recorded_it(world: World, person: str | None) -> None:
    """By itself in the night, or by hand the day after: the steps and the account say the same."""
    agree(world.conventions["city"], proposal_days=10)
    routing = send(world, "city")
    by = world.people[person] if person else None
    return_vacancy(routing=routing, reason="NO_CANDIDATE", text="", by=by, now=LATE)
    assert FlowEntry.objects.filter(vacancy=routing.vacancy, stage="LAPSED").count() == 1
    kinds = [step.kind for step in steps([routing.vacancy])[routing.vacancy_id] if step.routing == routing]
    assert kinds == [StepKind.ROUTED, StepKind.LAPSED]


def test_candidates_of_a_unit_out_of_the_flow_are_the_landlords(world: World) -> None:
    vacancy = world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    candidate(world, vacancy)
    sent = steps([vacancy])[vacancy.pk][-1]
    assert (sent.kind, sent.side, sent.routing) == (StepKind.SENT, "LANDLORD", None)


def test_steps_and_progress_cost_the_same_whatever_the_number(lived: World, django_assert_num_queries) -> None:
    for number in (1, 3, 30):
        while Vacancy.objects.count() < number:
            candidate(lived, send(lived, "city").vacancy)
        found = list(with_destinations(Vacancy.objects.order_by("pk"))[:number])
        with django_assert_num_queries(8):
            steps(found)
        with django_assert_num_queries(2):
            progress(found)


# --- where a unit stands ---


def stands(vacancy: Vacancy) -> tuple[str, str, str | None]:
    found = progress([Vacancy.declared.get(pk=vacancy.pk)])[vacancy.pk]
    return found.step.value, found.words, found.side.value if found.side else None


def test_progress_follows_what_is_followed_in_another_tool(world: World) -> None:
    """Its holder is no longer expected to look for candidates."""
    vacancy, aline, today = send(world, "city").vacancy, world.people["aline"], MORNING.date()
    record_outside_answer(vacancy=vacancy, on=today, by=aline, now=MORNING)
    assert stands(vacancy) == ("SENT", "candidats reçus, suivis ailleurs", "LANDLORD")
    record_outside_allocation(vacancy=vacancy, on=today, by=aline, now=MORNING)
    assert stands(vacancy) == ("DECIDED", "attribué, suivi ailleurs", "LANDLORD")
    withdraw_outcome(vacancy=vacancy, why="Erreur.", by=aline, today=today)
    assert stands(vacancy)[1] == "candidats reçus, suivis ailleurs"
    at_once = send(world, "city").vacancy
    record_allocation(vacancy=at_once, on=today, by=aline, today=today)
    assert stands(at_once)[1] == "attribué, suivi ailleurs"


def test_progress_follows_a_unit_to_its_lease(world: World) -> None:
    vacancy = world.vacancy()
    assert stands(vacancy) == ("REGISTERED", "enregistré, en attente d’orientation", "LANDLORD")
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    assert stands(vacancy) == ("REGISTERED", "recommandé, orientation à confirmer", "LANDLORD")
    send(world, "city", vacancy)
    assert stands(vacancy) == ("ROUTED", "orienté, le réservataire cherche des candidats", "HOLDER")
    one = candidate(world, vacancy, status="SENT")
    Routing.objects.filter(vacancy=vacancy).update(answered_on=TODAY)
    for status, expected in (
        ("SENT", ("SENT", "candidats transmis, à instruire", "LANDLORD")),
        ("READY", ("READY", "dossiers instruits, CALEOL à convoquer", "LANDLORD")),
        ("ON_AGENDA", ("READY", "à l’ordre du jour de la CALEOL", "COMMITTEE")),
        ("ALLOCATED", ("DECIDED", "décidé en CALEOL, offre à envoyer", "LANDLORD")),
        ("OFFERED", ("OFFERED", "offre envoyée, réponse du demandeur attendue", "APPLICANT")),
        ("ACCEPTED", ("ANSWERED", "offre acceptée, bail à signer", "LANDLORD")),
    ):
        Proposal.objects.filter(pk=one.pk).update(status=status)
        assert stands(vacancy) == expected
    lose(world, one, "WITHDREW", on=TODAY)
    assert stands(vacancy) == ("ENDED", "plus aucun candidat", "HOLDER")
    Routing.objects.filter(vacancy=vacancy).update(answered_on=None, clock_from=TODAY)
    assert stands(vacancy) == ("ROUTED", "nouveau délai, le réservataire cherche des candidats", "HOLDER")
    sign(world, vacancy)
    assert stands(vacancy) == ("LEASED", "bail signé", None)


def test_progress_of_what_is_not_in_the_running(world: World) -> None:
    assert stands(send(world, "landlord").vacancy)[1:] == ("orienté, le bailleur cherche des candidats", "LANDLORD")
    excluded = world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    assert stands(excluded)[1] == "soustrait du flux, le bailleur cherche un ménage"
    works = send(world, "city")
    return_vacancy(routing=works, reason="WORKS", text="Amiante.", by=world.people["aline"], now=LATE)
    assert stands(works.vacancy)[:2] == ("RETURNED", "rendu, hors du flux")
    gone = world.vacancy()
    cancel_vacancy(vacancy=gone, reason="NOTICE_WITHDRAWN", text="Il reste.", by=world.people["aline"], now=LATE)
    assert stands(gone) == ("REGISTERED", "déclaration annulée", None)


# --- time in step ---


def times(
    world: World, start: str, end: str, by: str = "HOLDER", *, person: str = "", whole: bool = False
) -> StepTimes:
    member = world.member(person) if person else None
    found = measured_counts(2026, member=member)
    read = step_times(found, StepKind(start), StepKind(end), By(by), member=member, is_whole=whole)
    return step_times_table(read)


def test_working_days_leave_weekends_and_public_holidays_out(lived: World) -> None:
    """From Tuesday 24 November to Tuesday 15 December: fifteen; the lease of 28 December passes Christmas."""
    found = times(lived, "ROUTED", "LEASED")
    [row] = found.rows
    assert (row.name, row.units, row.median, row.mean) == ("Ville de Narbonne", 1, Decimal(15), Decimal(15))
    assert (row.sent, row.leases, row.sent_per_lease, row.rate) == (2, 1, Decimal(2), 500_000)
    other = send(lived, "city").vacancy
    sign(lived, other, signed_on=date(2026, 12, 28))
    found = times(lived, "ROUTED", "LEASED")
    [row] = found.rows
    assert (row.units, row.median, row.mean) == (2, Decimal("19.0"), Decimal("19.0"))  # 15 and 23
    agree(lived.conventions["city"], local_holidays=True)
    assert times(lived, "ROUTED", "LEASED").total.median == Decimal("19.0")  # 26 December is a Saturday


def test_each_pair_of_steps_is_measured_and_each_grouping(lived: World) -> None:
    order = list(MEASURED)
    for place, start in enumerate(order):
        for end in order[place + 1 :]:
            assert times(lived, start, end).total.units >= 1, (start, end)
    assert times(lived, "REGISTERED", "ROUTED").total.units == 2  # the second routing of a unit is not another
    assert [row.name for row in times(lived, "ROUTED", "LEASED", "LANDLORD").rows] == ["Robine Habitat"]
    assert [row.name for row in times(lived, "ROUTED", "LEASED", "COMMUNE").rows] == ["Narbonne"]
    assert [row.name for row in times(lived, "ROUTED", "LEASED", "EPCI").rows] == ["CA Le Grand Narbonne"]


def one_by_one(start: StepKind, end: StepKind) -> list[tuple[int, int]]:
    """(holder, working days), 0 for none, from the steps that are notified of each unit: what is counted where it is
    stored is the same."""
    found = []
    for each in steps(Vacancy.objects.filter(registered_on__year=2026)).values():
        of_the_unit = start in (StepKind.NOTICE, StepKind.REGISTERED)
        keys = [None] if of_the_unit else dict.fromkeys(step.routing for step in each)
        for key in keys:
            part = each if of_the_unit else [step for step in each if step.routing == key]
            begun = first(part, start)
            ended = first(part, end, since=begun.on) if begun else None
            if begun and ended:
                days = working_days(begun.on, ended.on, local=bool(key and key.convention.local_holidays))
                found.append((ended.routing.holder_id if ended.routing else 0, days))
    return sorted(found)


def test_what_is_measured_of_all_is_what_is_notified_of_each(lived: World) -> None:
    """Every pair, and candidates of a unit that is out of the flow."""
    send(lived, "als")
    candidate(lived, lived.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL"))
    for start, end in combinations(MEASURED, 2):
        rows = [
            (span.place or 0, span.days)
            for span in spans(measured_counts(2026), start, end, "HOLDER")
            for _ in range(span.units)
        ]
        assert sorted(rows) == one_by_one(start, end), (start, end)
    assert counts_are_right()


@pytest.fixture
@kept
def five(world: World) -> World:
    """Leases of units of Action Logement in Narbonne (6), the city (2) and the EPCI (1)."""
    for holder, number in (("als", 6), ("city", 2), ("epci", 1)):
        for _ in range(number):
            vacancy = world.vacancy()
            Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
            sign(world, vacancy, signed_on=TODAY + timedelta(days=1))
    return world


def test_one_measures_its_own_units_and_an_officer_who_stated_why_those_of_all(five: World) -> None:
    """By holder, by landlord, by commune: of tables cut in several manners, differences would state of a few."""
    every = [("Action Logement Services", 6), ("Le Grand Narbonne", 1), ("Ville de Narbonne", 2)]
    for person, whole, each in (
        ("alice", False, every),
        ("emma", False, [("Le Grand Narbonne", 1)]),
        ("emma", True, every),
        ("chloe", False, [("Ville de Narbonne", 2)]),
        ("adam", False, []),
    ):
        read = times(five, "ROUTED", "LEASED", person=person, whole=whole)
        assert [(row.name, row.units) for row in read.rows] == each
        assert (read.total.units, read.is_whole) == (sum(units for _, units in each), each == every)


def test_step_times_cost_the_same_whatever_the_number(lived: World, django_assert_num_queries) -> None:
    for number in (5, 30):
        while Vacancy.objects.count() < number:
            candidate(lived, send(lived, "city").vacancy)
        with django_assert_num_queries(4):
            times(lived, "ROUTED", "SENT")


def test_page_of_delays(five: World, sign_in: SignIn) -> None:
    text = page(sign_in("alice"), reverse("step-times"))  # the latest year that has units, though it is January
    assert "<b>1,0 jour ouvré</b>" in text
    assert "de « logement orienté » à « bail signé »" in text
    assert "moins de" not in text
    own = page(sign_in("emma"), f"{reverse('step-times')}?landlord={five.landlord.pk}")
    assert own.count(f"logements enregistrés en {MORNING.year} · Robine Habitat</") == 2, "on the screen and on paper"
    assert "Vos propres logements seulement" in page(sign_in("chloe"), reverse("step-times"))
    assert "Dire pourquoi, et lire les chiffres entiers" in own
    state_purpose(member=five.member("emma"), exercise=MORNING.year, why="CONTROL")
    assert "9 parcours mesurés" in page(sign_in("emma"), f"{reverse('step-times')}?start=ROUTED&end=LEASED")


def test_second_step_that_does_not_follow_is_stated_and_nothing_is_measured(five: World, sign_in: SignIn) -> None:
    """« De bail signé à congé reçu » was answered of « de bail signé à bail signé », under the file of another year."""
    alice, asked = sign_in("alice"), f"{reverse('step-times')}?start=LEASED&end=NOTICE"
    html, words = alice.get(asked).content.decode(), page(alice, asked)
    text = "Choisissez une étape qui suit la première."
    assert f"Rien à mesurer de « bail signé » à « congé reçu ». {text}" in words
    assert f'<span class="err" id="id_end_error">{text}</span>' in words
    assert "« À » : cette étape ne suit pas celle d’avant. Choisissez une valeur de la liste" in words
    assert "cette valeur n’existe pas ici" not in words
    assert "<table" not in html
    assert len(content_of(alice.get(f"{asked}&fichier=csv")).decode().splitlines()) == 1


@pytest.mark.parametrize("name", ["start", "end", "by", "year", "landlord"])
def test_value_that_is_none_of_the_list_is_stated_to_be_ignored(five: World, sign_in: SignIn, name: str) -> None:
    words = page(sign_in("alice"), f"{reverse('step-times')}?{name}=zz")
    assert "cette valeur n’existe pas ici, le filtre est ignoré." in words
    assert "de « logement orienté » à « bail signé »" in words


def test_leases_are_of_the_candidates_reported_here(world: World, sign_in: SignIn) -> None:
    """« Candidats transmis 0, Baux signés 0 » stood beside a path measured up to « bail signé »."""
    vacancy = world.vacancy()
    Routing.objects.create(vacancy=vacancy, holder=world.holders["city"], routed_at=MORNING)
    sign(world, vacancy, signed_on=TODAY + timedelta(days=1))
    address = f"{reverse('step-times')}?start=ROUTED&end=LEASED"
    words = page(sign_in("alice"), address)
    assert "seuls les baux de candidats transmis ici" in words
    figures = re.findall(r'<td class="n" data-l="([^"]+)">\s*([^<]*?)\s*</td>', words)[:4]
    assert dict(figures) == {"Parcours mesurés": "1", "Médiane": "1,0", "Moyenne": "1,0", "Candidats transmis": "0"}
    assert "Candidats par bail" not in words, "a column that holds no figure is left out"
    rows = content_of(sign_in("alice").get(f"{address}&fichier=csv")).decode("utf-8-sig").splitlines()
    row = dict(zip(rows[0].split(";"), rows[1].split(";"), strict=True))
    assert (row["Candidats transmis"], row["Leurs baux"]) == ("0", "")


def test_one_path_has_no_half(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    Routing.objects.create(vacancy=vacancy, holder=world.holders["city"], routed_at=MORNING)
    sign(world, vacancy, signed_on=TODAY + timedelta(days=1))
    text = page(sign_in("alice"), f"{reverse('step-times')}?start=ROUTED&end=LEASED")
    assert "à « bail signé », sur 1 parcours mesuré." in text
    assert "la moitié" not in text


# --- the command ---


def steps_printed(*args: str) -> dict[str, Any]:
    out = StringIO()
    call_command("journey", "--landlord", "999000003", "--year", "2026", *args, stdout=out)
    return json.loads(out.getvalue())


def test_journey_keeps_to_its_schema_and_names_nobody(lived: World) -> None:
    document = steps_printed("--json")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    assert schema["$defs"]["step"]["properties"]["kind"]["enum"] == list(StepKind)
    assert sorted(schema["$defs"]["stage"]["enum"]) == sorted(FlowEntry.Stage.values)
    assert len(document["units"]) == 2
    text = json.dumps(document, ensure_ascii=False)
    assert "Secret" not in text
    assert not re.search(r"[0-9]{18}", text)
    assert [person for person in lived.people.values() if person.full_name in text or person.email in text] == []
    keys = {key for each in document["units"] for key in each} | {
        key for each in document["units"] for step in each["steps"] for key in step
    }
    assert keys.isdisjoint({"text", "name", "number", "birth_date", "address"})


def test_journey_says_what_each_refusal_does(lived: World) -> None:
    [ended] = [step for unit in steps_printed("--json")["units"] for step in unit["steps"] if step["kind"] == "ENDED"]
    assert (ended["reason"], ended["side"]) == ("RENT_REFUSED", "APPLICANT")
    assert (ended["counts_as_offered"], ended["right_consumed"], ended["clock_restarts"]) == (True, False, True)
    [given] = [
        step for unit in steps_printed("--json")["units"] for step in unit["steps"] if step["kind"] == "RETURNED"
    ]
    assert (given["side"], given["right_consumed"]) == ("HOLDER", True)


def test_effects_of_the_units_and_what_is_beside_sum_to_the_account(lived: World) -> None:
    document = steps_printed("--json")
    account = {
        (row["holder__organisation__siren"], row["holder__contingent"], row["stage"]): row["sum"]
        for row in FlowEntry.objects.filter(ledger__in=Ledger.objects.filter(exercise=2026).exclude(kind="TURN"))
        .order_by()
        .values("holder__organisation__siren", "holder__contingent", "stage")
        .annotate(sum=Sum("quantity"))
    }
    summed: dict[tuple[str, int, str], int] = {}
    for unit in document["units"]:
        for entry in unit["entries"]:
            if entry["ledger"]["kind"] == "TURN":  # handed on for one turn, beside the account
                continue
            key = entry["holder"]["siren"], entry["holder"]["contingent"], entry["stage"]
            summed[key] = summed.get(key, 0) + entry["quantity"]
    units, accounts = {}, {}
    for each in document["holders"]:
        who = each["holder"]["siren"], each["holder"]["contingent"]
        units |= {(*who, stage): quantity for stage, quantity in each["units"].items()}
        accounts |= {(*who, stage): quantity for stage, quantity in each["account"].items()}
        assert {stage: each["units"].get(stage, 0) + each["beside"].get(stage, 0) for stage in each["account"]} == each[
            "account"
        ]
    assert units == summed
    assert accounts == account
    assert any(each["beside"] for each in document["holders"])  # two units wait: their dues are distinguished


def test_journey_is_reported_for_people_too(lived: World) -> None:
    out = StringIO()
    call_command("journey", "--landlord", "999000003", "--year", "2026", stdout=out)
    text = out.getvalue()
    assert text.startswith("Robine Habitat, 2026 : 2 logements orientés\n")
    assert "04/12/2026  fin d’une candidature" in text
    assert "refus : le loyer et les charges, compté comme proposé, sans être décompté du droit de réservation" in text
    assert "décompté du droit de réservation ; le délai repart\n" in text
    assert "Secret" not in text


def test_journey_of_a_year_without_anything_is_empty(world: World) -> None:
    assert as_json(journey(world.landlord, 2031)) == {
        "landlord": {"siren": "999000003", "name": "Robine Habitat"},
        "year": 2031,
        "units": [],
        "holders": [],
    }


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("123", "2026"), "Un SIREN a neuf chiffres"),
        (("999000029", "2026"), "Aucun bailleur n’a le SIREN"),
        (("999000003", "99999"), "n’est pas une année"),
    ],
)
def test_unknown_landlord_or_year_is_refused_in_a_sentence(world: World, args, words: str) -> None:
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("journey", "--landlord", args[0], "--year", args[1], "--json", stdout=out, stderr=err)
    assert stopped.value.code == 1
    assert words in err.getvalue()
    assert words in json.loads(out.getvalue())["error"]


def test_journey_costs_the_same_whatever_the_number(lived: World, django_assert_num_queries) -> None:
    for number in (5, 30):
        while Vacancy.objects.count() < number:
            send(lived, "city")
        with django_assert_num_queries(12):
            as_json(journey(lived.landlord, 2026))
