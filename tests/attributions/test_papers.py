"""What was sealed or signed leaves in the archive byte for byte, each file with its seal in the list of its folder, and
its taking is written down."""

from __future__ import annotations

import csv
import io
import random
import tracemalloc
import zipfile
from datetime import date
from hashlib import sha256

from attributions.bilan.exports.lists import SentBalances
from attributions.bilan.models import BalanceDownload, BalanceVersion
from attributions.households.models import AccessRecord, CommitteeSession
from attributions.households.operations.agenda import postpone_item
from attributions.households.operations.session import close_session
from reservations.exports.papers import Attachments
from reservations.imports.kept import CHUNK
from reservations.models import Convention, Signatory
from reservations.operations.documents import attach_document
from reservations.takeaway import make_archive, order_archive, parts
from tests.attributions.bilan.balances import lived, people, send, sign
from tests.attributions.households.sittings import HOUR, house
from tests.guards import unguarded
from tests.world import MORNING, World, convention

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def taken(world: World, person: str = "alice") -> tuple[dict[str, bytes], dict[str, int]]:
    """The files of the archive that this person has made, and what its page counts."""
    order = order_archive(member=world.member(person), now=MORNING)
    assert make_archive(archive_id=order.pk)
    order.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(b"".join(parts(order)))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}, order.counts


def listed(files: dict[str, bytes], folder: str) -> list[dict[str, str]]:
    """The list of a folder; each file is there, and is what its seal says."""
    rows = list(csv.DictReader(io.StringIO(files[f"{folder}/liste.csv"].decode("utf-8-sig")), delimiter=";"))
    there = {name.partition("/")[2] for name in files if name.startswith(f"{folder}/")}
    assert there == {row["fichier"] for row in rows} | {"liste.csv"}
    for row in rows:
        assert sha256(files[f"{folder}/{row['fichier']}"]).hexdigest() == row["empreinte SHA-256"]
    return rows


def test_balances_leave_as_they_were_sent_with_who_signed(world: World) -> None:
    lived(world)
    people(world)
    version = send(world)
    sign(world, version)
    version.refresh_from_db()
    assert version.sealed_at is not None
    files, counts = taken(world)
    [row] = listed(files, "bilans")
    assert counts["Bilans envoyés"] == 1
    assert files[f"bilans/{row['fichier']}"].decode() == BalanceVersion.objects.get().content
    signed = {each.organisation.siren for each in version.signatures.all()}
    assert {each.split(" le ")[0] for each in row["signée par"].split(", ")} == signed
    [download] = BalanceDownload.objects.filter(version=version, form="JSON")
    assert download.user == world.people["alice"]
    assert [each.seal for each in SentBalances().of(world.member("chloe"))] == [version.seal], "a holder has its own"
    others, counts = taken(world, "zoe")
    assert not [name for name in others if "/" in name]
    assert "Bilans envoyés" not in counts


def test_minutes_leave_sealed_and_the_journal_says_who_took_them(world: World) -> None:
    at = house(world)
    item = at.opened()
    session = item.session
    postpone_item(item=item, why="Une pièce manque.", by=at.secretary, now=MORNING + 2 * HOUR)
    close_session(session=session, by=at.secretary, now=MORNING + 3 * HOUR)
    files, _ = taken(world)
    [row] = listed(files, "proces-verbaux")
    assert row["empreinte SHA-256"] == CommitteeSession.objects.get().seal
    assert row["commission"] == "CALEOL de Robine Habitat"
    [access] = AccessRecord.objects.filter(what="MINUTES", downloaded=True)
    assert (access.user, access.files) == (world.people["alice"], 1)


def test_what_is_attached_to_a_convention_leaves_with_it(world: World) -> None:
    row = Convention.objects.get(landlord=world.landlord, organisation=world.city)
    attach_document(convention=row, name="signée.pdf", content=PDF, by=world.people["alice"])
    files, _ = taken(world)
    [row] = listed(files, "conventions")
    assert (row["SIREN du réservataire"], row["nom"]) == (world.city.siren, "signée.pdf")
    assert files[f"conventions/{row['fichier']}"] == PDF


def test_an_archive_is_made_and_taken_in_flat_memory(world: World) -> None:
    """Twelve scans of four megabytes: neither the worker nor the site ever holds half of them."""
    convention, scan = Convention.objects.get(landlord=world.landlord, organisation=world.city), 4 * 1024 * 1024
    for each in range(12):
        content = PDF + random.Random(each).randbytes(scan)
        attach_document(convention=convention, name=f"{each}.pdf", content=content, by=world.people["alice"])
    del content
    order = order_archive(member=world.member("alice"), now=MORNING)
    tracemalloc.start()
    try:
        assert make_archive(archive_id=order.pk)
        taken = sum(len(part) for part in parts(order))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    order.refresh_from_db()
    assert taken == order.size > 12 * scan
    assert peak < order.size / 2
    assert max(len(bytes(each.content)) for each in order.parts.all()) <= CHUNK


def test_its_end_is_the_one_agreed_and_each_of_its_parties_takes_it(world: World) -> None:
    """Renewed tacitly without limit, it reaches a day that nobody signed (docs/decisions/0074). A third party keeps
    what it signed too."""
    row = convention(
        world.other_landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "12", 1),
        renewal_months=12,
        notice_months=3,
        ends_on=date(2028, 12, 31),
    )
    with unguarded("reservations_signatory.kept_once_out_of_draft"):
        Signatory.objects.create(convention=row, organisation=world.epci, signed_on=row.starts_on, means="FILE")
    attach_document(convention=row, name="signée.pdf", content=PDF, by=world.people["zoe"])
    for person in ("zoe", "chloe", "emma"):
        [paper] = Attachments().of(world.member(person))
        found = dict(zip(Attachments.columns, paper.said, strict=True))
        assert (found["fin"], found["reconduction"]) == ("31/12/2028", "pour 1 an, sans limite de nombre"), person
    assert not list(Attachments().of(world.member("bob")))
