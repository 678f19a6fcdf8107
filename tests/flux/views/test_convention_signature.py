"""Each party signs by itself, and nothing binds before all have: on screens, on paper, in files, in the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from attributions.mails.telling import tell_people
from reservations.models import Convention, HistoryEntry, MailItem, Signatory
from reservations.operations.convention import (
    ConventionClosed,
    SignatureRefused,
    discard_draft,
    draft_convention,
    propose_convention,
)
from reservations.operations.convention import sign_convention as bind
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_parties import PartiesRefused
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.person import grant_membership
from reservations.queries.rights import rights
from tests.flux.views.test_convention import LIST, NEW, TERMS, at, messages_of
from tests.world import MORNING, Role, World, convention

SignIn = Callable[[str], Client]
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    """24 November 2026, 9 h in Paris."""
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def trilateral(world: World, sign_in: SignIn) -> Convention:
    """The city's next convention, which Action Logement, for whom nobody acts here, signs too."""
    pk = world.holders["city"].pk
    given = {"starts_on": "01/01/2029", "ends_on": "31/12/2031", f"percent_{pk}": "12", f"rank_{pk}": "4"}
    form = TERMS | given | {"others": [str(world.als.pk)]}
    sign_in("alice").post(f"{NEW}?organisation={world.city.pk}", form)
    return Convention.objects.get(organisation=world.city, status="DRAFT")


def paper(**given: object) -> dict[str, object]:
    scan = SimpleUploadedFile("accord.pdf", b"%PDF-1.7 une page", content_type="application/pdf")
    return {"signed_on": "20/11/2026", "signer": "M. Pons, directeur", "file": scan} | given


def of(row: Convention) -> list[tuple[str, str, str]]:
    """Who signed, how, by whom."""
    parties = row.signatories.select_related("organisation").order_by("pk")
    return [(party.organisation.name, party.means, party.signer) for party in parties]


def test_convention_binds_once_each_party_has_signed(world: World, trilateral: Convention, sign_in: SignIn) -> None:
    """« Une part des flux annuels est fixée par convention » (CCH, R441-5-3): nobody signs for another."""
    alice, chloe = sign_in("alice"), sign_in("chloe")
    assert alice.post(at("sign", trilateral)).status_code == 302
    assert chloe.get("/").content.decode().count("convention à lire et à signer") == 1
    assert at("detail", trilateral) in chloe.get("/").content.decode()
    page = chloe.get(at("detail", trilateral)).content.decode()
    assert [word in page for word in ("1 signature sur 3", "attendue", at("sign", trilateral))] == [True] * 3
    assert "signature attendue : Action Logement Services." in messages_of(chloe.post(at("sign", trilateral)))[0]
    trilateral.refresh_from_db()
    assert (trilateral.status, rights(world.landlord, since=date(2029, 1, 1), until=date(2029, 1, 1))) == (
        "PROPOSED",
        [],
    )
    assert at("sign", trilateral) not in chloe.get(at("detail", trilateral)).content.decode()
    assert "2 signatures sur 3" in alice.get(LIST, {"etat": "proposee"}).content.decode()
    # Nobody acts for Action Logement here: the landlord deposits what it signed by hand, and for nobody else.
    deposit = at("deposit", trilateral)
    assert list(alice.get(deposit).context["parties"]) == [world.als]
    refused = alice.post(deposit, paper(organisation=world.city.pk, signed_on="25/11/2026", signer=""))
    assert set(refused.context["form"].errors) == {"organisation", "signed_on", "signer"}
    wrong = SimpleUploadedFile("accord.pdf", b"rien", content_type="application/pdf")
    assert set(alice.post(deposit, paper(organisation=world.als.pk, file=wrong)).context["form"].errors) == {"file"}
    assert "est signée : ses parts comptent" in messages_of(alice.post(deposit, paper(organisation=world.als.pk)))[0]
    trilateral.refresh_from_db()
    assert (trilateral.status, trilateral.signed_on) == ("SIGNED", TODAY)
    assert of(trilateral) == [
        ("Robine Habitat", "ACCOUNT", "Alice"),
        ("Ville de Narbonne", "ACCOUNT", "Chloe"),
        ("Action Logement Services", "PAPER", "M. Pons, directeur"),
    ]
    assert alice.post(deposit, paper(organisation=world.als.pk)).status_code == 403
    # Printed with each signature and its date, the same on the page and in the tagged PDF.
    answer = alice.get(reverse("convention-document-pdf", args=[trilateral.pk]))
    reader = PdfReader(BytesIO(answer.content))
    text = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    for sentence in (
        "Signée le 24 novembre 2026 par Chloe, sur son compte.",
        "Signée le 20 novembre 2026 par M. Pons, directeur, sur papier, pièce jointe.",
    ):
        assert sentence in text
    out = StringIO()
    call_command("rights", landlord="999000003", on="2029-01-01", json=True, stdout=out)
    (result,) = [row for row in json.loads(out.getvalue())["conventions"] if row["number"] == trilateral.pk]
    assert [(party["name"], party["signed_on"], party["means"]) for party in result["signatories"]][2] == (
        "Action Logement Services",
        "2026-11-20",
        "PAPER",
    )
    out = StringIO()
    call_command("rights", landlord="999000003", on="2029-01-01", stdout=out)
    assert "    Action Logement Services : 20/11/2026" in out.getvalue()
    # An amendment has the same parties.
    amendment = amend_convention(
        convention=trilateral, starts_on=date(2030, 1, 1), by=world.people["alice"], today=TODAY
    )
    assert of(amendment) == [(name, "", "") for name, _, _ in of(trilateral)]


