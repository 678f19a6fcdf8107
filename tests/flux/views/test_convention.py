"""The screens of conventions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from reservations.models import Convention, Organisation, ReservationHolder
from reservations.operations.convention import draft_convention, propose_convention, withdraw_proposal
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_organisation
from tests.flux.pages.test_feasibility import draft as declining
from tests.flux.pages.test_feasibility import fallen
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.signing import sign_convention, signed_by_each
from tests.world import MORNING, World, convention, siren

#: The terms as the form proposes them.
TERMS = {
    "day_unit": "WORKING",
    "opens_on": "NOTICE",
    "signal_days": "",
    "outside_publics": "WARNED",
    "counting_point": "ROUTED",
    "returns_effect": "YES_IF_HOLDER_FAULT",
    "returned_cap": "",
    "proposal_days": "20",
    "first_letting_days": "40",
    "minimum_candidates": "3",
    "carry_over": "NONE",
    "carry_over_cap": "",
    "new_candidates_days": "",
    "clock_restarts": ["APPLICANT", "COMMITTEE"],
    "not_offered": ["LANDLORD", "UNIT"],
    "management": "DIRECT",
    "fallback_1": "NEXT",
    "fallback_2": "LANDLORD",
    "fallback_3": "",
    "fallback_4": "",
}
SignIn = Callable[[str], Client]
LIST = reverse("convention-list")
NEW = reverse("convention-draft")


def at(name: str, row: Convention) -> str:
    return reverse(f"convention-{name}", args=[row.pk])


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    """24 November 2026, 9 h in Paris."""
    time_machine.move_to(MORNING, tick=False)


def messages_of(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def shown(answer: HttpResponse) -> list[Convention]:
    return [line.convention for line in answer.context["lines"]]


@pytest.fixture
def draft(world: World) -> Convention:
    """The city's next convention, ready to sign."""
    return convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "12.5", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        signed=False,
    )


@pytest.fixture
def excessive(world: World) -> Convention:
    """A draft that would promise 168 % in Narbonne."""
    hospital = register_organisation(
        siren=siren(50), name="Hôpital de Narbonne", article="l’", kind=Organisation.Kind.OTHER
    )
    return convention(
        world.landlord, hospital, world.places["Aude"], (hospital.contingents.get(), "100", 9), signed=False
    )


