"""The pages of who oversees a territory: what they ask, the reminder, the papers, who may."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from attributions.bilan.models import BalanceDownload, BalanceReminder
from flux.models import AccountMonth, Ledger, Routing
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations
from reservations.models.convention import UNIT
from reservations.operations.party import register_landlord
from reservations.words import near_day
from tests.attributions.bilan.matrix_states import contested, sent
from tests.attributions.households.lettings import sign
from tests.attributions.households.sittings import routed
from tests.flux.before_the_rule import route_all
from tests.flux.views.test_account import page
from tests.world import MORNING, World, convention, siren
from tests.world_again import kept

SignIn = Callable[[str], Client]
#: Wednesday 24 February 2027, four days before the day.
FEBRUARY = datetime(2027, 2, 24, 9, tzinfo=UTC)
TERRITORY = reverse("balance-territory", args=[2026])
REMIND = reverse("balance-remind", args=[2026])


@kept
def _lived(world: World) -> World:
    """The same, in November."""
    for number in range(9):
        vacancy = world.vacancy(
            landlord=world.other_landlord if number % 3 == 0 else world.landlord,
            commune="Coursan" if number % 3 == 0 else "Narbonne",
            now=MORNING - timedelta(days=9 - number),
        )
    for ledger in Ledger.objects.all():
        route_all(ledger)
        every = list(ledger.vacancies.values_list("pk", flat=True))
        confirm_recommendations(vacancies=every, by=world.people["aline"], now=MORNING)
    sign(world, vacancy, income_quartile=1)
    return world


@pytest.fixture
def lived(world: World, time_machine: Any) -> World:
    """A few units of two landlords in 2026, read in February."""
    time_machine.move_to(MORNING, tick=False)
    found = _lived(world)
    time_machine.move_to(FEBRUARY, tick=False)
    return found


def test_page_says_who_sent_what_and_compares(lived: World, sign_in: SignIn) -> None:
    version = sent(lived, lived.landlord, lived.city, at=FEBRUARY - timedelta(days=20))
    contested(version, lived.city, at=FEBRUARY - timedelta(days=5), world=lived)
    text = page(sign_in("emma"), TERRITORY)
    assert "Qui a transmis quoi, et tenons-nous le cap ?" in text
    assert "<b>1 bilan 2026 sur 2</b> est envoyé ; il en manque un à 4 jours de l’échéance." in text
    assert f"du {near_day(FEBRUARY - timedelta(days=5))}, sans réponse" in text
    assert "j ouvrés" not in text, "a day, and no count of days"
    assert f"{reverse('balance', args=[lived.landlord.pk, 2026])}?territory=" in text
    assert "Petit effectif" in text or "Non communiqué" in text or "Bilan attendu" in text
    assert "Monsieur Secret" not in text
    assert 'id="balance-compare-landlords"' in text


def test_what_an_overseer_reads_on_a_screen_is_in_each_landlord_s_journal(
    lived: World, sign_in: SignIn, time_machine: Any
) -> None:
    """Without taking any file: once a day, before it is shown."""
    pages = [TERRITORY, reverse("balance-cil", args=[2026]), reverse("balance-one-page", args=[2026])]
    for day in range(2):
        time_machine.move_to(FEBRUARY + timedelta(days=day), tick=False)
        for address in [*pages, *pages]:
            assert sign_in("emma").get(address).status_code == 200
    kept = BalanceDownload.objects.order_by("pk")
    assert {each.form for each in kept} == {"PAGE"}
    landlords = {lived.landlord, lived.other_landlord}
    assert [(each.landlord in landlords, each.user.full_name) for each in kept] == [(True, "Emma")] * 4
    journal = page(sign_in("alice"), reverse("balance-downloads", args=[lived.landlord.pk, 2026]))
    assert journal.count("Lu à l’écran") == 2


@pytest.mark.parametrize("name", ["emma", "bob"])
def test_overseers_home_or_section_leads_there(lived: World, sign_in: SignIn, name: str) -> None:
    client = sign_in(name)
    assert TERRITORY in page(client, "/")
    latest = client.get(reverse("balance-territory-latest"))
    assert (latest.status_code, latest["Location"]) == (302, TERRITORY)


def test_reminder_is_read_by_the_landlord_and_not_sent_twice_in_a_week(
    lived: World, sign_in: SignIn, time_machine: Any
) -> None:
    emma = sign_in("emma")
    posted = {"landlord": lived.other_landlord.pk}
    assert emma.post(REMIND, posted).status_code == 302
    assert "Relance enregistrée : Toits de l’Orb" in page(emma, TERRITORY)
    zoe = page(sign_in("zoe"), "/")
    assert "Le Grand Narbonne vous relance, le 24 février 2027 : votre bilan 2026 n’est pas arrivé." in zoe
    assert "vous relance" not in page(sign_in("aline"), "/")
    time_machine.move_to(FEBRUARY + timedelta(days=6, hours=23), tick=False)
    refused = sign_in("emma").post(REMIND, posted)
    assert refused.status_code == 422
    assert "attendez sept jours, jusqu’au 3 mars 2027" in refused.content.decode()
    assert sign_in("bob").post(REMIND, posted).status_code == 302
    time_machine.move_to(FEBRUARY + timedelta(days=7), tick=False)
    assert sign_in("emma").post(REMIND, posted).status_code == 302
    assert BalanceReminder.objects.count() == 3
    sent(lived, lived.other_landlord, at=FEBRUARY + timedelta(days=8))
    assert "vous relance" not in page(sign_in("zoe"), "/")


def test_reminder_is_refused_when_nothing_is_awaited(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    emma = sign_in("emma")
    came = emma.post(REMIND, {"landlord": lived.landlord.pk})
    assert (came.status_code, "a déjà envoyé son bilan 2026" in came.content.decode()) == (422, True)
    for wrong in ({}, {"landlord": 0}, {"landlord": "x"}):
        assert emma.post(REMIND, wrong).status_code == 422
    time_machine.move_to(MORNING, tick=False)
    early = sign_in("emma").post(REMIND, {"landlord": lived.other_landlord.pk})
    assert "relancez à partir du 1er janvier 2027" in early.content.decode()
    assert BalanceReminder.objects.count() == 0


def test_pack_of_the_conference_names_nobody_and_each_landlord_reads_who_took_it(lived: World, sign_in: SignIn) -> None:
    version = sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    contested(version, lived.city, at=FEBRUARY, world=lived)
    emma = sign_in("emma")
    text = page(emma, reverse("balance-cil", args=[2026]))
    for part in ("Ordre du jour", "Commune par commune", "Remarques ouvertes", "Questions à décider"):
        assert part in text
    assert "Secret" not in text
    pdf = PdfReader(io.BytesIO(emma.get(reverse("balance-cil-pdf", args=[2026])).content))
    written = " ".join(each.extract_text() for each in pdf.pages)
    assert "Questions à décider" in written
    assert "Secret" not in written
    (fold,) = re.findall("<details>.*?</details>", text, re.DOTALL)
    folded = re.findall(r">([^<>]*), par bailleur<", fold)
    assert folded, "what each landlord did is folded on screen"
    assert text.count(", par bailleur") == fold.count(", par bailleur")
    assert all(f"{each}, par bailleur" in " ".join(written.split()) for each in folded), "and whole on paper"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "fr-FR"
    taken = BalanceDownload.objects.order_by("pk").values_list("landlord", "exercise", "territory__name", "form")
    assert {lived.landlord.pk, lived.other_landlord.pk} <= {landlord for landlord, *_ in taken}
    assert {tuple(of) for _, *of in taken} == {(2026, lived.epci.territory.name, form) for form in ("PAGE", "PDF")}
    journal = page(sign_in("aline"), reverse("balance-downloads", args=[lived.landlord.pk, 2026]))
    assert "Document PDF" in journal
    assert "Emma" in journal


def test_sheet_names_whom_it_is_late_with_in_a_sentence(world: World, sign_in: SignIn, time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    for _ in range(6):
        routed(world, holder="als")
    time_machine.move_to(FEBRUARY, tick=False)
    text = page(sign_in("emma"), reverse("balance-one-page", args=[2026]))
    late = "le plus grand retard est de 2 logements, dû à l’État – publics prioritaires par Robine Habitat"
    assert f"{late} sur tout son compte du département." in text


QUESTIONS = (
    "1. Ce qui nous était promis est-il venu ?",
    "2. Où sont-ils venus ?",
    "3. Que faut-il décider ensuite ?",
)


@pytest.fixture
def promised(lived: World) -> World:
    """The EPCI, due 6 % of six units: in 2026, 3 more in Narbonne and 1 in Coursan, 2 came; in 2025, 2 of 2,5."""
    ledger = Ledger.objects.get(landlord=lived.landlord)
    other = Ledger.objects.get(landlord=lived.other_landlord)
    before = Ledger.objects.create(landlord=lived.landlord, departement=lived.places["Aude"], exercise=2025)
    for book, month, place, due, came in (
        (ledger, date(2026, 6, 1), "Narbonne", 3 * UNIT, 1),
        (other, date(2026, 6, 1), "Coursan", UNIT, 1),
        (before, date(2025, 6, 1), "Narbonne", 5 * UNIT // 2, 2),
    ):
        AccountMonth.objects.create(
            ledger=book,
            holder=lived.holders["epci"],
            month=month,
            commune=lived.places[place],
            due=due,
            routed=came,
            received=came,
        )
    return lived


def test_sheet_answers_three_questions_of_an_elected_member(promised: World, sign_in: SignIn) -> None:
    """What was promised to us and came, with the year before; where; what is decided next. One gap, the home's."""
    emma = sign_in("emma")
    text = " ".join(re.sub("<[^>]+>", " ", page(emma, reverse("balance-one-page", args=[2026]))).split())
    assert [text.index(question) for question in QUESTIONS] == sorted(text.index(question) for question in QUESTIONS)
    answer = (
        "En 2026, 4 logements étaient promis au Grand Narbonne ; 2 sont venus : il en manque 2. "
        "En 2025 : 3 logements, et 2 venus."
    )
    assert answer in text
    assert text.index(answer) < text.index("Bailleur par bailleur"), "the answer first"
    assert "Coursan 1 1 0" in text
    assert "Narbonne 3 1 +2" in text
    assert re.search(r"2025 3 2 \+1", text)
    assert re.search(r"\d,\d\d", text) is None, "no hundredth of a unit"
    rows = re.findall(
        r"<tr>\s*<th scope=\"row\">.*?</tr>", page(emma, reverse("balance-one-page", args=[2026])), re.DOTALL
    )
    assert rows
    for row in rows:
        found = [
            re.sub("<.*", "", cell, flags=re.DOTALL)
            for cell in re.findall(r"<td class=\"n\">(.*?)</td>", row, re.DOTALL)
        ]
        due, came, gap, all_due, all_came, all_gap, _ = (int(cell.strip().replace("−", "-")) for cell in found)
        assert (due - came, all_due - all_came) == (gap, all_gap), "what is written can be found again"
    assert "L’objectif de l’année : au moins 25" in text or "Aucun bail hors quartiers prioritaires" in text
    assert "Droits dus et non reçus" in text[text.index(QUESTIONS[2]) :]


