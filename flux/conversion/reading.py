"""A file, or the mapping that the database gives, into facts. Every error is reported at once, each with its path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flux.conversion import facts
from flux.conversion.entry import Entry, Fault, FloatingFigure
from flux.conversion.life import last_day, later

#: The version of the file format that this code reads.
FORMAT = 1
#: Longest term that is believed, in years: more is a year mistyped.
LONGEST = 30


class ConversionRefused(ValueError):
    """A file that cannot be converted. `faults` holds everything that is wrong with it; `str()` one line each."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def read_text(text: str) -> facts.ConversionInput:
    """Facts from the JSON text of a file. Raises ConversionRefused."""
    twice: list[Fault] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key, value in pairs:
            if key in read:
                twice.append(Fault(key, "cette clé est écrite deux fois dans le même objet : gardez-en une."))
            read[key] = value
        return read

    try:
        data = json.loads(text, parse_float=FloatingFigure, parse_constant=FloatingFigure, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        where = f"ligne {error.lineno}, colonne {error.colno}"
        raise ConversionRefused(
            [Fault("", f"Ce fichier n’est pas du JSON ({where}) : corrigez-le à cet endroit.")]
        ) from error
    except (ValueError, RecursionError) as error:
        sentence = "Ce fichier porte un nombre trop long ou des objets trop imbriqués : partez de l’exemple."
        raise ConversionRefused([Fault("", sentence)]) from error
    if twice:
        raise ConversionRefused(twice)
    return read(data)


def read(data: object) -> facts.ConversionInput:
    """Facts from a mapping (docs/conversion.md). Raises ConversionRefused with every error, each with its path."""
    faults: list[Fault] = []
    top = Entry.of("", data, faults)
    if top.whole("format") != FORMAT and top.has("format"):
        top.complain("format", f"écrivez {FORMAT}, la version du format que l’on sait lire.")
    weights_in = top.choice("weights_in", ("UNITS", "PERCENT"))
    given = facts.ConversionInput(
        landlord=_landlord(top.entry("landlord")),
        holder=_holder(top.entry("holder")),
        perimeter=_perimeter(top.entry("perimeter")),
        term=_term(top.entry("term")),
        base=tuple(_place(row) for row in top.entries("base", required=True)),
        rights=tuple(_right(row) for row in top.entries("rights")),
        weights_in=weights_in,
        rotation=tuple(_rotation(row, weights_in) for row in top.entries("rotation", required=True)),
        exclusions=tuple(_excluded(row) for row in top.entries("exclusions")),
        others=tuple(_neighbour(row) for row in top.entries("others")),
        parameters=_parameters(top),
    )
    top.close()
    if not faults:
        _cross(given, faults)
    if faults:
        raise ConversionRefused(faults)
    return given


def _landlord(row: Entry) -> facts.Landlord:
    landlord = facts.Landlord(row.text("name"), row.text("siren", required=False))
    row.close()
    return landlord


def _holder(row: Entry) -> facts.Holder:
    holder = facts.Holder(row.text("name"), row.choice("contingent", facts.CONTINGENTS))
    row.close()
    return holder


def _perimeter(row: Entry) -> facts.Perimeter:
    perimeter = facts.Perimeter(row.choice("kind", facts.TERRITORIES), row.text("code"), row.text("name"))
    row.close()
    return perimeter


def _term(row: Entry) -> facts.Term:
    sound = len(row.faults)
    term = facts.Term(row.day("starts_on"), row.day("ends_on"))
    row.close()
    if len(row.faults) == sound:
        if term.ends_on < term.starts_on:
            row.complain("ends_on", "la convention finit avant de commencer : corrigez l’une des deux dates.")
        elif term.ends_on >= later(term.starts_on, LONGEST):
            row.complain("ends_on", "la convention durerait plus de trente ans : corrigez l’année de fin.")
    return term


def _place(row: Entry) -> facts.ConversionPlace:
    sound = len(row.faults)
    place = facts.ConversionPlace(
        territory=row.text("territory"),
        name=row.text("name"),
        units=row.whole("units"),
        out=tuple(_out(line) for line in row.entries("out")),
        note=row.note(),
    )
    row.close()
    if len(row.faults) == sound:
        _once(row, "out", [line.reason for line in place.out], "reason", "additionnez ces deux lignes en une.")
        if place.base < 0:
            row.complain("out", f"le parc compte {place.units}, il en sort {place.units - place.base} : ôtez-en.")
    return place


def _out(row: Entry) -> facts.Out:
    out = facts.Out(row.choice("reason", facts.OUT), row.whole("units"), row.note())
    row.close()
    return out


def _right(row: Entry) -> facts.Right:
    sound = len(row.faults)
    if row.has("ground") and row.data["ground"] in facts.KEPT:
        row.complain(
            "ground", "ce droit reste en stock et ne se convertit pas : ôtez-le, et sortez ses logements de la base."
        )
    right = facts.Right(
        id=row.whole("id", least=1) if row.has("id") else None,
        reference=row.text("reference"),
        ground="" if row.data.get("ground") in facts.KEPT else row.choice("ground", facts.GROUNDS),
        use=row.choice("use", facts.USES),
        units=row.whole("units"),
        starts_on=row.day("starts_on"),
        ends_on=row.maybe_day("ends_on"),
        loan_ends_on=row.maybe_day("loan_ends_on"),
        extension_years=row.whole("extension_years") if row.has("extension_years") else None,
        note=row.note(),
    )
    row.close()
    if len(row.faults) == sound:
        _check_right(row, right)
    return right


def _check_right(row: Entry, right: facts.Right) -> None:
    if right.ends_on and right.loan_ends_on:
        row.complain("ends_on", "donnez la fin du droit ou celle de l’emprunt (loan_ends_on), pas les deux.")
    if right.loan_ends_on and right.ground != "LOAN_GUARANTEE":
        row.complain("loan_ends_on", "seule une garantie d’emprunt (LOAN_GUARANTEE) finit d’après son emprunt.")
    if right.extension_years is not None and not right.loan_ends_on:
        row.complain("extension_years", "la prolongation suit la fin de l’emprunt : donnez aussi loan_ends_on.")
    if (right.extension_years or 0) > 99:
        row.complain("extension_years", "écrivez au plus 99 années.")
    if right.ends_on and right.ends_on < right.starts_on:
        row.complain("ends_on", "le droit finit avant de commencer : corrigez l’une des deux dates.")


def _rotation(row: Entry, weights_in: str) -> facts.Rotation:
    weight = row.decimal("weight")
    counted = row.whole("vacancies") if row.has("vacancies") else None
    rate = row.decimal("rate", most=100) if counted is None else _counted_rate(row, counted, weight, weights_in)
    rotation = facts.Rotation(
        territory=row.text("territory", required=False),
        type=row.text("type", required=False),
        weight=weight,
        rate=rate,
        vacancies=counted,
        note=row.note(),
    )
    row.close()
    return rotation


def _counted_rate(row: Entry, vacancies: int, weight: Fraction, weights_in: str) -> Fraction:
    """The exact rate, in %, of vacancies that were counted on `weight` units."""
    if row.has("rate"):
        row.complain("rate", "le taux se tire des libérations comptées (vacancies) : ôtez l’un des deux.")
    elif weights_in == "PERCENT":
        row.complain("vacancies", "comptez-les sur des logements (weights_in : UNITS), ou donnez un taux.")
    elif vacancies > weight:
        row.complain("vacancies", "il ne se libère pas plus de logements qu’il n’y en a : donnez au plus leur nombre.")
    elif weight:
        return 100 * vacancies / weight
    return Fraction(0)


def _excluded(row: Entry) -> facts.Excluded:
    excluded = facts.Excluded(row.choice("category", facts.EXCLUSIONS), row.whole("units"), row.note())
    row.close()
    return excluded


def _neighbour(row: Entry) -> facts.Neighbour:
    other = facts.Neighbour(
        row.text("name"), row.choice("contingent", facts.CONTINGENTS), row.decimal("share", most=100), row.note()
    )
    row.close()
    return other


def _parameters(top: Entry) -> dict[str, facts.Parameter]:
    if not top.has("parameters"):
        return {}
    box = top.entry("parameters")
    read = {}
    for code in facts.PARAMETERS:
        if box.has(code):
            row = box.entry(code)
            read[code] = facts.Parameter(row.decimal("value", most=100), row.text("source"))
            row.close()
    box.close()
    extension = read.get(facts.GUARANTEE_EXTENSION_YEARS)
    if extension and extension.value.denominator != 1:
        box.complain(f"{facts.GUARANTEE_EXTENSION_YEARS}.value", "écrivez un nombre entier d’années.")
    return read


def _once(row: Entry, key: str, values: Sequence[str], named: str, advice: str) -> None:
    for place, value in enumerate(values):
        if value in values[:place]:
            row.complain(f"{key}[{place}].{named}", f"« {value} » est déjà donné plus haut : {advice}")


def _cross(given: facts.ConversionInput, faults: list[Fault]) -> None:
    """What only the whole file states."""
    top = Entry("", {}, faults)
    places = [place.territory for place in given.base]
    _once(top, "base", places, "territory", "réunissez ces deux lignes.")
    _once(top, "rights", [right.reference for right in given.rights], "reference", "donnez à chaque droit la sienne.")
    _once(top, "exclusions", [line.category for line in given.exclusions], "category", "additionnez ces deux lignes.")
    _once(top, "others", [other.name for other in given.others], "name", "gardez une ligne par réservataire.")
    kinds = [f"{line.territory or 'tout le périmètre'}, {line.type or 'tous types'}" for line in given.rotation]
    _once(top, "rotation", kinds, "territory", "réunissez ces deux lignes.")
    _cross_places(given, places, top)
    for place, right in enumerate(given.rights):
        _cross_right(given, right, f"rights[{place}]", top)
    if facts.NOT_RESERVED in [given.holder.name, *(other.name for other in given.others)]:
        top.complain("others", f"« {facts.NOT_RESERVED} » est le reste du flux, calculé ici : ôtez sa ligne.")
    if given.holder.name in [other.name for other in given.others]:
        top.complain("others", f"« {given.holder.name} » est le réservataire converti : ôtez sa ligne.")


def _cross_places(given: facts.ConversionInput, places: Sequence[str], top: Entry) -> None:
    if given.perimeter.kind == "DISTRICT" and places != [given.perimeter.code]:
        top.complain("base", f"le périmètre est {given.perimeter.name} : n’y gardez que {given.perimeter.code}.")
    for place, line in enumerate(given.rotation):
        if line.territory and line.territory not in places:
            top.complain(
                f"rotation[{place}].territory",
                f"« {line.territory} » n’est pas dans la base : ajoutez-l’y, ou ôtez-la.",
            )
    if not sum(place.base for place in given.base):
        top.complain("base", "aucun logement ne reste dans la base : vérifiez ce qui en sort.")
    if not sum(line.weight for line in given.rotation):
        top.complain("rotation", "tous les poids sont nuls : donnez des logements, ou des pourcentages.")


def _cross_right(given: facts.ConversionInput, right: facts.Right, path: str, top: Entry) -> None:
    if right.loan_ends_on is None:
        return
    if right.extension_years is None and facts.GUARANTEE_EXTENSION_YEARS not in given.parameters:
        top.complain(
            f"{path}.loan_ends_on",
            "donnez parameters.GUARANTEE_EXTENSION_YEARS (valeur et source), ou extension_years sur ce droit.",
        )
        return
    end = last_day(right, given.parameters)
    if end and end < right.starts_on:
        top.complain(f"{path}.loan_ends_on", "le droit finit avant de commencer : corrigez l’une des deux dates.")
