"""One search for units, organisations and places: what the person may see, and where it may go from there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from flux.models import Ledger, LedgerLine, Unit
from flux.queries.units import Folded, matching
from reservations.models import Landlord, Membership, Organisation, ReservationHolder, Territory
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
    units = matching(Unit.objects.visible_to(member), text)
    organisations = _organisations(text)
    territories = Territory.objects.search(text)
    return Found(
        units=list(
            units.select_related("commune", "programme", "landlord__organisation").order_by("reference", "pk")[:SHOWN]
        ),
        unit_count=units.count(),
        organisations=_with_accounts(list(organisations[:SHOWN]), member),
        organisation_count=organisations.count(),
        territories=list(territories.select_related("departement")[:SHOWN]),
        territory_count=territories.count(),
    )


def _organisations(text: str) -> QuerySet[Organisation]:
    """Public names: everybody may find them."""
    words = search_key(text).split()
    if not words:
        return Organisation.objects.none()
    named = Q()
    for word in words:
        named &= Q(words__contains=word)
    contingents = [
        choice.value
        for choice in ReservationHolder.Contingent
        if choice != ReservationHolder.Contingent.NOT_RESERVED
        and all(word in search_key(str(choice.label)) for word in words)
    ]
    holding = ReservationHolder.objects.filter(contingent__in=contingents).order_by().values("organisation")
    return (
        Organisation.objects.alias(words=Lower(Folded(Cast("name", TextField()))))
        .filter(named | Q(siren=text.replace(" ", "")) | Q(pk__in=holding))
        .order_by("name", "pk")
    )


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