def test_who_reads_under_one_role_opens_the_page_under_the_role_that_signs(world: World, sign_in: SignIn) -> None:
    """The officer of an EPCI reads what is proposed to it; who acts for it as a holder signs (CCH, R441-5-3)."""
    officer = world.member("emma")
    holder = grant_membership(user=world.people["emma"], organisation=world.epci, role=Role.HOLDER_STAFF)
    row = convention(
        world.landlord,
        world.epci,
        world.places["Le Grand Narbonne"],
        (world.holders["epci"], "6", 5),
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        signed=False,
    )
    propose_convention(convention=row, by=world.people["alice"])
    emma, words = sign_in("emma"), "Votre signature est attendue, sous un autre de vos rôles"
    for own, opens, signs in ((officer, True, False), (holder, False, True)):
        where = {"membership": own.pk, "next": at("detail", row)}
        page = emma.post(reverse("switch-organisation"), where, follow=True).content.decode()
        assert (words in page, f'value="{holder.pk}"' in page.partition(words)[2], at("sign", row) in page) == (
            opens,
            opens,
            signs,
        )


def test_parties_are_notified_that_they_are_awaited_then_that_it_binds(
    world: World, trilateral: Convention, sign_in: SignIn
) -> None:
    rows = MailItem.objects.filter(kind__startswith="convention").order_by("pk")
    sign_in("alice").post(at("sign", trilateral))
    tell_people(now=MORNING)
    assert [(item.kind, item.user.full_name) for item in rows] == [("convention", "Chloe")]
    assert rows[0].subject == "Une convention de Robine Habitat attend votre signature"
    assert rows[0].link == at("detail", trilateral)
    sign_in("chloe").post(at("sign", trilateral))
    sign_in("alice").post(at("deposit", trilateral), paper(organisation=world.als.pk))
    tell_people(now=MORNING)
    assert [(item.kind, item.user.full_name) for item in rows.all()] == [
        ("convention", "Chloe"),
        ("convention.signed", "Chloe"),
    ]


def test_withdrawal_lets_signatures_fall_and_keeps_what_was_signed_by_hand(
    world: World, trilateral: Convention, sign_in: SignIn
) -> None:
    alice = sign_in("alice")
    alice.post(at("deposit", trilateral), paper(organisation=world.als.pk))
    trilateral.refresh_from_db()
    assert (trilateral.status, [means for _, means, _ in of(trilateral)]) == ("PROPOSED", ["", "", "PAPER"])
    alice.post(at("withdraw", trilateral), {"why": "Part à revoir."})
    trilateral.refresh_from_db()
    assert (trilateral.status, [means for _, means, _ in of(trilateral)]) == ("DRAFT", ["", "", ""])
    entry = HistoryEntry.objects.about(trilateral).filter(act="WITHDRAWN").get()
    assert entry.details["Action Logement Services"] == ["2026-11-20", None]
    with pytest.raises(ConventionClosed, match="sa pièce est gardée"):
        discard_draft(convention=trilateral, by=world.people["alice"])
    # The file is of a text that may change since: it bears nobody's signature any more.
    again = alice.post(at("deposit", trilateral), paper(organisation=world.als.pk))
    assert (again.status_code, "déjà joint à cette convention" in again.content.decode()) == (422, True)
    # What the draft says of its parties is kept when it is written again, and may change.
    edit = reverse("convention-edit", args=[trilateral.pk])
    assert alice.get(edit).context["form"].initial["others"] == [world.als.pk]


