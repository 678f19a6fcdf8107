"""The screens of a convention's life: terms, proposal, versions, notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reservations.models import Convention, Delegation, HistoryEntry, Pause
from reservations.operations.convention import propose_convention
from reservations.operations.convention_amendment import amend_convention, give_formal_notice
from reservations.operations.convention_terms import terms_of
from reservations.operations.terms import ConventionTerms
from tests.flux.views.test_convention import LIST, NEW, TERMS, at, messages_of, shown
from tests.signing import sign_convention
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    """24 November 2026, 9 h in Paris."""
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def amendment(world: World) -> Convention:
    return amend_convention(
        convention=world.conventions["city"], starts_on=date(2027, 1, 1), by=world.people["alice"], today=TODAY
    )


def typed(world: World, **given: object) -> dict[str, object]:
    """The city's form, filled."""
    pk = world.holders["city"].pk
    period = {"starts_on": "01/01/2029", "ends_on": "31/12/2031"}
    return TERMS | period | {f"percent_{pk}": "12", f"rank_{pk}": "4"} | given


def draft(world: World) -> Convention:
    return convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "12", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        signed=False,
    )


class TestTerms:
    def test_every_term_is_recorded_as_typed(self, world: World, sign_in: SignIn) -> None:
        given = {
            "counting_point": "LEASED",
            "returns_effect": "NO",
            "returned_cap": "1,5",
            "uniform_communes": "on",
            "proposal_days": "10",
            "first_letting_days": "",
            "minimum_candidates": "4",
            "carry_over": "CAPPED",
            "carry_over_cap": "1,25",
            "first_letting_counts": "on",
            "management": "DELEGATED",
            "fallback_1": "MAYOR",
            "fallback_2": "",
            "fallback_3": "LANDLORD",
            "new_candidates_days": "8",
            "clock_restarts": ["COMMITTEE"],
            "not_offered": [],
            "local_holidays": "on",
            "day_unit": "CLEAR",
            "august_suspended": "on",
            "opens_on": "WORKS",
            "signal_days": "10",
            "publics": ["DALO", "LABELLED"],
            "outside_publics": "REFUSED",
            "file_days": "15",
            "dalo_refusal_said": "on",
            "renewal_months": "12",
            "renewal_times": "2",
            "notice_months": "3",
            "clause_support": "Par le CCAS.\r\nAvec l’accord du demandeur.",
            "articles": "Vu l’accord.\r\nArticle 9 : Suivi\r\nUne réunion par an.\r\n",
        }
        client = sign_in("alice")
        client.post(f"{NEW}?organisation={world.city.pk}", typed(world, **given))
        written = Convention.objects.latest("pk")
        assert terms_of(written) == ConventionTerms(
            day_unit="CLEAR",
            august_suspended=True,
            opens_on="WORKS",
            signal_days=10,
            publics=("DALO", "LABELLED"),
            outside_publics="REFUSED",
            file_days=15,
            dalo_refusal_said=True,
            clauses={"SUPPORT": "Par le CCAS.\nAvec l’accord du demandeur."},
            renewal_months=12,
            renewal_times=2,
            notice_months=3,
            counting_point="LEASED",
            returns_effect="NO",
            returned_cap=1_500_000,
            uniform_communes=True,
            proposal_days=10,
            first_letting_days=None,
            minimum_candidates=4,
            carry_over="CAPPED",
            carry_over_cap=1_250_000,
            first_letting_counts=True,
            fallback=("MAYOR", "LANDLORD"),
            new_candidates_days=8,
            clock_restarts=("COMMITTEE",),
            not_offered=(),
            local_holidays=True,
            management="DELEGATED",
            articles="Vu l’accord.\nArticle 9 : Suivi\nUne réunion par an.",
        )
        shown = client.get(reverse("convention-detail", args=[written.pk])).content.decode()
        assert "1 article écrit par les parties" in " ".join(shown.split())
        assert "<h3>Suivi</h3>" in shown
        assert "1 clause de procédure" in " ".join(shown.split())
        assert "<h3>Accompagnement social</h3>" in shown
        text = " ".join(shown.split())
        assert "Un autre candidat est refusé à la transmission." in text
        assert "Un dossier transmis se complète en 15 jours francs" in text
        assert "Le réservataire est servi uniformément d’une commune à l’autre" in text
        assert "Son refus, par la commission ou par lui-même, se motive en une phrase." in text
        form = client.get(at("edit", written)).context["form"]
        assert (form["clause_support"].value(), form.has_clauses) == ("Par le CCAS.\nAvec l’accord du demandeur.", True)
        assert [form[name].value() for name in ("carry_over_cap", "fallback_1", "fallback_2")] == [
            "1,25",
            "MAYOR",
            "LANDLORD",
        ]

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            ({"counting_point": ""}, "counting_point", "Choisissez une réponse."),
            ({"counting_point": "SOLD"}, "counting_point", "Choisissez une réponse de la liste."),
            ({"returns_effect": ""}, "returns_effect", "Choisissez une réponse."),
            ({"management": "x"}, "management", "Choisissez une réponse de la liste."),
            ({"carry_over": ""}, "carry_over", "Choisissez une réponse."),
            ({"day_unit": ""}, "day_unit", "Choisissez une réponse."),
            ({"publics": ["RICH"]}, "publics", "Choisissez parmi les publics de la liste."),
            ({"outside_publics": "REFUSED"}, "publics", "choisissez les publics éligibles, ou"),
            ({"clause_support": "a" * 4_001}, "clause_support", "écrivez le reste dans un article libre"),
            ({"opens_on": "LEASE"}, "opens_on", "Choisissez une réponse de la liste."),
            ({"day_unit": "CALENDAR", "local_holidays": "on"}, "local_holidays", "décochez ceux d’Alsace-Moselle"),
            ({"proposal_days": "0"}, "proposal_days", "Écrivez un nombre de 1 à 365, ou rien."),
            ({"proposal_days": "1,5"}, "proposal_days", "Écrivez un nombre entier en chiffres."),
            ({"first_letting_days": "366"}, "first_letting_days", "Écrivez un nombre de 1 à 365, ou rien."),
            ({"new_candidates_days": "0"}, "new_candidates_days", "Écrivez un nombre de 1 à 365, ou rien."),
            (
                {"new_candidates_days": "5", "clock_restarts": []},
                "clock_restarts",
                "Dites après quel refus le délai repart",
            ),
            ({"clock_restarts": ["HOLDER"]}, "clock_restarts", "Choisissez parmi les réponses de la liste."),
            ({"not_offered": ["HOLDER"]}, "not_offered", "Choisissez parmi les réponses de la liste."),
            ({"minimum_candidates": "21"}, "minimum_candidates", "Écrivez un nombre de 1 à 20, ou rien."),
            (
                {"carry_over_cap": "", "carry_over": "CAPPED"},
                "carry_over_cap",
                "Écrivez le plafond du report, en logements",
            ),
            ({"carry_over_cap": "1"}, "carry_over_cap", "Un plafond ne sert qu’à un report plafonné"),
            (
                {"carry_over_cap": "1,2555", "carry_over": "CAPPED"},
                "carry_over_cap",
                "Un plafond s’écrit avec deux décimales au plus",
            ),
            ({"carry_over_cap": "un", "carry_over": "CAPPED"}, "carry_over_cap", "Écrivez un nombre en chiffres"),
            ({"fallback_1": "", "fallback_2": ""}, "fallback_1", "au moins une étape"),
            ({"fallback_1": "LANDLORD", "fallback_2": "NEXT"}, "fallback_1", "Le bailleur vient en dernier"),
            ({"fallback_1": "NEXT", "fallback_2": "NEXT"}, "fallback_1", "Une même étape est écrite deux fois"),
            ({"fallback_2": "x"}, "fallback_2", "Choisissez une étape de la liste."),
        ],
    )
    def test_bad_term_is_refused_at_its_field(
        self, world: World, sign_in: SignIn, wrong: dict[str, str], field: str, sentence: str
    ) -> None:
        answer = sign_in("alice").post(f"{NEW}?organisation={world.city.pk}", typed(world, **wrong))
        errors = answer.context["form"].errors
        assert (answer.status_code, set(errors)) == (422, {field})
        assert sentence in errors[field][0]
        assert Convention.objects.count() == 4

    def test_delegates_are_chosen_for_the_state_only(self, world: World, sign_in: SignIn) -> None:
        client = sign_in("alice")
        assert client.get(NEW, {"organisation": world.city.pk}).context["form"].delegate_fields == []
        priority, agents = world.holders["priority"].pk, world.holders["agents"].pk
        url = f"{NEW}?organisation={world.state.pk}"
        given = {"perimeter": world.places["Aude"].pk, f"percent_{priority}": "25", f"rank_{priority}": "1"}
        given |= {f"delegates_{priority}": [world.epci.pk]}
        refused = client.post(url, typed(world, **given)).context["form"].errors
        assert "qu’avec l’accord du maire (CCH, L441-1)" in refused[f"accord_on_{priority}"][0]
        half = {f"accord_on_{priority}": "03/03/2026"}
        assert set(client.post(url, typed(world, **given, **half)).context["form"].errors) == {
            f"accord_reference_{priority}"
        }
        other = {f"accord_reference_{priority}": "délibération n° 12"}
        assert set(client.post(url, typed(world, **given, **other)).context["form"].errors) == {f"accord_on_{priority}"}
        answer = client.post(url, typed(world, **given, **half, **other))
        assert answer.status_code == 302
        assert [each.delegate for each in Delegation.objects.all()] == [world.epci]
        page = client.get(answer["Location"]).content.decode()
        accord = "avec l’accord du maire du 3 mars 2026 (délibération n° 12)"
        assert f"Le Grand Narbonne ({accord}) propose au nom du préfet sur son territoire" in page
        row = Delegation.objects.get().quota.convention
        for address in ("detail", "document", "edit"):
            assert "délibération n° 12" in client.get(at(address, row)).content.decode()
        assert accord in " ".join(client.get(at("document", row)).content.decode().split())
        # Never the units of State agents.
        fields = client.get(url).context["form"].fields
        assert [f"delegates_{pk}" in fields for pk in (priority, agents)] == [True, False]
        answer = client.post(
            url,
            typed(
                world,
                **{f"percent_{agents}": "5", f"rank_{agents}": "2"}
                | {"perimeter": world.places["Aude"].pk, f"delegates_{priority}": [world.epci.pk]},
            ),
        )
        assert answer.context["form"].errors == {
            f"delegates_{priority}": ["Sans part, rien n’est à déléguer : écrivez la part."]
        }