class TestList:
    @pytest.mark.parametrize(
        ("name", "question", "answer"),
        [
            ("alice", "À qui avez-vous promis une part du flux ?", "4 conventions en vigueur."),
            ("aline", "À qui avez-vous promis une part du flux ?", "4 conventions en vigueur."),
            ("chloe", "Quelle part du flux vous est promise ?", "1 convention en vigueur."),
            ("bob", "Qui a promis quelle part du flux, et à qui ?", "4 conventions en vigueur."),
            ("emma", "Qui a promis quelle part du flux, et à qui ?", "4 conventions en vigueur."),
            ("adam", "Qui a promis quelle part du flux, et à qui ?", "4 conventions en vigueur."),
            ("zoe", "À qui avez-vous promis une part du flux ?", "0 convention en vigueur."),
            ("driss", "Qui a promis quelle part du flux, et à qui ?", "0 convention en vigueur."),
        ],
    )
    def test_each_reader_has_a_question_and_a_count(
        self, sign_in: SignIn, name: str, question: str, answer: str
    ) -> None:
        page = sign_in(name).get(LIST).content.decode()
        assert f"<h1>{question}</h1>" in page
        assert f'<p class="answer">{answer}</p>' in page

    def test_line_shows_perimeter_period_shares_ranks_and_state(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("alice").get(LIST, {"signataire": world.state.pk})
        assert shown(answer) == [world.conventions["state"]]
        page = answer.content.decode()
        assert "1er janvier 2026 – 31 décembre 2028" in page
        assert 'État – publics prioritaires : <b>25\u202f%</b> <span class="muted">rang 1</span>' in page
        assert 'État – agents : <b>5\u202f%</b> <span class="muted">rang 2</span>' in page
        assert '<span class="st ok">en vigueur</span>' in page

    def test_end_to_prepare_for_is_stated_in_the_answer_and_on_the_line(self, world: World, sign_in: SignIn) -> None:
        world.end(world.conventions["als"], date(2026, 12, 24))
        page = sign_in("alice").get(LIST).content.decode()
        assert "4 conventions en vigueur, dont 1 à renouveler : elle finit dans les 90 jours." in page
        assert '<span class="st todo">finit dans 30 jours</span>' in page

    def test_draft_is_counted_and_offered_to_the_manager_alone(self, draft: Convention, sign_in: SignIn) -> None:
        page = sign_in("alice").get(LIST).content.decode()
        assert "1 brouillon est à proposer." in page
        assert f'href="{NEW}"' in page
        assert f'href="{NEW}"' not in sign_in("aline").get(LIST).content.decode()

    @pytest.mark.parametrize(
        ("filters", "seen"),
        [
            ({"etat": "brouillon"}, {"draft"}),
            ({"etat": "en-vigueur"}, {"state", "als", "city", "epci"}),
            ({"etat": "passee"}, set()),
            ({"annee": "2029"}, {"draft"}),
            ({"annee": "2028"}, {"state", "als", "city", "epci"}),
            ({"etat": "en-vigueur", "annee": "2029"}, set()),
            ({"etat": "n’importe quoi", "annee": "1789", "signataire": "x"}, {"state", "als", "city", "epci", "draft"}),
            ({"page": "99"}, {"state", "als", "city", "epci", "draft"}),
        ],
    )
    def test_filters_are_in_the_address(
        self, world: World, draft: Convention, sign_in: SignIn, filters: dict[str, str], seen: set[str]
    ) -> None:
        rows = world.conventions | {"draft": draft}
        assert {row.pk for row in shown(sign_in("alice").get(LIST, filters))} == {rows[name].pk for name in seen}

    def test_filter_on_a_landlord_is_for_those_who_see_several(self, world: World, sign_in: SignIn) -> None:
        mine = convention(world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "20", 1))
        client = sign_in("adam")
        assert shown(client.get(LIST, {"bailleur": world.other_landlord.organisation_id})) == [mine]
        assert set(client.get(LIST).context["filters"].fields) == {"etat", "bailleur", "signataire", "annee"}
        assert set(sign_in("alice").get(LIST).context["filters"].fields) == {"etat", "signataire", "annee"}
        assert set(sign_in("chloe").get(LIST).context["filters"].fields) == {"etat", "bailleur", "annee"}

    @pytest.mark.parametrize("count", [1, 12])
    def test_list_costs_the_same_whatever_its_length(
        self, world: World, sign_in: SignIn, count: int, django_assert_num_queries
    ) -> None:
        client = sign_in("bob")
        there = Convention.objects.count()
        for number in range(count):
            organisation = register_organisation(
                siren=siren(100 + number), name=f"Réservataire {number}", kind=Organisation.Kind.OTHER
            )
            holder = ReservationHolder.objects.get(organisation=organisation)
            convention(world.landlord, organisation, world.places["Aude"], (holder, "1", number + 10))
        with django_assert_num_queries(11):
            answer = client.get(LIST)
        assert len(shown(answer)) == min(there + count, 25)


