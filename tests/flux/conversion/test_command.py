"""`manage.py convert`, without a database: `./run` starts nothing, and what DATABASE_URL names need not answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flux.conversion.builders import EXAMPLE, example
from tests.house.tree import ROOT

NOWHERE = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing", "REDIS_URL": "redis://127.0.0.1:9/0"}


def convert(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), "convert", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **NOWHERE, **environment}
    )


def test_worksheet_as_json_needs_no_database() -> None:
    done = convert("--input", EXAMPLE, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    sheet = json.loads(done.stdout)
    assert sheet["result"] == {
        "rate": "54743159/551671600",
        "percent": "9,9231\u202f%",
        "share": 99231,
        "base": 1200,
        "net_flow": "30201/250",
        "expected": "164229477/13700000",
        "rounding": "-1758453/34250000000",
        "expected_shown": "11,99",
        "net_flow_shown": "120,80",
    }
    assert [section["code"] for section in sheet["sections"]] == [
        "BASE",
        "RIGHTS",
        "SINGLE",
        "ROTATION",
        "FLOW",
        "RATE",
        "TARGETS",
    ]


def test_run_starts_no_service_for_it(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in NOWHERE}
    done = subprocess.run(
        [ROOT / "run", "manage", "convert", "--input", EXAMPLE, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"EQUIFLUX_STATE": str(tmp_path / "state")},
    )
    assert done.returncode == 0, done.stderr  # a first start says there that it installs the packages
    assert json.loads(done.stdout)["result"]["share"] == 99231
    assert sorted(path.name for path in (tmp_path / "state").iterdir() if path.is_dir()) in ([], ["logs"])


def test_worksheet_is_read_in_french() -> None:
    done = convert("--input", EXAMPLE)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == "Orbieu Habitat – Ville de Narbonne – Narbonne, du 01/01/2027 au 31/12/2029"
    assert "Taux de rotation du périmètre : 12,3\u202f% par an" in lines
    assert "Σ (poids × taux) ÷ Σ poids : (73 × 13,1 + 27 × 10,2) ÷ 100 = 12,317" in lines
    assert "Changé : logements 22 à l’origine ; deux logements retrouvés sur l’acte" in lines
    assert "Part à signer : 9,9231\u202f%" in lines


def test_a_bad_file_is_refused_in_sentences(tmp_path: Path) -> None:
    data = example()
    data["rights"][3]["ends_on"] = "2018-01-01"
    data["rotation"][0]["rate"] = 13.1
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(data), encoding="utf-8")
    sentences = [
        "rights[3].ends_on : le droit finit avant de commencer : corrigez l’une des deux dates.",
        'rotation[0].rate : 13.1 : écrivez-le entre guillemets, comme "13.1", pour qu’il reste exact.',
    ]

    done = convert("--input", bad, "--json")
    assert done.returncode == 1
    assert done.stderr.splitlines() == sentences
    answer = json.loads(done.stdout)
    assert answer["error"].splitlines() == sentences
    assert [fault["path"] for fault in answer["faults"]] == ["rights[3].ends_on", "rotation[0].rate"]

    done = convert("--input", bad)
    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (1, "", sentences)


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe{", "UTF-8"), (b"{", "pas du JSON"), (b"", "pas du JSON")])
def test_a_file_that_is_no_json_is_refused_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)
    done = convert("--input", bad)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    marked = tmp_path / "marked.json"
    marked.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.read_bytes())
    assert convert("--input", marked, "--json").returncode == 0


def test_a_missing_file_is_bad_usage(tmp_path: Path) -> None:
    done = convert("--input", tmp_path / "none.json")
    assert done.returncode == 2
    assert "n’est pas un fichier" in done.stderr