class TestProposal:
    def test_proposal_is_sent_read_and_withdrawn(self, world: World, sign_in: SignIn) -> None:
        row, client = draft(world), sign_in("alice")
        assert at("propose", row) in client.get(at("detail", row)).content.decode()
        answer = client.post(at("propose", row))
        assert messages_of(answer) == [
            "La convention est proposée à la Ville de Narbonne : ses termes ne bougent plus, jusqu’à la signature ou "
            "au retrait de la proposition."
        ]
        page = client.get(at("detail", row)).content.decode()
        assert [at(act, row) in page for act in ("sign", "withdraw", "edit", "discard", "propose")] == [
            True,
            True,
            False,
            False,
            False,
        ]
        read = sign_in("chloe").get(at("detail", row))
        assert read.status_code == 200
        assert at("withdraw", row) not in read.content.decode()
        assert sign_in("bob").get(at("detail", row)).status_code == 404
        answer = client.get(at("edit", row))
        assert "retirez la proposition pour la modifier" in messages_of(answer)[-1]
        refused = client.post(at("withdraw", row), {"why": ""})
        assert (refused.status_code, set(refused.context["refused"].errors)) == (422, {"why"})
        client.post(at("withdraw", row), {"why": "Part à revoir"})
        row.refresh_from_db()
        assert row.is_draft

    def test_empty_proposal_is_refused_with_the_reason(self, world: World, sign_in: SignIn) -> None:
        empty = convention(world.landlord, world.city, world.places["Narbonne"], signed=False)
        answer = sign_in("alice").post(at("propose", empty))
        assert (answer.status_code, answer.context["refused"].non_field_errors()) == (
            422,
            ["La convention ne donne aucune part : ajoutez au moins un contingent."],
        )

    def test_proposal_is_signed_and_filtered(self, world: World, sign_in: SignIn) -> None:
        row, client = draft(world), sign_in("alice")
        propose_convention(convention=row, by=world.people["alice"], today=TODAY)
        answer = client.get(LIST, {"etat": "proposee"})
        assert shown(answer) == [row]
        assert "1 proposition attend une signature." in answer.content.decode()
        client.post(at("sign", row))
        assert "1 signature sur 2" in client.get(LIST, {"etat": "proposee"}).content.decode()
        sign_in("chloe").post(at("sign", row))
        row.refresh_from_db()
        assert (row.status, row.proposed_on) == ("SIGNED", TODAY)


