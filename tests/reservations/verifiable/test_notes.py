"""Signed notes, checkpoints and cosignatures: the examples of C2SP and of Go, then every way to write them badly."""

from __future__ import annotations

import base64

import pytest

from reservations.verifiable.notes import (
    Checkpoint,
    Kind,
    NoteFault,
    Signer,
    Verifier,
    read_checkpoint,
    read_note,
    read_signer,
    read_verifier,
    sign_note,
)

#: C2SP, signed-note, « Example ».
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Zt"
    "g1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
#: golang.org/x/mod/sumdb/note, its own example.
GO_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
LOG = Signer("log.example/journal", Kind.NOTE, bytes(range(32)))
WITNESS = Signer("witness.example/w1", Kind.COSIGNATURE, bytes(range(1, 33)))
LATER = Signer("log.example/journal", Kind.COSIGNATURE_ML, bytes(range(2, 34)))
CHECKPOINT = Checkpoint("log.example/journal", 20852163, bytes(range(32)))


def test_the_example_of_the_specification_is_signed() -> None:
    note, key = read_note(EXAMPLE), read_verifier(EXAMPLE_KEY)
    assert note.signed_by([key]) == [key]
    assert str(key) == EXAMPLE_KEY


def test_a_key_of_go_signs_here_what_it_signs_there() -> None:
    signer = read_signer(GO_SIGNER)
    assert (str(signer), str(signer.verifier)) == (GO_SIGNER, GO_KEY)
    assert sign_note(GO_TEXT, [signer]) == f"{GO_TEXT}\n{GO_LINE}"


def test_a_checkpoint_is_three_lines() -> None:
    """C2SP, tlog-checkpoint: origin, size, root."""
    root = base64.b64encode(CHECKPOINT.root).decode()
    assert CHECKPOINT.text == f"log.example/journal\n20852163\n{root}\n"
    assert read_checkpoint(CHECKPOINT.text) == CHECKPOINT
    assert read_checkpoint(CHECKPOINT.text + "an extension\n") == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "log\n1\n",
        "log\n\n1\n",
        f"log\n01\n{'A' * 43}=\n",
        f"log\n-1\n{'A' * 43}=\n",
        f"log\n\u0661\n{'A' * 43}=\n",
        "log\n1\nAAAA\n",
        "log\n1\n????\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteFault):
        read_checkpoint(text)


@pytest.mark.parametrize("signer", [LOG, WITNESS, LATER], ids=["Ed25519", "cosignature", "ML-DSA-44"])
def test_each_kind_of_key_signs_and_is_read_again(signer: Signer) -> None:
    written = sign_note(CHECKPOINT.text, [signer], at=1_679_315_147)
    key = read_verifier(str(signer.verifier))
    assert read_signer(str(signer)) == signer
    assert read_note(written).signed_by([key]) == [key]
    other = written.replace("20852163", "20852164")
    with pytest.raises(NoteFault):
        read_note(other).signed_by([key])


@pytest.mark.parametrize("signer", [WITNESS, LATER], ids=["cosignature", "ML-DSA-44"])
def test_the_time_of_a_cosignature_is_signed(signer: Signer) -> None:
    (signature,) = read_note(sign_note(CHECKPOINT.text, [signer], at=1_679_315_147)).signatures
    assert signature.at == 1_679_315_147
    moved = (1_679_315_148).to_bytes(8) + signature.content[8:]
    assert signer.verifier.verifies(CHECKPOINT.text, signature.content)
    assert not signer.verifier.verifies(CHECKPOINT.text, moved)


def test_a_cosignature_is_of_the_message_that_the_specification_says() -> None:
    """C2SP, tlog-cosignature: two lines before the text, signed as they are by a plain key."""
    (signature,) = read_note(sign_note(CHECKPOINT.text, [WITNESS], at=1_679_315_147)).signatures
    plain = Verifier(WITNESS.name, Kind.NOTE, WITNESS.verifier.public)
    text = f"cosignature/v1\ntime 1679315147\n{CHECKPOINT.text}"
    assert plain.verifies(text, signature.content[8:])
    assert len(signature.content) == 72


def test_signatures_of_others_are_ignored_and_a_false_one_refuses_the_note() -> None:
    """C2SP, signed-note: unknown keys are ignored; a known one that is false rejects all."""
    written = sign_note(CHECKPOINT.text, [LOG, WITNESS, LATER], at=7)
    assert read_note(written).signed_by([LOG.verifier]) == [LOG.verifier]
    stranger = Signer("stranger.example", Kind.NOTE, bytes(32))
    assert read_note(written).signed_by([stranger.verifier]) == []
    namesake = Signer(LOG.name, Kind.NOTE, bytes(32))
    assert read_note(written).signed_by([namesake.verifier]) == []
    false = written.replace(LOG.sign(CHECKPOINT.text), LOG.sign("other\n"))
    with pytest.raises(NoteFault):
        read_note(false).signed_by([LOG.verifier, WITNESS.verifier])


@pytest.mark.parametrize(
    "written",
    [
        "no signature\n",
        "text\n\nno dash\n",
        "text\n\n\u2014 name\n",
        "text\n\n\u2014 na+me AAAAAAAA\n",
        "text\n\n\u2014 name AAAA\n",
        "text\n\n\u2014 name ????\n",
        "text\n\n\u2014 name AAAAAAAA",
        "te\txt\n\n\u2014 name AAAAAAAA\n",
        "text\n\n" + "\u2014 name AAAAAAAA\n" * 33,
    ],
)
def test_what_is_no_note_is_refused(written: str) -> None:
    with pytest.raises(NoteFault):
        read_note(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "name",
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("example.com/foo", "example.com/fee"),
        EXAMPLE_KEY[:-4],
        "name+00000000+AAAA",
    ],
)
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(NoteFault):
        read_verifier(written)


def test_a_private_key_is_not_shown() -> None:
    assert str(LOG) not in repr(LOG)
    for wrong in (GO_KEY, "PRIVATE+KEY+name+00000000+AQ==", GO_SIGNER.replace("c74f20a3", "c74f20a4")):
        with pytest.raises(NoteFault):
            read_signer(wrong)


def test_a_name_too_long_for_a_cosignature_is_refused() -> None:
    signer = Signer("n" * 256, Kind.COSIGNATURE_ML, bytes(32))
    with pytest.raises(NoteFault):
        signer.sign(CHECKPOINT.text, at=1)
    assert not signer.verifier.verifies(CHECKPOINT.text, bytes(2428))


def test_a_later_key_is_that_of_the_standard() -> None:
    """RFC 9881, appendix C: the public key of ML-DSA-44 whose seed is 00 01 02… 1f, by its first and last bytes."""
    public = Signer(LOG.name, Kind.COSIGNATURE_ML, bytes(range(32))).verifier.public
    assert len(public) == 1312
    assert public[:32].hex() == "d7b2b47254aae0db45e7930d4a98d2c97d8f1397d1789dafa17024b316e9bec9"
    assert public[-16:].hex() == "b55869e4db9784cf05c830b3242c8312"