class TestDetail:
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("alice", 200),
            ("aline", 200),
            ("bob", 200),
            ("chloe", 200),
            ("emma", 200),
            ("adam", 200),
            ("zoe", 404),
            ("driss", 404),
        ],
    )
    def test_convention_is_read_by_those_who_see_it(
        self, world: World, sign_in: SignIn, name: str, status: int
    ) -> None:
        assert sign_in(name).get(at("detail", world.conventions["city"])).status_code == status

    def test_answer_is_a_number_of_units_out_of_a_hundred(
        self, draft: Convention, world: World, sign_in: SignIn
    ) -> None:
        client = sign_in("alice")
        assert (
            "Sur 100 logements qui entrent dans le flux (Aude), 30 reviennent au signataire, soit 30\u202f%, "
            "du 1er janvier 2026 au 31 décembre 2028."
        ) in client.get(at("detail", world.conventions["state"])).content.decode()
        assert (
            "Sur 100 logements qui entrent dans le flux (Narbonne), 12,5 reviendraient au signataire, soit 12,5\u202f%"
        ) in client.get(at("detail", draft)).content.decode()

    def test_what_is_promised_around_is_shown_by_territory(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("chloe").get(at("detail", world.conventions["state"]))
        assert answer.status_code == 404
        answer = sign_in("alice").get(at("detail", world.conventions["epci"]))
        assert [
            (line.largest.name, line.communes, line.total, line.rest) for line in answer.context["commitments"]
        ] == [("Narbonne", 1, 680_000, 320_000), ("Coursan", 2, 560_000, 440_000)]
        assert answer.context["on"] == date(2026, 11, 24)

    def test_obstacles_stand_on_a_draft_instead_of_the_signature(
        self, excessive: Convention, draft: Convention, sign_in: SignIn
    ) -> None:
        client = sign_in("alice")
        page = client.get(at("detail", excessive)).content.decode()
        assert "Empêche la signature" in page
        assert "les parts promises atteignent 168" in page
        assert at("sign", excessive) not in page
        page = client.get(at("detail", draft)).content.decode()
        assert "Empêche la signature" not in page
        assert at("sign", draft) in page

    def test_acts_are_shown_to_whoever_may_do_them(self, world: World, draft: Convention, sign_in: SignIn) -> None:
        signed = world.conventions["city"]
        for name, sees in (("alice", True), ("aline", False)):
            page = sign_in(name).get(at("detail", draft)).content.decode()
            assert [at(act, draft) in page for act in ("sign", "edit", "discard")] == [sees] * 3, name
        for name, sees in (("alice", True), ("aline", False), ("chloe", True)):
            assert (at("end", signed) in sign_in(name).get(at("detail", signed)).content.decode()) == sees, name


class TestDraft:
    def test_first_step_lists_those_who_may_sign(self, world: World, sign_in: SignIn) -> None:
        form = sign_in("alice").get(NEW).context["form"]
        assert set(form.fields["organisation"].queryset) == {world.state, world.als, world.city, world.epci}

    @pytest.mark.parametrize("given", ["", "x", "0", "landlord", "operator"])
    def test_wrong_organisation_is_refused_at_its_field(self, world: World, sign_in: SignIn, given: str) -> None:
        given = {"landlord": str(world.landlord.organisation_id), "operator": str(world.operator.pk)}.get(given, given)
        answer = sign_in("alice").get(NEW, {"organisation": given})
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"organisation"})

    def test_authority_without_a_territory_is_refused_with_what_to_do(self, world: World, sign_in: SignIn) -> None:
        Organisation.objects.filter(pk=world.city.pk).update(territory=None)
        answer = sign_in("alice").get(NEW, {"organisation": world.city.pk})
        assert answer.status_code == 422
        assert "demandez à l’administrateur de le compléter" in answer.content.decode()

    @pytest.mark.parametrize("name", ["aline", "bob", "chloe", "driss", "emma", "adam"])
    def test_nobody_but_a_manager_drafts(self, world: World, sign_in: SignIn, name: str) -> None:
        client = sign_in(name)
        assert client.get(NEW).status_code == 403
        assert client.post(f"{NEW}?organisation={world.city.pk}", {}).status_code == 403
        assert Convention.objects.count() == 4

    def test_second_step_proposes_ranks_and_the_departement(self, world: World, sign_in: SignIn) -> None:
        form = sign_in("zoe").get(NEW, {"organisation": world.state.pk}).context["form"]
        priority, agents = world.holders["priority"], world.holders["agents"]
        assert form.initial == {
            f"rank_{priority.pk}": 1,
            f"rank_{agents.pk}": 2,
            "perimeter": world.places["Aude"].pk,
            "earlier_dues": "",
            "day_unit": "WORKING",
            "august_suspended": False,
            "opens_on": "NOTICE",
            "signal_days": None,
            "publics": (),
            "outside_publics": "WARNED",
            "file_days": None,
            "dalo_refusal_said": False,
            "renewal_months": None,
            "renewal_times": None,
            "notice_months": None,
            "counting_point": "ROUTED",
            "returns_effect": "YES_IF_HOLDER_FAULT",
            "returned_cap": None,
            "uniform_communes": False,
            "proposal_days": 20,
            "first_letting_days": 40,
            "minimum_candidates": 3,
            "carry_over": "NONE",
            "carry_over_cap": None,
            "first_letting_counts": False,
            "new_candidates_days": None,
            "clock_restarts": ("APPLICANT", "COMMITTEE"),
            "not_offered": ("LANDLORD", "UNIT"),
            "local_holidays": False,
            "management": "DIRECT",
            "articles": "",
            "fallback_1": "NEXT",
            "fallback_2": "LANDLORD",
        }

    def test_convention_is_made_from_another_of_the_landlord(self, world: World, sign_in: SignIn) -> None:
        """Its terms for another signatory; its shares too, from the day after, for the same."""
        city = world.conventions["city"]
        with unguarded("reservations_convention.terms_kept"):
            Convention.objects.filter(pk=city.pk).update(counting_point="LEASED", proposal_days=12)
        client = sign_in("alice")
        first = client.get(NEW).context["form"].fields["like"]
        assert set(first.queryset) == set(Convention.objects.filter(landlord=world.landlord))
        other = client.get(NEW, {"organisation": world.epci.pk, "like": city.pk})
        assert "ce que dit « Ville de Narbonne – Narbonne, 2026–2028 »" in " ".join(other.content.decode().split())
        proposed = other.context["form"].initial
        assert (proposed["counting_point"], proposed["proposal_days"]) == ("LEASED", 12)
        assert not {"starts_on", f"percent_{world.holders['city'].pk}"} & set(proposed)
        same = client.get(NEW, {"organisation": world.city.pk, "like": city.pk}).context["form"].initial
        assert same["starts_on"] == date(2029, 1, 1)
        assert same["ends_on"] is None
        assert same[f"percent_{world.holders['city'].pk}"] == 12
        foreign = client.get(NEW, {"organisation": world.city.pk, "like": "0"})
        assert (foreign.status_code, set(foreign.context["form"].errors)) == (422, {"like"})

    def test_own_territory_is_not_a_choice(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("alice").get(NEW, {"organisation": world.city.pk})
        assert "perimeter" not in answer.context["form"].fields
        assert "Narbonne, le territoire de la Ville de Narbonne (CCH, R441-5-3)" in answer.content.decode()

    def test_draft_is_recorded_as_typed_in_france(self, world: World, sign_in: SignIn) -> None:
        priority, agents = world.holders["priority"], world.holders["agents"]
        answer = sign_in("alice").post(
            f"{NEW}?organisation={world.state.pk}",
            TERMS
            | {
                "perimeter": world.places["Aude"].pk,
                "starts_on": "01/01/2027",
                "ends_on": "31/12/2029",
                f"percent_{priority.pk}": " 24,5 % ",
                f"rank_{priority.pk}": "1",
                f"percent_{agents.pk}": "",
                f"rank_{agents.pk}": "2",
            },
        )
        written = Convention.objects.latest("pk")
        assert answer["Location"] == at("detail", written)
        assert messages_of(answer) == [
            "Le brouillon avec la Préfecture de l’Aude est enregistré : il n’engage personne tant qu’il n’est pas "
            "signé."
        ]
        assert (written.landlord, written.organisation, written.perimeter, written.status) == (
            world.landlord,
            world.state,
            world.places["Aude"],
            "DRAFT",
        )
        assert (written.starts_on, written.ends_on) == (date(2027, 1, 1), date(2029, 12, 31))
        assert list(written.quotas.values_list("holder", "share", "rank")) == [(priority.pk, 245_000, 1)]

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("percent", "120", "Une part va de plus de 0 % à 100 % : écrivez 12,5 pour 12,5 %."),
            ("percent", "0", "Une part va de plus de 0 % à 100 % : écrivez 12,5 pour 12,5 %."),
            ("percent", "-3", "Une part va de plus de 0 % à 100 % : écrivez 12,5 pour 12,5 %."),
            ("percent", "12,34567", "Une part s’écrit avec quatre décimales au plus : 33,3333 %."),
            ("percent", "douze", "Écrivez un nombre en chiffres : 12,5 par exemple."),
            ("percent", "NaN", "Écrivez un nombre en chiffres : 12,5 par exemple."),
            ("percent", "1e2", "Écrivez un nombre en chiffres : 12,5 par exemple."),
            ("percent", "9" * 40, "Écrivez un nombre en chiffres : 12,5 par exemple."),
            ("percent", "", "Écrivez la part du flux promise, en %, ou des logements par an."),
            ("rank", "0", "Les rangs commencent à 1."),
            ("rank", "70000", "Un rang va de 1 à 999."),
            ("rank", "premier", "Écrivez un rang en chiffres : 1, 2, 3…"),
            ("rank", "", "Écrivez un rang : 1, 2, 3…"),
            ("starts_on", "", "Écrivez une date : jour, mois, année."),
            ("starts_on", "31/02/2027", "Écrivez une date qui existe : jour, mois, année, par exemple 01/01/2027."),
            ("ends_on", "01/01/0027", "Vérifiez l’année : cette date est trop ancienne."),
            ("ends_on", "31/12/2926", "Vérifiez l’année : cette date est trop lointaine."),
            ("ends_on", "31/12/2026", "La convention finit avant de commencer : corrigez l’une des deux dates."),
        ],
    )
    def test_bad_input_is_refused_at_its_field_and_kept_as_typed(
        self, world: World, sign_in: SignIn, field: str, typed: str, sentence: str
    ) -> None:
        pk = world.holders["city"].pk
        name = f"{field}_{pk}" if field in ("percent", "rank") else field
        good = TERMS | {"starts_on": "01/01/2027", "ends_on": "31/12/2029", f"percent_{pk}": "12,5", f"rank_{pk}": "4"}
        answer = sign_in("alice").post(f"{NEW}?organisation={world.city.pk}", good | {name: typed})
        assert answer.status_code == 422
        assert answer.context["form"].errors == {name: [sentence]}
        page = answer.content.decode()
        assert f'id="id_{name}_error">{sentence}' in page
        assert f'href="#id_{name}"' in page
        assert not typed or f'value="{typed}"' in page
        assert "<title>Erreur : " in page
        assert Convention.objects.count() == 4

    def test_two_contingents_of_the_state_are_checked_together(self, world: World, sign_in: SignIn) -> None:
        priority, agents = world.holders["priority"].pk, world.holders["agents"].pk
        given = TERMS | {"starts_on": "01/01/2027", "ends_on": "31/12/2029", "perimeter": world.places["Aude"].pk}
        client, url = sign_in("alice"), f"{NEW}?organisation={world.state.pk}"
        both = {f"percent_{priority}": "25", f"rank_{priority}": "1", f"percent_{agents}": "5", f"rank_{agents}": "1"}
        assert client.post(url, given | both).context["form"].errors == {
            f"rank_{agents}": ["Le rang 1 est déjà celui de l’État – publics prioritaires : prenez-en un autre."]
        }
        assert client.post(url, given | both | {f"rank_{agents}": ""}).context["form"].errors == {
            f"rank_{agents}": ["Donnez un rang à cette part."]
        }
        assert Convention.objects.count() == 4

    @pytest.mark.parametrize("perimeter", ["", "x", "Narbonne", "Occitanie"])
    def test_perimeter_that_is_no_departement_is_refused_at_its_field(
        self, world: World, sign_in: SignIn, perimeter: str
    ) -> None:
        pk = world.holders["als"].pk
        answer = sign_in("alice").post(
            f"{NEW}?organisation={world.als.pk}",
            TERMS
            | {
                "perimeter": world.places[perimeter].pk if perimeter in world.places else perimeter,
                "starts_on": "01/01/2027",
                "ends_on": "31/12/2029",
                f"percent_{pk}": "20",
                f"rank_{pk}": "3",
            },
        )
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"perimeter"})
        assert Convention.objects.count() == 4


