"""The acts on conversions.

* A conversion worked out, taken into a draft convention, and applied when that convention is signed.
* A convention is proposed: what its landlord's stock is that day is kept with it, for the State.
* A party signs a convention; the last signature has it bind, and turns into flow what its conversions counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from flux.conversion.compute import convert
from flux.conversion.entry import Fault
from flux.conversion.reading import ConversionRefused, read
from flux.models import ConventionStock, Conversion
from flux.operations.entries import carry_signed
from flux.operations.openings import settle_earlier_dues
from flux.pages.checks import feasibility_checks
from flux.pages.convention_sheet import rate_checks
from flux.queries.conversion import Wish
from flux.queries.conversion_sheets import composition
from reservations.models import (
    Convention,
    HistoryEntry,
    Landlord,
    Organisation,
    Quota,
    ReservationHolder,
    StockRight,
    User,
)
from reservations.models.convention import UNIT
from reservations.models.guards import in_order
from reservations.models.territory import within
from reservations.models.wall import atomic, atomic_act
from reservations.operations.convention import SignatureRefused, draft_convention, propose_convention, sign_convention
from reservations.operations.convention_signature import (
    Paper,
    deposit_signature,
    sign_on_account,
)
from reservations.operations.convention_terms import QuotaTerms, quota_terms
from reservations.operations.history import record
from reservations.operations.stock_right import StockRightRefused, locked
from reservations.operations.terms import WHOLE
from reservations.pages.checks.check import refusals
from reservations.queries.conventions import proposed_ranks
from reservations.refusals import Refusal, constraints_speak
from reservations.words import of, towards


class FiguresRefused(Refusal):
    """The figures cannot be worked out; `faults` says each with its path (docs/conversion.md)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class ConversionTaken(Refusal):
    """The variant is frozen into a convention, or cannot be taken into this one."""


class ConversionOutdated(Refusal):
    """The frozen variant no longer is what the convention says, or a right that it counts is gone."""


@atomic
def work_out(*, wish: Wish, label: str, given: Mapping[str, Any], by: User) -> Conversion:
    """Work a conversion out and keep it, with all that it rests on, as a variant that never changes.

    Raises FiguresRefused with everything that is wrong with the figures, Refusal when the landlord already has a
    variant of this name for this holder and perimeter.
    """
    try:
        sheet = convert(read(given))
    except ConversionRefused as refusal:
        raise FiguresRefused(refusal.faults) from refusal
    if sheet.rate > 1:
        sentence = "ils dépasseraient tout le flux : vérifiez leurs logements, la base et la durée."
        raise FiguresRefused((Fault("rights", sentence),))
    with constraints_speak(Conversion):
        variant = Conversion.objects.create(
            landlord=wish.landlord,
            holder=wish.holder,
            perimeter=wish.perimeter,
            label=label,
            starts_on=wish.starts_on,
            ends_on=wish.ends_on,
            given=dict(given),
            worksheet=sheet.as_json(),
            rate_numerator=sheet.rate.numerator,
            rate_denominator=sheet.rate.denominator,
            share=sheet.share,
            created_by=by,
        )
    record(variant, HistoryEntry.Act.RECORDED, by=by, details={"share": [None, variant.share]})
    return variant


@atomic
def take_into_convention(*, conversion: Conversion, by: User, today: date) -> Convention:
    """Write the share of a variant into a draft convention, and freeze the variant with it.

    The draft of the same parties, perimeter and period is completed when there is one (the State signs one convention
    for its two contingents), else written anew; the rank is the holder's own, else the next free one. A variant of
    the same holder that this draft had taken is released. Raises ConversionTaken, and as `draft_convention` does.
    """
    landlord = in_order(Landlord.objects.all()).get(pk=conversion.landlord_id)
    conversion = (
        Conversion.objects.select_for_update(of=("self",))
        .select_related("holder__organisation__territory", "perimeter", "convention__organisation")
        .defer("given", "worksheet")
        .get(pk=conversion.pk)
    )
    if conversion.convention is not None:
        raise ConversionTaken(
            f"Cette variante est déjà reprise dans la convention avec "
            f"{towards(conversion.convention.organisation)} : elle ne "
            "change plus. Dupliquez-la pour en proposer une autre."
        )
    if not 0 < conversion.share <= UNIT:
        raise ConversionTaken("La part de cette variante est nulle : une convention ne peut pas la porter.")
    holder = conversion.holder
    draft = (
        Convention.objects.filter(
            Q(term_on=conversion.ends_on) | Q(term_on=None, ends_on=conversion.ends_on),
            landlord=landlord,
            organisation=holder.organisation_id,
            perimeter=conversion.perimeter_id,
            starts_on=conversion.starts_on,
            status=Convention.Status.DRAFT,
            amends=None,
        )
        .order_by("pk")
        .first()
    )
    convention = draft_convention(
        landlord=landlord,
        organisation=holder.organisation,
        perimeter=conversion.perimeter,
        starts_on=conversion.starts_on,
        ends_on=conversion.ends_on,
        quotas=_quotas(conversion, holder, draft, today),
        replaces=draft,
        by=by,
    )
    for former in Conversion.objects.filter(convention=convention, holder=holder).defer("given", "worksheet"):
        _freeze(former, None, by=by)
    _freeze(conversion, convention, by=by)
    return convention


