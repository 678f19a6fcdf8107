"""The verifiable log: every imprint becomes a leaf, in order, by one writer; whoever rewrites it is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from aics_tlog import MerkleTree
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from attributions.households.models import Application
from flux.models import FlowEntry
from reservations.models import Imprint, Leaf, LeafSalt, LogCheckpoint, LogHorizon, LogNode, Organisation
from reservations.operations.log import append_leaves, sign_checkpoint
from reservations.queries.log import LogDifference, LogFault, differences, entries, opened, size, tile, tree
from reservations.verifiable.notes import Kind, NoteFault, Signer, read_checkpoint, read_note
from reservations.verifiable.tree import ProofFault, leaf_hash, root_by_inclusion
from tests.attributions.households.named import household
from tests.house.test_tampering import behind_the_triggers
from tests.leases import let
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

KEY = Signer("log.example/journal", Kind.NOTE, bytes(range(32)))
LATER = Signer("log.example/journal", Kind.COSIGNATURE_ML, bytes(range(32)))


@kept
def an_account(world: World) -> None:
    """One with its facts."""
    let(world, world.vacancy())


an_account = pytest.fixture(an_account)


@pytest.fixture
def routed(an_account: None) -> int:
    """All of it is in the log: how many leaves."""
    return append_leaves()


def test_each_imprint_is_a_leaf_in_the_order_in_which_it_was_written(routed: int) -> None:
    written = list(Imprint.objects.order_by("pk").values_list("pk", flat=True))
    assert routed == len(written) == size() > 256
    assert list(Leaf.objects.order_by("index").values_list("index", "imprint")) == list(enumerate(written))
    assert append_leaves() == 0


def test_the_tree_is_that_of_its_entries_as_anybody_computes_it(routed: int) -> None:
    """RFC 6962 over the bytes that are published; batches change nothing."""
    held = entries(0, routed)
    assert tree().root() == MerkleTree(held).root()
    assert [leaf_hash(each) for each in held[256:512]] == tile(0, 1)
    assert tile(1, 0) == [MerkleTree(held[at : at + 256]).root() for at in range(0, routed - 255, 256)]
    assert differences() == []


def test_batches_write_the_same_tree(world: World) -> None:
    let(world, world.vacancy())
    assert append_leaves(batch=100) == size()
    assert tree().root() == MerkleTree(entries(0, size())).root()
    assert differences() == []


def test_an_entry_names_its_account_and_no_content(routed: int) -> None:
    entry = FlowEntry.objects.order_by("pk")[0]
    (found,) = opened("flux_flowentry", [entry.pk])
    imprint = found.leaf.imprint
    payload = json.loads(found.leaf.entry)
    assert payload == {
        "at": imprint.at.isoformat().replace("+00:00", "Z"),
        "commitment": hashlib.sha256(found.salt + bytes(imprint.digest or b"")).hexdigest(),
        "holder": entry.holder_id,
        "imprint": imprint.pk,
        "ledger": entry.ledger_id,
        "rank": imprint.position,
        "row": entry.pk,
        "table": "flux_flowentry",
    }
    assert json.loads(found.content)["quantity"] == entry.quantity
    path = tree().inclusion(found.leaf.index)
    assert root_by_inclusion(found.leaf.index, routed, leaf_hash(found.leaf.entry), path) == tree().root()


def test_what_is_written_again_is_no_longer_opened_and_what_is_deleted_leaves_no_salt(world: World) -> None:
    """« Salted commitments whose salt dies with the identity »: of a row that an erasure empties, the words of before
    have no salt any more, whoever guesses them."""
    append_leaves()
    city = Organisation.objects.get(pk=world.city.pk)
    before = LeafSalt.objects.get(table_name="reservations_organisation", row_id=city.pk)
    city.name = "Autre ville"
    city.save()
    append_leaves()
    after = LeafSalt.objects.get(table_name="reservations_organisation", row_id=city.pk)
    assert after.leaf > before.leaf
    assert bytes(after.salt) != bytes(before.salt)
    assert [json.loads(each.content)["name"] for each in opened("reservations_organisation", [city.pk])] == [
        "Autre ville"
    ]
    Imprint.objects.create(table_name="reservations_organisation", row_id=city.pk, at=timezone.now())
    append_leaves()
    assert not LeafSalt.objects.filter(table_name="reservations_organisation", row_id=city.pk).exists()
    assert Leaf.objects.get(index=size() - 1).commitment is None
    assert differences() == []


def test_a_request_is_opened_without_its_identity(world: World) -> None:
    request = household(world)
    append_leaves()
    (found,) = opened("attributions_application", [request.pk])
    assert not {"number", "name", "birth_date", "nationality"} & set(json.loads(found.content))
    assert Application.objects.get().pk == request.pk


def test_what_an_act_under_way_wrote_comes_once_it_has_ended(world: World) -> None:
    """Imprints are seen in another order than they were numbered: the horizon stays before one that is not there."""
    append_leaves()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('reservations_imprint', 'id'))")
        [hidden] = cursor.fetchone()
    Organisation.objects.filter(pk=world.city.pk).update(name="Autre ville")
    append_leaves()
    horizon = LogHorizon.objects.get()
    assert horizon.settled < hidden
    Imprint.objects.create(pk=hidden, table_name="reservations_organisation", row_id=1, at=timezone.now())
    assert append_leaves() == 1
    assert Leaf.objects.get(index=size() - 1).imprint_id == hidden


def test_the_horizon_goes_on_once_the_acts_before_it_have_ended(world: World) -> None:
    """Every transaction before `until` has ended: what it numbered is written, or never will be. A database that was
    restored on another server counts its transactions anew."""
    append_leaves()
    seen = LogHorizon.objects.get().seen
    LogHorizon.objects.update(until=0)
    append_leaves()
    assert LogHorizon.objects.get().settled == seen
    LogHorizon.objects.update(until=2**62, settled=0)
    append_leaves()
    assert LogHorizon.objects.get().until < 2**62


@pytest.mark.parametrize("model", [Leaf, LogNode, LogCheckpoint])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_is_in_the_log_is_written_once(routed: int, model: type[Leaf], act: str) -> None:
    sign_checkpoint(signers=[KEY], now=MORNING)
    column = "root" if model is LogCheckpoint else "hash"
    rows = model._base_manager.filter(pk=model._base_manager.order_by("pk").values("pk")[:1])
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**{column: bytes(32)}) if act == "update" else rows._raw_delete(rows.db)


def test_a_checkpoint_is_signed_by_the_keys_of_the_installation(routed: int) -> None:
    signed = sign_checkpoint(signers=[KEY, LATER], now=MORNING)
    assert signed is not None
    note = read_note(signed.note)
    assert note.signed_by([KEY.verifier, LATER.verifier]) == [KEY.verifier, LATER.verifier]
    result = read_checkpoint(note.text)
    assert (result.origin, result.size, result.root) == (KEY.name, routed, tree().root())
    assert str(signed) == f"journal-{routed}-{tree().root().hex()[:32]}"
    assert sign_checkpoint(signers=[KEY], now=MORNING) is None
    with pytest.raises(NoteFault):
        read_note(signed.note.replace(f"\n{routed}\n", f"\n{routed + 1}\n")).signed_by([KEY.verifier])


def test_nothing_is_signed_without_a_key_or_of_an_empty_log(world: World) -> None:
    assert sign_checkpoint(signers=[KEY], now=MORNING) is None
    append_leaves()
    assert sign_checkpoint(signers=[], now=MORNING) is None


def test_a_log_that_was_rewritten_is_not_signed_again(world: World) -> None:
    """« A log MUST not sign any checkpoint which is inconsistent with any checkpoint it previously signed. »"""
    append_leaves()
    assert sign_checkpoint(signers=[KEY], now=MORNING)
    Organisation.objects.filter(pk=world.city.pk).update(name="Autre ville")
    append_leaves()
    with behind_the_triggers():
        Leaf.objects.filter(index=7).update(hash=bytes(32))
        LogNode.objects.filter(level=1, index=0).update(hash=bytes(32))
        with pytest.raises(ProofFault):
            sign_checkpoint(signers=[KEY], now=MORNING)
    assert LogCheckpoint.objects.count() == 1
    assert sign_checkpoint(signers=[KEY], now=MORNING)


def test_a_log_that_lost_its_end_is_not_signed_again(world: World) -> None:
    append_leaves()
    assert sign_checkpoint(signers=[KEY], now=MORNING)
    with behind_the_triggers():
        end_removed()
        with pytest.raises(ProofFault):
            sign_checkpoint(signers=[KEY], now=MORNING)


def leaf_rewritten() -> LogDifference:
    Leaf.objects.filter(index=7).update(hash=bytes(32))
    return LogDifference(LogFault.LEAF, 7)


def leaf_removed() -> LogDifference:
    Leaf.objects.filter(index=7)._raw_delete("default")
    return LogDifference(LogFault.MISSING, 7)


def imprint_rewritten() -> LogDifference:
    Imprint.objects.filter(leaf__index=9).update(at=timezone.now())
    return LogDifference(LogFault.LEAF, 9)


def imprint_removed() -> LogDifference:
    Imprint.objects.filter(pk=Leaf.objects.get(index=9).imprint_id)._raw_delete("default")
    return LogDifference(LogFault.MISSING, 9)


def digest_rewritten() -> LogDifference:
    salt = LeafSalt.objects.order_by("leaf")[0]
    Imprint.objects.filter(leaf__index=salt.leaf).update(digest=bytes(32))
    return LogDifference(LogFault.SALT, salt.leaf)


def salt_rewritten() -> LogDifference:
    salt = LeafSalt.objects.order_by("leaf")[0]
    LeafSalt.objects.filter(pk=salt.pk).update(salt=bytes(32))
    return LogDifference(LogFault.SALT, salt.leaf)


def node_rewritten() -> LogDifference:
    LogNode.objects.filter(index=0).update(hash=bytes(32))
    return LogDifference(LogFault.NODE, 0)


def node_added() -> LogDifference:
    LogNode.objects.create(level=3, index=5, hash=bytes(32))
    return LogDifference(LogFault.NODE, 5)


def end_removed() -> LogDifference:
    last = size() - 1
    Leaf.objects.filter(index=last)._raw_delete("default")
    return LogDifference(LogFault.CHECKPOINT, last + 1)


def checkpoint_rewritten() -> LogDifference:
    LogCheckpoint.objects.update(root=bytes(32))
    return LogDifference(LogFault.CHECKPOINT, size())


def order_changed() -> LogDifference:
    """Two leaves change places, hashes and nodes with them: what was signed does not."""
    one, other = Leaf.objects.filter(index__in=[7, 8]).order_by("index")
    Leaf.objects.filter(pk__in=[7, 8])._raw_delete("default")
    one.index, other.index = 8, 7
    Leaf.objects.bulk_create([one, other])
    return LogDifference(LogFault.CHECKPOINT, size())


TRIED: list[Callable[[], LogDifference]] = [
    leaf_rewritten,
    leaf_removed,
    imprint_rewritten,
    imprint_removed,
    digest_rewritten,
    salt_rewritten,
    node_rewritten,
    node_added,
    end_removed,
    checkpoint_rewritten,
    order_changed,
]


@pytest.mark.parametrize("tried", TRIED, ids=lambda each: each.__name__)
def test_whoever_rewrites_the_log_is_found(routed: int, tried: Callable[[], LogDifference]) -> None:
    """By the owner of the tables, triggers off: each place is named."""
    assert sign_checkpoint(signers=[KEY], now=MORNING)
    assert differences() == []
    with behind_the_triggers():
        named = tried()
        assert named in differences()
