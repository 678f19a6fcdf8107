"""The files of parties that come in.

* The official geographic code, read from `reservations/data/` (origin and licence: data/LICENCE.md).
* Those whom the lines of a file name: an authority by its place, anybody by its SIREN.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from reservations.imports.cells import choice
from reservations.imports.kinds import Asks, FileLine, Scope
from reservations.imports.slices import nicknamed_holder, nicknamed_place
from reservations.models import Organisation, ReservationHolder, Territory
from reservations.models.person import HOLDING
from reservations.models.territory import search_key
from reservations.operations.party import GOVERNED, article_of, called
from reservations.operations.territory import Edition, Merger, TerritoryPlace
from reservations.operations.territory_file import prepared
from reservations.queries.derogations import named
from reservations.refusals import Refusal
from reservations.words import Named, of

DATA = Path(__file__).parent.parent / "data"
Kind = Territory.Kind

#: All of them, ready to be loaded: `load_territories --prepare` writes it again when one of these files changes.
PREPARED = DATA / "territories.copy.gz"

#: The official code that these files are.
EDITION = Edition("COG 2026", date(2026, 1, 1))


def read_territories(folder: Path = DATA) -> list[TerritoryPlace]:
    """Every territory of France, containers before what they contain: 26 + 109 + 1,266 + 34,969 + 45 of them.

    Codes stay text (« 2A », « 01 »). A municipal district has no EPCI of its own in the file: it has that of its
    commune. A commune of an EPT is also in the métropole: it has both. Only communes and EPCI have a population.
    """
    places = [*_regions(folder), *_departements(folder), *_intercommunal(folder)]
    communes = _rows(folder / "geo_communes.csv.gz")
    epci_of = {row["code_insee"]: (row["epci_siren"], row["ept_siren"]) for row in communes}
    districts: list[TerritoryPlace] = []
    for row in communes:
        mother = row["commune_mere"]
        epci, ept = epci_of[mother or row["code_insee"]]
        (districts if mother else places).append(
            TerritoryPlace(
                kind=Kind.DISTRICT if mother else Kind.COMMUNE,
                code=row["code_insee"],
                name=row["nom"],
                region=row["region"],
                departement=row["departement"],
                epci=epci,
                ept=ept,
                parent_commune=mother,
                population=_population(row["population"]),
                postal_codes=tuple(code for code in row["codes_postaux"].split("|") if code),
            )
        )
    return places + districts


def write_prepared(path: Path = PREPARED) -> None:
    """Write the file that is loaded, from those that it is made of; the same bytes on every machine."""
    path.write_bytes(gzip.compress(b"".join(prepared(read_territories())), compresslevel=9, mtime=0))


def read_prepared(path: Path = PREPARED) -> bytes:
    """Its lines, as `load_prepared` takes them."""
    return gzip.decompress(path.read_bytes())


def read_mergers(folder: Path = DATA) -> list[Merger]:
    """Communes that became a part of another, the oldest first: `former`, `current` (INSEE codes), `since` and `source`
    of each line."""
    rows = (
        Merger(row["former"], row["current"], date.fromisoformat(row["since"]), row["source"])
        for row in _rows(folder / "geo_mergers.csv")
    )
    return sorted(rows, key=lambda merger: (merger.since, merger.former))


@cache
def _sirens() -> dict[str, str]:
    return {row["code_insee"]: row["siren"] for row in _rows(DATA / "geo_communes.csv.gz") if row["siren"]}


def siren_of(place: Territory) -> str:
    """The SIREN of the authority that governs a place, where the official files give it: communes, EPCI and EPT. Else
    « ». The file of communes is read once a process."""
    return place.code if place.kind in (Kind.EPCI, Kind.EPT) else _sirens().get(place.code, "")


def _regions(folder: Path) -> Iterator[TerritoryPlace]:
    for row in _rows(folder / "geo_regions.csv"):
        yield TerritoryPlace(kind=Kind.REGION, code=row["code"], name=row["nom"])


def _departements(folder: Path) -> Iterator[TerritoryPlace]:
    for row in _rows(folder / "geo_departements.csv"):
        yield TerritoryPlace(kind=Kind.DEPARTEMENT, code=row["code"], name=row["nom"], region=row["region"])


def _intercommunal(folder: Path) -> Iterator[TerritoryPlace]:
    for row in _rows(folder / "geo_epci_ept.csv"):
        yield TerritoryPlace(
            kind=Kind.EPT if row["type"] == "EPT" else Kind.EPCI,
            code=row["siren"],
            name=row["nom"],
            population=_population(row["population_municipale"]),
        )


def _population(text: str) -> int | None:
    return int(text) if text else None


def _rows(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


PartyKind = Organisation.Kind
NOBODY = "aucune organisation n’est enregistrée ainsi : ajoutez-la à vos réservataires."

#: How files name the natures, beside our own words.
NATURES: Mapping[str, PartyKind] = {
    **{kind.label: kind for kind in PartyKind if kind in HOLDING},
    "ville": PartyKind.COMMUNE,
    "mairie": PartyKind.COMMUNE,
    "EPCI": PartyKind.EPCI,
    "communauté d’agglomération": PartyKind.EPCI,
    "communauté de communes": PartyKind.EPCI,
    "métropole": PartyKind.EPCI,
    "État": PartyKind.STATE,
    "préfecture": PartyKind.STATE,
    "Action Logement": PartyKind.ACTION_LOGEMENT,
    "conseil départemental": PartyKind.DEPARTEMENT,
    "conseil régional": PartyKind.REGION,
    "autre": PartyKind.OTHER,
}
nature = choice(NATURES)


def place_of(
    line: FileLine, column: str, kinds: Iterable[str], scope: Scope, *, whole: bool = False
) -> Territory | None:
    """The one place that a cell names among these kinds, by a recorded nickname too; asks which it is, and gives None,
    when none or several answer. `whole`: a part of a name is nobody's. Looked up once a file."""
    asked = tuple(kinds)
    if (called := nicknamed_place(line, column, asked, scope)) is not None:
        line.named[column] = in_full(called)
        return called
    found = _named(str(line.values[column]), asked, scope, whole=whole)
    if isinstance(found, str):
        line.ask(Asks.PLACE, column, found)
        return None
    line.named[column] = in_full(found)
    return found


