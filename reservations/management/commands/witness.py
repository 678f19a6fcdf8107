"""`manage.py witness URL`: cosign the log of another installation, if it extends what this witness saw of it."""

from __future__ import annotations

import time
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.operations.log import signers_of
from reservations.verifiable.files import cosign
from reservations.verifiable.notes import NoteFault, read_checkpoint, read_verifier
from reservations.verifiable.tree import ProofFault

#: Seconds that the log has to answer, and bytes that it may answer: a tile, or a note with its signatures.
PATIENCE, MOST = 20, 1 << 18
#: What the log answers to what is sent, or asked.
ANSWERED = "Ce journal ne se lit pas : il répond {}."
REFUSED: dict[int, str] = {
    HTTPStatus.FORBIDDEN: "Ce journal ne connaît pas ce témoin : donnez sa clé publique à qui l’exploite ({}).",
    HTTPStatus.CONFLICT: "Ce journal ne contient plus ce qu’il a signé : prévenez les autres réservataires ({}).",
}
HERE = ("https://", "http://127.0.0.1:", "http://localhost:")


class Command(BaseCommand):
    help = (
        "Lit le point de contrôle d’un journal, vérifie qu’il contient tout ce que ce témoin en a vu, et écrit sa "
        "contresignature, à joindre au point de contrôle. À lancer chaque heure. Codes de retour : 0 contresigné, 1 le "
        "journal a été réécrit, 2 mauvais usage, ou journal qui ne répond pas."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", metavar="ADRESSE", help="https://nom-du-site/journal")
        parser.add_argument("--log-key", metavar="CLÉ", action="append", required=True, help="clé publique du journal")
        parser.add_argument("--send", action="store_true", help="envoyer la contresignature au journal")
        parser.add_argument("--state", metavar="FICHIER", required=True, type=Path, help="ce que ce témoin en a vu")

    def handle(self, *args: Any, **options: Any) -> None:
        base, state = options["url"].rstrip("/"), options["state"]
        if not settings.JOURNAL_WITNESS_KEYS or not base.startswith(HERE):
            sentence = "Donnez une adresse https://, et les clés de ce témoin dans JOURNAL_WITNESS_KEYS (log_keys)."
            raise CommandError(sentence, returncode=2)
        try:
            note = _fetched(f"{base}/checkpoint").decode()
            result, lines = cosign(
                note,
                known=[read_verifier(each) for each in options["log_key"]],
                signers=signers_of(settings.JOURNAL_WITNESS_KEYS),
                seen=read_checkpoint(state.read_text(encoding="utf-8")) if state.exists() else None,
                fetch=lambda path: _fetched(f"{base}/{path}"),
                at=int(time.time()),
            )
            kept = state.with_suffix(".new")
            kept.write_text(result.text, encoding="utf-8")
            kept.replace(state)
            if options["send"]:
                _fetched(f"{base}/checkpoint", f"{note}{lines}".encode())
        except HTTPError as refusal:
            code = 1 if refusal.code == HTTPStatus.CONFLICT else 2
            sentence = REFUSED.get(refusal.code, ANSWERED).format(refusal.code)
            raise CommandError(sentence, returncode=code) from refusal
        except (OSError, UnicodeDecodeError, NoteFault) as fault:
            raise CommandError(f"Ce journal ne se lit pas : {fault}", returncode=2) from fault
        except ProofFault as fault:
            raise CommandError(
                "Ce journal ne contient plus ce que ce témoin en a vu : il n’est pas contresigné. Gardez le fichier "
                f"{state}, et prévenez les autres réservataires.",
                returncode=1,
            ) from fault
        self.stdout.write(lines, ending="")


def _fetched(address: str, sent: bytes | None = None) -> bytes:
    try:
        with urlopen(address, sent, timeout=PATIENCE) as answer:  # noqa: S310 - https, or this machine: see HERE
            content: bytes = answer.read(MOST)
    except HTTPError as refusal:
        refusal.close()
        raise
    return content
