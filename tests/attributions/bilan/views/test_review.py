"""The review of a balance, page by page: what each reads, may do next, and is refused."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attributions.bilan.exports.tables import stock
from attributions.bilan.models import (
    BalanceDispatch,
    BalanceDownload,
    BalanceRemark,
    BalanceTolerance,
    BalanceVersion,
    PrintedBalance,
)
from attributions.bilan.queries.figures import SUMMARY_MEASURES, FigurePlace, differences, key_of
from attributions.bilan.queries.review import review
from attributions.bilan.queries.transmissions import whole_balance
from flux.models import Routing
from flux.operations.forecast import send_forecast
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from reservations.models import HistoryEntry, Organisation, User
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from tests.attributions.bilan.balances import (
    DAY,
    SENT,
    YEAR,
    answer,
    contest,
    correct,
    given_back,
    lived,
    people,
    send,
    sign,
)
from tests.flux.forecasts import forecast
from tests.guards import unguarded
from tests.reader import as_shown
from tests.strict import codes
from tests.world import MORNING, Role, World, convention, siren
from tests.world_again import kept

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def february(time_machine: Any) -> None:
    time_machine.move_to(SENT, tick=False)


@pytest.fixture
@kept
def given(world: World) -> Routing:
    people(world)
    return lived(world)


def at(world: World, name: str = "balance-review", *more: object) -> str:
    return reverse(name, args=[world.landlord.pk, YEAR, "11", *more])


def text(response: Any) -> str:
    """What a page says, without tags."""
    bare = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(bare).replace("\u202f", " "))


def test_landlord_reads_its_draft_and_sends_it(world: World, given: Routing, sign_in: SignIn) -> None:
    alice = sign_in("alice")
    page = text(alice.get(at(world)))
    assert (
        "C’est un brouillon : personne ne l’a reçu. Ses chiffres du jour se lisent déjà dans « Bilan annuel » ; vos "
        "commentaires, non. À envoyer au plus tard le 27 février 2027."
    ) in page
    assert "5 destinataires : Robine Habitat, Action Logement Services, Le Grand Narbonne" in page
    response = alice.post(at(world, "balance-send"), {"seen": "0", "note": ""}, follow=True)
    assert "Version 1 envoyée à 5 destinataires. Elle ne change plus." in text(response)
    assert "La version 1 est en cours de signature : 0 signature sur 5." in text(response)
    again = alice.post(at(world, "balance-send"), {"seen": "1"})
    assert again.status_code == 422
    assert "Rien n’a changé depuis la version 1" in text(again)


def test_clerk_prepares_and_does_not_send_nor_sign(world: World, given: Routing, sign_in: SignIn) -> None:
    aline = sign_in("aline")
    assert "envoie le bilan et le signe" in text(aline.get(at(world)))
    assert aline.post(at(world, "balance-send"), {"seen": "0"}).status_code == 403
    send(world)
    assert aline.post(at(world, "balance-sign"), {"version": "1"}).status_code == 403
    key = key_of(world.holders["city"])
    page = aline.post(at(world, "balance-comment"), {"holder": key, "text": "Peu de T4."}, follow=True)
    assert "Commentaire enregistré" in text(page)
    assert "Ville de Narbonne : Peu de T4." in text(page)
    changed = aline.get(at(world) + f"?comment={key}")
    assert "Peu de T4.</textarea>" in changed.content.decode()
    assert aline.post(at(world, "balance-comment"), {"holder": "", "text": "a" * 3_001}).status_code == 422


def test_officer_who_signs_in_its_other_role_changes_it_where_it_reads(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    """« Qui agit pour le Grand Narbonne comme réservataire la signe » was stated to her who does."""
    send(world)
    own, act = world.member("emma"), "Agir comme réservataire"
    read = text(sign_in("emma").get(at(world)))
    assert ("Votre rôle est de la lire" in read, act in read) == (True, False)
    other = grant_membership(user=own.user, organisation=own.organisation, role=Role.HOLDER_STAFF)
    emma = sign_in("emma")
    emma.post(reverse("switch-organisation"), {"membership": own.pk})
    assert act in text(emma.get(at(world)))
    answer = emma.post(reverse("switch-organisation"), {"membership": other.pk, "next": at(world)})
    assert answer["Location"] == at(world)
    assert "puis signez-la" in text(emma.get(at(world)))


def test_nobody_else_reads_the_draft(world: World, given: Routing, sign_in: SignIn) -> None:
    for name in ("bob", "chloe", "emma", "zoe", "driss"):
        assert sign_in(name).get(at(world)).status_code == 404
    assert "personne ne l’a reçu" in text(sign_in("adam").get(at(world)))
    assert sign_in("alice").get(reverse("balance-review", args=[world.landlord.pk, 2028, "11"])).status_code == 404
    assert sign_in("alice").get(reverse("balance-review", args=[world.landlord.pk, YEAR, "34"])).status_code == 404
    assert sign_in("adam").get(reverse("balance-review", args=[0, YEAR, "11"])).status_code == 404


def test_first_reading_is_written_down_once(world: World, given: Routing, sign_in: SignIn) -> None:
    version = send(world)
    chloe = sign_in("chloe")
    assert "Ville de Narbonne n’a pas encore signé la version 1." in text(chloe.get(at(world)))
    opened = BalanceDispatch.objects.get(version=version, organisation=world.city)
    assert (opened.opened_at, opened.opened_by) == (SENT, world.people["chloe"])
    assert "Action Logement Services réservataire Pas encore ouvert envoyé le 9 février 2027" in text(
        chloe.get(at(world))
    )
    sign_in("adam").get(at(world, "balance-version", 1))
    assert BalanceDispatch.objects.filter(version=version, opened_at=None).count() == 3


def test_remark_is_prefilled_from_a_line_and_made(world: World, given: Routing, sign_in: SignIn) -> None:
    send(world)
    chloe = sign_in("chloe")
    key = key_of(world.holders["city"])
    version = chloe.get(at(world, "balance-version", 1)).content.decode()
    asked = f"?line=TYPOLOGY%3AT5&amp;holder={key}#faire-remarque"
    assert asked in version
    page = chloe.get(at(world) + f"?line=TYPOLOGY:T5&holder={key}").content.decode()
    assert '<option value="TYPOLOGY:T5" selected>' in page
    assert f'<option value="{key}" selected>' in page
    posted = {
        "version": "1",
        "line": "TYPOLOGY:T5",
        "holder": key,
        "measure": "offered",
        "claimed": "0",
        "reason": "Ses travaux n’étaient pas finis.",
    }
    page = text(chloe.post(at(world, "balance-remark"), posted, follow=True))
    assert "Votre remarque attend la réponse de Robine Habitat." in page
    assert "Ligne « Ville de Narbonne, typologie : T5, proposés : 1 »" in page
    assert BalanceRemark.objects.get().shown == 1
    for changed in ({"line": ""}, {"measure": "units"}, {"claimed": "1,5"}, {"claimed": "1"}, {"reason": ""}):
        assert chloe.post(at(world, "balance-remark"), posted | changed).status_code == 422
    due = {"line": "SUMMARY:", "measure": "due", "claimed": "12,5"}
    chloe.post(at(world, "balance-remark"), posted | due)
    assert BalanceRemark.objects.latest("pk").claimed == 12_500_000
    assert sign_in("alice").post(at(world, "balance-remark"), posted).status_code == 403
    assert BalanceRemark.objects.count() == 2


def test_landlord_corrects_the_line_and_answers(world: World, given: Routing, sign_in: SignIn) -> None:
    remark = contest(world, send(world))
    aline = sign_in("aline")
    page = text(aline.get(at(world)))
    assert "1 remarque attend votre réponse." in page
    url = at(world, "balance-answer", remark.pk)
    refused = aline.post(url, {"answer": "CORRECTED", "text": "Exact."})
    assert refused.status_code == 422
    assert "Cette ligne a toujours le chiffre contesté" in text(refused)
    correcting = at(world, "balance-correct") + f"?remark={remark.pk}"
    page = aline.get(correcting)
    assert f"{given.vacancy.unit.reference}, T5, Narbonne, hors QPV : compté" in text(page)
    assert aline.post(correcting, {"quantity": "-1", "why": "x"}).status_code == 422
    posted = {"vacancy": given.vacancy_id, "quantity": "-1", "why": "Les travaux n’étaient pas finis."}
    page = text(aline.post(correcting, posted, follow=True))
    assert "Ligne corrigée dans le brouillon." in page
    assert "Ville de Narbonne, typologie : T5, proposés 1 0" in page
    assert aline.post(correcting, posted).status_code == 422
    page = text(aline.post(url, {"answer": "CORRECTED", "text": "Exact."}, follow=True))
    assert "Réponse enregistrée : ligne corrigée. Envoyez la version qui la corrige." in page
    assert "Corrigée, version à envoyer" in page
    sign_in("alice").post(at(world, "balance-send"), {"seen": "1", "note": "Un T5 retiré."})
    chloe = sign_in("chloe")
    assert "Corrigée en version 2" in text(chloe.get(at(world)))
    compared = text(chloe.get(at(world, "balance-compare")))
    assert "Ville de Narbonne Typologie : T5 Proposés 1 0 −1" in compared
    assert "Un T5 retiré." in compared
    file = chloe.get(at(world, "balance-compare") + "?fichier=csv").getvalue().decode("utf-8-sig").splitlines()
    assert file[0] == "Réservataire;Tableau;Catégorie;Colonne;Version 1;Version 2;Écart"
    assert "Ville de Narbonne;Typologie;T5;Proposés;1;0;-1" in file
    assert "Aucun chiffre ne diffère" in text(chloe.get(at(world, "balance-compare") + "?from=2&to=2"))


def test_line_stated_corrected_whose_figure_came_back_is_maintained(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    version = send(world)
    remark = contest(world, version)
    correct(world, version.balance, given)
    answer(world, remark)
    correct(world, version.balance, given, quantity=1, why="Erreur : il avait bien été proposé.")
    alice, url = sign_in("alice"), at(world, "balance-answer", remark.pk)
    page = text(alice.get(at(world)))
    assert "Une ligne dite corrigée est redevenue ce que dit la version 1." in page
    assert "Maintenir cette ligne" in page
    assert "Pourquoi la ligne est maintenue, en une phrase" in page
    assert "Maintenir cette ligne" not in text(sign_in("chloe").get(at(world)))
    assert alice.post(url, {"answer": "MAINTAINED", "text": ""}).status_code == 422
    page = text(alice.post(url, {"answer": "MAINTAINED", "text": "Il vous a été proposé."}, follow=True))
    assert "Réponse enregistrée : ligne maintenue." in page
    assert "Maintenir cette ligne" not in page
    assert "Aucun chiffre ne diffère de la version 1 : elle peut être signée telle quelle." in page
    assert "Envoyer une nouvelle version" not in page
    assert alice.post(at(world, "balance-send"), {"seen": "1", "note": ""}).status_code == 422


def test_versions_are_listed_latest_first_each_with_its_day(
    world: World, given: Routing, sign_in: SignIn, time_machine: Any
) -> None:
    send(world, now=SENT - 60 * DAY)
    time_machine.move_to(SENT + 20 * DAY, tick=False)
    send(world, now=SENT + 20 * DAY)
    page = text(sign_in("alice").get(at(world)))
    listed = page[page.rindex("Versions ") :]
    days = (
        "1er mars 2027 Version 2",
        "11 décembre 2026 Version 1",
        "Échéance légale : envoyé avant le 28 février 2027",
    )
    places = [listed.index(each) for each in days]
    assert places == sorted(places)
    assert "Version 2 , en cours de signature" in listed
    assert "Version 1 , point d’étape, remplacée" in listed


def test_home_of_the_landlord_counts_what_to_answer_apart_from_what_to_send(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    version = send(world)
    contest(world, version, now=SENT)
    place = FigurePlace("SUMMARY", "", "", "received")
    remark = contest(world, version, now=SENT, place=place, claimed=3)
    alice = sign_in("alice")
    assert "Bilan 2026 (Aude) : 2 remarques attendent votre réponse. Lire les remarques" in text(alice.get("/"))
    BalanceRemark.objects.filter(pk=remark.pk).update(
        answer="CORRECTED", answer_text="Exact.", answered_at=SENT, answered_by=world.people["alice"]
    )
    page = text(alice.get("/"))
    assert (
        "1 remarque attend votre réponse. 1 ligne dite corrigée attend que vous envoyiez une nouvelle version." in page
    )


def test_delay_that_ran_out_has_one_name(world: World, given: Routing, sign_in: SignIn) -> None:
    send(world)
    emma = sign_in("emma")
    for address in (
        reverse("balance", args=[world.landlord.pk, YEAR]),
        at(world, "balance-version", 1),
        reverse("balance-scale", args=[YEAR]),
    ):
        page = text(emma.get(address)).lower()
        assert "délais écoulés sans candidat" in page, address
        assert "sans réponse" not in page, address


def test_landlord_reads_how_many_signatures_a_new_version_asks_for_again(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    version, alice = send(world), sign_in("alice")
    sign(world, version, "als", "state")
    alice.post(at(world, "balance-comment"), {"holder": "", "text": "Une année courte."})
    page = text(alice.get(at(world)))
    assert "Aucun chiffre ne diffère de la version 1 : elle peut être signée telle quelle." in page
    assert "Avec une nouvelle version, les 2 signatures déjà données seraient à redonner." in page
    assert "les 2 signatures déjà données restent sur la version 1 et seront à redonner." in page
    assert "n’est plus ce que dit" not in page
    correct(world, version.balance, given)
    page = text(alice.get(at(world)))
    assert "Le brouillon n’est plus ce que dit la version 1." in page
    assert "les 2 signatures déjà données seraient à redonner." in page


def test_correction_asks_for_a_line_first(world: World, given: Routing, sign_in: SignIn) -> None:
    """Without a version too; and a figure with acts of its own is not corrected here."""
    aline = sign_in("aline")
    url = at(world, "balance-correct")
    assert "choisissez le réservataire et la colonne" in text(aline.get(url))
    assert aline.post(url, {}).status_code == 422
    city = world.holders["city"].pk
    assert "Du fait de qui" in text(aline.get(f"{url}?holder={city}&measure=refused"))
    posted = {"vacancy": given.vacancy_id, "quantity": "1", "side": "UNIT", "why": "Un candidat perdu."}
    assert aline.post(f"{url}?holder={city}&measure=refused", posted).status_code == 302
    leased = contest(
        world, send(world), place=FigurePlace("SUMMARY", key_of(world.holders["city"]), "", "leased"), claimed=None
    )
    page = text(aline.get(f"{url}?remark={leased.pk}"))
    assert "Ce chiffre ne se corrige pas ici" in page
    assert aline.get(f"{url}?remark=0").status_code == 404
    assert aline.get(f"{url}?remark=x").status_code == 404


def test_unit_beyond_the_end_of_the_list_is_found_by_its_reference(
    world: World, given: Routing, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list shows 2 units here, 300 there."""
    for module in ("queries.files", "views.corrections"):
        monkeypatch.setattr(f"attributions.bilan.{module}.MOST", 2)
    world.vacancy(rooms=4)
    others = [given_back(world) for _ in range(2)]
    last = others[-1].vacancy.unit
    aline, url = sign_in("aline"), at(world, "balance-correct") + f"?holder={world.holders['city'].pk}&measure=offered"
    page = text(aline.get(url))
    assert "La liste s’arrête à 2 logements" in page
    assert last.reference not in page
    assert f"{last.reference}, T5, Narbonne, hors QPV : compté" in text(aline.get(f"{url}&reference={last.reference}"))
    posted = {"vacancy": others[-1].vacancy_id, "quantity": "-1", "why": "Travaux."}
    assert aline.post(url, posted).status_code == 422
    assert aline.post(f"{url}&reference={last.reference.lower()}", posted).status_code == 302
    assert "et de cette référence" in text(aline.get(f"{url}&reference=ZZ"))