def _named(text: str, kinds: tuple[str, ...], scope: Scope, *, whole: bool) -> Territory | str:
    asked = (text, kinds, whole)
    kept: dict[object, Territory | str] = scope.kept.setdefault("places", {})
    if asked not in kept:
        found = named(text, kinds=kinds, whole=whole)
        if len(found) == 1:
            kept[asked] = found[0]
        elif found:
            kept[asked] = f"plusieurs lieux répondent : recopiez l’un en entier : {', '.join(map(in_full, found))}."
        else:
            kept[asked] = "aucun lieu de cette échelle ne répond : écrivez son nom entier ou son code."
    return kept[asked]


def in_full(place: Territory) -> str:
    """A place as nobody takes it for another: « Aude (département, 11) »."""
    return f"{place.name} ({place.get_kind_display()}, {place.code})"


@dataclass(frozen=True, slots=True)
class Party:
    """What a line says of an organisation, completed by the directory."""

    siren: str
    name: str
    article: str | None
    kind: PartyKind
    place: Territory | None


def party_of(line: FileLine, scope: Scope) -> Party | None:
    """The organisation of a line of holders; refuses the line, and gives None, when it says too little of it."""
    values = line.values
    kind, place = PartyKind(values["nature"]), None
    if values.get("territoire"):
        place = place_of(line, "territoire", GOVERNED.get(kind, tuple(Territory.Kind)), scope)
        if place is None:
            return None
    elif kind in Organisation.OWN_TERRITORY:
        line.refuse("territoire", f"écrivez le territoire de cette {kind.label} : il désigne la collectivité.")
        return None
    siren = values.get("SIREN") or (siren_of(place) if place and kind in Organisation.OWN_TERRITORY else "")
    name = values.get("nom") or (called(kind, place) if place else "")
    for column, each in (("SIREN", siren), ("nom", name)):
        if not each:
            line.refuse(column, "le répertoire ne le donne pas : écrivez-le.")
            return None
    line.named["nom"], line.named["SIREN"] = name, siren
    article = values.get("article", article_of(kind, name, place))
    line.named["article"] = f"une convention {of(Named(name, article or ''))}"
    return Party(siren, name, article, kind, place)


