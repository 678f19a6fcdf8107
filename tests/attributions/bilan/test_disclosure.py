"""The attacker of the pages: everything that a person may read or download, in one system of linear constraints.

Who is not entitled signs in, opens the objectives under every filter, the pages of the territory, the home page, the
papers of every overseer on paper and as PDFs, and knows the leases of their own organisation. An exact solver then
finds between which bounds each count is.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.queries.objective_leases import OF_UNITS, WITHHELD
from flux.models import Routing
from reservations.models import Landlord
from reservations.operations.party import register_landlord
from tests.attributions.bilan.solver import squeezed
from tests.attributions.households.lettings import sign
from tests.flux.views.test_account import page
from tests.world import MORNING, World, siren
from tests.world_again import kept

SignIn = Callable[[str], Client]
Code = Objective.Code
LEAST = 5
#: The least thing that filters state apart: leases of a landlord in a commune.
Place = tuple[int, str]
#: What is read: of these places together, so many at least, and at most.
Read = tuple[frozenset[Place], int, int]
#: « entre 28 et 33 » or « 24 », then of how many leases.
FIGURES = r"(?:entre (\d+) et (\d+)|(\d+)) (?:sur )?(\d+)"
#: Landlord, commune, holder ("" for the landlord itself, in a priority district), households of the first quartile that
#: have priority and an essential trade, and others.
LIVED = (
    (0, "Narbonne", "als", 14, 26),
    (0, "Narbonne", "city", 9, 8),
    (0, "Narbonne", "priority", 7, 6),
    (0, "Coursan", "als", 4, 4),
    (0, "Coursan", "priority", 3, 5),
    (0, "Sigean", "als", 1, 3),
    (1, "Narbonne", "city", 6, 2),
    (1, "Narbonne", "als", 5, 6),
    (1, "Coursan", "priority", 6, 5),
    (2, "Narbonne", "city", 2, 5),
    (2, "Sigean", "als", 3, 1),
    (3, "Coursan", "als", 3, 6),
    (3, "Sigean", "priority", 3, 4),
    (0, "Narbonne", "", 12, 9),
    (0, "Coursan", "", 2, 6),
    (1, "Narbonne", "", 6, 3),
    (2, "Sigean", "", 1, 4),
    (3, "Coursan", "", 3, 5),
)


@kept
def _lived(world: World) -> World:
    """Leases of two landlords, some of the first quartile."""
    for landlord, commune, holder, counted, others in LIVED:
        for number in range(counted + others):
            vacancy = world.vacancy(landlord=owners(world)[landlord], commune=commune)
            if holder:
                Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
            quartile = 1 if number < counted else 3
            facts = {"has_priority": number < counted, "essential_worker": number < counted}
            facts |= {"urban_renewal": False, "in_mix_residence": True, "in_qpv": not holder}
            sign(world, vacancy, income_quartile=quartile, **facts)
    return world


@pytest.fixture
def lived(world: World, time_machine: Any) -> World:
    time_machine.move_to(MORNING, tick=False)
    return _lived(world)


def owners(world: World) -> list[Landlord]:
    names = ("Corbières Logis", "La Clape Habitat")
    for number, name in enumerate(names):
        if not Landlord.objects.filter(organisation__name=name).exists():
            register_landlord(siren=siren(300 + number), name=name, acronym=name[:2].upper())
    return [world.landlord, world.other_landlord, *(Landlord.objects.get(organisation__name=name) for name in names)]


HOLDERS = ("als", "city", "priority")
#: The objectives that count households, as their rows begin, and the holders whose leases they bear on.
ASKED = {
    Code.FIRST_QUARTILE_OUTSIDE_QPV: ("Hors QPV", HOLDERS),
    Code.OTHERS_IN_QPV: ("En QPV", ("",)),
    Code.PRIORITY_AUTHORITY: ("Collectivités", ("city",)),
    Code.PRIORITY_ACTION_LOGEMENT: ("Action Logement", ("als",)),
    Code.PRIORITY_LANDLORD: ("Bailleur", ("",)),
    Code.ESSENTIAL_WORKERS: ("Travailleurs essentiels", (*HOLDERS, "")),
    Code.MIX_RESIDENCES: ("Résidences à enjeu prioritaire de mixité", (*HOLDERS, "")),
}
#: Those that count the quartiles which the others leave out.
OTHERS = (Code.OTHERS_IN_QPV, Code.MIX_RESIDENCES)
FIRST = Code.FIRST_QUARTILE_OUTSIDE_QPV


def truth(world: World, code: Code = FIRST) -> dict[Place, Counter[str]]:
    """Counted households of each landlord and commune, by the organisation that knows them; "leases" of all."""
    found: dict[Place, Counter[str]] = {}
    for landlord, commune, holder, counted, others in LIVED:
        if holder not in ASKED[code][1]:
            continue
        of = found.setdefault((owners(world)[landlord].pk, commune), Counter())
        owner = owners(world)[landlord].organisation.name
        organisation = world.holders[holder].organisation.name if holder else owner
        yes, no = (others, counted) if code in OTHERS else (counted, others)
        for who in {owner, organisation, ""}:
            of[who] += yes
            of[f"{who} non"] += no
    return found


def figures(text: str) -> tuple[int, int, int] | None:
    """(least, most, leases) of a line; None when it gives none."""
    found = re.search(FIGURES, " ".join(re.sub("<.*?>", " ", text).split()))
    if found is None or "non communiqué" in text.lower():
        return None
    low, high, exact, leases = found.groups()
    return int(low or exact), int(high or exact), int(leases)


def objective(text: str, code: Code) -> tuple[int, int, int] | None:
    """« 24 sur 70 » of an objective of the page, or « entre 28 et 33 sur 119 »; None when it is not given."""
    row = re.search(rf'<th scope="row"[^>]*>{ASKED[code][0]}.*?</tr>', text, re.DOTALL)
    assert row is not None, code
    return figures(row[0].split("</td>")[0].split('class="hint"')[0])


def lines(text: str, world: World, code: Code = FIRST) -> Iterator[tuple[set[int], int, int, int]]:
    """(landlords, least, most, leases) of the lines of an objective’s table; all the landlords: its total."""
    caption = re.search(rf"<caption[^>]*>\s*<span[^>]*>{ASKED[code][0]}.*?</table>", text, re.DOTALL)
    if caption is None:
        return
    names = {str(each): each.pk for each in owners(world)}
    for row in re.findall(r"<tr.*?</tr>", caption[0], re.DOTALL):
        result = re.sub("<.*?>", " ", row)
        chosen = {pk for name, pk in names.items() if name in result} or set(names.values())
        if read := figures(result):
            yield chosen, *read


def written_down(world: World, sign_in: SignIn, name: str) -> dict[Code, list[Read]]:
    """Everything that a person reads on the pages of the objectives, by objective."""
    client, found = sign_in(name), {code: [] for code in ASKED}
    known = {code: truth(world, code) for code in ASKED}
    wheres = ("", "Narbonne", "Coursan", "Sigean", "Le Grand Narbonne", "Aude")
    for landlord, where in product((None, *owners(world)), wheres):
        query = {"year": "2026"}
        query |= {"landlord": str(landlord.pk)} if landlord else {}
        query |= {"territory": str(world.places[where].pk)} if where else {}
        text = client.get(reverse("objective-list"), query).content.decode()
        for code, of in known.items():
            kept = [cell for cell in of if landlord is None or cell[0] == landlord.pk]
            kept = [cell for cell in kept if where not in ("Narbonne", "Coursan", "Sigean") or cell[1] == where]
            if (rows := objective(text, code)) is not None and "le filtre est ignoré" not in text:
                # A person reads of the places where it has a right: the number of leases says which.
                found[code].append((frozenset(seen(kept, rows[2], of)), rows[0], rows[1]))
    return found


def seen(cells: list[Place], leases: int, of: dict[Place, Counter[str]]) -> list[Place]:
    """Those of these places that make up so many leases: all of them, or those of Narbonne."""
    for some in (cells, [cell for cell in cells if cell[1] == "Narbonne"]):
        if sum(of[cell][""] + of[cell][" non"] for cell in some) == leases:
            return some
    raise AssertionError(f"{leases} leases are those of no places: {cells}")


def papers(world: World, sign_in: SignIn, *names: str) -> dict[Code, list[Read]]:
    """What these pages give of each objective, papers by default, as both overseers have them."""
    found: dict[Code, list[Read]] = {code: [] for code in ASKED}
    for name, address in product(("emma", "bob"), names or ("balance-cil",)):
        where = reverse(address, args=[] if address == "home" else [2026])
        text = page(sign_in(name), where)
        for code, read in found.items():
            for chosen, low, high, _ in lines(text, world, code):
                read.append((frozenset(cell for cell in truth(world, code) if cell[0] in chosen), low, high))
    return found


def test_attacker_squeezes_no_small_count_from_any_pages_or_papers(lived: World, sign_in: SignIn) -> None:
    """Not entitled, or not yet; with the papers of both overseers, and what their organisation knows."""
    of = truth(lived)
    assert counted_in_the_database() == {
        place: (counts[""], counts[""] + counts[" non"]) for place, counts in of.items()
    }
    common = papers(lived, sign_in, "balance-territory", "balance-cil", "balance-one-page", "home")
    assert any(low == high for _, low, high in common[FIRST]), "papers give counts"
    bounded = 0
    for name in ("chloe", "adam", "emma", "zoe", "alice"):
        read = {} if name in ("zoe", "alice") else written_down(lived, sign_in, name)
        for code in ASKED:
            found = common[code] + read.get(code, [])
            if not found:
                continue
            attack(f"{name}, {code}", lived.member(name).organisation.name, found, truth(lived, code))
            bounded += sum(low < high for _, low, high in found)
    assert bounded, "bounds are read too"
    assert {code for code in ASKED if common[code]} == set(ASKED) - set(WITHHELD)
    assert set(Code) - set(ASKED) == set(OF_UNITS), "what counts units is shown by accounts"
    for code in set(ASKED) - set(WITHHELD):
        attack(f"public, {code}", "nobody", common[code], truth(lived, code))


def counted_in_the_database() -> dict[Place, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.landlord_id, c.name, count(*) FILTER (WHERE l.income_quartile = 1), count(*) "
            "FROM attributions_lease l JOIN flux_vacancy v ON v.id = l.vacancy_id JOIN flux_unit u ON u.id = v.unit_id "
            "JOIN reservations_territory c ON c.id = u.commune_id WHERE NOT l.in_qpv GROUP BY 1, 2"
        )
        return {(landlord, name): (counted, leases) for landlord, name, counted, leases in cursor.fetchall()}


def attack(name: str, organisation: str, read: list[Read], of: dict[Place, Counter[str]]) -> None:
    """Of a few households, everything that is read, less what the organisation knows, leaves as many counts as the
    threshold, or as their leases allow."""
    known = {place: counts[organisation] for place, counts in of.items()}
    left = {
        place: (counts[""] - counts[organisation], counts[" non"] - counts[f"{organisation} non"])
        for place, counts in of.items()
    }
    unknown = [
        (places, low - sum(known[each] for each in places), high - sum(known[each] for each in places))
        for places, low, high in read
    ]
    landlords, communes = ({place[number] for place in of} for number in (0, 1))
    asked = [
        frozenset(place for place in of if landlord in (None, place[0]) and commune in (None, place[1]))
        for landlord, commune in product((None, *landlords), (None, *communes))
    ]
    views = dict.fromkeys([*asked, *(places for places, _, _ in read)])
    assert squeezed(left, unknown, views, LEAST) == [], name


def test_officer_entitled_reads_every_cell_and_papers_do_not_move(lived: World, sign_in: SignIn) -> None:
    before = papers(lived, sign_in)
    for name in ("emma", "bob"):
        state_purpose(member=lived.member(name), exercise=2026, why="CIL")
    text = page(sign_in("emma"), reverse("balance-territory", args=[2026]))
    values = {frozenset(chosen): (counted, leases) for chosen, counted, _, leases in lines(text, lived)}
    robine, orb, corbieres, clape = (frozenset({each.pk}) for each in owners(lived))
    assert [values[each] for each in (robine, orb, corbieres, clape)] == [(38, 90), (17, 30), (5, 11), (6, 16)]
    assert values[robine | orb | corbieres | clape] == (66, 147)
    assert papers(lived, sign_in) == before
    for name in ("balance-cil", "balance-one-page"):
        shown = page(sign_in("emma"), reverse(name, args=[2026]))
        response = sign_in("emma").get(reverse(f"{name}-pdf", args=[2026]))
        pages = PdfReader(io.BytesIO(response.content)).pages
        written = " ".join(" ".join(each.extract_text().split()) for each in pages)
        for _, low, high, leases in lines(shown, lived):
            assert (f"{low} sur {leases}" if low == high else f"entre {low} et {high} sur {leases}") in written
        for code in ASKED:
            for _, low, high, leases in lines(shown, lived, code):
                assert (f"{low} sur {leases}" if low == high else f"entre {low} et {high} sur {leases}") in written
        assert not re.search(r"(?<!et )\b5 sur 11\b", written)
