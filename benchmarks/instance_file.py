"""A flow that somebody brings, as a JSON file: read whole, and refused whole at the first thing that is wrong.

    {"unit": 10000, "landlord": "NR", "dimensions": ["typology"],
     "holders": [{"id": "ETAT", "rank": 0}, {"id": "NR", "rank": 1}],
     "vacancies": [{"id": "v1", "shares": {"ETAT": 2500, "NR": 7500}, "may_take": ["ETAT", "NR"],
                    "categories": {"typology": "T3"}}]}

`"window": L` at the top says how many departures are known at each decision, itself included: the vacancies that
follow in the file (absent, one: version 1 of the rule). `"known": k` on a vacancy says it for this one. Both are whole
numbers, one at least; what the file does not hold is not known.

`"given_back": [{"counted": true}]` on a vacancy: whoever has it gives it back at once, once for each of the list, and
it is decided again, one line more each time; `counted` says whether the turn is used. `"accounting": 2` at the top says
that such a unit is then handed on for one turn, beside the year (docs/engine.md, section 4); absent, 1: everybody is
credited again, as accounts of before are kept.

A holder absent from `shares` has none there. `may_take`, absent or null, is everybody. A category absent or null is
« non renseigné », a category of its own. Keys and categories that nobody asked for are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.instances.flow import Flow, Vacancy


class BadInstance(ValueError):
    """The file is no instance: one French sentence that says where, and what to do."""


class Doubled(dict[str, Any]):
    """A JSON object in which a key came twice."""

    key = ""


def read(path: Path) -> Flow:
    """The flow of a file.

    Raises BadInstance when it cannot be read, or is no instance; nothing is guessed or put right.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadInstance(f"{_unreadable(error)} : donnez le chemin d’un fichier JSON qui puisse être lu.") from error
    except UnicodeDecodeError as error:
        raise BadInstance("le fichier n’est pas écrit en UTF-8 : enregistrez-le ainsi.") from error
    if not text.strip():
        raise BadInstance("le fichier est vide : il y faut une instance en JSON.")
    try:
        return flow(_parse(text), name=path.stem)
    except RecursionError as error:
        raise BadInstance("ce JSON a trop d’objets les uns dans les autres : simplifiez le fichier.") from error


def _unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "ce fichier n’existe pas"
    return "c’est un dossier" if isinstance(error, IsADirectoryError) else "ce fichier ne se laisse pas lire"


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise BadInstance(
            f"ce n’est pas du JSON, ligne {error.lineno}, colonne {error.colno} : corrigez le fichier à cet endroit."
        ) from error
    except ValueError as error:
        raise BadInstance(
            "ce JSON a un nombre qui ne peut pas être lu (NaN, Infinity ou démesuré) : corrigez-le."
        ) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    keys = [key for key, _ in pairs]
    doubled = Doubled(found)
    doubled.key = next(key for place, key in enumerate(keys) if key in keys[:place])
    return doubled


