"""A country grows by whole départements, goes on from where it stopped, and the same people ask it for the same."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest
from django.urls import reverse

from benchmarks import page, pages
from benchmarks.data import an_hour
from benchmarks.service import country, growing
from benchmarks.service.country import Plan, add, is_there, plans, reached
from benchmarks.service.walked import ENTERED, again, enter, walk
from flux.models import Ledger, Recommendation, Unit, Vacancy
from reservations.models import Convention, Landlord, Membership, Organisation, SignIn
from reservations.operations.party import register_organisation
from reservations.queries.parties import DEMO_PASSWORD
from tests.world import World, siren, territory


@pytest.fixture
def places(db: None) -> None:
    """The Aude and two neighbours, one EPCI lying in both of these; and Action Logement."""
    near = territory("REGION", "76", "Occitanie")
    far = territory("REGION", "93", "Provence-Alpes-Côte d’Azur")
    territory("DEPARTEMENT", "11", "Aude", region=near)
    across = territory("EPCI", "200035707", "CC de part et d’autre")
    for code, region in (("09", near), ("04", far)):
        departement = territory("DEPARTEMENT", code, f"Département {code}", region=region)
        epci = territory("EPCI", f"2{code}000001", f"CA {code}")
        for number in range(1, 90):
            there = across if number > 85 else epci
            links = {"departement": departement, "region": region, "epci": there}
            territory("COMMUNE", f"{code}{number:03d}", f"Commune {code} {number}", **links)
    register_organisation(name="Action Logement Services", siren=siren(1), kind="ACTION_LOGEMENT")


def few(plan: Plan) -> Plan:
    """The same département, with a few vacancies."""
    return replace(plan, own=(6, 2), everywhere=3, units=20)


@pytest.mark.usefixtures("places")
def test_a_departement_brings_its_state_its_landlords_and_action_logement() -> None:
    first, second = map(few, plans(1))
    assert [each.departement.code for each in (first, second)] == ["09", "04"]  # the région of the Aude first
    steps: list[int] = []
    add(first, seed=1, tell=steps.append)
    assert sum(steps) == first.wanted == 11
    assert (is_there(first), is_there(second)) == (True, False)
    add(second, seed=1)
    als = Organisation.objects.get(kind="ACTION_LOGEMENT")
    everywhere = Landlord.objects.get(acronym=f"B{country.ITS_NUMBER}")
    assert Landlord.objects.count() == 5
    assert set(Convention.objects.filter(organisation=als).values_list("landlord", flat=True)) == set(
        Landlord.objects.values_list("pk", flat=True)
    )
    assert Unit.objects.filter(landlord=everywhere).count() == 2 * 20
    assert Ledger.objects.filter(landlord=everywhere).values("departement").distinct().count() == 2
    across = Organisation.objects.get(kind="EPCI", territory__code="200035707")
    assert Convention.objects.filter(organisation=across).values("landlord").distinct().count() == 5
    # Each vacancy of the flow was decided by the product, and communes have one unit, vacant once.
    of_flow = Vacancy.objects.filter(kind=Vacancy.Kind.IN_FLOW)
    assert Recommendation.objects.values("vacancy").distinct().count() == of_flow.count() > 0
    assert Vacancy.objects.filter(unit__reference__contains="-SEUL-").count() == 2 * 6
    smallest = Unit.objects.filter(landlord__acronym=f"B{country.LANDLORDS + 20 * first.place + 1}")
    assert smallest.count() == country.FEWEST
    assert set(Membership.objects.values_list("role", flat=True)) == {*Membership.ROLES} - {"ADMINISTRATOR"}
    result = reached()
    assert (result.departements, result.landlords, result.vacancies) == (2, 5, Vacancy.objects.count())


@pytest.mark.usefixtures("places")
def test_a_departement_that_is_stopped_leaves_nothing_and_is_begun_again() -> None:
    first = few(plans(1)[0])

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add(first, seed=1, tell=stop)
    assert not is_there(first)
    assert not Unit.objects.exists()
    add(first, seed=1)
    assert is_there(first)


@pytest.mark.usefixtures("places")
def test_the_command_goes_on_from_what_is_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(country, "OWN", (2,))
    monkeypatch.setattr(country, "EVERYWHERE", 1)
    monkeypatch.setattr(country, "ITS_UNITS", 15)
    assert growing.main(["1", "--departements", "1"]) == 0
    assert "1 départements, 2 bailleurs" in capsys.readouterr().out
    assert growing.main(["1", "--departements", "2", "--until", "00:00"]) == 0
    result = capsys.readouterr()
    assert "Département 04 n’aurait pas le temps d’être fait" in result.err
    assert "1 départements, 2 bailleurs" in result.out
    assert growing.main(["1", "--departements", "2"]) == 0
    result = capsys.readouterr()
    assert "Département 09" not in result.err
    assert "2 départements, 3 bailleurs" in result.out
    assert "cinq ans d’un pays" in result.out


def test_an_hour_is_read_and_another_word_is_refused() -> None:
    assert [an_hour("9:05"), an_hour("")] == ["09:05", ""]
    with pytest.raises(ValueError, match="tard"):
        an_hour("tard")


def test_the_same_person_asks_another_size_for_the_same_addresses(world: World) -> None:
    for _ in range(3):
        world.vacancy()
    found = [asdict(each) for each in walk(world.people["alice"], "LANDLORD_MANAGER", {"home", "vacancy-list"}, 0)]
    assert {each["name"].rstrip("?page") for each in found} >= {"vacancy-list"}
    rows = list(again(found, 0))
    assert [(each.email, each.address, each.status) for each in rows] == [
        (world.people["alice"].email, each["address"], 200) for each in found
    ]
    assert all(each.rows > 0 and each.bare == 0 for each in rows)


def test_a_sign_in_is_measured_by_its_password_and_leaves_nothing(world: World) -> None:
    person = world.people["alice"]
    person.set_password(DEMO_PASSWORD)
    person.save()
    enter(person.email, reverse("sign-in"))
    assert not SignIn.objects.exists()
    [result] = walk(person, "LANDLORD_MANAGER", {ENTERED}, 0)[:1]
    assert (result.name, result.status, result.nodes) == (ENTERED, 200, 0)
    assert result.rows > 0
    assert result.median > 0
    person.set_password("another one, which nobody told")
    person.save()
    assert not any(each.name == ENTERED for each in walk(person, "LANDLORD_MANAGER", {ENTERED}, 0))
    with pytest.raises(RuntimeError, match="was not let in: 422"):
        enter(person.email, reverse("sign-in"))


def one(role: str, name: str, rows: int) -> dict[str, object]:
    return {
        "name": name,
        "role": role,
        "email": role,
        "address": f"/{name}/",
        "status": 200,
        "median": rows / 10,
        "bare": 10.0,
        "statements": 5,
        "rows": rows,
        "most": f"flux_vacancy {rows}",
        "bytes": 5000,
        "nodes": 100,
    }


def test_pages_that_pay_for_other_departements_are_named() -> None:
    """Those of the people of the Aude alone: who reads all départements is beside."""
    large = [one("STATE_OFFICER", "home", 1000), one("STATE_OFFICER", "account-list", 500)]
    large += [one("STATE_OFFICER", "search", 100), one("ACTION_LOGEMENT", "home", 4000)]
    france = [one("STATE_OFFICER", "home", 4000), one("STATE_OFFICER", "account-list", 600)]
    france += [one("STATE_OFFICER", "search", 200), one("ACTION_LOGEMENT", "home", 16000)]
    text = pages.steep(large, france)
    assert "2 pages read over 1.2 times" in text
    assert "fewer than 1000 rows more: search." in text
    assert "| home | state_officer | 1000, 4000 | 4.0 | 100, 400 | flux_vacancy 4000 |" in text
    assert "account-list" not in text
    table = pages.markdown([one("STATE_OFFICER", "home", 100)], large, france, [])
    assert "| home | state_officer | 5 | 100, 1000, 4000 | 4.0 | 16000 | 10, 100, 400 | 4.0 | 10.0 | 5 | 100 |" in table
    alone = pages.markdown([one("STATE_OFFICER", "home", 100)], large, [], [])
    assert "| home | action_logement | 5 | 100, 4000 | 10, 400 | 40.0 | 5 | 100 |" in alone


def test_the_document_holds_what_the_pages_come_to_and_the_measures_each_of_them() -> None:
    large = [one("STATE_OFFICER", "home", 1000), one("STATE_OFFICER", "search", 4000)]
    found = {"small": large, "departement": large}
    summary, measures = pages.summary(found), pages.report(found, {})
    assert "Of 2 pages and files of a département, 1 take over 100 ms, 1 over 300." in summary
    assert "| state_officer | 2 |" in summary
    assert "| home |" not in summary
    assert "| home |" in measures


def test_a_table_is_put_between_its_marks(tmp_path: Path) -> None:
    written = tmp_path / "pages.md"
    written.write_text(f"Before.\n{page.begin('it')}\nold\n{page.END}\nAfter.\n", encoding="utf-8")
    page.put("it", "new\n", page="pages.md", folder=tmp_path)
    assert written.read_text(encoding="utf-8") == f"Before.\n{page.begin('it')}\n\nnew\n\n{page.END}\nAfter.\n"
    with pytest.raises(LookupError):
        page.put("another", "new", page="pages.md", folder=tmp_path)


def test_every_page_is_measured_apart() -> None:
    """Both tables are where `--write` puts them, under their marks."""
    for name, command in (("pages.md", "./run bench pages"), ("words.md", "./run bench words")):
        assert page.begin(command) in (page.MEASURED / name).read_text(encoding="utf-8")
        document = "performance.md" if name == "pages.md" else name.replace("words", "pages")
        assert page.begin(command) in (page.DOCS / document).read_text(encoding="utf-8")
