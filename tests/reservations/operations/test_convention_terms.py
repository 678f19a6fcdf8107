"""What a convention settles besides its shares: what is proposed, what is refused, what is written."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from reservations.models import Convention, Delegation, LegalParameter, Organisation
from reservations.models.terms import TERMS
from reservations.operations.convention import draft_convention
from reservations.operations.convention_terms import (
    DelegationRefused,
    QuotaTerms,
    TermsRefused,
    cap_of,
    proposed_terms,
    terms_of,
)
from reservations.operations.party import register_organisation
from reservations.operations.terms import ConventionTerms, DelegationScope
from reservations.queries.signatories import delegates_in
from tests.world import World, convention, siren

STARTS_ON = date(2029, 1, 1)


def drafted(world: World, terms: ConventionTerms | None = None, **given: object) -> Convention:
    """The city's next convention."""
    named = {
        "landlord": world.landlord,
        "organisation": world.city,
        "perimeter": world.places["Narbonne"],
        "starts_on": STARTS_ON,
        "ends_on": date(2031, 12, 31),
        "quotas": [QuotaTerms(world.holders["city"], 120_000, 4)],
        "by": world.people["alice"],
        "terms": terms,
    }
    return draft_convention(**named | given)


#: What an EPCI asks for: « avec l’accord du maire » (CCH, L441-1).
AGREED = DelegationScope(accord_on=date(2026, 3, 3), accord_reference="délibération n° 12")


def delegated(world: World, *delegates: Organisation, holder: str = "priority") -> Convention:
    """The State's next convention, with delegates."""
    return drafted(
        world,
        organisation=world.state,
        perimeter=world.places["Aude"],
        quotas=[QuotaTerms(world.holders[holder], 50_000, 1, delegates, scope=AGREED)],
    )


def test_terms_are_the_columns_that_a_signature_freezes() -> None:
    assert sorted(each.name for each in fields(ConventionTerms)) == sorted(TERMS)


def test_terms_proposed_are_those_of_the_law_and_usage_on_the_first_day(world: World) -> None:
    expected = ConventionTerms(proposal_days=20, first_letting_days=40, minimum_candidates=3)
    assert proposed_terms(world.city, STARTS_ON) == expected
    assert terms_of(drafted(world)) == expected
    assert proposed_terms(world.als, STARTS_ON).fallback == ("MAYOR", "NEXT", "LANDLORD")


def test_figure_that_no_parameter_holds_is_not_proposed(world: World) -> None:
    LegalParameter.objects.filter(code="PROPOSAL_DAYS").update(ends_on=date(2028, 12, 31))
    assert proposed_terms(world.city, date(2028, 12, 31)).proposal_days == 20
    assert proposed_terms(world.city, STARTS_ON).proposal_days is None


def test_draft_in_the_place_of_another_keeps_its_terms_when_none_are_given(world: World) -> None:
    draft = drafted(world, ConventionTerms(proposal_days=10, carry_over="FULL"))
    again = drafted(world, replaces=draft)
    assert terms_of(Convention.objects.get(pk=again.pk)) == ConventionTerms(proposal_days=10, carry_over="FULL")


