"""Rates that vary, on the screens, on paper and in files of a convention."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from pypdf import PdfReader

from reservations.imports.kinds import kind_of
from reservations.models import Convention, FileImport, Membership
from reservations.operations.convention_amendment import amend_convention
from tests.flux.views.test_convention import TERMS
from tests.flux.views.test_convention_document import page, pdf, words
from tests.house.tree import ROOT
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.signing import sign_convention
from tests.world import World

SignIn = Callable[[str], Client]
SMALL = {"typology": "T1, t2", "qpv": "qpv:hors QPV"}
HERE = {"where": "Narbonne", "financing": "PLAI"}


def rows(*values: dict[str, str]) -> dict[str, str]:
    """What a browser sends of the table, row by row."""
    return {f"rate_{place}_{column}": typed for place, row in enumerate(values) for column, typed in row.items()}


TABLE = rows(
    SMALL | {"percent": "30"},
    HERE | {"percent": "0"},
    {"year": "2028", "percent": "27,5"},
    SMALL | {"year": "2028", "percent": "32"},
    HERE | {"year": "2028", "percent": "0"},
    SMALL | HERE | {"percent": "10"},
    SMALL | HERE | {"year": "2028", "percent": "11"},
)
SAID = [
    "T1 ou T2, hors QPV : 30 %",
    "PLAI, à Narbonne : 0 %",
    "à partir de 2028 : 27,5 %",
    "T1 ou T2, hors QPV, à partir de 2028 : 32 %",
    "T1 ou T2, PLAI, hors QPV, à Narbonne, à partir de 2028 : 11 %",
    "tous les autres logements : 25 %",
]


def typed(world: World, table: dict[str, str], percent: str = "25") -> dict[str, str]:
    priority, agents = world.holders["priority"].pk, world.holders["agents"].pk
    period = {"perimeter": str(world.places["Aude"].pk), "starts_on": "01/01/2027", "ends_on": "31/12/2029"}
    whose = {name.rsplit("_", 1)[0] + "_contingent": str(priority) for name in table}
    ranked = {f"percent_{priority}": percent, f"rank_{priority}": "1", f"percent_{agents}": "5", f"rank_{agents}": "2"}
    return TERMS | period | ranked | whose | table | {"rate_rows": "8"}


def drafted(world: World, sign_in: SignIn) -> Convention:
    answer = sign_in("alice").post(f"{reverse('convention-draft')}?organisation={world.state.pk}", typed(world, TABLE))
    assert answer.status_code == 302, words(answer.content)
    return Convention.objects.latest("pk")


def test_table_is_typed_read_printed_and_lived_whole(
    world: World, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """No clause is lost: the same rows on the page, in the form, on paper, in the PDF and by `rights`."""
    row = drafted(world, sign_in)
    unknown = words(sign_in("alice").get(reverse("convention-detail", args=[row.pk])).content)
    assert "au signataire, au taux général, faute d’un flux connu dans le périmètre, du " in unknown
    assert "Ensemble en moyenne" not in unknown
    for _ in range(4):
        world.vacancy(rooms=2)
    world.vacancy(in_qpv=True)
    detail = words(sign_in("alice").get(reverse("convention-detail", args=[row.pk])).content)
    paper = words(sign_in("alice").get(page(row)).content)
    drawn = " ".join(
        "".join(s.extract_text() for s in PdfReader(BytesIO(sign_in("alice").get(pdf(row)).content)).pages).split()
    )
    for text in SAID:
        assert text in detail
        assert text in paper
        assert text in drawn.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Les taux, pondérés par le flux attendu" in detail
    assert "au signataire, en moyenne d’après le flux attendu, du " in detail
    assert "Ensemble en moyenne, " in detail
    assert "en 2028 Chaque logement a le taux de la ligne la plus précise" in detail
    form = sign_in("alice").get(reverse("convention-edit", args=[row.pk])).content.decode()
    assert form.count("Ligne ") == 7 + 3
    assert 'value="T1, T2"' in form
    assert 'value="Narbonne (commune, 11262)"' in form
    call_command("rights", landlord=world.landlord.organisation.siren, on="2027-01-01", json=True)
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator(json.loads((ROOT / "docs/schemas/rights.json").read_text())).validate(printed)
    (result,) = [each for each in printed["conventions"] if each["number"] == row.pk]
    assert [rate["share"] for rate in result["quotas"][0]["rates"]] == [
        300_000,
        0,
        275_000,
        320_000,
        0,
        100_000,
        110_000,
    ]
    assert result["quotas"][0]["rates"][1]["territory"] == {"kind": "COMMUNE", "code": "11262"}
    call_command("rights", landlord=world.landlord.organisation.siren, on="2027-01-01")
    assert "      à partir de 2028 : 27,5 %" in capsys.readouterr().out.replace("\u202f", " ")


def test_amendment_keeps_the_table_and_says_what_it_changes(world: World, sign_in: SignIn) -> None:
    world.end(world.conventions["state"], date(2026, 12, 31))
    row = drafted(world, sign_in)
    sign_convention(convention=row, signed_on=date(2026, 12, 1), by=world.people["alice"])
    amendment = amend_convention(
        convention=row, starts_on=date(2028, 7, 1), by=world.people["alice"], today=date(2028, 1, 1)
    )
    (first, second) = (each.quotas.get(holder=world.holders["priority"]) for each in (row, amendment))
    assert [rate.share for rate in first.rates.all()] == [rate.share for rate in second.rates.all()]
    second.rates.filter(since_year=2028).delete()
    text = words(sign_in("alice").get(page(amendment)).content)
    assert f"Taux : {world.holders['priority']} T1 ou T2, hors QPV : 30 % ; PLAI, à Narbonne : 0 % ; à partir" in text


REFUSED = [
    (rows({"typology": "T9", "percent": "10"}), "« T9 » n’est pas de la liste. Écrivez parmi : T1, T2, T3"),
    (rows({"typology": "T1"}), "Écrivez le taux de cette ligne, ou videz-la."),
    (rows({"where": "Nulle part", "percent": "10"}), "Aucun territoire de cette échelle ne répond"),
    (
        rows({"typology": "T1", "percent": "10"}, {"qpv": "qpv:en QPV", "percent": "20"}),
        "aurait deux taux, « T1 » (10 %) et « en QPV » (20 %). Ajoutez la ligne « T1, en QPV »",
    ),
]


@pytest.mark.parametrize(("table", "sentence"), REFUSED)
def test_a_wrong_row_is_refused_on_the_form_and_kept_as_typed(
    world: World, sign_in: SignIn, table: dict[str, str], sentence: str
) -> None:
    answer = sign_in("alice").post(f"{reverse('convention-draft')}?organisation={world.state.pk}", typed(world, table))
    assert answer.status_code == 422
    text = words(answer.content).replace("\u202f", " ").replace("\u00a0", " ")
    assert sentence in text


def test_units_that_no_row_covers_are_named(world: World, sign_in: SignIn) -> None:
    table = rows({"typology": "T1, T2, T3, T4", "percent": "10"})
    answer = sign_in("alice").post(
        f"{reverse('convention-draft')}?organisation={world.state.pk}", typed(world, table, percent="")
    )
    assert "Écrivez la part générale : aucune ligne de la table ne dit celle d’un T5, un T6+." in words(answer.content)


HEAD = "réservataire;contingent;périmètre;taux;début;fin;lieu du taux;tailles du taux;financements du taux;QPV du taux"


def test_table_goes_out_and_comes_back_by_the_file_of_conventions(world: World) -> None:
    whose = f"{world.state.siren};{world.holders['priority'].contingent};11"
    dates = "01/01/2029;31/12/2029"
    head = f"{HEAD};location du taux;taux à partir de"
    content = csv_of(
        head,
        f"{whose};30;{dates};;T1, T2;;hors QPV;;",
        f"{whose};25;{dates};;;;;;",
        f"{whose};0;{dates};Narbonne;;PLAI;en QPV;;",
    )
    order = written(world, "conventions", content)
    assert (order.state, counts(order)) == (FileImport.State.DONE, (3, 0, 0, 0))
    row = Convention.objects.latest("pk")
    found = [(rate.share, rate.categories, rate.territory_id) for rate in row.quotas.get().rates.all()]
    assert found == [
        (300_000, ["typology:T1", "typology:T2", "qpv:hors QPV"], None),
        (0, ["financing:PLAI", "qpv:en QPV"], world.places["Narbonne"].pk),
    ]
    assert counts(given(world, "conventions", content)) == (0, 0, 3, 0)
    member = Membership.objects.get(user=world.people["alice"])
    out = [line for line in kind_of("conventions").recorded(member) if line["début"] == "01/01/2029"]
    assert [(line["taux"], line.get("tailles du taux", "")) for line in out] == [
        ("25", ""),
        ("30", "T1, T2"),
        ("0", ""),
    ]
    assert out[2]["lieu du taux"] == "Narbonne (commune, 11262)"
    alone = csv_of(head, f"{whose};30;01/01/2030;31/12/2030;;T1;;;;")
    (fault,) = faults(given(world, "conventions", alone))
    assert fault[1:] == (
        "taux",
        f"{world.holders['priority']} a des taux particuliers sans part générale : ajoutez sa ligne sans critère.",
    )


def test_grounds_of_a_row_are_refused_at_their_field(world: World, sign_in: SignIn) -> None:
    """Of the row that cannot be read, and of no other; the form keeps what was typed."""
    city, alice = world.holders["city"].pk, sign_in("alice")
    given = TERMS | {"starts_on": "01/01/2029", "ends_on": "31/12/2029", f"percent_{city}": "12", f"rank_{city}": "9"}
    table = rows({"typology": "T4", "percent": "15", "grounds": "mécénat : 15 %"}, {"typology": "T5", "percent": "14"})
    url = f"{reverse('convention-draft')}?organisation={world.city.pk}"
    answer = alice.post(url, given | table | {"rate_rows": "2"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"rate_0_grounds"}
    assert "« mécénat » n’est pas un fondement connu" in answer.context["form"].errors["rate_0_grounds"][0]
    assert Convention.objects.filter(status="DRAFT").count() == 0
