"""One object of a file, read key by key: what is wrong is kept with its path, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from flux.conversion.facts import FIELDS, Note, Override

#: Longest text that a worksheet shows.
TEXT = 200
#: A figure above this is a mistake of typing.
MOST = 10**7
WHOLE = re.compile(r"[0-9]{1,8}")
DECIMAL = re.compile(r"[0-9]{1,8}(?:[.,][0-9]{1,6})?")
DAY = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
#: Returned for a date that cannot be read: the file is refused anyhow.
NO_DAY = date.min


class FloatingFigure(str):
    """A number that JSON writes with a point or an exponent: kept as text, to be refused where it stands."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file: where (« rights[3].ends_on »), and what to do about it."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path} : {self.sentence}" if self.path else self.sentence


@dataclass(slots=True)
class Entry:
    """One JSON object at a path. Each reader takes a key, and gives something harmless when it complains."""

    path: str
    data: Mapping[str, object]
    faults: list[Fault]
    taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, path: str, data: object, faults: list[Fault]) -> Entry:
        """The object at a path; an empty one, after a complaint, when something else stands there."""
        if isinstance(data, Mapping):
            return cls(path, data, faults)
        faults.append(Fault(path, "écrivez ici un objet JSON, entre accolades."))
        return cls(path, _Anything(), faults)

    @property
    def readable(self) -> bool:
        """Whether an object stands here: the keys of something else are not complained about one by one."""
        return not isinstance(self.data, _Anything)

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def complain(self, key: str, sentence: str) -> None:
        """Keep a fault at a key of this object."""
        if self.readable:
            self.faults.append(Fault(self.at(key) if key else self.path, sentence))

    def has(self, key: str) -> bool:
        """Whether the key is there with something; null is nothing."""
        self.taken.add(key)
        return self.data.get(key) is not None

    def text(self, key: str, *, required: bool = True) -> str:
        """A text of 1 to 200 characters; « » when it may be missing and is."""
        if not self.has(key):
            if required:
                self.complain(key, "manque : écrivez un texte entre guillemets.")
            return ""
        value = self.data[key]
        if not isinstance(value, str) or isinstance(value, FloatingFigure):
            self.complain(key, "écrivez un texte entre guillemets.")
            return ""
        text = " ".join(value.split())
        if (required and not text) or len(text) > TEXT:
            self.complain(key, f"écrivez un texte de 1 à {TEXT} caractères.")
            return ""
        if not text.isprintable():
            self.complain(key, "ce texte porte un caractère de commande : ôtez-le.")
            return ""
        return text

    def choice(self, key: str, choices: Sequence[str] | Mapping[str, object]) -> str:
        """One of the codes of a closed list."""
        value = self.text(key)
        if value and value not in choices:
            self.complain(key, f"« {value} » n’est pas un code connu : prenez {', '.join(choices)}.")
            return ""
        return value

    def whole(self, key: str, *, least: int = 0) -> int:
        """A whole number, written as a number or as a text."""
        if not self.has(key):
            self.complain(key, "manque : écrivez un nombre entier.")
            return least
        value = self.data[key]
        if isinstance(value, str) and not isinstance(value, FloatingFigure) and WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.complain(key, f"« {_shown(value)} » n’est pas un nombre entier : écrivez-le en chiffres, comme 60.")
            return least
        if not least <= value <= MOST:
            self.complain(key, f"{value} : écrivez un nombre entier de {least} à {MOST}.")
            return least
        return value

    def decimal(self, key: str, *, most: int = MOST) -> Fraction:
        """An exact decimal figure: a whole number, or a text like "13.1"; never a JSON number with a point."""
        if not self.has(key):
            self.complain(key, "manque : écrivez un nombre.")
            return Fraction(0)
        value = self.data[key]
        if isinstance(value, float | FloatingFigure):
            self.complain(key, f'{value} : écrivez-le entre guillemets, comme "13.1", pour qu’il reste exact.')
            return Fraction(0)
        if isinstance(value, bool) or not (
            isinstance(value, int) or (isinstance(value, str) and DECIMAL.fullmatch(value))
        ):
            self.complain(key, f'« {_shown(value)} » n’est pas un nombre positif : écrivez 13 ou "13.1".')
            return Fraction(0)
        number = Fraction(value.replace(",", ".")) if isinstance(value, str) else Fraction(value)
        if not 0 <= number <= most:
            self.complain(key, f"{value} : écrivez un nombre de 0 à {most}.")
            return Fraction(0)
        return number

    def day(self, key: str) -> date:
        """A date that must be there."""
        if not self.has(key):
            self.complain(key, 'manque : écrivez une date, comme "2027-01-01".')
        return self.maybe_day(key) or NO_DAY

    def maybe_day(self, key: str) -> date | None:
        """A date written AAAA-MM-JJ, or None when it is not there."""
        if not self.has(key):
            return None
        value = self.data[key]
        try:
            if isinstance(value, str) and DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            self.complain(key, f"« {value} » n’existe pas dans le calendrier : corrigez le jour ou le mois.")
            return None
        self.complain(key, f'« {_shown(value)} » n’est pas une date : écrivez l’année entière, comme "2027-01-01".')
        return None

    def entry(self, key: str) -> Entry:
        """The object under a key that must be there."""
        if not self.has(key):
            self.complain(key, "manque : écrivez un objet JSON, entre accolades.")
            return Entry(self.at(key), _Anything(), self.faults)
        return Entry.of(self.at(key), self.data[key], self.faults)

    def entries(self, key: str, *, required: bool = False) -> list[Entry]:
        """The objects of the list under a key; none when it may be missing and is."""
        value = self.data[key] if self.has(key) else []
        if not isinstance(value, list | tuple):
            self.complain(key, "écrivez une liste, entre crochets.")
            return []
        if required and not value:
            self.complain(key, "manque : écrivez au moins une ligne.")
        return [Entry.of(f"{self.at(key)}[{place}]", row, self.faults) for place, row in enumerate(value)]

    def note(self) -> Note:
        """Where the figures of this object come from, and what was typed over them, each with its reason."""
        overrides = []
        for row in self.entries("overrides"):
            override = Override(row.choice("field", FIELDS), row.text("was"), row.text("reason"))
            row.close()
            if override.field and override.field not in self.data:
                row.complain(
                    "field", f"« {override.field} » n’est pas une clé de cette ligne : nommez le chiffre changé."
                )
            overrides.append(override)
        return Note(self.text("source", required=False), tuple(overrides))

    def close(self) -> None:
        """Complain about keys that nothing reads: a misspelt key would silently lose a figure."""
        for key in self.data:
            if key not in self.taken:
                self.complain(str(key), "clé inconnue : ôtez-la, ou corrigez-la d’après docs/conversion.md.")


class _Anything(dict[str, object]):
    """Stands for an object that could not be read."""


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
