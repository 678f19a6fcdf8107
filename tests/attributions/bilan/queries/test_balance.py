"""The annual balance: against SQL written apart, on a territory, as a page, a file and a command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import AnnualBalance
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.files import units_of
from attributions.bilan.queries.landlord_figures import compare
from attributions.bilan.queries.overview import overview
from attributions.bilan.queries.scope import balances_of, scope_of, territories
from attributions.bilan.queries.transmissions import opens_units, transmissions, whole_balance
from attributions.home.queries import landlord_home
from flux.engine.wording import units
from flux.models import FlowEntry, Ledger, StockAssignment, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.queries.accounts import AccountFigures, AccountLine, account, furthest
from flux.queries.cells import Measures
from flux.templatetags.charts import holders_chart
from reservations.models import Organisation, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.operations.convention import draft_convention
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from reservations.operations.terms import ConventionTerms
from tests.flux.forecasts import forecast
from tests.flux.operations.test_returning import send
from tests.flux.programmes import agreed, let
from tests.flux.queries.test_account import more_holders
from tests.flux.views import pages
from tests.flux.views.test_account import cells, page
from tests.signing import sign_convention
from tests.world import MORNING, World, convention, siren, territory
from tests.world_again import kept

TODAY = MORNING.date()
Kind, Exclusion = Vacancy.Kind, Vacancy.Exclusion
SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def lived(world: World) -> World:
    """Ten units of the flow in two communes, two subtracted, one technical, one first letting, one in stock."""
    for number in range(10):
        world.vacancy(commune="Coursan" if number % 3 == 0 else "Narbonne", now=MORNING - timedelta(days=20 - number))
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    confirmed = list(ledger.vacancies.order_by("pk").values_list("pk", flat=True)[:6])
    confirm_recommendations(vacancies=confirmed, by=world.people["aline"], now=MORNING)
    world.vacancy(kind=Kind.EXCLUDED, exclusion=Exclusion.URBAN_RENEWAL)
    world.vacancy(kind=Kind.EXCLUDED, exclusion=Exclusion.SALE_REHOUSING, commune="Coursan")
    world.vacancy(kind=Kind.TECHNICAL)
    world.vacancy(kind=Kind.FIRST_LETTING)
    kept = world.unit()
    keep_in_stock(
        unit=kept, holder=world.holders["agents"], ground="DEFENCE", starts_on=TODAY, by=world.people["alice"]
    )
    world.vacancy(kept)
    assert StockAssignment.objects.count() == 1
    return world


def spread(world: World) -> ReservationHolder:
    """A unit of the flow in Béziers, recommended to the city there: data of another département."""
    city = register_organisation(
        siren=siren(40),
        name="Ville de Béziers",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Béziers"],
    )
    holder = city.contingents.get()
    convention(world.landlord, city, world.places["Béziers"], (holder, "30", 60))
    ledger_id = world.vacancy(commune="Béziers").ledger_id
    assert ledger_id is not None
    route_waiting_vacancies(ledger_id=ledger_id, now=MORNING)
    return holder


def by_hand(world: World, commune: str | None = None) -> tuple[dict[tuple[str, str], int], dict[int, tuple[int, int]]]:
    """Classes of vacancies, and {holder: (due, received)}, from the tables that entries were made from."""
    codes = [world.places[commune].code] if commune else [place.code for place in world.places.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.kind, v.exclusion, count(*) FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id
            JOIN reservations_territory c ON c.id = u.commune_id
            WHERE u.landlord_id = %s AND extract(year FROM v.registered_on) = 2026 AND c.code = ANY(%s)
            GROUP BY 1, 2
            """,
            [world.landlord.pk, codes],
        )
        classes = {(kind, exclusion): count for kind, exclusion, count in cursor.fetchall()}
        cursor.execute(
            """
            SELECT h.id, coalesce((
                SELECT sum((f->>'share')::bigint) FROM flux_recommendation r JOIN flux_vacancy v ON v.id = r.vacancy_id
                JOIN flux_unit u ON u.id = v.unit_id JOIN reservations_territory c ON c.id = u.commune_id,
                     jsonb_array_elements(r.situation->'holders') f
                WHERE u.landlord_id = %(landlord)s AND c.code = ANY(%(codes)s) AND (f->>'id')::bigint = h.id), 0),
            (SELECT count(*) FROM flux_recommendation r JOIN flux_vacancy v ON v.id = r.vacancy_id
                JOIN flux_unit u ON u.id = v.unit_id JOIN reservations_territory c ON c.id = u.commune_id
                WHERE u.landlord_id = %(landlord)s AND c.code = ANY(%(codes)s) AND r.holder_id = h.id)
            FROM reservations_reservationholder h
            """,
            {"landlord": world.landlord.pk, "codes": codes},
        )
        return classes, {holder: (int(due), received) for holder, due, received in cursor.fetchall()}


