"""« À défaut de convention, le préfet fixe les règles par arrêté » (CCH, R441-5-2 IV): its part goes to him, dated and
with its source, until a convention is signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from flux.models import FlowEntry, Vacancy
from flux.operations.routing import sweep_waiting_vacancies
from flux.queries.compliance import Situation, board
from flux.queries.controls.accounts import audit
from reservations.imports.conventions import Conventions
from reservations.imports.kinds import kind_of
from reservations.imports.prefect_orders import PrefectOrders
from reservations.models import Convention, HistoryEntry, Landlord
from reservations.operations.convention import PeriodRefused
from reservations.operations.party import register_landlord
from reservations.operations.prefect_order import OrderRefused, record_order
from reservations.queries.rights import promises
from tests.flux.views.pages import text_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, convention, manager_of

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

TODAY = MORNING.date()
ORDER = "arrêté n° 2026-118 du 3 novembre 2026"


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    time_machine.move_to(MORNING)


@pytest.fixture
def corbieres(world: World) -> Landlord:
    """Another landlord: the city has its convention, the State none."""
    landlord = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    convention(landlord, world.city, world.places["Narbonne"], (world.holders["city"], "20", 1))
    return landlord


def ordered(world: World, landlord: Landlord, **given: Any) -> Convention:
    terms = {
        "departement": world.places["Aude"],
        "priority": 250_000,
        "agents": 50_000,
        "starts_on": TODAY,
        "ends_on": date(2027, 12, 31),
        "ordered_on": date(2026, 11, 3),
        "order": ORDER,
        "by": world.people["bob"],
    }
    return record_order(landlord=landlord, **terms | given, today=TODAY)


def due_to(world: World, vacancy: Vacancy) -> dict[str, int]:
    rows = FlowEntry.objects.filter(vacancy=vacancy, stage=FlowEntry.Stage.DUE).select_related("holder__organisation")
    return {str(each.holder): each.quantity for each in rows}


def test_the_share_of_an_order_goes_to_the_prefet_until_a_convention_is_signed(
    world: World, corbieres: Landlord, sign_in: Callable[[str], Client]
) -> None:
    before = world.vacancy(landlord=corbieres)
    sweep_waiting_vacancies(now=MORNING)
    assert due_to(world, before) == {"Ville de Narbonne": 200_000, "Non réservé": 800_000}
    bob = sign_in("bob")
    assert "Enregistrer un arrêté du préfet" in text_of(bob.get(reverse("convention-list")))
    posted = {
        "landlord": corbieres.pk,
        "departement": world.places["Aude"].pk,
        "priority": "25",
        "agents": "5",
        "ordered_on": "03/11/2026",
        "starts_on": "24/11/2026",
        "ends_on": "31/12/2027",
        "order": ORDER,
    }
    url = reverse("prefect-order-new")
    assert bob.get(url).status_code == 200
    assert "Une part va de plus de 0 % à 100 %" in text_of(bob.post(url, posted | {"priority": "0"}))
    words = text_of(bob.post(url, posted, follow=True))
    order = Convention.objects.get(prefect_order=ORDER)
    assert (str(order), order.status, order.signed_on) == (
        "Arrêté du préfet – Aude, 2026–2027",
        "SIGNED",
        date(2026, 11, 3),
    )
    assert "Que fixe l’arrêté du préfet, à défaut de convention Corbières Logis" in words
    assert f"Source {ORDER} Pris le 3 novembre 2026" in words
    assert "Abroger l’arrêté…" in words
    assert "mise en demeure" not in words
    after = world.vacancy(landlord=corbieres)
    sweep_waiting_vacancies(now=MORNING)
    assert due_to(world, after) == {
        "Ville de Narbonne": 200_000,
        "État – publics prioritaires": 250_000,
        "État – agents": 50_000,
        "Non réservé": 500_000,
    }
    [row] = [each for each in board(world.member("bob"), on=TODAY).rows if each.convention == order]
    assert (row.situation, row.falls_to_prefect) == (Situation.ORDER, False)
    words = text_of(bob.get(reverse("compliance")))
    assert "arrêté du préfet, à défaut" in words
    assert "L’arrêté du préfet s’applique : sa part est comptée (CCH, R441-5-2 IV)." in words
    assert "arrêté du préfet" in text_of(bob.get(reverse("convention-list")))
    member = manager_of(corbieres).memberships.get()
    assert [row["réservataire"] for row in Conventions().recorded(member)] == [world.city.siren]

    state = (world.holders["priority"], "25", 2)
    with pytest.raises(PeriodRefused, match="prend la suite à partir du 25/11/2026"):
        convention(corbieres, world.state, world.places["Aude"], state, starts_on=TODAY)
    tomorrow = TODAY + timedelta(days=1)
    drafted = convention(corbieres, world.state, world.places["Aude"], state, starts_on=tomorrow, signed=False)
    assert all(promise.total([1, 2]) == 250_000 for promise in promises(drafted))  # the order is not beside it
    signed = convention(corbieres, world.state, world.places["Aude"], state, starts_on=tomorrow)
    order.refresh_from_db()
    assert (order.status, order.ends_on, signed.status) == ("ENDED", TODAY, "SIGNED")
    assert HistoryEntry.objects.about(order).get(act="ENDED").why == "Une convention est signée avec l’État."
    assert "avancée, par une convention ou son abrogation" in text_of(
        bob.get(reverse("convention-detail", args=[order.pk]))
    )
    assert audit([after.ledger_id]).differences == ()
    with pytest.raises(DatabaseError, match="terms_kept"), transaction.atomic():
        Convention.objects.filter(pk=order.pk).update(prefect_order="")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"order": " "}, "Citez l’arrêté"),
        ({"starts_on": TODAY + timedelta(days=1)}, "s’enregistre quand il s’applique"),
        ({"starts_on": date(2026, 11, 2)}, "prend effet le jour où il est pris, ou après"),
        ({"starts_on": date(2023, 11, 1), "ordered_on": date(2023, 11, 1)}, "aucune convention en flux n’était encore"),
        ({"whose": "mine"}, "Une convention de l’État porte déjà sur ce département du 01/01/2026"),
        ({"departement": "Hérault"}, "Aucun service de l’État n’est enregistré pour ce département"),
    ],
)
def test_an_order_that_has_no_place_is_refused(
    world: World, corbieres: Landlord, given: dict[str, Any], sentence: str
) -> None:
    """Before the day of the law, where the State signed, or without its source."""
    landlord = world.landlord if given.get("whose") else corbieres
    given = {name: value for name, value in given.items() if name != "whose"}
    if "departement" in given:
        given["departement"] = world.places[given["departement"]]
    with pytest.raises(OrderRefused, match=sentence):
        ordered(world, landlord, **given)
    assert not Convention.objects.exclude(prefect_order="").exists()


def test_a_second_order_is_refused_while_one_stands(world: World, corbieres: Landlord) -> None:
    ordered(world, corbieres)
    with pytest.raises(OrderRefused, match=f"L’arrêté « {ORDER} » porte déjà"):
        ordered(world, corbieres)


HEAD = "Département;Arrêté préfectoral;Pris le;Début;Fin;Prioritaires;Agents;Bailleur"


def test_orders_come_in_and_go_out_by_a_file_of_their_own(world: World, corbieres: Landlord) -> None:
    def line(siren: str, place: str = "Aude", start: str = "24/11/2026", **text: str) -> str:
        result = {"end": "31/12/2027", "priority": "25", "agents": "5"} | text
        end, priority, agents = result.values()
        return f"{place};{ORDER};03/11/2026;{start};{end};{priority};{agents};{siren}"

    own = corbieres.organisation.siren
    wrong = csv_of(
        HEAD,
        line(own, place="Nulle part"),
        line(own, place="Hérault"),
        line(world.city.siren),
        line(own, start="25/11/2026"),
        line(own, start="23/11/2026", end="01/01/2020"),
        line(own, start="22/11/2026", priority="40"),
        line(world.landlord.organisation.siren),
    )
    refused = faults(given(world, PrefectOrders.code, wrong, person="bob"))
    assert [(at, column) for at, column, _ in refused] == [
        (2, "département"),
        (3, "département"),
        (4, "bailleur"),
        (5, "début"),
        (6, "fin"),
        (7, "publics prioritaires"),
        (8, "début"),
    ]
    assert "le préfet ne fixe de règles qu’à défaut de convention" in refused[-1][2]
    assert not Convention.objects.exclude(prefect_order="").exists()

    content = csv_of(HEAD, line(own))
    assert counts(written(world, PrefectOrders.code, content, person="bob")) == (1, 0, 0, 0)
    order = Convention.objects.get(prefect_order=ORDER)
    assert (order.landlord, order.signed_on, order.is_order) == (corbieres, date(2026, 11, 3), True)
    shares = set(order.quotas.values_list("holder__contingent", "share"))
    assert shares == {(2, 250_000), (1, 50_000)}
    assert counts(given(world, PrefectOrders.code, content, person="bob")) == (0, 0, 1, 0)
    other = faults(given(world, PrefectOrders.code, csv_of(HEAD, line(own, priority="20")), person="bob"))
    assert [column for _, column, _ in other] == ["publics prioritaires"]
    longer = given(world, PrefectOrders.code, csv_of(HEAD, line(own, end="31/12/2028")), person="bob")
    assert (counts(longer), longer.warned) == ((0, 0, 1, 0), 1)

    there = register_landlord(siren="999000037", name="Minervois Habitat", acronym="MH")
    [result] = kind_of(PrefectOrders.code).recorded(manager_of(corbieres).memberships.get())
    moved = result | {"bailleur": there.organisation.siren}
    file = csv_of(";".join(moved), ";".join(moved.values()))
    assert counts(written(world, PrefectOrders.code, file, person="bob")) == (1, 0, 0, 0)
    assert [dict(each) for each in PrefectOrders().recorded(manager_of(there).memberships.get())] == [moved]


def test_the_order_for_another_holder_comes_in_and_goes_out_by_the_same_file(world: World, corbieres: Landlord) -> None:
    """« Son flux est géré par le préfet » (loi ELAN, art. 114): the file names the holder, and its one part; what
    becomes of the units before is read, or stated to be settled."""
    own, head = corbieres.organisation.siren, f"{HEAD};Réservataire;Part du réservataire;Avant la signature"

    def line(holder: str, share: str, *, start: str = "24/11/2026", priority: str = "", earlier: str = "") -> str:
        return f"Aude;{ORDER};03/11/2026;{start};31/12/2027;{priority};;{own};{holder};{share};{earlier}"

    wrong = csv_of(
        head,
        line("Le Grand Narbonne", ""),
        line("Le Grand Narbonne", "20", priority="25", start="23/11/2026"),
        line("", "20", start="22/11/2026"),
        line(world.state.siren, "20", start="21/11/2026"),
        line("Ville de Narbonne", "20", start="20/11/2026"),
        line("Le Grand Narbonne", "90", start="19/11/2026"),
    )
    result = faults(given(world, PrefectOrders.code, wrong, person="bob"))
    assert [(at, column) for at, column, _ in result] == [
        (2, "part du réservataire"),
        (3, "publics prioritaires"),
        (4, "publics prioritaires"),
        (4, "part du réservataire"),
        (5, "réservataire"),
        (6, "début"),
        (7, "part du réservataire"),
    ]
    assert "plus que la totalité du flux" in result[-1][2]
    late = given(
        world, PrefectOrders.code, csv_of(head, line("Le Grand Narbonne", "20", start="20/11/2026")), person="bob"
    )
    assert late.warned == 1, "applied since the 20th: what becomes of the units is not said"

    content = csv_of(head, line("Le Grand Narbonne", "20", start="20/11/2026", earlier="laissés sans règlement"))
    assert counts(written(world, PrefectOrders.code, content, person="bob")) == (1, 0, 0, 0)
    order = Convention.objects.get(prefect_order=ORDER)
    assert (order.organisation, order.perimeter, order.earlier_dues) == (
        world.epci,
        world.places["Le Grand Narbonne"],
        "LEFT",
    )
    assert list(order.quotas.values_list("holder", "share")) == [(world.holders["epci"].pk, 200_000)]
    assert counts(given(world, PrefectOrders.code, content, person="bob")) == (0, 0, 1, 0)
    for reader in (world.member("bob"), manager_of(corbieres).memberships.get()):
        [out] = kind_of(PrefectOrders.code).recorded(reader)
        assert (out["réservataire"], out["part du réservataire"], out["département"]) == (world.epci.siren, "20", "11")
        again = given(world, PrefectOrders.code, csv_of(";".join(out), ";".join(out.values())), person="bob")
        assert counts(again) == (0, 0, 1, 0)
