"""Figures and dates the French way (docs: the visual language, « Words »). Built in: no template needs to load it."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from reservations.models.convention import percent_of

register = template.Library()

#: Narrow no-break space: groups of thousands, and before a percent sign.
THIN = "\u202f"

SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@register.filter
def integer(value: int) -> str:
    """1204 → « 1 204 » (narrow no-break space), with a true minus."""
    return f"{value:,}".replace(",", THIN).replace("-", "−")


@register.filter
def percent(share: int) -> str:
    """A share in millionths as its exact percentage: 125000 → « 12,5 % »."""
    return f"{percent_of(share).normalize():f}".replace(".", ",") + f"{THIN}%"


@register.filter
def plural(count: int, forms: str) -> str:
    """« 3|plural:"logement,logements" » → the right form: plural from two, the French way."""
    singular, many = forms.split(",")
    return many if abs(count) >= 2 else singular


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
    """In tables: « 18 nov. »."""
    local = timezone.localdate(value) if isinstance(value, datetime) else value
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number} {SHORT_MONTHS[local.month - 1]}"


@register.filter
def hour(value: datetime) -> str:
    """« 9 h 41 »."""
    local = timezone.localtime(value)
    return f"{local.hour} h {local.minute:02d}"