@pytest.mark.parametrize("commune", [None, "Narbonne", "Coursan", "Sigean"])
def test_balance_equals_sql_written_apart(lived: World, commune: str | None) -> None:
    read = balance(lived.landlord, 2026, lived.places[commune] if commune else None)
    classes, holders = by_hand(lived, commune)
    assert read.flow.by_kind == {
        kind: sum(count for (of, _), count in classes.items() if of == kind) for kind in {kind for kind, _ in classes}
    }
    assert read.flow.by_exclusion == {code: classes.get((Kind.EXCLUDED, code), 0) for code in Exclusion}
    assert {line.holder.pk: (line.figures.due, line.figures.received) for line in read.lines} == {
        line.holder.pk: holders[line.holder.pk] for line in read.lines
    }
    assert {holder for holder, figures in holders.items() if any(figures)} <= {line.holder.pk for line in read.lines}
    assert (read.total.due, read.total.received) == (read.flow.net * UNIT, read.flow.net)


def test_balance_totals_agree_with_the_account_and_with_the_flow(lived: World) -> None:
    read = balance(lived.landlord, 2026)
    assert [line.figures for line in read.lines] == [
        line.figures for line in account(Ledger.objects.ordinary().get(), TODAY).lines
    ]
    flow = read.flow
    assert (flow.vacated, flow.excluded, flow.stock, flow.others, flow.net) == (15, 2, 1, 2, 10)
    assert flow.vacated - flow.excluded - flow.stock - flow.others == flow.net
    assert (read.total.routed, read.total.awaiting, read.total.gap, read.waiting) == (6, 4, 0, 0)


def test_balance_of_two_communes_is_that_of_the_whole(lived: World) -> None:
    parts = [balance(lived.landlord, 2026, lived.places[name]) for name in ("Narbonne", "Coursan")]
    whole = balance(lived.landlord, 2026, lived.places["Le Grand Narbonne"])
    assert parts[0].total + parts[1].total == whole.total == balance(lived.landlord, 2026).total
    assert sum(part.flow.vacated for part in parts) == whole.flow.vacated


def test_balance_lists_only_the_rights_of_the_territory(lived: World) -> None:
    coursan = balance(lived.landlord, 2026, lived.places["Coursan"])
    assert lived.holders["city"] not in [line.holder for line in coursan.lines]
    assert lived.holders["epci"] in [line.holder for line in coursan.lines]


def test_balance_states_what_waits_for_its_recommendation(lived: World) -> None:
    lived.vacancy()
    read = balance(lived.landlord, 2026)
    assert (read.flow.net, read.waiting, read.total.due) == (11, 1, 10 * UNIT)


def test_balance_belongs_to_the_year_of_registration(lived: World) -> None:
    assert balance(lived.landlord, 2025).flow.vacated == 0
    assert balance(lived.landlord, 2025).total.due == 0


def test_overview_lines_are_those_of_each_balance(lived: World) -> None:
    lived.vacancy(landlord=lived.other_landlord, commune="Béziers")
    pairs = [(lived.landlord.pk, 2026), (lived.other_landlord.pk, 2026)]
    for place in (None, lived.places["Coursan"]):
        for row in overview(pairs, place, TODAY):
            read = balance(row.landlord, 2026, place)
            assert (row.flow, row.figures) == (read.flow, read.total)
    held = [line for line in balance(lived.landlord, 2026).lines if not line.holder.is_not_reserved]
    widest = max(held, key=lambda line: abs(line.figures.gap))
    row = overview(pairs, None, TODAY)[0]
    assert row.widest is not None
    assert abs(row.widest.gap) == abs(widest.figures.gap)


