"""The words of the house as filters (`reservations/words.py`, `reservations/pages`). Built in: no template loads
them."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reservations import words
from reservations.pages import clauses, imprints, pauses, rates, terms
from reservations.templatetags.literals import takes, two_forms

register = template.Library()

for word in (
    words.few,
    words.integer,
    words.signed,
    words.euros,
    words.tenths,
    words.hundredths,
    words.percent,
    words.every_years,
    words.towards,
    words.to,
    words.of,
    words.upper_first,
    words.day,
    words.weekday,
    words.short_day,
    words.short_month,
    words.hour,
    pauses.suspended_between,
    clauses.promised,
    clauses.declined,
    clauses.in_days,
    clauses.days_left,
    clauses.lost,
    rates.in_span,
    rates.rows,
    clauses.publics,
    clauses.clauses_on,
    clauses.written_clauses,
    terms.renewal_clause,
    imprints.checkpoint_code,
):
    register.filter(word.__name__, word)


@register.filter
def paragraph(text: str, css: str = "") -> SafeString:
    """A paragraph of a text that may be empty: then nothing. `css`: its classes."""
    if not text:
        return SafeString()
    return format_html('<p class="{}">{}</p>', css, text) if css else format_html("<p>{}</p>", text)


@register.filter
def asked_when(field: BoundField) -> str:
    """What is read beside the name of a field that may be left empty: « facultatif », or when its form asks for it."""
    text: str = getattr(field.form, "ASKED_WHEN", {}).get(field.name, "facultatif")
    return text


@register.filter
@takes(two_forms)
def plural(count: int, forms: str) -> str:
    """« 3|plural:"logement,logements" » → the right form."""
    return words.plural(count, forms)
