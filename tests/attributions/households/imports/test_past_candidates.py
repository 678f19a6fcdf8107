"""Candidates of before the account was kept here, named, with what was decided of each: by the one door for files, as
history alone; each fault on its line; out with the archive of the organisation, and back to the same."""

from __future__ import annotations

import csv
import html
import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.households.imports.past_candidates import PastCandidates
from attributions.households.models import (
    AccessRecord,
    Application,
    Ballot,
    CaseDecision,
    Lease,
    Offer,
    PastCandidacy,
    Proposal,
)
from attributions.households.operations.calls import record_document
from attributions.households.operations.lease import sign_lease
from attributions.households.operations.offers import close_silent_offers
from attributions.households.operations.silence import lapse_silent_routings
from attributions.households.queries.applications import kept_until
from attributions.notices.models import Notice
from flux.imports.past_routings import PastRoutings
from flux.models import FlowEntry, WebhookEvent
from reservations.imports.kinds import kind_of
from reservations.models import FileImport, HistoryEntry, MailFact
from reservations.takeaway import make_archive, order_archive, parts
from tests.attributions.households.candidates import number
from tests.attributions.households.rows import Case, accepted, decisions_of
from tests.flux.imports.test_told_flow import file_of, lines_out
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, signed_elsewhere, written
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
KIND = PastCandidates.code
HEAD = ";".join(column.name for column in PastCandidates.columns)
ROUTED = "Date de congé;Référence;Réservataire;Date de proposition;Date CALEOL;Date du bail;Suite"
FIVE = ("attribution", "attribution, avec un rang", "attribution sous condition suspensive", "non-attribution", "rejet")


def line(reference: str, rank: int, decision: str = "", **given: str) -> str:
    values = {"position": "", "on": "01/04/2026" if decision else ""}
    values |= dict.fromkeys(("document", "received", "reason", "answer", "answered", "lease"), "") | given
    who = (reference, "02/03/2026", number(rank), f"Durand {rank:02d} Amina", "12/03/1984", "", decision)
    return ";".join((*who, *values.values()))


def reported_units(world: World) -> list[str]:
    """Three units taken over, of the city: let, given to nobody, attributed."""
    one, two, three = (world.unit().reference for _ in range(3))
    content = csv_of(
        ROUTED,
        f"02/03/2026;{one};Ville de Narbonne;09/03/2026;01/04/2026;20/04/2026;bail signé",
        f"02/03/2026;{two};Ville de Narbonne;09/03/2026;01/04/2026;;non attribué",
        f"02/03/2026;{three};Ville de Narbonne;09/03/2026;01/04/2026;;attribué",
    )
    written(world, PastRoutings.code, content)
    return [one, two, three]


def written_elsewhere() -> list[int]:
    """What an act of the day would have written: who is reported, what is voted, what an account counts."""
    models = (Notice, WebhookEvent, FlowEntry, Proposal, Ballot, CaseDecision, Offer, Lease)
    facts = MailFact.objects.exclude(kind="import")  # the person who gave the file is notified of it
    return [facts.count(), *(model._default_manager.count() for model in models)]


