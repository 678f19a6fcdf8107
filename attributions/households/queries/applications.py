"""The requests that an organisation registers or instructs, with what is in progress and until when they are kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull

from attributions.households.models import Application, ApplicationAlias, Proposal, RequestReader
from attributions.households.models.application import ApplicationQuerySet
from attributions.households.queries.retention import Retention
from reservations.models import Membership
from reservations.models.territory import search_key

#: What is looked for as a numéro unique, whole; nothing is read in it.
NUMBER = re.compile(r"[0-9]{13}[0-9A-Z]{5}")


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """A request, how many of its candidatures the reader sees in progress, and the last day its identity is kept."""

    application: Application
    live: int
    kept_until: date | None


def applications(member: Membership) -> ApplicationQuerySet:
    """Those the member reads by name, the latest recorded first; those whose identity is erased are gone."""
    return Application.objects.visible_to(member).select_related("priority").order_by("-pk")


def read_by(member: Membership) -> QuerySet[RequestReader, int]:
    """The ids of `applications(member)`, in its order: by an index, and without what they say."""
    return RequestReader.objects.of(member).order_by("-application").values_list("application", flat=True)


def rows(found: Sequence[Application], member: Membership) -> list[ApplicationRow]:
    """Two queries, whatever their number."""
    retention, live = Retention(), _live(found, member)
    return [ApplicationRow(each, live[each.pk], retention.until(each.closed_on)) for each in found]


def numbered(member: Membership, text: str) -> Application | None:
    """The request that the member reads, known by this whole number, its own or another; None otherwise."""
    number = as_number(text)
    return applications(member).numbered(number).first() if number else None


def named(member: Membership, text: str, *, near: bool = False) -> ApplicationQuerySet:
    """The requests that the member reads whose name holds every word of `text`, accents and case apart, or comes near
    each (`near`); those with a candidacy in progress first, then those that are open, then by name. Found by an index,
    however many requests are read."""
    words = sorted(search_key(text).split(), key=len, reverse=True)
    if not words:
        return Application.objects.none()
    reader = Cast(Value(member.organisation_id), BigIntegerField())
    found = Func(reader, Value(words, ArrayField(TextField())), Value(near), function="attributions_named")
    few = Func(found, template="(SELECT %(expressions)s)", output_field=BigIntegerField())
    ordered = applications(member).filter(pk__in=few, merged_into=None)
    live = Proposal.objects.live().visible_to(member).filter(application=OuterRef("pk")).order_by()
    return ordered.order_by(~Exists(live), IsNull(F("closed_on"), False), "name", "pk")


def as_number(text: str) -> str:
    """A text that may be a numéro unique, as it is stored; "" when it cannot be one."""
    number = "".join(text.split()).upper()
    return number if NUMBER.fullmatch(number) else ""


def ending(number: str) -> str:
    """How a number is shown outside its own file: « 41 07 » for its last four characters."""
    return f"{number[-4:-2]} {number[-2:]}"


def proposals_of(application: Application, member: Membership) -> list[Proposal]:
    """The candidatures of this request that the member reads, the latest first, with those of what merged into it."""
    seen = Proposal.objects.visible_to(member).of(application).order_by().values("pk")
    # Chosen by their ids first, as an array: what surrounds a candidature is read of these alone.
    few = Func(ArraySubquery(seen), template="(SELECT unnest(%(expressions)s))", output_field=BigIntegerField())
    found = Proposal.objects.filter(pk__in=few)
    around = ("vacancy__unit__commune", "vacancy__unit__landlord__organisation", "routing")
    return list(found.select_related(*around).order_by("-pk"))


def _live(found: Iterable[Application], member: Membership) -> Counter[int]:
    ids = [each.pk for each in found]
    seen = Proposal.objects.live().visible_to(member).of_requests(ids)
    pairs = seen.order_by("pk").values_list("application_id", "application__merged_into")
    return Counter(into if into in ids else own for own, into in pairs)


def readers_adrift() -> list[tuple[int, int, bool]]:
    """The requests and the organisations (ids) of which one reads the other and is not kept so, or is kept and does not
    read it (then True): asked of what each request says. Three queries, over everything: for the
    nightly control, not for screens."""
    kept = set(RequestReader.objects.order_by().values_list("application", "organisation"))
    named = Application.objects.filter(pseudonymised_on=None).order_by()
    registered = named.filter(organisations__isnull=False).values_list("pk", "organisations")
    sent = named.filter(proposals__designation__isnull=False)
    found = {*registered, *sent.values_list("pk", "proposals__vacancy__landlord__organisation")}
    return sorted((*pair, pair in kept) for pair in kept ^ found)


def numbers_adrift() -> list[tuple[int, int]]:
    """The requests (ids) whose number is also another number (its id) of a request into which they did not merge. Two
    queries, over everything."""
    numbers = Application.objects.exclude(number="").order_by().values("number")
    both = ApplicationAlias.objects.filter(number__in=numbers)
    leads = {number: (pk, to) for number, pk, to in both.order_by("pk").values_list("number", "pk", "application")}
    found = Application.objects.filter(number__in=list(leads)).order_by("pk").values_list("pk", "number", "merged_into")
    return [(pk, leads[number][0]) for pk, number, into in found if into != leads[number][1]]
