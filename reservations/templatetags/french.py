"""Figures, dates and names the French way (docs: the visual language, « Words »). Built in: no template loads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from re import split
from unicodedata import combining, normalize

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from reservations.models.categories import listed
from reservations.models.convention import UNIT, Quota, percent_of
from reservations.models.terms import Side
from reservations.rounding import THIN, Exact, nearest, short
from reservations.templatetags.literals import takes, two_forms

register = template.Library()

SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@register.filter
def integer(value: int) -> str:
    """1204 → « 1 204 » (narrow no-break space), with a true minus."""
    return f"{value:,}".replace(",", THIN).replace("-", "−")


@register.filter
def euros(amount: int | Decimal) -> str:
    """« 23 403 € », « 517,20 € »: cents are written when there are some."""
    return f"{short(amount)}{THIN}€"


@register.filter
def tenths(value: Exact) -> str:
    """At most one decimal, none when it is whole: « 12 », « 12,5 »."""
    return short(value, 1)


@register.filter
def hundredths(value: Exact) -> str:
    """At most two decimals, none when it is whole: « 12 », « 12,50 »."""
    return short(value)


@register.filter
def percent(share: int) -> str:
    """A share in millionths as its exact percentage: 125000 → « 12,5 % »."""
    return f"{percent_of(share).normalize():f}".replace(".", ",") + f"{THIN}%"


@register.filter
def promised(quota: Quota) -> str:
    """« 4,8 % », or « 12 logements par an, soit 4,8 % du flux prévu de 250 »."""
    if quota.yearly_units is None:
        return percent(quota.share)
    units = f"{integer(quota.yearly_units)} logement{'s' * (quota.yearly_units > 1)} par an"
    return f"{units}, soit {percent(quota.share)} du flux prévu de {integer(quota.planned_flow or 0)}"


@register.filter
def declined(quota: Quota) -> str:
    """« les PLS et les T5 »: what the contingent does not take; empty when it takes everything."""
    return listed(quota.declined)


@register.filter
def sides(codes: Iterable[str]) -> str:
    """Whose doing, in words: « le demandeur ou la CALEOL », in the order of the list; empty for nobody."""
    given = set(codes)
    words = [str(side.label) for side in Side if side in given]
    return " ou ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


@register.filter
def every_years(yearly: int) -> str:
    """What a yearly due under one unit, in millionths, means: « environ un logement tous les 3 ans »; empty from one
    unit on, and for nothing."""
    if not 0 < yearly < UNIT:
        return ""
    years = nearest(UNIT, yearly)
    return "environ un logement par an" if years == 1 else f"environ un logement tous les {integer(years)} ans"


@register.filter
@takes(two_forms)
def plural(count: int, forms: str) -> str:
    """« 3|plural:"logement,logements" » → the right form: plural from two, the French way."""
    singular, many = forms.split(",")
    return many if abs(count) >= 2 else singular


#: How the names of organisations begin that take « la », « le » or « l’ » in a sentence.
FEMININE = (
    *("Ville ", "Commune ", "Métropole ", "Communauté ", "Région ", "Préfecture ", "CA ", "CC ", "CU ", "Mairie "),
    *("Caisse ", "Direction ", "Chambre ", "Société ", "Fédération ", "Fondation ", "Régie ", "Gendarmerie "),
)
MASCULINE = (
    *("Département ", "Ministère ", "Centre ", "Syndicat ", "Conseil ", "Comité ", "Groupe ", "Groupement "),
    *("Service ", "Rectorat ", "Tribunal ", "CCAS ", "CHU ", "CROUS "),
)
ELIDED = (
    *("État", "Office ", "Agence ", "Association ", "Établissement ", "Union ", "Hôpital ", "Université "),
    *("Académie ", "Assistance ", "Eurométropole ", "Institut "),
)

#: First words in H before which « de » is elided; before any other H it is not (« de Honfleur », « des Hauts »).
MUTE = frozenset(
    [
        *("habitat", "habitation", "habitations", "habitants", "habiter", "hector", "helene", "helena"),
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


@register.filter
def towards(named: object) -> str:
    """A party inside a sentence: « la Ville de Narbonne », « l’État – agents », « le Grand Narbonne »."""
    name = str(named)
    if name == "Non réservé":
        return "le bailleur (non réservé)"
    for article, beginnings in (("la ", FEMININE), ("le ", MASCULINE), ("l’", ELIDED)):
        if name.startswith(beginnings):
            return f"{article}{name}"
    return f"{name[0].lower()}{name[1:]}" if name.startswith(("Le ", "La ", "Les ")) else name


@register.filter
def to(named: object) -> str:
    """À and the name of a party or of a commune: « à la Ville de Narbonne », « au Grand Narbonne », « à Action
    Logement », « à La Redorte »."""
    name, inside = str(named), towards(named)
    if inside.startswith("le "):
        return f"au {inside[3:]}"
    if inside.startswith("les "):
        return f"aux {inside[4:]}"
    return f"à {name if name.startswith('La ') else inside}"


@register.filter
def of(named: object) -> str:
    """De and the name of a party, a person or a commune: « de la Ville de Narbonne », « du Grand Narbonne », « de
    l’État – agents », « d’Action Logement », « d’Aline », « de La Redorte »."""
    name, inside = str(named), towards(named)
    if inside.startswith("le "):
        return f"du {inside[3:]}"
    if inside.startswith("les "):
        return f"des {inside[4:]}"
    if name.startswith("La "):
        return f"de {name}"
    return f"d’{inside}" if _elides(inside) else f"de {inside}"


@register.filter
def upper_first(text: str) -> str:
    """At the head of a sentence; the rest keeps its capitals."""
    return f"{text[:1].upper()}{text[1:]}"


@register.filter
def day(value: date | datetime | None) -> str:
    """In text: « 24 novembre 2026 », « 1er mars 2026 »."""
    if value is None:
        return "–"
    local = timezone.localdate(value) if isinstance(value, datetime) else value
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number} {date_format(local, 'F Y')}"


@register.filter
def weekday(value: date | datetime) -> str:
    """When one must act: « mardi 24 novembre 2026 »."""
    local = timezone.localdate(value) if isinstance(value, datetime) else value
    return f"{date_format(local, 'l')} {day(local)}"


@register.filter
def short_day(value: date | datetime) -> str:
    """In tables whose year is said elsewhere: « 18 nov. »."""
    local = timezone.localdate(value) if isinstance(value, datetime) else value
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number} {SHORT_MONTHS[local.month - 1]}"


@register.filter
def near_day(value: date | datetime) -> str:
    """In tables that go over years: « 18 nov. », and « 18 nov. 2025 » when it is not of this year."""
    local = timezone.localdate(value) if isinstance(value, datetime) else value
    return short_day(local) if local.year == timezone.localdate().year else f"{short_day(local)} {local.year}"


@register.filter
def hour(value: datetime) -> str:
    """« 9 h 41 »."""
    local = timezone.localtime(value)
    return f"{local.hour} h {local.minute:02d}"
