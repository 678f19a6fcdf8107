"""The convention as it is printed: page and PDF."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from pypdf import PdfReader

from flux.conversion.compute import convert
from flux.conversion.reading import read_text
from flux.models import Conversion
from flux.queries.controls.alerts import let_through
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.operations.convention import propose_convention
from reservations.operations.convention_signature import sign_on_account
from reservations.operations.party import register_landlord
from reservations.operations.prefect_order import record_order
from reservations.pages.clauses import lost
from tests.guards import unguarded
from tests.house.tree import ROOT
from tests.reservations.exports.test_documents import elements, tags
from tests.reservations.pages.test_documents import BARE
from tests.signing import sign_convention
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]


def page(row: Convention) -> str:
    return reverse("convention-document", args=[row.pk])


def pdf(row: Convention) -> str:
    return reverse("convention-document-pdf", args=[row.pk])


def words(html: bytes) -> str:
    """The text of a page on one line, plain spaces only."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.decode()).split())


def draft(world: World) -> Convention:
    years = {"starts_on": date(2029, 1, 1), "ends_on": date(2029, 12, 31)}
    city = world.holders["city"]
    return convention(world.landlord, world.city, world.places["Narbonne"], (city, "12.5", 4), signed=False, **years)


def with_terms(row: Convention, **terms: Any) -> Convention:
    """A draft with other terms."""
    Convention.objects.filter(pk=row.pk).update(**terms)
    return row


def test_page_says_the_parties_every_article_and_the_shares(world: World, sign_in: SignIn) -> None:
    answer = sign_in("chloe").get(page(world.conventions["city"]))
    text = words(answer.content)
    assert answer.status_code == 200
    assert re.findall(r"Article (\d+)\.", text) == [str(number) for number in range(1, 13)]
    assert "Robine Habitat bailleur social, SIREN 999000003" in text
    assert f"Ville de Narbonne commune, SIREN {world.city.siren}" in text
    assert "Ville de Narbonne 12 % 3 logements sur 25 4" in text
    assert "prend effet le 1er janvier 2026 et prend fin le 31 décembre 2028" in text
    assert "Projet" not in text
    assert "Signée le 1er janvier 2026" in text


def test_a_new_delay_says_whose_doing_starts_it(world: World, sign_in: SignIn) -> None:
    row = with_terms(draft(world), new_candidates_days=5, clock_restarts=["APPLICANT", "COMMITTEE"])
    assert (
        "Lorsqu’il ne reste en cours aucun des candidats transmis et que la cause en est le demandeur ou la CALEOL, le "
        "réservataire dispose d’un nouveau délai de 5 jours ouvrés."
    ) in words(sign_in("alice").get(page(row)).content)


