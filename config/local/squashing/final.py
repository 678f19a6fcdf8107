"""The final form of the SQL of an app: the last text of each function, trigger and policy, in one file a subject, and
the rows that an empty database starts with. What is declared is in one file, written from the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from config.local.squashing.sources import Key, Statement, statements

#: `0017_stages` is about stages.
NUMBER = re.compile(r"^\d{4}_")

#: What declarations make: its file, how that file begins, and how one begins that `manage.py make_triggers` wrote.
DECLARED = "declared"
HEADING = "-- Written by `manage.py make_triggers`, and put together by `./run squash` (docs/decisions/0165)."
MADE = "-- Written by `manage.py make_"

#: Which file of today's nouns holds what a change of another name brought.
NOUNS: Mapping[str, Mapping[str, str]] = {
    "reservations": {
        **dict.fromkeys(("prefect_orders", "free_articles", "delays", "procedure", "renewal", "rates"), "conventions"),
        **dict.fromkeys(("unconfirmed_files", "remark_term", "unconfirmed"), "legal_parameters"),
        "service_notices": "history",
        **dict.fromkeys(("agreed_ends", "returned_cap", "earlier_dues", "uniform_communes"), "conventions"),
        "acting_credential": "second_wall",
        "erasable_imprints": "imprints",
        "log_cosignatures": "verifiable_log",
        "archive_parts": "second_wall",
        "frozen_whole": "conventions",
    },
    "flux": {
        **dict.fromkeys(
            ("fold_decided", "fold_entries", "fold_vacancies", "fold_descriptions", "fold_units", "fold_statements"),
            "folds",
        ),
        **dict.fromkeys(("account", "needs", "known_departures", "openings", "go_live", "told_rights"), "facts"),
        **dict.fromkeys(("vacancy_landlord", "vacancy_places"), "vacancies"),
        **dict.fromkeys(("income_ceilings", "period_cuts"), "law_lists"),
        **dict.fromkeys(("convention_stock", "earlier_dues"), "facts"),
        **dict.fromkeys(("one_life", "one_dwelling"), "vacancies"),
        "one_turn": "reached",
        "units_in_bulk": "descriptions",
        "choice_counts": "routing_counts",
        "software_is_told": "events",
    },
    "attributions": {
        **dict.fromkeys(("objectives", "priority_categories"), "law_lists"),
        **dict.fromkeys(("people_are_told", "conventions_told", "denounced", "paused"), "mail_facts"),
        "stated_purpose": "named",
        "application_imprints": "imprints",
        "who_reads": "second_wall",
        "convening_delay": "committee",
        "stages_by_convention": "stages",
        "software_is_told": "events",
    },
}


@dataclass
class Subject:
    """One final file: its heading, and its statements in the order in which their things first came."""

    name: str
    heading: str
    statements: list[Statement] = field(default_factory=list)

    @property
    def text(self) -> str:
        """As it is written on disk."""
        parts: list[str] = []
        for each in self.statements:
            parts.append(f"\n{each.text}" if parts and each.is_apart else each.text)
        body = "\n".join(parts)
        if self.heading:
            return f"{self.heading}\n\n{body}\n"
        return f"{body}\n"

    @property
    def makes(self) -> set[Key]:
        return {each.makes for each in self.statements if each.makes}


@dataclass(frozen=True)
class Source:
    """A file of SQL that a migration runs today."""

    app: str
    name: str
    text: str

    @property
    def subject(self) -> str:
        if self.text.startswith(MADE):
            return DECLARED
        own = NUMBER.sub("", self.name)
        return NOUNS.get(self.app, {}).get(own, own)


@dataclass
class Final:
    """What is left of all sources of an app."""

    subjects: dict[str, Subject] = field(default_factory=dict)
    #: {old file: subjects that hold what it says last, most first}, for who names the file.
    went: dict[str, list[str]] = field(default_factory=dict)


def final(
    sources: Iterable[Source], filled: set[str], declared: Mapping[str, Mapping[Key, str]] | None = None
) -> dict[str, Final]:
    """{app: its final files, in the order in which they run}. `filled`: the tables that hold rows in a database that
    was only migrated; what writes the rows of others served those that were there on that day. `declared`: {app: {a
    trigger: its SQL}}."""
    gathering = Gathering(filled)
    for source in sources:
        gathering.add(source)
    gathering.declare(declared or {})
    return gathering.ended()


@dataclass
class Gathering:
    """What the files read so far leave."""

    filled: set[str]
    left: dict[str, Final] = field(default_factory=dict)
    homes: dict[Key, Subject] = field(default_factory=dict)
    last: dict[Key, Source] = field(default_factory=dict)
    #: {function: tables whose rows it writes}
    writing: dict[str, set[str]] = field(default_factory=dict)

    def add(self, source: Source) -> None:
        """Read one more file."""
        heading, found = statements(source.text)
        subjects = self.left.setdefault(source.app, Final()).subjects
        subject = subjects.setdefault(source.subject, Subject(source.subject, ""))
        if not subject.statements and not subject.heading:
            subject.heading, heading = heading, ""
        begins = True
        for each in found:
            if self._takes(each, source, subject) and begins:  # what its file says of it is stated from here on
                subject.statements[-1] = replace(each, section=each.section or heading, is_apart=True)
                begins = False

    def _takes(self, each: Statement, source: Source, subject: Subject) -> bool:
        """Is it a new statement of this subject? Otherwise it drops or replaces one of before, or is over."""
        if function := _function(each):
            self.writing[function[2]] = each.writes
        if each.drops:
            if each.drops in self.homes:
                _retire(self.homes[each.drops], each)
            return False
        if each.makes:
            self.last[each.makes] = source
            if each.makes in self.homes:
                _put_right(self.homes[each.makes], each)
                return False
            self.homes[each.makes] = subject
        elif _is_kept(each, self.filled, self.writing):
            self.left[source.app].went.setdefault(source.name, []).append(subject.name)
        else:
            return False
        subject.statements.append(each)
        return True

    def declare(self, declared: Mapping[str, Mapping[Key, str]]) -> None:
        """Take declared triggers out of the files where they were written, and write them in that of declarations,
        which runs as soon as their functions are there: rows that come after have their imprints."""
        over = {key for triggers in declared.values() for key in triggers}
        for result in self.left.values():
            for subject in result.subjects.values():
                if subject.statements and subject.statements[0].makes in over:
                    subject.heading = subject.heading or subject.statements[0].comment
                subject.statements = [each for each in subject.statements if each.makes not in over]
        for app, triggers in declared.items():
            subjects = self.left[app].subjects
            subject = subjects.pop(DECLARED, Subject(DECLARED, ""))
            subject.heading = HEADING
            subject.statements += [Statement("", "", sql, False, makes=key) for key, sql in triggers.items()]
            self.left[app].subjects = {DECLARED: subject, **subjects}
            self.homes |= dict.fromkeys(triggers, subject)

    def ended(self) -> dict[str, Final]:
        """Only what is still there, in the order in which PostgreSQL takes it."""
        for result in self.left.values():
            for subject in result.subjects.values():
                subject.statements = [each for each in subject.statements if each.code]
            result.subjects = _in_order({name: each for name, each in result.subjects.items() if each.statements})
        for key, source in self.last.items():
            if key in self.homes[key].makes:
                self.left[source.app].went.setdefault(source.name, []).append(self.homes[key].name)
        return self.left


def _retire(subject: Subject, drop: Statement) -> None:
    """It is dropped: its place is kept for what may come back under its name. A function whose successor of other
    arguments is there already is gone by then: what is dropped is not the one that is left."""
    at = next(at for at, each in enumerate(subject.statements) if each.makes == drop.drops)
    if drop.arguments == subject.statements[at].arguments:
        subject.statements[at] = replace(subject.statements[at], code="")


def _put_right(subject: Subject, new: Statement) -> None:
    """Its last text, in the place of the former, under the comment of before when it has none."""
    at = next(at for at, each in enumerate(subject.statements) if each.makes == new.makes)
    old = subject.statements[at]
    code = new.code.replace("CREATE OR REPLACE ", "CREATE ", 1)
    comment = new.comment or old.comment
    subject.statements[at] = replace(new, section=old.section, comment=comment, code=code, is_apart=old.is_apart)


def _is_kept(each: Statement, filled: set[str], writing: Mapping[str, set[str]]) -> bool:
    """Does it write a row that an empty database starts with?"""
    if each.is_passing:
        return False
    through = {table for name in each.calls for table in writing.get(name, set())}
    return bool((each.writes or through) & filled)


def _in_order(subjects: dict[str, Subject]) -> dict[str, Subject]:
    """Each file after those whose functions its triggers, its policies and its rows call, and inside it the same;
    otherwise as they came.

    Raises ValueError when some call each other in a circle.
    """
    homes: dict[str, str] = {}
    for subject in subjects.values():
        places = {key[2]: at for at, each in enumerate(subject.statements) if (key := _function(each))}
        wants = {at: _wanted(each, places) for at, each in enumerate(subject.statements)}
        subject.statements = [subject.statements[at] for at in _sorted(wants)]
        homes |= dict.fromkeys(places, subject.name)
    wanted = {
        name: {home for each in found.statements for home in _wanted(each, homes)} - {name}
        for name, found in subjects.items()
    }
    return {name: subjects[name] for name in _sorted(wanted)}


def _function(each: Statement) -> Key | None:
    return each.makes if each.makes and each.makes[0] == "function" else None


def _wanted[T: (str, int)](each: Statement, places: Mapping[str, T]) -> set[T]:
    """Where the functions are that must be there before it. Of what a function calls nothing is asked: its body is
    read when it runs."""
    return set() if _function(each) else {places[name] for name in each.calls if name in places}


def _sorted[T: (str, int)](wants: Mapping[T, set[T]]) -> list[T]:
    done: list[T] = []
    while len(done) < len(wants):
        ready = [key for key, wanted in wants.items() if key not in done and wanted <= set(done)]
        if not ready:
            raise ValueError({key: wanted - set(done) for key, wanted in wants.items() if key not in done})
        done.append(ready[0])
    return done
