"""Those whom the lines of a file name: an authority by its place, anybody by its SIREN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reservations.imports.cells import choice
from reservations.imports.kinds import Asks, FileLine, Scope
from reservations.imports.nicknames import told_holder, told_place
from reservations.imports.territories import siren_of
from reservations.models import Organisation, ReservationHolder, Territory
from reservations.models.person import HOLDING
from reservations.models.territory import search_key
from reservations.operations.party import GOVERNED, called
from reservations.queries.territories import named
from reservations.refusals import Refusal
from reservations.words import of

Kind = Organisation.Kind

#: How files name the natures, beside our own words.
NATURES: Mapping[str, Kind] = {
    **{kind.label: kind for kind in Kind if kind in HOLDING},
    "ville": Kind.COMMUNE,
    "mairie": Kind.COMMUNE,
    "EPCI": Kind.EPCI,
    "communauté d’agglomération": Kind.EPCI,
    "communauté de communes": Kind.EPCI,
    "métropole": Kind.EPCI,
    "État": Kind.STATE,
    "préfecture": Kind.STATE,
    "Action Logement": Kind.ACTION_LOGEMENT,
    "conseil départemental": Kind.DEPARTEMENT,
    "conseil régional": Kind.REGION,
    "autre": Kind.OTHER,
}
nature = choice(NATURES)


def place_of(
    line: FileLine, column: str, kinds: Iterable[str], scope: Scope, *, whole: bool = False
) -> Territory | None:
    """The one place that a cell names among these kinds, by a name told once too; asks which it is, and gives None,
    when none or several answer. `whole`: a part of a name is nobody's. Looked up once a file."""
    asked = tuple(kinds)
    if (told := told_place(line, column, asked, scope)) is not None:
        return told
    found = _named(str(line.values[column]), asked, scope, whole=whole)
    if isinstance(found, str):
        line.ask(Asks.PLACE, column, found)
        return None
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
    kind: Kind
    place: Territory | None


def party_of(line: FileLine, scope: Scope) -> Party | None:
    """The organisation of a line of holders; refuses the line, and gives None, when it says too little of it."""
    values = line.values
    kind, place = Kind(values["nature"]), None
    if values.get("territoire"):
        place = place_of(line, "territoire", GOVERNED.get(kind, tuple(Territory.Kind)), scope)
        if place is None:
            return None
    elif kind in Organisation.OWN_TERRITORY:
        line.refuse("territoire", f"écrivez le territoire de cette {kind.label} : il désigne la collectivité.")
        return None
    siren = values.get("SIREN") or (siren_of(place) if place and kind in Organisation.OWN_TERRITORY else "")
    name = values.get("nom") or (called(kind, place) if place else "")
    for column, said in (("SIREN", siren), ("nom", name)):
        if not said:
            line.refuse(column, "le répertoire ne le donne pas : écrivez-le.")
            return None
    return Party(siren, name, kind, place)


def holder_of(line: FileLine, scope: Scope, *, column: str = "SIREN réservataire") -> ReservationHolder | None:
    """The contingent that a line names, by a name told once, by the SIREN or the name of its organisation and, when it
    has several, by its code; asks who it is, or refuses the line, when nobody, or several, are named so. All holders
    are read once a file."""
    if "holders" not in scope.kept:
        scope.kept["holders"] = _holders()
    by_siren, by_name = scope.kept["holders"]
    told = told_holder(line, column, scope)
    written = str(line.values[column]) if told is None else told.organisation.siren
    contingents = by_siren.get(written) or by_name.get(search_key(written))
    if not contingents:
        line.ask(Asks.HOLDER, column, "aucune organisation n’est enregistrée ainsi : ajoutez-la à vos réservataires.")
        return None
    code = line.values.get("contingent") if told is None else told.contingent
    if code is None and len(contingents) == 1:
        return next(iter(contingents.values()))
    holder: ReservationHolder | None = contingents.get(code or 0)
    if holder is None:
        organisation = next(iter(contingents.values())).organisation
        codes = ", ".join(f"{each} ({holder})" for each, holder in sorted(contingents.items()))
        line.refuse("contingent", f"écrivez l’un des contingents {of(organisation)} : {codes}.")
    return holder


type _Contingents = dict[str, dict[int, ReservationHolder]]


def _holders() -> tuple[_Contingents, _Contingents]:
    by_siren: _Contingents = {}
    by_name: _Contingents = {}
    open_ones = ReservationHolder.objects.filter(organisation__closed_on=None).exclude(contingent=7)
    for holder in open_ones.select_related("organisation").order_by("pk"):
        by_siren.setdefault(holder.organisation.siren, {})[holder.contingent] = holder
        by_name.setdefault(search_key(holder.organisation.name), {})[holder.contingent] = holder
    return by_siren, by_name


def signing_too(cell: str) -> tuple[Organisation, ...]:
    """The holders that a cell names, between slashes; raises Refusal for one that nobody answers to."""
    asked = [each.strip() for each in cell.split("/") if each.strip()]
    if not asked:
        return ()
    by_name = {
        name: each
        for each in Organisation.objects.open().filter(kind__in=HOLDING).order_by("pk")
        for name in (each.siren, search_key(each.name))
    }
    for name in asked:
        if name not in by_name and search_key(name) not in by_name:
            raise Refusal(
                f"Personne n’est enregistré sous « {name} » : ajoutez-le à vos réservataires.", field="others"
            )
    return tuple(by_name.get(name) or by_name[search_key(name)] for name in asked)