class TestEdit:
    def test_form_shows_the_draft_and_records_the_change(
        self, world: World, draft: Convention, sign_in: SignIn
    ) -> None:
        client, pk = sign_in("alice"), world.holders["city"].pk
        page = client.get(at("edit", draft)).content.decode()
        assert [f'value="{value}"' in page for value in ("01/01/2029", "31/12/2031", "12,5", "4")] == [True] * 4
        answer = client.post(
            at("edit", draft),
            TERMS | {"starts_on": "01/01/2029", "ends_on": "31/12/2030", f"percent_{pk}": "11", f"rank_{pk}": "4"},
        )
        assert answer["Location"] == at("detail", draft)
        draft.refresh_from_db()
        assert (draft.ends_on, list(draft.quotas.values_list("share", flat=True))) == (date(2030, 12, 31), [110_000])

    def test_signed_convention_sends_back_with_the_reason(self, world: World, sign_in: SignIn) -> None:
        signed = world.conventions["city"]
        answer = sign_in("alice").get(at("edit", signed))
        assert answer["Location"] == at("detail", signed)
        assert messages_of(answer) == [
            "Cette convention est signée : elle ne se modifie plus. Préparez un avenant, ou proposez-en la fin."
        ]

    def test_draft_signed_meanwhile_is_refused_with_the_form_kept(
        self, world: World, draft: Convention, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The page was opened on a draft; a colleague signs between the check and the act."""
        pk = world.holders["city"].pk

        def signed_just_before(**given: object) -> Convention:
            sign_convention(convention=draft, signed_on=date(2026, 11, 24), by=world.people["alice"])
            return draft_convention(**given)

        monkeypatch.setattr("flux.views.convention.draft_convention", signed_just_before)
        answer = sign_in("alice").post(
            at("edit", draft),
            TERMS | {"starts_on": "01/01/2029", "ends_on": "31/12/2030", f"percent_{pk}": "11", f"rank_{pk}": "4"},
        )
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == ["Cette convention est signée : elle ne se modifie plus."]
        assert list(draft.quotas.values_list("share", flat=True)) == [125_000]


class TestActs:
    def test_signature_of_the_landlord_is_recorded_and_binds_nobody_alone(
        self, draft: Convention, sign_in: SignIn
    ) -> None:
        """One party alone signed for both."""
        answer = sign_in("alice").post(at("sign", draft))
        assert answer["Location"] == at("detail", draft)
        waits = "La signature est enregistrée. Rien n’engage encore : signature attendue : Ville de Narbonne."
        assert messages_of(answer) == [waits]
        draft.refresh_from_db()
        assert (draft.status, draft.signed_on) == ("PROPOSED", None)
        answer = sign_in("chloe").post(at("sign", draft))
        assert messages_of(answer) == [
            "La convention avec la Ville de Narbonne est signée : ses parts comptent du 1er janvier 2029 au "
            "31 décembre 2031."
        ]
        draft.refresh_from_db()
        assert (draft.status, draft.signed_on) == ("SIGNED", date(2026, 11, 24))

    def test_signature_is_refused_with_every_obstacle(self, excessive: Convention, sign_in: SignIn) -> None:
        answer = sign_in("alice").post(at("sign", excessive))
        assert answer.status_code == 422
        [obstacle] = answer.context["refused"].non_field_errors()
        assert "Conventions : ce brouillon ; Préfecture de l’Aude (du 01/01/2026 au 31/12/2028)" in obstacle
        assert obstacle in answer.content.decode()
        excessive.refresh_from_db()
        assert excessive.is_draft

    def test_second_click_on_sign_says_that_it_is_signed(self, draft: Convention, sign_in: SignIn) -> None:
        client = sign_in("alice")
        client.post(at("sign", draft))
        answer = client.post(at("sign", draft))
        assert answer.status_code == 422
        text = "La signature de Robine Habitat est déjà enregistrée, au 24 novembre 2026."
        assert answer.context["refused"].non_field_errors() == [text]

    @pytest.mark.parametrize("typed", ["", "31/12/2025", "01/01/2029", "demain"])
    def test_bad_end_is_refused_at_its_field(self, world: World, sign_in: SignIn, typed: str) -> None:
        signed = world.conventions["city"]
        answer = sign_in("alice").post(at("end", signed), {"sure": "on", "ends_on": typed, "why": "Accord"})
        assert (answer.status_code, set(answer.context["refused"].errors)) == (422, {"ends_on"})
        signed.refresh_from_db()
        assert (signed.status, signed.ends_on) == ("SIGNED", date(2028, 12, 31))

    def test_end_of_a_draft_is_refused_with_the_reason(self, draft: Convention, sign_in: SignIn) -> None:
        answer = sign_in("alice").post(at("end", draft), {"sure": "on", "ends_on": "31/12/2029", "why": "Accord"})
        assert messages_of(answer) == ["Seule une convention signée et en cours peut être terminée."]

    def test_draft_is_thrown_away_and_stated(self, draft: Convention, sign_in: SignIn) -> None:
        answer = sign_in("alice").post(at("discard", draft))
        assert answer["Location"] == LIST
        assert messages_of(answer) == ["Le brouillon avec la Ville de Narbonne est supprimé. Rien n’était signé."]
        assert not Convention.objects.filter(pk=draft.pk).exists()

    def test_signed_convention_is_not_thrown_away(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("alice").post(at("discard", world.conventions["city"]))
        assert messages_of(answer) == ["Cette convention est signée : elle ne se supprime pas."]
        assert Convention.objects.filter(pk=world.conventions["city"].pk).exists()

    @pytest.mark.parametrize("act", ["sign", "end", "discard", "edit"])
    @pytest.mark.parametrize(
        ("name", "status"), [("aline", 403), ("chloe", 404), ("adam", 403), ("bob", 404), ("zoe", 404), ("driss", 404)]
    )
    def test_acts_are_the_managers(self, draft: Convention, sign_in: SignIn, act: str, name: str, status: int) -> None:
        given = {"signed_on": "20/11/2026", "ends_on": "31/12/2029", "why": "Accord"}
        assert sign_in(name).post(at(act, draft), given).status_code == status
        draft.refresh_from_db()
        assert (draft.status, draft.ends_on) == ("DRAFT", date(2031, 12, 31))

    @pytest.mark.parametrize("act", ["propose", "withdraw", "sign", "amend", "end", "notice", "terminate", "discard"])
    def test_acts_are_not_links_and_a_reload_leads_back(self, draft: Convention, sign_in: SignIn, act: str) -> None:
        answer = sign_in("alice").get(at(act, draft))
        assert (answer.status_code, answer["Location"]) == (302, at("detail", draft))
        draft.refresh_from_db()
        assert draft.is_draft


def test_proposal_states_what_is_promised_to_others_to_its_landlord_only(
    world: World, sign_in: SignIn, draft: Convention, excessive: Convention
) -> None:
    propose_convention(convention=draft, by=world.people["alice"])
    values = {name: sign_in(name).get(at("detail", draft)).context["commitments"] != [] for name in ("aline", "chloe")}
    assert values == {"aline": True, "chloe": False}
    assert sign_in("alice").get(at("detail", excessive)).context["checks"] != []
    assert sign_in("adam").get(at("detail", excessive)).context["checks"] == []


def test_draft_is_its_landlords_until_it_is_proposed(world: World, sign_in: SignIn, draft: Convention) -> None:
    """Its page, its text with the worksheet of what it converts, the list and its count: none is the signatory's."""
    by, chloe = world.people["alice"], sign_in("chloe")
    pages = [at(name, draft) for name in ("detail", "document", "document-pdf")]

    def reads() -> tuple[set[int], bool]:
        return {chloe.get(page).status_code for page in pages}, draft in shown(chloe.get(LIST))

    assert reads() == ({404}, False)
    states = {
        name: [value for value, _ in sign_in(name).get(LIST).context["filters"].fields["etat"].choices]
        for name in ("alice", "chloe")
    }
    assert [states[name][1] for name in ("alice", "chloe")] == ["brouillon", "proposee"]
    propose_convention(convention=draft, by=by)
    assert reads() == ({200}, True)
    withdraw_proposal(convention=draft, why="Part à revoir.", by=by)
    assert reads() == ({404}, False)


def test_signatory_is_not_reported_what_the_draft_stated_before_the_proposal(
    world: World, sign_in: SignIn, draft: Convention
) -> None:
    by, city = world.people["alice"], world.holders["city"]
    draft_convention(
        landlord=world.landlord,
        organisation=world.city,
        perimeter=draft.perimeter,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        quotas=[QuotaTerms(city, 130_000, 4)],
        by=by,
        replaces=draft,
    )
    propose_convention(convention=draft, by=by)
    values = {
        name: [act.entry.act for act in sign_in(name).get(at("detail", draft)).context["story"].acts]
        for name in ("alice", "chloe", "adam")
    }
    every = ["PROPOSED", "EDITED", "RECORDED"]
    assert values == {"alice": every, "chloe": ["PROPOSED", "RECORDED"], "adam": every}


def test_signature_of_a_convention_already_begun_says_from_when_it_is_due(world: World, sign_in: SignIn) -> None:
    begun = convention(
        world.other_landlord, world.als, world.places["Aude"], (world.holders["als"], "20", 1), signed=False
    )
    signed_by_each(begun, date(2026, 1, 1))
    begun.signatories.filter(organisation=world.other_landlord.organisation).update(signed_on=None, means="")
    (sentence,) = messages_of(sign_in("zoe").post(at("sign", begun)))
    assert sentence.endswith("Aucun logement entré dans le flux depuis son premier jour ne reste à régler.")


def test_refused_act_shows_the_same_page_with_what_the_flow_says(world: World, sign_in: SignIn) -> None:
    """The page of a refused signature forgot the units a year, and the checks that rest on what falls vacant."""
    fallen(world, 3, 12)
    row = declining(world, share=250_000, declined=("financing:PLS",))
    client = sign_in("alice")
    page = client.get(at("detail", row))
    client.post(reverse("convention-propose", args=[row.pk]))
    answer = client.post(reverse("convention-withdraw", args=[row.pk]), {"why": ""})
    assert answer.status_code == 422
    found = [check.sentence for check in page.context["checks"]]
    assert any("libéré en douze mois" in sentence for sentence in found)
    assert [check.sentence for check in answer.context["checks"]] == found
    assert [yearly for _, yearly in answer.context["promised"]] == [yearly for _, yearly in page.context["promised"]]
    assert any(yearly for _, yearly in answer.context["promised"])


def test_what_cannot_be_undone_asks_to_be_sure(world: World, sign_in: SignIn) -> None:
    """RGAA, 11.12."""
    signed = world.conventions["city"]
    answer = sign_in("alice").post(at("end", signed), {"ends_on": "31/12/2026", "why": "Accord des parties."})
    assert answer.status_code == 422
    assert "Cochez cette case : cela ne se défait pas." in answer.content.decode().replace("\u00a0", " ")
    signed.refresh_from_db()
    assert signed.ends_on == date(2028, 12, 31)


def test_folded_sections_say_what_they_settle_and_open_on_what_is_to_correct(
    world: World, sign_in: SignIn, draft: Convention
) -> None:
    """Each is folded; its summary names what differs from what the law and usage propose."""
    alice = sign_in("alice")
    page = text_of(alice.get(at("edit", draft)))
    assert "Report d’une année sur l’autre, Logements d’avant la signature (selon la loi et l’usage)" in page
    assert "Clauses écrites (selon la loi et l’usage)" in page
    proposed = alice.get(at("edit", draft)).context["form"].initial
    wrong = {"proposal_days": "0", "carry_over": "FULL", "fallback_1": ""}
    given = {name: value for name, value in proposed.items() if value is not None and value != ()}
    answer = alice.post(at("edit", draft), given | TERMS | {"starts_on": "01/01/2029", "ends_on": "31/12/2031"} | wrong)
    assert answer.status_code == 422
    folds = answer.context["folds"]
    assert [name for name, fold in folds.items() if fold.opens] == ["propose"]
    assert folds["report"].other == ("Report d’une année sur l’autre",)
    assert folds["rendu"].other == ("À défaut de candidat",)
    assert re.findall(r'<details class="fold" open>\s*<summary>\s*<h2 id="(\w+)">', answer.content.decode()) == [
        "propose"
    ]
