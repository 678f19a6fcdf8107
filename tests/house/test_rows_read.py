"""What a page reads grows with what it shows, never with what is stored: rows counted by PostgreSQL, no timing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from attributions.bilan.queries.since import since
from attributions.households.models import Application, Proposal, SpanCount
from benchmarks.service.rows_read import rows_read
from benchmarks.service.stored import store
from flux.models import (
    AccountMonth,
    Allotment,
    FlowCell,
    FlowCount,
    Ledger,
    PlaceCell,
    PlaceCount,
    Programme,
    Recommendation,
    Return,
    Routing,
    Vacancy,
)
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.transparency import overrides
from reservations.models import Convention, Landlord, Organisation, ReservationHolder, Territory, User
from reservations.operations.party import register_organisation
from tests.attributions.bilan.balances import SENT, YEAR, lived, people, send, sign
from tests.guards import unguarded
from tests.one_template import OURS
from tests.world import MORNING, World, convention, siren, territory
from tests.world_again import kept

#: Vacancies that another landlord stores, then those of one's own that are let.
OTHERS, LET = 600, 600

#: Decided before in one ledger.
DECIDED = 200

#: Recommended in another département, and to be confirmed there.
AWAITED = 60


@pytest.fixture(scope="module", autouse=True)
def compact(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tables and indexes as long as what they hold: how long earlier tests made them weighs in the choice of a plan."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(OURS)
        cursor.execute(f"VACUUM FULL {', '.join(connection.ops.quote_name(name) for (name,) in cursor.fetchall())}")


@pytest.fixture(autouse=True)
def swept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Without the rows that other tests took back: the entries of an index that lead to them are looked at too."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("VACUUM")


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)


@pytest.fixture
@kept
def stock(world: World) -> Ledger:
    """A unit routed, then six hundred of the same landlord, let since; its account. Written once by the triggers, then
    put back as it was: what is measured is who reads it."""
    world.vacancy()
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    return store(world.landlord, world.people["alice"], OTHERS, let=OTHERS)


def read(client: Client, *addresses: str) -> dict[str, int]:
    """Rows that the database looks at for each of these pages, the second time that they are asked for.

    A table of a few hundred rows is quicker read whole than by an index, and PostgreSQL knows it: it is reported not
    to, as it does by itself of a large one.
    """
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for address in addresses:
        for _ in range(2):
            with rows_read() as rows:
                assert client.get(address).status_code == 200, address
        found[address] = rows.total
    return found


def by_table(client: Client, address: str) -> dict[str, int]:
    """The same of one page, by table."""
    read(client, address)
    with rows_read() as rows:
        assert client.get(address).status_code == 200, address
    return rows.rows


def test_a_landlord_pays_for_what_its_own_pages_show(world: World, sign_in: Callable[[str], Client]) -> None:
    """Ten vacancies of one's own; six hundred of others; then as many of one's own, let since. A page that read what is
    stored once would read them all."""
    for _ in range(10):
        world.vacancy()
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    pages = (
        reverse("vacancy-list"),
        reverse("account-list"),
        reverse("account", args=[book.pk]),
        reverse("offer-list"),
        reverse("file-list"),
        reverse("application-list"),
        f"{reverse('search')}?q=voltaire+12",
        reverse("home"),
        reverse("inbox"),
        reverse("step-times"),
    )
    client = sign_in("alice")
    analyse()
    before = read(client, *pages)
    store(world.other_landlord, world.people["zoe"], OTHERS, let=OTHERS)
    analyse()
    beside = read(client, *pages)
    assert {page: beside[page] - rows for page, rows in before.items() if beside[page] > rows + OTHERS // 2} == {}
    store(world.landlord, world.people["alice"], LET, let=LET)
    assert Vacancy.objects.filter(is_let=True, landlord=world.landlord).count() == LET
    analyse()
    theirs = ("offer-list", "file-list", "step-times")
    own = read(client, reverse("account", args=[book.pk]), *(reverse(name) for name in theirs))
    assert {page: rows - before[page] for page, rows in own.items() if rows > before[page] + LET // 2} == {}


def test_whoever_oversees_pays_for_the_places_of_its_territory(
    world: World, stock: Ledger, sign_in: Callable[[str], Client]
) -> None:
    """Six hundred vacancies there, which the State lists: it is shown twenty-five of them, and how many they
    are, without a reading of each, of its unit and of what it was, for every
    choice that a filter offers."""
    analyse()
    address, client = reverse("vacancy-list"), sign_in("bob")
    read(client, address)
    with rows_read() as rows:
        page = client.get(address).context["page"]
    assert page.paginator.count == OTHERS + 1
    among = ("flux_vacancy", "flux_unit", "flux_unitdescription", "reservations_territory")
    assert sum(rows.rows.get(table, 0) for table in among) < 2 * OTHERS, rows.most


def test_whoever_oversees_pays_for_places_and_holders_and_not_for_leases(
    world: World, stock: Ledger, sign_in: Callable[[str], Client]
) -> None:
    """Six hundred units routed and let: the objectives and delays of the year, the boards of the territory, what the
    State had beside its caps, its home and that of a landlord, and what a forecast looks back on are read from counts
    (`LeaseCount`, `SpanCount`, `PlaceCell`, `RoutingCount`, `FlowCount`)."""
    analyse()
    year = MORNING.year
    pages = {
        "bob": (
            reverse("home"),
            reverse("objective-list"),
            f"{reverse('step-times')}?start=REGISTERED&end=ROUTED&by=COMMUNE",
            reverse("balance-territory", args=[year]),
            reverse("balance-cil", args=[year]),
            reverse("balance-scale", args=[year]),
            reverse("balance-state", args=[year]),
            reverse("check-list"),
            reverse("check-detail", args=[world.landlord.pk]),
        ),
        "emma": (reverse("home"), reverse("objective-list"), reverse("step-times")),
        "alice": (reverse("forecast-edit", args=[world.landlord.pk, world.places["Aude"].code, year]),),
    }
    one_by_one = ("attributions_lease", "flux_vacancy", "flux_routing", "flux_flowentry", "flux_unitdescription")
    for person, addresses in pages.items():
        client = sign_in(person)
        for address in addresses:
            read(client, address)
            with rows_read() as rows:
                assert client.get(address).status_code == 200, address
            assert sum(rows.rows.get(table, 0) for table in one_by_one) < OTHERS, (person, address, rows.most)
    # The units that await her decision are counted one by one; what is at somebody's today is not.
    with rows_read() as rows:
        assert client.get(reverse("home")).context["landlord"].routed == Routing.objects.filter(closed_at=None).count()
    assert rows.rows.get("flux_routing", 0) < OTHERS + OTHERS // 10, rows.most


def test_a_holder_that_oversees_asks_of_its_own_leases_whether_it_sees_them(
    world: World, stock: Ledger, sign_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six hundred leases, none of them of the State, whose units it sees: those behind a figure are its own, each asked
    by its key; and a year that a worker replays is read by nobody else."""
    analyse()
    client, year = sign_in("bob"), MORNING.year
    address = f"{reverse('objective-leases', args=['FIRST_QUARTILE_OUTSIDE_QPV'])}?year={year}"
    read(client, address)
    with rows_read() as rows:
        assert client.get(address).status_code == 200
    assert rows.rows.get("flux_vacancy", 0) < OTHERS // 2, rows.most
    monkeypatch.setattr("flux.views.whatif.AT_ONCE", 0)
    with rows_read() as rows:
        assert client.get(reverse("whatif", args=[stock.pk]), {"rotation": "300"}).status_code == 202
    read_of_it = ("flux_vacancy", "flux_routing", "flux_recommendation", "flux_flowentry")
    assert sum(rows.rows.get(table, 0) for table in read_of_it) < OTHERS // 2, rows.most