class TestAmendment:
    def test_version_that_waits_is_where_one_acts_and_one_without_effect_says_so(
        self, world: World, amendment: Convention, sign_in: SignIn
    ) -> None:
        client, before = sign_in("alice"), world.conventions["city"]
        sign_convention(convention=amendment, signed_on=TODAY, by=world.people["alice"], today=TODAY)
        page = " ".join(client.get(at("detail", before)).content.decode().split())
        assert "d’ici là, tout acte se fait sur sa page" in page
        client.post(at("end", amendment), {"sure": "on", "ends_on": "30/11/2026", "why": "Accord des deux parties."})
        [ending] = Pause.objects.filter(is_final=True)
        sign_in("chloe").post(reverse("convention-pause-accept", args=[amendment.pk, ending.pk]))
        page = client.get(at("detail", amendment)).content.decode()
        assert "sans effet : un autre acte est venu avant son premier jour" in page
        assert shown(client.get(LIST, {"etat": "sans-effet"})) == [amendment]
        assert amendment not in shown(client.get(LIST))

    def test_amendment_is_prepared_from_the_page(self, world: World, sign_in: SignIn) -> None:
        row, client = world.conventions["city"], sign_in("alice")
        refused = client.post(at("amend", row), {"starts_on": "01/01/2026"})
        assert (refused.status_code, set(refused.context["refused"].errors)) == (422, {"starts_on"})
        answer = client.post(at("amend", row), {"starts_on": "01/01/2027"})
        amendment = Convention.objects.get(amends=row)
        assert answer["Location"] == at("detail", amendment)
        page = client.get(at("detail", row)).content.decode()
        assert (at("amend", row) in page, at("detail", amendment) in page) == (False, True)
        form = client.get(at("edit", amendment)).context["form"]
        assert ("perimeter" in form.fields, form.fields["starts_on"].label) == (False, "Date d’effet")

    def test_edited_amendment_shows_what_it_changes(self, world: World, amendment: Convention, sign_in: SignIn) -> None:
        client, pk = sign_in("alice"), world.holders["city"].pk
        given = typed(world, starts_on="01/01/2027", ends_on="31/12/2028", proposal_days="15")
        assert client.post(at("edit", amendment), given | {f"percent_{pk}": "13"}).status_code == 302
        answer = client.get(at("detail", amendment))
        assert [
            [(change.term, change.before, change.after) for change in version.changes]
            for version in answer.context["story"].versions
        ] == [
            [],
            [
                ("Part\u00a0: Ville de Narbonne", "12\u202f%", "13\u202f%"),
                ("Délai pour proposer", "20 jours ouvrés", "15 jours ouvrés"),
            ],
        ]
        assert "Délai pour proposer : 20 jours ouvrés → <b>15 jours ouvrés</b>" in answer.content.decode()

    def test_versions_stand_together_and_the_replaced_one_steps_back(
        self, world: World, amendment: Convention, sign_in: SignIn
    ) -> None:
        row, client = world.conventions["city"], sign_in("chloe")
        sign_convention(convention=amendment, signed_on=TODAY, by=world.people["alice"], today=TODAY)
        answer = client.get(LIST)
        assert shown(answer) == [amendment, row]
        assert "puis la version 2" in answer.content.decode()
        assert "1 convention en vigueur." in answer.content.decode()
        Convention.objects.filter(pk=row.pk).update(ends_on=date(2026, 11, 23))
        assert shown(client.get(LIST)) == [amendment]
        assert shown(client.get(LIST, {"etat": "remplacee"})) == [row]
        assert shown(client.get(LIST, {"etat": "passee"})) == []
        assert shown(client.get(LIST, {"annee": "2026"})) == [row]
        page = client.get(at("detail", amendment)).content.decode()
        assert f'<a href="{at("detail", row)}">Version 1</a>' in page

    def test_what_is_negotiated_is_reported_to_the_parties_alone(
        self, world: World, amendment: Convention, sign_in: SignIn
    ) -> None:
        row = world.conventions["city"]
        assert len(sign_in("chloe").get(at("detail", row)).context["story"].versions) == 1  # a draft still
        propose_convention(convention=amendment, by=world.people["alice"], today=TODAY)
        values = {
            name: sign_in(name).get(at("detail", row)).context["story"] for name in ("alice", "chloe", "adam", "bob")
        }
        assert {name: len(each.versions) for name, each in values.items()} == {
            "alice": 2,
            "chloe": 2,
            "adam": 2,
            "bob": 1,
        }
        acts = {name: [act.entry.act for act in each.acts] for name, each in values.items()}
        assert acts["chloe"] == ["PROPOSED", "RECORDED", "SIGNED", "RECORDED"]
        assert acts["bob"] == ["SIGNED"]

    def test_draft_of_an_amendment_thrown_away_leads_back_to_what_it_amends(
        self, world: World, amendment: Convention, sign_in: SignIn
    ) -> None:
        answer = sign_in("alice").post(at("discard", amendment))
        assert answer["Location"] == at("detail", world.conventions["city"])

    @pytest.mark.parametrize("count", [1, 12])
    def test_page_costs_the_same_whatever_the_number_of_versions(
        self, world: World, sign_in: SignIn, count: int, django_assert_num_queries
    ) -> None:
        row, alice = world.conventions["city"], world.people["alice"]
        for number in range(count - 1):
            following = amend_convention(convention=row, starts_on=date(2027, 1, 1 + number), by=alice, today=TODAY)
            row = sign_convention(convention=following, signed_on=TODAY, by=alice, today=TODAY)
        client = sign_in("chloe")
        with django_assert_num_queries(7):
            answer = client.get(at("detail", row))
        assert len(answer.context["story"].versions) == count


