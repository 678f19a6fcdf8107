"""What is printed of a convention."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reservations.models import Convention, Delegation, LegalParameter, Quota
from reservations.models.terms import TERMS
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.documents import attach_document
from reservations.pages.documents import Change, convention_text, signed_documents
from tests.guards import unguarded
from tests.signing import sign_convention
from tests.world import World, convention

Code = LegalParameter.Code

#: Terms of which nothing is agreed but what has to be.
BARE: dict[str, Any] = {
    "publics": [],
    "outside_publics": "WARNED",
    "file_days": None,
    "dalo_refusal_said": False,
    "clauses": {},
    "renewal_months": None,
    "renewal_times": None,
    "notice_months": None,
    "day_unit": "WORKING",
    "august_suspended": False,
    "opens_on": "NOTICE",
    "signal_days": None,
    "counting_point": "ROUTED",
    "earlier_dues": "SETTLED",
    "returns_effect": "YES_IF_HOLDER_FAULT",
    "returned_cap": None,
    "uniform_communes": False,
    "proposal_days": None,
    "first_letting_days": None,
    "minimum_candidates": None,
    "carry_over": "NONE",
    "carry_over_cap": None,
    "first_letting_counts": False,
    "fallback": [],
    "new_candidates_days": None,
    "clock_restarts": ["APPLICANT", "COMMITTEE"],
    "not_offered": ["LANDLORD", "UNIT"],
    "local_holidays": False,
    "management": "DIRECT",
    "articles": "",
}


def bare(row: Convention) -> Convention:
    """The same convention with bare terms, though it is signed."""
    with unguarded("reservations_convention.terms_kept"):
        Convention.objects.filter(pk=row.pk).update(**BARE)
    return Convention.objects.get(pk=row.pk)


def test_bare_terms_are_all_the_terms() -> None:
    assert sorted(BARE) == sorted(TERMS)


def version_two(world: World, **terms: Any) -> Convention:
    """An amendment to the city's convention, whose terms are bare, from 2027 on; still a draft, without a share."""
    first = bare(world.conventions["city"])
    given: dict[str, Any] = {"starts_on": date(2027, 1, 1), "ends_on": first.ends_on} | terms
    return Convention.objects.create(
        landlord=first.landlord,
        organisation=first.organisation,
        perimeter=first.perimeter,
        amends=first,
        version=2,
        **given,
    )


def give(row: Convention, world: World, share: int = 120_000, rank: int = 4) -> Convention:
    Quota.objects.create(convention=row, holder=world.holders["city"], share=share, rank=rank)
    return row


def test_shares_are_exact_fractions_in_the_order_of_their_rank(world: World) -> None:
    text = convention_text(world.conventions["state"])
    assert [(part.quota.holder, part.numerator, part.denominator) for part in text.parts] == [
        (world.holders["priority"], 1, 4),
        (world.holders["agents"], 1, 20),
    ]
    assert text.total == 300_000
    assert text.title == "Convention de réservation Robine Habitat – Préfecture de l’Aude, version 1"
    assert text.file_name == "convention-rh-990000010-v1.pdf"
    assert (text.amendment, text.is_of_the_state, text.on_own_territory) == (0, True, False)


def test_share_that_no_simple_fraction_gives_stays_exact(world: World) -> None:
    years = {"starts_on": date(2029, 1, 1), "ends_on": date(2029, 12, 31)}
    row = convention(
        world.landlord, world.city, world.places["Narbonne"], (world.holders["city"], "33.3333", 4), **years
    )
    (part,) = convention_text(row).parts
    assert (part.numerator, part.denominator) == (333_333, 1_000_000)


def test_figures_of_the_law_are_those_of_the_day_it_takes_effect(world: World) -> None:
    law = convention_text(world.conventions["state"]).law
    assert (law.state_cap, law.agents_cap, law.outside_qpv_minimum) == ("30\u202f%", "5\u202f%", "30\u202f%")
    assert (law.derogation_months, law.notice_months, law.minimum_candidates) == (12, 2, 3)
    assert law.report_day == "28 février"


def test_later_figure_of_the_law_changes_later_conventions_only(world: World) -> None:
    LegalParameter.objects.filter(code=Code.FORECAST_DUE).update(ends_on=date(2028, 12, 31))
    LegalParameter.objects.create(code=Code.FORECAST_DUE, value=Decimal(331), starts_on=date(2029, 1, 1), source="?")
    later = version_two(world, starts_on=date(2029, 1, 1), ends_on=date(2029, 12, 31))
    assert convention_text(world.conventions["city"]).law.report_day == "28 février"
    assert convention_text(later).law.report_day == "31 mars"


