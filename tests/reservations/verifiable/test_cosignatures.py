"""« Holders are witnesses: « témoigné » is written only with cosignatures of two different organisations. »"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from flux.models import FlowEntry
from reservations.exports.proofs import line_proof
from reservations.models import LogCheckpoint, LogCosignature
from reservations.pages.imprints import log_words
from reservations.queries.attested import witnesses
from reservations.queries.log import LogDifference, LogFault, differences
from reservations.verifiable.notes import Checkpoint, Kind, NoteFault, Signer, read_note, sign_note
from tests.flux.views.pages import text_of
from tests.house.test_tampering import behind_the_triggers
from tests.reservations.verifiable.proved import KEYS, LATER, LOG, Proved, lived, verified
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db

STATE, CITY = (Signer(f"temoin-{each}.example", Kind.COSIGNATURE, bytes([each]) * 32) for each in (1, 2))
CITY_LATER = Signer(CITY.name, Kind.COSIGNATURE_ML, bytes([2]) * 32)
UNRECORDED = Signer("inconnu.example", Kind.COSIGNATURE, bytes([9]) * 32)
AT = int(MORNING.timestamp())


@pytest.fixture
def proved(world: World, settings: LazySettings) -> Proved:
    settings.JOURNAL_KEYS = KEYS
    known = [(world.state.siren, STATE), (world.city.siren, CITY), (world.city.siren, CITY_LATER)]
    settings.JOURNAL_WITNESSES = [f"{siren}:{key.verifier}" for siren, key in [*known, ("999999999", UNRECORDED)]]
    return lived(world)


def published() -> str:
    return Client().get(reverse("log-checkpoint")).content.decode()


def cosigned(note: str, *by: Signer) -> str:
    text = note.rpartition("\n\n")[0] + "\n"
    return note + "".join(each.sign(text, at=AT) for each in by)


def send(written: str) -> int:
    """A note as the program of a witness posts it: no session, no token."""
    client = Client(enforce_csrf_checks=True)
    return client.post(reverse("log-checkpoint"), written, content_type="text/plain").status_code


def page(asked: str = "") -> str:
    return text_of(Client().get(reverse("log"), {"etat": asked} if asked else {}))


def forked() -> str:
    """Another log of the same size, signed by the key of the installation."""
    size = LogCheckpoint.objects.order_by("-size")[0].size
    return sign_note(Checkpoint(LOG.name, size, bytes(32)).text, [LOG])


def at_fault() -> list[LogDifference]:
    """Cosignatures that are not of this log."""
    return [each for each in differences() if each.fault is LogFault.COSIGNED]


def test_two_organisations_make_a_witnessed_state_and_two_keys_of_one_do_not(proved: Proved) -> None:
    assert "Aucun autre organisme" in page()
    assert send(cosigned(published(), CITY, CITY_LATER)) == 201
    assert "Un seul organisme" in page()
    assert "Témoigné" not in page()
    assert send(cosigned(published(), STATE)) == 201
    assert "Témoigné" in page()
    keys = [each.verifier for each in (LOG, LATER, CITY, CITY_LATER, STATE)]
    assert len(read_note(published()).signed_by(keys)) == 5
    assert [each.organisation.name for each in LogCosignature.objects.all()] == [
        "Narbonne la Belle",
        "Préfecture de l’Aude",
    ]


def test_what_is_sent_twice_is_kept_once_and_for_good(proved: Proved) -> None:
    note = cosigned(published(), CITY)
    assert [send(note), send(note)] == [201, 201]
    assert published().count(f"\u2014 {CITY.name} ") == 1
    for act in (
        lambda: LogCosignature.objects.update(note="autre"),
        lambda: LogCosignature.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_proof_carries_its_witnesses(proved: Proved, tmp_path: Path) -> None:
    """The verifier writes « Témoigné » of what the product gives: nobody adds lines by hand."""
    entry = FlowEntry.objects.order_by("pk")[0]
    keys = ("--key", str(LOG.verifier), "--witness", str(STATE.verifier), "--witness", str(CITY.verifier))
    signed = LogCheckpoint.objects.order_by("-size")[0]
    before = line_proof("flux_flowentry", entry.pk, signed)
    send(cosigned(cosigned(published(), CITY), STATE))
    after = line_proof("flux_flowentry", entry.pk, signed)
    assert before is not None
    assert after is not None
    assert "Pas témoigné" in verified(tmp_path, before, *keys)[1]
    code, result = verified(tmp_path, after, *keys)
    assert (code, f"Témoigné par {STATE.name}, {CITY.name}" in result) == (0, True), result


def test_only_a_known_witness_is_received(proved: Proved) -> None:
    """A stranger, a witness of no organisation here, a false signature; a state that another log signed."""
    note = published()
    stranger = Signer("autre.example", Kind.COSIGNATURE, bytes(32))
    other = Signer(LOG.name, Kind.NOTE, bytes(32))
    text = note.rpartition("\n\n")[0] + "\n"
    moved = CITY.sign(text, at=AT).replace("\u2014 ", "")[:-8]
    assert send(cosigned(note, stranger)) == 403
    assert send(cosigned(note, UNRECORDED)) == 403
    assert send(note) == 403
    assert send(note + CITY.sign(f"{text}.", at=AT)) == 403
    assert send(f"{note}{moved}") == 400
    assert send(cosigned(sign_note(text, [other]), CITY)) == 400
    assert send("x" * (1 << 17) + "x") == 400
    assert not LogCosignature.objects.exists()


def test_a_witness_that_saw_another_log_is_refused_and_proves_the_fork(proved: Proved) -> None:
    """« Two versions for two holders »: the key of the log signed both; the next night names it."""
    assert send(cosigned(forked(), CITY)) == 409
    assert send(cosigned(forked(), CITY)) == 409
    size = LogCosignature.objects.get().size
    assert at_fault() == [LogDifference(LogFault.COSIGNED, size)]
    assert f"l’état de {size} feuilles qu’un témoin a contresigné" in log_words(at_fault()[0])
    assert CITY.name not in published()


def test_a_log_computed_again_whole_is_not_what_witnesses_signed(proved: Proved) -> None:
    """Checkpoints deleted with the rest: what a witness sent is kept by its own table, and compared."""
    send(cosigned(published(), CITY))
    assert at_fault() == []
    with behind_the_triggers():
        LogCheckpoint.objects.all()._raw_delete("default")
        LogCosignature.objects.update(root=bytes(32))
        assert len(at_fault()) == 1
    with behind_the_triggers():
        LogCosignature.objects.update(size=10**9)
        assert at_fault() == [LogDifference(LogFault.COSIGNED, 10**9)]


def test_a_key_that_cosigns_nothing_is_no_witness(settings: LazySettings) -> None:
    settings.JOURNAL_WITNESSES = [f"999000003:{LOG.verifier}"]
    with pytest.raises(NoteFault):
        witnesses()


def test_the_code_of_a_paper_is_answered(proved: Proved) -> None:
    """What its QR code leads to: the log still contains what is printed, or it does not."""
    assert "Le journal contient encore toutes les écritures" in page(proved.printed)
    assert "ne contient pas ce qui est imprimé" in page(f"{proved.printed[:-4]}0000")
    assert "Ce que porte votre papier" not in page("autre")
