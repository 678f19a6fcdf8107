"""What a proof costs to whoever verifies it alone: ./run bench proofs [--times N] [--write]

The files are those that the demonstration which serves here gives by its pages (`./run demo`): a line of the log, a
version of a balance, and the account of a holder for a year, the one of most facts. The published program reads them
without a network. « Verification » is what it does once it is started; « process » is the whole command, Python
included. Each is the quickest of its times: what loads the machine beside is left out.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.command_line import Parser
from benchmarks.guessing import Visitor, signed_in
from benchmarks.page import put
from config.local.state import ROOT

PROGRAM = ROOT / "static/verifier/verify_equiflux.py"
#: What each proof may take, in milliseconds.
LINE, YEAR = 50, 1000
KEY = re.compile(r"[^\s<>\"]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when no demonstration serves here, or when a proof takes longer than it may."""
    parser = Parser("benchmarks.proofs", "Ce que coûte une preuve à qui la vérifie seul, sans réseau.")
    parser.add_argument("--times", type=int, default=21, metavar="N", help="combien de fois chacune")
    parser.add_argument("--write", action="store_true", help="écrit le tableau dans docs/performance.md")
    options = parser.parse_args(arguments)
    if (reader := signed_in("HOLDER_STAFF")) is None:
        return 1
    key = KEY.findall(reader.ask("/journal/")[1])[0]
    year = max(proofs_of_accounts(reader), key=len)
    facts = len(json.loads(year)["leaves"])
    asked = (("a line", proof_of_a_line(reader), LINE), (f"a holder’s year, in {facts:,} facts", year, YEAR))
    found = [(what, len(proof), measured(proof, key, options.times), bound) for what, proof, bound in asked]
    lines = [
        f"| {what} | {size / 1000:,.0f} | {alone:.1f} | {process:.1f} | {bound} |"
        for what, size, (alone, process), bound in found
    ]
    head = ["| verified, offline | kB | verification, ms | process, ms | at most |", "| --- | --: | --: | --: | --: |"]
    table = "\n".join([*head, *lines])
    if options.write:
        put("./run bench proofs", table, page="performance.md")
    sys.stdout.write(table + "\n")
    return int(any(process > bound for _, _, (_, process), bound in found))


def linked(reader: Visitor, page: str, address: str) -> list[str]:
    """The addresses of this form to which a page leads, in their order."""
    return sorted(set(re.findall(rf'href="({address})["?]', reader.ask(page)[1])))


def proofs_of_accounts(reader: Visitor) -> Iterator[str]:
    """The file of each account that this holder reads as its own."""
    for account in linked(reader, "/comptes/", r"/comptes/\d+/\d+/"):
        status, proof = reader.ask(f"{account}preuve/")
        if status == 200:
            yield proof


def proof_of_a_line(reader: Visitor) -> str:
    """The file of the first version of a balance that this holder reads. Raises LookupError: there is none."""
    for balance in linked(reader, "/bilans/", r"/bilans/\d+/\d+/"):
        for review in linked(reader, balance, rf"{balance}relecture/\w+/"):
            for version in linked(reader, review, rf"{review}version/\d+/"):
                status, proof = reader.ask(f"{version}preuve/")
                if status == 200:
                    return proof
    raise LookupError("no version of a balance is in a signed state of the log yet")


def measured(proof: str, key: str, times: int) -> tuple[float, float]:
    """(verification, process), each the quickest of so many, in milliseconds. Raises ValueError: it is not verified."""
    spec = importlib.util.spec_from_file_location("verify_equiflux", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    program: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "preuve"
        file.write_text(proof, encoding="utf-8")
        command = [sys.executable, "-I", str(PROGRAM), str(file), "--key", key]

        def alone() -> int:
            with contextlib.redirect_stdout(io.StringIO()):
                return int(program.verify(program.read(proof), [program.key_of(key)], [], ""))

        def process() -> int:
            return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode

        return quickest(alone, times), quickest(process, times)


def quickest(verify: Callable[[], int], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        if verify() != 0:
            raise ValueError("the proof is not verified")
        took.append(1000 * (time.perf_counter() - began))
    return min(took)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
