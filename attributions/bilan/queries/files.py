"""What is read of files.

* Is a file the balance that was sent? Its SHA-256 says it; failing that, where it first parts from what was sent.
* What is left to settle after a comparison, as a page and a file show it.
* Balances that another tool sealed, as their landlord or their reader brought them here.
* The units behind a line of a balance that the landlord may take out of a figure, or put into it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import BinaryField, Case, Count, F, Func, IntegerField, Max, Q, QuerySet, Sum, Value, When

from attributions.bilan.models import AnnualBalance, BalanceVersion, PrintedBalance, Reconciliation, ReconciliationLine
from attributions.bilan.models.balance import concerned
from attributions.bilan.models.reminder import SERVED
from attributions.bilan.queries.figures import first_difference
from flux.models import FlowEntry, Ledger, Routing, UnitDescription, Vacancy
from flux.models.unit import period_of
from flux.queries.cells import Axis, bounds_of
from reservations.canonical import seal_of_bytes
from reservations.exports.signatures import State, state_of
from reservations.models import KeptElsewhere, Membership, Organisation, ReservationHolder
from reservations.models.stand_in import of_role
from reservations.queries.attested import attested
from reservations.queries.imprints import stands, was

#: A balance is a few tens of kilobytes; a file that no balance can be is not read. In bytes.
LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class FileDifference:
    """Where a file first parts from what was sent: a value at a `path`; or, when all are alike, a byte (from 1), None
    in the one that ends before."""

    path: str
    byte: int
    file: Any
    sent: Any


class Lacking(StrEnum):
    """What does not vouch for a version, apart from the installation that shows it: not all parties signed, no signed
    state of the log contains it as it is, nobody signed its PDF, or nobody known, or it has no date, or no two
    witnesses cosigned such a state."""

    PARTIES = "PARTIES"
    LOG = "LOG"
    SIGNATURE = "SIGNATURE"
    TRUST = "TRUST"
    DATE = "DATE"
    WITNESSES = "WITNESSES"


OF_SIGNATURE = {State.NONE: Lacking.SIGNATURE, State.UNKNOWN: Lacking.TRUST, State.UNDATED: Lacking.DATE}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file is worth. `version`: the one that it is, or says it is; None when it names none that was sent.
    `difference`: where it first parts from that one. `forged`: the database no longer
    holds that version as it was sent; a file is then judged by the imprint of the sending. `lacking`: what a file
    that is the same lacks to be certified; None of another, or of a base that was forged."""

    seal: str
    same: bool
    version: BalanceVersion | None
    difference: FileDifference | None = None
    forged: bool = False
    lacking: list[Lacking] | None = None
    is_pdf: bool = False

    @property
    def signatories(self) -> list[str]:
        """Who signed the version, in order. One query."""
        if self.version is None:
            return []
        return list(self.version.signatures.order_by("pk").values_list("organisation__name", flat=True))


def check_file(written: bytes, member: Membership | None = None) -> Checked:
    """Compare a file, to the byte, with every version that was sent, among those that `member` may read: what differs
    is shown of no other. A PDF is that of a sealed version, to the byte, with its date or before it came. Three
    queries, four for a file that no version has; four more for what vouches for one that is."""
    seal, sent = seal_of_bytes(written), _versions(member)
    if written.startswith(b"%PDF-"):
        return _printed(written, seal, sent)
    found = sent.filter(seal=seal).order_by("pk").first()
    if found is not None and found.content.encode("utf-8") == written:
        forged = not stands(found)
        return Checked(seal, not forged, found, forged=forged, lacking=None if forged else _lacking(found))
    try:
        content = json.loads(written.decode("utf-8"))
    except (ValueError, RecursionError):
        return Checked(seal, False, None)
    named = _named(content, sent)
    if named is None:
        return Checked(seal, False, None)
    if was(named, {"content": written.decode("utf-8"), "seal": seal}):
        return Checked(seal, True, named, forged=True)
    return Checked(seal, False, named, _difference(written, content, named), forged=not stands(named))


def _printed(written: bytes, seal: str, sent: QuerySet[BalanceVersion]) -> Checked:
    """A PDF against those that are kept of sealed versions: the same bytes, or the first of them, before their date."""
    begins = Func(F("content"), Value(1), Value(len(written)), function="substring", output_field=BinaryField())
    served = PrintedBalance.objects.filter(SERVED, version__in=sent.order_by().values("pk"), size__gte=len(written))
    found = served.annotate(begins=begins).filter(begins=written).defer("page", "content").first()
    if found is None or found.version_id is None or (found.size > len(written) and _signature(written) == State.NONE):
        return Checked(seal, False, None, is_pdf=True)
    version = sent.get(pk=found.version_id)
    forged = not (stands(version) and stands(found))
    return Checked(
        seal, not forged, version, forged=forged, lacking=None if forged else _lacking(version, written), is_pdf=True
    )


def _signature(pdf: bytes) -> State:
    return state_of(pdf, settings.SIGNING_CERTIFICATES, settings.SIGNING_ROOTS)


def _lacking(version: BalanceVersion, pdf: bytes | None = None) -> list[Lacking]:
    """What does not vouch for a version that stands; of its PDF, this copy, or the one that is kept."""
    if pdf is None:
        kept = PrintedBalance.objects.filter(SERVED, version=version).values_list("content", flat=True).first()
        pdf = bytes(kept or b"")
    logged, witnessed = attested(BalanceVersion._meta.db_table, version.pk)
    found = [] if version.sealed_at else [Lacking.PARTIES]
    found += [] if logged else [Lacking.LOG]
    found += [OF_SIGNATURE[state]] if (state := _signature(pdf)) in OF_SIGNATURE else []
    return found + ([] if witnessed else [Lacking.WITNESSES])