def test_boards_read_each_month_once_and_no_cell(world: World, sign_in: Callable[[str], Client]) -> None:
    """The boards of a territory add up the cells of its communes (`PlaceCell`), and read each month of the accounts
    once, for the part that lies there and the whole: once more by commune; the home, once more as it is today."""
    world.vacancy()
    book, narbonne = Ledger.objects.ordinary().get(), world.places["Narbonne"]
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    of = {"ledger": book, "holder": world.holders["priority"], "commune": narbonne}
    year = MORNING.year
    FlowCell.objects.bulk_create(
        FlowCell(**of, year=year, rooms=rooms, construction_year=1900 + built, offered=1)
        for rooms in range(1, 7)
        for built in range(100)
    )
    AccountMonth.objects.bulk_create(
        AccountMonth(**of | {"commune": place}, month=MORNING.date().replace(day=1, month=month), routed=1)
        for place in Territory.objects.filter(kind="COMMUNE")
        for month in range(1, 11)
    )
    analyse()
    months = AccountMonth.objects.count()
    assert PlaceCell.objects.get(**of).offered == OTHERS
    client = sign_in("bob")
    for address, times in (
        (reverse("balance-territory", args=[year]), 1),
        (reverse("balance-communes", args=[year]), 2),  # by landlord, then by commune
        (reverse("balance-cil", args=[year]), 2),
        (reverse("balance-state", args=[year]), 2),
        (reverse("home"), 2),
    ):
        read(client, address)
        with rows_read() as rows:
            assert client.get(address).status_code == 200, address
        assert rows.rows.get("flux_accountmonth", 0) < (times + 1) * months, (address, months, rows.most)
        assert rows.rows.get("flux_flowcell", 0) < OTHERS // 10, (address, rows.most)
    # Whether a holder reads them is asked of each commune, and not of each month.
    address, client = reverse("balance-list"), sign_in("chloe")
    read(client, address)
    with rows_read() as rows:
        assert client.get(address).status_code == 200
    assert rows.rows.get("reservations_territory", 0) < months, (months, rows.most)