def _quotas(
    conversion: Conversion, holder: ReservationHolder, draft: Convention | None, today: date
) -> list[QuotaTerms]:
    """Those of the draft, with this holder's share in place of the one it had, or of its units a year."""
    rank = proposed_ranks(conversion.landlord, [holder], today)[holder.pk]
    delegates: tuple[Organisation, ...] = ()
    scope = WHOLE
    declined: tuple[str, ...] = ()
    terms = []
    quotas = draft.quotas.select_related("holder__organisation") if draft else Quota.objects.none()
    for quota in quotas.prefetch_related("delegations__delegate", "rates__territory").order_by("rank", "pk"):
        kept = quota_terms(quota)
        if quota.holder_id == holder.pk:
            rank, delegates, declined, scope = kept.rank, kept.delegates, kept.declined, kept.scope
        else:
            terms.append(kept)
    while rank in {other.rank for other in terms}:
        rank += 1
    return [*terms, QuotaTerms(holder, conversion.share, rank, delegates, declined=declined, scope=scope)]


def _freeze(conversion: Conversion, convention: Convention | None, *, by: User) -> None:
    before, conversion.convention = conversion.convention_id, convention
    conversion.save(update_fields=["convention"])
    details = {"convention": [before, convention and convention.pk]}
    record(conversion, HistoryEntry.Act.EDITED, by=by, details=details)


@atomic
def sign_converted(*, convention: Convention, signed_on: date, by: User, today: date | None = None) -> Convention:
    """Sign a convention, and turn into flow the rights in stock that its frozen conversions counted.

    From its first day on they are in stock no more. A title whose units all lie within the perimeter is converted
    whole (`StockRight.converted_in`, which keeps the dates it had); of one that bears elsewhere too, only what bears
    here ends, on the eve. A convention without a conversion is simply signed. Raises ConversionOutdated when the
    convention has another perimeter, another period or no share for this holder, or when a right was converted or
    ended since the worksheet; and as `sign_convention` does. Nothing is then signed.
    Raises SignatureRefused too when what falls vacant cannot serve what is promised, knowing what each contingent does
    not take, or when a table of rates gives the State more than its cap of the whole flow. Signed once its year has
    begun, it carries over what the year before left to its holders, and settles what precedes it, as it says.
    """
    signed = sign_convention(convention=convention, signed_on=signed_on, by=by, today=today)
    if impossible := refusals([*feasibility_checks(signed, on=today), *rate_checks(signed, on=today)]):
        raise SignatureRefused([check.sentence for check in impossible])
    taken = Conversion.objects.filter(convention=signed).defer("worksheet")
    for conversion in taken.select_related("perimeter", "holder__organisation").order_by("pk"):
        _check_still_stated(conversion, signed)
        for row in conversion.given["rights"]:
            if row.get("id") is not None and row["units"]:
                _convert(_title(conversion, row, signed), conversion, signed, by=by)
    carry_signed(convention=signed)
    settle_earlier_dues(convention=signed, on=today or timezone.localdate())
    return signed


def _check_still_stated(conversion: Conversion, signed: Convention) -> None:
    """The share may have been negotiated since; what it is a share of may not."""
    ours = (conversion.perimeter_id, conversion.starts_on, conversion.ends_on)
    if ours == (signed.perimeter_id, signed.starts_on, signed.agreed_term) and (
        signed.quotas.filter(holder=conversion.holder_id).exists()
    ):
        return
    raise ConversionOutdated(
        f"La variante « {conversion.label} » convertit les droits {of(conversion.holder)} sur "
        f"{conversion.perimeter}, du {conversion.starts_on:%d/%m/%Y} au {conversion.ends_on:%d/%m/%Y} : la convention "
        "ne dit plus cela. Reprenez-y une variante calculée sur son périmètre et sa période."
    )