def test_the_five_decisions_enter_at_their_date_and_nothing_else_moves(world: World, sign_in: SignIn) -> None:
    """CCH, R441-3: attribution, with a rank or not, under a condition, non-attribution, rejet."""
    let, lost, _ = reported_units(world)
    before = written_elsewhere()
    content = csv_of(
        HEAD,
        line(let, 1, FIVE[1], position="1", answer="acceptée", answered="10/04/2026", lease="20/04/2026"),
        line(let, 2, FIVE[1], position="2"),
        line(let, 3, FIVE[4], reason="ressources supérieures au plafond"),
        line(let, 4, reason="désistement"),
        line(lost, 2, FIVE[2], document="avis d’imposition", reason="pièce non fournie dans le délai fixé"),
        line(lost, 7, FIVE[2], document="avis d’imposition", received="09/04/2026"),
        line(lost, 5, FIVE[3], reason="taux d’effort trop élevé"),
        line(lost, 6, FIVE[0], answer="refusée", answered="11/04/2026", reason="refus : le loyer et les charges"),
    )
    order = written(world, KIND, content)
    assert counts(order) == (8, 0, 0, 0)
    rows = PastCandidacy.objects.order_by("pk").values_list("kind", "rank", "decided_on", "reason", "answer")
    day = date(2026, 4, 1)
    assert list(rows) == [
        ("RANKED", 1, day, "", "ACCEPTED"),
        ("RANKED", 2, day, "", ""),
        ("INELIGIBLE", None, day, "OVER_CEILING", ""),
        ("", None, None, "WITHDREW", ""),
        ("CONDITIONAL", None, day, "CONDITION_NOT_MET", ""),
        ("CONDITIONAL", None, day, "", ""),
        ("NOT_ALLOCATED", None, day, "EFFORT", ""),
        ("ALLOCATED", None, day, "RENT_REFUSED", "REFUSED"),
    ]
    assert PastCandidacy.objects.get(document_on=date(2026, 4, 9)).application.number == number(7)
    assert PastCandidacy.objects.get(leased_on=date(2026, 4, 20)).application.number == number(1)
    assert written_elsewhere() == before
    assert [lapse_silent_routings(), close_silent_offers()] == [0, 0]
    assert written_elsewhere() == before
    housed = Application.objects.get(number=number(1))
    assert (housed.closed_on, housed.closure) == (date(2026, 4, 20), "LEASE")
    assert kept_until(housed) is not None, "its term runs from the lease"
    assert Application.objects.filter(closed_on=None).count() == 6
    order.refresh_from_db()
    assert (order.state, order.parts.exists()) == (FileImport.State.DONE, False), "the file is forgotten"
    assert list(AccessRecord.objects.values_list("what", "files")) == [("IMPORT", 8)]

    assert counts(given(world, KIND, content)) == (0, 0, 8, 0)
    again = csv_of(HEAD, line(lost, 6, FIVE[0], answer="sans réponse, donc refusée", answered="12/04/2026"))
    assert counts(written(world, KIND, again)) == (0, 1, 0, 0)
    corrected = PastCandidacy.objects.get(answer="SILENT")
    assert HistoryEntry.objects.about(corrected).get().details == {
        "answer": ["REFUSED", "SILENT"],
        "answered_on": ["2026-04-11", "2026-04-12"],
    }

    place = PastCandidacy.objects.get(leased_on__isnull=False).vacancy_id
    for person in ("alice", "chloe"):
        page = html.unescape(sign_in(person).get(reverse("file", args=[place])).text)
        for each in ("Durand 01 Amina", "Attribution, avec un rang : 1", "le 1er avril 2026", "Bail signé"):
            assert each in page, (person, each)
        assert ("Non examiné" in page, "Désistement" in page, "Candidats passés." in page) == (True, True, True)
    assert "Durand" not in sign_in("emma").get(reverse("file", args=[place])).text
    twice = Application.objects.get(number=number(2))
    page = html.unescape(sign_in("alice").get(reverse("application-detail", args=[twice.pk])).text)
    assert ("Candidatures passées." in page, "Pièce non fournie dans le délai fixé" in page) == (True, True)
    assert "avis d’imposition" in page
    received = Application.objects.get(number=number(7))
    page = html.unescape(sign_in("alice").get(reverse("application-detail", args=[received.pk])).text)
    assert "suspensive, avis d’imposition, reçue le 9 avril 2026" in page
    assert AccessRecord.objects.filter(what="FILE").count() == 4


