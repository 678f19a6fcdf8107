"""A cell is read with its format, as a person reads it; a name that two bear is asked; what is written is shown."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from flux.imports.outside import called
from reservations.imports.cells import CellRefused, Reader, decimal, percent, percent_cell, whole
from reservations.imports.table import as_text, read_rows
from reservations.models import Convention, Delegation, Quota, ReservationHolder
from reservations.operations.party import register_landlord, register_organisation
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.reservations.imports.written_as import Cell, Number, ods, xlsx
from tests.reservations.imports.written_as import percent as shown_as_percent
from tests.world import World, siren

SignIn = Callable[[str], Client]
Writing = Callable[..., bytes]
BOTH = pytest.mark.parametrize("write", [xlsx, ods])
HEAD = ("Réservataire", "contingent", "territoire", "taux", "début", "fin", "signature", "délégué à", "part déléguée")
DAYS = ("01/01/2029", "31/12/2031", "15/12/2028")


def line(world: World, rate: Cell, *more: Cell) -> Sequence[Cell]:
    return (world.city.siren, "", "", rate, *DAYS, *more)


@BOTH
def test_a_cell_that_shows_6_25_percent_is_signed_as_6_25_percent(world: World, write: Writing) -> None:
    """The sheet keeps 0.0625: today's convention was signed at 625 millionths."""
    written(world, "conventions", write(HEAD, line(world, shown_as_percent(6.25))))
    assert Quota.objects.latest("pk").share == 62_500


@BOTH
def test_the_share_that_a_prefet_delegates_is_read_under_its_format(world: World, write: Writing) -> None:
    """CCH, L441-1: part of the State's contingent, by its convention."""
    share = shown_as_percent(12.5)
    row = (world.state.siren, "2", "11", "10", *DAYS, world.city.siren, share)
    written(world, "conventions", write(HEAD, row), person="zoe")
    assert Delegation.objects.get().share == 125_000


@BOTH
def test_the_rates_of_an_order_are_read_under_their_format(world: World, write: Writing) -> None:
    """CCH, R441-5-2 IV."""
    landlord = register_landlord(siren="999000029", name="Corbières Habitat", acronym="CH")
    head = ("Département", "Arrêté préfectoral", "Pris le", "Début", "Fin", "Prioritaires", "Agents", "Bailleur")
    dates = ("03/11/2026", "24/11/2026", "31/12/2027")
    rates = (shown_as_percent(25), shown_as_percent(5))
    content = write(head, ("Aude", "arrêté n° 1", *dates, *rates, landlord.organisation.siren))
    written(world, "arretes", content, person="bob")
    shares = Convention.objects.get(prefect_order="arrêté n° 1").quotas.order_by("-share")
    assert list(shares.values_list("share", flat=True)) == [250_000, 50_000]


SHOWN: list[tuple[Number, str]] = [
    (Number(0.0625, "0.00%", "6,25 %"), "6,25 %"),
    (Number(0.07, "0%", "7 %"), "7 %"),
    (Number(0.5, '0.0%;[Red]"-"0.0%', "50,0 %"), "50 %"),
    (Number(6.25, '0.00"%"', "6,25%"), "6,25 %"),
    (Number(1004, "00000", "01004"), "01004"),
    (Number(999000003, "000\\ 000\\ 000", "999 000 003"), "999000003"),
    (Number(0.00001, "General", "0,00001"), "0,00001"),
    (Number(33.3333333333333, "0.00", "33,33"), "33,3333333333333"),
    (Number(1250, "#,##0", "1 250"), "1250"),
]


@BOTH
@pytest.mark.parametrize(("cell", "expected"), SHOWN, ids=[expected for _, expected in SHOWN])
def test_a_number_is_read_as_its_cell_shows_it_and_not_rounded(write: Writing, cell: Number, expected: str) -> None:
    [_, (_, cells)] = read_rows(write(("nom", "taux"), ("x", cell)))
    assert as_text(cells[1]) == expected


def test_a_number_that_a_sheet_has_rounded_stays_unreadable_whatever_its_format() -> None:
    [_, (_, cells)] = read_rows(xlsx(("nom", "numéro"), ("x", Number(11012345678911235.0, "0" * 18))))
    assert not isinstance(as_text(cells[1]), str)


READ: list[tuple[Reader, str, object]] = [
    (whole(1, 9_999), "1 250", 1250),
    (whole(1, 9_999), "1.250", 1250),
    (whole(1, 9_999), "1.250.000", None),
    (whole(1, 9_999), "3,0", 3),
    (whole(1, 9), "4.000", 4),
    (whole(1, 9_999), "1,234", None),
    (whole(1, 9_999), "50 %", None),
    (decimal(0, 100), "12.500", Decimal("12.50")),
    (decimal(0, 9_999), "1.234,567890123456", Decimal("1234.57")),
    (decimal(0, 9_999), "1,234.5", Decimal("1234.50")),
    (decimal(0, 9_999, places=6), "0.500", Decimal("0.500000")),
    (decimal(0, 100, places=4), "33,33333333333333", Decimal("33.3333")),
    (percent, "6,25 %", Decimal("6.2500")),
    (percent, "6,25", Decimal("6.2500")),
    (percent, "0,0625 %", Decimal("0.0625")),
    (percent, "1", Decimal("1.0000")),
    (percent, "0", Decimal("0.0000")),
    (percent, "120 %", None),
    (percent, "% 12 douze", None),
]