def _title(conversion: Conversion, row: Mapping[str, Any], signed: Convention) -> StockRight:
    """The title that a row of the worksheet names, held."""
    named, redo = row["reference"], "Reprenez dans la convention une variante qui en tient compte."
    known = StockRight.objects.filter(pk=row["id"], landlord=conversion.landlord_id, holder=conversion.holder_id)
    right = known.first()
    if right is None:
        raise ConversionOutdated(f"Le titre {named} n’est plus à ce réservataire. {redo}")
    try:
        right = locked(right)
    except StockRightRefused as refusal:
        raise ConversionOutdated(f"Le titre {named} est déjà converti. {redo}") from refusal
    if right.ends_on is not None and right.ends_on < signed.starts_on:
        raise ConversionOutdated(f"Le titre {named} prend fin le {right.ends_on:%d/%m/%Y}, avant la convention. {redo}")
    return right


def _convert(right: StockRight, conversion: Conversion, signed: Convention, *, by: User) -> None:
    """The whole title, or only what bears it within the perimeter when something else bears it beyond."""
    eve = signed.starts_on - timedelta(days=1)
    going_on = right.assignments.filter(Q(ends_on=None) | Q(ends_on__gt=eve))
    here = going_on.filter(
        within(conversion.perimeter_id, commune="unit__commune")
        | within(conversion.perimeter_id, commune="programme__commune")
    )
    bearers = {bearer.pk: bearer for bearer in here.select_related("unit", "programme").order_by("pk")}
    if not going_on.exclude(pk__in=bearers).exists():
        right.converted_in = signed
        right.save(update_fields=["converted_in"])
        record(right, HistoryEntry.Act.CONVERTED, by=by, details={"converted_in": [None, signed.pk]})
        return
    for bearer in bearers.values():
        until, bearer.ends_on = bearer.ends_on, eve
        if bearer.starts_on > eve:
            bearer.delete()
        else:
            bearer.save(update_fields=["ends_on"])
        details = {str(bearer.unit or bearer.programme): [until and until.isoformat(), eve.isoformat()]}
        record(right, HistoryEntry.Act.CONVERTED, by=by, details=details)


@atomic
def propose(*, convention: Convention, by: User, today: date | None = None) -> Convention:
    """Propose a draft, with what is counted of the stock that day. Raises as `propose_convention`."""
    proposed = propose_convention(convention=convention, by=by, today=today)
    keep_stock(proposed, on=today or timezone.localdate())
    return proposed


def keep_stock(convention: Convention, *, on: date) -> ConventionStock | None:
    """Count the stock that a convention with the State bears on, once for each time that it is proposed (arrêté of
    10 March 2011, 1° and 2°; docs/decisions/0120). None of the others."""
    if convention.organisation.kind != Organisation.Kind.STATE or convention.is_order:
        return None
    last = ConventionStock.objects.filter(convention=convention).order_by("pk").last()
    if last is not None and last.counted_on == (convention.proposed_on or on):
        return last
    return ConventionStock.objects.create(
        convention=convention, counted_on=convention.proposed_on or on, content=composition(convention, on)
    )


@atomic
def sign_for(*, convention: Convention, organisation: Organisation, by: User, today: date | None = None) -> Convention:
    """Sign for one's own organisation, on the account of whoever signs. Raises what `sign_on_account` and, for the last
    to sign, `sign_converted` refuse, and SignatureRefused when no flow could serve it: nothing is then signed."""
    _check_executable(convention, today=today)
    signed = sign_on_account(convention=convention, organisation=organisation, by=by, today=today)
    return _bind(signed, by=by, today=today)


@atomic_act
def sign_by_hand(
    *,
    convention: Convention,
    organisation: Organisation,
    signed_on: date,
    signer: str,
    paper: Paper,
    by: User,
    today: date | None = None,
) -> Convention:
    """Keep what a party signed by hand, with its file. Raises as `deposit_signature` and `sign_converted`, and
    SignatureRefused when no flow could serve it."""
    _check_executable(convention, today=today)
    signed = deposit_signature(
        convention=convention,
        organisation=organisation,
        signed_on=signed_on,
        signer=signer,
        paper=paper,
        by=by,
        today=today,
    )
    return _bind(signed, by=by, today=today)


def _check_executable(convention: Convention, *, today: date | None) -> None:
    """What binds nobody yet is not signed by the first party either when it could not be executed."""
    on = today or timezone.localdate()
    if impossible := refusals([*feasibility_checks(convention, on=on), *rate_checks(convention, on=on)]):
        raise SignatureRefused([check.sentence for check in impossible])


def _bind(convention: Convention, *, by: User, today: date | None) -> Convention:
    """Once all have signed, from the day of the last signature."""
    keep_stock(convention, on=today or timezone.localdate())  # of a draft that its landlord signs at once
    days = list(convention.signatories.order_by("pk").values_list("signed_on", flat=True))
    signed = [day for day in days if day is not None]
    if len(signed) < len(days):
        return convention
    return sign_converted(convention=convention, signed_on=max(signed), by=by, today=today)