def test_each_wrong_past_candidate_is_named_by_line_and_column(world: World) -> None:
    let, lost, kept = reported_units(world)
    routed_here = world.vacancy().unit.reference
    content = csv_of(
        HEAD,
        line("NULLE-PART", 1),
        line(routed_here, 1),
        line(lost, 2).replace("Durand 02 Amina", ""),
        line(lost, 3, "reporté"),
        line(lost, 4, FIVE[1]),
        line(lost, 5, FIVE[0], position="1"),
        line(lost, 6, FIVE[3]),
        line(lost, 7, FIVE[0], reason="taux d’effort trop élevé"),
        line(lost, 8, FIVE[0], on=""),
        line(lost, 9, on="01/04/2026"),
        line(lost, 10, FIVE[0], on="01/03/2026"),
        line(lost, 11, FIVE[0], on="01/12/2036"),
        line(lost, 12, FIVE[4], reason="conditions de séjour non remplies", answer="acceptée", answered="10/04/2026"),
        line(lost, 13, FIVE[0], answer="refusée"),
        line(lost, 14, FIVE[0], answered="10/04/2026"),
        line(lost, 15, FIVE[0], document="avis d’imposition"),
        line(lost, 16, FIVE[0], lease="20/04/2026"),
        line(let, 17, FIVE[0], lease="21/04/2026"),
        line(let, 18, lease="20/04/2026"),
        line(lost, 21, FIVE[0], received="02/04/2026"),
        line(lost, 22, FIVE[2], document="avis d’imposition", received="31/03/2026"),
        line(lost, 23, FIVE[2], received="02/04/2026", reason="pièce non fournie dans le délai fixé"),
        line(kept, 19, FIVE[1], position="1"),
        line(kept, 20, FIVE[1], position="1"),
        line(kept, 19),
    )
    order = given(world, KIND, content)
    assert [(at, column) for at, column, _ in faults(order)] == [
        (2, "logement"),
        (3, "congé reçu le"),
        (4, "nom"),
        (5, "décision"),
        (6, "rang"),
        (7, "rang"),
        (8, "motif"),
        (9, "motif"),
        (10, "CALEOL le"),
        (11, "décision"),
        (12, "CALEOL le"),
        (13, "CALEOL le"),
        (14, "réponse à l’offre"),
        (15, "répondu le"),
        (16, "réponse à l’offre"),
        (17, "pièce attendue"),
        (18, "bail signé le"),
        (19, "bail signé le"),
        (20, "bail signé le"),
        *((at, "pièce reçue le") for at in (21, 22, 23)),
        (25, "logement"),
        (26, "logement"),
    ]
    sentences = {at: each for at, _, each in faults(order)}
    assert "ce logement est loué depuis le 20/04/2026" in sentences[19]
    assert "ce logement n’est pas loué" in sentences[18]
    assert sentences[25] == "Un autre candidat de ce logement a déjà ce rang, à cette commission."
    assert (order.new, PastCandidacy.objects.count(), Application.objects.count()) == (1, 0, 0)


def test_candidates_leave_in_the_archive_alone_and_come_back_the_same(
    world: World, sign_in: SignIn, time_machine: object
) -> None:
    let, *_ = reported_units(world)
    written(world, KIND, csv_of(HEAD, line(let, 1, FIVE[0], answer="acceptée", answered="10/04/2026")))
    cases = (Case(), Case("CONDITIONAL", rank=2, due=date(2026, 12, 1)), Case("NOT_ALLOCATED", reason="SIZE"))
    first, second, *_ = made = accepted(world, *cases)
    waited = decisions_of(made)[1]
    record_document(decision=waited, received_on=MORNING.date(), by=world.people["aline"], now=MORNING)
    time_machine.move_to(MORNING + timedelta(days=9))
    sign_lease(proposal=first, signed_on=timezone.localdate(MORNING) + timedelta(1), by=world.people["aline"])
    alice = sign_in("alice")
    assert alice.get(reverse("kind-export", args=[KIND])).status_code == 404
    page = html.unescape(alice.get(reverse("takeaway")).text)
    assert 'Candidats passés <span class="muted">nomme des ménages : dans l’archive seulement' in page
    archive = order_archive(member=world.member("alice"), now=timezone.now())
    make_archive(archive_id=archive.pk)
    record = AccessRecord.objects.get(downloaded=True)
    assert (record.files, record.subject) == (4, "archive de l’organisation : Candidats passés")
    with zipfile.ZipFile(io.BytesIO(b"".join(parts(archive)))) as held:
        [name] = [each for each in held.namelist() if KIND in each]
        content = held.read(name)
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    rows = ("décision", "rang", "pièce reçue le", "motif", "bail signé le")
    assert [tuple(each[column] for column in rows) for each in lines] == [
        ("attribution", "", "", "", ""),
        ("attribution, avec un rang", "1", "", "", "25/11/2026"),
        ("attribution sous condition suspensive", "2", "24/11/2026", "", ""),
        ("non-attribution", "", "", "logement inadapté à la composition du ménage", ""),
    ]
    assert counts(given(world, KIND, content)) == (0, 0, 4, 0)
    for code in ("logements", "conventions", PastRoutings.code):
        written(world, code, file_of(world, code, "alice"), person="zoe")
        if code == "conventions":
            signed_elsewhere(world)
    assert counts(written(world, KIND, content, person="zoe")) == (4, 0, 0, 0)
    back = PastCandidacy.objects.get(vacancy__landlord=world.other_landlord, kind="CONDITIONAL")
    assert (back.document_on, back.application) == (MORNING.date(), second.application)
    assert sorted(lines_out(world, KIND, "zoe"), key=str) == sorted(map(dict, lines), key=str)
    assert kind_of(KIND).may(world.member("aline")) is False
