"""What commands share: how a refusal is stated, and how a file, a date and a year are read."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import MAXYEAR, MINYEAR, date
from pathlib import Path

from django.core.management.base import BaseCommand

from reservations.refusals import Refusal


@contextmanager
def refusals_spoken(command: BaseCommand, *, as_json: bool) -> Iterator[None]:
    """Inside, a Refusal ends the command with 1: its sentence on stderr, and {"error": …} on stdout with --json."""
    try:
        yield
    except Refusal as refusal:
        if as_json:
            command.stdout.write(json.dumps({"error": str(refusal)}, ensure_ascii=False))
        command.stderr.write(str(refusal))
        sys.exit(1)


def existing_file(text: str) -> Path:
    """The path of a file that can be read. Raises ArgumentTypeError."""
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"« {text} » n’est pas un fichier.")
    return path


def day(text: str) -> date:
    """The date that was typed as AAAA-MM-JJ, and in no other way. Raises Refusal."""
    sentence = f"« {text} » n’est pas une date : écrivez l’année, le mois et le jour, comme 2026-11-24."
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Refusal(sentence)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal(sentence) from error


def asked_day(text: str) -> date:
    """The same, of an option of the command line: a date misspelt is misuse, code 2. Raises ArgumentTypeError."""
    try:
        return day(text)
    except Refusal as refusal:
        raise ArgumentTypeError(str(refusal)) from refusal


def year(number: int) -> int:
    """The exercise that was typed, when a calendar has it. Raises Refusal."""
    if not MINYEAR <= number <= MAXYEAR:
        raise Refusal(f"« {number} » n’est pas une année : écrivez-la en quatre chiffres, comme 2026.")
    return number