def test_of_two_as_far_the_same_is_named_in_any_order(world: World) -> None:
    """Rows come in any order: the holder that is owed comes first, then the one kept first."""
    early, late = sorted((world.holders["city"], world.holders["als"]), key=lambda holder: holder.pk)

    def named(*gaps: tuple[ReservationHolder, int]) -> set[ReservationHolder]:
        lines = [AccountLine(holder, (), AccountFigures(due=gap, routed=0, awaiting=0)) for holder, gap in gaps]
        return {found.holder for each in (lines, lines[::-1]) if (found := furthest(each))}

    assert named((late, UNIT // 2), (early, UNIT // 2)) == {early}
    assert named((early, -UNIT), (late, UNIT)) == {late}


def test_largest_gap_is_a_holders_in_one_account_on_every_page(lived: World, sign_in: SignIn) -> None:
    """The landlord's own part is further from its due than any holder here, and it is nobody's due; and what two
    départements make together is no account. Each page gives the same holder, and the same gap."""
    spread(lived)
    read = {ledger: account(ledger, TODAY) for ledger in Ledger.objects.ordinary().order_by("pk")}
    held = [line for each in read.values() for line in each.lines if not line.holder.is_not_reserved]

    def how_far(line: AccountLine) -> tuple[int, int, int]:
        return abs(line.gap), line.gap, -line.holder.pk

    widest = max(held, key=how_far)
    for of in (
        balance(lived.landlord, 2026).widest,
        overview([(lived.landlord.pk, 2026)], None, TODAY)[0].widest,
        landlord_home(lived.landlord, today=TODAY).widest,
        max((each.widest for each in read.values() if each.widest), key=how_far),
    ):
        assert of is not None
        assert (of.holder, of.gap) == (widest.holder, widest.gap)
    charts = sign_in("alice").get(reverse("balance-charts", args=[lived.landlord.pk, 2026])).context["widest"]
    assert (charts.holder, charts.gap) == (widest.holder, widest.gap)
    own = [line for each in read.values() for line in each.lines if line.holder.is_not_reserved]
    assert furthest(own) is None


@pytest.mark.parametrize("count", [1, 12])
def test_balance_costs_a_fixed_number_of_queries_whatever_the_holders(
    world: World, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    more_holders(world, count)
    for number in range(count):
        world.vacancy(commune=f"Commune {number}")
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    with django_assert_num_queries(6):
        read = balance(world.landlord, 2026, world.places["Aude"])
        assert len([str(line.holder) for line in read.lines]) == 6 + count
    with django_assert_num_queries(3):
        overview([(world.landlord.pk, 2026)] * count, world.places["Aude"], TODAY)


# --- the page ------------------------------------------------------------------------------------------------------


def url(world: World, year: int = 2026, query: str = "", name: str = "balance") -> str:
    return reverse(name, args=[world.landlord.pk, year]) + query


def counted(line: AccountLine) -> str:
    """The last cell: what the convention counts, and what is left of the due then."""
    if not line.rights:
        return "sans convention"
    owed = units(line.figures.gap, UNIT, signed=True)
    return f"{line.figures.received} à l’orientation reste {owed} sur {pages.owed(line.figures.due)}"


def _received(figures: AccountFigures, measures: Measures) -> str:
    """« Reçus », and why they are more than what was offered: what awaits a confirmation is not offered yet."""
    more = figures.received - measures.offered
    assert more <= max(figures.awaiting, 0)
    text = f"dont {more} à confirmer, pas encore {'proposés' if more > 1 else 'proposé'}"
    return f"{figures.received} {text}" if more > 0 else str(figures.received)


def test_balance_page_writes_each_figure_and_its_total(lived: World, sign_in: SignIn) -> None:
    read = balance(lived.landlord, 2026)
    rows = cells(page(sign_in("aline"), url(lived)))
    each = [(line.figures, read.cells.holder(line.holder.pk)) for line in read.lines]
    assert [row[1:] for row in rows[1:8]] == [
        [
            units(figures.due, UNIT),
            str(measures.offered),
            str(measures.returned),
            _received(figures, measures),
            units(figures.gap, UNIT, signed=True),
            str(measures.allocated),
            str(measures.leased),
        ]
        for figures, measures in [*each, (read.total, read.measures)]
    ]
    beside = rows[9:16]
    assert [row[3:5] for row in beside[:-1]] == [
        [str(line.figures.routed), str(line.figures.awaiting)] for line in read.lines
    ]
    assert [row[2] for row in beside[:-1]] == [counted(line) for line in read.lines]
    assert [row for row in rows if row[0] in ("Libérés", "Soustraits, ensemble (R441-5)", "Flux net")] == [
        ["Libérés", "15"],
        ["Soustraits, ensemble (R441-5)", "−2"],
        ["Flux net", "10"],
    ]
    assert rows[-2][1:] == ["1", "0"], "the unit in stock, offered to the holder of its right"


def test_a_share_of_what_was_offered_is_read_among_the_same_units(lived: World, sign_in: SignIn) -> None:
    """« 74 / 72, 102,8 % »: what was allocated in a year is not a part of what was offered in it (R441-5-1)."""
    text = page(sign_in("aline"), url(lived))
    synthesis, cohort = (text[text.index(f'id="{key}"') :].split("</table>")[0] for key in ("t-synthese", "t-cohorte"))
    assert "Attribués / proposés" not in synthesis
    assert "Attribués / proposés" in cohort
    read = balance(lived.landlord, 2026).cohort.total()
    assert f"{read.allocated} / {read.offered}" in cohort


def test_balance_page_of_an_epci_officer_is_its_own_territory(lived: World, sign_in: SignIn) -> None:
    beziers = Territory.objects.get(name="Béziers")
    lived.vacancy(commune="Béziers")
    client = sign_in("emma")
    assert ["Libérés", "15"] in cells(page(client, url(lived)))
    assert ["Libérés", "15"] in cells(page(client, url(lived, query="?territory=all")))
    assert ["Libérés", "5"] in cells(page(client, url(lived, query=f"?territory={lived.places['Coursan'].pk}")))
    page(client, url(lived, query=f"?territory={beziers.pk}"), 404)
    assert ["Libérés", "16"] in cells(page(sign_in("aline"), url(lived)))


@pytest.mark.parametrize("asked", ["zzz", "0", "99999999"])
def test_balance_page_says_when_the_territory_is_not_in_it(lived: World, sign_in: SignIn, asked: str) -> None:
    text = page(sign_in("aline"), url(lived, query=f"?territory={asked}"), 422)
    assert "Aucun logement de ce bilan ne se trouve sur le territoire demandé" in text
    page(sign_in("aline"), url(lived, query=f"?territory={asked}", name="balance-csv"), 404)


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 200), ("bob", 200), ("chloe", 200), ("emma", 200), ("adam", 200), ("zoe", 404), ("driss", 404)],
)
def test_balance_is_common_to_those_of_the_territory(lived: World, sign_in: SignIn, name: str, status: int) -> None:
    client = sign_in(name)
    page(client, url(lived), status)
    assert client.get(url(lived, name="balance-csv")).status_code == status
    page(client, url(lived, 2031), 404)
    listed = page(client, reverse("balance-list"))
    assert ("<b>Robine Habitat</b>, 2026" in listed) == (status == 200)
    assert ("Aucun bilan pour l’instant." in listed) == (status == 404)


