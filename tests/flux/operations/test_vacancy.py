"""Declaring a unit that falls vacant: what is refused, what enters the flow, and what never does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from flux.models import FlowEntry, Ledger, Recommendation, Routing, Vacancy
from flux.operations.notices import record_cancelled_notice
from flux.operations.routing import route_waiting_vacancies, sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.operations.vacancy import declare_vacancy
from flux.operations.vacancy_dates import DatesToConfirm
from reservations.refusals import Refusal
from tests.leases import let
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
Kind = Vacancy.Kind
MOTIVE = "Choisissez l’un des motifs de la loi pour soustraire ce logement du flux (CCH, R441-5)."


def declare(world: World, **given: object) -> Vacancy:
    terms = {
        "unit": given.pop("unit", None) or world.unit(),
        "kind": Kind.IN_FLOW,
        "notice_on": TODAY,
        "available_on": TODAY + timedelta(days=30),
        "by": world.people["aline"],
        "now": MORNING,
    }
    return declare_vacancy(**(terms | given))


def test_declaring_in_the_flow_opens_the_ledger_of_the_day(world: World) -> None:
    vacancy = declare(world)
    assert (vacancy.kind, vacancy.exclusion, vacancy.registered_on) == ("IN_FLOW", "", TODAY)
    assert (vacancy.registered_by, vacancy.registered_at) == (world.people["aline"], MORNING)
    ledger = Ledger.objects.ordinary().get()
    assert vacancy.ledger == ledger
    assert (ledger.landlord, ledger.departement, ledger.exercise) == (world.landlord, world.places["Aude"], 2026)
    assert list(Vacancy.objects.waiting()) == [vacancy]


def test_exercise_is_that_of_registration_in_paris_not_of_the_dates_typed(world: World) -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    typed = {"notice_on": date(2026, 11, 2), "available_on": date(2026, 12, 2), "confirmed": True}
    vacancy = declare(world, now=new_year, **typed)
    assert (vacancy.registered_on, vacancy.ledger.exercise) == (date(2027, 1, 1), 2027)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        (
            {"notice_on": TODAY + timedelta(days=1)},
            "notice_on",
            "Le congé ne peut pas être reçu après aujourd’hui, le 24/11/2026.",
        ),
        ({"kind": Kind.EXCLUDED}, "exclusion", MOTIVE),
        ({"kind": Kind.EXCLUDED, "exclusion": "WORKS"}, "exclusion", MOTIVE),
        ({"exclusion": "SALE_REHOUSING"}, "exclusion", MOTIVE),
        ({"exclusion": "WORKS"}, "exclusion", MOTIVE),
        ({"kind": Kind.TECHNICAL, "exclusion": "URBAN_RENEWAL"}, "exclusion", MOTIVE),
        ({"kind": "HOLIDAY"}, "kind", "Choisissez l’un des classements proposés."),
        (
            {"kind": Kind.STOCK},
            "kind",
            "Ce logement ne porte aucun droit en stock : enregistrez-le d’abord sur sa fiche.",
        ),
        (
            {"available_on": TODAY - timedelta(days=1)},
            "available_on",
            "Le logement ne peut pas être libre avant que le congé soit reçu : corrigez l’une des deux dates.",
        ),
        (
            {"notice_on": date(2016, 6, 5), "available_on": date(2016, 7, 5), "confirmed": True},
            "notice_on",
            "Le congé serait du 05/06/2016, il y a plus de trois ans : vérifiez l’année. Un logement resté vide plus "
            "longtemps, pour travaux par exemple, se déclare au jour où il redevient louable.",
        ),
        (
            {"notice_on": date(2023, 11, 23), "available_on": date(2023, 11, 23), "confirmed": True},
            "notice_on",
            "Le congé serait du 23/11/2023, il y a plus de trois ans : vérifiez l’année. Un logement resté vide plus "
            "longtemps, pour travaux par exemple, se déclare au jour où il redevient louable.",
        ),
        (
            {"available_on": date(2026, 12, 24), "works_end_on": date(2026, 12, 23)},
            "works_end_on",
            "Les travaux finissent entre le jour où le logement est libre, le 24/12/2026, et trois ans plus tard : "
            "vérifiez l’année, ou laissez la date vide s’il n’y a pas de travaux.",
        ),
        (
            {"notice_on": date(2025, 6, 5), "available_on": date(2025, 7, 5)},
            "confirmed",
            "Le congé est du 05/06/2025, il y a 17 mois. Enregistré aujourd’hui, il entre dans le compte 2026, et non "
            "2025 : un logement appartient à l’exercice du jour où il est enregistré, et prend sa place après ceux "
            "qui le sont déjà. Vérifiez l’année, puis confirmez.",
        ),
        (
            {"kind": Kind.TECHNICAL, "notice_on": date(2025, 12, 31), "available_on": date(2026, 11, 30)},
            "confirmed",
            "Le congé est du 31/12/2025, il y a 10 mois. Enregistré aujourd’hui, il compte dans l’exercice 2026, et "
            "non 2025 : un logement appartient à l’exercice du jour où il est enregistré, et prend sa place après ceux "
            "qui le sont déjà. Vérifiez l’année, puis confirmez.",
        ),
        (
            {"notice_on": date(2026, 5, 23), "available_on": date(2026, 11, 30)},
            "confirmed",
            "Le congé est du 23/05/2026, il y a 6 mois. Enregistré aujourd’hui, il entre dans le compte 2026 : un "
            "logement appartient à l’exercice du jour où il est enregistré, et prend sa place après ceux qui le sont "
            "déjà. Vérifiez l’année, puis confirmez.",
        ),
        (
            {"notice_on": date(2026, 7, 23), "available_on": date(2026, 8, 23)},
            "confirmed",
            "Le logement serait libre depuis le 23/08/2026, il y a 3 mois. Enregistré aujourd’hui, il entre dans le "
            "compte 2026 : un logement appartient à l’exercice du jour où il est enregistré, et prend sa place après "
            "ceux qui le sont déjà. Vérifiez l’année, puis confirmez.",
        ),
    ],
)
def test_declaration_refused_writes_nothing(
    world: World, given: dict[str, object], field: str | None, sentence: str
) -> None:
    with pytest.raises(Refusal) as refused:
        declare(world, **given)
    assert (refused.value.field, str(refused.value)) == (field, sentence)
    assert (Vacancy.objects.count(), Ledger.objects.count(), FlowEntry.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("notice_on", "available_on", "asked"),
    [
        (date(2026, 5, 24), date(2026, 8, 24), False),
        (date(2026, 5, 23), date(2026, 8, 24), True),
        (date(2026, 5, 24), date(2026, 8, 23), True),
        (date(2023, 11, 24), date(2023, 12, 24), True),
    ],
)
def test_dates_of_another_year_or_old_are_asked_then_accepted(
    world: World, notice_on: date, available_on: date, asked: bool
) -> None:
    """Three months is the longest notice of the law (loi n° 89-462, art. 15); a unit empty for three more is « en
    vacance structurelle » (RPLS)."""
    if asked:
        with pytest.raises(DatesToConfirm):
            declare(world, notice_on=notice_on, available_on=available_on)
        assert Vacancy.objects.count() == 0
    vacancy = declare(world, notice_on=notice_on, available_on=available_on, confirmed=asked)
    assert (vacancy.notice_on, vacancy.ledger.exercise) == (notice_on, 2026)


def test_a_unit_that_is_not_let_may_have_been_empty_for_years(world: World) -> None:
    """Emptied one home after another before a demolition: asked, as what is old is, and then taken."""
    emptied = {"kind": Kind.TECHNICAL, "notice_on": date(2022, 6, 5), "available_on": date(2022, 9, 5)}
    with pytest.raises(DatesToConfirm, match="Le congé est du 05/06/2022, il y a 53 mois"):
        declare(world, **emptied)
    assert declare(world, **emptied, confirmed=True).notice_on == date(2022, 6, 5)


@pytest.mark.parametrize(("start", "end"), [(0, 30), (-10, 0), (30, 40), (5, 10)])
def test_unit_is_declared_once_for_dates_that_meet(world: World, start: int, end: int) -> None:
    later = MORNING + timedelta(days=60)
    unit = declare(world, now=later, confirmed=True).unit
    with pytest.raises(Refusal, match="est déjà déclaré libéré, libre le "):
        declare(
            world,
            unit=unit,
            now=later,
            confirmed=True,
            notice_on=TODAY + timedelta(days=start),
            available_on=TODAY + timedelta(days=end),
        )
    assert Vacancy.objects.count() == 1


def test_unit_falls_vacant_again_once_it_was_let(world: World) -> None:
    unit = let(world, declare(world)).unit
    later = MORNING + timedelta(days=400)
    again = declare(world, unit=unit, now=later, notice_on=later.date(), available_on=later.date())
    assert list(unit.vacancies.order_by("pk").values_list("ledger__exercise", flat=True)) == [2026, 2027]
    assert again.ledger.exercise == 2027


@pytest.mark.parametrize("kind", [Kind.IN_FLOW, Kind.EXCLUDED, Kind.TECHNICAL, Kind.STOCK])
def test_unit_in_stock_goes_straight_to_its_holder_and_writes_no_entry(world: World, kind: str) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=TODAY, by=world.people["alice"]
    )
    exclusion = "SALE_REHOUSING" if kind == Kind.EXCLUDED else ""
    vacancy = declare(world, unit=unit, kind=kind, exclusion=exclusion)
    assert (vacancy.kind, vacancy.exclusion, vacancy.ledger) == ("STOCK", "", None)
    routing = Routing.objects.get()
    assert (routing.vacancy, routing.holder, routing.recommendation) == (vacancy, world.holders["agents"], None)
    assert (routing.routed_at, routing.routed_by, routing.closed_at) == (MORNING, None, None)
    assert sweep_waiting_vacancies(now=MORNING) == 0
    assert (FlowEntry.objects.count(), Recommendation.objects.count(), Ledger.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(TODAY + timedelta(days=1), None), (date(2020, 1, 1), TODAY - timedelta(days=1))],
)
def test_stock_right_to_come_or_past_leaves_the_unit_in_the_flow(
    world: World, starts_on: date, ends_on: date | None
) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit,
        holder=world.holders["als"],
        ground="UNCONVERTED",
        starts_on=starts_on,
        ends_on=ends_on,
        by=world.people["alice"],
    )
    vacancy = declare(world, unit=unit)
    assert (vacancy.kind, Routing.objects.count()) == ("IN_FLOW", 0)


@pytest.mark.parametrize(
    ("kind", "exclusion"),
    [*((Kind.EXCLUDED, code) for code in Vacancy.Exclusion.values), (Kind.TECHNICAL, ""), (Kind.FIRST_LETTING, "")],
)
def test_what_is_out_of_the_flow_accrues_nothing(world: World, kind: str, exclusion: str) -> None:
    vacancy = declare(world, kind=kind, exclusion=exclusion)
    assert (vacancy.kind, vacancy.exclusion, vacancy.ledger) == (kind, exclusion, None)
    inside = declare(world)
    assert sweep_waiting_vacancies(now=MORNING) == 1
    assert set(FlowEntry.objects.order_by().values_list("vacancy", flat=True)) == {inside.pk}
    assert list(Recommendation.objects.values_list("vacancy", flat=True)) == [inside.pk]
    assert Ledger.objects.ordinary().get().sequence == 1


def test_vacancies_are_routed_in_order_of_registration_not_of_dates(world: World) -> None:
    late_notice = declare(world)
    early_notice = declare(world, notice_on=date(2026, 1, 5), available_on=date(2026, 4, 5), confirmed=True)
    route_waiting_vacancies(ledger_id=late_notice.ledger_id, now=MORNING)
    assert list(Recommendation.objects.order_by("sequence").values_list("vacancy", "sequence")) == [
        (late_notice.pk, 1),
        (early_notice.pk, 2),
    ]


def test_a_year_mistyped_is_refused(world: World) -> None:
    unit = world.unit()
    with pytest.raises(Refusal) as refused:
        declare_vacancy(
            unit=unit,
            kind=Vacancy.Kind.IN_FLOW,
            notice_on=MORNING.date(),
            available_on=MORNING.date().replace(year=2072),
            by=world.people["aline"],
            now=MORNING,
        )
    assert refused.value.field == "available_on"
    assert Vacancy.objects.count() == 0


def test_an_older_notice_while_the_unit_is_vacant_is_refused(world: World) -> None:
    vacancy = world.vacancy()
    with pytest.raises(Refusal) as refused:
        declare_vacancy(
            unit=vacancy.unit,
            kind=Vacancy.Kind.IN_FLOW,
            notice_on=date(2024, 3, 1),
            available_on=date(2024, 4, 1),
            by=world.people["aline"],
            now=MORNING,
        )
    assert refused.value.field == "unit"
    assert str(refused.value) == (
        f"{vacancy.unit} est déjà déclaré libéré, libre le {vacancy.available_on:%d/%m/%Y}, et n’est pas loué depuis : "
        "un logement ne se libère qu’une fois. S’il l’a été, enregistrez son bail, sur la page « Attribution et "
        "bail », ou annulez cette déclaration."
    )
    assert Vacancy.objects.get() == vacancy


@pytest.mark.parametrize(("kind", "counted"), [("IN_FLOW", True), ("TECHNICAL", False)])
def test_a_notice_cancelled_elsewhere_stays_in_the_ledger_of_its_class(world: World, kind: str, counted: bool) -> None:
    """Each landlord states its flow (CCH, R441-5): what never came is shown with its year, and moves no account."""
    vacancy = record_cancelled_notice(
        unit=world.unit(),
        kind=kind,
        exclusion="",
        notice_on=TODAY - timedelta(days=9),
        available_on=TODAY + timedelta(days=30),
        cancelled_on=TODAY - timedelta(days=2),
        reason=Vacancy.Cancellation.NOTICE_WITHDRAWN,
        text="Le locataire reste.",
        by=world.people["aline"],
        today=TODAY,
    )
    assert (vacancy.ledger is not None, vacancy.ledger) == (counted, Ledger.objects.ordinary().first())
    assert not FlowEntry.objects.filter(vacancy=vacancy).exists()
