"""« 1,000 seeded attacks by the owner of the database are caught 1,000 times and named. »

Thirty in the ordinary run; `ATTACKS=1000 ATTACKS_SEED=1 ./run test tests/house/test_attacks.py -q` tries as many, and
writes its table to docs/attacks.md.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from django.conf import LazySettings
from django.db import DatabaseError

from flux.operations.audit import tampering
from reservations.models import Organisation
from reservations.operations.log import append_leaves, receive_cosignatures, sign_checkpoint, signers_of
from reservations.operations.service_notice import link_imprints
from reservations.queries.log import last_checkpoint, published
from tests.attributions.bilan.balances import lived, people, send, sign
from tests.house.attacks import CITY, KINDS, cosigned
from tests.house.test_tampering import behind_the_triggers
from tests.house.tree import ROOT
from tests.reservations.verifiable.proved import KEYS
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db

COUNT, SEED = (int(os.environ.get(name, default)) for name, default in (("ATTACKS", "30"), ("ATTACKS_SEED", "1")))
#: Attacks that are written down.
WRITTEN = 1000
PAGE = """# Attacks by the owner of the database

Written by `ATTACKS={count} ATTACKS_SEED={seed} ./run test tests/house/test_attacks.py -q`: each attack is drawn by the
seed (`tests/house/attacks.py`), done with triggers off on an installation that lived a year, and caught when
`audit_routing` names it. What the database refuses even to its owner is drawn again. A year with returns,
corrections, erasures and a restore is named for nothing (`tests/config/test_backup.py`).

| Attack | Tried | Caught and named |
| --- | --- | --- |
{rows}
"""


@pytest.fixture
def watched(world: World, settings: LazySettings) -> World:
    """A balance sealed, two checkpoints, the second of which a witness cosigned."""
    settings.JOURNAL_KEYS = KEYS
    settings.JOURNAL_WITNESSES = [f"{world.city.siren}:{CITY.verifier}"]
    people(world)
    lived(world)
    append_leaves()
    sign_checkpoint(signers=signers_of(KEYS), now=MORNING)
    sign(world, send(world))
    Organisation.objects.filter(pk=world.city.pk).update(name="Narbonne la Belle")
    link_imprints()
    append_leaves()
    sign_checkpoint(signers=signers_of(KEYS), now=MORNING)
    last = last_checkpoint()
    assert last is not None
    receive_cosignatures(written=cosigned(published(last)), now=MORNING)
    return world


@pytest.mark.timeout(max(900, 5 * COUNT))  # seconds: a machine that others load too
def test_attacks_by_the_owner_are_caught_and_named(watched: World) -> None:
    """Each kind in turn, drawn by the seed; nothing is named before the first, nor after the last."""
    assert tampering().sentences == []
    chance, tried, caught, missed = random.Random(SEED), Counter[str](), Counter[str](), []
    while tried.total() < COUNT:
        kind = list(KINDS)[tried.total() % len(KINDS)]
        try:
            with behind_the_triggers():
                named = KINDS[kind](chance)
                result = tampering().sentences
        except DatabaseError:  # refused even to the owner: drawn again
            continue
        tried[kind] += 1
        if any(named in sentence for sentence in result):
            caught[kind] += 1
        else:
            missed.append((kind, named, result[:3]))
    assert missed == []
    assert set(caught) == set(KINDS)
    assert tampering().sentences == []
    if COUNT == WRITTEN:
        rows = "\n".join(f"| {kind} | {tried[kind]} | {caught[kind]} |" for kind in KINDS)
        (ROOT / "docs/attacks.md").write_text(PAGE.format(count=COUNT, seed=SEED, rows=rows), encoding="utf-8")