@pytest.mark.parametrize("first_lettings", [0, 3])
def test_balance_figures_open_on_as_many_units(lived: World, sign_in: SignIn, first_lettings: int) -> None:
    """With an agreed allotment too: what is routed at the first letting of a programme is received in no account."""
    if first_lettings:
        programme = agreed(lived, ("als", first_lettings, []), units=first_lettings)
        for _ in range(first_lettings):
            let(lived, programme)
    client = sign_in("aline")
    response = client.get(url(lived)).content.decode()
    links = re.findall(r'<a href="(/liberes/\?[^"]+)">([−\d,]+)</a>', response)
    assert len(links) > 15
    for link, figure in links:
        found = client.get(link.replace("&amp;", "&")).context["page"].paginator.count
        if "stage=DUE" in link:
            assert found > 0
        else:
            assert str(found) == figure.lstrip("−")
    behind = re.findall(r'<a href="(/bilans/\d+/2026/logements/[^"]+)">(\d+)</a>', response)
    assert len(behind) >= 5
    for link, figure in behind:
        opened = client.get(link.replace("&amp;", "&")).context
        listed = sum(int(line.cells[-1].content.text) for line in opened["table"].lines)
        assert (opened["figure"].times, listed) == (int(figure), int(figure))


def test_holders_chart_is_drawn_to_the_figures_of_the_table(lived: World) -> None:
    lines = balance(lived.landlord, 2026).lines
    scale = max(max(line.figures.due, UNIT * line.figures.received) for line in lines)
    for line, row in zip(lines, holders_chart(lines)["rows"], strict=True):
        assert float(row["got"][:-1]) == pytest.approx(100 * UNIT * line.figures.received / scale, abs=0.01)
        assert float(row["due"][:-1]) == pytest.approx(100 * line.figures.due / scale, abs=0.01)
        assert row["owed"] == (line.figures.gap > 0)