@pytest.mark.parametrize(
    ("who", "terms", "clause"),
    [
        ("state", {}, ("n’est pas reporté sur l’année suivante, ni en plus, ni en moins, arrondi compris.", 0)),
        (
            "state",
            {"carry_over": "CAPPED", "carry_over_cap": 3 * UNIT},
            ("dans la limite de 3 logements par contingent. Ce", 3 * UNIT),
        ),
        ("city", {}, ("n’est pas reporté sur l’année suivante, ni en plus, ni en moins, arrondi compris.", 0)),
        (
            "city",
            {"carry_over": "CAPPED", "carry_over_cap": UNIT // 4},
            ("dans la limite de 0,25 logement par contingent. Ce qui est reporté est rendu par étapes", UNIT // 4),
        ),
        ("city", {"carry_over": "FULL"}, ("est reporté en entier sur l’année suivante, en plus ou en moins.", None)),
    ],
)
def test_carry_over_is_reported_as_it_happens_on_the_page_and_on_paper(
    world: World, sign_in: SignIn, who: str, terms: dict[str, Any], clause: tuple[str, int | None]
) -> None:
    """What both read is what `let_through` does (docs/decisions/0009), whatever the year is due."""
    result, carried = clause
    with unguarded("reservations_convention.terms_kept"):
        row = with_terms(world.conventions[who], **terms)
    row.refresh_from_db()
    reader = sign_in("alice")
    for answer in (reader.get(page(row)), reader.get(reverse("convention-detail", args=[row.pk]))):
        assert result in words(answer.content)
    assert let_through(5 * UNIT, row) == (5 * UNIT if carried is None else carried)


LOST = [
    (
        {},
        "Ville de Narbonne : si 35 logements entrent dans le flux, 4,375 logements dus dans l’année : s’il n’en ",
    ),
    ({}, "s’il en reçoit 5, 0,625 logement d’avance ne lui est pas repris."),
    ({"carry_over": "CAPPED", "carry_over_cap": 300_000}, "s’il n’en reçoit que 4, 0,075 logement lui est perdu"),
]


@pytest.mark.parametrize(("terms", "expected"), LOST)
def test_what_rounding_loses_is_reported_to_both_sides_before_they_sign(
    world: World, sign_in: SignIn, terms: dict[str, Any], expected: str
) -> None:
    """On paper on an example; on the page, of the flow expected, to the landlord and to who is to sign."""
    row = with_terms(draft(world), **terms)
    assert expected in words(sign_in("alice").get(page(row)).content)
    for _ in range(3):
        world.vacancy()
    propose_convention(convention=row, by=world.people["alice"], today=date(2026, 1, 1))
    row.refresh_from_db()
    yearly = row.quotas.get().share * 3
    assert lost(row, yearly)
    for name in ("alice", "chloe"):
        detail = words(sign_in(name).get(reverse("convention-detail", args=[row.pk])).content)
        assert lost(row, yearly) in detail
        assert expected in words(sign_in(name).get(page(row)).content)


def test_nothing_is_stated_lost_where_all_is_carried_or_units_are_whole(world: World) -> None:
    row = with_terms(draft(world), carry_over="CAPPED", carry_over_cap=UNIT)
    row.refresh_from_db()
    assert lost(row, 4_375_000) == ""
    row.carry_over, row.carry_over_cap = "NONE", None
    assert lost(row, 4 * UNIT) == ""
    assert "Un report plafonné à 1 logement le garderait" in lost(row, 375_000)


def test_articles_of_the_state_are_in_its_convention_only(world: World, sign_in: SignIn) -> None:
    state = words(sign_in("bob").get(page(world.conventions["state"])).content)
    city = words(sign_in("chloe").get(page(world.conventions["city"])).content)
    for sentence in (
        "n’excèdent pas 30 % du flux annuel total du bailleur, dont 5 % au plus pour ses agents",
        "le préfet peut résilier la convention après une mise en demeure restée sans suite pendant 2 mois",
        "n’est pas inférieure à 30 % hors des quartiers prioritaires",
    ):
        assert (sentence in state, sentence in city) == (True, False)
    own = "Le réservataire exerce ses droits sur son seul territoire (CCH, R441-5-3)."
    assert (own in state, own in city) == (False, True)


TERMS = [
    ({}, "dès que le bailleur l’oriente vers lui."),
    ({"counting_point": "PROPOSED"}, "lorsqu’il a proposé des candidats."),
    ({"counting_point": "ALLOCATED"}, "lorsque la CALEOL l’attribue à l’un de ses candidats."),
    ({"counting_point": "LEASED"}, "lorsque le bail est signé avec l’un de ses candidats."),
    (
        {"returns_effect": "YES"},
        "Un logement rendu reste décompté de la part du réservataire, quelle qu’en soit la raison",
    ),
    ({"returns_effect": "NO"}, "Un logement rendu n’est pas décompté de la part du réservataire."),
    (
        {"returns_effect": "NO", "returned_cap": 2_000_000},
        "sans que son reste dû dépasse alors 2 logements : l’excédent, un logement au plus pour chaque logement rendu, "
        "revient au bailleur, et le compte le dit sur une ligne au nom de ce logement.",
    ),
    (
        {"uniform_communes": True},
        "l’oriente vers lui. Le réservataire est servi uniformément d’une commune à l’autre : entre destinations dont "
        "le reste dû est voisin, son manque dans la commune du logement compte plus que ceux de toutes les autres "
        "catégories réunies. Un logement rendu",
    ),
    ({}, "Un logement rendu n’est décompté de la part du réservataire que si celui-ci en est la cause : il le rend"),
    ({}, "les logements reçus n’est pas reporté sur l’année suivante, ni en plus, ni en moins, arrondi compris."),
    ({"carry_over": "FULL"}, "est reporté en entier sur l’année suivante, en plus ou en moins. Ce qui est reporté est"),
    (
        {"carry_over": "CAPPED", "carry_over_cap": 2_000_000},
        "est reporté sur l’année suivante, en plus ou en moins, dans la limite de 2 logements par contingent.",
    ),
    ({}, "La gestion est directe"),
    ({"management": "DELEGATED"}, "La gestion est déléguée"),
    ({"proposal_days": None, "first_letting_days": None}, "Aucun délai n’est fixé pour proposer des candidats."),
    ({"proposal_days": 20}, "est de 20 jours ouvrés à compter de l’orientation du logement."),
    (
        {"proposal_days": 20, "first_letting_days": 40},
        "l’orientation du logement. Le délai pour proposer des candidats à la première "
        "location d’un programme neuf est de 40 jours ouvrés.",
    ),
    ({"first_letting_days": 40}, "Le délai pour proposer des candidats à la première location d’un programme neuf est"),
    ({"minimum_candidates": 3}, "Au moins 3 candidats sont proposés par logement, sauf insuffisance de candidats."),
    (
        {},
        "Un logement rendu n’est pas compté parmi les logements proposés lorsque la cause en est : le bailleur",
    ),
    ({"not_offered": []}, "Un logement rendu reste compté parmi les logements proposés."),
    ({}, "aucun des candidats transmis, le délai ne repart pas : le bailleur propose de nouveau le logement."),
    (
        {"new_candidates_days": 10},
        "la cause en est le demandeur ou la CALEOL, le réservataire dispose d’un nouveau délai de 10 jours ouvrés.",
    ),
    ({}, "Les jours ouvrés vont du lundi au vendredi, jours fériés exclus. Lorsqu’il ne reste"),
    (
        {"local_holidays": True},
        "y compris ceux d’Alsace-Moselle, le Vendredi saint et le 26 décembre (Code du travail,",
    ),
    (
        {"proposal_days": 10, "day_unit": "CLEAR", "new_candidates_days": 1},
        "est de 10 jours francs à compter de l’orientation du logement. Les délais courent au plus tôt à compter du "
        "jour où le congé est reçu. Un délai en jours francs, tel que les parties l’entendent ici, ne compte ni le "
        "jour qui l’ouvre (code de procédure civile, article 641) ni, ce que cet article ne dit pas, celui où il "
        "s’achève : on peut encore agir le lendemain du dernier jour compté. Si ce lendemain est un samedi, un "
        "dimanche ou un jour férié, c’est le premier jour ouvré qui suit (article 642).",
    ),
    (
        {"renewal_months": 12, "renewal_times": 2, "notice_months": 3, "term_on": date(2031, 12, 31)},
        "prend fin le 31 décembre 2031. À ce terme, et à chacun des suivants, elle est reconduite tacitement pour "
        "1 an, 2 fois au plus, aux mêmes conditions, sauf si l’une des parties la dénonce par écrit auprès des autres "
        "au moins 3 mois avant le terme.",
    ),
    (
        {"renewal_months": 18, "renewal_times": 1, "notice_months": 12, "term_on": date(2031, 12, 31)},
        "À ce terme, elle est reconduite tacitement pour 18 mois, une seule fois, aux mêmes conditions, sauf si l’une "
        "des parties la dénonce par écrit auprès des autres au moins 1 an avant le terme.",
    ),
    (
        {"renewal_months": 36, "notice_months": 6, "term_on": date(2031, 12, 31)},
        "pour 3 ans, sans limite de nombre, aux mêmes conditions",
    ),
    ({"day_unit": "CLEAR", "new_candidates_days": 1}, "d’un nouveau délai de 1 jour franc."),
    (
        {"proposal_days": 30, "day_unit": "CALENDAR", "august_suspended": True, "opens_on": "AVAILABLE"},
        "30 jours calendaires à compter de l’orientation du logement. Les délais courent au plus tôt à compter du jour "
        "où le logement est libre. Les jours calendaires sont tous les jours, samedis, dimanches et jours fériés "
        "compris, sauf celui qui ouvre le délai. Rien ne reporte le dernier. Le mois d’août ne compte pas : un délai "
        "en cours le 31 juillet reprend le 1er septembre.",
    ),
    (
        {"day_unit": "POSTPONED", "local_holidays": True, "opens_on": "WORKS"},
        "à compter de la fin des travaux, ou du jour où le logement est libre s’il n’en faut pas. Les jours "
        "calendaires sont tous les jours, sauf celui qui ouvre le délai. Un délai qui finirait un samedi, un dimanche "
        "ou un jour férié, y compris ceux d’Alsace-Moselle, le Vendredi saint et le 26 décembre (Code du travail, "
        "L3134-13) finit le premier jour ouvré qui suit, comme le veut l’article 642 du code de procédure civile.",
    ),
    (
        {"signal_days": 10},
        "Le bailleur signale chaque logement au réservataire, en l’orientant vers lui, dans un délai de 10 jours "
        "ouvrés à compter de l’ouverture du flux",
    ),
    (
        {"publics": ["DALO", "STATE_AGENT"], "file_days": 15, "dalo_refusal_said": True},
        "Les candidats relèvent de l’un de ces publics : ménage reconnu prioritaire par la commission de médiation "
        "(DALO) ou agent civil ou militaire de l’État. Un candidat qui n’en relève pas est signalé au bailleur, et "
        "transmis. Un dossier transmis se complète dans un délai de 15 jours ouvrés à compter de sa transmission. Le "
        "refus d’un ménage DALO, par la CALEOL ou par le ménage lui-même, se motive en une phrase. Article 7.",
    ),
    (
        {"clauses": {"SUPPORT": "Par le CCAS.\n\nAvec son accord.", "FILES": "Par le SNE.", "TAKEN_BACK": "Un an."}},
        "Constitution et actualisation des dossiers Par le SNE. Accompagnement social Par le CCAS. Avec son accord. "
        "Article 7.",
    ),
    (
        {"clauses": {"EVALUATION": "En mars."}},
        "l’application de la convention. Évaluation annuelle En mars. Article 10.",
    ),
    ({"fallback": []}, "La convention ne fixe pas d’ordre."),
    ({"fallback": ["MAYOR", "STATE"]}, "le préfet. Si aucune de ces étapes ne peut recevoir le logement"),
    (
        {"fallback": ["STATE", "NEXT"]},
        "dans cet ordre : le préfet ; le réservataire suivant, selon la règle. Article 8.",
    ),
    ({}, "ci-après « le réservataire » il est convenu ce qui suit. Article 1."),
    ({"articles": "Vu l’accord."}, "Préambule Vu l’accord. Il est convenu ce qui suit. Article 1."),
    (
        {"articles": "Article 3 : Suivi\nLes parties se voient.\n\nElles en rendent compte.\nArticle – Tous\nTous."},
        "Article 13. Suivi Les parties se voient. Elles en rendent compte. Article 14. Tous Tous. Signatures",
    ),
    ({}, "s’ajoutent à la part fixée à l’article 4 : ils n’en sont pas décomptés."),
    ({"first_letting_counts": True}, "Ceux que reçoit le réservataire sont décomptés de la part fixée à l’article 4."),
]


@pytest.mark.parametrize(("terms", "sentence"), TERMS)
def test_each_term_has_its_sentence(world: World, sign_in: SignIn, terms: dict[str, Any], sentence: str) -> None:
    row = with_terms(draft(world), **(BARE | terms))
    assert sentence in words(sign_in("alice").get(page(row)).content)


def test_draft_says_on_every_page_that_it_is_worth_nothing(world: World, sign_in: SignIn) -> None:
    row = draft(world)
    assert "Projet – sans valeur tant qu’il n’est pas signé" in words(sign_in("alice").get(page(row)).content)
    pages = PdfReader(BytesIO(sign_in("alice").get(pdf(row)).content)).pages
    assert len(pages) > 1
    assert ["Projet – sans valeur" in sheet.extract_text() for sheet in pages] == [True] * len(pages)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Convention.Status.AMENDED, "Version remplacée par un avenant : elle s’applique jusqu’au 31 décembre 2028"),
        (Convention.Status.ENDED, "Convention terminée le 31 décembre 2028, avant son terme"),
        (Convention.Status.TERMINATED, "Convention résiliée, à effet du 31 décembre 2028"),
        (Convention.Status.VOID, "Version sans effet : un autre acte est venu avant son premier jour"),
    ],
)
def test_convention_that_is_over_says_how(world: World, sign_in: SignIn, status: str, sentence: str) -> None:
    row = world.conventions["city"]
    with unguarded("reservations_convention.end_kept"):
        Convention.objects.filter(pk=row.pk).update(status=status)
    assert sentence in words(sign_in("chloe").get(page(row)).content)


