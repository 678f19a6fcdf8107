"""« The product compares every checkpoint, head and seal that it ever printed or sent with what it holds, every night;
a difference is an alert to all holders, not to the landlord alone. »"""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import BalanceVersion
from attributions.mails.kinds import stands
from attributions.mails.telling import tell_people
from flux.models import AuditAlert
from flux.operations.audit import record_tampering, tampering
from reservations.models import Leaf, LogCheckpoint, LogNode, MailItem, Membership
from reservations.operations.log import append_leaves, sign_checkpoint, signers_of
from reservations.queries.log import LogFault, forgotten, holds_checkpoint, printed_heads
from reservations.wakeups import Call
from tests.attributions.bilan.balances import people, send, sign
from tests.flux.views.pages import text_of
from tests.house.test_tampering import behind_the_triggers
from tests.leases import let
from tests.reservations.verifiable.proved import KEYS, of_the_account
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(world: World, settings: LazySettings) -> BalanceVersion:
    """A version that carries a checkpoint, then another checkpoint that nothing carries."""
    settings.JOURNAL_KEYS = KEYS
    let(world, world.vacancy())
    append_leaves()
    sign_checkpoint(signers=signers_of(KEYS), now=MORNING)
    version = send(world)
    append_leaves()
    sign_checkpoint(signers=signers_of(KEYS), now=MORNING)
    return version


def of_the_paper(version: BalanceVersion) -> str:
    return version.heads.split(", ")[-1]


def test_papers_carry_the_last_checkpoint(sent: BalanceVersion, world: World, sign_in: Callable[[str], Client]) -> None:
    first, last = LogCheckpoint.objects.order_by("size")
    assert of_the_paper(sent) == str(first)
    ledger, holder = of_the_account()
    assert str(last) in text_of(sign_in("chloe").get(reverse("statement", args=[ledger, holder])))


def test_what_is_held_gives_no_alert(sent: BalanceVersion) -> None:
    assert tampering().sentences == []
    assert record_tampering(tampering=tampering(), now=MORNING) == []


def test_a_checkpoint_that_was_printed_and_is_no_longer_held_is_named(sent: BalanceVersion) -> None:
    """Leaves, nodes and checkpoints computed again, whole: only what left the house says otherwise."""
    printed = of_the_paper(sent)
    size = int(printed.split("-")[1])
    with behind_the_triggers():
        leaf = Leaf.objects.get(index=size - 1)
        Leaf.objects.filter(index=leaf.index).update(hash=bytes(32))
        LogCheckpoint.objects.all()._raw_delete("default")
        found = tampering()
        assert found.forgotten == [printed]
        assert f"{printed}, imprimé ou envoyé, n’est plus ce que la base contient." in found.sentences
        with pytest.raises(SystemExit):
            call_command("verify_head", printed, stdout=StringIO())


def test_a_head_of_a_chain_that_was_printed_is_compared_too(sent: BalanceVersion) -> None:
    ledger = sent.heads.split(", ")[0]
    chain, position, link = ledger.split("-")
    forged = f"{chain}-{position}-{'0' * len(link)}"
    beyond = f"{chain}-{int(position) + 1000}-{link}"
    assert forgotten([f"{ledger}, {forged}", beyond, of_the_paper(sent)]) == sorted([forged, beyond])
    assert forgotten(["journal-9999999-00112233445566778899aabbccddeeff", "abc"]) == [
        "abc",
        "journal-9999999-00112233445566778899aabbccddeeff",
    ]


def test_a_paper_is_verified_by_the_command(sent: BalanceVersion) -> None:
    result = StringIO()
    call_command("verify_head", of_the_paper(sent), stdout=result)
    assert "La base contient encore les" in result.getvalue()
    assert holds_checkpoint(1, "00" * 16) is False
    assert printed_heads([]).endswith(str(LogCheckpoint.objects.order_by("-size")[0]))


def test_everybody_is_notified_that_the_log_was_rewritten(sent: BalanceVersion, world: World) -> None:
    """« An alert to all holders, not to the landlord alone. »"""
    with behind_the_triggers():
        LogNode.objects.all()._raw_delete("default")
        LogCheckpoint.objects.update(root=bytes(32))
        found = tampering()
    assert {each.fault for each in found.log} == {LogFault.NODE, LogFault.CHECKPOINT}
    (alert, *_) = record_tampering(tampering=found, now=MORNING)
    assert record_tampering(tampering=found, now=MORNING) == []
    assert alert.is_of_log
    MailItem.objects.all().delete()
    tell_people(now=MORNING)
    names = {item.user_id for item in MailItem.objects.filter(kind="alert")}
    assert names == set(Membership.objects.filter(user__is_active=True).values_list("user", flat=True))
    item = MailItem.objects.filter(kind="alert").order_by("pk")[0]
    assert item.link.endswith(reverse("log"))
    assert stands(item)
    AuditAlert.objects.update(
        acknowledged_at=MORNING, acknowledged_by=world.people["adam"], acknowledgement="Base restaurée."
    )
    assert not stands(item)


def test_a_balance_that_is_sealed_asks_for_a_checkpoint(world: World) -> None:
    """« Every hour and at each balance a checkpoint is signed »: once the last party has signed, not before."""
    people(world)
    version = send(world)
    asked = Call("reservations.sign_checkpoint", ())
    sign(world, version, "landlord", "state", "als", "city")
    assert asked not in [each for _, each, _ in connection.run_on_commit]
    sign(world, version, "epci")
    assert asked in [each for _, each, _ in connection.run_on_commit]