def test_one_scan_that_bears_several_signatures_is_deposited_for_each(
    world: World, trilateral: Convention, sign_in: SignIn
) -> None:
    """Parties sign one paper: the file is kept once, and each signature rests on it."""
    alice, deposit = sign_in("alice"), at("deposit", trilateral)
    for organisation in (world.landlord.organisation, world.als):
        assert alice.post(deposit, paper(organisation=organisation.pk)).status_code == 302
    assert trilateral.documents.count() == 1
    assert set(trilateral.signatories.filter(means="PAPER").values_list("document", flat=True)) == {
        trilateral.documents.get().pk
    }


def test_party_with_people_here_signs_for_itself(world: World, trilateral: Convention, sign_in: SignIn) -> None:
    """« Par le document qu’il dépose »: its own; and nothing is to be deposited for it by the landlord."""
    alice, chloe = sign_in("alice"), sign_in("chloe")
    alice.post(at("propose", trilateral))
    assert list(chloe.get(at("deposit", trilateral)).context["parties"]) == [world.city]
    assert "est enregistrée" in messages_of(chloe.post(at("deposit", trilateral), paper(organisation=world.city.pk)))[0]
    alice.post(at("sign", trilateral))
    Signatory.objects.filter(convention=trilateral, organisation=world.als).update(signed_on=TODAY, means="FILE")
    Signatory.objects.filter(convention=trilateral, organisation=world.city).update(
        signed_on=None, means="", signer="", signed_by=None, document=None
    )
    answer = alice.get(at("deposit", trilateral))
    assert "Chaque partie attendue signe elle-même" in answer.content.decode()
    assert sign_in("bob").get(at("deposit", trilateral)).status_code == 404
    assert sign_in("aline").post(at("sign", trilateral)).status_code == 403


def test_last_party_is_not_reported_what_the_landlord_promises_to_others(
    world: World, trilateral: Convention, sign_in: SignIn
) -> None:
    alice, chloe = sign_in("alice"), sign_in("chloe")
    alice.post(at("propose", trilateral))
    Signatory.objects.filter(convention=trilateral).exclude(organisation=world.city).update(
        signed_on=TODAY, means="FILE"
    )
    bigger = draft_convention(
        landlord=world.landlord,
        organisation=world.als,
        perimeter=world.places["Aude"],
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        quotas=[QuotaTerms(world.holders["als"], 900_000, 3)],
        by=world.people["alice"],
    )
    bigger.signatories.update(signed_on=TODAY, means="FILE")
    bind(convention=bigger, signed_on=TODAY, by=world.people["alice"], today=TODAY)
    for answer in (
        chloe.post(at("sign", trilateral)),
        chloe.post(at("deposit", trilateral), paper(organisation=world.city.pk)),
    ):
        assert answer.status_code == 422
        page = answer.content.decode()
        assert ("Demandez-lui de retirer la proposition" in page, "Action Logement" in page.partition("<h1")[0]) == (
            True,
            False,
        )
    assert of(trilateral)[1] == ("Ville de Narbonne", "", "")


def test_database_itself_waits_for_each_party(world: World, trilateral: Convention) -> None:
    with pytest.raises(SignatureRefused, match="Signature attendue : Robine Habitat, Ville de Narbonne"):
        bind(convention=trilateral, signed_on=TODAY, by=world.people["alice"], today=TODAY)
    with pytest.raises(DatabaseError, match="once each of its parties has signed it"), transaction.atomic():
        Convention.objects.filter(pk=trilateral.pk).update(status="SIGNED", signed_on=TODAY)
    signed = world.conventions["city"]
    for change in (
        lambda: signed.signatories.update(signed_on=None, means=""),
        lambda: signed.signatories.all().delete(),
        lambda: Signatory.objects.create(convention=signed, organisation=world.als),
    ):
        with pytest.raises(DatabaseError, match="are kept once it leaves the draft"), transaction.atomic():
            change()
    with pytest.raises(PartiesRefused, match="signe déjà cette convention"):
        draft_convention(
            landlord=world.landlord,
            organisation=world.city,
            perimeter=world.places["Narbonne"],
            starts_on=date(2032, 1, 1),
            ends_on=date(2032, 12, 31),
            quotas=[],
            by=world.people["alice"],
            others=[world.city],
        )
    with pytest.raises(PartiesRefused, match="ne signe pas de convention de réservation"):
        draft_convention(
            landlord=world.landlord,
            organisation=world.city,
            perimeter=world.places["Narbonne"],
            starts_on=date(2032, 1, 1),
            ends_on=date(2032, 12, 31),
            quotas=[],
            by=world.people["alice"],
            others=[world.operator],
        )
