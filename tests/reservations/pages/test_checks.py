"""What the law asks of conventions, drafted or in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from reservations.models import Convention, Landlord, LegalParameter, Organisation, Territory
from reservations.operations.absorption import pass_conventions
from reservations.operations.derogation import record_derogation
from reservations.operations.party import register_landlord, register_organisation
from reservations.pages.checks.check import CODES, Check, refusals, warnings
from reservations.pages.checks.findings import PHRASES, checks, checks_of
from reservations.queries.checks import findings
from reservations.queries.checks.findings import Finding, OfDraft
from reservations.queries.checks.quotas import Code
from tests.guards import unguarded
from tests.world import World, convention, promise_behind_the_acts, siren

TODAY = date(2026, 11, 24)
SIGNED_ON = date(2026, 1, 1)


@pytest.fixture
def hospital(world: World) -> Organisation:
    return register_organisation(
        siren=siren(50), name="Hôpital de Narbonne", article="l’", kind=Organisation.Kind.OTHER
    )


def landlord_checks(landlord: Landlord, *, on: date, territory: Territory | None = None) -> list[Check]:
    return checks_of([landlord], on=on, territory=territory)[landlord.pk]


def checks_shown(found: list[Check]) -> list[tuple[str, str, int | None, int | None]]:
    return [(check.code.value, check.where, check.measured, check.limit) for check in found]


def derogation(world: World, value: str, starts_on: date, ends_on: date) -> None:
    record_derogation(
        landlord=world.landlord,
        departement=world.places["Aude"],
        code=LegalParameter.Code.STATE_SHARE_MAX,
        value=Decimal(value),
        starts_on=starts_on,
        ends_on=ends_on,
        order="arrêté n° 2026-7",
        by=world.people["bob"],
    )


def state_draft(world: World, percent: str, starts_on: date, ends_on: date) -> Convention:
    return convention(
        world.landlord,
        world.state,
        world.places["Aude"],
        (world.holders["priority"], percent, 1),
        starts_on=starts_on,
        ends_on=ends_on,
        signed=False,
    )


#: Every kind of finding that a query gives: two are only what others have in common.
KINDS = {
    each
    for each in vars(findings).values()
    if isinstance(each, type) and issubclass(each, Finding) and each not in (Finding, OfDraft)
}


def test_each_kind_of_finding_has_its_words_and_each_code_its_heading() -> None:
    assert set(PHRASES) == KINDS
    assert set(CODES) == set(Code)


class TestDraft:
    def test_share_under_thirty_out_of_qpv_is_a_warning_not_a_refusal(self, world: World) -> None:
        draft = state_draft(world, "25", date(2029, 1, 1), date(2031, 12, 31))
        (check,) = checks(draft, on=SIGNED_ON)
        assert checks_shown([check]) == [("STATE_OUTSIDE_QPV", "Narbonne et 2 autres communes", 250_000, 300_000)]
        assert (check.level, check.article, check.convention) == ("WARNING", "CCH, R441-5-2 II", draft.pk)

    def test_thirty_percent_leaves_nothing_to_say(self, world: World) -> None:
        assert checks(state_draft(world, "30", date(2029, 1, 1), date(2031, 12, 31)), on=SIGNED_ON) == []

    def test_order_of_the_prefet_lifts_the_cap_for_its_time_only(self, world: World) -> None:
        derogation(world, "35", date(2029, 1, 1), date(2029, 12, 31))
        assert checks(state_draft(world, "35", date(2029, 1, 1), date(2029, 12, 31)), on=SIGNED_ON) == []
        longer = state_draft(world, "35", date(2029, 1, 1), date(2030, 12, 31))
        (check,) = refusals(checks(longer, on=SIGNED_ON))
        assert check.sentence.replace("\u00a0", " ") == (
            "La part de l’État est de 35 % : le plafond est de 30 % du flux à partir du 01/01/2030 (CCH, R441-5-2). "
            "Réduisez-la."
        )

    def test_share_over_the_cap_of_an_order_names_the_order(self, world: World) -> None:
        derogation(world, "35", date(2029, 1, 1), date(2029, 12, 31))
        (check,) = checks(state_draft(world, "36", date(2029, 1, 1), date(2029, 12, 31)), on=SIGNED_ON)
        assert checks_shown([check]) == [("STATE_SHARE", "Aude", 360_000, 350_000)]
        assert "par dérogation (arrêté n° 2026-7)" in check.what

    def test_order_for_another_landlord_lifts_nothing(self, world: World) -> None:
        derogation(world, "35", date(2029, 1, 1), date(2029, 12, 31))
        draft = convention(
            world.other_landlord,
            world.state,
            world.places["Aude"],
            (world.holders["priority"], "35", 1),
            starts_on=date(2029, 1, 1),
            ends_on=date(2029, 12, 31),
            signed=False,
        )
        assert [check.code for check in refusals(checks(draft, on=SIGNED_ON))] == ["STATE_SHARE"]

    def test_version_that_a_draft_amends_is_not_counted_against_it(self, world: World) -> None:
        """The State's 30 % stay 30 %, and neither its ranks nor its dates stand in the way."""
        signed = world.conventions["state"]
        amendment = convention(
            world.landlord,
            world.state,
            world.places["Aude"],
            (world.holders["priority"], "24", 2),
            (world.holders["agents"], "5", 1),
            starts_on=date(2027, 1, 1),
            signed=False,
        )
        assert len(refusals(checks(amendment, on=TODAY))) == 5  # both caps, both ranks, the dates
        Convention.objects.filter(pk=amendment.pk).update(amends=signed, version=2)
        amendment.refresh_from_db()
        assert refusals(checks(amendment, on=TODAY)) == []

    def test_ranks_swapped_in_the_middle_of_a_year_are_refused_to_an_amendment_too(self, world: World) -> None:
        amendment = convention(
            world.landlord,
            world.state,
            world.places["Aude"],
            (world.holders["priority"], "24", 2),
            starts_on=date(2027, 7, 1),
            signed=False,
        )
        Convention.objects.filter(pk=amendment.pk).update(amends=world.conventions["state"], version=2)
        amendment.refresh_from_db()
        assert [check.what for check in refusals(checks(amendment, on=TODAY))] == [
            "Le rang 2 est déjà celui de l’État – agents"
        ]

    def test_days_without_a_convention_before_and_after_are_warned_about(self, world: World) -> None:
        convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "12", 4),
            starts_on=date(2032, 1, 1),
            ends_on=date(2032, 12, 31),
        )
        draft = convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "12", 4),
            starts_on=date(2029, 1, 2),
            ends_on=date(2031, 11, 30),
            signed=False,
        )
        assert [(check.code, check.level, check.what.split(",")[0]) for check in checks(draft, on=TODAY)] == [
            ("PERIOD_GAP", "WARNING", "Du 01/01/2029 au 01/01/2029"),
            ("PERIOD_GAP", "WARNING", "Du 01/12/2031 au 31/12/2031"),
        ]

    def test_amendment_follows_the_version_that_it_replaces_without_a_gap(self, world: World) -> None:
        """Three versions: the first ended long ago, the second ends the day before the third."""
        first = world.end(world.conventions["city"], date(2026, 12, 31))
        second = convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "12", 4),
            starts_on=date(2027, 1, 1),
        )
        third = convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "13", 4),
            starts_on=date(2028, 1, 1),
            signed=False,
        )
        Convention.objects.filter(pk=third.pk).update(amends=second, version=3)
        assert first.ends_on == date(2026, 12, 31)
        assert checks(Convention.objects.get(pk=third.pk), on=date(2027, 6, 1)) == []

    def test_authorities_over_the_guarantee_cap_are_a_warning(self, world: World) -> None:
        draft = convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "20.5", 4),
            starts_on=date(2029, 1, 1),
            ends_on=date(2030, 12, 31),
            signed=False,
        )
        assert [(check.level, *checks_shown([check])[0]) for check in checks(draft, on=TODAY)] == [
            ("WARNING", "GUARANTEE_SHARE", "Narbonne", 205_000, 200_000)
        ]

    def test_authority_whose_territory_was_corrected_since_is_refused(self, world: World) -> None:
        draft = convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "12", 4),
            starts_on=date(2029, 1, 1),
            ends_on=date(2030, 12, 31),
            signed=False,
        )
        Organisation.objects.filter(pk=world.city.pk).update(territory=world.places["Coursan"])
        (check,) = checks(Convention.objects.get(pk=draft.pk), on=TODAY)
        assert (check.code, check.level, check.article) == ("OWN_TERRITORY", "REFUSAL", "CCH, R441-5-3")

    def test_figure_that_nobody_recorded_is_stated(self, world: World) -> None:
        LegalParameter.objects.filter(code="STATE_OUTSIDE_QPV_MIN").delete()
        draft = state_draft(world, "25", date(2029, 1, 1), date(2031, 12, 31))
        assert [(check.code, check.level) for check in checks(draft, on=SIGNED_ON)] == [
            ("PARAMETER_MISSING", "WARNING")
        ]


