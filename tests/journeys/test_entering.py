"""Entering, in a browser: invited, a password of one's own, a passkey; and a colleague who leaves is out at once."""

from __future__ import annotations

import re

import pytest
from oidc_provider_mock import User as Known
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import Browser, Page, expect

from reservations.models import SecondFactor, Session, SignIn, User
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser


DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def keep_a_passkey(page: Page, name: str) -> None:
    """Give the window a device that makes passkeys and signs with them, its person being there (Chromium's own), and
    register it. On a busy machine Chromium may leave the first request without an answer: as a person would, open the
    page again, with a device of its own, and press the button again."""
    codes = page.get_by_role("heading", name="Gardez ces codes")
    for left in reversed(range(3)):
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        page.bring_to_front()  # a browser makes a passkey in the window that has the focus
        page.get_by_label("Nom de cet appareil").fill(name)
        page.get_by_role("button", name="Enregistrer une clé d’accès").click()
        try:
            expect(codes).to_be_visible(timeout=15_000)
        except AssertionError:
            if not left:
                raise
            session.detach()
            page.reload()
        else:
            return


def test_an_officer_of_the_state_enters_by_proconnect_and_leaves_it(
    live: World, live_server: object, browser: Browser, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider of the test speaks without TLS
    values = {"acr": "eidas1-mfa", "email": "bob@exemple.test", "siret": f"{live.state.siren}00011"}
    with run_server_in_thread(user_claims=[Known(sub="b0b", claims=values)]) as server:
        settings.PROCONNECT_URL = f"http://localhost:{server.server_port}"
        settings.PROCONNECT_CLIENT_ID, settings.PROCONNECT_CLIENT_SECRET = "equiflux", "un secret"
        settings.SECOND_FACTOR_COMPULSORY = True
        actions = [*settings.SECURE_CSP["form-action"], settings.PROCONNECT_URL]  # as the settings do from the variable
        settings.SECURE_CSP = settings.SECURE_CSP | {"form-action": actions}
        page = browser.new_context().new_page()
        page.goto(f"{live_server.url}/conventions/")
        page.get_by_role("link", name="S’identifier avec ProConnect").click()
        page.get_by_role("button", name="b0b").click()
        page.wait_for_url(f"{live_server.url}/conventions/")
        expect(page.locator("details.hat summary")).to_contain_text(live.state.name)
        page.locator("details.hat summary").click()
        page.get_by_role("button", name="Se déconnecter").click()
        page.wait_for_url(f"{settings.PROCONNECT_URL}/oauth2/end_session?**")
        page.get_by_role("button").first.click()
        page.wait_for_url(f"{live_server.url}/connexion/")
        expect(page.get_by_text("ici et chez ProConnect")).to_be_visible()
        page.goto(f"{live_server.url}/conventions/")
        expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def sign_in(page: Page, base: str, email: str, password: str) -> None:
    page.goto(f"{base}/connexion/")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


def test_invited_with_a_passkey_then_out_at_once_on_leaving(
    live: World, live_server: object, browser: Browser, settings: object
) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True
    base, new = live_server.url, "cheval agrafe pile correct"
    alice, fanny = browser.new_context().new_page(), browser.new_context().new_page()

    sign_in(alice, base, "alice@exemple.test", PASSWORD)
    expect(alice.get_by_role("heading", name="Avec quoi prouverez-vous que c’est vous ?")).to_be_visible()
    keep_a_passkey(alice, "Poste de bureau")

    alice.goto(f"{base}/personnes/nouvelle/")
    alice.get_by_label("Adresse électronique professionnelle").fill("fanny@exemple.test")
    alice.get_by_label("Nom de la personne").fill("Fanny")
    alice.get_by_label("Responsable chez le bailleur").check()
    alice.get_by_role("button", name="Faire le lien d’invitation").click()
    link = re.search(r"http\S+/invitation/\?cle=[\w-]+", alice.content())
    assert link is not None

    fanny.goto(link[0])
    fanny.get_by_label("Votre mot de passe").fill(new)
    fanny.get_by_role("button", name="Ouvrir mon compte").click()
    expect(fanny.get_by_text("il demande un second facteur")).to_be_visible()
    keep_a_passkey(fanny, "Portable")
    fanny.get_by_role("link", name="C’est noté").click()
    fanny.wait_for_url(f"{base}/")
    fanny.locator("details.hat summary").click()
    fanny.get_by_role("button", name="Se déconnecter").click()

    sign_in(fanny, base, "fanny@exemple.test", new)
    expect(fanny.get_by_role("heading", name="Est-ce bien vous ?")).to_be_visible()
    fanny.get_by_role("button", name="Utiliser une clé d’accès").click()
    fanny.wait_for_url(f"{base}/")
    person = User.objects.get(email="fanny@exemple.test")
    assert SecondFactor.objects.get(user=person).used_at is not None
    assert SignIn.objects.filter(user=person).values_list("door", "factor")[0] == ("PASSWORD", "PASSKEY")

    alice.goto(f"{base}/personnes/")
    alice.get_by_text("Fermer le compte… de Fanny").click()
    alice.get_by_role("button", name="Fermer le compte de Fanny").click()
    expect(alice.get_by_text("Fanny n’agit plus")).to_be_visible()
    fanny.goto(f"{base}/logements/")
    expect(fanny.get_by_role("heading", name="Se connecter")).to_be_visible()
    assert not Session.objects.filter(user=person).exists()
    sign_in(fanny, base, "fanny@exemple.test", new)
    expect(fanny.get_by_text("ne vont pas ensemble").first).to_be_visible()