def test_a_holder_without_a_territory_pays_for_what_is_shown(world: World, sign_in: Callable[[str], Client]) -> None:
    """Thirty units where the city has a right, then six hundred more there: which places it sees is found once, and not
    of each unit that is stored there."""
    for _ in range(30):
        world.vacancy()
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    store(world.landlord, world.people["alice"], OTHERS, let=OTHERS)
    analyse()
    listed, client = reverse("vacancy-list"), sign_in("chloe")
    assert not client.get(listed).wsgi_request.member.is_overseer
    assert client.get(listed).context["page"].paginator.count == OTHERS + 30
    for address in (listed, reverse("step-times"), reverse("home"), reverse("inbox")):
        read(client, address)
        with rows_read() as rows:
            assert client.get(address).status_code == 200, address
        of_each = ("flux_vacancy", "flux_flowentry", "reservations_convention", "reservations_territory")
        assert sum(rows.rows.get(table, 0) for table in of_each) < OTHERS // 3, (address, rows.most)
    # What a filter leaves is counted by one reading of each, and none of the conventions.
    of_flow = f"{listed}?kind={Vacancy.Kind.IN_FLOW}"
    read(client, of_flow)
    with rows_read() as rows:
        assert client.get(of_flow).context["page"].paginator.count == OTHERS + 30
    assert rows.rows.get("reservations_convention", 0) < OTHERS // 3, rows.most
    assert rows.rows["flux_vacancy"] < 3 * OTHERS, rows.most


def test_accounts_of_other_departements_are_not_looked_at(world: World, sign_in: Callable[[str], Client]) -> None:
    """Forty accounts of another landlord in another département of sixty communes: who oversees the Aude finds its own
    from the territory that it has, and not by asking of each account which communes lie there."""
    world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    herault = world.places["Hérault"]
    for number in range(60):
        territory("COMMUNE", f"34{900 + number}", f"Ailleurs {number}", departement=herault, region=herault.region)
    analyse()
    pages = {"bob": reverse("account-list"), "emma": reverse("account-list"), "chloe": reverse("account-list")}
    before = {person: read(sign_in(person), address)[address] for person, address in pages.items()}
    Ledger.objects.bulk_create(
        Ledger(landlord=world.other_landlord, departement=herault, exercise=year) for year in range(1990, 2030)
    )
    analyse()
    for person, address in pages.items():
        more = read(sign_in(person), address)[address] - before[person]
        assert more < 10 * 40, (person, more)


def test_a_holder_finds_what_came_to_it_elsewhere_by_itself(world: World, sign_in: Callable[[str], Client]) -> None:
    """Six hundred units of a landlord that promised the city nothing, of which one was routed to it: it sees that one,
    and pays for no other; nor does what its filter offers read all that is routed."""
    for _ in range(3):
        world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    before = {"starts_on": date(MORNING.year - 1, 1, 1), "ends_on": date(MORNING.year - 1, 12, 31)}
    with unguarded("reservations_convention.terms_kept", "reservations_convention.end_kept"):
        Convention.objects.filter(organisation=world.holders["city"].organisation).update(**before)
    store(world.landlord, world.people["alice"], OTHERS, let=OTHERS)
    apart = Routing.objects.filter(vacancy__unit__reference__startswith="PLEIN").order_by("pk")[0]
    Routing.objects.filter(pk=apart.pk).update(closed_at=MORNING)
    Routing.objects.create(vacancy=apart.vacancy, holder=world.holders["city"], routed_at=MORNING)
    analyse()
    client = sign_in("chloe")
    came = Routing.objects.filter(holder=world.holders["city"], closed_at=None).count()
    assert client.get(reverse("vacancy-list")).context["page"].paginator.count == came
    for address in (reverse("vacancy-list"), reverse("step-times"), reverse("candidate-export")):
        read(client, address)
        with rows_read() as rows:
            assert client.get(address).status_code == 200, address
        of_each = ("flux_unit", "flux_routing", "flux_unitreader", "attributions_proposal")
        assert sum(rows.rows.get(table, 0) for table in of_each) < OTHERS // 3, (address, rows.most)


def test_a_stock_is_counted_once(world: World, stock: Ledger, sign_in: Callable[[str], Client]) -> None:
    """Six hundred units of one's own, of which none is stated reserved: the checklist counts them in one reading, and
    what was decided from the counts of months; the départements of a forecast are found by as many seeks as communes.
    """
    analyse()
    client = sign_in("alice")
    for name, units in (("starting", OTHERS), ("told-rights", 0), ("forecast-list", 0)):
        read(client, reverse(name))
        with rows_read() as rows:
            assert client.get(reverse(name)).status_code == 200, name
        assert rows.rows.get("flux_unit", 0) < units + 50, (name, rows.most)
        assert rows.rows.get("flux_recommendation", 0) < OTHERS // 3, (name, rows.most)


