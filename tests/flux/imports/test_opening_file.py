"""Opening balances by the one door for files: each fault on its line, the same file twice changing nothing."""

from __future__ import annotations

from django.utils import timezone

from flux.models import OpeningBalance
from flux.operations.openings import answer_opening
from reservations.imports.kinds import kind_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import World

HEAD = (
    "réservataire;contingent;département;compté depuis le;compte tenu ici à partir du;logements entrés dans le flux;"
    "dû;reçus;attribués;source"
)


def line(holder: str, due: str = "12,5", **given: str) -> str:
    """A line of a file that opens the account of Aude today."""
    today = timezone.localdate()
    values = {
        "contingent": "",
        "place": "11",
        "since": f"01/01/{today.year}",
        "opened": f"{today:%d/%m/%Y}",
        "units": "100",
        "due": due,
        "received": "10",
        "allocated": "",
        "source": "suivi 2026",
    } | given
    return ";".join((holder, *values.values()))


def test_openings_come_in_change_until_accepted_and_go_out_as_they_came(world: World) -> None:
    """Two proposed; one put right, then accepted: it no longer changes. What goes out changes nothing."""
    content = csv_of(HEAD, line("Ville de Narbonne"), line(world.state.siren, contingent="2", place="Aude"))
    assert counts(written(world, "ouvertures", content)) == (2, 0, 0, 0)
    assert counts(given(world, "ouvertures", content)) == (0, 0, 2, 0)
    changed = csv_of(HEAD, line("Ville de Narbonne", "13,25", allocated="9"))
    assert counts(written(world, "ouvertures", changed)) == (0, 1, 0, 0)
    opening = OpeningBalance.objects.active().get(holder=world.holders["city"])
    assert (opening.due, opening.received, opening.allocated) == (13_250_000, 10, 9)
    answer_opening(opening=opening, act="ACCEPTED", text="", by=world.people["chloe"])
    late = given(world, "ouvertures", csv_of(HEAD, line("Ville de Narbonne", "14")))
    assert [(number, column) for number, column, _ in faults(late)] == [(2, "réservataire")]
    assert "il compte, et ne change plus" in faults(late)[0][2]
    kind = kind_of("ouvertures")
    names = [column.name for column in kind.columns]
    rows = [";".join(each.get(name, "") for name in names) for each in kind.recorded(world.member("alice"))]
    assert counts(given(world, "ouvertures", csv_of(";".join(names), *rows))) == (0, 0, 2, 0)


def test_each_wrong_opening_is_named_by_line_and_column(world: World) -> None:
    today = timezone.localdate()
    order = given(
        world,
        "ouvertures",
        csv_of(
            HEAD,
            line("Inconnu"),
            line("Ville de Narbonne", place="Nulle part"),
            line("Ville de Narbonne", since=f"{today:%d/%m/%Y}"),
            line("Ville de Narbonne", "douze"),
            line("Ville de Narbonne", place="34"),
            line(world.state.siren),
            line("Action Logement Services", source=""),
        ),
    )
    assert [(number, column) for number, column, _ in faults(order)] == [
        (2, "réservataire"),
        (3, "département"),
        (4, "compté depuis le"),
        (5, "dû"),
        (6, "réservataire"),
        (7, "contingent"),
        (8, "source"),
    ]
    assert not OpeningBalance.objects.exists()