def test_amendment_shows_what_it_changes(world: World, sign_in: SignIn) -> None:
    first = world.conventions["city"]
    row = draft(world)
    with_terms(row, amends=first, version=2, starts_on=date(2027, 1, 1), proposal_days=25)
    text = words(sign_in("alice").get(page(row)).content)
    assert "Avenant n° 1 à la convention de réservation de logements sociaux" in text
    assert "Cet avenant remplace la version 1, signée le 1er janvier 2026, à compter du 1er janvier 2027." in text
    assert "Part : Ville de Narbonne 12 % 12,5 %" in text
    assert "Délai pour proposer 20 jours ouvrés 25 jours ouvrés" in text


def test_pdf_is_tagged_named_and_holds_the_text_of_the_page(world: World, sign_in: SignIn) -> None:
    row = world.conventions["state"]
    answer = sign_in("bob").get(pdf(row))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="convention-rh-990000010-v1.pdf"'

    reader = PdfReader(BytesIO(answer.content))
    catalog = reader.trailer["/Root"]
    assert (catalog["/MarkInfo"]["/Marked"].value, catalog["/Lang"]) == (True, "fr")
    assert reader.metadata.title == "Convention de réservation Robine Habitat – Préfecture de l’Aude, version 1"
    assert reader.metadata.author == "Robine Habitat"
    assert reader.metadata["/CreationDate"] == "D:20260101"
    found = tags(reader)
    assert (found.count("/H1"), found.count("/H2"), found.count("/Table"), found.count("/Caption")) == (1, 14, 1, 1)
    assert found.count("/TH") == 4 + 2 + 1  # four columns, two contingents, their sum
    headless = [cell for cell in elements(catalog["/StructTreeRoot"]) if cell["/S"] == "/TD"]
    assert [cell for cell in headless if not cell["/A"]["/Headers"]] == []
    text = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    for sentence in ("Entre les soussignés", "Article 12. Transmission", "25 % 1 logement sur 4 1", "page 1 sur 4"):
        assert sentence in text
    assert "Télécharger" not in text