def test_whose_candidates_one_reads_is_found_from_those_that_one_proposed(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Six hundred candidatures at another landlord, and one of one's own: the list offers one landlord, asked once, and
    reads nothing of the other."""
    world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    store(world.landlord, world.people["alice"], 1, let=0)
    store(world.other_landlord, world.people["zoe"], OTHERS, let=OTHERS)
    asking = Application.objects.create(number="011200000000000001", name="Durand", birth_date=MORNING.date(), adults=1)
    routed = Routing.objects.filter(vacancy__unit__reference__startswith="PLEIN")
    Proposal.objects.bulk_create(
        Proposal(
            vacancy=routing.vacancy,
            routing=routing,
            application=asking,
            proposer=routing.holder.organisation,
            position=1,
            since=MORNING,
            created_at=MORNING,
            created_by=world.people["alice"],
            adults=1,
            children=0,
        )
        for routing in routed.select_related("vacancy", "holder__organisation")
    )
    analyse()
    address, client = reverse("candidate-export"), sign_in("alice")
    read(client, address)
    with rows_read() as rows, CaptureQueriesContext(connection) as asked:
        offered = client.get(address).context["form"].fields["landlord"].queryset
    assert list(offered) == [world.landlord]
    assert sum("attributions_proposal" in each["sql"] for each in asked.captured_queries) == 1
    one_by_one = ("flux_vacancy", "attributions_proposal", "attributions_application")
    assert sum(rows.rows.get(table, 0) for table in one_by_one) < OTHERS // 3, rows.most


def test_counts_of_other_departements_are_asked_neither_links_nor_conventions(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Six hundred counts of another landlord in another département: who reads the balances of the Aude looks for what
    covers them in its own territory and among its own signatures, found once."""
    world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    herault = world.places["Hérault"]
    places = [
        territory("COMMUNE", f"34{900 + number}", f"Ailleurs {number}", departement=herault, region=herault.region)
        for number in range(OTHERS // 10)
    ]
    FlowCount.objects.bulk_create(
        FlowCount(
            landlord=world.other_landlord, commune=place, month=MORNING.date().replace(day=1, month=month), units=1
        )
        for place in places
        for month in range(1, 11)
    )
    analyse()
    for person in ("bob", "emma", "chloe"):
        client = sign_in(person)
        read(client, reverse("balance-list"))
        with rows_read() as rows:
            assert client.get(reverse("balance-list")).status_code == 200
        asked = ("reservations_convention", "reservations_territorylink")
        assert sum(rows.rows.get(table, 0) for table in asked) < OTHERS // 2, (person, rows.most)


def test_what_landlords_of_other_departements_have_is_not_looked_at(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Thirty landlords of another département, with three hundred programmes shared there, as many conventions signed
    and counts of what fell vacant: who reads those of the Aude finds its own from its territory, and from what is its
    own."""
    world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    herault, today = world.places["Hérault"], MORNING.date()
    holder = ReservationHolder.objects.create(
        organisation=Organisation.objects.create(name="Ailleurs", kind=Organisation.Kind.COMMUNE, siren=siren(700)),
        contingent=ReservationHolder.Contingent.AUTHORITY,
    )
    landlords = [
        Landlord.objects.create(
            organisation=Organisation.objects.create(
                name=f"Office {number}", article="l’", kind=Organisation.Kind.LANDLORD, siren=siren(701 + number)
            ),
            acronym=f"O{number}",
        )
        for number in range(30)
    ]
    there = [
        (landlord, territory("COMMUNE", f"34{100 + number}", f"Ailleurs {number}", departement=herault))
        for number, landlord in enumerate(landlords * 10)
    ]
    dated = {"starts_on": today, "ends_on": today, "signed_on": today, "status": Convention.Status.SIGNED}
    Convention.objects.bulk_create(
        Convention(landlord=landlord, organisation=holder.organisation, perimeter=place, **dated)
        for landlord, place in there
    )
    agreed = {"delivered_on": today, "expected_units": 1, "allotment_agreed_on": today}
    built = Programme.objects.bulk_create(
        Programme(landlord=landlord, number=number, name=f"Neuf {number}", commune=place, **agreed)
        for number, (landlord, place) in enumerate(there)
    )
    Allotment.objects.bulk_create(Allotment(programme=each, holder=holder, units=1) for each in built)
    FlowCount.objects.bulk_create(
        FlowCount(landlord=landlord, commune=place, month=today.replace(day=1), units=1) for landlord, place in there
    )
    analyse()
    stored = ("reservations_convention", "flux_programme", "flux_flowcount")
    # So few conventions that one statement of the list goes through them; it asked for them five times.
    most = {"convention-list": 2 * len(there), "programme-list": len(there) // 2, "balance-list": len(there) // 2}
    for person in ("alice", "bob", "emma", "chloe"):
        client = sign_in(person)
        for name, bound in most.items():
            read(client, reverse(name))
            with rows_read() as rows:
                assert client.get(reverse(name)).status_code == 200, name
            assert sum(rows.rows.get(table, 0) for table in stored) < bound, (person, name, rows.most)


def test_whose_file_is_open_is_asked_of_the_units_shown(
    world: World, stock: Ledger, sign_in: Callable[[str], Client]
) -> None:
    """Six hundred units that the State opens, of which fifty are shown behind a figure: each is asked by its own
    routing, and what is routed to the State is not read whole."""
    ids = list(Vacancy.objects.filter(unit__reference__startswith="PLEIN").order_by("pk").values_list("pk", flat=True))
    Routing.objects.filter(vacancy__in=ids).update(closed_at=MORNING)
    Routing.objects.bulk_create(
        Routing(vacancy_id=each, holder=world.holders["priority"], routed_at=MORNING) for each in ids
    )
    analyse()
    asked = Vacancy.objects.with_file_access(world.member("bob")).filter(pk__in=ids[:50])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with rows_read() as rows:
        assert [each.file_open for each in asked] == [True] * 50
    assert rows.rows["flux_routing"] < 3 * 50, rows.most


@pytest.fixture
def beziers(world: World) -> Callable[[], None]:
    """Another département, whose State and city have their own conventions with a landlord of theirs: six hundred units
    there at their landlord, without candidates, sixty recommended and to be confirmed, and counts of as many places,
    months and delays."""
    herault, kinds = world.places["Hérault"], Organisation.Kind
    state, city = (
        register_organisation(siren=siren(80 + number), name=f"Ailleurs {kind}", kind=kind, territory=place)
        for number, (kind, place) in enumerate(((kinds.STATE, herault), (kinds.COMMUNE, world.places["Béziers"])))
    )
    for rank, (organisation, place) in enumerate(((state, herault), (city, world.places["Béziers"])), 1):
        holder = ReservationHolder.objects.filter(organisation=organisation).order_by("pk")[0]
        convention(world.other_landlord, organisation, place, (holder, "20", rank))

    def filled() -> None:
        zoe, other = world.people["zoe"], world.other_landlord
        awaited = [world.vacancy(landlord=other, commune="Béziers") for _ in range(AWAITED)]
        assert awaited[0].ledger_id is not None
        route_waiting_vacancies(ledger_id=awaited[0].ledger_id, now=MORNING)
        store(other, zoe, OTHERS, let=0)
        places = [
            territory("COMMUNE", f"34{900 + number}", f"Ailleurs {number}", departement=herault, region=herault.region)
            for number in range(OTHERS // 10)
        ]
        month = MORNING.date().replace(day=1)
        FlowCount.objects.bulk_create(
            FlowCount(landlord=other, commune=place, month=month.replace(month=number), units=1)
            for place in places
            for number in range(1, 11)
        )
        PlaceCount.objects.bulk_create(
            PlaceCount(landlord=other, commune=place, year=year, units=1)
            for place in places
            for year in range(2017, 2027)
        )
        SpanCount.objects.bulk_create(
            SpanCount(
                landlord=other,
                fell=MORNING.year,
                start="ROUTED",
                reached="LEASED",
                place=place,
                commune=place,
                days=days,
                holder=holder,
                open_holder=holder,
                units=1,
            )
            for holder in [ReservationHolder.objects.get(organisation=city)]
            for place in places
            for days in range(10)
        )
        analyse()

    return filled


@pytest.mark.nightly  # which index serves depends on what other tests left in the tables
@pytest.mark.parametrize("person", ["bob", "chloe", "emma"])
def test_people_of_one_departement_pay_for_no_other(
    world: World, beziers: Callable[[], None], sign_in: Callable[[str], Client], person: str
) -> None:
    """What awaits candidates, what is to be confirmed, what fell vacant and how long it took elsewhere: the home and
    the lists of the State, of a city and of an EPCI of the Aude read none of it."""
    for _ in range(30):
        world.vacancy()
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    analyse()
    client = sign_in(person)
    pages = [reverse(name) for name in ("home", "opening-list", "vacancy-list", "step-times")]
    own = world.holders[{"bob": "priority", "chloe": "city", "emma": "epci"}[person]]
    pages.append(reverse("why-not-us", args=[book.pk, own.pk]))
    if person != "emma":
        pages.append(reverse("file-list"))
    before = {page: by_table(client, page) for page in pages}
    beziers()
    # A list walked from its end passes what fell vacant elsewhere; what awaits a decision is a small table; and with
    # one other landlord, PostgreSQL takes its counts for those of one's own.
    apart = {"flux_vacancy", "flux_awaiteddecision", "flux_flowcount", "flux_placecount", "attributions_spancount"}
    assert Recommendation.objects.filter(holder__organisation__territory=world.places["Béziers"]).exists()
    after = {page: by_table(client, page) for page in pages}
    more = {
        (page, table): rows - before[page].get(table, 0)
        for page, found in after.items()
        for table, rows in found.items()
        if table not in apart and rows > before[page].get(table, 0) + OTHERS // 6
    }
    assert more == {}


def test_a_holder_finds_the_page_of_its_list_by_an_index(
    world: World, stock: Ledger, sign_in: Callable[[str], Client]
) -> None:
    """Units of which the State opens some: counted by an index, an entry a row, and fifty shown; what a filter offers
    is found by as many seeks as there are communes and programmes, whatever is routed to others."""
    some = Routing.objects.filter(vacancy__unit__reference__startswith="PLEIN").order_by("pk")[: OTHERS // 4]
    ids = list(some.values_list("vacancy", flat=True))
    Routing.objects.filter(vacancy__in=ids).update(closed_at=MORNING)
    Routing.objects.bulk_create(
        Routing(vacancy_id=each, holder=world.holders["priority"], routed_at=MORNING) for each in ids
    )
    analyse()
    address, client = reverse("unit-list"), sign_in("bob")
    read(client, address)
    with rows_read() as rows:
        page = client.get(address).context["page"]
    assert (page.paginator.count, len(page)) == (OTHERS // 4, 25)
    among = ("flux_routing", "flux_vacancy", "flux_unit")
    assert sum(rows.rows.get(table, 0) for table in among) < 5 * len(page), rows.most
    assert rows.rows["flux_unitreader"] < OTHERS // 4 + 3 * len(page), rows.most


def test_pages_that_count_a_year_read_its_units_once(
    world: World, stock: Ledger, sign_in: Callable[[str], Client]
) -> None:
    """« Pourquoi pas nous ? » and the units behind a figure of a balance: what each counts is read with what a filter
    offers, and the entries of other stages are not; the rights of a holder are found once, and not for each unit."""
    analyse()
    why_not = reverse("why-not-us", args=[stock.pk, world.holders["landlord"].pk])
    of_city = reverse("why-not-us", args=[stock.pk, world.holders["city"].pk])
    once = {"flux_unitdescription": 1, "reservations_quota": 1, "reservations_convention": 1}
    behind = reverse("balance-units", args=[world.landlord.pk, stock.exercise])
    for address, client, bounds in (
        (why_not, sign_in("bob"), {"flux_vacancy": 3, "flux_flowentry": 1, **once}),
        (of_city, sign_in("chloe"), {"flux_vacancy": 3, "flux_flowentry": 2, **once}),
        # as each unit was that day: once where they are counted, and twice for those of the page
        (behind, sign_in("alice"), {"flux_vacancy": 3, "flux_flowentry": 2, "flux_unitdescription": 1.1}),
    ):
        read(client, address)
        with rows_read() as rows:
            assert client.get(address).status_code == 200
        most = {table: each * OTHERS for table, each in bounds.items()}
        assert {table: rows.rows.get(table, 0) for table in most if rows.rows.get(table, 0) > most[table]} == {}, (
            address
        )


def test_a_balance_reads_each_cell_once_and_what_lacks_an_axis_alone(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Six hundred cells: the pages of a balance state their five tables and how complete they are from one reading.
    Sixty units that lack nothing: those to complete, five, are found without them, but for what was offered."""
    units = [world.vacancy().pk for _ in range(60)] + [world.vacancy(financing_code="").pk for _ in range(5)]
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    confirm_recommendations(vacancies=units, by=world.people["aline"], now=MORNING)
    of = {"ledger": book, "holder": world.holders["priority"], "commune": world.places["Narbonne"]}
    FlowCell.objects.bulk_create(
        FlowCell(**of, year=book.exercise, rooms=rooms, construction_year=1900 + built, financing_code="13", offered=1)
        for rooms in range(1, 7)
        for built in range(100)
    )
    analyse()
    cells, about = FlowCell.objects.count(), [world.landlord.pk, book.exercise]
    pages = [reverse(name, args=about) for name in ("balance", "balance-defects")]
    pages.append(reverse("balance-axis", args=[*about, "typologie"]))
    for person in ("alice", "bob"):
        client = sign_in(person)
        for address in pages:
            read(client, address)
            with rows_read() as rows:
                assert client.get(address).status_code == 200, address
            assert rows.rows["flux_flowcell"] < cells + OTHERS // 3, (person, address, rows.most)
            assert rows.rows.get("flux_vacancy", 0) < 60, (person, address, rows.most)


def test_transparency_reads_each_unit_and_each_decision_once(world: World, sign_in: Callable[[str], Client]) -> None:
    """Sixty units decided: each decision is read once for the order, without its vacancy; the file of good units reads
    none of them."""
    units = [world.vacancy().pk for _ in range(60)]
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    confirm_recommendations(vacancies=units, by=world.people["aline"], now=MORNING)
    analyse()
    address, client = reverse("transparency", args=[book.pk]), sign_in("bob")
    read(client, address, f"{address}?fichier=csv")
    with rows_read() as rows:
        assert client.get(address).status_code == 200
    assert rows.rows["flux_recommendation"] < 80, rows.most
    assert rows.rows["flux_vacancy"] < 150, rows.most
    with rows_read() as rows:
        assert client.get(f"{address}?fichier=csv").status_code == 200
    assert sum(rows.rows.get(f"flux_{table}", 0) for table in ("vacancy", "routing", "recommendation")) < 20, rows.most


def test_what_people_overrode_is_reported_without_what_they_followed(world: World) -> None:
    """Sixty units routed as they were recommended: transparency counts them, and what was sent elsewhere, from the
    counts of their account (`ChoiceCount`)."""
    units = [world.vacancy().pk for _ in range(60)]
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    confirm_recommendations(vacancies=units, by=world.people["aline"], now=MORNING)
    analyse()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with rows_read() as rows:
        assert overrides(book).routed == 60
    assert rows.total < 30, rows.most


def test_the_last_page_of_a_list_reads_what_the_first_does(
    world: World, stock: Ledger, sign_in: Callable[[str], Client]
) -> None:
    """Six hundred requests and units: each is notified how many they are by an index, and shown one page of them."""
    made = Application.objects.bulk_create(
        Application(number=f"0112{n:014d}", name=f"Durand {n}", birth_date=MORNING.date(), adults=1)
        for n in range(OTHERS)
    )
    registered = Application.organisations.through
    registered._default_manager.bulk_create(
        registered(application=each, organisation=world.landlord.organisation) for each in made
    )
    analyse()
    client = sign_in("alice")
    for address in (reverse("unit-list"), reverse("application-list")):
        count = client.get(address).context["page"].paginator.count
        assert count >= OTHERS, address
        last = f"{address}?page={client.get(address).context['page'].paginator.num_pages}"
        rows = read(client, address, last)
        assert rows[last] < rows[address] + 50, address
        assert rows[address] < count + 700, address


def test_a_holder_pays_for_its_own_households(world: World, sign_in: Callable[[str], Client]) -> None:
    """Thirty households of the town, then three thousand of another holder, so many that no plan reads them all for
    thirty: neither read, nor counted, one by one; and what awaits the town is found without them."""

    def keep(organisation: Organisation, first: int, number: int) -> None:
        made = Application.objects.bulk_create(
            Application(number=f"0112{first + n:014d}", name=f"Durand {n}", birth_date=MORNING.date(), adults=1)
            for n in range(number)
        )
        registered = Application.organisations.through
        registered._default_manager.bulk_create(
            registered(application=each, organisation=organisation) for each in made
        )

    keep(world.holders["city"].organisation, 0, 30)
    analyse()
    client, addresses = sign_in("chloe"), (reverse("household-list"), reverse("inbox"))
    before = read(client, *addresses)
    assert client.get(addresses[0]).context["page"].paginator.count == 30
    keep(world.holders["priority"].organisation, 1000, 5 * OTHERS)
    analyse()
    after = read(client, *addresses)
    assert client.get(addresses[0]).context["page"].paginator.count == 30
    assert {page: rows - before[page] for page, rows in after.items() if rows > before[page] + OTHERS // 10} == {}


def test_the_queue_is_found_whatever_was_decided_before(world: World) -> None:
    """Sixty units decided since: what waits, and what is to be confirmed, are read for themselves."""
    for _ in range(5):
        world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    for _ in range(5):
        world.vacancy()
    lists = (Vacancy.objects.waiting, Vacancy.objects.to_confirm, Vacancy.objects.to_decide)
    found = [set(each().values_list("pk", flat=True)) for each in lists]
    assert [len(each) for each in found] == [5, 5, 10]
    book = Ledger.objects.ordinary().get()
    units = [world.unit() for _ in range(60)]
    for unit in units:
        world.vacancy(unit)
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    later = list(Vacancy.objects.filter(unit__in=units).order_by("pk").values_list("pk", flat=True))
    confirm_recommendations(vacancies=later, by=world.people["aline"], now=MORNING)
    analyse()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with rows_read() as rows:
        assert set(Vacancy.objects.to_decide().values_list("pk", flat=True)) == found[1] | found[0]
    assert rows.rows["flux_recommendation"] < 60, rows.rows


def test_a_decision_reads_no_more_for_what_its_ledger_decided(transactional_db: None, world: World) -> None:
    """One vacancy, then one after two hundred of the same ledger, confirmed since; each act in a transaction of its
    own, as in production: what one writes over is swept before the next is counted. The entries of an account, which
    triggers ask by an index that a small table makes indifferent, are counted by `./run bench pace`."""
    for _ in range(5):
        world.vacancy()
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    found = []
    for more in (0, DECIDED):
        if more:
            several = [world.vacancy().pk for _ in range(more)]
            route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
            confirm_recommendations(vacancies=several, by=world.people["aline"], now=MORNING)
        world.vacancy()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
            with rows_read() as rows:
                assert route_waiting_vacancies(ledger_id=book.pk, now=MORNING) == 1
        found.append(rows.total - rows.rows["flux_flowentry"])
        rows.rows["flux_flowentry"] = 0
    assert found[1] < found[0] + DECIDED // 4, rows.most


def test_a_statement_reads_the_lines_of_its_month_and_no_other(
    world: World, sign_in: Callable[[str], Client], time_machine: Any
) -> None:
    """Six hundred units of an earlier month, then of that one: its page shows a hundred lines and no more."""
    world.vacancy()
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    own = world.landlord.organisation.contingents.get(contingent=7)
    address, client = reverse("statement", args=[book.pk, own.pk]), sign_in("alice")
    analyse()
    before = read(client, address)[address]
    time_machine.move_to(MORNING - timedelta(days=60), tick=False)
    store(world.landlord, world.people["alice"], OTHERS, let=OTHERS)
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)
    analyse()
    client = sign_in("alice")
    assert read(client, address)[address] < before + OTHERS // 2
    assert len(client.get(f"{address}?month=2026-09").context["page"]) == 100


def test_what_was_given_back_elsewhere_is_not_looked_at(world: World, sign_in: Callable[[str], Client]) -> None:
    """Six hundred units of another landlord given back, then as many of one's own: whether a unit is out for works,
    handed on for one turn, or vacant already, and whose turns were used, are asked of the few that it concerns."""
    for _ in range(10):
        world.vacancy()
    book = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=book.pk, now=MORNING)
    mine = [each.pk for each in Vacancy.objects.to_confirm()]
    confirm_recommendations(vacancies=mine, by=world.people["aline"], now=MORNING)
    works, declined = Routing.objects.order_by("pk").exclude(holder=world.holders["landlord"])[:2]
    for routing, reason in ((works, "WORKS"), (declined, "DECLINED")):
        return_vacancy(routing=routing, reason=reason, text="Test.", by=world.people["aline"], now=MORNING)
    pages = {
        "alice": (
            reverse("account-list"),
            reverse("account", args=[book.pk]),
            reverse("vacancy-detail", args=[works.vacancy_id]),
            reverse("vacancy-declare"),
        ),
        "bob": (reverse("account", args=[book.pk]), reverse("objective-list")),
    }
    clients = {name: sign_in(name) for name in pages}

    def rows() -> dict[tuple[str, str], int]:
        analyse()
        return {(name, page): count for name in pages for page, count in read(clients[name], *pages[name]).items()}

    before = rows()
    given_back(store_returned(world.other_landlord, world.people["zoe"]))
    beside = rows()
    assert {page: beside[page] - count for page, count in before.items() if beside[page] > count + OTHERS // 4} == {}
    given_back(store_returned(world.landlord, world.people["alice"]))
    own = rows()
    assert {page: own[page] - count for page, count in beside.items() if own[page] > count + LET // 2} == {}


def store_returned(landlord: Landlord, by: User) -> list[Routing]:
    """The routings of six hundred units of a landlord, let since."""
    known = set(Routing.objects.values_list("pk", flat=True))
    store(landlord, by, OTHERS, let=OTHERS)
    return list(Routing.objects.exclude(pk__in=known))


def given_back(routings: list[Routing]) -> None:
    """A return beside each, that counts or not: as rows, since what is measured is who reads them."""
    Return.objects.bulk_create(
        Return(
            routing=routing,
            reason="REFUSED",
            counted=bool(routing.pk % 2),
            offered=True,
            text="Test.",
            returned_at=MORNING,
        )
        for routing in routings
    )


def test_what_came_after_a_seal_costs_what_came_and_not_what_was_stored(world: World, time_machine: Any) -> None:
    """What bounds its search was looked for from the seal back, among the imprints of every table."""
    people(world)
    lived(world)
    store(world.landlord, world.people["alice"], LET, let=LET)
    time_machine.move_to(SENT, tick=False)
    sign(world, send(world))
    analyse()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with rows_read() as rows:
        assert since([world.landlord.pk], [YEAR]).seals
    tables = ("reservations_imprint", "flux_flowentry", "flux_unitdescription")
    bounded = {name: rows.rows.get(name, 0) for name in tables}
    assert max(bounded.values()) < LET // 10, bounded


def analyse() -> None:
    """As autovacuum does: plans rest on it."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
