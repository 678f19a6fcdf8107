"""A balance in a real Chromium: the city contests a line, the landlord corrects it, both sign, it is sealed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import expect

from attributions.bilan.models import BalanceRemark, BalanceVersion
from attributions.bilan.queries.files import check_file
from flux.models import Routing
from tests.attributions.bilan.acts import lived_by_act
from tests.attributions.bilan.balances import YEAR, lived, people, send, sign
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser

#: Two months after the seal.
APRIL = datetime(2027, 4, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "javascript", [True, pytest.param(False, marks=pytest.mark.nightly)], ids=["script", "no script"]
)
def test_a_city_contests_a_line_the_landlord_corrects_it_and_both_sign(
    live: World, person: Callable[..., Person], *, javascript: bool
) -> None:
    people(live)
    routing = lived(live)
    path = f"/bilans/{live.landlord.pk}/{YEAR}/relecture/11/"

    alice = person("alice", javascript=javascript)
    page = alice.visit(path)
    expect(page.locator(".answer").first).to_contain_text("C’est un brouillon : personne ne l’a reçu.")
    page.locator("summary", has_text="Envoyer le bilan").click()
    page.get_by_role("button", name="Envoyer la version 1").click()
    expect(page.locator(".alert")).to_contain_text("Version 1 envoyée à 5 destinataires.")

    chloe = person("chloe", javascript=javascript)
    chloe.page.get_by_role(
        "link", name=re.compile("Lire le bilan 2026 de Robine Habitat|Lire et signer : Bilan 2026")
    ).click()
    chloe.page.locator(".panel.mine").get_by_role("link", name="Lisez-la").click()
    expect(chloe.page.locator("h1")).to_have_text("Que dit la version 1 du bilan 2026 ?")
    chloe.page.locator("summary", has_text="Par typologie").click()
    chloe.page.get_by_role("link", name="Contester la ligne Ville de Narbonne, typologie T5").click()
    remark = chloe.page.locator("#faire-remarque")
    expect(remark.get_by_label("Tableau et catégorie")).to_have_value("TYPOLOGY:T5")
    remark.get_by_label("Colonne").select_option(label="Proposés")
    remark.get_by_label("Le chiffre que vous attendez").fill("0")
    remark.get_by_label("Ce que vous contestez, et pourquoi").fill("Ses travaux n’étaient pas finis.")
    remark.get_by_role("button", name="Envoyer la remarque au bailleur").click()
    expect(chloe.page.locator(".panel.mine")).to_contain_text("Votre remarque attend la réponse de Robine Habitat.")

    page = alice.visit("/")
    page.get_by_role("link", name=re.compile("Lire les remarques du bilan 2026|Répondre : Bilan 2026")).click()
    expect(page.locator("article")).to_contain_text("Ville de Narbonne, typologie : T5, proposés : 1")
    page.get_by_role("link", name="Corriger cette ligne").click()
    page.get_by_label("Logement", exact=True).select_option(str(routing.vacancy_id))
    page.get_by_label("Pourquoi").fill("Les travaux n’étaient pas finis.")
    page.get_by_role("button", name="Corriger la ligne").click()
    expect(page.locator(".alert")).to_contain_text("Ligne corrigée dans le brouillon.")
    page.locator("summary", has_text="Répondre à la Ville de Narbonne").click()
    page.get_by_label("La ligne est corrigée").check()
    page.get_by_label("Votre réponse en une phrase").fill("Exact, il est retiré.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.locator("summary", has_text="Envoyer une nouvelle version").click()
    page.get_by_label("Ce qui a changé").fill("Un T5 retiré des proposés de la Ville.")
    page.get_by_role("button", name="Envoyer la version 2").click()
    expect(page.locator("article")).to_contain_text("Corrigée en version 2")

    page.locator("summary", has_text="Signer la version 2").click()
    page.get_by_role("button", name="Signer au nom de Robine Habitat").click()
    expect(page.locator(".alert")).to_contain_text("Version 2 signée au nom de votre organisation (Robine Habitat).")
    sign(live, BalanceVersion.objects.get(number=2), "state", "als", "epci")

    page = chloe.visit(path)
    page.get_by_role("link", name="Comparer à la version 1").click()
    expect(page.locator("tbody")).to_contain_text("Typologie : T5")
    page = chloe.visit(path)
    page.locator("summary", has_text="Signer la version 2").click()
    expect(page.locator(".panel.mine")).to_contain_text("Avec la dernière signature, la version est scellée")
    page.get_by_role("button", name="Signer au nom de la Ville de Narbonne").click()
    expect(page.locator(".alert")).to_contain_text("Toutes les parties ont signé : elle est scellée.")
    expect(page.locator(".answer").first).to_contain_text("5 signatures sur 5")

    page.get_by_role("link", name="Version 2", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Fichier scellé (JSON)").click()
    written = taken.value.path().read_bytes()
    checked = check_file(written)
    assert (checked.same, checked.version and checked.version.sealed_at is not None) == (True, True)
    assert not check_file(written.replace(b"Narbonne", b"Narbonna", 1)).same
    assert taken.value.suggested_filename == "bilan-999000003-2026-11-v2.json"
    assert BalanceRemark.objects.get().corrected_in == checked.version


def test_a_landlord_sends_a_late_allocation(live: World, person: Callable[..., Person]) -> None:
    """Sealed in February; in April, an allocation of December is recorded: the balance of the next year takes it, until
    a new version of its own year is sent, that says it (docs/decisions/0042)."""
    lived_by_act(live)
    sign(live, send(live))
    late = Routing.objects.filter(closed_at=None, leases=None).order_by("pk")[0]
    with time_machine.travel(APRIL):
        alice = person("alice")
        page = alice.visit(f"/liberes/{late.vacancy_id}/suite/")
        page.get_by_label("La commission l’a attribué").check()
        page.locator("#id_on").fill("20/12/2026")
        page.get_by_role("button", name="Enregistrer ce qu’est devenu le logement").click()
        expect(page.locator(".alert")).to_be_visible()

        taken = alice.visit(f"/bilans/{live.landlord.pk}/{YEAR + 1}/").locator("#tardifs tbody")
        expect(taken.locator("tr")).to_contain_text([str(late.holder)])
        expect(taken.locator("td").first).to_have_text(str(YEAR))
        expect(taken.locator("td[data-l=Attribués]")).to_have_text("+1")
        sealed = alice.visit(f"/bilans/{live.landlord.pk}/{YEAR}/").locator("#tardifs")
        expect(sealed).to_contain_text(f"la prochaine version de ce bilan, ou le bilan {YEAR + 1}")

        page = alice.visit(f"/bilans/{live.landlord.pk}/{YEAR}/relecture/11/")
        page.locator("summary", has_text="Envoyer une nouvelle version").click()
        page.get_by_label("Pourquoi une version après celle qui est scellée").fill(
            "Une attribution de décembre, saisie en avril."
        )
        page.get_by_role("button", name="Envoyer la version 2").click()
        expect(page.locator(".alert")).to_contain_text("Version 2 envoyée")
        page.get_by_role("link", name="Comparer à la version 1").click()
        expect(page.locator("tbody").first).to_contain_text(str(late.holder))

    first, second = BalanceVersion.objects.order_by("number")
    rows = [
        sum(holder["allocated"] for holder in json.loads(version.content)["holders"]) for version in (first, second)
    ]
    assert rows[1] == rows[0] + 1
