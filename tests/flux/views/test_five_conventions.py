"""Five conventions of five kinds, typed in the forms and signed by each party: what they print is what their source
says, item by item of the arrêté; what they owe is what a spreadsheet recomputes; each lives its whole legal life."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from flux.models import FlowEntry, Ledger, Unit
from flux.operations.openings import settlements_adrift
from flux.operations.routing import confirm_recommendations, sweep_waiting_vacancies
from reservations.models import Convention, Pause
from reservations.models.convention import UNIT
from reservations.operations.party import register_organisation
from tests.calc import opened
from tests.flux.books import check_books
from tests.flux.views.five import (
    NAMES,
    PARTIES,
    SIGNED,
    SignIn,
    act,
    all_signed,
    once_a_day,
    organisation_of,
    sign,
    typed,
    write,
)
from tests.flux.views.pages import text_of
from tests.flux.views.test_transcribed import letters
from tests.world import World, convention, siren

#: (commune, rooms, in a priority district): what falls vacant, in turn; twelve a turn.
FLOW = (
    *(("Narbonne", 4, False), ("Narbonne", 2, True), ("Coursan", 3, False), ("Sigean", 3, False)),
    *(("Narbonne", 5, True), ("Coursan", 4, False), ("Narbonne", 1, False), ("Sigean", 2, False)),
    *(("Narbonne", 3, False), ("Narbonne", 4, True), ("Sigean", 4, False), ("Narbonne", 2, False)),
)

#: By convention: the item of its source, and the sentence that says it.
ITEMS: dict[str, tuple[tuple[str, str], ...]] = {
    # Arrêté of 10 March 2011, article 1, and CCH, R441-5-2.
    "state": (
        ("1° stock", "Parc soumis au droit de réservation (CCH, L441-1) et rotation, au 20 novembre 2025"),
        ("1° by typology", "T1 1 – – 0 0,0 % T2 3 – – 1 33,3 % T3 3 – – 0 0,0 % T4 4 – – 1 25,0 % T5 1 – – 1 100,0 %"),
        ("2° rotation", "Rotation : logements entrés dans le flux, en moyenne par an sur 2024, rapportés au parc."),
        ("2° whole", "Ensemble 12 – 3 25,0 %"),
        ("2° what is offered", "Composition de l’offre, de 2024 : typologie et financement"),
        ("2° in QPV", "Composition de l’offre, de 2024 : quartiers prioritaires Logements Nombre en QPV 2 hors QPV 1"),
        ("2° by age", "Composition de l’offre, de 2024 : période de construction"),
        ("2° rates", "en QPV : 20 % hors QPV : 27 %"),
        ("2° agents", "État – agents 3 % 3 logements sur 100"),
        ("3° publics", "Les candidats relèvent de l’un de ces publics : ménage reconnu prioritaire par la commission"),
        ("3° outside", "Un candidat qui n’en relève pas est refusé à la transmission."),
        ("3° eligibility", "L’éligibilité s’établit par la labellisation du service instructeur de l’État."),
        ("4° signalling", "signale chaque logement au réservataire, en l’orientant vers lui, dans un délai de 5 jours"),
        ("4° its content", "avec son loyer, ses charges et sa date de disponibilité."),
        ("5° delay", "Le délai pour proposer des candidats est de 30 jours ouvrés à compter de l’orientation"),
        ("5° default", "dans cet ordre : le préfet ; le bailleur, pour une location."),
        ("6° files", "Un dossier transmis se complète dans un délai de 15 jours ouvrés"),
        ("6° carence", "Le demandeur qui ne répond pas à deux sollicitations est réputé défaillant."),
        ("7° new delay", "le réservataire dispose d’un nouveau délai de 10 jours ouvrés."),
        ("7° decisions", "Le bailleur notifie chaque décision de la commission sous huit jours."),
        ("7° support", "Un diagnostic social accompagne les ménages qui en ont besoin."),
        ("8° taken back", "Un logement repris pour une location est compensé dans l’année."),
        ("9° leases", "Le bailleur informe l’État de chaque bail signé et de chaque refus."),
        ("9° DALO", "Le refus d’un ménage DALO, par la CALEOL ou par le ménage lui-même, se motive en une phrase."),
        ("10° term", "prend effet le 1er janvier 2026 et prend fin le 31 décembre 2026."),
        ("10° renewal", "elle est reconduite tacitement pour 1 an, 2 fois au plus, aux mêmes conditions"),
        ("10° revision", "Les termes de la convention sont modifiés par un avenant signé de chaque partie"),
        ("11° evaluation", "Les parties évaluent la convention chaque printemps."),
        ("R441-5-2 II", "n’est pas inférieure à 30 % hors des quartiers prioritaires"),
        (
            "R441-5-2 IV",
            "le préfet peut résilier la convention après une mise en demeure restée sans suite pendant 2 mois",
        ),
        ("R441-5 I", "aux mutations de locataires au sein du parc social du bailleur"),
        ("R441-5-1", "le bailleur adresse à l’ensemble des réservataires le bilan des logements proposés"),
    ),
    "als": (
        ("share", "Action Logement Services 20 % 1 logement sur 5"),
        ("counting point", "lorsque le bail est signé avec l’un de ses candidats."),
        ("carry-over", "dans la limite de 2,5 logements par contingent."),
        ("delay", "Le délai pour proposer des candidats est de 15 jours calendaires"),
        ("CPC 642", "finit le premier jour ouvré qui suit, comme le veut l’article 642 du code de procédure civile."),
        ("opening", "Les délais courent au plus tôt à compter du jour où le logement est libre."),
        ("first lettings", "Ceux que reçoit le réservataire sont décomptés de la part"),
        ("R441-5", "le bailleur la transmet au préfet (CCH, R441-5)."),
    ),
    "city": (
        ("R441-5-3", "Le réservataire exerce ses droits sur son seul territoire (CCH, R441-5-3)."),
        ("rates", "T4 ou T5 : 15 % tous les autres logements : 12 %"),
        ("carry-over", "est reporté en entier sur l’année suivante, en plus ou en moins."),
        (
            "grounds",
            "répond à : garantie d’emprunt : 8 %, due jusqu’au 31/12/2036, 5 ans après la fin de l’emprunt "
            "(délibération 2012-45) ; apport de terrain : 4 %.",
        ),
        (
            "grounds of a rate",
            "Son taux « T4 ou T5 » répond à : garantie d’emprunt : 10 %, due jusqu’au 31/12/2036, 5 ans après la fin "
            "de l’emprunt (délibération 2012-45) ; apport de terrain : 5 %.",
        ),
    ),
    "village": (
        ("share", "Ville de Sigean de 10 % à 14 % selon l’année : voir les taux ci-dessous"),
        (
            "steps",
            "change selon l’année, sans avenant. Chaque logement a le taux de l’année où il entre dans le flux :",
        ),
        ("each step", "avant 2027 : 10 % à partir de 2027 : 12 % à partir de 2028 : 14 %"),
        ("August", "mois d’août"),
    ),
    "epci": (
        ("three parties", "Préfecture de l’Aude service de l’État, SIREN 990000010 autre signataire"),
        ("share", "Le Grand Narbonne 6,25 % 1 logement sur 16"),
        ("management", "La gestion est déléguée : le bailleur recherche lui-même, pour le compte du réservataire"),
        (
            "default",
            "le réservataire suivant, selon la règle",
        ),
        (
            "signatures",
            "Pour l’autre signataire Préfecture de l’Aude Signée le 20 novembre 2025 par Bob, sur son compte.",
        ),
    ),
}

#: What no text says: a rate, an example or a kind of unit that its table gives to none.
NEVER = {
    "state": ("25 + 3", "28 %", "8,75 logements dus"),
    "village": ("tous les autres logements", "selon le logement", "ne sont pas renseignés"),
}


@pytest.fixture
def five(world: World, sign_in: SignIn, time_machine: Any) -> dict[str, Convention]:
    """Signed on 20 November 2025, on a stock of a dozen units, of which the year 2024 is known."""
    stock = [
        world.unit(landlord=world.other_landlord, commune=commune, rooms=rooms, in_qpv=in_qpv)
        for commune, rooms, in_qpv in FLOW
    ]
    past_year(world, [stock[0], stock[1], stock[4]], time_machine)
    time_machine.move_to(SIGNED, tick=False)
    return all_signed(world, once_a_day(sign_in))


def past_year(world: World, units: list[Unit], time_machine: Any) -> None:
    """What fell vacant in 2024, under the convention that the town had then: one year of rotation."""
    now = datetime(2024, 1, 15, 9, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    there, town = world.places["Narbonne"], (world.holders["city"], "12", 4)
    days = {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31)}
    convention(world.other_landlord, world.city, there, town, carry_over="NONE", **days)
    fallen = [world.vacancy(unit, now=now) for unit in units]
    sweep_waiting_vacancies(now=now)
    confirm_recommendations(vacancies=[each.pk for each in fallen], by=world.people["zoe"], now=now)


def test_each_prints_what_its_source_says_item_by_item(
    world: World, five: dict[str, Convention], sign_in: SignIn
) -> None:
    """Arrêté of 10 March 2011, article 1, 1° to 11°; CCH, R441-5 to R441-5-3: on the page and in the PDF, letter for
    letter; and nothing that its table of rates makes false."""
    zoe = sign_in("zoe")
    for name, row in five.items():
        paper = text_of(zoe.get(reverse("convention-document", args=[row.pk])))
        reader = PdfReader(BytesIO(zoe.get(reverse("convention-document-pdf", args=[row.pk])).getvalue()))
        printed = letters(" ".join(page.extract_text() for page in reader.pages))
        lacking = [item for item, sentence in ITEMS[name] if sentence not in paper]
        assert (name, lacking) == (name, []), paper
        assert (name, [item for item, sentence in ITEMS[name] if letters(sentence) not in printed]) == (name, [])
        assert [sentence for sentence in NEVER.get(name, ()) if sentence in paper] == []
        assert "Il manque au texte" not in text_of(zoe.get(reverse("convention-detail", args=[row.pk])))


def fall(world: World, now: datetime, number: int) -> None:
    """One unit of the flow, decided at once."""
    commune, rooms, in_qpv = FLOW[number % len(FLOW)]
    unit = world.unit(landlord=world.other_landlord, commune=commune, rooms=rooms, in_qpv=in_qpv)
    vacancy = world.vacancy(unit, now=now)
    sweep_waiting_vacancies(now=now)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["zoe"], now=now)


#: The clause of each, as one writes it in a sheet: of the commune (B), the number of rooms (C), the district (D).
FORMULAS = {
    "État – publics prioritaires": '=IF(D{0}="en QPV",20%,27%)',
    "État – agents": "=3%",
    "Action Logement Services": "=20%",
    "Ville de Narbonne": '=IF(B{0}="Narbonne",IF(OR(C{0}="T4",C{0}="T5"),15%,12%),0)',
    "Ville de Sigean": '=IF(B{0}="Sigean",10%,0)',
    "Le Grand Narbonne": "=6.25%",
}


def test_sixty_units_owe_what_a_spreadsheet_recomputes(
    world: World, five: dict[str, Convention], sign_in: SignIn, time_machine: Any, tmp_path: Path
) -> None:
    """The list of units goes out, a sheet applies each clause to each line, and its sums are the dues of the account:
    to the millionth of a unit, computed by a spreadsheet program and not by the product."""
    for number in range(60):
        now = datetime(2026, 1 + number // 6, 2 + 4 * (number % 6), 9, tzinfo=UTC)
        time_machine.move_to(now, tick=False)
        fall(world, now, number)
    zoe, place = sign_in("zoe"), [world.other_landlord.pk, 2026]
    listed = openpyxl.load_workbook(
        BytesIO(b"".join(zoe.get(reverse("vacancy-list"), {"fichier": "xlsx", "exercise": "2026"})))
    )
    heads, *units = listed.worksheets[0].values
    columns = [heads.index(name) for name in ("Logement", "Commune", "Typologie", "Quartier")]
    assert len(units) == 60
    book = openpyxl.Workbook()
    book.security = None  # else it writes an element that no sheet needs
    sheet = book.active
    for at, unit in enumerate(units, 1):
        sheet.append([*(unit[column] for column in columns), *(each.format(at) for each in FORMULAS.values())])
    sheet.append([None, None, None, None, *(f"=SUM({letter}1:{letter}60)" for letter in "EFGHIJ")])
    kept = BytesIO()
    book.save(kept)
    [computed] = opened(kept.getvalue(), tmp_path)
    sums = dict(zip(FORMULAS, (round(Decimal(cell), 6) for cell in computed[60][4:]), strict=True))
    holders = json.loads(b"".join(zoe.get(reverse("balance-json", args=place))))["holders"]
    dues = {line["name"]: Decimal(line["due"]) / UNIT for line in holders if line["contingent"] != 7}
    assert dues == sums
    check_books(Ledger.objects.get(landlord=world.other_landlord, exercise=2026))


def amend(world: World, sign_in: SignIn, name: str, row: Convention) -> Convention:
    """From 1 April on, 28 days to propose: signed again by each party."""
    act(sign_in("zoe"), "amend", row, starts_on="01/04/2026")
    drafted = Convention.objects.get(amends=row)
    given = typed(world)[name] | {"starts_on": "01/04/2026", "proposal_days": "28"}
    assert sign_in("zoe").post(reverse("convention-edit", args=[drafted.pk]), given).status_code == 302
    amendment = sign(sign_in, name, drafted)
    row.refresh_from_db()
    assert (row.status, row.ends_on) == ("AMENDED", date(2026, 3, 31))
    paper = text_of(sign_in("zoe").get(reverse("convention-document", args=[amendment.pk])))
    assert "Ce que cet avenant change" in paper
    assert "28 jours" in paper
    return amendment


def suspend(sign_in: SignIn, name: str, row: Convention) -> None:
    """The month of May, with the accord of each party; never the State's, which the law makes (CCH, L441-1)."""
    given = {"starts_on": "01/05/2026", "ends_on": "31/05/2026", "why": "Service fermé."}
    answer = act(sign_in("zoe"), "pause", row, **given)
    if name == "state":
        assert answer.status_code == 422
        assert not Pause.objects.filter(convention=row).exists()
        return
    pause = Pause.objects.get(convention=row)
    for person in others(name):
        act(sign_in(person), "pause-accept", row, pause.pk)
    assert "suspendue du 1er mai 2026 au 31 mai 2026" in text_of(
        sign_in("zoe").get(reverse("convention-document", args=[row.pk]))
    )