class TestNotice:
    def test_notice_is_recorded_by_either_party_to_the_state_s_convention(self, world: World, sign_in: SignIn) -> None:
        row = world.conventions["state"]
        for name, sees in (("alice", True), ("aline", False), ("bob", True), ("emma", False)):
            assert (at("notice", row) in sign_in(name).get(at("detail", row)).content.decode()) == sees, name
        assert (
            at("notice", world.conventions["city"])
            not in sign_in("alice").get(at("detail", world.conventions["city"])).content.decode()
        )
        bob = sign_in("bob")
        refused = bob.post(at("notice", row), {"given_on": "25/11/2026", "why": ""})
        assert (refused.status_code, set(refused.context["refused"].errors)) == (422, {"why"})
        refused = bob.post(at("notice", row), {"given_on": "25/11/2026", "why": "Rien proposé"})
        assert set(refused.context["refused"].errors) == {"given_on"}
        answer = bob.post(at("notice", row), {"given_on": "24/11/2026", "why": "Rien proposé"})
        assert messages_of(answer) == [
            "La mise en demeure du 24 novembre 2026 est enregistrée : le délai court de ce jour."
        ]
        page = bob.get(at("detail", row)).content.decode()
        assert "l’État peut résilier à partir du 24 janvier 2027" in page
        assert (at("terminate", row) in page, "Rien proposé" in page) == (False, True)

    def test_state_terminates_once_the_delay_is_over(self, world: World, sign_in: SignIn) -> None:
        row, bob = world.conventions["state"], sign_in("bob")
        refused = bob.post(at("terminate", row), {"sure": "on", "ends_on": "31/12/2026", "why": "Sans suite"})
        assert refused.status_code == 422
        assert "Aucune mise en demeure" in refused.context["refused"].non_field_errors()[0]
        give_formal_notice(
            convention=row, given_on=date(2026, 9, 24), why="Rien proposé", by=world.people["bob"], today=TODAY
        )
        assert at("terminate", row) in bob.get(at("detail", row)).content.decode()
        assert at("terminate", row) not in sign_in("alice").get(at("detail", row)).content.decode()
        answer = bob.post(at("terminate", row), {"sure": "on", "ends_on": "31/12/2026", "why": "Sans suite"})
        assert messages_of(answer) == [
            "La convention avec Robine Habitat est résiliée : son dernier jour est le 31 décembre 2026. Enregistrez "
            "l’arrêté qui fixe la part de l’État le jour où il s’applique, à partir du lendemain."
        ]
        row.refresh_from_db()
        assert (row.status, row.ends_on) == ("TERMINATED", date(2026, 12, 31))
        assert HistoryEntry.objects.about(row).last().by == world.people["bob"]


def test_page_says_the_deadline_and_the_candidates_to_the_holder(world: World, sign_in: SignIn) -> None:
    page = sign_in("chloe").get(at("detail", world.conventions["city"])).content.decode()
    assert "Ville de Narbonne propose au moins 3 candidats en 20 jours ouvrés." in page
    assert reverse("convention-document", args=[world.conventions["city"].pk]) in page
