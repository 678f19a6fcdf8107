"""What is left to settle after a comparison, as a page and a file show it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from attributions.bilan.models import Reconciliation, ReconciliationLine
from reservations.models import Membership, Organisation

Finding, Owner = ReconciliationLine.Finding, ReconciliationLine.Owner

#: Findings of the tally, besides the rows that agree; the others are told in a sentence.
MAIN = (Finding.NOT_OURS, Finding.NOT_THEIRS, Finding.CONTINGENT)
OTHERS = (Finding.NUMBER, Finding.UNIT, Finding.DATE, Finding.DUPLICATE, Finding.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Party:
    """Who has points to settle, and how many. `key`: what an address and a form call it."""

    owner: str
    organisation: Organisation | None
    points: int

    @property
    def key(self) -> str:
        return f"{self.owner}-{self.organisation.pk}" if self.organisation else self.owner

    @property
    def name(self) -> str:
        """« Ville de Narbonne », « le bailleur »."""
        return self.organisation.name if self.organisation else str(Owner(self.owner).label)


def reconciliations(member: Membership) -> QuerySet[Reconciliation]:
    """Those that a person reads, the latest first, with what a line of the list shows."""
    return (
        Reconciliation.objects.visible_to(member)
        .select_related("landlord__organisation", "state", "by")
        .annotate(to_settle=Count("lines"))
        .order_by("-pk")
    )


def parties(kept: Reconciliation) -> list[Party]:
    """Who has something to settle: the landlord, then the others by name. Two queries."""
    counts = kept.lines.order_by("owner", "organisation").values_list("owner", "organisation").annotate(n=Count("pk"))
    rows = list(counts)
    known = Organisation.objects.in_bulk({organisation for _, organisation, _ in rows if organisation})
    found = [Party(owner, known.get(organisation), n) for owner, organisation, n in rows]
    return sorted(found, key=lambda party: (Owner.values.index(party.owner), party.name, party.key))


def points(kept: Reconciliation) -> QuerySet[ReconciliationLine]:
    """The points of a comparison, party by party, then finding by finding."""
    by_owner = [When(owner=owner, then=Value(rank)) for rank, owner in enumerate(Owner.values)]
    return (
        ReconciliationLine.objects.filter(reconciliation=kept)
        .select_related("reconciliation", "organisation", "our_holder__organisation")
        .order_by(Case(*by_owner, output_field=IntegerField()), "organisation__name", "organisation", "pk")
    )


def others(kept: Reconciliation) -> list[tuple[str, int]]:
    """(words, how many) of the findings that the tally leaves out, those there are."""
    return [(str(finding.label), kept.counts[finding]) for finding in OTHERS if kept.counts[finding]]
