"""One search for units, organisations and places: what the person may see, and where it may go from there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Model, Q, QuerySet, Window

from flux.models import Ledger, LedgerLine, Unit
from flux.queries.units import matching
from reservations.models import Landlord, Membership, Organisation, ReservationHolder, Territory
from reservations.models.searched import folded, holds
from reservations.models.territory import search_key

#: Results of one kind shown; the others are counted, and narrower words find them.
SHOWN = 20

#: Ledgers and statements proposed for one organisation, the latest first.
LINKS = 4


@dataclass(frozen=True, slots=True)
class OrganisationFound:
    """An organisation, with the accounts that the reader may open: its own as a landlord, its lines as a holder."""

    organisation: Organisation
    ledgers: list[Ledger]
    lines: list[LedgerLine]


@dataclass(frozen=True, slots=True)
class Found:
    """What a few words designate. The counts are of everything found, the lists hold the first of each kind."""

    units: list[Unit]
    unit_count: int
    organisations: list[OrganisationFound]
    organisation_count: int
    territories: list[Territory]
    territory_count: int

    @property
    def count(self) -> int:
        return self.unit_count + self.organisation_count + self.territory_count


def search(member: Membership, text: str) -> Found:
    """Find units by reference or address, organisations by name, contingent or SIREN, places by name or code.

    Requests are not among them: their numbers are posted, never in an address (`queries.applications.numbered`).
    Accents, case and punctuation do not matter. A fixed number of queries.
    """
    units, unit_count = _first(
        matching(Unit.objects.visible_to(member), text)
        .select_related("commune", "programme", "landlord__organisation")
        .order_by("reference", "pk")
    )
    organisations, organisation_count = _first(_organisations(text))
    territories, territory_count = _first(Territory.objects.search(text).select_related("departement"))
    return Found(
        units=units,
        unit_count=unit_count,
        organisations=_with_accounts(organisations, member),
        organisation_count=organisation_count,
        territories=territories,
        territory_count=territory_count,
    )


def _first[M: Model](found: QuerySet[M]) -> tuple[list[M], int]:
    """The first of them, in their order, and how many there are: chosen and counted in one reading, by their ids. Two
    queries, one when there are none."""
    ids = list(found.select_related(None).annotate(among=Window(Count("pk"))).values_list("pk", "among")[:SHOWN])
    if not ids:
        return [], 0
    return list(found.filter(pk__in=[pk for pk, _ in ids])), ids[0][1]


def _organisations(text: str) -> QuerySet[Organisation]:
    """Public names: everybody may find them. Each way of finding them is asked of its own index."""
    words = search_key(text).split()
    if not words:
        return Organisation.objects.none()
    named = Q()
    for word in words:
        named &= holds("words", word)
    contingents = [
        choice.value
        for choice in ReservationHolder.Contingent
        if choice != ReservationHolder.Contingent.NOT_RESERVED
        and all(word in search_key(str(choice.label)) for word in words)
    ]
    every = Organisation.objects.order_by()
    ways = (
        every.filter(siren=text.replace(" ", "")).values("pk"),
        ReservationHolder.objects.filter(contingent__in=contingents).order_by().values("organisation"),
    )
    called = every.alias(words=folded("name")).filter(named).values("pk")
    return Organisation.objects.filter(pk__in=called.union(*ways)).order_by("name", "pk")


def _with_accounts(organisations: list[Organisation], member: Membership) -> list[OrganisationFound]:
    """Two queries, whatever the number of organisations."""
    seen = Ledger.objects.ordinary().visible_to(member)
    ids = [organisation.pk for organisation in organisations]
    ledgers: dict[int, list[Ledger]] = defaultdict(list)
    for ledger in seen.filter(landlord__in=Landlord.objects.filter(organisation__in=ids)).select_related(
        "landlord__organisation", "departement"
    ):
        ledgers[ledger.landlord.organisation_id].append(ledger)
    lines: dict[int, list[LedgerLine]] = defaultdict(list)
    for line in (
        LedgerLine.objects.filter(ledger__in=seen, holder__organisation__in=ids)
        .exclude(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
        .select_related("ledger__landlord__organisation", "ledger__departement", "holder__organisation")
        .order_by("-ledger__exercise", "ledger__landlord__organisation__name", "pk")
    ):
        lines[line.holder.organisation_id].append(line)
    return [
        OrganisationFound(organisation, ledgers[organisation.pk][:LINKS], lines[organisation.pk][:LINKS])
        for organisation in organisations
    ]