def _versions(member: Membership | None) -> QuerySet[BalanceVersion]:
    sent = BalanceVersion.objects.select_related("balance__landlord__organisation", "balance__departement")
    if member is None:
        return sent
    return sent.filter(balance__in=AnnualBalance.objects.visible_to(member).order_by().values("pk"))


def _named(content: Any, sent: QuerySet[BalanceVersion]) -> BalanceVersion | None:
    """The version that a content says it is; None when it does not say, or says one that was never sent."""
    try:
        siren, code = str(content["landlord"]["siren"]), str(content["departement"]["code"])
        exercise, number = int(content["exercise"]), int(content["version"])
    except (TypeError, KeyError, ValueError, OverflowError):
        return None
    if not (siren.isdecimal() and code.isalnum() and 0 <= exercise < 10_000 and 0 <= number < 10_000):
        return None
    found = sent.filter(
        balance__landlord__organisation__siren=siren,
        balance__departement__code=code,
        balance__exercise=exercise,
        number=number,
    )
    return found.order_by("pk").first()


def _difference(written: bytes, content: Any, version: BalanceVersion) -> FileDifference:
    as_sent = version.content.encode("utf-8")
    found = first_difference(content, json.loads(as_sent))
    if found is not None:
        path, mine, theirs = found
        return FileDifference(path, 0, mine, theirs)
    at = next((at for at, (one, other) in enumerate(zip(written, as_sent, strict=False)) if one != other), None)
    place = min(len(written), len(as_sent)) if at is None else at
    mine, theirs = (of[place] if place < len(of) else None for of in (written, as_sent))
    return FileDifference("", place + 1, mine, theirs)


Finding, Owner = ReconciliationLine.Finding, ReconciliationLine.Owner

#: Findings of the tally, besides the rows that agree; the others are in a sentence.
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


def balances_elsewhere(member: Membership) -> QuerySet[KeptElsewhere]:
    """Those that the person may read, without their bytes, the latest first: as the balances of here, an administrator
    all, a landlord its own, the others those it was sent to or that are about it; and what one brought oneself."""
    found = KeptElsewhere.objects.filter(kind=KeptElsewhere.Kind.BALANCE).defer("content")
    found = found.select_related("landlord__organisation", "departement").order_by("-exercise", "-held_on", "-pk")
    if member.is_administrator:
        return found
    mine = Q(keeper=member.organisation_id)
    if member.is_landlord:
        return found.filter(mine)
    addressed = Q(readers__contains=[member.organisation.siren])
    addressed |= of_role(KeptElsewhere, concerned, member)
    return found.filter(mine | Q(addressed, keeper=F("landlord__organisation")))


#: More in one list would not be read: the filters of the category and of the reference narrow it.
MOST = 300


@dataclass(frozen=True, slots=True)
class Counted:
    """A unit that went to a holder, how often it counts in the figure now, and under which description."""

    vacancy: Vacancy
    times: int
    description: UnitDescription


def there_in(year: int, routings: QuerySet[Routing]) -> QuerySet[Routing]:
    """Those of some routings that were open at some moment of a year."""
    return routings.filter(
        Q(closed_at=None) | Q(closed_at__date__gte=date(year, 1, 1)), routed_at__date__lte=date(year, 12, 31)
    )


def units_of(
    balance: AnnualBalance,
    holder: ReservationHolder,
    stage: str,
    *,
    line: str = "",
    category: str = "",
    reference: str = "",
) -> list[Counted]:
    """The units that a holder had at some moment of the year, or that an act of this stage counts there in it, those of
    one category when `line` is an axis, those whose reference contains `reference`, in the order of their references:
    the first `MOST`. Three queries."""
    ledgers = Ledger.objects.filter(landlord=balance.landlord_id, departement=balance.departement_id)
    books = ledgers.order_by().values("pk")
    entries = FlowEntry.objects.filter(ledger__in=books, holder=holder, stage=stage, acted_on__year=balance.exercise)
    counted = {
        vacancy: (times, description)
        for vacancy, times, description in entries.order_by()
        .values_list("vacancy")
        .annotate(sum=Sum("quantity"), last_described=Max("description"))
    }
    routed = there_in(balance.exercise, Routing.objects.filter(holder=holder)).order_by().values("vacancy")
    found = (
        Vacancy.objects.filter(Q(pk__in=routed) | Q(pk__in=list(counted)), ledger__in=books)
        .select_related("unit")
        .order_by("unit__reference", "pk")
    )
    if reference:
        found = found.filter(unit__reference__icontains=reference)
    under = {each.pk: counted.get(each.pk, (0, each.description_id)) for each in found}
    descriptions = UnitDescription.objects.select_related("commune").in_bulk(
        {description for _, description in under.values()}
    )
    kept = [Counted(each, under[each.pk][0], descriptions[under[each.pk][1]]) for each in found]
    if line in Axis:
        bounds = bounds_of(ledgers.order_by("pk"), balance.exercise)
        kept = [each for each in kept if _category(each.description, Axis(line), bounds) == category]
    return kept[:MOST]


def _category(description: UnitDescription, axis: Axis, bounds: tuple[int, ...]) -> str:
    return {
        Axis.TYPOLOGY: description.typology,
        Axis.FINANCING: description.financing_group,
        Axis.QPV: description.qpv,
        Axis.COMMUNE: description.commune.code,
        Axis.PERIOD: period_of(description.construction_year, bounds),
    }[axis]
