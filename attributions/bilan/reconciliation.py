"""What a file of the SNE or of SYPLO and the ledger say of the same lettings, put side by side. Pure: no Django.

Rows meet by the household (its numéro unique, or another number of the same request), else by the unit; never by a
name. What could meet several rows meets none: it is left to a person (UNDECIDED). Every row of each side ends in
exactly one place, whatever the order in which rows come (docs/reconciliation.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Source(StrEnum):
    """Where the file comes from."""

    SNE = "SNE"
    SYPLO = "SYPLO"


class Finding(StrEnum):
    """What is to be settled; of a pair, the first that is true, in this order."""

    CONTINGENT = "CONTINGENT"
    NUMBER = "NUMBER"
    UNIT = "UNIT"
    DATE = "DATE"
    NOT_OURS = "NOT_OURS"
    NOT_THEIRS = "NOT_THEIRS"
    DUPLICATE = "DUPLICATE"
    UNDECIDED = "UNDECIDED"


class Owner(StrEnum):
    """Who can settle it."""

    LANDLORD = "LANDLORD"
    HOLDER = "HOLDER"
    STATE = "STATE"
    SNE = "SNE"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a file, read. "" and None are not given.

    `line`: its number in the file. `unit`: in capitals. `contingents`: codes of RPLS item 63 that its words may mean,
    `words` those words as we say them. `settled`: an allocation or a lease, as against a proposal that came to nothing
    or goes on. `landlord`: SIREN. `rpls`: the identifier of the unit in the RPLS, beside `unit`.
    """

    line: int
    number: str = ""
    unit: str = ""
    commune: str = ""
    contingents: frozenset[int] = frozenset()
    words: str = ""
    proposed_on: date | None = None
    leased_on: date | None = None
    settled: bool = True
    landlord: str = ""
    rpls: str = ""


@dataclass(frozen=True, slots=True)
class Letting:
    """One letting, as one side states it.

    `key`: which row of its side. `household`: the same for every number of one request, "" when unknown. `unit`: the
    landlord's reference, "" when unknown; `mark`: how a file writes the unit, whatever it is. `day`: of the lease.
    `year`: that it counts in, None when nothing dates it. `expected`: should the other side have it?
    """

    key: int
    household: str = ""
    unit: str = ""
    mark: str = ""
    commune: str = ""
    contingents: frozenset[int] = frozenset()
    day: date | None = None
    year: int | None = None
    expected: bool = True


@dataclass(slots=True)
class Comparison:
    """Where each row went, by its key. `pairs`: (key in the file, our key) to the finding, None when they agree."""

    pairs: dict[tuple[int, int], Finding | None] = field(default_factory=dict)
    duplicates: set[int] = field(default_factory=set)
    not_ours: set[int] = field(default_factory=set)
    not_theirs: set[int] = field(default_factory=set)
    undecided: set[int] = field(default_factory=set)
    our_undecided: set[int] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)
    our_outside: set[int] = field(default_factory=set)


def compare(file: Iterable[Letting], ours: Iterable[Letting], *, year: int) -> Comparison:
    """Compare the lettings of a file with ours, for one year."""
    found = Comparison()
    theirs = {each.key: each for each in file}
    mine = {each.key: each for each in ours}
    met: dict[str, list[Letting]] = defaultdict(list)
    for key in _duplicates(theirs.values()):
        found.duplicates.add(key)
        del theirs[key]
    for pair in _pairs(theirs, mine):
        one, other = theirs.pop(pair[0]), mine.pop(pair[1])
        met[one.household].append(one)
        if year in (one.year, other.year) or (one.year is None and other.year is None):
            found.pairs[pair] = _difference(one, other)
        else:
            found.outside.add(one.key)
            found.our_outside.add(other.key)
    again = {key for key, row in theirs.items() if any(_says_again(row, each) for each in met[row.household])}
    for key in again:
        found.duplicates.add(key)
        del theirs[key]
    unsure, our_unsure = _unsure(theirs, mine, year)
    for each in theirs.values():
        in_scope = each.expected and each.year in (year, None)
        where = found.undecided if each.key in unsure else found.not_ours
        (where if in_scope else found.outside).add(each.key)
    for each in mine.values():
        in_scope = each.expected and each.year in (year, None)
        where = found.our_undecided if each.key in our_unsure else found.not_theirs
        (where if in_scope else found.our_outside).add(each.key)
    return found