def test_signatures_seal_the_version(world: World, given: Routing, sign_in: SignIn) -> None:
    version = send(world)
    assert sign_in("alice").post(at(world, "balance-sign"), {}).status_code == 422
    for name in ("alice", "bob", "anna", "chloe"):
        sign_in(name).post(at(world, "balance-sign"), {"version": "1"})
    assert "4 signatures sur 5" in text(sign_in("chloe").get(at(world)))
    again = sign_in("chloe").post(at(world, "balance-sign"), {"version": "1"})
    assert (again.status_code, "déjà signée" in text(again)) == (422, True)
    emma = sign_in("emma")  # reads for the territory: she does not sign for the holder
    assert emma.post(at(world, "balance-sign"), {"version": "1"}).status_code == 403
    assert "qui agit pour le Grand Narbonne comme réservataire la signe" in text(emma.get(at(world)))
    page = text(sign_in("eric").post(at(world, "balance-sign"), {"version": "1"}, follow=True))
    assert "Toutes les parties ont signé : elle est scellée." in page
    version.refresh_from_db()
    assert version.sealed_at == SENT
    acts = HistoryEntry.objects.about(version.balance).filter(act="SIGNED")
    assert acts.count() == 5
    page = sign_in("alice").post(at(world, "balance-send"), {"seen": "1", "note": ""})
    assert "La version précédente est scellée" in text(page)


