"""Finding the place that a few words designate."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Length

from reservations.models import Territory
from reservations.models.territory import OVERSEAS_KIND, search_key, spelt_out

#: How many places a person is shown when their words designate several.
FEW = 6

#: A place as we write it when there are several: « Paris (département, 75) ».
WRITTEN = re.compile(r".*\((?P<kind>[^(),]+), (?P<code>\w+)\)\s*")


def named(text: str, *, kinds: Collection[str] = tuple(Territory.Kind.values), whole: bool = False) -> list[Territory]:
    """The one territory that `text` designates, or the first that it could designate; empty when none does.

    A whole code or a whole name wins over a part of a name, of which none is taken when `whole`: « Narbonne » is the
    commune, though the name of its agglomeration holds it too; « Paris (département, 75) » says it all. One query.
    """
    written = WRITTEN.fullmatch(text)
    if written:
        return list(
            Territory.objects.filter(kind__in=kinds, code__iexact=written["code"]).filter(
                kind__in=_kinds(written["kind"].strip().lower())
            )
        )
    spellings = [search_key(text), spelt_out(search_key(text))]
    same = Q(code__iexact=text.strip()) | Q(search_name__in=spellings)
    found: list[Territory] = list(
        Territory.objects.search(text)
        .filter(kind__in=kinds)
        .alias(whole=Case(When(same, then=Value(0)), default=Value(1), output_field=IntegerField()))
        .order_by("whole", Length("search_name"), "search_name", "code")[:FEW]
    )
    exact = [place for place in found if place.code.casefold() == text.strip().casefold()] or [
        place for place in found if place.search_name in spellings
    ]
    return exact or ([] if whole else found)


def _kinds(label: str) -> list[Territory.Kind]:
    """The scales that are written so."""
    if label == OVERSEAS_KIND:
        return [Territory.Kind.DEPARTEMENT, Territory.Kind.REGION]
    return [kind for kind in Territory.Kind if kind.label == label]
