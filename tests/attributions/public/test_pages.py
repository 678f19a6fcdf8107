"""What a French public service must show, at the foot of every page, to whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from attributions.public import rgaa
from attributions.public.plan import PUBLIC, tasks
from reservations.models import Membership, ServiceNotice
from reservations.operations.person import grant_membership
from tests.world import World

LAW = ("accessibility", "legal-notice", "terms", "personal-data", "site-plan", "help", "contact")
PAGES = ("sign-in", *LAW)
WRITTEN = {
    "name": "Équiflux de l’Aude",
    "publisher": "Syndicat mixte du logement, 1 rue des Tanneurs, 11000 Carcassonne",
    "director": "Mme Agnès Vidal",
    "host": "Hébergeur public, 2 rue du Port, 59000 Lille, 03 20 00 00 00",
    "officer": "delegue@exemple.test",
    "contact": "aide@exemple.test, 04 68 00 00 00",
}

SignIn = Callable[[str], Client]


def links(page: str) -> list[str]:
    """Every address of a page's content and foot, in their order."""
    return [unescape(each) for each in re.findall(r'<a [^>]*href="(/[^"#]*)"', page)]


def test_foot_of_every_page_says_what_the_law_wants(world: World, sign_in: SignIn) -> None:
    """Loi n° 2005-102, art. 47; décret n° 2019-768: « Accessibilité : … », on every page, signed in or not;
    with it the legal notice (loi n° 2004-575, art. 1-1), and the version that runs."""
    read = [Client().get(reverse(name)).text for name in PAGES]
    read += [sign_in("bob").get(address).text for address in (reverse("home"), "/rien/")]
    read += [
        render_to_string("500.html"),
        render_to_string("503.html", {"title": "Réessayez", "sentence": "Attendez."}),
    ]
    assert rgaa.state() == "non encore auditée", "no audit, no conformity"
    for page in read:
        foot = page[page.index("<footer") :]
        assert f"Accessibilité : {rgaa.state()}" in foot
        assert [name for name in LAW if reverse(name) not in links(foot)] == []
    assert all("Équiflux 1." in page for page in read[:-2])


def test_plan_and_help_lead_each_role_where_it_may_go(world: World, sign_in: SignIn) -> None:
    """Each role has its first day and ten tasks; each link of its plan and of its help opens for it."""
    grant_membership(user=world.people["driss"], organisation=world.city, role=Membership.Role.HOLDER_MANAGER)
    astray, met = {}, set()
    for name in ("alice", "aline", "bob", "chloe", "driss", "emma", "adam"):
        role = world.people[name].memberships.get().role
        met.add(role)
        assert (len(tasks(role, "jour")), len(tasks(role, "tâche"))) == (5, 10)
        client = sign_in(name)
        shown = {url for page in ("site-plan", "help") for url in links(client.get(reverse(page)).text)}
        assert {each.url for part in ("jour", "tâche") for each in tasks(role, part)} <= shown
        for url in shown:
            if (status := client.head(url, follow=True).status_code) != 200:
                astray[name, url] = status
    assert astray == {}
    assert met == set(Membership.Role)


def test_whoever_acts_for_nobody_reads_the_plan_and_the_help(world: World, sign_in: SignIn) -> None:
    for client, each in (
        (Client(), "une fois connecté"),
        (sign_in("driss"), "Aucune organisation ne vous est rattachée"),
    ):
        plan = client.get(reverse("site-plan")).text
        assert each in plan
        assert [client.get(url, follow=True).status_code for url in links(plan)] == [200] * len(links(plan))
        assert {reverse(name) for name, _ in PUBLIC} <= set(links(plan))
        assert "On entre sur invitation" in client.get(reverse("help")).text


def test_a_link_for_a_new_password_is_asked_where_one_can_be_sent(db: None, settings: object) -> None:
    """Without EMAIL_URL, nobody receives one: who looks after the accounts gives it."""
    asked = f'href="{reverse("lost-password")}"'
    for name in ("contact", "help"):
        assert asked not in Client().get(reverse(name)).text
    settings.EMAIL_URL = "smtp://localhost:25"  # type: ignore[attr-defined]
    for name in ("contact", "help"):
        assert asked in Client().get(reverse(name)).text


def test_until_the_notice_is_written_the_administrator_is_named(world: World, settings: object) -> None:
    """SUPPORT_CONTACT: whom to ask meanwhile."""
    settings.SUPPORT_CONTACT = "aide@exemple.test"  # type: ignore[attr-defined]
    for name in ("contact", "legal-notice"):
        page = Client().get(reverse(name)).text
        assert 'En attendant, écrivez à <a href="mailto:aide@exemple.test">' in page


def test_operator_writes_the_notice_which_everybody_reads_and_nobody_rewrites(world: World, sign_in: SignIn) -> None:
    """Loi n° 2004-575, art. 1-1. Until it is written, pages and `check --deploy` say so."""
    pages = [reverse(name) for name in LAW if name not in ("help", "site-plan")]
    address, adam = reverse("service-notice"), sign_in("adam")
    unpublished = "n’a pas encore publié"
    assert all(unpublished in Client().get(page).text for page in pages)
    assert "Rien n’est encore publié" in adam.get(address).text
    asked = {"databases": ["default"], "include_deployment_checks": True, "tags": ["database"]}
    assert [found.id for found in run_checks(**asked)] == ["equiflux.W001"]
    assert run_checks(databases=["default"], tags=["database"]) == []

    refused = adam.post(address, WRITTEN | {"host": " "})
    assert (refused.status_code, "Écrivez qui héberge le service" in refused.text) == (422, True)
    published = adam.post(address, WRITTEN, follow=True)
    assert "Ces mentions sont publiées" in published.text
    assert address in links(published.text)
    assert run_checks(**asked) == []
    read = {page: Client().get(page).text for page in pages}
    assert [page for page, text in read.items() if unpublished in text] == []
    legal = read[reverse("legal-notice")]
    assert [text for text in WRITTEN.values() if text not in unescape(legal)] == []
    assert address not in links(legal)
    assert WRITTEN["officer"] in read[reverse("personal-data")]
    assert WRITTEN["publisher"] in unescape(read[reverse("accessibility")])

    again = adam.post(address, WRITTEN)
    assert (again.status_code, "Rien n’a changé" in again.text) == (422, True)
    adam.post(address, WRITTEN | {"host": "Autre hébergeur", "contact": "04 68 11 11 11"})
    history = adam.get(address).text
    assert "Hébergeur, contact" in history
    assert "Première publication" in history
    assert "Autre hébergeur" in Client().get(reverse("legal-notice")).text
    first = ServiceNotice.objects.last()
    assert first is not None
    for change in (lambda: ServiceNotice.objects.update(host="Personne"), first.delete):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            change()
