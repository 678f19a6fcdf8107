"""Committees leave as a file, and come back by the acts of their pages: rules by their days, who sits and who sat (CCH,
L441-2, R441-9)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attributions.households.imports.committees import Committees
from attributions.households.models import Committee, CommitteeMember, CommitteeRules
from attributions.households.operations.committee import found_committee, seat_member, set_rules, unseat_member
from attributions.households.queries.committees import rules_of
from reservations.imports.door import confirm, digest_of
from reservations.models import Membership
from reservations.takeaway import leaving_kinds
from tests.attributions.households.sittings import SINCE, House, house, person
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, run, written
from tests.world import MORNING, World

KIND = Committees.code
HEAD = (
    "commission;nature;depuis le;jusqu’au;territoire;quorum;vote à distance;délai de convocation;source;"
    "qualité;nom;"
    "SIREN de l’organisation;représente les locataires;préside;adresse électronique"
)


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def lived(world: World) -> House:
    """A committee that changed: other rules, a member who left and was replaced, a secretary who left the staff."""
    at, by = house(world), world.people["alice"]
    set_rules(
        committee=at.committee,
        quorum=4,
        remote_allowed=False,
        source="CA",
        starts_on=date(2026, 6, 1),
        convening_days=8,
        by=by,
    )
    unseat_member(member=at.members["Noémie"], ends_on=date(2026, 6, 30), by=by)
    seat_member(
        committee=at.committee,
        capacity="APPOINTED",
        full_name="Yann",
        represents_tenants=True,
        starts_on=date(2026, 7, 1),
        by=by,
    )
    seat_member(
        committee=at.committee,
        capacity="HOLDER",
        full_name="Ali",
        organisation=world.holders["als"].organisation,
        starts_on=date(2026, 7, 1),
        by=by,
    )
    old = seat_member(committee=at.committee, capacity="SECRETARY", full_name="Alice", user=by, starts_on=SINCE, by=by)
    unseat_member(member=old, ends_on=date(2026, 3, 1), by=by)
    found_committee(
        landlord=world.landlord,
        name="CALEOL de Narbonne",
        territory=world.places["Narbonne"],
        quorum=2,
        remote_allowed=False,
        source="CA",
        starts_on=SINCE,
        by=by,
    )
    return at


def test_committees_leave_and_come_back_with_their_past(world: World) -> None:
    world.unit()
    lived(world)
    assert KIND in {kind.code for kind in leaving_kinds(world.member("alice"))}
    content = file_of(world, KIND)
    assert counts(given(world, KIND, content)) == (0, 0, 17, 0)

    written(world, "logements", file_of(world, "logements"), person="zoe")
    order = given(world, KIND, content, person="zoe")
    assert counts(order) == (16, 0, 0, 1)
    [(_, column, sentence)] = faults(order)
    assert (column, "n’agit pas pour" in sentence) == ("adresse électronique", True)
    confirm(order=order, digest=digest_of(order), by=world.people["zoe"])
    assert run(order).state == "DONE"
    there = world.other_landlord
    Membership.objects.create(
        user=world.people["aline"], organisation=there.organisation, role=Membership.Role.LANDLORD_STAFF
    )
    assert counts(written(world, KIND, content, person="zoe")) == (1, 0, 16, 0)
    again = file_of(world, KIND, "zoe")
    assert sorted(again.decode().splitlines()) == sorted(content.decode().splitlines())
    committee = Committee.objects.get(landlord=there, territory=None)
    held = [rules_of(committee, on) for on in (date(2026, 5, 31), date(2026, 6, 1))]
    assert [(each.quorum, each.remote_allowed, each.convening_days) for each in held if each] == [
        (3, True, None),
        (4, False, 8),
    ]
    assert committee.members.sitting(date(2026, 6, 30)).filter(capacity="APPOINTED").count() == 6
    assert committee.members.sitting(date(2026, 7, 1)).get(represents_tenants=True).full_name == "Yann"


def test_a_file_says_that_a_seat_ends_and_corrects_nothing_else(world: World) -> None:
    at = house(world)
    content = file_of(world, KIND).decode("utf-8-sig")
    paul = next(line for line in content.splitlines() if ";Paul;" in line)
    order = written(world, KIND, csv_of(HEAD, paul.replace("01/01/2026;", "01/01/2026;31/12/2026", 1)))
    assert counts(order) == (0, 1, 0, 0)
    at.members["Paul"].refresh_from_db()
    assert at.members["Paul"].ends_on == date(2026, 12, 31)

    rosa = next(line for line in content.splitlines() if ";Rosa;" in line)
    other = rosa.replace(";non;non;", ";oui;non;")
    rules = next(line for line in content.splitlines() if ";règlement;" in line)
    order = given(
        world, KIND, csv_of(HEAD, other, rules.replace(";3;", ";5;"), paul.replace("2026;;", "2026;01/02/2026;"))
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "représente les locataires"),
        (3, "quorum"),
        (4, "jusqu’au"),
    ]


def test_each_wrong_line_is_named_with_the_way_out(world: World) -> None:
    world.unit()
    head = "commission;nature;depuis le;jusqu’au;territoire;quorum;source;qualité;nom;SIREN;préside;courriel"
    rules, appointed = "règlement;01/01/2026", "membre;01/01/2026"
    order = given(
        world,
        KIND,
        csv_of(
            head,
            f"A;{rules};;;3;CA;;;;;",
            f"B;{rules};;;;CA;;;;;",
            f"B0;{rules};;;9;CA;;;;;",
            f"B1;{rules};;34;3;CA;;;;;",
            f"B2;{rules};;Ys;3;CA;;;;;",
            f"B4;{rules};01/02/2026;;3;CA;;;;;",
            f"B;{appointed};;;;;maire de la commune ou son représentant;Chloé;;;",
            f"A;{appointed};;;;;maire de la commune ou son représentant;Chloé;;;",
            f"A;{appointed};;;;;réservataire (voix consultative);Ali;;;",
            f"A;{appointed};;;;;préfet ou son représentant;Bob;999999999;;",
            f"A;{appointed};;;;;préfet ou son représentant;Bob;;;inconnue@exemple.test",
            f"A;{appointed};;;;;préfet ou son représentant;Ben;;oui;",
            f"A;{appointed};01/12/2025;;;;préfet ou son représentant;Bea;;;",
            f"A;{appointed};;;;;;Bea;;;",
            "A;règlement;01/02/2026;;11;3;CA;;;;;",
            f"A;{appointed};;;;;préfet ou son représentant;Brune;;;",
        ),
    )
    assert counts(order)[0] == 2
    assert [(line, column) for line, column, _ in faults(order)] == [
        (3, "quorum"),
        (4, "quorum"),
        (5, "territoire"),
        (6, "territoire"),
        (7, "jusqu’au"),
        (8, "commission"),
        (9, "territoire"),
        (10, "SIREN de l’organisation"),
        (11, "SIREN de l’organisation"),
        (12, "adresse électronique"),
        (13, "qualité"),
        (14, "jusqu’au"),
        (15, "qualité"),
        (16, "territoire"),
    ]
    assert not Committee.objects.exists()
    assert not CommitteeRules.objects.exists()
    assert not CommitteeMember.objects.exists()


def test_a_seat_that_is_over_asks_nothing_of_today(world: World) -> None:
    """Reported after those who followed: the six of then are counted, not those of since; who left acts for nobody."""
    at = house(world)
    by = world.people["alice"]
    before = {"committee": at.committee, "by": by, "starts_on": date(2025, 1, 1), "ends_on": SINCE - timedelta(1)}
    for name in ("Un", "Deux"):
        seat_member(capacity="APPOINTED", full_name=name, presides=name == "Un", **before)
    seat_member(capacity="PREFECT", full_name="Ex", organisation=world.state, user=person("Ex"), now=MORNING, **before)
    assert at.committee.members.sitting(date(2025, 6, 1)).count() == 3
