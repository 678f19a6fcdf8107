"""What the database refuses of offers, leases, ends and notices, each broken once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from attributions.households.models import Lease, Offer, PriorityCategory, Proposal, ProposalEnd
from attributions.notices.models import Notice
from reservations.refusals import Refusal, constraints_speak
from tests.attributions.households.rows import Case, accepted, decided, decisions_of, send
from tests.world import MORNING, World

TODAY = MORNING.date()


def offer(world: World, **given: object) -> Offer:
    [first, *_] = decided(world)
    terms = {"proposal": first, "decision": decisions_of([first])[0], "sent_on": TODAY}
    return Offer.objects.create(**(terms | {"answer_by": TODAY + timedelta(10)} | given))


def lease(world: World, **given: object) -> Lease:
    routing = send(world, "city")
    terms = {"vacancy": routing.vacancy, "routing": routing, "holder": routing.holder, "signed_on": TODAY}
    return Lease.objects.create(**(terms | {"recorded_at": MORNING, "recorded_by": world.people["aline"]} | given))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"answer_by": TODAY}, "Le délai de réponse suit l’envoi."),
        ({"answer": "ACCEPTED"}, "Une réponse porte sa date."),
        ({"answered_on": TODAY}, "Une réponse porte sa date."),
        ({"answer": "ACCEPTED", "answered_on": TODAY - timedelta(1)}, "Une réponse suit l’envoi de l’offre."),
    ],
)
def test_offers(world: World, given: dict[str, object], expected: str) -> None:
    with pytest.raises(Refusal) as refused, constraints_speak(Offer):
        offer(world, **given)
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"cancelled_at": MORNING}, "Une annulation porte sa date, son auteur et une phrase."),
        ({"cancelled_why": "Erreur."}, "Une annulation porte sa date, son auteur et une phrase."),
        ({"income_quartile": 5}, "Le quartile de ressources va de 1 à 4."),
        ({"priority": "DALO"}, "Une catégorie prioritaire est celle d’un ménage prioritaire."),
        ({"priority": "DALO", "has_priority": False}, "Une catégorie prioritaire est celle d’un ménage prioritaire."),
    ],
)
def test_leases(world: World, given: dict[str, object], expected: str) -> None:
    if "priority" in given:
        given = given | {"priority": PriorityCategory.objects.get(code="DALO")}
    with pytest.raises(Refusal) as refused, constraints_speak(Lease):
        lease(world, **given)
    assert str(refused.value) == expected


def test_one_lease_stands_per_unit(world: World) -> None:
    first = lease(world)
    again = {"vacancy": first.vacancy, "routing": first.routing, "signed_on": TODAY, "recorded_at": MORNING}
    with pytest.raises(Refusal, match="Un bail est déjà signé pour ce logement"), constraints_speak(Lease):
        Lease.objects.create(**again, recorded_by=world.people["aline"])


def test_one_offer_runs_per_unit(world: World) -> None:
    [_, second, _] = accepted(world)
    with pytest.raises(Refusal, match="Une offre est déjà en cours"), constraints_speak(Proposal):
        Proposal.objects.filter(pk=second.pk).update(status="OFFERED")


def end(world: World, **given: object) -> ProposalEnd:
    [first, *_] = decided(world, Case("ALLOCATED"))
    terms = {"proposal": first, "reason": "WITHDREW", "side": "APPLICANT", "offered": True, "consumed": False}
    return ProposalEnd.objects.create(**(terms | {"restarts": False, "on": TODAY, "recorded_at": MORNING} | given))


def test_an_end_that_uses_the_right_was_offered(world: World) -> None:
    with pytest.raises(Refusal, match="compte comme proposée"), constraints_speak(ProposalEnd):
        end(world, offered=False, consumed=True)


def test_a_candidate_ends_once(world: World) -> None:
    first = end(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalEnd.objects.create(
            proposal=first.proposal,
            reason="WITHDREW",
            side="APPLICANT",
            offered=True,
            consumed=False,
            restarts=False,
            on=TODAY,
            recorded_at=MORNING,
        )


@pytest.mark.parametrize("given", [{"read_at": MORNING}, {"read_by": "aline"}])
def test_notices_are_read_by_somebody(world: World, given: dict[str, object]) -> None:
    if "read_by" in given:
        given = {"read_by": world.people["aline"]}
    vacancy = world.vacancy()
    with pytest.raises(Refusal, match="Un avis lu porte la date et la personne"), constraints_speak(Notice):
        Notice.objects.create(organisation=world.city, vacancy=vacancy, kind="SENT", at=MORNING, **given)


def test_what_was_done_is_kept(world: World) -> None:
    """Only the answer of an offer, the cancellation of a lease and the reading of a notice are written later."""
    made, signed, ended = offer(world), lease(world), end(world)
    recorded = Notice.objects.create(organisation=world.city, vacancy=signed.vacancy, kind="SENT", at=MORNING)
    for row, changed in (
        (made, {"answer_by": TODAY + timedelta(20)}),
        (signed, {"signed_on": TODAY - timedelta(1)}),
        (ended, {"text": "Autre chose."}),
        (recorded, {"text": "Autre chose."}),
    ):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**changed)
    for row in (made, signed, ended):
        with pytest.raises(DatabaseError, match=r"Cannot .*delete"), transaction.atomic():
            row.delete()