def test_same_convention_gives_the_same_bytes_to_anybody_on_any_day(world: World, sign_in: SignIn) -> None:
    def fingerprint(person: str) -> str:
        return hashlib.sha256(sign_in(person).get(pdf(world.conventions["city"])).content).hexdigest()

    with time_machine.travel(MORNING, tick=False):
        first = fingerprint("chloe")
    with time_machine.travel(MORNING.replace(year=2027), tick=False):
        assert fingerprint("alice") == first


def test_draft_is_read_by_its_landlord_and_a_proposal_by_both_parties(world: World, sign_in: SignIn) -> None:
    row = draft(world)

    def readers() -> list[str]:
        people = ("alice", "chloe", "bob", "emma", "zoe")
        return [person for person in people if sign_in(person).get(page(row)).status_code == 200]

    assert readers() == ["alice"]
    propose_convention(convention=row, by=world.people["alice"])
    assert readers() == ["alice", "chloe"]
    assert "Projet, non signé." in sign_in("chloe").get(page(row)).text
    sign_on_account(convention=row, organisation=world.landlord.organisation, by=world.people["alice"])
    assert "Projet : 1 signature sur 2." in sign_in("chloe").get(page(row)).text


@pytest.fixture
def order(world: World) -> Convention:
    """What the préfet fixes for a landlord that has no convention with the State."""
    landlord = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    return record_order(
        landlord=landlord,
        departement=world.places["Aude"],
        priority=250_000,
        agents=50_000,
        starts_on=MORNING.date(),
        ends_on=date(2027, 12, 31),
        ordered_on=date(2026, 11, 3),
        order="arrêté n° 2026-118 du 3 novembre 2026",
        by=world.people["bob"],
        today=MORNING.date(),
    )


