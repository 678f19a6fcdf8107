"""The programme that a name means: written alike, or otherwise but for case and accents when one alone is so called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from flux.models import Programme
from reservations.models import Landlord
from reservations.models.territory import search_key
from reservations.refusals import Refusal

#: A name without accents or case, and a commune (id).
type Key = tuple[str, int]


class ProgrammeNames:
    """The programmes of a landlord, by their names. One query, then none."""

    def __init__(self, landlord: Landlord) -> None:
        self.found: dict[Key, list[Programme]] = defaultdict(list)
        self.last = 0  # the highest of their numbers
        for programme in Programme.objects.filter(landlord=landlord).order_by("number"):
            self.add(programme)

    def add(self, programme: Programme) -> None:
        """One more, written since."""
        self.found[search_key(programme.name), programme.commune_id].append(programme)
        self.last = max(self.last, programme.number)

    def one(self, name: str, commune: int) -> Programme | None:
        """The one that this name means in a commune (id); None when none is called so.

        Raises Refusal, for who asked to write which, when several are and none is written so.
        """
        alike = self.found.get((search_key(name), commune), [])
        for programme in alike:
            if programme.name == name:
                return programme
        if len(alike) > 1:
            raise Refusal(which_one(each.name for each in alike), field="programme")
        return alike[0] if alike else None

    def moves(self, programme: Programme, name: str, commune: int) -> bool:
        """Does a unit of this programme go to another, when its commune (id) and the name of its programme are these?
        Case and accents alone move it when another is written just so."""
        if search_key(name) != search_key(programme.name):
            return True
        alike = self.found.get((search_key(name), commune), [])
        return any(each.name == name and each.pk != programme.pk for each in alike)


def which_one(names: Iterable[str]) -> str:
    """What to write when several programmes of a commune are called so."""
    spellings = " ou ".join(f"« {name} »" for name in names)
    return (
        "plusieurs programmes de cette commune portent ce nom, aux majuscules et aux accents près : recopiez celui que "
        f"vous voulez, {spellings}."
    )