def test_figure_that_nobody_recorded_is_not_invented(world: World) -> None:
    LegalParameter.objects.all().delete()
    law = convention_text(world.conventions["state"]).law
    assert {getattr(law, name) for name in law.__slots__} == {None}


def test_first_version_changes_nothing(world: World) -> None:
    assert convention_text(world.conventions["city"]).changes == ()


def test_amendment_that_changes_nothing_says_so(world: World) -> None:
    text = convention_text(give(version_two(world), world))
    assert text.changes == ()
    assert text.amendment == 1
    assert text.title == "Avenant n°\u00a01 Robine Habitat – Ville de Narbonne, version 2"


CHANGES = [
    ({"ends_on": date(2029, 6, 30)}, ("Fin de la convention", "31 décembre 2028", "30 juin 2029")),
    ({"counting_point": "LEASED"}, ("Point de comptage", "à l’orientation", "au bail signé")),
    (
        {"returns_effect": "NO"},
        ("Effet d’un logement rendu", "compte si le réservataire en est la cause", "ne compte jamais"),
    ),
    (
        {"carry_over": "CAPPED", "carry_over_cap": 1_500_000},
        (
            "Report d’une année sur l’autre",
            "aucun report",
            "report plafonné à 1,5 logement",
        ),
    ),
    ({"uniform_communes": True}, ("D’une commune à l’autre", "sans uniformité demandée", "uniformément")),
    ({"first_letting_counts": True}, ("Premières locations", "en plus de la part", "comptent dans la part")),
    (
        {"management": "DELEGATED"},
        (
            "Gestion",
            "directe : le réservataire propose des candidats",
            "déléguée : le bailleur cherche les candidats",
        ),
    ),
    ({"proposal_days": 20}, ("Délai pour proposer", "aucun délai convenu", "20 jours ouvrés")),
    ({"proposal_days": 1}, ("Délai pour proposer", "aucun délai convenu", "1 jour ouvré")),
    ({"first_letting_days": 40}, ("Délai à la première location", "aucun délai convenu", "40 jours ouvrés")),
    ({"minimum_candidates": 3}, ("Candidats à proposer, au moins", "aucun minimum convenu", "3")),
    (
        {"new_candidates_days": 5, "clock_restarts": ["COMMITTEE"]},
        (
            "Nouveau délai après un refus",
            "le délai ne repart pas",
            "5 jours ouvrés, après le refus de : la CALEOL",
        ),
    ),
    (
        {"not_offered": ["APPLICANT", "LANDLORD", "UNIT"]},
        (
            "Ne compte pas comme proposé",
            "si la cause est le bailleur ou le logement",
            "si la cause est le demandeur, le bailleur ou le logement",
        ),
    ),
    ({"not_offered": []}, ("Ne compte pas comme proposé", "si la cause est le bailleur ou le logement", "rien")),
    (
        {"articles": "Article : Suivi\nLes parties se réunissent\nchaque trimestre."},
        ("Article libre : Suivi", "–", "Les parties se réunissent chaque trimestre."),
    ),
    ({"articles": "Vu l’accord du 3 mars."}, ("Préambule", "–", "Vu l’accord du 3 mars.")),
    (
        {"publics": ["LABELLED"]},
        (
            "Publics éligibles",
            "tous",
            "ménage labellisé par l’État ; un autre candidat est signalé au bailleur, et transmis",
        ),
    ),
    ({"file_days": 5}, ("Délai pour compléter un dossier", "aucun délai convenu", "5 jours ouvrés")),
    ({"dalo_refusal_said": True}, ("Refus d’un ménage DALO", "sans motif demandé", "motivé en une phrase")),
    ({"clauses": {"SUPPORT": "Par le CCAS."}}, ("Clause : Accompagnement social", "–", "Par le CCAS.")),
    ({"day_unit": "CLEAR"}, ("Jours comptés", "jours ouvrés", "jours francs")),
    ({"august_suspended": True}, ("Mois d’août", "compte", "ne compte pas")),
    ({"opens_on": "AVAILABLE"}, ("Ouverture du flux", "le congé reçu", "le logement libre")),
    ({"signal_days": 10}, ("Délai de signalement", "aucun délai convenu", "10 jours ouvrés")),
    ({"local_holidays": True}, ("Jours fériés", "nationaux", "nationaux et d’Alsace-Moselle")),
    (
        {"fallback": ["MAYOR", "LANDLORD"]},
        (
            "À défaut de candidat",
            "aucun ordre convenu",
            "la commune du logement, puis le bailleur, pour une location",
        ),
    ),
]


