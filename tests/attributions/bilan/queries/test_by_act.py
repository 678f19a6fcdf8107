"""A year of acts beside what became of the units of the year, what leads from one to the other, and what came late."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from attributions.bilan.models import AnnualBalance
from attributions.bilan.operations.lines import correct_line, open_balance
from attributions.bilan.operations.sending import send_balance
from attributions.bilan.queries import recounts as count_again
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.content import Version, content
from attributions.bilan.queries.figures import figures, in_form, same
from attributions.bilan.queries.scope import balances_of
from attributions.households.models import Lease
from attributions.households.operations.lease import undo_lease
from flux.models import FlowEntry, Routing
from flux.operations.routing import route_elsewhere, route_waiting_vacancies
from flux.operations.stock import forget_designated
from flux.queries.controls.folds import drift
from reservations.refusals import Refusal
from tests.attributions.bilan.acts import DECEMBER, JANUARY, at, let, lived_by_act, sealed_then_late
from tests.attributions.bilan.balances import SENT, YEAR, correct, lived, people, send, sign
from tests.flux.operations.test_returning import send as send_unit
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

#: Words of the command, and the stages of `journey`.
STAGES = {
    "proposed": "OFFERED",
    "allocated": "ALLOCATED",
    "leased": "LEASED",
    "returned": "RETURNED",
    "refused": "REFUSED",
}


@pytest.fixture
@kept
def year(world: World) -> World:
    lived_by_act(world)
    return world


def printed_by(command: str, year: int) -> Any:
    out = io.StringIO()
    call_command(command, "--landlord", "999000003", "--year", str(year), "--json", stdout=out)
    return json.loads(out.getvalue())


def recount(day: str, acted_in: int) -> dict[tuple[str, int], dict[str, int]]:
    """What the entries of `journey`, of every year, add up to by the year of a day of theirs."""
    found: dict[tuple[str, int], Counter[str]] = {}
    for exercise in (YEAR, YEAR + 1):
        for unit in printed_by("journey", exercise)["units"]:
            for entry in unit["entries"]:
                if entry["ledger"]["kind"] == "ORDINARY" and int(entry[day][:4]) == acted_in:
                    holder = entry["holder"]["siren"], entry["holder"]["contingent"]
                    found.setdefault(holder, Counter())[entry["stage"]] += entry["quantity"]
    named = {
        holder: {word: counts[stage] for word, stage in STAGES.items() if counts[stage]}
        for holder, counts in found.items()
    }
    return {holder: counts for holder, counts in named.items() if counts}


def by_holder(*lists: list[dict[str, Any]]) -> dict[tuple[str, int], dict[str, int]]:
    """The figures of some lists of holders, together; nothing where all is zero."""
    found: dict[tuple[str, int], Counter[str]] = {}
    for rows in lists:
        for row in rows:
            counts = found.setdefault((row["siren"], row["contingent"]), Counter())
            for word in STAGES:
                counts[word] += row[word]
    named = {holder: {word: count for word, count in counts.items() if count} for holder, counts in found.items()}
    return {holder: counts for holder, counts in named.items() if counts}


@pytest.mark.usefixtures("year")
def test_what_was_done_in_the_course_of_the_year_and_what_became_of_its_units() -> None:
    """« logements attribués au cours de l’année » (CCH, R441-5-1): one of the three that were registered in it."""
    read = printed_by("balance", YEAR)
    rows = {row["measure"]: row for row in read["bridge"]}
    assert rows["allocated"] == {
        "measure": "allocated",
        "by_cohort": 3,
        "done_otherwise": [{"done_in": YEAR + 1, "units": 2}],
        "both": 1,
        "registered_otherwise": [],
        "by_act": 1,
    }
    assert read["total"]["measures"]["allocated"] == 3
    after = {row["measure"]: row for row in printed_by("balance", YEAR + 1)["bridge"]}
    assert after["leased"]["registered_otherwise"] == [{"registered_in": YEAR, "units": 2}]
    assert (after["leased"]["by_cohort"], after["leased"]["by_act"]) == (0, 2)


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize("acted_in", [YEAR, YEAR + 1])
def test_a_recount_of_journey_by_day_is_the_balance(acted_in: int) -> None:
    read = printed_by("balance", acted_in)["by_act"]
    assert by_holder(read["holders"]) == recount("acted_on", acted_in) == recount("on", acted_in) != {}
    assert read["corrections"] == []


def test_a_lease_undone_leaves_the_year_in_which_it_was_signed(year: World) -> None:
    lease = Lease.objects.get(signed_on=DECEMBER)
    undo_lease(lease=lease, why="Erreur de logement.", by=year.people["aline"], now=at(JANUARY))
    for acted_in, leased in ((YEAR, 0), (YEAR + 1, 2)):
        read = printed_by("balance", acted_in)["by_act"]
        assert sum(row["leased"] for row in read["holders"]) == leased
        assert by_holder(read["holders"]) == recount("acted_on", acted_in)
        assert by_holder(read["holders"], read["corrections"]) == recount("on", acted_in)
    assert drift() == {}


def test_a_year_without_a_vacancy_has_the_balance_of_its_acts(year: World) -> None:
    pair = (year.landlord.pk, YEAR + 1)
    for name in ("aline", "bob", "chloe"):
        assert pair in balances_of(year.member(name)), name
    read = balance(year.landlord, YEAR + 1, member=year.member("bob"))
    assert (read.measures.leased, read.cohort.total().leased) == (2, 0)


def test_an_act_after_the_seal_is_stated_on_both_balances(year: World) -> None:
    """« exercices antérieurs » : nothing is in neither, and a new version of the year takes it back."""
    version, late = sealed_then_late(year)
    sealed = version.content
    key = {"siren": late.holder.organisation.siren, "contingent": late.holder.contingent, "name": str(late.holder)}
    one = {"proposed": 0, "allocated": 1, "leased": 1, "returned": 0, "refused": 0}
    assert printed_by("balance", YEAR)["by_act"]["since_sealed"] == [{**key, "taken_by": YEAR + 1, **one}]
    assert printed_by("balance", YEAR + 1)["by_act"]["earlier"] == [{**key, "exercise": YEAR, **one}]
    aude = year.places["Aude"]
    told_next = content(year.landlord, aude, YEAR + 1, Version(1, date(YEAR + 2, 2, 1)), kept=None)
    assert [(line["exercise"], line["allocated"], line["leased"]) for line in told_next["earlier"]] == [(YEAR, 1, 1)]
    version.refresh_from_db()
    assert version.content == sealed
    again = send_balance(
        landlord=year.landlord,
        departement=aude,
        exercise=YEAR,
        note="Un bail de décembre, enregistré en avril.",
        by=year.people["alice"],
        now=at(date(YEAR + 1, 5, 4)),
    )
    sign(year, again)
    assert (
        printed_by("balance", YEAR)["by_act"]["since_sealed"]
        == printed_by("balance", YEAR + 1)["by_act"]["earlier"]
        == []
    )


def test_a_late_act_is_taken_by_one_balance_that_everybody_names(year: World) -> None:
    """The page of a sealed year went on claiming what the next one takes: each says its own, and the same."""
    _, late = sealed_then_late(year)
    signed = {"exercise": YEAR + 1, "note": "Suite.", "now": at(date(YEAR + 2, 2, 2))}
    sign(year, send(year, **signed))
    again = Routing.objects.filter(closed_at=None, leases=None).order_by("pk").first()
    assert again is not None
    let(year, again, date(YEAR, 12, 21), on=date(YEAR + 2, 4, 2))

    def claimed(of: int, key: str) -> list[tuple[int, str, int]]:
        rows = printed_by("balance", of)["by_act"][key]
        return [(row.get("taken_by", of), row["name"], row["leased"]) for row in rows]

    first, second = str(late.holder), str(again.holder)
    assert claimed(YEAR, "since_sealed") == [(YEAR + 1, first, 1), (YEAR + 2, second, 1)]
    assert claimed(YEAR + 1, "earlier") == [(YEAR + 1, first, 1)]
    assert claimed(YEAR + 2, "earlier") == [(YEAR + 2, second, 1)]
    since = printed_by("balance", YEAR)["since"]
    leased = [(each["taken_by"], each["name"]) for each in since if "leased" in each["figures"]]
    assert leased == [(YEAR + 1, first), (YEAR + 2, second)], "act by act, the same balances"


def test_a_correction_by_hand_bears_the_day_of_the_act(world: World) -> None:
    """Made in February, it corrects what was proposed the year before: that year, not this one."""
    routing = lived(world)
    people(world)
    before = printed_by("balance", YEAR)["by_act"]["holders"]
    correct(world, send(world).balance, routing)
    after = printed_by("balance", YEAR)["by_act"]
    assert sum(row["proposed"] for row in before) - sum(row["proposed"] for row in after["holders"]) == 1
    assert by_holder(after["holders"]) == recount("on", YEAR)


def test_a_correction_is_of_the_year_of_its_act(world: World) -> None:
    """What was proposed in November is corrected in the balance of that year, and in no other."""
    gone = lived(world)
    routing = Routing.objects.filter(closed_at=None).order_by("pk")[0]
    next_year = AnnualBalance.objects.create(
        landlord=world.landlord, departement=world.places["Aude"], exercise=YEAR + 1
    )
    about = {"balance": next_year, "vacancy": routing.vacancy, "holder": routing.holder, "why": "Relu."}
    act = about | {"by": world.people["aline"], "now": at(date(YEAR + 1, 3, 2))}
    with pytest.raises(Refusal, match=rf"n’a pas été orienté vers .* en {YEAR + 1} : corrigez le bilan de l’année"):
        correct_line(stage="LAPSED", quantity=1, **act | {"vacancy": gone.vacancy, "holder": gone.holder})
    correct_line(stage="DESIGNATED", quantity=1, **act)
    entry = FlowEntry.objects.latest("pk")
    assert (entry.on, entry.acted_on) == (date(YEAR + 1, 1, 1),) * 2, "it had the unit from the first day of that year"
    this_year = AnnualBalance.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=YEAR)
    lapsed = act | {"vacancy": gone.vacancy, "holder": gone.holder, "stage": "LAPSED"}
    correct_line(quantity=1, **lapsed | {"balance": this_year})
    with pytest.raises(Refusal, match=rf"ne compte pas parmi les « délai écoulé .* en {YEAR + 1} : corrigez le bilan"):
        correct_line(quantity=-1, **lapsed)


@pytest.mark.usefixtures("year")
def test_a_content_of_the_first_form_is_compared_in_its_own_terms(year: World) -> None:
    """What was sealed before balances counted by act keeps its meaning, and the draft says the same in it."""
    now = content(year.landlord, year.places["Aude"], YEAR, Version(2, SENT.date()), kept=None)
    old = {**in_form(now, 1), "version": 1}
    assert {"cohort", "bridge", "earlier"}.isdisjoint(old)
    assert (now["total"]["allocated"], old["total"]["allocated"]) == (1, 3)
    assert same(old, now)
    assert figures(old) == figures(in_form(now, 1)) != figures(now)


def test_the_acts_counted_apart_are_the_cells(year: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("recount_balance", "--year", str(YEAR), "--landlord", "999000003")
    assert "tout concorde" in capsys.readouterr().out
    Lease.objects.filter(signed_on=DECEMBER).update(
        cancelled_at=SENT, cancelled_by=year.people["aline"], cancelled_why="x"
    )
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("recount_balance", "--year", str(YEAR), "--json")
    wrong = json.loads(capsys.readouterr().out)["landlords"][0]["differences"]
    assert {(row["measure"], row["recounted"], row["told"]) for row in wrong} == {("leased", 0, 1)}
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("recount_balance", "--year", str(YEAR))
    assert "cases diffèrent" in capsys.readouterr().out


def test_what_leaves_after_a_correction_by_hand_leaves_the_year_of_its_own_offer(world: World) -> None:
    """10 December's offer was taken back; offered once more in January, the unit is counted by hand in December, then
    leaves in February: January's offer is undone, and the correction of December stands."""
    aline, city = world.people["aline"], world.holders["city"]

    def offer(holder: str, day: date) -> None:
        given = {"motive": "OTHER", "motive_text": "Convenu.", "by": aline, "now": at(day)}
        route_elsewhere(vacancy=vacancy, holder=world.holders[holder], **given)

    vacancy = world.vacancy(now=at(date(YEAR, 12, 9)))
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=at(date(YEAR, 12, 9)))
    offer("city", date(YEAR, 12, 10))
    offer("als", date(YEAR, 12, 12))
    offer("city", JANUARY)
    drafted = open_balance(world.landlord, world.places["Aude"], YEAR)
    correct_line(
        balance=drafted,
        vacancy=vacancy,
        holder=city,
        stage="OFFERED",
        quantity=1,
        why="Elle l’avait bien reçu.",
        by=aline,
        now=at(date(YEAR + 1, 1, 20)),
    )
    offer("epci", date(YEAR + 1, 2, 3))
    counted = vacancy.entries.filter(stage="OFFERED", holder=city).values_list("acted_on__year", "quantity")
    years = {exercise: sum(times for year, times in counted if year == exercise) for exercise in (YEAR, YEAR + 1)}
    assert years == {YEAR: 1, YEAR + 1: 0}
    for exercise in years:
        read = count_again.read_tables(balance(world.landlord, exercise).cells)
        assert count_again.differences(count_again.tables(world.landlord.pk, exercise), read) == []


def test_what_was_counted_by_hand_alone_no_longer_counts_in_its_own_year(world: World) -> None:
    """Where no act stands, the correction is what is undone."""
    vacancy = world.vacancy(now=at(DECEMBER))
    routing = send_unit(world, "city", vacancy, now=at(DECEMBER))
    drafted = open_balance(world.landlord, world.places["Aude"], YEAR)
    given = {"stage": "DESIGNATED", "quantity": 1, "why": "Reçus sur papier.", "by": world.people["aline"]}
    correct_line(balance=drafted, vacancy=routing.vacancy, holder=routing.holder, **given, now=at(JANUARY))
    forget_designated(routing, on=date(YEAR + 1, 2, 3))
    entries = routing.vacancy.entries.filter(stage="DESIGNATED").order_by("pk")
    assert list(entries.values_list("quantity", "acted_on")) == [(1, DECEMBER), (-1, DECEMBER)]
