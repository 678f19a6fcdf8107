"""Suspensions of conventions: the days of each, read with the rights, and whom they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from reservations.models import Convention, Membership, Organisation, Pause, PauseAccord, Signatory
from reservations.queries.signatories import SIGNING, spoken_by


def suspended(convention: str = "convention") -> ArraySubquery:
    """For an annotation of what has a `convention`: the days of its agreed suspensions, in the same query; `days_of`
    reads them back."""
    agreed = Pause.objects.agreed().filter(convention=OuterRef(convention)).order_by("starts_on")
    return ArraySubquery(agreed.values(days=JSONObject(first="starts_on", last="ends_on")))


def days_of(rows: Iterable[Mapping[str, str]]) -> tuple[tuple[date, date], ...]:
    """What `suspended` read: the first and the last day of each, both included."""
    return tuple((date.fromisoformat(row["first"]), date.fromisoformat(row["last"])) for row in rows)


def told_on(convention: Convention, today: date) -> list[Pause]:
    """The suspensions and the end agreed or proposed under this version and, until it begins, under the one before. Two
    queries."""
    rows = [convention.pk]
    if convention.amends_id is not None and convention.starts_on > today:
        rows.append(convention.amends_id)
    kept = (Pause.Status.AGREED, Pause.Status.PROPOSED)
    found = Pause.objects.filter(convention__in=rows, status__in=kept).exclude(
        ends_on=None, is_final=False, status=kept[0]
    )
    return list(
        found.select_related("convention", "proposed_by", "shortens", "successor")
        .prefetch_related("accords__organisation")
        .order_by("starts_on", "pk")
    )


def to_agree(member: Membership) -> QuerySet[Pause]:
    """The suspensions, the liftings of one and the ends, that wait for the accord of this person's organisation."""
    if member.role not in SIGNING:
        return Pause.objects.none()
    party = Signatory.objects.filter(convention=OuterRef("convention"), organisation=member.organisation_id)
    given = PauseAccord.objects.filter(pause=OuterRef("pk"), organisation=member.organisation_id)
    bound = (Convention.Status.SIGNED, Convention.Status.AMENDED)
    waiting = Pause.objects.filter(status=Pause.Status.PROPOSED, convention__status__in=bound)
    return waiting.filter(Exists(party), ~Exists(given)).order_by("pk")


def depositable(pause: Pause, member: Membership) -> QuerySet[Organisation]:
    """Whose accord by hand this person may deposit: its own; for the landlord, of those for whom nobody signs here
    too."""
    given = pause.accords.order_by().values("organisation")
    waiting = pause.convention.signatories.exclude(organisation__in=given).order_by().values("organisation")
    ours = pause.convention.landlord.organisation_id == member.organisation_id
    return spoken_by(Organisation.objects.filter(pk__in=waiting), member, landlord=ours).order_by("name", "siren")
