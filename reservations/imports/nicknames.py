"""Whom and what the files of an organisation call by a name of their own, as one of its people told it, once."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from reservations.imports.kinds import FileLine, Scope
from reservations.models import Nickname, Organisation, ReservationHolder, Territory
from reservations.models.territory import search_key


def nicknames_of(organisation: Organisation) -> QuerySet[Nickname]:
    """Those told in an organisation."""
    return Nickname.objects.filter(organisation=organisation)


def told_holder(line: FileLine, column: str, scope: Scope) -> ReservationHolder | None:
    """Whom a cell calls so; None when nobody told it, or when the line gives another contingent. What is read so is
    shown in the preview."""
    return told_as(str(line.values[column]), line, scope, contingent=line.values.get("contingent"))


def told_as(name: str, line: FileLine, scope: Scope, *, contingent: int | None = None) -> ReservationHolder | None:
    """The same of one name, where a cell has several."""
    holder = _told(scope)[0].get(search_key(name))
    if holder is None or contingent not in (None, holder.contingent):
        return None
    if (topic := f"« {name} » retenu : {holder}") not in line.topics:
        line.topics.append(topic)
    return holder


def told_place(line: FileLine, column: str, kinds: Collection[str], scope: Scope) -> Territory | None:
    """The place of these kinds that a cell calls so; None when nobody told it. Shown in the preview, as above."""
    place = _told(scope)[1].get(search_key(str(line.values[column])))
    if place is None or place.kind not in kinds:
        return None
    line.topics.append(f"« {line.values[column]} » retenu : {place.name}")
    return place


type _Told = tuple[dict[str, ReservationHolder], dict[str, Territory]]


def _told(scope: Scope) -> _Told:
    """By key, read once a file."""
    if "nicknames" not in scope.kept:
        rows = nicknames_of(scope.organisation).select_related("holder__organisation", "place").order_by("key")
        scope.kept["nicknames"] = (
            {each.key: each.holder for each in rows if each.holder},
            {each.key: each.place for each in rows if each.place},
        )
    found: _Told = scope.kept["nicknames"]
    return found