def others(name: str) -> list[str]:
    """Who signs beside the landlord."""
    return [PARTIES[name], *(["bob"] if name == "epci" else [])]


def denounce(world: World, sign_in: SignIn, name: str, row: Convention) -> None:
    """In its notice, by the party itself; that of three, by the third."""
    person = others(name)[-1]
    by = world.people[person].memberships.get().organisation_id
    words = text_of(act(sign_in(person), "denounce", row, organisation=by, given_on="15/09/2026"))
    assert "elle finit le 31 décembre 2026, sans reconduction" in words
    assert not Convention.objects.in_force(date(2027, 1, 1)).filter(pk=row.pk).exists()


#: What the six units of January and February would have given, in millionths: FLOW from its first line.
EARLIER = {"state": 1_480_000 + 180_000, "als": 1_200_000, "city": 420_000, "village": 0, "epci": 375_000}


def renew_late(world: World, sign_in: SignIn, name: str) -> Convention:
    """Drafted and signed on 1 March 2027 from 1 January on: the question is asked, the figure shown, then settled; the
    small town and the landlord leave it."""
    zoe = sign_in("zoe")
    given = typed(world)[name] | {"starts_on": "01/01/2027", "ends_on": "31/12/2028", "earlier_dues": ""}
    asked = zoe.post(f"{reverse('convention-draft')}?organisation={organisation_of(world, name).pk}", given)
    assert asked.status_code == 422
    drafted = write(world, zoe, name, given | {"earlier_dues": "LEFT" if name == "village" else "SETTLED"})
    assert "Ce qui aurait été dû" in text_of(zoe.get(reverse("convention-detail", args=[drafted.pk])))
    return sign(sign_in, name, drafted)