def test_balance_describes_its_chart_in_words(lived: World, sign_in: SignIn) -> None:
    text = page(sign_in("emma"), url(lived))
    for line in balance(lived.landlord, 2026, lived.places["Le Grand Narbonne"]).lines:
        assert f"{line.holder} : {pages.owed(line.figures.due)}, {pages.received(line.figures.received)}" in text
    assert "<text" not in text  # it does not wrap: on a phone, it would leave its frame


@pytest.mark.parametrize(
    ("place", "sees"),
    [("Hérault", False), ("Béziers", False), ("Béziers Méditerranée", False), ("Coursan", False), ("Narbonne", True)],
)
def test_balance_is_limited_to_the_places_where_a_holder_has_a_right(
    lived: World, sign_in: SignIn, place: str, sees: bool
) -> None:
    spread(lived)
    client, asked = sign_in("chloe"), f"?territory={lived.places[place].pk}"
    page(client, url(lived, query=asked), 200 if sees else 404)
    assert client.get(url(lived, query=asked, name="balance-csv")).status_code == (200 if sees else 404)
    assert page(sign_in("aline"), url(lived, query=asked))


@pytest.mark.parametrize(("until", "sees"), [(date(2026, 1, 1), True), (date(2025, 12, 31), False)])
def test_balance_of_the_last_year_of_a_convention_is_read_where_it_bore(lived: World, until: date, sees: bool) -> None:
    """A day of the year is enough, even if nothing came of it."""
    hospital = register_organisation(siren=siren(50), name="Hôpital de l’Aude", article="l’", kind="OTHER")
    terms = (hospital, lived.places["Aude"], (hospital.contingents.get(), "5", 70))
    convention(lived.landlord, *terms, starts_on=date(2025, 1, 1), ends_on=until)
    member = grant_membership(user=lived.people["driss"], organisation=hospital, role="HOLDER_STAFF")
    read = scope_of(lived.landlord, 2026, member=member).communes
    assert read == ({lived.places[name].pk for name in ("Coursan", "Narbonne")} if sees else set())


def test_the_landlord_of_a_balance_alone_opens_its_units(lived: World) -> None:
    opened = [
        name
        for name in ("alice", "aline", "bob", "chloe", "emma", "adam", "zoe")
        if opens_units(lived.landlord, lived.member(name))
    ]
    assert opened == ["alice", "aline"]
    assert opens_units(lived.landlord, None), "a command prints nothing that is hidden"


def test_units_of_a_correction_are_those_of_the_balance_that_is_corrected(lived: World) -> None:
    """A holder that several landlords serve has, in the balance of one, the units of that one."""
    als = lived.holders["als"]
    convention(lived.other_landlord, lived.als, lived.places["Aude"], (als, "20", 1))
    for landlord in (lived.landlord, lived.other_landlord):
        send(lived, "als", lived.vacancy(landlord=landlord))
    for landlord in (lived.landlord, lived.other_landlord):
        corrected = AnnualBalance.objects.create(landlord=landlord, departement=lived.places["Aude"], exercise=2026)
        assert {each.vacancy.unit.landlord for each in units_of(corrected, als, "ROUTED")} == {landlord}


@pytest.mark.parametrize("query", ["", "?territory=all"])
def test_balance_of_a_holder_counts_nothing_of_other_departements(lived: World, sign_in: SignIn, query: str) -> None:
    name = str(spread(lived))
    client = sign_in("chloe")
    response = client.get(url(lived, query=query))
    read = response.context["balance"]
    assert (read.flow.vacated, read.flow.net, read.total.due) == (10, 6, 6 * UNIT)
    assert read.waiting == 0
    assert name not in response.content.decode()
    assert name not in client.get(url(lived, query=query, name="balance-csv")).getvalue().decode("utf-8")
    assert [place.name for place in response.context["places"]] == [
        "Occitanie",
        "Aude",
        "CA Le Grand Narbonne",
        "Narbonne",
    ]
    assert "Tout ce que vous pouvez lire" in response.content.decode()
    row = client.get(reverse("balance-list")).context["rows"][0]
    assert (row.flow, row.figures) == (read.flow, read.total)
    whole = balance(lived.landlord, 2026)
    assert (whole.flow.vacated, whole.flow.net, whole.total.due) == (16, 11, 11 * UNIT)


