"""The minutes: sealed, nominative, printed as a tagged PDF that is read back."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from attributions.households.models import AccessRecord, AgendaItem, Application, CaseDecision, CommitteeSession
from attributions.households.operations.agenda import add_to_agenda, recuse
from attributions.households.operations.ballot import LineTerms
from attributions.households.operations.correction import correct_decisions
from attributions.households.operations.session import close_session, open_session
from tests.attributions.households.candidates import excluded, routed
from tests.attributions.households.sittings import HOUR, House, candidates, house, lines
from tests.flux.operations.test_returning import delegate
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.reservations.exports.test_documents import elements, tags
from tests.world import MORNING, World
from tests.world_again import kept

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING + 5 * HOUR, tick=False)


@pytest.fixture
@kept
def home(world: World) -> House:
    return house(world)


@pytest.fixture
def item(home: House) -> AgendaItem:
    """Decided, in a session that is closed."""
    found = home.opened()
    home.decide(found, *lines(found, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"))
    close_session(session=found.session, by=home.secretary, now=MORNING + 3 * HOUR)
    found.session.refresh_from_db()
    return found


def url(name: str, session: CommitteeSession) -> str:
    return reverse(name, args=[session.pk])


def test_minutes_name_the_candidates_and_verify_their_seal(item: AgendaItem, sign_in: SignIn) -> None:
    page = text_of(sign_in("aline").get(url("minutes", item.session)))
    for each in (
        "Procès-verbal de la CALEOL du 24 novembre 2026",
        "Ménage 1",
        "011000000100001114",
        "Attribution, avec un rang, 1er rang.",
        "Non-attribution : logement inadapté à la composition du ménage.",
        "6 pour, 0 contre, 0 abstention ; adoptée.",
        "son empreinte se vérifie",
        item.session.seal,
    ):
        assert each in page, each
    record = AccessRecord.objects.get()
    assert (record.what, record.files, record.downloaded) == ("MINUTES", 3, False)


def test_a_content_that_was_touched_is_reported(item: AgendaItem, sign_in: SignIn) -> None:
    content = item.session.minutes | {"quorum": 1}
    with unguarded("attributions_committeesession.sealed"):
        CommitteeSession.objects.filter(pk=item.session_id).update(minutes=content)
    assert "L’empreinte ne se vérifie plus" in text_of(sign_in("aline").get(url("minutes", item.session)))


def test_corrections_come_after_and_the_seal_holds(item: AgendaItem, home: House, sign_in: SignIn) -> None:
    last = CaseDecision.objects.get(kind="NOT_ALLOCATED")
    case = item.cases.get(proposal=last.proposal_id)
    correct_decisions(
        item=item,
        terms={last: LineTerms(case, "NOT_ALLOCATED", reason="EFFORT")},
        why="Motif mal saisi.",
        by=home.secretary,
        now=MORNING + 4 * HOUR,
    )
    page = text_of(sign_in("aline").get(url("minutes", item.session)))
    assert "Décisions rectificatives, après la clôture" in page
    assert "Motif mal saisi." in page
    assert "son empreinte se vérifie" in page


def test_a_member_reads_the_names_of_its_own_territory_only(home: House, sign_in: SignIn) -> None:
    item = home.opened(vacancy=home.unit(commune="Coursan"))
    home.decide(item, *lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"))
    close_session(session=item.session, by=home.secretary, now=MORNING + 3 * HOUR)
    assert "Ménage 1" in text_of(sign_in("bob").get(url("minutes", item.session)))
    page = text_of(sign_in("chloe").get(url("minutes", item.session)))
    assert "Leurs noms ne vous sont pas ouverts." in page
    assert "Ménage" not in page


def test_an_identity_erased_leaves_the_seal(item: AgendaItem, sign_in: SignIn) -> None:
    Application.objects.update(name="", number="", birth_date=None, nationality="", pseudonymised_on=MORNING.date())
    page = text_of(sign_in("aline").get(url("minutes", item.session)))
    assert "identité effacée" in page
    assert "son empreinte se vérifie" in page


def test_pdf_asks_why_and_is_written_down(item: AgendaItem, sign_in: SignIn) -> None:
    client = sign_in("aline")
    refused = client.post(url("minutes-pdf", item.session), {"why": " "})
    assert refused.status_code == 422
    assert "Dites pourquoi vous emportez ce fichier" in text_of(refused)
    assert not AccessRecord.objects.filter(downloaded=True).exists()
    response = client.post(url("minutes-pdf", item.session), {"why": "Transmission au préfet."})
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert 'filename="proces-verbal-caleol-2026-11-24.pdf"' in response["Content-Disposition"]
    record = AccessRecord.objects.get(downloaded=True)
    assert (record.why, record.files, record.user.full_name) == ("Transmission au préfet.", 3, "Aline")
    assert "Ménage" not in record.subject


def test_pdf_is_a_tagged_document_in_french_with_its_title(item: AgendaItem, sign_in: SignIn) -> None:
    reader = PdfReader(BytesIO(sign_in("aline").post(url("minutes-pdf", item.session), {"why": "Archives."}).content))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert catalog["/Lang"] == "fr-FR"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert 'pdfuaid:part="1"' in catalog["/Metadata"].get_object().get_data().decode()
    assert reader.metadata.title == "Procès-verbal de la CALEOL du 24 novembre 2026"
    assert reader.metadata.author == "Robine Habitat"
    assert reader.metadata["/CreationDate"] == "D:20261124"

    found = tags(reader)
    assert (found.count("/H1"), found.count("/H2")) == (1, 4)  # the session, its members, one unit, the seal
    assert found.count("/Caption") == 2
    assert found.count("/Table") == found.count("/THead") == 3  # the members go on over a page, under their headings
    everything = list(elements(catalog["/StructTreeRoot"]))
    cells = [each for each in everything if each["/S"] == "/TD"]
    headers = {each["/ID"] for each in everything if each["/S"] == "/TH"}
    assert len(cells) == 10 * 2 + 3 * 3  # the secretary is reported above the table
    assert all(len(each["/A"]["/Headers"]) == 2 and set(each["/A"]["/Headers"]) <= headers for each in cells)
    text = " ".join(page.extract_text() for page in reader.pages)
    assert item.session.seal in text.replace("\n", "")
    assert "Ménage 1" in text


@pytest.mark.parametrize(
    ("person", "seen"),
    [("alice", 200), ("aline", 200), ("bob", 200), ("chloe", 200), ("emma", 200), ("zoe", 404), ("adam", 404)],
)
def test_who_reads_them(item: AgendaItem, sign_in: SignIn, person: str, seen: int) -> None:
    assert sign_in(person).get(url("minutes", item.session)).status_code == seen


def test_not_before_the_session_is_closed(home: House, sign_in: SignIn) -> None:
    assert sign_in("aline").get(url("minutes", home.opened().session)).status_code == 404


@pytest.mark.parametrize("count", [1, 12])
def test_page_costs_the_same_queries_whatever_its_items(
    home: House, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    session = home.session()
    items = [home.item(session) for _ in range(count)]
    open_session(session=session, present=list(home.members.values()), by=home.secretary, now=MORNING + HOUR)
    for item in items:
        home.decide(item, *lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"))
    close_session(session=session, by=home.secretary, now=MORNING + 3 * HOUR)
    client = sign_in("aline")
    with django_assert_num_queries(9):  # one of its cases, which its households leave in time
        assert len(client.get(url("minutes", session)).context["minutes"].items) == count


def test_minutes_state_whatever_happened_to_a_session(home: House, sign_in: SignIn) -> None:
    """A member represented, one who left, a delegate, a unit out of the flow; decisions corrected before the closing,
    then twice after; a request that has since taken another number."""
    world, by = home.world, home.secretary
    delegate(world, world.holders["priority"], "city")
    units = [routed(world, "priority").vacancy, excluded(world)]
    for vacancy in units:
        candidates(world, vacancy)
    session = home.session()
    ours, apart = add_to_agenda(session=session, vacancies=units, by=by, now=MORNING)
    recuse(item=ours, member=home.members["Noémie"], by=by, now=MORNING)
    present, away = home.users("Paul", "Henri", "Leïla", "Martin", "Noémie"), home.members["Rosa"]
    open_session(session=session, present=present, represented={away.pk: "Paul"}, by=by, now=MORNING + HOUR)
    kinds, votes = ("RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"), {each.pk: "FOR" for each in present[:4]}
    for item in (ours, apart):
        item.refresh_from_db()
        home.decide(item, *lines(item, *kinds), votes=votes)

    def corrected(reason: str, after: int) -> None:
        last = CaseDecision.objects.get(item=ours, kind="NOT_ALLOCATED", superseded_at=None)
        terms = LineTerms(ours.cases.get(letter="C"), "NOT_ALLOCATED", reason=reason)
        correct_decisions(item=ours, terms={last: terms}, why="Motif mal saisi.", by=by, now=MORNING + after * HOUR)

    corrected("EFFORT", 2)
    close_session(session=ours.session, by=by, now=MORNING + 3 * HOUR)
    corrected("SIZE", 4)
    corrected("EFFORT", 5)
    Application.objects.filter(name="Ménage 1").update(number="011000009900001114")
    page = text_of(sign_in("aline").get(url("minutes", session)))
    rows = (
        "Rosa désigné par le conseil d’administration représenté par Paul",
        "Orienté vers : État – publics prioritaires, candidats proposés par délégation : Ville de Narbonne. "
        "Déport : Noémie.",
        "Soustrait du flux.",
        "composition du ménage. (rectifiée depuis, dans la séance) Non-attribution : ",
        "Ménage 1 011000009900001114 (n’est plus celui qui a été scellé) Attribution",
        "Logement 1, dossier C Non-attribution : logement inadapté à la composition du ménage (rectifiée depuis)",
    )
    assert [words for words in rows if words not in page] == []
