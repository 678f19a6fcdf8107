"""Keys that sign the verifiable log: drawn by a command, read from the environment, used by the hour."""

from __future__ import annotations

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from reservations.models import LogCheckpoint
from reservations.operations.log import signers_of
from reservations.tasks import append_to_log, sign_log
from reservations.verifiable.notes import Kind, NoteFault, read_checkpoint, read_note, read_verifier
from tests.world import World


def drawn(name: str = "site.example/journal") -> list[str]:
    result = StringIO()
    call_command("log_keys", name, stdout=result)
    return result.getvalue().splitlines()


def test_the_command_draws_keys_that_sign_and_keys_that_verify() -> None:
    """« Ed25519, and ML-DSA-44 beside it. »"""
    *private, ed25519, later = drawn()
    signers = signers_of(private)
    assert [each.kind for each in signers] == [Kind.NOTE, Kind.COSIGNATURE_ML]
    assert [each.verifier for each in signers] == [read_verifier(ed25519), read_verifier(later)]
    assert drawn() != [*private, ed25519, later]


@pytest.mark.parametrize("name", ["", "un nom", "un+nom"])
def test_a_name_that_no_note_may_carry_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="sans espace ni signe plus"):
        drawn(name)


def test_a_key_that_is_cut_signs_nothing() -> None:
    with pytest.raises(NoteFault):
        signers_of([drawn()[0][:-6]])


@pytest.mark.django_db
def test_each_hour_what_the_log_is_is_signed(world: World, settings: LazySettings) -> None:
    *private, ed25519, later = drawn()
    settings.JOURNAL_KEYS = []
    assert append_to_log() > 0
    assert sign_log() == 0
    settings.JOURNAL_KEYS = private
    size = sign_log()
    signed = LogCheckpoint.objects.get()
    note = read_note(signed.note)
    assert len(note.signed_by([read_verifier(ed25519), read_verifier(later)])) == 2
    assert read_checkpoint(note.text).size == signed.size == size
    assert sign_log() == 0