def test_an_order_is_printed_as_what_it_is_and_nobody_signs_it(order: Convention, sign_in: SignIn) -> None:
    """« À défaut de convention, le préfet fixe par arrêté » (CCH, R441-5-2, IV): no convention, no agreement."""
    bob = sign_in("bob")
    text = words(bob.get(page(order)).content)
    assert "fixées par arrêté du préfet, à défaut de convention" in text
    assert "arrêté n° 2026-118 du 3 novembre 2026" in text
    assert "1 logement sur 4" in text
    assert not re.search(r"soussignés|Signatures|Signée le|Article 1", text)
    answer = bob.get(pdf(order))
    assert 'filename="arrete-cl-' in answer["Content-Disposition"]
    read = PdfReader(BytesIO(answer.content))
    printed = " ".join("".join(leaf.extract_text() for leaf in read.pages).split())
    assert "arrêté n° 2026-118" in printed
    assert "Signatures" not in printed
    assert read.metadata is not None
    assert str(read.metadata.title).startswith("Arrêté du préfet, Corbières Logis")


def test_the_command_of_rights_states_an_order_from_a_convention(
    order: Convention, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it writes is what docs/schemas/rights.json says."""
    schema = json.loads((ROOT / "docs/schemas/rights.json").read_text(encoding="utf-8"))
    for siren, natures in (("999000029", ["ORDER"]), ("999000003", ["CONVENTION"] * 4)):
        call_command("rights", landlord=siren, on="2026-11-24", json=True)
        payload = json.loads(capsys.readouterr().out)
        Draft202012Validator(schema).validate(payload)
        assert [row["nature"] for row in payload["conventions"]] == natures
    assert {row["order"] for row in payload["conventions"]} == {None}
    call_command("rights", landlord="999000029", on="2026-11-24")
    assert "  Préfet, arrêté n° 2026-118 du 3 novembre 2026, Aude, version 1 (en vigueur)" in capsys.readouterr().out


def test_without_the_library_the_page_to_print_is_shown_and_says_why(
    world: World, order: Convention, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])

    for person, row in (("chloe", world.conventions["city"]), ("bob", order)):
        answer = sign_in(person).get(pdf(row), follow=True)
        assert answer.redirect_chain == [(page(row), 302)]
        (result,) = get_messages(answer.wsgi_request) or answer.context["messages"]
        assert str(result).startswith("Le PDF ne peut pas être produit")
        assert "Imprimez cette page depuis votre navigateur" in words(answer.content)


@pytest.fixture
def conversion(world: World) -> Conversion:
    """The worksheet of the documented example, taken into the city's draft."""
    sheet = convert(read_text(Path(ROOT / "docs/examples/conversion.json").read_text(encoding="utf-8")))
    return Conversion.objects.create(
        landlord=world.landlord,
        holder=world.holders["city"],
        perimeter=world.places["Narbonne"],
        label="Durée de vie restante",
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        given={},
        worksheet=sheet.as_json(),
        rate_numerator=sheet.rate.numerator,
        rate_denominator=sheet.rate.denominator,
        share=sheet.share,
        created_by=world.people["alice"],
        convention=draft(world),
    )


def test_conversion_taken_into_a_convention_is_annexed_to_it(
    world: World, sign_in: SignIn, conversion: Conversion
) -> None:
    assert sign_in("chloe").get(page(conversion.convention)).status_code == 404  # nor the worksheet, before the offer
    propose_convention(convention=conversion.convention, by=world.people["alice"])
    text = words(sign_in("chloe").get(page(conversion.convention)).content)
    assert "Annexe. Conversion en flux des droits en stock : Ville de Narbonne" in text
    assert "54 743 159 logements sur 551 671 600 du flux, soit 9,9231 %, à quatre décimales" in text
    assert "Part à signer 99 231 ÷ 1 000 000 = 9,9231 % 9,9231 %" in text
    assert "État – publics prioritaires" not in text
    reader = PdfReader(BytesIO(sign_in("chloe").get(pdf(conversion.convention)).content))
    assert tags(reader).count("/Table") == 1 + 6
    assert "Annexe" not in words(sign_in("chloe").get(page(world.conventions["city"])).content)


def test_worksheet_is_a_link_for_whoever_may_open_it(world: World, sign_in: SignIn, conversion: Conversion) -> None:
    """The EPCI reads the convention and its annex; the worksheet is the business of the two that sign."""
    sign_convention(convention=conversion.convention, signed_on=MORNING.date(), by=world.people["alice"])
    sheet = reverse("conversion-detail", args=[conversion.pk])
    for person, opens in (("alice", True), ("chloe", True), ("emma", False), ("adam", True)):
        client = sign_in(person)
        html = client.get(page(conversion.convention)).content.decode()
        assert "Annexe. Conversion en flux" in html
        assert (f'href="{sheet}"' in html, client.get(sheet).status_code) == (opens, 200 if opens else 404)


def test_what_the_parties_wrote_is_signed_with_the_rest(world: World, sign_in: SignIn) -> None:
    """« Free articles, numbered, with their text, printed in place »: to the other party, in its PDF, never changed."""
    typed = "Vu l’accord.\nArticle : Suivi\nUne réunion par an."
    row = with_terms(draft(world), **(BARE | {"articles": typed}))
    propose_convention(convention=row, by=world.people["alice"], today=MORNING.date())
    pages = PdfReader(BytesIO(sign_in("chloe").get(pdf(row)).content)).pages
    text = " ".join(" ".join(sheet.extract_text().split()) for sheet in pages)
    assert "Préambule Vu l’accord. Il est convenu ce qui suit. Article 1. Objet" in text
    assert "Article 13. Suivi Une réunion par an." in text
    with pytest.raises(DatabaseError, match="terms_kept"), transaction.atomic():
        Convention.objects.filter(pk=row.pk).update(articles="Autre chose.")


def test_page_says_that_the_parties_wrote_a_preamble_alone(world: World, sign_in: SignIn) -> None:
    row = with_terms(draft(world), **(BARE | {"articles": "Vu l’accord."}))
    shown = words(sign_in("alice").get(reverse("convention-detail", args=[row.pk])).content)
    assert "Préambule écrit par les parties Vu l’accord." in shown