class TestInForce:
    def test_small_world_keeps_to_the_law(self, world: World) -> None:
        assert landlord_checks(world.landlord, on=TODAY) == []

    def test_share_over_the_cap_is_a_refusal_with_its_figures(self, world: World) -> None:
        convention(world.other_landlord, world.state, world.places["Aude"], (world.holders["priority"], "30", 1))
        LegalParameter.objects.filter(code="STATE_SHARE_MAX").update(value=28)
        LegalParameter.objects.filter(code="STATE_OUTSIDE_QPV_MIN").update(value=28)
        assert checks_shown(landlord_checks(world.other_landlord, on=TODAY)) == [
            ("STATE_SHARE", "Narbonne et 2 autres communes", 300_000, 280_000)
        ]

    def test_order_in_force_is_reported_with_its_end(self, world: World) -> None:
        derogation(world, "35", date(2026, 7, 1), date(2026, 12, 31))
        (check,) = landlord_checks(world.landlord, on=TODAY)
        assert (check.code, check.level, check.measured, check.limit) == (
            "DEROGATION_ENDING",
            "WARNING",
            300_000,
            350_000,
        )
        assert landlord_checks(world.landlord, on=date(2027, 1, 1)) == []

    def test_share_that_differs_by_commune_is_a_warning(self, world: World) -> None:
        """No act signs for a part of a département: what a damaged or migrated database could hold."""
        region = register_organisation(
            siren=siren(61),
            name="Préfecture d’Occitanie",
            article="la",
            kind=Organisation.Kind.STATE,
            territory=world.places["Occitanie"],
        )
        convention(world.other_landlord, world.state, world.places["Aude"], (world.holders["priority"], "25", 1))
        more = convention(
            world.other_landlord, region, world.places["Aude"], (region.contingents.get(contingent=2), "5", 2)
        )
        assert landlord_checks(world.other_landlord, on=TODAY) == []
        with unguarded("reservations_convention.terms_kept"):
            Convention.objects.filter(pk=more.pk).update(perimeter=world.places["Narbonne"])
        found = landlord_checks(world.other_landlord, on=TODAY)
        assert checks_shown(found) == [
            ("STATE_UNIFORM", "Narbonne ; Coursan et 1 autre commune", 300_000, 250_000),
            ("STATE_OUTSIDE_QPV", "Coursan et 1 autre commune", 250_000, 300_000),
        ]

    def test_two_conventions_of_one_signatory_on_a_commune_are_a_refusal(self, world: World) -> None:
        second = convention(world.landlord, world.als, world.places["Hérault"], (world.holders["als"], "1", 3))
        with unguarded("reservations_convention.terms_kept"):
            Convention.objects.filter(pk=second.pk).update(perimeter=world.places["Narbonne"])
        (check,) = landlord_checks(world.landlord, on=TODAY)
        assert (check.code, check.level, check.where, check.article) == (
            "ONE_CONVENTION",
            "REFUSAL",
            "Narbonne",
            "CCH, R441-5",
        )

    def test_promises_over_the_whole_flow_are_a_refusal(self, world: World) -> None:
        promise_behind_the_acts(world.conventions["city"], 900_000)
        found = refusals(landlord_checks(world.landlord, on=TODAY))
        assert checks_shown(found) == [("OVER_COMMITTED", "Narbonne", 1_460_000, 1_000_000)]

    def test_conventions_of_a_landlord_that_is_absorbed_go_on_and_are_no_warning(self, world: World) -> None:
        """On their last day there: they go on with the other landlord (Code de commerce, L236-3)."""
        gone, stays = world.landlord, world.other_landlord
        pass_conventions(gone=gone, stays=stays, last=TODAY, why="fusion", by=world.people["zoe"])
        assert {each.ends_on for each in Convention.objects.filter(landlord=gone)} == {TODAY}
        assert "CONVENTION_ENDING" not in {check.code.value for check in landlord_checks(gone, on=TODAY)}

    def test_convention_about_to_end_with_nothing_after_is_a_warning(self, world: World) -> None:
        assert landlord_checks(world.landlord, on=date(2028, 7, 3)) == []
        found = landlord_checks(world.landlord, on=date(2028, 7, 4))
        assert {check.code for check in found} == {"CONVENTION_ENDING"}
        assert len(found) == 4
        convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "12", 4),
            starts_on=date(2029, 1, 1),
            ends_on=date(2029, 12, 31),
        )
        assert [check.what.split(" finit")[0] for check in landlord_checks(world.landlord, on=date(2028, 7, 4))] == [
            "La convention avec la Préfecture de l’Aude",
            "La convention avec Action Logement Services",
            "La convention avec le Grand Narbonne",
        ]

    def test_interruption_between_two_conventions_is_a_warning_until_it_is_over(self, world: World) -> None:
        convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "12", 4),
            starts_on=date(2029, 2, 1),
            ends_on=date(2031, 12, 31),
        )
        gap = "Du 01/01/2029 au 31/01/2029, soit 31 jours, aucune convention"
        found = [
            [check.what[: len(gap)] for check in landlord_checks(world.landlord, on=day) if check.code == "PERIOD_GAP"]
            for day in (TODAY, date(2029, 1, 31), date(2029, 2, 1))
        ]
        assert found == [[gap], [gap], []]

    def test_interruption_is_stated_alike_from_the_convention_that_follows(self, world: World) -> None:
        next_one = convention(
            world.landlord,
            world.city,
            world.places["Narbonne"],
            (world.holders["city"], "12", 4),
            starts_on=date(2029, 2, 1),
            ends_on=date(2031, 12, 31),
            signed=False,
        )
        [gap] = [check for check in checks(next_one, on=TODAY) if check.code == Code.PERIOD_GAP]
        assert gap.what.startswith("Du 01/01/2029 au 31/01/2029, soit 31 jours, aucune convention")

    def test_territory_keeps_what_bears_on_its_communes(self, world: World) -> None:
        promise_behind_the_acts(world.conventions["city"], 900_000)
        for place, expected in (("Narbonne", ["OVER_COMMITTED"]), ("Coursan", []), ("Hérault", [])):
            found = landlord_checks(world.landlord, on=TODAY, territory=world.places[place])
            assert [check.code for check in refusals(found)] == expected

    @pytest.mark.parametrize("count", [1, 12])
    def test_queries_are_as_many_for_several_landlords(
        self, world: World, django_assert_num_queries: Callable, count: int
    ) -> None:
        landlords = [world.landlord]
        for number in range(1, count):
            landlords.append(
                register_landlord(siren=siren(100 + number), name=f"Bailleur {number}", acronym=f"B{number}")
            )
            convention(landlords[-1], world.state, world.places["Aude"], (world.holders["priority"], "25", 1))
        with django_assert_num_queries(2):
            found = checks_of(landlords, on=TODAY)
        assert [len(warnings(found[landlord.pk])) for landlord in landlords] == [0] + [1] * (count - 1)
