"""A flow that somebody brings: decided exactly as an independent reading of the specification, or refused whole."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import routing
from tests.benchmarks import bare
from tests.benchmarks.books import Instance, independently


def drawn(chance: random.Random, *, unit: int, holders: int, communes: int, units: int) -> Instance:
    """An instance as somebody may bring it: holders in any order, keys left out, categories missing or too many."""
    ids = [f"Réservataire {number}" for number in range(1, holders)] + ["Non réservé"]
    landlord = ids[-1]
    shares = []
    for _ in range(communes):
        here = [holder for holder in ids[:-1] if communes == 1 or chance.random() < 0.6]
        parts = [chance.choice((1, 2, 5, chance.randint(1, 30))) for _ in here]
        scale = chance.randint(sum(parts) + 1, 2 * sum(parts) + 2)
        counted = {holder: unit * part // scale for holder, part in zip(here, parts, strict=True)}
        shares.append(counted | {landlord: unit - sum(counted.values())})
    vacancies = []
    for number in range(units):
        vacancy: Instance = {"id": f"v{number}", "shares": chance.choice(shares), "note": "laissée de côté"}
        vacancy["categories"] = {"typology": chance.choice(("T2", "T3", "T5+", "", None)), "floor": "3"}
        if chance.random() < 0.7:
            vacancy["categories"]["qpv"] = chance.choice(("in", "out"))
        if chance.random() < 0.1:
            del vacancy["categories"]
        if chance.random() < 0.3:
            vacancy["may_take"] = [holder for holder in ids if holder == landlord or chance.random() < 0.7]
        vacancies.append(vacancy)
    rows = [{"id": holder, "rank": 7 * rank, "name": "…"} for rank, holder in enumerate(ids)]
    chance.shuffle(rows)
    return {
        "unit": unit,
        "landlord": landlord,
        "dimensions": ["typology", "qpv"],
        "holders": rows,
        "vacancies": vacancies,
        "source": "ajoutée",
    }


@pytest.mark.parametrize(
    ("unit", "holders", "communes", "units"),
    [(10_000, 3, 1, 120), (10_000, 9, 1, 80), (100, 6, 4, 150), (1_000_000, 8, 5, 60), (7, 4, 2, 60), (1, 3, 2, 20)],
)
def test_decisions_are_those_of_an_independent_reading(
    tmp_path: Path, unit: int, holders: int, communes: int, units: int
) -> None:
    chance = random.Random(f"{unit}/{holders}/{communes}")
    instance = drawn(chance, unit=unit, holders=holders, communes=communes, units=units)
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance), encoding="utf-8")

    answer = bare.run("-m", "benchmarks.routing", "--instance", file)

    assert (answer.returncode, answer.stderr) == (0, "")
    assert [json.loads(line) for line in answer.stdout.splitlines()] == independently(instance)


@pytest.mark.parametrize("accounting", [None, 1, 2])
@pytest.mark.parametrize(("communes", "window"), [(1, None), (3, 3)])
def test_units_given_back_are_decided_again_under_the_accounting_of_the_file(
    tmp_path: Path, accounting: int | None, communes: int, window: int | None
) -> None:
    """A file that does not say keeps accounting 1: what was printed of it is printed again."""
    chance = random.Random(f"returns/{communes}")
    instance = drawn(chance, unit=10_000, holders=5, communes=communes, units=40)
    for vacancy in instance["vacancies"]:
        vacancy["given_back"] = [{"counted": chance.random() < 0.5} for _ in range(chance.choice((0, 0, 1, 1, 3)))]
    if window:
        instance["window"] = window
    if accounting:
        instance["accounting"] = accounting
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance), encoding="utf-8")

    answer = bare.run("-m", "benchmarks.routing", "--instance", file)

    assert (answer.returncode, answer.stderr) == (0, "")
    printed = [json.loads(line) for line in answer.stdout.splitlines()]
    assert printed == independently(instance)
    assert len(printed) == sum(1 + len(vacancy["given_back"]) for vacancy in instance["vacancies"])
    other = independently(instance | {"accounting": 1 if accounting == 2 else 2})
    assert printed != other, "the two accountings decide otherwise"


@pytest.mark.parametrize(
    ("unit", "holders", "communes", "window"),
    [(10_000, 4, 1, 4), (100, 6, 4, 3), (1_000_000, 5, 3, 3), (7, 4, 2, 4), (1, 3, 2, 5), (10_000, 6, 3, None)],
)
def test_decisions_with_known_departures_are_those_of_every_plan_judged(
    tmp_path: Path, unit: int, holders: int, communes: int, window: int | None
) -> None:
    """`window` says how many are known, and `known` how many at one vacancy: more than there are left, one, or none."""
    chance = random.Random(f"window/{unit}/{holders}/{communes}")
    instance = drawn(chance, unit=unit, holders=holders, communes=communes, units=40)
    if window:
        instance["window"] = window
    for vacancy in instance["vacancies"]:
        if chance.random() < 0.3:
            vacancy["known"] = chance.randint(1, 4)
    instance["vacancies"][-2]["known"] = 1000
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance), encoding="utf-8")

    answer = bare.run("-m", "benchmarks.routing", "--instance", file)

    assert (answer.returncode, answer.stderr) == (0, "")
    decided = [json.loads(line) for line in answer.stdout.splitlines()]
    assert decided == independently(instance)
    assert [line["known"] for line in decided[-2:]] == [2, 1]
    assert all(list(line) == ["id", "holder", "reason", "known"] for line in decided)


def test_a_window_of_one_is_version_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instance = drawn(random.Random("one"), unit=100, holders=5, communes=3, units=40)
    shown = []
    for each in ({}, {"window": 1}):
        file = tmp_path / "instance.json"
        file.write_text(json.dumps(instance | each), encoding="utf-8")
        assert routing.main(["--instance", str(file)]) == 0
        shown.append([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    assert shown[1] == [line | {"known": 1} for line in shown[0]]


def test_equal_shares_that_tie_all_along(tmp_path: Path) -> None:
    """Sixty holders of the same share: everything is settled by the turns and the ranks."""
    ids = [f"H{number:02}" for number in range(60)]
    shares = dict.fromkeys(ids, 100) | {"NR": 4000}
    instance = {
        "unit": 10_000,
        "landlord": "NR",
        "dimensions": [],
        "holders": [{"id": holder, "rank": rank} for rank, holder in enumerate([*ids, "NR"])],
        "vacancies": [{"id": str(number), "shares": shares} for number in range(30)],
    }
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance), encoding="utf-8-sig")

    answer = bare.run("-m", "benchmarks.routing", "--instance", file)

    decided = [json.loads(line) for line in answer.stdout.splitlines()]
    assert decided == independently(instance)
    assert "TIE" in {line["reason"] for line in decided}


def test_no_installed_package_can_be_reached_by_the_interpreter_of_these_tests() -> None:
    assert bare.run("-c", "import django").returncode == 1
    modules = bare.run("-c", "import benchmarks.routing, benchmarks.speed, sys; print(*sys.modules)").stdout.split()
    assert {name for name in modules if name.startswith("flux.")} <= {
        "flux.apportion",
        "flux.engine",
        *(f"flux.engine.{part}" for part in ("counters", "facts", "rule", "versions", "wording")),
        *(f"flux.engine.{part}" for part in ("allotment", "forecast", "known_wording", "recorded", "window")),
    }
    assert {name for name in modules if name.startswith("reservations.")} <= {"reservations.rounding"}
    assert not {"django", "attributions", "config"} & set(modules)


def good() -> Instance:
    return {
        "unit": 100,
        "landlord": "NR",
        "dimensions": ["typology"],
        "holders": [{"id": "ETAT", "rank": 0}, {"id": "NR", "rank": 1}],
        "vacancies": [
            {"id": "v1", "shares": {"ETAT": 30, "NR": 70}, "categories": {"typology": "T3"}},
            {"id": "v2", "shares": {"ETAT": 30, "NR": 70}, "may_take": ["ETAT", "NR"], "categories": {}},
        ],
    }


def change(*path: str | int, to: Any) -> Callable[[Instance], None]:
    def act(instance: Instance) -> None:
        place: Any = instance
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return act


def drop(*path: str | int) -> Callable[[Instance], None]:
    def act(instance: Instance) -> None:
        place: Any = instance
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return act


V2 = ("vacancies", 1)
SECOND = "logement « v2 » (n° 2)"

#: What is wrong, and what the sentence must say.
WRONG: dict[str, tuple[Callable[[Instance], None], str]] = {
    "shares above the unit": (change(*V2, "shares", "NR", to=71), f"{SECOND} : la somme des parts est 101"),
    "shares below the unit": (drop(*V2, "shares", "NR"), f"{SECOND} : la somme des parts est 30"),
    "no share": (change(*V2, "shares", to={}), f"{SECOND} : la somme des parts est 0"),
    "unknown holder with a share": (change(*V2, "shares", "X", to=0), f"{SECOND}, « shares » : « X »"),
    "unknown holder that may take": (change(*V2, "may_take", to=["NR", "X"]), f"{SECOND}, « may_take » : « X »"),
    "landlord that may not take": (change(*V2, "may_take", to=["ETAT"]), f"{SECOND}, « may_take » : le bailleur"),
    "nobody may take": (change(*V2, "may_take", to=[]), f"{SECOND}, « may_take » : le bailleur"),
    "takers that are no list": (change(*V2, "may_take", to="NR"), f"{SECOND}, « may_take » : il faut une liste"),
    "taker that is no word": (change(*V2, "may_take", to=[["NR"]]), f"{SECOND}, « may_take » : il faut un texte"),
    "vacancy twice": (change(*V2, "id", to="v1"), "logement « v1 » (n° 2)"),
    "negative share": (change(*V2, "shares", to={"ETAT": -1, "NR": 101}), f"{SECOND}, part de « ETAT » : -1"),
    "share with a point": (change(*V2, "shares", "ETAT", to=30.0), f"{SECOND}, part de « ETAT » : il faut un nombre"),
    "share that is true": (change(*V2, "shares", to={"ETAT": True, "NR": 99}), f"{SECOND}, part de « ETAT »"),
    "share in quotes": (change(*V2, "shares", "ETAT", to="30"), f"{SECOND}, part de « ETAT »"),
    "share that is null": (change(*V2, "shares", "ETAT", to=None), f"{SECOND}, part de « ETAT »"),
    "shares in a list": (change(*V2, "shares", to=[30, 70]), f"{SECOND}, « shares » : il faut un objet"),
    "category that is no word": (change(*V2, "categories", to={"typology": 3}), f"{SECOND}, catégorie « typology »"),
    "categories in a list": (change(*V2, "categories", to=["T3"]), f"{SECOND}, « categories » : il faut un objet"),
    "vacancy without shares": (drop(*V2, "shares"), f"{SECOND} : il manque « shares »"),
    "vacancy without id": (drop(*V2, "id"), "logement n° 2 : il manque « id »"),
    "vacancy whose id is a number": (change(*V2, "id", to=2), "logement n° 2, « id »"),
    "vacancy that is a word": (change(*V2, to="v2"), "logement n° 2 : il faut un objet"),
    "unknown landlord": (change("landlord", to="BAILLEUR"), "« landlord » : « BAILLEUR »"),
    "landlord that is no word": (change("landlord", to=None), "« landlord » : il faut un texte"),
    "holder twice": (change("holders", 0, "id", to="NR"), "réservataire « NR » (n° 2)"),
    "rank twice": (change("holders", 0, "rank", to=1), "le rang 1 est déjà celui de « ETAT »"),
    "rank that is true": (change("holders", 0, "rank", to=True), "réservataire « ETAT » (n° 1), « rank »"),
    "holder without rank": (drop("holders", 0, "rank"), "réservataire « ETAT » (n° 1) : il manque « rank »"),
    "holder that is a word": (change("holders", 0, to="ETAT"), "réservataire n° 1 : il faut un objet"),
    "no holder": (change("holders", to=[]), "« landlord » : « NR »"),
    "unit of zero": (change("unit", to=0), "« unit » : 0 ne convient pas"),
    "unit with a point": (change("unit", to=100.0), "« unit » : il faut un nombre entier"),
    "unit that is true": (change("unit", to=True), "« unit » : il faut un nombre entier"),
    "dimension twice": (change("dimensions", to=["qpv", "qpv"]), "« qpv » y est deux fois"),
    "dimension that is no word": (change("dimensions", to=[1]), "« dimensions » : il faut un texte"),
    "window of none": (
        change("window", to=0),
        "« window » : 0 ne convient pas, il faut un entier d’au moins 1",
    ),
    "window below none": (change("window", to=-3), "instance, « window » : -3 ne convient pas"),
    "window with a point": (change("window", to=8.0), "instance, « window » : il faut un nombre entier"),
    "window that is true": (change("window", to=True), "instance, « window » : il faut un nombre entier"),
    "window in quotes": (change("window", to="8"), "instance, « window » : il faut un nombre entier"),
    "window that is null": (change("window", to=None), "instance, « window » : il faut un nombre entier"),
    "none known": (change(*V2, "known", to=0), f"{SECOND}, « known » : 0 ne convient pas"),
    "known with a point": (change(*V2, "known", to=1.5), f"{SECOND}, « known » : il faut un nombre entier"),
    "known in a list": (change(*V2, "known", to=["v1"]), f"{SECOND}, « known » : il faut un nombre entier"),
    "known that is true": (change(*V2, "known", to=True), f"{SECOND}, « known » : il faut un nombre entier"),
    "accounting of three": (change("accounting", to=3), "« accounting » : 3 ne convient pas, il faut 1 ou 2"),
    "accounting in quotes": (change("accounting", to="2"), "« accounting » : il faut un nombre entier"),
    "return that is a word": (change(*V2, "given_back", to=["oui"]), f"{SECOND}, retour n° 1 : il faut un objet"),
    "return of none": (change(*V2, "given_back", to=[{}]), f"{SECOND}, retour n° 1 : il manque « counted »"),
    "return that says one": (
        change(*V2, "given_back", to=[{"counted": 1}]),
        f"{SECOND}, retour n° 1, « counted » : il faut true ou false",
    ),
    "vacancies in an object": (change("vacancies", to={}), "« vacancies » : il faut une liste"),
    **{f"without {key}": (drop(key), f"il manque « {key} »") for key in good()},
}


@pytest.fixture
def assert_refused(capsys: pytest.CaptureFixture[str]) -> Callable[[Path, str], None]:
    """Code 2, not one decision, and one line on stderr that names the file and says what is wrong."""

    def check(file: Path, words: str) -> None:
        code = routing.main(["--instance", str(file)])
        answer = capsys.readouterr()
        assert (code, answer.out) == (2, "")
        assert words in answer.err
        assert answer.err.startswith(f"{file} : ")
        assert answer.err.count("\n") == 1

    return check


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_instance_is_refused_whole(
    name: str, tmp_path: Path, assert_refused: Callable[[Path, str], None]
) -> None:
    act, words = WRONG[name]
    instance = good()
    act(instance)
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance), encoding="utf-8")
    assert_refused(file, words)


def test_the_bare_interpreter_refuses_as_well(tmp_path: Path) -> None:
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(good() | {"landlord": "Société"}), encoding="utf-8")
    answer = bare.run("-m", "benchmarks.routing", "--instance", file)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == f"{file} : instance, « landlord » : « Société » n’est pas dans « holders », " + (
        "ajoutez-l’y ou corrigez-le.\n"
    )


def test_what_may_be_left_out_is_what_it_stands_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No takers, no categories, no share of a holder: everybody, not given, nothing."""
    result = good()
    result["vacancies"] = [
        {"id": "v1", "shares": {"ETAT": 0, "NR": 100}, "may_take": ["ETAT", "NR"], "categories": {"typology": ""}}
    ]
    left_out = good() | {"vacancies": [{"id": "v1", "shares": {"NR": 100}}]}
    null = good() | {"vacancies": [{"id": "v1", "shares": {"NR": 100}, "may_take": None, "categories": None}]}
    shown = []
    for instance in (result, left_out, null):
        file = tmp_path / "instance.json"
        file.write_text(json.dumps(instance), encoding="utf-8")
        assert routing.main(["--instance", str(file)]) == 0
        shown.append(capsys.readouterr().out)
    assert shown == ['{"id": "v1", "holder": "NR", "reason": "ONLY_ONE"}\n'] * 3