def test_lines_of_the_sheet_add_up_to_what_is_written_of_all(promised: World, sign_in: SignIn) -> None:
    """R441-5-1 has one balance for all: a column of communes summed to 12 beside « 13 » for the whole."""
    for month in AccountMonth.objects.filter(month=date(2026, 6, 1)):
        AccountMonth.objects.filter(pk=month.pk).update(due=month.due + 2 * UNIT // 5)  # 3.4 and 1.4: 4.8
    shown = sign_in("emma").get(reverse("balance-one-page", args=[2026])).context["sheet"]
    assert shown.whole.promised[0] == 5
    for rows in (shown.landlords, shown.communes):
        assert [sum(column) for column in zip(*(row.promised for row in rows), strict=True)] == [*shown.whole.promised]


def test_sheet_says_how_many_questions_it_leaves_to_the_pack(promised: World, sign_in: SignIn) -> None:
    shown = sign_in("emma").get(reverse("balance-one-page", args=[2026])).context
    for more, each in ((1, "Et 1 autre question au dossier"), (2, "Et 2 autres questions au dossier")):
        context = {"sheet": replace(shown["sheet"], more=more), "board": shown["board"], "as_pdf": True}
        text = render_to_string("bilan/one_page_document.html", context | {"member": shown["member"]})
        assert each in " ".join(text.split())


def test_sheet_of_an_epci_without_a_contingent_reads_all_the_holders(lived: World, sign_in: SignIn) -> None:
    AccountMonth.objects.filter(holder=lived.holders["epci"]).delete()
    text = " ".join(re.sub("<[^>]+>", " ", page(sign_in("emma"), reverse("balance-one-page", args=[2026]))).split())
    assert "Le Grand Narbonne n’a pas de contingent à son nom. En 2026, " in text
    assert "promis à l’ensemble des réservataires" in text


def lowest(content: bytes) -> float:
    """How far down the only page is written, as a part of its height, before the sources at its foot."""
    [sheet] = PdfReader(io.BytesIO(content)).pages
    ends: list[float] = []
    sheet.extract_text(
        visitor_text=lambda text, cm, tm, *_: ends.append(cm[5] + cm[3] * tm[5]) if text.strip() else None
    )
    return 1 - min(ends) / float(sheet.mediabox[3])


@pytest.mark.parametrize("landlords", [2, 12, 25])
def test_sheet_is_one_page_without_an_empty_half_whatever_the_landlords(
    promised: World, sign_in: SignIn, landlords: int
) -> None:
    for number in range(landlords - 2):
        name = f"Office public de l’habitat des pays de l’Aude {number}"
        added = register_landlord(siren=siren(200 + number), name=name, acronym=f"O{number}")
        promised.unit(landlord=added)
    emma = sign_in("emma")
    text = page(emma, reverse("balance-one-page", args=[2026]))
    assert (text.count("<h1>"), text.count("<h2"), text.count("<table>"), text.count("<svg")) == (1, 3, 2, 1)
    content = emma.get(reverse("balance-one-page-pdf", args=[2026])).content
    pdf = PdfReader(io.BytesIO(content))
    assert len(pdf.pages) == 1
    width, height = (round(float(side)) for side in pdf.pages[0].mediabox[2:])
    assert (width, height) == (595, 842)
    assert 0.6 < lowest(content) < 1
    written = " ".join(pdf.pages[0].extract_text().split())
    assert all(question in written for question in QUESTIONS)
    assert "Aucun nom de ménage ni d’agent" in written
    for person in promised.people.values():
        assert person.email not in text
    assert "Alice" not in written


def test_state_reads_its_contingents_by_landlord(lived: World, sign_in: SignIn) -> None:
    given = Routing.objects.filter(holder=lived.holders["priority"]).order_by("pk")[0]
    return_vacancy(routing=given, reason="WORKS", text="Toiture.", by=lived.people["aline"], now=MORNING)
    text = page(sign_in("bob"), reverse("balance-state", args=[2026]))
    assert "Rendus : pour tout motif" in text
    assert "L’État reçoit-il ce qui lui est dû ?" in text
    assert "État – agents" in text
    assert "Conventions qui manquent" in text
    assert "du fait de l’État" not in text, "returns for works or by the landlord are counted too"
    adam = page(sign_in("adam"), reverse("balance-state", args=[2026]))
    assert "Département" in adam
    assert sign_in("adam").get(reverse("balance-state", args=[2026]), {"territory": "0"}).status_code == 404


def test_scale_reads_every_landlord_of_a_place(lived: World, sign_in: SignIn) -> None:
    address = reverse("balance-scale", args=[2026])
    emma = sign_in("emma")
    text = page(emma, address)
    assert "CA Le Grand Narbonne (intercommunalité) : <b>9 logements proposés</b>" in text
    place = lived.places["Coursan"]
    assert "<b>3 logements proposés</b>" in page(emma, f"{address}?territory={place.pk}")
    assert emma.get(address, {"territory": lived.places["Béziers"].pk}).status_code == 404
    assert "9 logements proposés" in page(emma, f"{address}?territory={lived.places['Occitanie'].pk}")
    assert "<b>6 logements proposés</b>" in page(sign_in("aline"), address)
    assert "Aucun logement libéré ici en 2019" in page(emma, reverse("balance-scale", args=[2019]))


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("balance-territory", "emma"),
        ("balance-cil", "emma"),
        ("balance-one-page", "emma"),
        ("balance-scale", "emma"),
        ("balance-state", "bob"),
    ],
)
def test_page_costs_the_same_whatever_there_is(lived: World, sign_in: SignIn, name: str, person: str) -> None:
    client, address = sign_in(person), reverse(name, args=[2026])
    sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    counts = []
    for number in (0, 1, 4):
        for extra in range(number):
            added = register_landlord(
                siren=siren(300 + 10 * number + extra), name=f"B {number} {extra}", acronym=f"B{number}{extra}"
            )
            convention(added, lived.city, lived.places["Narbonne"], (lived.holders["city"], "20", 1))
            convention(added, lived.state, lived.places["Aude"], (lived.holders["priority"], "25", 2))
            for commune in ("Narbonne", "Sigean"):
                sign(lived, lived.vacancy(landlord=added, commune=commune, now=MORNING), income_quartile=1)
            version = sent(lived, added, lived.city, lived.state, at=FEBRUARY)
            contested(version, lived.city, at=FEBRUARY, world=lived)
        if number:
            for ledger in Ledger.objects.all():
                route_all(ledger)
            with CaptureQueriesContext(connection) as captured:
                page(client, address)
            counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["chloe", "driss", "aline", "adam"])
def test_papers_of_a_territory_are_for_who_oversees_it(lived: World, sign_in: SignIn, name: str) -> None:
    client = sign_in(name)
    for address in ("balance-territory", "balance-cil", "balance-cil-pdf", "balance-one-page", "balance-one-page-pdf"):
        assert client.get(reverse(address, args=[2026])).status_code == 404
    assert client.post(REMIND, {"landlord": lived.landlord.pk}).status_code == 404