def _no_number(word: str) -> Any:
    raise ValueError(word)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the file says before its vacancies, and each of them is read against."""

    unit: int
    landlord: str
    dimensions: tuple[str, ...]
    ranks: dict[str, int]
    window: int | None
    accounting: int

    def know(self, holder: str, where: str) -> None:
        """Refuse a holder that the file does not declare."""
        if holder not in self.ranks:
            raise BadInstance(f"{where} : « {holder} » n’est pas dans « holders », ajoutez-l’y ou corrigez-le.")


def flow(data: Any, *, name: str) -> Flow:
    """The flow that plain data describes. Raises BadInstance."""
    heading = _heading(data)
    vacancies: list[Vacancy] = []
    known: dict[str, int] = {}
    for number, entry in enumerate(_list(_get(data, "vacancies", "instance"), "instance, « vacancies »"), 1):
        vacancy = _vacancy(entry, number, heading)
        if vacancy.id in known:
            raise BadInstance(
                f"logement « {vacancy.id} » (n° {number}) : cet « id » est déjà celui du n° {known[vacancy.id]}, "
                "donnez-en un autre."
            )
        known[vacancy.id] = number
        vacancies.append(vacancy)
    return Flow(
        name,
        heading.unit,
        heading.landlord,
        heading.dimensions,
        heading.ranks,
        tuple(vacancies),
        heading.window,
        heading.accounting,
    )


def _heading(data: Any) -> Heading:
    where = "instance"
    if not isinstance(data, dict):
        raise BadInstance(f"{where} : il faut un objet JSON, avec unit, landlord, dimensions, holders et vacancies.")
    if isinstance(data, Doubled):
        raise _twice(data, where)
    _no_key_twice({key: value for key, value in data.items() if key != "vacancies"}, where)
    unit = _whole(_get(data, "unit", where), f"{where}, « unit »")
    if unit < 1:
        raise BadInstance(f"{where}, « unit » : {_shown(unit)} ne convient pas, il faut un entier d’au moins 1.")
    dimensions = [
        _word(dimension, f"{where}, « dimensions »")
        for dimension in _list(_get(data, "dimensions", where), f"{where}, « dimensions »")
    ]
    for place, dimension in enumerate(dimensions):
        if dimension in dimensions[:place]:
            raise BadInstance(f"{where}, « dimensions » : « {dimension} » y est deux fois, gardez-la une fois.")
    ranks = _holders(_list(_get(data, "holders", where), f"{where}, « holders »"))
    landlord = _word(_get(data, "landlord", where), f"{where}, « landlord »")
    window = _departures(data, "window", where)
    heading = Heading(unit, landlord, tuple(dimensions), ranks, window, _accounting(data, where))
    heading.know(landlord, f"{where}, « landlord »")
    return heading


def _holders(entries: list[Any]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    by_rank: dict[int, str] = {}
    for number, entry in enumerate(entries, 1):
        where = f"réservataire n° {number}"
        if not isinstance(entry, dict):
            raise BadInstance(f"{where} : il faut un objet JSON, avec id et rank.")
        holder = _word(_get(entry, "id", where), f"{where}, « id »")
        where = f"réservataire « {holder} » (n° {number})"
        rank = _whole(_get(entry, "rank", where), f"{where}, « rank »")
        if holder in ranks:
            raise BadInstance(f"{where} : cet « id » est donné deux fois, donnez-en un autre.")
        if rank in by_rank:
            raise BadInstance(
                f"{where} : le rang {_shown(rank)} est déjà celui de « {by_rank[rank]} », donnez-en un autre."
            )
        ranks[holder] = rank
        by_rank[rank] = holder
    return ranks


def _vacancy(entry: Any, number: int, heading: Heading) -> Vacancy:
    where = f"logement n° {number}"
    if not isinstance(entry, dict):
        raise BadInstance(f"{where} : il faut un objet JSON, avec id, shares et categories.")
    vacancy = _word(_get(entry, "id", where), f"{where}, « id »")
    where = f"logement « {vacancy} » (n° {number})"
    _no_key_twice(entry, where)
    return Vacancy(
        id=vacancy,
        shares=_shares(_get(entry, "shares", where), where, heading),
        categories=_categories(entry.get("categories"), where, heading),
        may_take=_may_take(entry.get("may_take"), where, heading),
        known=_departures(entry, "known", where),
        given_back=tuple(_given_back(entry, where)),
    )


def _accounting(data: dict[str, Any], where: str) -> int:
    """How returns are counted; that of accounts of before when it is not stated."""
    version = _whole(data.get("accounting", 1), f"{where}, « accounting »")
    if version not in (1, 2):
        raise BadInstance(f"{where}, « accounting » : {_shown(version)} ne convient pas, il faut 1 ou 2.")
    return version


def _given_back(entry: dict[str, Any], where: str) -> Iterator[bool]:
    """Does each return of a vacancy, in order, use the turn of who has it?"""
    for number, given in enumerate(_list(entry.get("given_back", []), f"{where}, « given_back »"), 1):
        there = f"{where}, retour n° {number}"
        if not isinstance(given, dict):
            raise BadInstance(f"{there} : il faut un objet JSON, avec counted.")
        counted = _get(given, "counted", there)
        if not isinstance(counted, bool):
            raise BadInstance(f"{there}, « counted » : il faut true ou false.")
        yield counted


def _departures(data: dict[str, Any], key: str, where: str) -> int | None:
    """How many departures are known, the one to decide included; None when it is not stated."""
    if key not in data:
        return None
    count = _whole(data[key], f"{where}, « {key} »")
    if count < 1:
        raise BadInstance(
            f"{where}, « {key} » : {_shown(count)} ne convient pas, il faut un entier d’au moins 1 "
            "(le logement à décider en fait partie)."
        )
    return count


def _shares(given: Any, where: str, heading: Heading) -> dict[str, int]:
    if not isinstance(given, dict):
        raise BadInstance(f"{where}, « shares » : il faut un objet JSON, une part par réservataire.")
    for holder, share in given.items():
        heading.know(holder, f"{where}, « shares »")
        if _whole(share, f"{where}, part de « {holder} »") < 0:
            raise BadInstance(
                f"{where}, part de « {holder} » : {_shown(share)} est négatif, il faut un entier d’au moins 0."
            )
    whole = sum(given.values())
    if whole != heading.unit:
        raise BadInstance(
            f"{where} : la somme des parts est {_shown(whole)}, il faut exactement {_shown(heading.unit)} ; "
            f"corrigez-les, celle du bailleur « {heading.landlord} » comprise (rien n’est complété ni ramené à "
            "l’échelle)."
        )
    return given


def _may_take(given: Any, where: str, heading: Heading) -> frozenset[str] | None:
    if given is None:
        return None
    where = f"{where}, « may_take »"
    for holder in _list(given, where):
        heading.know(_word(holder, where), where)
    if heading.landlord not in given:
        raise BadInstance(
            f"{where} : le bailleur « {heading.landlord} » peut toujours recevoir le logement, ajoutez-l’y."
        )
    return frozenset(given)


def _categories(given: Any, where: str, heading: Heading) -> dict[str, str]:
    if given is None:
        return dict.fromkeys(heading.dimensions, "")
    if not isinstance(given, dict):
        raise BadInstance(f"{where}, « categories » : il faut un objet JSON, une catégorie par dimension.")
    for dimension in heading.dimensions:
        if not isinstance(given.get(dimension), str | None):
            raise BadInstance(
                f"{where}, catégorie « {dimension} » : il faut un texte (ou rien, si elle n’est pas renseignée)."
            )
    return {dimension: given.get(dimension) or "" for dimension in heading.dimensions}


def _get(data: dict[str, Any], key: str, where: str) -> Any:
    if key not in data:
        raise BadInstance(f"{where} : il manque « {key} », ajoutez-le.")
    return data[key]


def _whole(value: Any, where: str) -> int:
    """An integer; true is not one, nor 1.0."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInstance(f"{where} : il faut un nombre entier, sans virgule ni guillemets.")
    return value


def _shown(number: int) -> str:
    """A number in a sentence; Python itself does not write those of thousands of digits."""
    return str(number) if abs(number) < 10**30 else "(nombre démesuré)"


def _word(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadInstance(f"{where} : il faut un texte, qui ne soit pas vide.")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadInstance(f"{where} : il faut une liste JSON.")
    return value


def _no_key_twice(value: Any, where: str) -> None:
    """Refuse an object, at any depth, that gives a key twice: which of the two is meant is not guessed."""
    if isinstance(value, Doubled):
        raise _twice(value, where)
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, dict | list):
                _no_key_twice(inner, where)


def _twice(value: Doubled, where: str) -> BadInstance:
    return BadInstance(f"{where} : la clé « {value.key} » y est deux fois dans le même objet, gardez-la une fois.")