def test_every_term_is_written_as_given(world: World) -> None:
    given = ConventionTerms(
        day_unit="CLEAR",
        august_suspended=True,
        opens_on="WORKS",
        signal_days=10,
        publics=("DALO", "LABELLED"),
        outside_publics="REFUSED",
        file_days=15,
        dalo_refusal_said=True,
        clauses={"SUPPORT": "Par le CCAS.", "EVALUATION": "En mars, chez le préfet."},
        renewal_months=24,
        renewal_times=3,
        notice_months=6,
        counting_point="LEASED",
        returns_effect="NO",
        returned_cap=2_000_000,
        uniform_communes=True,
        proposal_days=1,
        first_letting_days=365,
        minimum_candidates=20,
        carry_over="CAPPED",
        carry_over_cap=1_250_000,
        first_letting_counts=True,
        fallback=("MAYOR", "STATE", "NEXT", "LANDLORD"),
        new_candidates_days=5,
        clock_restarts=("COMMITTEE",),
        not_offered=(),
        local_holidays=True,
        management="DELEGATED",
        articles="Vu l’accord.\nArticle : Suivi\nUne réunion par an.",
    )
    assert terms_of(Convention.objects.get(pk=drafted(world, given).pk)) == given


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"renewal_months": 0}, "renewal_months", "de 1 à 120 mois"),
        ({"renewal_months": 121}, "renewal_months", "écrivez 12 pour un an"),
        ({"renewal_times": 31, "renewal_months": 12}, "renewal_times", "de 1 à 30"),
        ({"notice_months": 25, "renewal_months": 36}, "notice_months", "de 1 à 24 mois"),
        ({"renewal_times": 2}, "renewal_times", "n’est pas reconduite tacitement, et porte un nombre"),
        ({"notice_months": 3}, "notice_months", "effacez-le"),
        ({"renewal_months": 12}, "notice_months", "écrivez combien de mois avant le terme"),
        ({"renewal_months": 3, "notice_months": 6}, "notice_months", "plus long que la reconduction, 3 mois"),
        ({"renewal_months": 60, "notice_months": 6, "renewal_times": 30}, "renewal_times", "plus de 99 ans"),
        ({"proposal_days": 0}, "proposal_days", "de 1 à 365 jours"),
        ({"proposal_days": 366}, "proposal_days", "de 1 à 365 jours"),
        ({"first_letting_days": 0}, "first_letting_days", "de 1 à 365 jours"),
        ({"first_letting_days": 366}, "first_letting_days", "de 1 à 365 jours"),
        ({"minimum_candidates": 0}, "minimum_candidates", "de 1 à 20"),
        ({"minimum_candidates": 21}, "minimum_candidates", "de 1 à 20"),
        ({"returned_cap": 2_000_000}, "returned_cap", "il ne laisse rien à plafonner"),
        ({"returned_cap": 2_000_000, "returns_effect": "YES"}, "returned_cap", "il ne laisse rien à plafonner"),
        ({"returned_cap": 0, "returns_effect": "NO"}, "returned_cap", "plus de 0"),
        ({"carry_over": "CAPPED"}, "carry_over_cap", "Écrivez le plafond"),
        ({"carry_over": "CAPPED", "carry_over_cap": 0}, "carry_over_cap", "Écrivez le plafond"),
        ({"carry_over": "FULL", "carry_over_cap": 1_000_000}, "carry_over_cap", "ne sert qu’à un report plafonné"),
        ({"carry_over": "NONE", "carry_over_cap": 1_000_000}, "carry_over_cap", "ne sert qu’à un report plafonné"),
        ({"carry_over": "CAPPED", "carry_over_cap": 1_001_000_000}, "carry_over_cap", "d’au plus 1"),
        ({"carry_over": "CAPPED", "carry_over_cap": 1_250_001}, "carry_over_cap", "deux décimales au plus"),
        ({"new_candidates_days": 0}, "new_candidates_days", "de 1 à 365 jours"),
        ({"new_candidates_days": 366}, "new_candidates_days", "de 1 à 365 jours"),
        ({"new_candidates_days": 5, "clock_restarts": ()}, "clock_restarts", "après quel refus"),
        ({"clock_restarts": ("HOLDER",)}, "clock_restarts", "de la liste"),
        ({"clock_restarts": ("COMMITTEE", "COMMITTEE")}, "clock_restarts", "chacune une fois"),
        ({"not_offered": ("HOLDER",)}, "not_offered", "de la liste"),
        ({"fallback": ()}, "fallback", "au moins une étape"),
        ({"fallback": ("NEXT", "NEXT")}, "fallback", "écrite deux fois"),
        ({"fallback": ("LANDLORD", "NEXT")}, "fallback", "vient en dernier"),
        ({"articles": "Article :\nUne réunion."}, "articles", "n’a pas de titre"),
        ({"articles": "Article : Suivi\n\nArticle : Publics\nTous."}, "articles", "« Suivi » n’a pas de texte"),
        ({"articles": "Article : Suivi\nUn.\nArticle 2. Suivi\nDeux."}, "articles", "Deux articles s’appellent"),
        ({"publics": ("RICH",)}, "publics", "de la liste"),
        ({"publics": ("DALO", "DALO")}, "publics", "chacun une fois"),
        ({"outside_publics": "IGNORED"}, "outside_publics", "signalé, ou refusé"),
        ({"outside_publics": "REFUSED"}, "publics", "choisissez les publics éligibles, ou"),
        ({"file_days": 0}, "file_days", "de 1 à 365 jours"),
        ({"clauses": {"WEATHER": "Beau."}}, "clauses", "une matière de la liste"),
        ({"clauses": {"SUPPORT": " "}}, "clause_support", "« Accompagnement social » est vide"),
        ({"clauses": {"SUPPORT": "a" * 4_001}}, "clause_support", "fait 4.001 signes"),
        (
            {"clauses": {"DALO_REFUSAL": "Le préfet est saisi."}, "publics": ("LABELLED",)},
            "clause_dalo_refusal",
            "ajoutez-le aux publics, ou effacez la clause",
        ),
        ({"signal_days": 366}, "signal_days", "de 1 à 365 jours"),
        ({"day_unit": "MONTH"}, "day_unit", "ce qu’est un jour"),
        ({"opens_on": "LEASE"}, "opens_on", "ce qui ouvre le flux"),
        ({"day_unit": "CALENDAR", "local_holidays": True}, "local_holidays", "décochez ceux d’Alsace-Moselle, ou"),
        ({"articles": "a" * 30_001}, "articles", "Vos articles font 30"),
    ],
)
def test_term_that_cannot_be_is_refused_at_its_field_and_nothing_is_written(
    world: World, wrong: dict[str, object], field: str, sentence: str
) -> None:
    before = Convention.objects.count()
    with pytest.raises(TermsRefused, match=sentence) as refused:
        drafted(world, replace(proposed_terms(world.city, STARTS_ON), **wrong))
    assert refused.value.field == field
    assert Convention.objects.count() == before