def holder_of(line: FileLine, scope: Scope, *, column: str = "SIREN réservataire") -> ReservationHolder | None:
    """The contingent that a line names, by a recorded nickname, by the SIREN or the name of its organisation and, when
    it has several, by its code; asks who it is, or refuses the line, when nobody, or several, are named so. All holders
    are read once a file."""
    if "holders" not in scope.kept:
        scope.kept["holders"] = _holders()
    called = nicknamed_holder(line, column, scope)
    written = str(line.values[column]) if called is None else called.organisation.siren
    organisation = one_of(scope.kept["holders"][0], written, line, column)
    if organisation is None:
        return None
    contingents = scope.kept["holders"][1][organisation.pk]
    code = line.values.get("contingent") if called is None else called.contingent
    holder: ReservationHolder | None = (
        next(iter(contingents.values())) if code is None and len(contingents) == 1 else contingents.get(code or 0)
    )
    if holder is None:
        codes = ", ".join(f"{each} ({holder})" for each, holder in sorted(contingents.items()))
        line.refuse("contingent", f"écrivez l’un des contingents {of(organisation)} : {codes}.")
        return None
    name_holder(line, column, holder)
    return holder


def named_so(line: FileLine, scope: Scope, *, column: str) -> list[Organisation]:
    """The organisations that a line may name; nothing is reported of it."""
    if "holders" not in scope.kept:
        scope.kept["holders"] = _holders()
    called = nicknamed_holder(line, column, scope)
    return [called.organisation] if called else answering(scope.kept["holders"][0], str(line.values[column]))


def name_holder(line: FileLine, column: str, holder: ReservationHolder) -> None:
    """Who a cell is read as: shown before it is written, and the lines summed under it."""
    line.whom = f"{holder} (SIREN {holder.organisation.siren}, contingent {holder.contingent})"
    line.named[column] = line.whom


def _holders() -> tuple[Directory, dict[int, dict[int, ReservationHolder]]]:
    """Those that may be named, and by organisation (id) its contingents by code."""
    contingents: dict[int, dict[int, ReservationHolder]] = {}
    open_ones = ReservationHolder.objects.filter(organisation__closed_on=None).exclude(contingent=7)
    rows = list(open_ones.select_related("organisation__territory").order_by("pk"))
    for holder in rows:
        contingents.setdefault(holder.organisation_id, {})[holder.contingent] = holder
    return directory(holder.organisation for holder in rows), contingents


#: By SIREN, and by name without accents or case, the organisations (by SIREN) that a cell may name so.
type Directory = dict[str, dict[str, Organisation]]


def directory(organisations: Iterable[Organisation]) -> Directory:
    """All that these answer to. A name may be that of several."""
    found: Directory = {}
    for each in organisations:
        for name in {each.siren, search_key(each.name)}:
            found.setdefault(name, {})[each.siren] = each
    return found


def answering(known: Directory, name: str) -> list[Organisation]:
    """Those that answer to a SIREN or to a name, by SIREN."""
    found = known.get(name) or known.get(search_key(name)) or {}
    return [found[siren] for siren in sorted(found)]


def homonyms(found: Iterable[Organisation]) -> str:
    """What to write when several answer, after the name of the column."""
    text = " ou ".join(f"{each.siren} ({each.name}{_where(each)})" for each in found)
    return f"plusieurs organisations portent ce nom : écrivez le SIREN de celle que vous voulez, {text}."


def _where(organisation: Organisation) -> str:
    return f", {in_full(organisation.territory)}" if organisation.territory else ""


def one_of(known: Directory, name: str, line: FileLine, column: str) -> Organisation | None:
    """The only one that answers to a name; the line asks who it is, and None, when nobody or several do."""
    found = answering(known, name)
    if len(found) == 1:
        return found[0]
    line.ask(Asks.HOLDER, column, homonyms(found) if found else NOBODY, value=name[:80])
    return None


def signing_too(cell: str) -> tuple[Organisation, ...]:
    """The holders that a cell names, between slashes. Raises Refusal for one that nobody, or several, answer to."""
    asked = [each.strip() for each in cell.split("/") if each.strip()]
    if not asked:
        return ()
    known = directory(Organisation.objects.open().filter(kind__in=HOLDING).select_related("territory").order_by("pk"))
    parties = []
    for name in asked:
        found = answering(known, name)
        if not found:
            raise Refusal(
                f"Personne n’est enregistré sous « {name} » : ajoutez-le à vos réservataires.", field="others"
            )
        if len(found) > 1:
            raise Refusal(f"« {name} » : {homonyms(found)}", field="others")
        parties += found
    return tuple(parties)
