"""Figures, dates and names the French way, for acts, pages, files and templates alike. Pure, plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from re import split
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from reservations.rounding import ENOUGH, THIN, Exact, nearest, short

PARIS = ZoneInfo("Europe/Paris")

#: One unit of housing, or one whole share, in the millionths that shares are counted in.
WHOLE = 1_000_000

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


def now() -> datetime:
    """What time it is; the product puts its own clock in its place when it starts, as a demonstration may live on
    another day."""
    return datetime.now(PARIS)


def few(count: int) -> bool:
    """Too few for a rate to be written or judged."""
    return count < ENOUGH


def signed(value: int) -> str:
    """A difference: « +1 », « −2 », « 0 »."""
    return f"+{integer(value)}" if value > 0 else integer(value)


def in_a_sentence(title: str) -> str:
    """« Refus de la CALEOL » → « refus de la CALEOL »: a title among other words, but one that an acronym begins."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def integer(value: int) -> str:
    """1204 → « 1 204 » (narrow no-break space), with a true minus."""
    return f"{value:,}".replace(",", THIN).replace("-", "−")


def yearly(units: int) -> str:
    """« 8 logements par an »."""
    return f"{integer(units)} {plural(units, 'logement,logements')} par an"


def euros(amount: int | Decimal) -> str:
    """« 23 403 € », « 517,20 € »: cents are written when there are some."""
    return f"{short(amount)}{THIN}€"


def tenths(value: Exact) -> str:
    """At most one decimal, none when it is whole: « 12 », « 12,5 »."""
    return short(value, 1)


def hundredths(value: Exact) -> str:
    """At most two decimals, none when it is whole: « 12 », « 12,50 »."""
    return short(value)


def percent(share: int) -> str:
    """A share in millionths as its exact percentage: 125000 → « 12,5 % »."""
    return f"{(Decimal(share) / 10_000).normalize():f}".replace(".", ",") + f"{THIN}%"


def every_years(yearly: int) -> str:
    """What a yearly due under one unit, in millionths, means: « environ un logement tous les 3 ans »; empty from one
    unit on, and for nothing."""
    if not 0 < yearly < WHOLE:
        return ""
    years = nearest(WHOLE, yearly)
    return "environ un logement par an" if years == 1 else f"environ un logement tous les {integer(years)} ans"


def plural(count: int, forms: str) -> str:
    """3 and « logement,logements » → « logements »: plural from two, the French way."""
    singular, many = forms.split(",")
    return many if abs(count) >= 2 else singular


#: What stands before the name of an organisation in a sentence: its article, nothing, or « d’ » alone before a mute H
#: (« d’Harmonie Habitat »). Each organisation has its own, stored with its name.
ARTICLES = ("", "d’", "l’", "la", "le", "les")

#: Of the names of people, places and programmes, first words in H before which « de » is elided; before any other H it
#: is not (« de Honfleur », « des Hauts »).
MUTE = frozenset(
    [
        *("harmonie", "habitat", "habitation", "habitations", "habitants", "habiter", "hector", "helene", "helena"),
        *("henin", "hendaye", "henri", "henriette", "herault", "herblay", "hermine", "herve", "hilaire"),
        *("hippolyte", "homme", "hommes", "honore", "honorine", "hopital", "hortense", "hospice"),
        *("hospices", "hotel", "hubert", "hugues", "huguette", "humbert", "hyacinthe", "hydraulique"),
        *("hyeres"),
    ]
)


def _plain(name: str) -> str:
    """Its first word in lower case, without accents."""
    letters = "".join(each for each in normalize("NFD", name.lower()) if not combining(each))
    return split(r"[ ’'-]", letters, maxsplit=1)[0]


def _elides(name: str) -> bool:
    """Is « de » written « d’ » before this name? Before a vowel, Œ, a mute H, and a Y that a consonant follows."""
    word = _plain(name)
    if word.startswith("h"):
        return word in MUTE
    if word.startswith("y"):
        return word[1:2] not in ("", *"aeiouœæ")
    return word.startswith(tuple("aeiouœæ"))


@dataclass(frozen=True, slots=True)
class Named:
    """A name and what it takes before it, where the organisation itself is not read."""

    name: str
    article: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def inside(self) -> str:
        """In a sentence: « la Ville de Narbonne »."""
        return inside(self.name, self.article)


