"""What a person chooses of its mails, how it leaves them, and where a link leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.mails.kinds import KINDS
from reservations.models import Mail, MailChoice, MailItem, Membership, RefusedAddress
from reservations.models.mail import Family
from reservations.operations.history import MailChoiceRefused, choose_mails, post
from reservations.operations.mail_sending import send_mails
from reservations.operations.person import grant_membership
from reservations.pages.people import leave_key
from reservations.words import upper_first
from tests.flux.views.pages import text_of

if TYPE_CHECKING:
    from tests.world import World

SignIn = Callable[[str], Client]
CHOICE, BOX = reverse("mail-choice"), reverse("mailbox")
Rhythm = MailChoice.Rhythm


def inform(world: World, person: str, **given: Any) -> None:
    post(
        **{
            "to": world.people[person],
            "kind": "notice",
            "family": Family.UNITS,
            "subject": "Candidats transmis",
            "says": ["T3 PLUS."],
            "link": "/avis/",
            "label": "Voir vos avis",
            "organisation": world.member(person).organisation,
        }
        | given
    )


def test_page_says_each_kind_and_what_waits_follows_the_choice(world: World, sign_in: SignIn) -> None:
    chloe = sign_in("chloe")
    inform(world, "chloe")
    inform(world, "chloe", family=Family.BALANCES)
    page = text_of(chloe.get(CHOICE))
    assert [kind.title for kind in KINDS if upper_first(kind.title) not in page] == []
    assert "Toujours envoyés, tout de suite" in page
    posted = {"units": "WEEKLY", "balances": "NEVER", "files": "DAILY", "hour": "7", "day": "4"}
    assert chloe.post(CHOICE, posted).status_code == 302
    assert "suivent maintenant ce choix" in text_of(chloe.get(CHOICE))
    units, balances = MailItem.objects.order_by("pk")
    assert (timezone.localtime(units.due_at).weekday(), timezone.localtime(units.due_at).hour) == (4, 7)
    assert balances.dropped == MailItem.Dropped.UNWANTED
    assert chloe.post(CHOICE, posted | {"hour": "24"}).status_code == 422
    assert "Choisissez dans la liste." in text_of(chloe.post(CHOICE, posted | {"units": "HOURLY"}))
    with pytest.raises(MailChoiceRefused, match="de 0 à 23"):
        choose_mails(user=world.people["chloe"], rhythms={}, hour=24, day=0)
    with pytest.raises(MailChoiceRefused, match="rythme"):
        choose_mails(user=world.people["chloe"], rhythms={"units": "HOURLY"}, hour=8, day=0)


def test_one_click_leaves_information_and_reading_the_page_leaves_nothing(world: World) -> None:
    """RFC 8058: the POST of a mail reader, without a session, a cookie nor a token of ours; a GET acts on nothing."""
    chloe = world.people["chloe"]
    url = reverse("mail-unsubscribe", args=[leave_key(chloe.pk)])
    anybody = Client(enforce_csrf_checks=True)
    assert "Ne plus recevoir d’informations par courriel ?" in text_of(anybody.get(url))
    assert not MailChoice.objects.exists()
    answer = anybody.post(url, {"List-Unsubscribe": "One-Click"})
    assert "C’est fait" in text_of(answer)
    choice = MailChoice.objects.get(user=chloe)
    assert {choice.rhythm(family) for family in Family.values} == {Rhythm.NEVER}
    inform(world, "chloe")
    assert not MailItem.objects.exists()
    inform(world, "chloe", family="", kind="unit")
    assert MailItem.objects.count() == 1  # what asks for an act is reported for ever
    assert anybody.post(reverse("mail-unsubscribe", args=["forged"])).status_code == 404
    assert anybody.post(reverse("mail-unsubscribe", args=[leave_key(None)])).status_code == 404


def test_link_leads_to_its_page_for_its_organisation_and_nowhere_else(world: World, sign_in: SignIn) -> None:
    """Who acts for several is not lost; who left is reported; nobody is led out of the site."""
    grant_membership(user=world.people["chloe"], organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    chloe, url = sign_in("chloe"), f"/ouvrir/{world.city.pk}"
    answer = chloe.get(f"{url}/avis/?page=1", follow=True)
    assert answer.redirect_chain[-1][0] == "/avis/?page=1"
    assert "Vous agissez maintenant pour la Ville de Narbonne" in text_of(answer)
    assert chloe.get(f"{url}//ailleurs.example/").headers["Location"].startswith("/ailleurs.example")
    answer = chloe.get(f"/ouvrir/{world.state.pk}/avis/", follow=True)
    assert "n’agissez pas, ou n’agissez plus" in text_of(answer)
    assert Client().get(f"{url}/avis/").headers["Location"] == f"/connexion/?next={url}/avis/"


def test_demonstration_shows_every_mail_to_anybody_and_production_none(
    world: World, settings: Any, sign_in: SignIn
) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    assert Client().get(BOX).status_code == 404
    settings.MAILBOX = settings.DEMO = True
    assert "Aucun courriel" in text_of(Client().get(BOX))
    assert BOX in Client().get(reverse("sign-in")).content.decode()
    for person in ("chloe", "alice"):
        inform(world, person, family=Family.FILES)
    inform(world, "chloe", family=Family.FILES, subject="Import terminé", link="")
    post(
        to="bob@invite.exemple",
        kind="invitation",
        subject="Entrez",
        says=["Venez."],
        link="/cle/",
        label="Entrer",
        secret=True,
    )
    assert send_mails() == 3
    page = text_of(Client().get(BOX))
    assert "3 courriels" in page
    assert "2 informations d’Équiflux" in page
    assert "/cle/" in Client().get(BOX).content.decode()  # kept here, where everybody may try it
    assert "1 courriel" in text_of(Client().get(BOX, {"adresse": world.people["alice"].email}))
    assert Mail.objects.filter(state=Mail.State.SENT).count() == 3


def test_refused_address_is_shown_to_its_person_and_to_who_manages_them(world: World, sign_in: SignIn) -> None:
    people = reverse("person-list")
    assert "Courriel refusé" not in text_of(sign_in("alice").get(people))
    text = "550 5.1.1 No such user"
    RefusedAddress.objects.create(address=world.people["aline"].email, at=timezone.now(), said=text)
    for manager in ("alice", "adam"):
        page = text_of(sign_in(manager).get(people))
        assert "Courriel refusé" in page
        assert text in page
    assert text in text_of(sign_in("aline").get(CHOICE))
    assert text not in text_of(sign_in("alice").get(CHOICE))