@pytest.mark.parametrize(("read", "cell", "expected"), READ, ids=[f"{cell} {expected}" for _, cell, expected in READ])
def test_a_figure_has_one_reading_or_none(read: Reader, cell: str, expected: object) -> None:
    if expected is None:
        with pytest.raises(CellRefused):
            read(cell)
    else:
        assert read(cell) == expected


@pytest.mark.parametrize(
    ("read", "cell", "sentence"),
    [
        (whole(1, 9_999), "1.000", "« 1.000 » se lit 1 ou 1000 : écrivez 1, ou 1000."),
        (whole(1, 9_999), "1,000", "« 1,000 » se lit 1 ou 1000"),
        (decimal(0, 9_999), "1.250", "« 1.250 » se lit 1,25 ou 1250"),
        (percent, "0,0625", "« 0,0625 » se lit 0,0625 % ou 6,25 % : écrivez le signe"),
        (percent, "1.000", "« 1.000 » se lit 1 % ou 100 %"),
    ],
)
def test_a_figure_that_has_two_is_asked(read: Reader, cell: str, sentence: str) -> None:
    """« 1.000 » and 0,0625 are neither refused as no number, nor taken for one of the two."""
    with pytest.raises(CellRefused) as refused:
        read(cell)
    assert sentence in str(refused.value)


def test_a_rate_under_one_per_cent_goes_out_with_its_sign_and_comes_back() -> None:
    for figure in ("0.5", "0.0625", "1", "12.5", "0"):
        assert percent(percent_cell(Decimal(figure))) == Decimal(figure)


def test_what_will_be_written_is_read_with_its_parties_rates_sums_and_days_by_holder(
    world: World, sign_in: SignIn
) -> None:
    """Not counts of lines alone: what a person confirms is what will be signed."""
    content = csv_of(
        ";".join((*HEAD[:7], "logements par an", "flux prévu")),
        "ville de narbonne;;;6,25 %;01/01/2029;31/12/2031;15/12/2028;;",
        "Action Logement Services;;34;;01/01/2030;31/12/2031;15/12/2028;12;240",
        "Action Logement Services;;11;;01/01/2029;31/12/2031;15/12/2028;6;240",
    )
    order = given(world, "conventions", content)
    assert counts(order) == (3, 0, 0, 0), faults(order)
    page = html.unescape(sign_in("alice").get(reverse("file-import", args=[order.pk])).content.decode())
    city = f"Ville de Narbonne (SIREN {world.city.siren}, contingent 4)"
    als = f"Action Logement Services (SIREN {world.als.siren}, contingent {world.holders['als'].contingent})"
    assert f"réservataire : {city} · taux : 6,25 % · début : 01/01/2029 · fin : 31/12/2031" in page
    assert "périmètre : Hérault (département, 34)" in page
    assert order.totals[als]["lignes"] == 2
    for each in (city, als, "6,25 %", "18", "de 01/01/2029 à 01/01/2030"):
        assert each in page, each
    order = given(world, "conventions", content.replace(b"6,25", b"7,25"))
    assert "taux : 7,25 %" in html.unescape(
        sign_in("alice").get(reverse("file-import", args=[order.pk])).content.decode()
    )


@pytest.fixture
def twin(world: World) -> object:
    """Another « Ville de Narbonne », registered last."""
    return register_organisation(
        siren=siren(71), name="Ville de Narbonne", article="la", kind=world.city.kind, territory=world.places["Coursan"]
    )


def test_a_name_that_two_organisations_bear_is_asked_and_neither_is_taken(world: World, twin: object) -> None:
    """Today the last registered wins, over the whole installation: a convention is signed with the wrong commune."""
    content = csv_of(";".join(HEAD[:7]), "Ville de Narbonne;;;10;01/01/2029;31/12/2031;15/12/2028")
    [(at, column, result)] = faults(given(world, "conventions", content))
    assert (at, column) == (2, "réservataire")
    assert all(each in result for each in (world.city.siren, siren(71), "écrivez le SIREN")), result
    exact = csv_of(";".join(HEAD[:7]), f"{siren(71)};;;10;01/01/2029;31/12/2031;15/12/2028")
    assert counts(given(world, "conventions", exact)) == (1, 0, 0, 0)


def test_neither_homonym_delegates_nor_signs_beside(world: World, twin: object) -> None:
    head = (*HEAD[:8], "autres signataires")
    delegated = csv_of(";".join(head), f"{world.state.siren};2;34;10;{';'.join(DAYS)};Ville de Narbonne;")
    beside = csv_of(";".join(head), f"{world.als.siren};;34;10;{';'.join(DAYS)};;Ville de Narbonne")
    for content, column in ((delegated, "délégataires"), (beside, "autres signataires")):
        [(_, where, result)] = faults(given(world, "conventions", content))
        assert (where, siren(71) in result) == (column, True), result


def test_a_homonym_in_the_past_and_a_unit_named_as_another_are_asked(world: World, twin: object) -> None:
    """A unit's reference that is the RPLS identifier of another: neither is taken."""
    both = list(ReservationHolder.objects.filter(organisation__name="Ville de Narbonne").order_by("pk"))
    with pytest.raises(LookupError) as asked:
        called("Ville de Narbonne", None, both)
    assert all(each in str(asked.value) for each in (world.city.siren, siren(71), "Écrivez le SIREN"))
    one, other = world.unit(), world.unit()
    type(one).objects.filter(pk=other.pk).update(rpls_id=one.reference)
    content = csv_of("logement;congé reçu le;libre le", f"{one.reference};24/11/2026;28/02/2027")
    [(_, column, result)] = faults(given(world, "conges", content))
    assert column == "logement"
    assert "d’un logement et l’identifiant RPLS d’un autre" in result
