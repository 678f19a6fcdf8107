"""Trees of hashes: the vectors that logs of certificates publish, then the trees of a public
library, leaf by leaf."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from aics_tlog import MerkleTree

from reservations.verifiable.tree import (
    EMPTY,
    WIDTH,
    ProofFault,
    Tree,
    check_consistency,
    leaf_hash,
    root_by_inclusion,
    root_of,
)
from tests.reservations.verifiable.reading import root_by_batch

#: The entries and roots of the published vectors of Certificate Transparency.
ENTRIES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCY = {
    (2, 8): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def tree_of(entries: Sequence[bytes]) -> Tree:
    """The tree of these entries; each of its tiles is made of those of the level below."""
    levels = [[leaf_hash(each) for each in entries]]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([root_of(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)])
    return Tree(len(entries), lambda level, number: levels[level][number * WIDTH : (number + 1) * WIDTH])


def test_roots_are_those_that_are_published() -> None:
    tree = tree_of(ENTRIES)
    assert [tree.root(size).hex() for size in range(9)] == ROOTS
    assert [root_of([leaf_hash(each) for each in ENTRIES[:size]]).hex() for size in range(9)] == ROOTS


def test_proofs_are_those_that_are_published() -> None:
    tree = tree_of(ENTRIES)
    assert {at: [each.hex() for each in tree.inclusion(*at)] for at in INCLUSION} == INCLUSION
    assert {at: [each.hex() for each in tree.consistency(*at)] for at in CONSISTENCY} == CONSISTENCY


def test_a_public_library_finds_the_same_proofs() -> None:
    entries = [bytes([each, each * 7 % 256]) for each in range(40)]
    tree, theirs = tree_of(entries), MerkleTree(entries)
    for size in range(1, 41):
        root = theirs.root(size)
        assert tree.root(size) == root
        for index in range(size):
            assert tree.inclusion(index, size) == theirs.inclusion_proof(index, size)
            assert root_by_inclusion(index, size, leaf_hash(entries[index]), tree.inclusion(index, size)) == root
        for old in range(1, size + 1):
            assert tree.consistency(old, size) == theirs.consistency_proof(old, size)
            check_consistency(old, theirs.root(old), size, root, tree.consistency(old, size))


def test_tiles_of_several_levels_give_the_same_root() -> None:
    """70,000 leaves: three levels of tiles (C2SP, tlog-tiles)."""
    entries = [each.to_bytes(4) for each in range(70_000)]
    tree = tree_of(entries)
    root = MerkleTree(entries).root()
    assert tree.root() == root
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        assert root_by_inclusion(index, 70_000, leaf_hash(entries[index]), tree.inclusion(index)) == root
    for old in (1, 255, 256, 257, 65_536, 65_537, 69_999):
        check_consistency(old, tree.root(old), 70_000, root, tree.consistency(old))


def test_many_leaves_are_proved_together_with_each_hash_once() -> None:
    entries = [each.to_bytes(2) for each in range(1000)]
    tree, drawn = tree_of(entries), random.Random(31)
    for wanted in (1, 2, 17, 400, 1000):
        indexes = drawn.sample(range(1000), wanted)
        leaves = {each: leaf_hash(entries[each]) for each in indexes}
        lacking = tree.batch(indexes)
        assert root_by_batch(leaves, 1000, lacking) == tree.root()
        assert len(lacking) <= sum(len(tree.inclusion(each)) for each in indexes)
        forged = leaves | {indexes[0]: leaf_hash(b"forged")}
        assert root_by_batch(forged, 1000, lacking) != tree.root()
        for wrong in ([*lacking, EMPTY], lacking[:-1]):
            if wrong != lacking:
                with pytest.raises(ProofFault):
                    root_by_batch(leaves, 1000, wrong)
    with pytest.raises(ProofFault):
        root_by_batch({1000: EMPTY}, 1000, [])


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 7), (3, 7), (6, 7), (5, 8)])
def test_a_proof_that_was_touched_gives_another_root(index: int, size: int) -> None:
    entries = ENTRIES[:size]
    tree, leaf = tree_of(entries), leaf_hash(entries[index])
    path, root = tree.inclusion(index), tree.root()
    touched = [[*path[:at], leaf_hash(path[at]), *path[at + 1 :]] for at in range(len(path))]
    assert all(root_by_inclusion(index, size, leaf, each) != root for each in touched)
    assert root_by_inclusion(index, size, leaf_hash(b"forged"), path) != root
    for wrong in ([*path, root], path[:-1]):
        if wrong != path:
            with pytest.raises(ProofFault):
                root_by_inclusion(index, size, leaf, wrong)
    for out in (-1, size):
        with pytest.raises(ProofFault):
            root_by_inclusion(out, size, leaf, path)


@pytest.mark.parametrize(("old", "size"), [(1, 2), (2, 5), (3, 7), (4, 8), (6, 8), (7, 8)])
def test_a_log_that_forgets_or_rewrites_has_no_proof(old: int, size: int) -> None:
    tree = tree_of(ENTRIES)
    path, before, after = tree.consistency(old, size), tree.root(old), tree.root(size)
    check_consistency(old, before, size, after, path)
    forged = tree_of([b"forged", *ENTRIES[1:]])
    wrong = [
        (old, forged.root(old), size, after, path),
        (old, before, size, forged.root(size), path),
        (old, before, size, forged.root(size), forged.consistency(old, size)),
        (old, before, size, after, path[:-1]),
        (old, before, size, after, [*path, before]),
        (size, after, old, before, path),
        (old, before, size, after, []),
    ]
    for each in wrong:
        with pytest.raises(ProofFault):
            check_consistency(*each)


def test_what_is_empty_begins_every_log_and_one_size_has_one_root() -> None:
    tree = tree_of(ENTRIES)
    check_consistency(0, EMPTY, 8, tree.root(), [])
    check_consistency(8, tree.root(), 8, tree.root(), [])
    for wrong in ((0, tree.root(1), 8, tree.root(), []), (8, tree.root(7), 8, tree.root(), [])):
        with pytest.raises(ProofFault):
            check_consistency(*wrong)


def test_a_tile_that_lost_hashes_proves_nothing() -> None:
    with pytest.raises(ProofFault):
        Tree(8, lambda _level, _number: [EMPTY]).root()


def test_nothing_is_proved_of_a_size_that_the_log_never_had() -> None:
    tree = tree_of(ENTRIES)
    for asked, size in ((tree.root, 9), (tree.inclusion, 8), (tree.consistency, 9), (tree.inclusion, -1)):
        with pytest.raises(ValueError, match=r"size|larger|index"):
            asked(size)
