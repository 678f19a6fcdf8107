"""What is read of recipients.

* To whom a balance goes, and whose signature is asked (CCH, R441-5-1).
* Conventions in flow that miss on a territory: those that the reader knows of, and a landlord without the State's.
* One list for every page and paper. What is negotiated is read by its two parties only, and is not known here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from attributions.bilan.models.balance import counted_in
from attributions.bilan.queries.deadlines import AnswerKey
from flux.queries import forecasts
from flux.queries.compliance import ComplianceRow, Situation, board
from flux.queries.forecasts import WhyReads
from reservations.models import Convention, Landlord, Membership, Organisation, Territory
from reservations.models.once_a_request import by_id_steps
from reservations.models.together import Steps, stepwise, together, whole

#: Why an organisation signs: it holds a right. The others read for their territory.
RIGHTS = frozenset([WhyReads.CONVENTION, WhyReads.STOCK_RIGHT])
#: Why one without a right that year signs: units of the balance are its own.
COUNTED = "compte"
SIGNING = RIGHTS | {COUNTED}
#: Why the landlord is among the signatories.
LANDLORD = "bailleur"


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organisation that a balance goes to, why, and whether it is asked to sign."""

    organisation: Organisation
    reasons: tuple[str, ...]
    signs: bool


@stepwise
def recipients(landlord: Landlord, departement: Territory, exercise: int) -> Steps[list[Recipient]]:
    """The landlord first, then by name: every holder with a right at some moment of the year, or that the balance
    counts without one, as by the allotment of a programme, all asked to sign; the EPCI and the préfecture, informed
    unless they are holders too. Two queries."""
    reading, holders = yield from together(
        forecasts.recipients.steps(landlord, departement, exercise, on=None),
        whole(_counted(landlord, departement, exercise)),
    )
    others: dict[Organisation, tuple[str, ...]] = {each.organisation: each.reasons for each in reading}
    for organisation in holders:
        reasons = others.get(organisation, ())
        if organisation != landlord.organisation and RIGHTS.isdisjoint(reasons):
            others[organisation] = (COUNTED, *reasons)
    return [
        Recipient(landlord.organisation, (LANDLORD,), signs=True),
        *(
            Recipient(organisation, reasons, signs=not SIGNING.isdisjoint(reasons))
            for organisation, reasons in sorted(others.items(), key=lambda pair: (pair[0].search_name, pair[0].siren))
        ),
    ]


def _counted(landlord: Landlord, departement: Territory, exercise: int) -> QuerySet[Organisation]:
    """Those of whom the balance counts something."""
    counted = Q(pk__in=[])
    for rows in counted_in(landlord, departement, exercise):
        counted |= Q(pk__in=rows.values("holder__organisation"))
    return Organisation.objects.filter(counted).order_by("name", "siren")


@dataclass(frozen=True, slots=True)
class Lacking:
    """A convention that the law asks for and that is not in force: what the board says of it; None for one that a
    landlord never signed with the State, in that département (`state`: who it is, where it is registered)."""

    landlord: Landlord
    row: ComplianceRow | None
    departement: Territory | None = None
    state: Organisation | None = None


@stepwise
def lacking_conventions(member: Membership, owners: Collection[AnswerKey], *, on: date) -> Steps[list[Lacking]]:
    """Of landlords in départements (ids), by landlord; nothing on a day when the law asks for none. Six queries at
    most, whatever there is to read."""
    read = yield from board.steps(member, on=on)
    if read.deadline is None or read.deadline > on:
        return []
    wanted = {landlord for landlord, _ in owners}
    found = [
        Lacking(row.landlord, row)
        for row in read.rows
        if row.landlord.pk in wanted and row.situation not in (Situation.SIGNED, Situation.KEPT)
    ]
    addressed = {
        (row.landlord.pk, row.organisation.territory_id) for row in read.rows if row.organisation and row.is_state
    }
    found += yield from _without_state([key for key in owners if key not in addressed])
    return sorted(found, key=lambda each: (each.landlord.organisation.search_name, each.landlord.pk))


def _without_state(keys: Collection[AnswerKey]) -> Steps[list[Lacking]]:
    """Of these, landlords that never signed with the State in that département. Two queries."""
    asked = (
        Convention.objects.binding()
        .filter(
            landlord__in={landlord for landlord, _ in keys},
            organisation__kind=Organisation.Kind.STATE,
            organisation__territory__in={departement for _, departement in keys},
        )
        .order_by()
        .values_list("landlord", "organisation__territory")
        .distinct()
    )
    (bound,) = yield [asked]
    lacking = [key for key in keys if key not in bound]
    places = {departement for _, departement in lacking}
    landlords, departements, organisations = yield from together(
        by_id_steps(Landlord, {landlord for landlord, _ in lacking}, "organisation"),
        by_id_steps(Territory, places),
        whole(Organisation.objects.filter(kind=Organisation.Kind.STATE, territory__in=places).order_by("-pk")),
    )
    states = {territory: each for each in organisations if (territory := each.territory_id) is not None}
    return [
        Lacking(landlords[landlord], None, departements[departement], states.get(departement))
        for landlord, departement in lacking
    ]
