"""What pages say of the occupation of a building, beside a vacancy of it: in counts, with the day of the figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attributions.households.queries.occupation import Band, Occupation
from flux.models import Programme
from reservations.models import ReservationHolder
from reservations.pages.pieces import UNKNOWN, Fact, below, facts, muted
from reservations.words import day, integer, plural, upper_first

#: Whose the figure is.
OF_THE_LANDLORD = "lus par le bailleur, dont ce sont les baux"


@dataclass(frozen=True, slots=True)
class OccupationWords:
    """What is folded below a unit: a title that gives the first figure, then the facts and where they are from."""

    programme: Programme
    read: Occupation

    @property
    def title(self) -> str:
        """« Occupation de la résidence : 12 entrées en 12 mois sur 57 logements »."""
        arrived, units = self.read.arrived, self.read.units
        came = f"{integer(arrived)} {plural(arrived, 'entrée,entrées')} en 12 mois"
        return f"Occupation de la résidence : {came}, {integer(units)} {plural(units, 'logement,logements')}"

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The counts, each with what it is out of."""
        read = self.read
        free = read.units - read.occupied
        empty = f", dont {integer(free)} {plural(free, 'libre,libres')}" if free else ""
        dated = (
            f"{integer(read.arrived)}, sur {integer(read.dated)} {plural(read.dated, 'entrée datée,entrées datées')}"
        )
        return facts(
            (
                "Résidence",
                f"{self.programme} : {integer(read.units)} {plural(read.units, 'logement,logements')}{empty}",
            ),
            (f"Entrées depuis le {day(read.since)}", dated if read.dated else UNKNOWN),
            ("Quartiles de ressources", self._quartiles()),
            ("Par contingent", ", ".join(self._contingents())),
        )

    @property
    def source(self) -> str:
        """The day of the figures, and what they are made of."""
        grouped = f" Quartiles réunis jusqu’à {self.read.least} ménages au moins." if self.read.bands else ""
        return f"Au {day(self.read.on)}, d’après les baux signés ici et les fiches importées.{grouped}"

    def _quartiles(self) -> str:
        known, bands = self.read.of_known, self.read.bands
        if known is None:
            return muted(OF_THE_LANDLORD)
        if not known:
            return UNKNOWN
        whole = f"sur {integer(known)} {plural(known, 'ménage connu,ménages connus')}"
        if not bands:
            return below("non communiqué", muted(f"trop peu de ménages par quartile, {whole}", "small"))
        return f"{', '.join(f'{band_words(each)} : {integer(each.tenants)}' for each in bands)}, {whole}"

    def _contingents(self) -> Iterator[str]:
        """The largest first; what nobody knows last."""
        known = ReservationHolder.Contingent
        named = ((code, units) for code, units in self.read.contingents.items() if code is not None)
        for code, units in sorted(named, key=lambda pair: (-pair[1], pair[0])):
            yield f"{upper_first(known(code).label) if code in known.values else code} : {integer(units)}"
        if None in self.read.contingents:
            yield f"non renseigné : {integer(self.read.contingents[None])}"


def band_words(band: Band) -> str:
    """« 1er quartile », « 2e et 3e quartiles », « 2e au 4e quartile »."""
    first, last = (f"{number}{'er' if number == 1 else 'e'}" for number in (band.first, band.last))
    if band.first == band.last:
        return f"{first} quartile"
    return f"{first} et {last} quartiles" if band.last == band.first + 1 else f"{first} au {last} quartile"