def test_version_is_shown_as_it_was_sent(world: World, given: Routing, sign_in: SignIn) -> None:
    version = send(world)
    before = text(sign_in("chloe").get(at(world, "balance-version", 1)))
    given.vacancy.unit.rooms = 2
    given.vacancy.unit.save()
    assert text(sign_in("chloe").get(at(world, "balance-version", 1))) == before
    assert "Empreinte vérifiée" in before
    folded = sign_in("chloe").get(at(world, "balance-version", 1)).context["tables"]
    assert {each.heading: each.inside for each in folded if not each.opens}["Par typologie"] == "T2, T3, T4, T5"
    assert " ".join(version.seal[n : n + 4] for n in range(0, 64, 4)) in before
    assert "Quartier prioritaire (QPV) : 1 logement sans cette donnée" in before
    assert sign_in("chloe").get(at(world, "balance-version", 2)).status_code == 404
    remark = contest(world, version, now=SENT)
    answer(world, remark, "MAINTAINED", text="Il a été proposé.")
    alice = sign_in("alice")
    alice.post(at(world, "balance-comment"), {"holder": "", "text": "Une année courte."})
    send(world, now=SENT + 3 * DAY, note="Une remarque maintenue.")
    page = text(sign_in("chloe").get(at(world, "balance-version", 2)))
    assert "Maintenue" in page
    assert "Une remarque maintenue." in page