def _duplicates(file: Iterable[Letting]) -> set[int]:
    """Rows that say again the letting of another: all but the first of each."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for each in file:
        if each.household or (each.mark and each.day):
            groups[each.household, each.mark, each.commune, each.day].append(each.key)
    return {key for keys in groups.values() for key in sorted(keys)[1:]}


def _says_again(one: Letting, met: Letting) -> bool:
    """A row of the household of one that met ours: the same unit that year, or the same day and no other unit."""
    if not one.household or _differ(one.mark, met.mark):
        return False
    return bool(one.mark and one.mark == met.mark and one.year == met.year) or one.day == met.day


#: What two rows must share to meet, the surest first; None: not known of this row.
KEYS: tuple[Callable[[Letting], Hashable], ...] = (
    lambda row: (row.household, row.unit, row.day) if row.household and row.unit and row.day else None,
    lambda row: (row.household, row.unit) if row.household and row.unit else None,
    lambda row: (row.household, row.day) if row.household and row.day else None,
    lambda row: (row.household, row.year) if row.household else None,
    lambda row: row.household or None,
    lambda row: (row.unit, row.day) if row.unit and row.day else None,
    lambda row: (row.unit, row.year) if row.unit else None,
)


def _pairs(theirs: Mapping[int, Letting], mine: Mapping[int, Letting]) -> list[tuple[int, int]]:
    """Rows that meet, one with one: at each step those that are alone, on both sides, to share a key."""
    left, right = dict(theirs), dict(mine)
    pairs = []
    for key in KEYS:
        ones, others = _by(key, left.values()), _by(key, right.values())
        for shared in ones.keys() & others.keys():
            if len(ones[shared]) == len(others[shared]) == 1:
                one, other = ones[shared][0], others[shared][0]
                if _may_meet(one, other):
                    pairs.append((one.key, other.key))
                    del left[one.key], right[other.key]
    return pairs


def _by(key: Callable[[Letting], Hashable], rows: Iterable[Letting]) -> dict[Hashable, list[Letting]]:
    groups: dict[Hashable, list[Letting]] = defaultdict(list)
    for row in rows:
        if (shared := key(row)) is not None:
            groups[shared].append(row)
    return groups


def _may_meet(one: Letting, other: Letting) -> bool:
    """A household that moves twice has two lettings: two units in two years are not the same one."""
    return not _differ(one.unit, other.unit) or one.year == other.year


def _unsure(theirs: Mapping[int, Letting], mine: Mapping[int, Letting], year: int) -> tuple[set[int], set[int]]:
    """Rows left of the year that share a household, or a unit, with a row left on the other side."""
    unsure, our_unsure = set[int](), set[int]()
    for key in (lambda row: row.household or None, lambda row: row.unit or None):
        ones = _by(key, (row for row in theirs.values() if row.year in (year, None)))
        others = _by(key, (row for row in mine.values() if row.year in (year, None)))
        for shared in ones.keys() & others.keys():
            for one in ones[shared]:
                for other in others[shared]:
                    if _may_meet(one, other):
                        unsure.add(one.key)
                        our_unsure.add(other.key)
    return unsure, our_unsure


def _difference(one: Letting, other: Letting) -> Finding | None:
    """What two rows that met disagree on, what matters most first; None when they agree. Not given is no difference."""
    if one.contingents and other.contingents and not one.contingents & other.contingents:
        return Finding.CONTINGENT
    if _differ(one.household, other.household):
        return Finding.NUMBER
    if _differ(one.unit, other.unit) or _differ(one.commune, other.commune):
        return Finding.UNIT
    return Finding.DATE if one.day != other.day else None


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def owner_of(finding: Finding, source: Source, *, holder: Owner, leased: bool) -> Owner:
    """Who can settle a finding. `holder`: which kind of party our ledger gives the letting to; `leased`: have we its
    lease?"""
    syplo = source == Source.SYPLO
    if finding in (Finding.NOT_OURS, Finding.UNIT, Finding.UNDECIDED):
        return Owner.LANDLORD
    if finding == Finding.DUPLICATE:
        return Owner.STATE if syplo else Owner.SNE
    if finding in (Finding.NOT_THEIRS, Finding.DATE):
        return Owner.STATE if syplo and leased else Owner.LANDLORD
    return Owner.STATE if syplo else holder


def dated(day: date | None) -> str:
    """« du 03/03/2026 », or « sans date »: in a sentence that a screen and a file share."""
    return f"du {day:%d/%m/%Y}" if day else "sans date"


#: What to do of each, in one sentence. `there`: the tool of the file; `inside`: in it; `done`: how to state it a lease.
SENTENCES = {
    Finding.CONTINGENT: (
        "Le fichier dit « {theirs} », le compte « {ours} » : relisez l’orientation sur la fiche du logement ; si elle "
        "est juste, faites corriger le contingent {inside}."
    ),
    Finding.NUMBER: (
        "Même logement, autre numéro unique : si les deux sont d’une même demande, enregistrez l’autre numéro sur la "
        "demande ; sinon, corrigez le côté qui se trompe."
    ),
    Finding.UNIT: "Même ménage, autre logement : lisez le bail, puis corrigez le logement ici ou {inside}.",
    Finding.DATE: "Bail {ours_on} ici, {theirs_on} d’après {there} : lisez-le, puis corrigez le côté qui se trompe.",
    Finding.NOT_OURS: (
        "Attribution {theirs_on} d’après {there}, absente du compte : enregistrez le bail sur la fiche du logement ; "
        "si le logement n’est pas de vous, demandez son retrait {inside}."
    ),
    Finding.NOT_THEIRS: "Bail {ours_on} ici, absent du fichier : {done}, ou refaites l’extraction si elle est courte.",
    Finding.DUPLICATE: "La même attribution est deux fois {inside} : n’en gardez qu’une.",
    Finding.UNDECIDED: (
        "Plusieurs lignes peuvent se répondre : complétez numéro unique, logement et date, puis comparez de nouveau."
    ),
}
NO_LEASE_HERE = "Bail {theirs_on} d’après {there}, pas encore ici : enregistrez-le, ou demandez son retrait {inside}."
NO_LEASE_THERE = "Bail {ours_on} ici, sans date {inside} : {done}."
#: Instead of these, of a letting that the account gives to somebody else: neither its holder nor its day is stated.
ELSEWHERE = {
    Finding.CONTINGENT: (
        "Le fichier dit « {theirs} », le compte l’oriente vers un autre : voyez-le avec le bailleur ; si le compte est "
        "juste, faites corriger le contingent {inside}."
    ),
    Finding.DATE: (
        "Bail {theirs_on} d’après {there}, un autre jour ici, et vers un autre : voyez-le avec le bailleur, puis "
        "corrigez le côté qui se trompe."
    ),
}
TOOLS = {
    Source.SNE: {"there": "le SNE", "inside": "au SNE", "done": "radiez la demande au SNE, pour attribution"},
    Source.SYPLO: {"there": "SYPLO", "inside": "dans SYPLO", "done": "notez le bail dans SYPLO"},
}


def what_to_do(
    finding: Finding,
    source: Source,
    *,
    theirs: str,
    ours: str,
    their_day: date | None,
    our_day: date | None,
    elsewhere: bool = False,
) -> str:
    """One sentence for whoever settles it, built from the finding alone. `theirs`, `ours`: contingents, in words; the
    days are those of the lease. `elsewhere`: ours is of somebody else than the service of the file, and is not
    shown."""
    sentence = ELSEWHERE.get(finding, SENTENCES[finding]) if elsewhere else SENTENCES[finding]
    if finding == Finding.DATE and not elsewhere:
        sentence = NO_LEASE_HERE if our_day is None else NO_LEASE_THERE if their_day is None else sentence
    values = {"theirs": theirs, "ours": ours, "theirs_on": dated(their_day), "ours_on": dated(our_day)}
    return sentence.format(**values, **TOOLS[source])