def test_balance_offers_the_commune_of_a_municipal_district(world: World) -> None:
    world.places["Paris"] = territory(Territory.Kind.COMMUNE, "75056", "Paris", region=world.places["Occitanie"])
    world.places["Paris 15e"] = territory(
        Territory.Kind.DISTRICT,
        "75115",
        "Paris 15e",
        region=world.places["Occitanie"],
        departement=world.places["Hérault"],
        parent_commune=world.places["Paris"],
    )
    world.vacancy(commune="Paris 15e")
    assert [place.name for place in territories(world.landlord, 2026)] == ["Occitanie", "Hérault", "Paris", "Paris 15e"]


# --- the command ---------------------------------------------------------------------------------------------------


def test_balance_command_prints_the_same_figures(lived: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("balance", landlord="999000003", year=2026, territory="11106", json=True)
    printed = json.loads(capsys.readouterr().out)
    read = balance(lived.landlord, 2026, lived.places["Coursan"])
    assert printed["territory"] == {"kind": "COMMUNE", "code": "11106", "name": "Coursan"}
    assert (printed["vacated"], printed["excluded"]["total"], printed["net_flow"]) == (5, 1, 4)
    assert printed["excluded"]["SALE_REHOUSING"] == 1
    assert [(row["name"], row["due"], row["received"]) for row in printed["holders"]] == [
        (str(line.holder), line.figures.due, line.figures.received) for line in read.lines
    ]
    assert [[quota["share"] for quota in row["quotas"]] for row in printed["holders"]] == [
        [250_000],
        [50_000],
        [200_000],
        [60_000],
        [],
    ]
    assert printed["total"] == {**read.total.as_json(), "due": 4_000_000, "measures": read.measures.as_json()}


def test_balance_command_takes_the_code_that_is_in_the_balance(
    lived: World, capsys: pytest.CaptureFixture[str]
) -> None:
    Territory.objects.create(kind="REGION", code="11", name="Île-de-France", search_name="ile de france")
    call_command("balance", landlord="999000003", year=2026, territory="11", json=True)
    assert json.loads(capsys.readouterr().out)["territory"]["kind"] == "DEPARTEMENT"
    call_command("balance", landlord="999000003", year=2026, territory="region:11", json=True)
    assert json.loads(capsys.readouterr().out)["territory"]["name"] == "Île-de-France"


def test_balance_command_in_words(lived: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("balance", landlord="999000003", year=2026)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Robine Habitat, 2026"
    assert lines[1].strip().startswith("libérés 15, soustraits 2, en stock 1, techniques 1, hors assiette 0, premières")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"landlord": "999000004"}, "clé de contrôle est fausse"),
        ({"landlord": "732829320"}, "Aucun bailleur n’a le SIREN 732829320"),
        ({"year": 0}, "« 0 » n’est pas une année"),
        ({"year": 10000}, "« 10000 » n’est pas une année"),
        ({"year": -3}, "« -3 » n’est pas une année"),
        ({"territory": "97999"}, "Aucun territoire n’a le code « 97999 »"),
        ({"territory": "34", "year": 2020}, "écrivez DEPARTEMENT:34 (Hérault) ou REGION:34 (Région)"),
    ],
)
def test_balance_command_refuses_in_french(
    lived: World, capsys: pytest.CaptureFixture[str], options: dict[str, Any], words: str
) -> None:
    Territory.objects.create(kind="REGION", code="34", name="Région", search_name="region")
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("balance", **({"landlord": "999000003", "year": 2026, "json": True} | options))
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"error": printed.err.strip()}
    assert words in printed.err


def test_balances_of_a_landlord_without_flow_are_there_all_the_same(world: World) -> None:
    world.vacancy(kind=Kind.TECHNICAL)
    assert balances_of(world.member("alice")) == [(world.landlord.pk, 2026)]
    assert balances_of(world.member("zoe")) == []


