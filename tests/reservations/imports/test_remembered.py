"""What an organisation reported once of its files leaves with the rest, and comes back: names of holders and places,
and the columns that it recognised by hand."""

from __future__ import annotations

from reservations.imports.door import receive_file, tell_columns
from reservations.imports.kinds import kind_of
from reservations.imports.remembered import Mappings, Nicknames
from reservations.models import ColumnMapping, FileImport, Nickname
from reservations.operations.service_notice import remember_nickname
from reservations.takeaway import leaving_kinds
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import World


def file_of(world: World, code: str, person: str = "alice") -> bytes:
    kind = kind_of(code)
    head = [column.name for column in kind.columns]
    lines = kind.recorded(world.member(person))
    return csv_of(";".join(head), *(";".join(line.get(name, "") for name in head) for line in lines))


def test_names_and_columns_reported_once_leave_and_come_back_the_same(world: World) -> None:
    alice = world.member("alice")
    for each, meant in (
        ("Mme Durand", {"holder": world.holders["city"]}),
        ("agents", {"holder": world.holders["agents"]}),
        ("l’agglo", {"place": world.places["Le Grand Narbonne"]}),
        ("Mme Durand", {"place": world.places["Narbonne"]}),
    ):
        remember_nickname(organisation=alice.organisation, text=each, by=alice.user, **meant)
    conges = kind_of("conges")
    content = csv_of("Appart;Reçu;Dispo", "RH-01-001;24/11/2026;28/02/2027")
    order = receive_file(organisation=alice.organisation, kind=conges, name="a.csv", content=content, by=alice.user)
    assert order.state == FileImport.State.CHOSEN
    tell_columns(order=order, places={"logement": 0, "congé reçu le": 1, "libre le": 2})

    assert {Nicknames.code, Mappings.code} <= {kind.code for kind in leaving_kinds(alice)}
    names, columns = file_of(world, Nicknames.code), file_of(world, Mappings.code)
    assert columns.decode("utf-8-sig").split("\r\n")[1:] == [
        "conges;congé reçu le;Reçu",
        "conges;libre le;Dispo",
        "conges;logement;Appart",
    ]
    assert counts(given(world, Nicknames.code, names)) == (0, 0, 4, 0)
    assert counts(given(world, Mappings.code, columns)) == (0, 0, 3, 0)
    for code, content in ((Nicknames.code, names), (Mappings.code, columns)):
        written(world, code, content, person="zoe")
        assert file_of(world, code, "zoe") == content
    there = ColumnMapping.objects.get(organisation=world.other_landlord.organisation)
    assert there.names == {"logement": "Appart", "congé reçu le": "Reçu", "libre le": "Dispo"}

    otherwise = csv_of("dans vos fichiers;SIREN;contingent", f"mme durand;{world.als.siren};")
    assert counts(written(world, Nicknames.code, otherwise)) == (0, 1, 0, 0)
    assert (
        Nickname.objects.get(organisation=alice.organisation, key="mme durand", place=None).holder
        == (world.holders["als"])
    )


def test_each_wrong_name_or_column_is_named_by_its_line(world: World) -> None:
    names = csv_of(
        "dans vos fichiers;SIREN;contingent;échelle;code du lieu",
        "un;;;;",
        "deux;000000000;;;",
        "trois;;;commune;99999",
        "quatre;;;;11262",
        f"cinq;{world.state.siren};;;",
        f"six;{world.other_landlord.organisation.siren};;;",
    )
    assert [(at, column) for at, column, _ in faults(given(world, Nicknames.code, names))] == [
        (2, "SIREN"),
        (3, "SIREN"),
        (4, "code du lieu"),
        (5, "échelle"),
        (6, "contingent"),
        (7, "SIREN"),
    ]
    columns = csv_of("nature;colonne;dans vos fichiers", "inconnue;logement;Appart", "conges;loyer;Loyer")
    assert [(at, column) for at, column, _ in faults(given(world, Mappings.code, columns))] == [
        (2, "nature"),
        (3, "colonne"),
    ]