@pytest.mark.parametrize(("terms", "change"), CHANGES, ids=lambda given: next(iter(given), ""))
def test_amendment_states_each_term_before_and_after(
    world: World, terms: dict[str, Any], change: tuple[str, str, str]
) -> None:
    assert convention_text(give(version_two(world, **terms), world)).changes == (Change(*change),)


def test_amendment_states_that_it_is_renewed_from_now_on(world: World) -> None:
    terms = {"renewal_months": 12, "renewal_times": 3, "notice_months": 6, "term_on": date(2028, 12, 31)}
    row = version_two(world, **terms | {"ends_on": date(2031, 12, 31)})
    assert convention_text(give(row, world)).changes == (
        Change("Reconduction tacite", "aucune", "pour 1 an, 3 fois au plus"),
        Change("Préavis de non-reconduction", "–", "6 mois avant chaque terme"),
    )


def test_amendment_states_shares_ranks_and_contingents_that_come_and_go(world: World) -> None:
    assert convention_text(give(version_two(world), world, share=125_000, rank=7)).changes == (
        Change("Part\u00a0: Ville de Narbonne", "12\u202f%", "12,5\u202f%"),
        Change("Rang\u00a0: Ville de Narbonne", "4", "7"),
    )


def test_amendment_without_a_share_it_had_says_it_is_no_more(world: World) -> None:
    assert convention_text(version_two(world)).changes == (
        Change("Part\u00a0: Ville de Narbonne", "12\u202f%", "–"),
        Change("Rang\u00a0: Ville de Narbonne", "4", "–"),
    )


def test_delegation_is_reported_with_its_contingent(world: World) -> None:
    first = bare(world.conventions["state"])
    row = Convention.objects.create(
        landlord=first.landlord,
        organisation=first.organisation,
        perimeter=first.perimeter,
        starts_on=date(2027, 1, 1),
        ends_on=first.ends_on,
        amends=first,
        version=2,
    )
    for quota in first.quotas.order_by("rank"):
        mine = Quota.objects.create(convention=row, holder=quota.holder, share=quota.share, rank=quota.rank)
        if quota.holder == world.holders["priority"]:
            Delegation.objects.create(quota=mine, delegate=world.city)
    text = convention_text(row)
    assert [part.delegates for part in text.parts] == [((world.city, ""),), ()]
    assert text.changes == (Change("Délégation\u00a0: État – publics prioritaires", "–", "Ville de Narbonne"),)


def test_end_reported_is_the_one_that_was_signed_even_when_it_was_brought_forward(world: World) -> None:
    world.end(world.conventions["city"], date(2026, 12, 31))
    row = Convention.objects.get(pk=world.conventions["city"].pk)
    assert (row.ends_on, convention_text(row).agreed_end) == (date(2026, 12, 31), date(2028, 12, 31))


def test_version_cut_by_its_amendment_is_compared_as_it_was_signed(world: World) -> None:
    first, today, alice = world.conventions["city"], date(2026, 11, 24), world.people["alice"]
    amendment = amend_convention(convention=first, starts_on=date(2027, 1, 1), by=alice, today=today)
    sign_convention(convention=amendment, signed_on=today, by=alice, today=today)

    cut = Convention.objects.get(pk=first.pk)
    assert (cut.status, cut.ends_on) == (Convention.Status.AMENDED, date(2026, 12, 31))
    assert convention_text(cut).agreed_end == date(2028, 12, 31)
    assert convention_text(Convention.objects.get(pk=amendment.pk)).changes == ()


def test_text_costs_the_same_queries_with_one_part_or_two(world: World, django_assert_num_queries: Any) -> None:
    for name in ("city", "state"):
        row = Convention.objects.select_related("landlord__organisation", "organisation", "perimeter", "amends").get(
            pk=world.conventions[name].pk
        )
        with django_assert_num_queries(8):
            convention_text(row)


def test_signed_files_come_in_their_order_without_their_bytes(world: World, django_assert_num_queries: Any) -> None:
    row = world.conventions["city"]
    for number in range(3):
        attach_document(
            convention=row, name=f"{number}.pdf", content=b"%PDF-" + bytes([number]), by=world.people["alice"]
        )
    with django_assert_num_queries(1):
        documents = signed_documents(row)
        assert [(document.name, str(document.attached_by)) for document in documents] == [
            (f"{number}.pdf", world.people["alice"].full_name) for number in range(3)
        ]
    assert {tuple(document.get_deferred_fields()) for document in documents} == {("content",)}