def test_amendment_to_come_does_not_say_yet_what_counts(lived: World) -> None:
    """Signed today, it takes effect next month: until then the version in force says when a unit counts."""
    today, alice = MORNING.date(), lived.people["alice"]
    effect = today + timedelta(30)
    amendment = amend_convention(convention=lived.conventions["als"], starts_on=effect, by=alice, today=today)
    draft_convention(
        landlord=lived.landlord,
        organisation=lived.als,
        perimeter=lived.places["Aude"],
        starts_on=effect,
        ends_on=amendment.ends_on,
        quotas=[QuotaTerms(lived.holders["als"], 200_000, 3)],
        terms=ConventionTerms(counting_point="LEASED"),
        by=alice,
        replaces=amendment,
    )
    sign_convention(convention=amendment, signed_on=today, by=alice, today=today)

    def point(on: date) -> str:
        lines = balance(lived.landlord, 2026, on=on).lines
        return next(line.counting_point for line in lines if line.holder == lived.holders["als"])

    assert (point(today), point(effect)) == ("ROUTED", "LEASED")


@pytest.mark.parametrize("person", ["alice", "bob", "emma", "chloe"])
def test_cancelled_unit_is_in_no_balance(lived: World, person: str) -> None:
    """Neither among what fell vacant nor in the accounts, for whoever reads: both sides still agree."""
    member = lived.member(person)
    before = balance(lived.landlord, 2026, member=member)
    gone = Ledger.objects.get(kind="ORDINARY").vacancies.filter(unit__commune__name="Narbonne").order_by("pk")[0]
    cancel_vacancy(vacancy=gone, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=lived.people["aline"], now=MORNING)
    after = balance(lived.landlord, 2026, member=member)
    assert after.flow.net == before.flow.net - 1
    assert after.total.due == before.total.due - UNIT
    assert after.total.received == before.total.received - 1
    assert after.total.gap == 0


@pytest.mark.parametrize(
    ("person", "place", "kept"),
    [
        ("alice", None, True),
        ("alice", "Aude", True),
        ("alice", "Occitanie", True),
        ("alice", "Le Grand Narbonne", False),
        ("bob", None, True),
        ("bob", "Aude", True),
        ("emma", None, False),
        ("chloe", "Aude", False),
    ],
)
def test_due_moved_at_the_end_of_a_right_is_read_with_the_whole_departement(
    lived: World, person: str, place: str | None, kept: bool
) -> None:
    """It bears on no commune: who reads the whole département reads it, on every page; others are reported it is not
    in."""
    member, asked = lived.member(person), lived.places[place] if place else None
    before = {line.holder.pk: line.figures.due for line in balance(lived.landlord, 2026, asked, member=member).lines}
    ledger, moved = Ledger.objects.get(kind="ORDINARY"), 300_000
    FlowEntry.objects.bulk_create(
        FlowEntry(ledger=ledger, holder=lived.holders[name], stage="TRANSFERRED", quantity=quantity, on=TODAY)
        for name, quantity in (("als", -moved), ("priority", moved))
    )
    read = balance(lived.landlord, 2026, asked, member=member)
    after = {line.holder.pk: line.figures.due for line in read.lines}
    als, priority = lived.holders["als"].pk, lived.holders["priority"].pk
    assert (after[als] - before[als], after[priority] - before[priority]) == ((-moved, moved) if kept else (0, 0))
    assert read.leaves_transfers_out is not kept
    whole = whole_balance(lived.landlord, 2026, asked, member=member, on=TODAY)
    assert sum(month.due for month in whole.months if month.holder.pk == als) == after[als]
    [row] = overview([(lived.landlord.pk, 2026)], asked, TODAY, member=member)
    assert row.figures == read.total
    if asked is not None and person == "bob":
        [compared] = compare(2026, asked, member=member).lines
        assert {line.holder.pk: line.figures.due for line in compared.holders}[als] == after[als]


def test_a_forecast_that_waits_to_be_sent_is_transmitted_to_nobody(world: World) -> None:
    """« Transmis à … avant le 28 février » (CCH, R441-5): what is written only is no transmission."""
    world.unit()
    forecast(world, 2026, sent=True)
    forecast(world, 2027)
    found = transmissions(world.landlord, 2026, [world.places["Aude"].pk], member=None)
    assert [(each.exercise, each.place) for each in found] == [(2026, "Aude")]
