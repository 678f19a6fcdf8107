"""A remote committee, from convening to the sealed minutes, with a tie that the mayor breaks, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from attributions.households.models import AccessRecord, Ballot, CommitteeSession, Proposal
from attributions.households.operations.committee import found_committee, seat_member
from tests.attributions.households.sittings import candidates, routed
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def seat_everybody(world: World) -> None:
    """Alice for the board, the préfet, the EPCI, the mayor; Aline keeps the minutes."""
    by, since = world.people["alice"], timezone.localdate()
    committee = found_committee(
        landlord=world.landlord,
        name="CALEOL de Robine Habitat",
        quorum=1,
        remote_allowed=True,
        source="Délibération du conseil d’administration",
        starts_on=since,
        by=by,
    )
    for name, capacity, given in (
        ("alice", "APPOINTED", {"presides": True}),
        ("bob", "PREFECT", {"organisation": world.state}),
        ("emma", "EPCI", {"organisation": world.epci, "territory": world.places["Le Grand Narbonne"]}),
        ("chloe", "MAYOR", {"organisation": world.city, "territory": world.places["Narbonne"]}),
        ("aline", "SECRETARY", {}),
    ):
        user = world.people[name]
        seat_member(
            committee=committee, capacity=capacity, full_name=user.full_name, user=user, starts_on=since, by=by, **given
        )


def test_remote_vote_with_a_tie_broken_by_the_mayor(live: World, person: Callable[..., Person]) -> None:
    today = timezone.localdate()
    seat_everybody(live)
    unit = routed(live, holder="landlord", now=timezone.now())
    candidates(live, unit, 3, now=timezone.now())

    # Aline convenes the committee, puts the unit on the agenda and opens the session.
    aline = person("aline")
    page = aline.visit("/caleol/")
    expect(page.locator("main")).to_contain_text("1 logement prêt")
    page.locator("details.act > summary").filter(has_text="Convoquer une séance").click()
    page.get_by_label("Jour de la séance").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Heure de la séance").fill("9 h")
    page.get_by_role("radio", name="à distance").check()
    page.get_by_label("Ouverture du vote, jour").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Ouverture du vote, heure").fill(f"{timezone.localtime():%H h %M}")
    page.get_by_label("Clôture du vote, jour").fill(f"{today + timedelta(1):%d/%m/%Y}")
    page.get_by_label("Clôture du vote, heure").fill("18 h")
    page.get_by_role("button", name="Convoquer la séance").click()
    page.get_by_label("T3 PLUS").check()
    page.get_by_role("button", name="Mettre à l’ordre du jour").click()
    for each in ("Alice", "Bob", "Emma", "Chloe"):
        page.locator("label.pick").filter(has_text=each).get_by_role("checkbox").check()
    page.get_by_role("button", name="Ouvrir la séance").click()
    expect(page.locator("main")).to_contain_text("Quorum atteint : 1 membre désigné présent")

    # She puts decisions to the vote; one lacks its reason.
    page.locator("tbody").get_by_role("link").first.click()
    expect(page.locator("main")).not_to_contain_text("Ménage 1")
    page.locator("#kind_a").get_by_label("Attribution", exact=True).check()
    for letter in ("b", "c"):
        page.locator(f"#kind_{letter}").get_by_label("Non-attribution", exact=True).check()
    page.locator("#not_allocated_b").select_option("OTHER_CANDIDATE")
    page.get_by_role("button", name="Mettre au vote").click()
    page.get_by_role("link", name="Dossier C : choisissez le motif").click()
    assert len(aline.complaints) == 1  # the browser’s own line on a 422
    aline.complaints.clear()
    page.locator("#not_allocated_c").select_option("EFFORT")
    page.get_by_role("button", name="Mettre au vote").click()
    expect(page.locator(".alert.ok")).to_contain_text("Le vote est ouvert")

    # Each member votes, on a phone for the mayor: two for, two against.
    item = Ballot.objects.get().item_id
    for name, choice in (("alice", "Pour"), ("bob", "Contre"), ("emma", "Contre"), ("chloe", "Pour")):
        member = person(name, width=390 if name == "chloe" else 1280)
        votes = member.visit(f"/caleol/points/{item}/vote/")
        expect(votes.locator("main")).to_contain_text("se termine par")
        expect(votes.locator("main")).not_to_contain_text("Ménage 1")
        votes.get_by_role("radio", name=choice).check()
        votes.get_by_role("button", name="Voter").click()
        expect(votes.locator(".alert.ok")).to_contain_text("Votre vote est enregistré")

    # Aline counts: the mayor's vote decides, and it is stated whose it is.
    page.reload()
    page.get_by_role("button", name="Clore le vote et compter").click()
    expect(page.locator(".alert.ok")).to_contain_text("2 pour, 2 contre, 0 abstention. Voix prépondérante : Chloe")
    assert [*Proposal.objects.order_by("position").values_list("status", flat=True)] == ["ALLOCATED", "ENDED", "ENDED"]

    close_and_take(page)
    session = CommitteeSession.objects.get()
    assert session.seal
    record = AccessRecord.objects.get(downloaded=True)
    assert (record.what, record.files, record.why) == ("MINUTES", 3, "Transmission au préfet.")


def close_and_take(page: Page) -> None:
    """Close the session, read its sealed minutes with the names, and take them away saying why."""
    page.get_by_role("link", name="CALEOL de Robine Habitat, séance").click()
    page.locator("details.act > summary").filter(has_text="Clore et sceller").click()
    page.get_by_role("button", name="Clore la séance").click()
    expect(page.locator("main")).to_contain_text("Sceau vérifié")
    expect(page.locator("main")).to_contain_text("par la voix prépondérante du maire")
    expect(page.locator("main")).to_contain_text("Ménage 1")
    page.locator("details.act > summary").filter(has_text="Télécharger le PDF").click()
    page.get_by_label("Pourquoi l’emportez-vous ?").fill("Transmission au préfet.")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Télécharger le procès-verbal").click()
    assert taken.value.suggested_filename.startswith("proces-verbal-caleol-")
