"""What is learnt later moves nothing of the past: a list of districts, a merger of communes, a commune that changes
EPCI (CCH, R441-5-1). Codes are those of the official geographic code and of the list of districts of 2015."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from attributions.bilan.models import BalanceVersion
from attributions.bilan.operations.sending import send_balance, sign_version
from attributions.bilan.queries.objectives import reading
from attributions.bilan.queries.states import matrix_state
from flux.models import FlowEntry, Unit, Vacancy
from flux.operations.description import change_unit, correct_unit, follow_mergers
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.controls.folds import drift
from reservations.canonical import seal_of
from reservations.imports.parties import read_mergers
from reservations.models import Membership, Organisation, Territory, User
from reservations.models.territory import covering_on
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from reservations.operations.territory import Edition, EditionRefused, Merger, TerritoryPlace, load_territories
from tests.attributions.households.lettings import sign
from tests.leases import let
from tests.world import Role, World, convention
from tests.world_again import kept

DAY = datetime(2024, 5, 6, 9, 0, tzinfo=timezone.get_default_timezone())
YEAR = 2024
COG_2025 = Edition("COG 2025", date(2025, 1, 1))
Kind = Territory.Kind

AIN = [
    TerritoryPlace(Kind.REGION, "84", "Auvergne-Rhône-Alpes"),
    TerritoryPlace(Kind.DEPARTEMENT, "01", "Ain", region="84"),
    TerritoryPlace(Kind.EPCI, "200040350", "CC Bugey Sud"),
    TerritoryPlace(Kind.EPCI, "240100883", "CC de la Plaine de l’Ain"),
    TerritoryPlace(Kind.COMMUNE, "01187", "Haut Valromey", region="84", departement="01", epci="200040350"),
    TerritoryPlace(Kind.COMMUNE, "01330", "Ruffieu", region="84", departement="01", epci="200040350"),
    TerritoryPlace(Kind.COMMUNE, "01002", "L’Abergement-de-Varey", region="84", departement="01", epci="240100883"),
]


@pytest.fixture
@kept
def ain(world: World) -> World:
    """A landlord in three communes of the Ain, with one convention, in 2024."""
    load_territories(places=AIN)
    for code in ("01187", "01330", "01002"):
        place = Territory.objects.get(kind=Kind.COMMUNE, code=code)
        world.places[place.name] = place
    departement = Territory.objects.get(kind=Kind.DEPARTEMENT, code="01")
    als = world.holders["als"]
    convention(world.landlord, world.als, departement, (als, "20", 3), starts_on=date(2024, 1, 1))
    return world


def routed(world: World, commune: str, *, now: datetime = DAY, unit: Unit | None = None, **given: object) -> Vacancy:
    """A unit that falls vacant and goes to whom it is due."""
    vacancy = world.vacancy(unit, now=now) if unit else world.vacancy(commune=commune, now=now, **given)
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=now)
    return vacancy


def act(vacancy: Vacancy, stage: str, on: date) -> None:
    FlowEntry.objects.create(
        ledger_id=vacancy.ledger_id,
        holder=vacancy.routings.get().holder,
        vacancy=vacancy,
        stage=stage,
        quantity=1,
        on=on,
    )


def published(world: World, year: int = YEAR, territory: str = "") -> str:
    """The balance as its command writes it, to the byte, on one and the same day."""
    out = io.StringIO()
    with time_machine.travel(datetime(2025, 2, 1, 9, tzinfo=DAY.tzinfo), tick=False):
        call_command(
            "balance",
            landlord=world.landlord.organisation.siren,
            year=year,
            territory=territory,
            json=True,
            stdout=out,
        )
    return out.getvalue()


def officer_of(world: World, siren: str) -> Membership:
    """Who oversees an EPCI."""
    epci = Territory.objects.get(code=siren)
    at = register_organisation(siren=siren, name=epci.name, kind=Organisation.Kind.EPCI, territory=epci)
    user = User.objects.create(email=f"{siren}@exemple.test", full_name="Paul")
    return grant_membership(user=user, organisation=at, role=Role.EPCI_OFFICER)


def readings(world: World, *territories: str) -> list[str]:
    return [published(world), *(published(world, territory=territory) for territory in territories)]


def test_another_list_of_districts_leaves_the_past_as_it_was_to_the_byte(ain: World) -> None:
    """A unit of Narbonne Est (QP011009, list of 2015) that the list of 2024 would not have any more."""
    unit, by = ain.unit(commune="Haut Valromey", in_qpv=True), ain.people["aline"]
    first = unit.descriptions.get()
    listed = {"qpv_code": "QP011009", "qpv_list": 2015}
    correct_unit(description=first, since=date.min, changes=listed, source="liste de 2015", by=by)
    vacancy = routed(ain, "Haut Valromey", unit=unit)
    act(vacancy, "ALLOCATED", date(2024, 12, 30))
    before = readings(ain, "DEPARTEMENT:01", "200040350")
    change_unit(
        unit=unit, since=date(2025, 1, 1), changes={"in_qpv": False, "qpv_list": 2024}, source="liste de 2024", by=by
    )
    assert readings(ain, "DEPARTEMENT:01", "200040350") == before
    assert '"en QPV"' in before[0]
    act(vacancy, "LEASED", date(2025, 1, 15))
    assert drift() == {}
    assert FlowEntry.objects.get(stage="LEASED").description.qpv_list == 2024


def test_merger_of_communes_leaves_the_past_as_it_was_to_the_byte(ain: World) -> None:
    """Ruffieu (01330) became a part of Haut Valromey (01187) on 1 January 2025 (COG 2025)."""
    there, here = ain.unit(commune="Ruffieu"), ain.unit(commune="Haut Valromey")
    there.ordinal = here.ordinal
    there.save()
    routed(ain, "Ruffieu", unit=there)
    routed(ain, "Haut Valromey", unit=here)
    places = ("DEPARTEMENT:01", "200040350", "01187", "01330")
    before = readings(ain, *places)
    left = [place for place in AIN if place.code != "01330"]
    loaded = load_territories(places=left, edition=COG_2025, mergers=read_mergers())
    assert (loaded.created, loaded.updated, loaded.merged) == (0, 0, 1)
    assert follow_mergers(today=date(2025, 3, 1)) == 1
    assert readings(ain, *places) == before
    there.refresh_from_db()
    assert (there.commune.code, there.ordinal) == ("01187", here.ordinal + 1)
    described = there.descriptions.order_by("-since")[0]
    assert (described.since, described.source) == (date(2025, 1, 1), "Ruffieu réunie à Haut Valromey (COG 2025)")
    assert there.programme.commune.code in {"01187", "01330"}
    let(ain, there.vacancies.get(), now=DAY)
    routed(ain, "Haut Valromey", now=DAY + timedelta(365), unit=there)
    assert '"01330"' not in published(ain, 2025)
    assert '"01187"' in published(ain, 2025)
    assert follow_mergers(today=date(2025, 3, 1)) == 0
    assert load_territories(places=left, edition=COG_2025, mergers=read_mergers()).merged == 0
    assert drift() == {}


def test_commune_that_changes_epci_leaves_the_past_as_it_was_to_the_byte(ain: World) -> None:
    """L’Abergement-de-Varey (01002), of the Plaine de l’Ain, would pass to Bugey Sud."""
    unit = ain.unit(commune="L’Abergement-de-Varey")
    routed(ain, "L’Abergement-de-Varey", unit=unit)
    routed(ain, "Haut Valromey")
    old, new = "240100883", "200040350"
    sign(ain, Vacancy.objects.get(unit=unit), signed_on=date(2024, 6, 3), income_quartile=1)
    officer = officer_of(ain, old)
    before = readings(ain, "DEPARTEMENT:01", old, new)
    past = Territory.objects.get(code=old)
    scored = reading(YEAR, member=officer).scores(territory=past)
    assert any(score.denominator for score in scored)
    places = [
        TerritoryPlace(Kind.COMMUNE, "01002", "L’Abergement", region="84", departement="01", epci=new)
        if place.code == "01002"
        else place
        for place in AIN
    ]
    assert load_territories(places=places, edition=COG_2025).updated == 1
    assert readings(ain, "DEPARTEMENT:01", old, new) == before
    assert "L’Abergement-de-Varey" in before[0]
    assert reading(YEAR, member=officer).scores(territory=past) == scored
    arrived = reading(YEAR, member=None).scores(territory=Territory.objects.get(code=new))
    assert not any(score.denominator for score in arrived)
    later = routed(ain, "", now=DAY + timedelta(365), unit=unit)
    assert later.unit.commune.name == "L’Abergement-de-Varey"
    assert '"vacated": 1' in published(ain, 2025, new)
    assert [seen.registered_on.year for seen in Vacancy.objects.visible_to(officer)] == [2024]
    assert "L’Abergement-de-Varey" not in published(ain, 2025, new)


def test_territory_of_an_epci_on_a_day_is_one_query(ain: World, django_assert_num_queries) -> None:
    places = [
        TerritoryPlace(Kind.COMMUNE, "01002", "L’Abergement-de-Varey", departement="01", epci="200040350")
        if place.code == "01002"
        else place
        for place in AIN
    ]
    load_territories(places=places, edition=COG_2025)
    load_territories(places=AIN, edition=Edition("COG 2026", date(2026, 1, 1)))
    epci = Territory.objects.get(code="240100883")
    found = {}
    for day in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1)):
        with django_assert_num_queries(1):
            found[day] = [place.code for place in Territory.objects.communes_within(epci, on=day)]
    assert list(found.values()) == [["01002"], [], [], ["01002"]]


def test_error_moves_figures_and_leaves_a_sealed_version_its_bytes_and_its_seal(ain: World) -> None:
    unit, by = ain.unit(commune="Haut Valromey"), ain.people["alice"]
    routed(ain, "Haut Valromey", unit=unit)
    departement = Territory.objects.get(kind=Kind.DEPARTEMENT, code="01")
    sent_at = datetime(2025, 2, 1, 9, tzinfo=DAY.tzinfo)
    version = send_balance(landlord=ain.landlord, departement=departement, exercise=YEAR, by=by, now=sent_at)
    for organisation in (ain.als, ain.landlord.organisation):
        sign_version(version=version, organisation=organisation, by=by, now=sent_at)
    kept = BalanceVersion.objects.values("content", "seal", "sealed_at").get()
    assert kept["sealed_at"] == sent_at
    before = published(ain)
    correct_unit(
        description=unit.descriptions.get(), since=date.min, changes={"in_qpv": True}, source="relevé sur place", by=by
    )
    assert BalanceVersion.objects.values("content", "seal", "sealed_at").get() == kept
    assert seal_of(json.loads(kept["content"])) == kept["seal"]
    assert ('"hors QPV"' in before, '"en QPV"' in before) == (True, False)
    assert '"en QPV"' in published(ain)
    trace = unit.descriptions.order_by("pk").values_list("act", "in_qpv", "source", "recorded_by__full_name")
    assert list(trace) == [("RECORDED", False, "", None), ("ERROR", True, "relevé sur place", "Alice")]
    assert drift() == {}


def test_review_of_a_year_reads_the_borders_of_that_year(ain: World) -> None:
    """L’Abergement-de-Varey passes to Bugey Sud: of 2024, the EPCI that it left keeps its landlord beside its figures,
    and the one that it joined awaits no balance of units that it had not."""
    routed(ain, "L’Abergement-de-Varey", unit=ain.unit(commune="L’Abergement-de-Varey"))
    old, new = (Territory.objects.get(code=code) for code in ("240100883", "200040350"))
    today = date(2025, 3, 3)
    before = [matrix_state(place, YEAR, today=today).rows for place in (old, new)]
    assert [[(row.units, len(row.cells)) for row in rows] for rows in before] == [[(1, 1)], []]
    places = [
        TerritoryPlace(Kind.COMMUNE, "01002", "L’Abergement-de-Varey", region="84", departement="01", epci=new.code)
        if place.code == "01002"
        else place
        for place in AIN
    ]
    load_territories(places=places, edition=COG_2025)
    assert [matrix_state(place, YEAR, today=today).rows for place in (old, new)] == before
    assert [len(matrix_state(place, 2025, today=today).rows) for place in (old, new)] == [0, 1]


def test_communes_merged_one_into_the_other_lie_where_the_last_one_does(ain: World) -> None:
    """Ruffieu becomes a part of L’Abergement, which becomes a part of Haut Valromey: all lie in Bugey Sud, the load
    being run once, and Ruffieu lay in the Plaine de l’Ain in between."""
    chain = [
        Merger("01330", "01002", date(2024, 1, 1), "COG 2024"),
        Merger("01002", "01187", date(2025, 1, 1), "COG 2025"),
    ]
    load_territories(places=AIN, edition=None, mergers=chain[:1])
    load_territories(places=AIN[:5], edition=None, mergers=chain[1:])
    ruffieu = Territory.objects.get(kind=Kind.COMMUNE, code="01330")
    plaine, bugey = (Territory.objects.get(code=code) for code in ("240100883", "200040350"))
    assert ruffieu.epci == bugey
    days = date(2023, 12, 31), date(2024, 12, 31), date(2025, 1, 1)
    held = [covering_on([ruffieu.pk], day)[ruffieu.pk] for day in days]
    assert [(plaine.pk in places, bugey.pk in places) for places in held] == [
        (False, True),
        (True, False),
        (False, True),
    ]


def test_an_older_code_takes_back_nothing_of_a_later_one(ain: World) -> None:
    """COG 2025 given again after COG 2026: what 2026 says stays, and the refusal says which to give."""
    moved = [
        TerritoryPlace(Kind.COMMUNE, "01002", "L’Abergement", region="84", departement="01", epci="200040350")
        if place.code == "01002"
        else place
        for place in AIN
    ]
    load_territories(places=moved, edition=Edition("COG 2026", date(2026, 1, 1)))
    with pytest.raises(EditionRefused, match=r"et COG 2026, chargé déjà, à compter du 1er janvier 2026"):
        load_territories(places=AIN, edition=COG_2025)
    there = Territory.objects.get(kind=Kind.COMMUNE, code="01002")
    assert (there.name, there.epci.code) == ("L’Abergement", "200040350")
    assert load_territories(places=moved, edition=Edition("COG 2026", date(2026, 1, 1))).updated == 0


def test_communes_merged_in_one_load_need_no_second_one(ain: World) -> None:
    """The same, both mergers being learnt at once, whatever their order."""
    chain = [
        Merger("01187", "01330", date(2024, 1, 1), "COG 2024"),
        Merger("01330", "01002", date(2025, 1, 1), "COG 2025"),
    ]
    load_territories(places=AIN, edition=None, mergers=chain)
    found = dict(Territory.objects.filter(code__in=["01187", "01330", "01002"]).values_list("code", "epci__code"))
    assert found == dict.fromkeys(("01187", "01330", "01002"), "240100883")