@pytest.mark.parametrize(("units", "cap"), [("0.01", 10_000), ("1.25", 1_250_000), ("1000", 1_000_000_000)])
def test_cap_typed_in_units_is_exact(units: str, cap: int) -> None:
    assert cap_of(Decimal(units)) == cap


@pytest.mark.parametrize("units", ["0", "-1", "1000.01", "1.255"])
def test_cap_out_of_bounds_or_too_fine_is_refused(units: str) -> None:
    with pytest.raises(TermsRefused) as refused:
        cap_of(Decimal(units))
    assert refused.value.field == "carry_over_cap"


def test_delegates_are_written_and_replaced_with_their_draft(world: World) -> None:
    draft = delegated(world, world.epci, world.city)
    written = Delegation.objects.filter(quota__convention=draft)
    assert {each.delegate for each in written} == {world.epci, world.city}
    drafted(
        world,
        organisation=world.state,
        perimeter=world.places["Aude"],
        quotas=[QuotaTerms(world.holders["priority"], 50_000, 2, (world.city,))],
        replaces=draft,
    )
    assert [(each.quota.holder, each.delegate) for each in written.all()] == [(world.holders["priority"], world.city)]


def test_a_commune_does_not_delegate(world: World) -> None:
    with pytest.raises(
        DelegationRefused,
        match=r"^.* ne délègue pas ses droits : seuls le préfet \(CCH, L441-1\), une intercommunalité ou",
    ) as refused:
        drafted(world, quotas=[QuotaTerms(world.holders["city"], 120_000, 4, (world.epci,))])
    assert refused.value.field == "delegates"


@pytest.mark.parametrize("name", ["als", "state"])
def test_delegate_is_a_commune_or_an_epci(world: World, name: str) -> None:
    with pytest.raises(DelegationRefused, match="n’est délégué qu’à une commune ou une intercommunalité"):
        delegated(world, getattr(world, name))
    assert not Delegation.objects.exists()


@pytest.mark.parametrize("place", ["Béziers", "Béziers Méditerranée", None])
def test_delegate_without_a_commune_in_the_perimeter_is_refused(world: World, place: str | None) -> None:
    kind = Organisation.Kind.COMMUNE if place == "Béziers" else Organisation.Kind.EPCI
    elsewhere = register_organisation(
        siren=siren(70), name="Ailleurs", kind=kind, territory=world.places[place or "Béziers Méditerranée"]
    )
    Organisation.objects.filter(pk=elsewhere.pk).update(territory=place and world.places[place])
    elsewhere.refresh_from_db()
    with pytest.raises(DelegationRefused, match=r"^Ailleurs n’a aucune commune dans le périmètre \(Aude\)"):
        delegated(world, elsewhere)
    assert list(delegates_in(world.places["Aude"]).order_by("name")) == [world.epci, world.city]


def test_two_delegates_of_one_scale_on_the_same_territory_are_refused(world: World) -> None:
    twin = register_organisation(
        siren=siren(71),
        name="CCAS de Narbonne",
        article="le",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Narbonne"],
    )
    with pytest.raises(DelegationRefused, match="proposeraient sur le même territoire"):
        delegated(world, world.city, twin)


def test_terms_given_to_the_world_are_those_of_the_convention(world: World) -> None:
    row = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "1", 4),
        starts_on=STARTS_ON,
        ends_on=date(2029, 12, 31),
        signed=False,
        proposal_days=7,
    )
    assert row.proposal_days == 7