def test_right_in_stock_is_in_the_version_that_its_holder_signs(world: World, given: Routing, sign_in: SignIn) -> None:
    """Sigean has a right in stock and nothing else: it reads its units, may contest them, and no link leads nowhere."""
    before = send(world)
    town = register_organisation(
        siren=siren(41), name="Sigean", kind=Organisation.Kind.COMMUNE, territory=world.places["Sigean"]
    )
    world.people["simon"] = User.objects.create(email="simon@exemple.test", full_name="Simon")
    grant_membership(user=world.people["simon"], organisation=town, role=Role.HOLDER_STAFF)
    holder, kept = town.contingents.get(), world.unit(commune="Sigean")
    keep_in_stock(unit=kept, holder=holder, ground="LAND", starts_on=date(2026, 1, 1), by=world.people["alice"])
    world.vacancy(kept)
    version = send(world, now=SENT + DAY)
    simon = sign_in("simon")
    page = text(simon.get(at(world, "balance-version", 2)))
    assert "Gardés en stock, hors des comptes" in page
    assert "Contester la ligne Sigean, logements gardés en stock 1 0" in page
    menu = simon.get(at(world)).content.decode()
    assert '<option value="STOCK:">Logements gardés en stock</option>' in menu
    assert "Relecture et signatures" in menu
    for link in re.findall(
        r'<li><a href="([^"]+)"', menu.split('aria-label="Sections du bilan"')[1].split("</nav>")[0]
    ):
        assert simon.get(link).status_code == 200
    place = FigurePlace("STOCK", key_of(holder), "", "offered")
    remark = contest(world, version, organisation=town, place=place, by=world.people["simon"])
    assert (remark.shown, remark.line) == (1, "STOCK")
    assert "Sigean, logements gardés en stock, proposés : 1" in text(simon.get(at(world)))
    assert place in [each.place for each in differences(json.loads(before.content), json.loads(version.content))]
    read = whole_balance(world.landlord, YEAR, on=SENT.date())
    assert [row[-2:] for row in stock(read).rows] == [(1, 0)]