def inside(name: str, article: str = "") -> str:
    """A name inside a sentence, after its article: « la Ville de Narbonne », « l’OPH de l’Aude ». The article that a
    name begins with is written once: « le Grand Narbonne »."""
    if article in ("", "d’"):
        return name
    before = article if article == "l’" else f"{article} "
    own = name.replace("'", "’", 1).lower().startswith(before)
    return f"{before}{name[len(before) :] if own else name}"


def towards(named: object) -> str:
    """A party inside a sentence, which knows how it is written there: « la Ville de Narbonne », « l’État – agents »; or
    the name of a person or of a place, whose article is a part of it: « le Grand Narbonne »."""
    if (known := getattr(named, "inside", None)) is not None:
        return str(known)
    name = str(named)
    return f"{name[0].lower()}{name[1:]}" if name.startswith(("Le ", "La ", "Les ")) else name


def to(named: object) -> str:
    """À and the name of a party or of a commune: « à la Ville de Narbonne », « au Grand Narbonne », « à Action
    Logement », « à La Redorte »."""
    name, inside_it = str(named), towards(named)
    if inside_it.startswith("le "):
        return f"au {inside_it[3:]}"
    if inside_it.startswith("les "):
        return f"aux {inside_it[4:]}"
    return f"à {name if _of_a_place(named, name) else inside_it}"


def of(named: object) -> str:
    """De and the name of a party, a person or a commune: « de la Ville de Narbonne », « du Grand Narbonne », « de
    l’État – agents », « d’Action Logement », « d’Aline », « de La Redorte »."""
    name, inside_it = str(named), towards(named)
    if inside_it.startswith("le "):
        return f"du {inside_it[3:]}"
    if inside_it.startswith("les "):
        return f"des {inside_it[4:]}"
    if _of_a_place(named, name):
        return f"de {name}"
    article = getattr(named, "article", None)
    if article is None:
        elides = _elides(inside_it)
    else:
        elides = article == "d’" or (not article and not inside_it.lower().startswith("h") and _elides(inside_it))
    return f"d’{inside_it}" if elides else f"de {inside_it}"


def _of_a_place(named: object, name: str) -> bool:
    """« La Redorte »: the article of a place stays as it is written."""
    return getattr(named, "article", None) is None and name.startswith("La ")


def together(named: Sequence[object]) -> str:
    """« Robine Habitat », « Corbières Logis et Orbieu Habitat, ensemble »; empty of nobody."""
    names = [str(each) for each in named]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} et {names[-1]}, ensemble"


def upper_first(text: str) -> str:
    """At the head of a sentence; the rest keeps its capitals."""
    return f"{text[:1].upper()}{text[1:]}"


def months(count: int) -> str:
    """« 3 mois », « 1 an », « 2 ans », « 18 mois »: whole years are stated so."""
    if count % 12 == 0:
        return f"{count // 12} {plural(count // 12, 'an,ans')}"
    return f"{count} mois"


def minutes_in_words(seconds: int) -> str:
    """« 2 heures », « 90 minutes », « 1 minute » for anything shorter."""
    minutes = max(1, seconds // 60)
    if minutes % 60 == 0:
        return f"{minutes // 60} {plural(minutes // 60, 'heure,heures')}"
    return f"{minutes} {plural(minutes, 'minute,minutes')}"


def _in_paris(value: date | datetime) -> date:
    """The day, in Paris for a moment."""
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None) -> str:
    """In text: « 24 novembre 2026 », « 1er mars 2026 »."""
    if value is None:
        return "–"
    local = _in_paris(value)
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number} {MONTHS[local.month - 1]} {local.year}"


def weekday(value: date | datetime) -> str:
    """When one must act: « mardi 24 novembre 2026 »."""
    local = _in_paris(value)
    return f"{WEEKDAYS[local.weekday()]} {day(local)}"


def short_day(value: date | datetime) -> str:
    """In tables whose year is stated elsewhere: « 18 nov. »."""
    local = _in_paris(value)
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number} {SHORT_MONTHS[local.month - 1]}"


def short_month(value: date | datetime) -> str:
    """In tables whose year is stated elsewhere: « nov. »."""
    return SHORT_MONTHS[_in_paris(value).month - 1]


def near_day(value: date | datetime) -> str:
    """In tables that go over years: « 18 nov. », and « 18 nov. 2025 » when it is not of this year."""
    local = _in_paris(value)
    return short_day(local) if local.year == _in_paris(now()).year else f"{short_day(local)} {local.year}"


def hour(value: datetime) -> str:
    """« 9 h 41 »."""
    local = value.astimezone(PARIS)
    return f"{local.hour} h {local.minute:02d}"
