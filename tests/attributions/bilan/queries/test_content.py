"""A balance names the préfet's order under which a part was served, on every output, and keeps it once it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from attributions.bilan.operations.sending import send_balance
from attributions.bilan.queries.content import Version, content
from attributions.bilan.queries.figures import in_form, same
from flux.operations.cancellation import cancel_vacancy
from flux.operations.routing import sweep_waiting_vacancies
from reservations.models import Delegation
from reservations.operations.convention_end import repeal_order
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_landlord
from reservations.operations.prefect_order import record_holder_order, record_order
from tests.attributions.bilan.balances import DAY, SENT, YEAR, people, sign
from tests.attributions.bilan.exports.test_kept import SCHEMA, paper
from tests.calc import opened
from tests.flux.operations.test_returning import send
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, manager_of

TODAY = MORNING.date()
STATE = "La part de l’État est fixée par le préfet, à défaut de convention : arrêté n° 2026-118, du 24 novembre 2026"
OTHER = (
    "La part du Grand Narbonne est gérée par le préfet, à défaut de convention : arrêté n° 2026-119, du "
    "24 novembre 2026"
)


def test_a_balance_counts_what_delegates_propose_on_every_output_and_what_is_sent_keeps_it(
    world: World, sign_in: Callable[[str], Client], time_machine: Any, tmp_path: Path
) -> None:
    """Of both: what the agglomeration was routed, and what its commune proposes of it (docs/decisions/0126)."""
    time_machine.move_to(MORNING, tick=False)
    quota = world.conventions["epci"].quotas.get()
    Delegation.objects.create(quota=quota, delegate=world.city, share=400_000)
    routed = [send(world, "epci") for _ in range(5)]
    bob, place = sign_in("bob"), [world.landlord.pk, YEAR]
    written = json.loads(b"".join(bob.get(reverse("balance-json", args=place))))
    assert [error.message for error in Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(written)] == []
    city = {"siren": world.city.siren, "name": "Ville de Narbonne", "article": "la", "units": 2}
    values = {"siren": world.epci.siren, "contingent": 4, "name": "Le Grand Narbonne", "routed": 5, "delegates": [city]}
    assert written["delegated"] == [values]
    csv = b"".join(bob.get(f"{reverse('balance-csv', args=place)}?table=delegations")).decode("utf-8-sig")
    assert csv.splitlines()[-1].endswith("Le Grand Narbonne;5;Ville de Narbonne;2")
    pages = [text_of(bob.get(reverse("balance", args=place))), paper(bob, reverse("balance-pdf", args=place))]
    book = opened(b"".join(bob.get(reverse("balance-xlsx", args=place))), tmp_path)
    row = ["Le Grand Narbonne", "5", "Ville de Narbonne", "2"]
    assert [[str(cell) for cell in each] for sheet in book for each in sheet if each[2:3] == [row[2]]] == [row]

    time_machine.move_to(SENT, tick=False)
    about = {"landlord": world.landlord, "departement": world.places["Aude"], "exercise": YEAR}
    people(world)
    version = send_balance(**about, by=world.people["alice"], now=SENT)
    sign(world, version)
    time_machine.move_to(after := SENT + 5 * DAY, tick=False)
    cancel_vacancy(
        vacancy=next(each for each in routed if each.acting).vacancy,
        reason="NOTICE_WITHDRAWN",
        text="Le locataire reste.",
        by=world.people["aline"],
        now=after,
    )
    bob, at = sign_in("bob"), [*place, "11", version.number]
    assert json.loads(version.content)["delegated"] == [values]
    pages += [
        text_of(bob.get(reverse("balance-version", args=at))),
        paper(bob, reverse("balance-version-pdf", args=at)),
    ]
    for words in pages:
        assert "Le Grand Narbonne : 5 logements orientés, dont 2 proposés, par délégation, par la Ville de" in words
    (tmp_path / "sent").mkdir()
    book = opened(b"".join(bob.get(reverse("balance-version-xlsx", args=at))), tmp_path / "sent")
    assert [[str(cell) for cell in each] for sheet in book for each in sheet if each[2:3] == [row[2]]] == [row]
    assert "delegated" not in in_form(json.loads(version.content), 5)
    read = json.loads(b"".join(bob.get(reverse("balance-json", args=place))))
    assert (bool(read["sealed"]), read["delegated"]) == (True, [values]), "a sealed year says what was sealed"


def test_a_balance_names_the_orders_that_stood_and_what_is_sent_keeps_them(
    world: World, sign_in: Callable[[str], Client], time_machine: Any, tmp_path: Path
) -> None:
    """The State serves the part of who did not sign (loi ELAN, art. 114; docs/decisions/0119): who reads the year must
    know it, once the order is repealed too."""
    time_machine.move_to(MORNING, tick=False)
    landlord = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    days = {"starts_on": TODAY, "ends_on": date(2027, 12, 31), "ordered_on": date(2026, 11, 3)}
    common = {"landlord": landlord, "departement": world.places["Aude"], "by": world.people["bob"], **days}
    record_order(priority=250_000, agents=50_000, order="arrêté n° 2026-118", **common)
    quotas = [QuotaTerms(world.holders["epci"], 200_000, 3)]
    order = record_holder_order(organisation=world.epci, quotas=quotas, order="arrêté n° 2026-119", **common)
    world.vacancy(landlord=landlord)
    sweep_waiting_vacancies(now=MORNING)
    bob, place = sign_in("bob"), [landlord.pk, YEAR]
    written = json.loads(b"".join(bob.get(reverse("balance-json", args=place))))
    assert [error.message for error in Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(written)] == []
    assert [(each["of_the_state"], each["name"]) for each in written["orders"]] == [
        (True, "Préfecture de l’Aude"),
        (False, "Le Grand Narbonne"),
    ]
    csv = b"".join(bob.get(f"{reverse('balance-csv', args=place)}?table=arretes")).decode("utf-8-sig")
    assert "arrêté n° 2026-119" in csv
    live = [text_of(bob.get(reverse("balance", args=place))), paper(bob, reverse("balance-pdf", args=place))]

    time_machine.move_to(SENT, tick=False)
    about = {"landlord": landlord, "departement": world.places["Aude"], "exercise": YEAR}
    version = send_balance(**about, by=manager_of(landlord), now=SENT)
    day = SENT.date()
    repeal_order(convention=order, ends_on=day, why="Convention à venir.", by=world.people["bob"], today=day)
    bob, at = sign_in("bob"), [*place, "11", version.number]
    sent = [
        text_of(bob.get(reverse("balance-version", args=at))),
        paper(bob, reverse("balance-version-pdf", args=at)),
    ]
    for words in (*live, *sent):
        assert STATE in words
        assert OTHER in words
    *_, sheet = opened(b"".join(bob.get(reverse("balance-version-xlsx", args=at))), tmp_path)
    assert [[row[0], row[-1]] for row in sheet if row[-1:] == ["arrêté n° 2026-119"]] == [
        ["Le Grand Narbonne", "arrêté n° 2026-119"]
    ]
    # What was sent before balances named orders is compared in its own form: it asks for no other version.
    now = content(landlord, world.places["Aude"], YEAR, Version(2, SENT.date()), kept=None)
    old = in_form(json.loads(version.content), 4)
    assert ("orders" in old, old["format"], same(old, now)) == (False, 4, True)