def _text(old: str, new: str) -> bytes:
    written = json.dumps(good())
    assert old in written
    return written.replace(old, new).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "le fichier est vide"),
        (b" \n", "le fichier est vide"),
        (b"[]", "il faut un objet JSON"),
        (b"unit: 100", "pas du JSON, ligne 1, colonne 1"),
        (b'{"unit": 100,}', "pas du JSON"),
        (b'{"unit": NaN}', "nombre qui ne peut pas"),
        (b'{"unit": ' + b"9" * 5000 + b"}", "nombre qui ne peut pas"),
        (b"[" * 100_000, "trop d’objets"),
        ("é".encode("latin-1"), "UTF-8"),
        (_text('"unit": 100', '"unit": 100, "unit": 100'), "la clé « unit »"),
        (_text('"id": "v2"', '"id": "v2", "shares": {}'), "logement « v2 » (n° 2) : la clé « shares »"),
        (
            _text('"v2", "shares": {"ETAT": 30', '"v2", "shares": {"ETAT": 5, "ETAT": 30'),
            "logement « v2 » (n° 2) : la clé « ETAT »",
        ),
        (_text('"id": "ETAT"', '"id": "ETAT", "id": "ETAT"'), "la clé « id »"),
        (_text('"NR": 70', '"NR": ' + "9" * 4300), "nombre démesuré"),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_instance_is_refused(
    content: bytes, words: str, tmp_path: Path, assert_refused: Callable[[Path, str], None]
) -> None:
    file = tmp_path / "instance.json"
    file.write_bytes(content)
    assert_refused(file, words)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, assert_refused: Callable[[Path, str], None]) -> None:
    assert_refused(tmp_path / "absent.json", "n’existe pas")
    assert_refused(tmp_path, "dossier")


@pytest.mark.parametrize("typed", [["--instance"], ["--quikc"], ["--quick", "--write"], ["file.json"]])
def test_a_misspelt_command_is_refused_in_french(typed: list[str]) -> None:
    answer = bare.run("-m", "benchmarks.routing", *typed)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "L’aide" in answer.stderr