def test_file_is_the_sealed_bytes_and_its_download_is_written_down(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    version = send(world)
    response = sign_in("emma").get(at(world, "balance-version-file", 1))
    assert sha256(response.content).hexdigest() == version.seal
    assert response["Content-Disposition"] == 'attachment; filename="bilan-999000003-2026-11-v1.json"'
    taken = BalanceDownload.objects.get()
    assert (taken.version, taken.form, taken.user, taken.organisation) == (
        version,
        "JSON",
        world.people["emma"],
        world.epci,
    )


def test_lateness_is_stated(world: World, given: Routing, sign_in: SignIn, time_machine: Any) -> None:
    time_machine.move_to(SENT.replace(month=3, day=2))
    page = text(sign_in("alice").get(at(world)))
    assert "Absent" in page
    assert "Il était attendu au plus tard le 27 février 2027 : la date d’envoi dira le retard." in page
    send(world, now=SENT.replace(month=3, day=2))
    assert "Envoyé le 2 mars 2027, après le 27 février 2027" in text(sign_in("chloe").get(at(world)))
    BalanceTolerance.objects.create(
        region=world.places["Occitanie"], exercise=YEAR, until=date(2027, 3, 31), source="Circulaire du 1er février."
    )
    page = text(sign_in("chloe").get(at(world)))
    assert "Envoyé à temps" in page
    assert "toléré jusqu’au 31 mars 2027 (Circulaire du 1er février.)" in page


def test_tolerances_are_kept_by_the_administrator(world: World, sign_in: SignIn) -> None:
    adam, url = sign_in("adam"), reverse("balance-tolerances")
    assert "0 date tolérée enregistrée" in text(adam.get(url))
    posted = {"region": world.places["Occitanie"].pk, "exercise": "2026", "until": "31/03/2027", "source": "Lettre."}
    page = text(adam.post(url, posted, follow=True))
    assert "Bilans 2026, Occitanie : tolérés jusqu’au 31 mars 2027 inclus. " in page
    assert "Une nouvelle date remplace celle de la même région et du même exercice" in page
    page = text(adam.post(url, posted | {"until": "30/04/2027", "source": "Autre lettre."}, follow=True))
    assert "tolérés jusqu’au 30 avril 2027 inclus ; remplace le 31 mars 2027 (Lettre)." in page
    for changed in (
        {"until": "27/02/2027"},
        {"until": "01/03/2028"},
        {"source": " "},
        {"exercise": "26"},
        {"region": ""},
    ):
        assert adam.post(url, posted | changed).status_code == 422
    tolerance = BalanceTolerance.objects.get()
    assert [act.act for act in HistoryEntry.objects.about(tolerance)] == ["RECORDED", "EDITED"]
    assert sign_in("alice").get(url).status_code == 403


def test_page_costs_the_same_with_one_remark_or_seven(world: World, given: Routing, sign_in: SignIn) -> None:
    version = send(world)
    contest(world, version)
    readers = {person: sign_in(person) for person in ("chloe", "alice")}
    for reader in readers.values():
        reader.get(at(world))
    cost = {person: queries(reader, at(world)) for person, reader in readers.items()}
    assert cost == {"chloe": 5, "alice": 9}
    for measure in SUMMARY_MEASURES[:9]:
        contest(world, version, place=FigurePlace("SUMMARY", "", "", measure), claimed=None)
    assert cost == {person: queries(reader, at(world)) for person, reader in readers.items()}


def test_remarks_come_the_latest_first_and_a_party_waits_for_its_first_one(world: World, given: Routing) -> None:
    version = send(world)
    first = contest(world, version)
    second = contest(world, version, place=FigurePlace("SUMMARY", "", "", SUMMARY_MEASURES[0]), claimed=None)

    def read() -> tuple[list[BalanceRemark], BalanceRemark | None]:
        found = review(world.landlord, world.places["Aude"], YEAR, world.member("chloe"), today=SENT.date())
        assert found.mine is not None
        return [row.remark for row in found.remarks], found.mine.open_remark

    assert read() == ([second, first], first)
    answer(world, second, "MAINTAINED")
    assert read() == ([first, second], first)
    answer(world, first, "MAINTAINED")
    assert read() == ([second, first], None)


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        client.get(url)
    return len(caught)


def test_signatures_left_on_the_version_before_are_stated_in_number(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    first = send(world)
    correct(world, first.balance, given)
    alice = sign_in("alice")
    assert "Chaque signataire devra signer la nouvelle version ; personne n’a signé la version 1." in text(
        alice.get(at(world))
    )
    sign(world, first, "als")
    sentence = "nouvelle version ; la signature déjà donnée reste sur la version 1 et sera à redonner."
    assert sentence in text(alice.get(at(world)))
    sign(world, first, "epci")
    sentence = "nouvelle version ; les 2 signatures déjà données restent sur la version 1 et seront à redonner."
    assert sentence in text(alice.get(at(world)))


def test_what_fell_vacant_is_printed_compared_and_contested(world: World, given: Routing, sign_in: SignIn) -> None:
    """A vacancy more changes what the draft says, and the page says which figure."""
    first = send(world)
    chloe = sign_in("chloe")
    page = chloe.get(at(world, "balance-version", 1))
    assert "Logements libérés Libérés en 2026, dans le flux ou hors du flux" in text(page)
    assert re.search("la ligne [^,]*ensemble, logements libérés 11 ", text(page), re.IGNORECASE)
    assert "Premières mises en location attribuées" in text(page)
    assert "?line=FLOW%3AIN_FLOW&amp;holder=#faire-remarque" in page.content.decode()
    posted = {"version": "1", "line": "FLOW:IN_FLOW", "holder": "", "measure": "units", "claimed": "10"}
    sent = chloe.post(at(world, "balance-remark"), posted | {"reason": "Un logement compté deux fois."}, follow=True)
    assert "Ligne « ensemble, logements libérés : dans le flux, logements : 11 »" in text(sent)
    remark = BalanceRemark.objects.get()
    assert (remark.line, remark.category, remark.measure, remark.shown) == ("FLOW", "IN_FLOW", "units", 11)
    world.vacancy(kind="TECHNICAL")
    page = text(sign_in("alice").get(at(world)))
    assert "ensemble, logements libérés : vacance technique, logements 0 1" in page
    assert first.number == 1


def test_draft_whose_figures_are_the_same_says_what_changed(world: World, given: Routing, sign_in: SignIn) -> None:
    send(world)
    alice = sign_in("alice")
    alice.post(at(world, "balance-comment"), {"holder": "", "text": "Une année courte."})
    page = text(alice.get(at(world)))
    assert "Aucun chiffre des tableaux ne diffère" not in page
    assert "Vos commentaires ont changé : ils se liront dans la prochaine version, s’il y en a une." in page
    register_organisation(
        siren=siren(43), name="DDETS de l’Aude", kind=Organisation.Kind.STATE, territory=world.places["Aude"]
    )
    page = text(alice.get(at(world)))
    assert "Le brouillon n’est plus ce que dit la version 1." in page
    assert "Aucun chiffre des tableaux ne diffère" in page


def test_remark_of_a_sealed_version_is_stated_in_words(world: World, given: Routing, sign_in: SignIn) -> None:
    """A commune by its name, what is not known as such: no code, and nothing dropped."""
    version = send(world)
    places = (("COMMUNE", "11262"), ("QPV", ""))
    for line, category in places:
        remark = contest(world, version, place=FigurePlace(line, "", category, "offered"), claimed=None)
        answer(world, remark, "MAINTAINED")
    answer_to = contest(world, version)
    correct(world, version.balance, given)
    answer(world, answer_to)
    send(world, now=SENT + DAY)
    page = text(sign_in("chloe").get(at(world, "balance-version", 2)))
    assert "ligne « ensemble, commune : Narbonne, proposés »" in page
    assert "ligne « Ville de Narbonne, typologie : T5, proposés »" in page
    assert "ligne « ensemble, quartier prioritaire (QPV) : non renseigné, proposés »" in page
    assert "./run" not in page
    assert "comparez son empreinte SHA-256 à celle-ci, ou donnez-le à vérifier" in page


def test_draft_after_a_sealed_version_says_that_it_stays(world: World, given: Routing, sign_in: SignIn) -> None:
    sign(world, send(world))
    alice = sign_in("alice")
    alice.post(at(world, "balance-comment"), {"holder": "", "text": "Une année courte."})
    page = text(alice.get(at(world)))
    assert "Aucun chiffre ne diffère de la version 1, qui est scellée." in page
    assert "Chaque signataire devra signer la nouvelle version ; celle qui est scellée le reste." in page
    refused = alice.post(at(world, "balance-send"), {"seen": "1", "note": ""})
    assert '<details class="act" open><summary class="btn go">Envoyer' in " ".join(refused.content.decode().split())


def test_line_put_in_for_a_remark_is_reported_with_its_sign(world: World, given: Routing, sign_in: SignIn) -> None:
    version = send(world)
    correct(world, version.balance, given)
    remark = contest(world, version)
    correct(world, version.balance, given, quantity=1, remark=remark, why="Il avait bien été proposé.")
    page = text(sign_in("alice").get(at(world)))
    assert "Ville de Narbonne, proposé +1 : Il avait bien été proposé." in page


def test_who_has_a_right_since_the_sending_reads_what_was_not_sent_to_it(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    send(world)
    other = register_organisation(siren=siren(42), name="Ville de Lézignan", article="la", kind=Organisation.Kind.OTHER)
    convention(world.landlord, other, world.places["Aude"], (other.contingents.get(), "1", 9))
    world.people["louis"] = User.objects.create(email="louis@exemple.test", full_name="Louis")
    grant_membership(user=world.people["louis"], organisation=other, role=Role.HOLDER_STAFF)
    page = text(sign_in("louis").get(at(world)))
    assert "Cette version n’a pas été envoyée à la Ville de Lézignan : vous la lisez ; la prochaine" in page


def test_next_version_states_its_comments_and_what_it_adds(world: World, given: Routing, sign_in: SignIn) -> None:
    """One T3 more for the State, a comment on a line, a forecast sent meanwhile; the first version is not the last."""
    version = send(world)
    vacancy = world.vacancy()
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    alice = sign_in("alice")
    key = key_of(world.holders["city"])
    alice.post(at(world, "balance-comment"), {"holder": key, "text": "Peu de T4."})
    forecast(world, YEAR + 1, sent=True, now=SENT)
    answer(world, contest(world, version), "MAINTAINED")
    send(world, now=SENT + 3 * DAY, note="Un logement de plus.")
    chloe = sign_in("chloe")
    compared = text(chloe.get(at(world, "balance-compare")))
    assert "; les commentaires aussi. Un logement de plus." in compared
    assert re.search(r"Ensemble Synthèse Proposés \d+ \d+ \+1 ", compared)
    assert re.findall(r"Ville de Narbonne Synthèse Dû \S+ \S+ \S+", compared) == [
        "Ville de Narbonne Synthèse Dû 0,96 1,08 +0,12"
    ]
    file = chloe.get(at(world, "balance-compare") + "?fichier=csv").getvalue().decode("utf-8-sig")
    assert "Ville de Narbonne;Synthèse;;Dû;0,96;1,08;0,12" in file
    second = text(chloe.get(at(world, "balance-version", 2)))
    assert "Ville de Narbonne : Peu de T4." in second
    assert re.search(r"Relogement de renouv[^–]*– 0 24 ", second), "a forecast of the next year, and none of this one"
    assert "en cours de signature, remplacée depuis." in text(chloe.get(at(world, "balance-version", 1)))
    paper = as_shown(drawn(chloe, at(world, "balance-version-pdf", 2)))
    assert "<p>Un logement de plus.</p>" in paper
    assert "<p><b>Ville de Narbonne</b> : Peu de T4.</p>" in paper
    assert "Exact, corrigé. (maintenue)</li>" in paper
    with unguarded("attributions_balanceversion.kept"):
        BalanceVersion.objects.filter(pk=version.pk).update(content=version.content.replace("T5", "T6"))
    assert "Empreinte rompue" in text(chloe.get(at(world, "balance-version", 1)))


def test_version_without_a_unit_offered_says_so_on_the_screen_and_on_paper(world: World, sign_in: SignIn) -> None:
    world.vacancy(kind="TECHNICAL")
    for exercise in (YEAR, YEAR + 1):
        send_forecast(forecast=forecast(world, exercise, subtracted={}), by=world.people["alice"], now=SENT)
    send(world)
    alice = sign_in("alice")
    screen = alice.get(at(world, "balance-version", 1))
    assert "Par typologie Rien à répartir par typologie." in text(screen)
    assert [each.opens for each in screen.context["tables"]] == [" open"] * len(screen.context["tables"])
    paper = drawn(alice, at(world, "balance-version-pdf", 1))
    for title, each in (
        ("Synthèse par réservataire", "Que des zéros."),
        ("Par typologie", "Rien à répartir ainsi."),
        ("Logements soustraits du flux", "Aucun, ni prévu ni réalisé : que des zéros."),
    ):
        assert re.search(rf">{title}</h2>\s*<p>{each}</p>", paper), title


def drawn(client: Client, url: str) -> str:
    """The page that a worker is asked to draw for a file."""
    client.get(url)
    return PrintedBalance.objects.latest("pk").page


def test_forgotten_version_is_not_signed(world: World, given: Routing, sign_in: SignIn) -> None:
    """The page showed version 1; version 2 was sent meanwhile."""
    first = send(world)
    correct(world, first.balance, given)
    send(world, now=SENT + timedelta(days=2))
    page = sign_in("chloe").post(at(world, "balance-sign"), {"version": "1"})
    assert (page.status_code, "Entre-temps, la version 2" in text(page)) == (422, True)
    assert BalanceVersion.objects.filter(sealed_at=None).count() == 2
    sign(world, first.balance.versions.get(number=2))


def test_home_says_what_awaits(world: World, given: Routing, sign_in: SignIn) -> None:
    """A balance to send, then to sign; a remark to answer, then a correction to send; nothing once it is signed."""
    home = reverse("home")
    assert "Relire et envoyer : Bilan 2026, Aude" in text(sign_in("alice").get(home))
    version = send(world)
    page = text(sign_in("alice").get(home))
    assert "Relire et envoyer" not in page
    assert "Lire : Bilan 2026, Robine Habitat" in text(sign_in("emma").get(home))
    for name in ("alice", "bob", "chloe", "eric"):
        page = text(sign_in(name).get(home))
        alert = page.count("Un bilan à lire et à signer : Robine Habitat, exercice")
        assert alert + page.count("Lire et signer : Bilan 2026, Robine Habitat") == 1, "an alert, or a row"
    remark = contest(world, version)
    page = text(sign_in("aline").get(home))
    assert page.count("1 remarque attend votre réponse.") + page.count("Répondre : Bilan 2026, Aude") == 1
    correct(world, version.balance, given)
    answer(world, remark)
    assert "1 ligne dite corrigée attend que vous envoyiez une nouvelle version." in text(sign_in("aline").get(home))
    second = send(world, now=SENT + 2 * DAY)
    sign(world, second, "city")
    assert "à lire et à signer" not in text(sign_in("chloe").get(home))
    assert "attend votre réponse" not in text(sign_in("aline").get(home))


def test_home_of_who_is_informed(world: World, given: Routing, sign_in: SignIn) -> None:
    """It reads it, sealed meanwhile or not."""
    sign(world, send(world, exercise=2025), "landlord")
    emma = sign_in("emma")
    assert "Lire : Bilan 2025, Robine Habitat" in text(emma.get(reverse("home")))
    page = emma.get(reverse("balance-review", args=[world.landlord.pk, 2025, "11"]))
    assert "Ce bilan vous est envoyé pour information." in text(page)
    assert "Lire : Bilan" not in text(emma.get(reverse("home")))


def test_line_to_contest_is_distinguished_without_any_code(world: World, given: Routing, sign_in: SignIn) -> None:
    """Who listens to a version hears « Contester la ligne Dans le flux, logements libérés », never « IN_FLOW »: words
    alone, and no two links that say the same (WCAG 2.2, 2.4.4)."""
    version = send(world)
    content = json.loads(version.content)
    page = sign_in("chloe").get(at(world, "balance-version", 1)).content.decode()
    rows = [html.unescape(each) for each in re.findall(r'>Contester<span class="vh">([^<]*)</span>', page)]
    categories = [category for axis in content["axes"] for category in axis["categories"]]
    kept = {each["code"] for each in categories} | codes() - {""}
    spoken = {word for each in categories for word in each["words"].split()}
    assert [each for each in rows if set(re.split(r"[ ,]+", each)) & (kept - spoken - {""})] == []
    assert len(rows) > 20
    assert len(set(rows)) == len(rows)