def test_each_lives_its_whole_legal_life(
    world: World, five: dict[str, Convention], sign_in: SignIn, time_machine: Any
) -> None:
    """Amended, suspended, denounced, renewed late, ended by its own way: through the forms, by each party."""

    sign_in = once_a_day(sign_in)

    def on(*day: int) -> datetime:
        now = datetime(*day, 9, tzinfo=UTC)  # type: ignore[misc]
        time_machine.move_to(now, tick=False)
        return now

    council = register_organisation(
        siren=siren(60), name="Département de l’Aude", kind="DEPARTEMENT", territory=world.places["Aude"]
    )
    beside = council.contingents.get()  # in force all along: without any convention, units would wait for one
    convention(world.other_landlord, council, world.places["Aude"], (beside, "4", 9), ends_on=date(2029, 12, 31))
    on(2026, 2, 2)
    rows = {name: amend(world, sign_in, name, row) for name, row in five.items()}
    for name, row in rows.items():
        suspend(sign_in, name, row)
    fall(world, on(2026, 5, 11), 0)  # a T4 of Narbonne, outside QPV
    every = FlowEntry.objects.filter(ledger__landlord=world.other_landlord, ledger__exercise__gte=2026, stage="DUE")
    due = every.exclude(holder__contingent=7).exclude(holder=beside)
    assert sorted(due.values_list("quantity", flat=True)) == [30_000, 270_000], "the State's alone is not suspended"
    on(2026, 9, 15)
    for name, row in rows.items():
        denounce(world, sign_in, name, row)
    for number in range(6):
        fall(world, on(2027, 1 + number // 3, 5 + 10 * (number % 3)), number)
    assert not due.filter(ledger__exercise=2027).exists(), "nothing binds"
    on(2027, 3, 1)
    renewed = {name: renew_late(world, sign_in, name) for name in NAMES}
    book = Ledger.objects.get(landlord=world.other_landlord, exercise=2027)
    for name, row in renewed.items():
        settled = sum(each.entry.quantity for each in row.settled.filter(entry__quantity__gt=0))
        assert (name, settled) == (name, EARLIER[name])
    check_books(book)
    assert list(settlements_adrift(date(2027, 3, 1))) == []

    end_by_accord(sign_in, "als", renewed["als"], "zoe")
    end_by_accord(sign_in, "city", renewed["city"], "chloe")
    end_by_accord(sign_in, "epci", renewed["epci"], "eric")
    act(sign_in("bob"), "notice", renewed["state"], given_on="01/03/2027", why="Aucun logement n’est signalé.")
    on(2027, 4, 30)
    early = {"ends_on": "30/04/2027", "why": "Sans suite.", "sure": "on"}
    assert act(sign_in("bob"), "terminate", renewed["state"], **early).status_code == 422
    on(2027, 5, 4)
    act(sign_in("bob"), "terminate", renewed["state"], ends_on="04/05/2027", why="Sans suite.", sure="on")
    on(2027, 5, 5)
    ordered = {"landlord": world.other_landlord.pk, "departement": world.places["Aude"].pk, "priority": "25"}
    ordered |= {"agents": "5", "ordered_on": "05/05/2027", "starts_on": "05/05/2027", "ends_on": "31/12/2028"}
    done = sign_in("bob").post(reverse("prefect-order-new"), ordered | {"order": "arrêté n° 2027-31"}, follow=True)
    assert "L’arrêté est enregistré" in text_of(done)
    on(2028, 9, 1)
    landlord = world.other_landlord.organisation_id
    act(sign_in("zoe"), "denounce", renewed["village"], organisation=landlord, given_on="01/09/2028")

    ends = {name: Convention.objects.get(pk=row.pk) for name, row in renewed.items()}
    assert {name: (row.status, row.ends_on) for name, row in ends.items()} == {
        "state": ("TERMINATED", date(2027, 5, 4)),
        "als": ("ENDED", date(2027, 6, 30)),
        "city": ("ENDED", date(2027, 6, 30)),
        "village": ("SIGNED", date(2028, 12, 31)),
        "epci": ("ENDED", date(2027, 6, 30)),
    }
    on(2029, 1, 2)
    left = Convention.objects.in_force(date(2029, 1, 2)).filter(landlord=world.other_landlord)
    assert [row.organisation for row in left] == [council]
    for row in ends.values():
        assert "Article 11. Modification, fin et résiliation" in text_of(
            sign_in("zoe").get(reverse("convention-document", args=[row.pk]))
        )


def end_by_accord(sign_in: SignIn, name: str, row: Convention, first: str) -> None:
    """Proposed by one, agreed to by each of the others from its own account: it ends with the last of them."""
    act(sign_in(first), "end", row, ends_on="30/06/2027", why="Service transféré.", sure="on")
    ending = Pause.objects.get(convention=row)
    for person in {"zoe", *others(name)} - {first}:
        assert Convention.objects.get(pk=row.pk).status == "SIGNED", "nobody ends it alone"
        act(sign_in(person), "pause-accept", row, ending.pk)
    paper = text_of(sign_in("zoe").get(reverse("convention-document", args=[row.pk])))
    assert "Fin avancée : " in paper
