"""The review of a balance, as its page shows it: where it stands, its remarks, its signatures, its versions."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from attributions.bilan.models import (
    AnnualBalance,
    BalanceComment,
    BalanceCorrection,
    BalanceDispatch,
    BalanceRemark,
    BalanceSignature,
    BalanceVersion,
)
from attributions.bilan.queries.balance import rights_in_year
from attributions.bilan.queries.content import Version, comments_on, content
from attributions.bilan.queries.deadlines import Arrival, due_of, is_annual
from attributions.bilan.queries.figures import Difference, differences, same
from attributions.bilan.queries.home import Waiting, term_on, waiting
from attributions.bilan.queries.recipients import Recipient, recipients
from reservations.models import Landlord, Membership, Territory
from reservations.models.together import Steps, by_itself, given, stepwise, together, whole

State = AnnualBalance.State


@dataclass(frozen=True, slots=True)
class Sent:
    """A version with what it says, read once."""

    version: BalanceVersion
    content: Mapping[str, Any]

    @property
    def is_interim(self) -> bool:
        """« Point d’étape »: sent before the end of its year, it does not stand for the annual balance."""
        return not is_annual(timezone.localdate(self.version.sent_at), self.content["exercise"])

    @property
    def seal(self) -> str:
        """The seal in groups of four."""
        return grouped(self.version.seal)

    @property
    def short_seal(self) -> str:
        """Its first three groups."""
        return grouped(self.version.seal[:12])


def grouped(seal: str) -> str:
    """« c40a 81f7 2e66 »."""
    return " ".join(seal[start : start + 4] for start in range(0, len(seal), 4))


def sent(version: BalanceVersion) -> Sent:
    """A version and its content."""
    return Sent(version, json.loads(version.content))


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """A remark on what a version says; how long it `waits`, while a term runs."""

    remark: BalanceRemark
    version: Sent
    corrections: Sequence[BalanceCorrection]
    waits: Waiting | None = None

    @property
    def is_due(self) -> bool:
        """In millionths of a unit; whole units otherwise."""
        return self.remark.measure == BalanceRemark.Measure.DUE

    @property
    def unsent(self) -> bool:
        """Stated corrected, and in no version yet."""
        return self.remark.is_unsent_correction


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that the latest version was sent to: what it did with it."""

    dispatch: BalanceDispatch
    signature: BalanceSignature | None
    open_remark: BalanceRemark | None
    mine: bool
    reader_signs: bool = True

    @property
    def at(self) -> datetime:
        """When it last did something."""
        if self.signature:
            return self.signature.signed_at
        if self.open_remark:
            return self.open_remark.made_at
        return self.dispatch.opened_at or self.dispatch.version.sent_at


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be sent today, for the landlord: beside the latest version, what has changed since. `is_due`: more
    than its comments changed, which may wait: otherwise the latest version is true, and may be signed."""

    content: Mapping[str, Any]
    changes: Sequence[Difference]
    changed: bool
    is_due: bool
    to: Sequence[Recipient]


@dataclass(frozen=True, slots=True)
class Review:
    """All that the page of a review shows. `latest` is None for a draft that nobody had; `draft` is the landlord's."""

    landlord: Landlord
    departement: Territory
    exercise: int
    balance: AnnualBalance | None
    versions: Sequence[Sent]
    remarks: Sequence[RemarkRow]
    parties: Sequence[Party]
    comments: Sequence[BalanceComment]
    arrival: Arrival
    draft: Draft | None

    @property
    def latest(self) -> Sent | None:
        return self.versions[-1] if self.versions else None

    @property
    def state(self) -> AnnualBalance.State:
        """Where the balance stands."""
        if self.latest is None:
            return State.DRAFT
        if self.latest.version.sealed_at is not None:
            return State.SEALED
        return State.CONTESTED if self.open_remarks else State.SENT

    @property
    def open_remarks(self) -> list[RemarkRow]:
        return [row for row in self.remarks if not row.remark.answer]

    @property
    def signatories(self) -> list[Party]:
        return [party for party in self.parties if party.dispatch.signs]

    @property
    def signed(self) -> int:
        """How many of the signatories have signed."""
        return sum(party.signature is not None for party in self.signatories)

    @property
    def correction_undone(self) -> bool:
        """Was a line stated corrected, and is the draft again what the latest version says?"""
        return self.draft is not None and not self.draft.changes and any(row.unsent for row in self.remarks)

    @property
    def mine(self) -> Party | None:
        """The reader's own organisation, when the latest version was sent to it."""
        return next((party for party in self.parties if party.mine), None)


@stepwise
def review(
    landlord: Landlord, departement: Territory, exercise: int, member: Membership | None, *, today: date
) -> Steps[Review]:
    """Read the review of a balance. The draft and the comments are the landlord's alone.

    A fixed number of queries, whatever the number of versions, remarks and parties.
    """
    own = member is not None and member.organisation_id == landlord.organisation_id
    found, due, _ = yield from together(
        whole(AnnualBalance.objects.filter(landlord=landlord, departement=departement, exercise=exercise)),
        due_of.steps(departement, exercise),
        rights_in_year(landlord, exercise) if own else given(None),
    )
    kept = next(iter(found), None)
    written, remarks, corrections, comments, term = yield from together(
        _versions(kept),
        _made(kept),
        _corrections(kept),
        comments_on.steps(kept) if own and kept else given([]),
        term_on.steps(today),
    )
    versions = [sent(each) for each in written]
    latest = versions[-1] if versions else None
    first = min((each.version.sent_at for each in versions if not each.is_interim), default=None)
    draft, parties = yield from together(
        _draft(landlord, departement, exercise, kept, latest, today=today) if own else given(None),
        _parties(latest, remarks, member),
    )
    return Review(
        landlord=landlord,
        departement=departement,
        exercise=exercise,
        balance=kept,
        versions=versions,
        remarks=_remarks(remarks, corrections, versions, today, term),
        parties=parties,
        comments=comments,
        arrival=Arrival(due, _day(first), today),
        draft=draft,
    )


def _day(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


def _versions(kept: AnnualBalance | None) -> Steps[list[BalanceVersion]]:
    found = BalanceVersion.objects.filter(balance=kept) if kept else BalanceVersion.objects.none()
    return whole(found.order_by("number"), "sent_by")


def _made(kept: AnnualBalance | None) -> Steps[list[BalanceRemark]]:
    """Remarks, the latest first."""
    found = BalanceRemark.objects.filter(version__balance=kept) if kept else BalanceRemark.objects.none()
    return whole(found.order_by("-pk"), "version", "organisation", "holder__organisation", "corrected_in")


def _corrections(kept: AnnualBalance | None) -> Steps[list[BalanceCorrection]]:
    made = BalanceCorrection.objects.filter(balance=kept, remark__isnull=False)
    found = made if kept else BalanceCorrection.objects.none()
    return whole(found.order_by("pk"), "vacancy__unit", "holder__organisation", "entry")


def _remarks(
    remarks: Iterable[BalanceRemark],
    corrections: Iterable[BalanceCorrection],
    versions: Sequence[Sent],
    today: date,
    term: int | None,
) -> list[RemarkRow]:
    read = {each.version.pk: each for each in versions}
    made: dict[int, list[BalanceCorrection]] = {}
    for correction in corrections:
        made.setdefault(correction.remark_id or 0, []).append(correction)
    rows = [
        RemarkRow(each, read[each.version_id], made.get(each.pk, []), waiting(each, today=today, days=term))
        for each in remarks
    ]
    return sorted(rows, key=lambda row: bool(row.remark.answer))


def _parties(latest: Sent | None, remarks: Iterable[BalanceRemark], member: Membership | None) -> Steps[list[Party]]:
    if latest is None:
        return []
    signatures, dispatches = yield from together(
        whole(latest.version.signatures.order_by("pk"), "signed_by"),
        whole(latest.version.dispatches.order_by("organisation__name"), "organisation", "version"),
    )
    signed = {each.organisation_id: each for each in signatures}
    # The first that each made, of those without an answer: they come the latest first.
    remarked = {each.organisation_id: each for each in remarks if not each.answer}
    mine = member.organisation_id if member else None
    found = [
        Party(
            each,
            signed.get(each.organisation_id),
            remarked.get(each.organisation_id),
            each.organisation_id == mine,
            member is None or member.is_holder or member.is_landlord,
        )
        for each in dispatches
    ]
    return sorted(found, key=lambda party: (not party.mine, not party.dispatch.signs))


def adds(latest: BalanceVersion, content: Mapping[str, Any], to: Iterable[Recipient], *, on: date) -> bool:
    """Would another version say more than the latest, or to others? Its figures or its words changed, the year is over
    since, an organisation is asked to read it or to sign it that was not. One query."""
    sent_to = by_itself(_sent_to(latest))
    return _due_again(latest, sent_to, content, to, on=on) or not same(sent(latest).content, content)


def _sent_to(version: BalanceVersion) -> Steps[set[tuple[int, bool]]]:
    """Each organisation (id) that a version was sent to, and whether it signs. One query."""
    (rows,) = yield [version.dispatches.order_by().values_list("organisation", "signs")]
    return {(organisation, signs) for organisation, signs in rows}


def _due_again(
    latest: BalanceVersion,
    sent_to: Collection[tuple[int, bool]],
    content: Mapping[str, Any],
    to: Iterable[Recipient],
    *,
    on: date,
) -> bool:
    """Whatever its figures: the year is over since the latest version, or it goes to others."""
    if is_annual(on, content["exercise"]) and sent(latest).is_interim:
        return True
    return sent_to != {(recipient.organisation.pk, recipient.signs) for recipient in to}


def _draft(
    landlord: Landlord,
    departement: Territory,
    exercise: int,
    kept: AnnualBalance | None,
    latest: Sent | None,
    *,
    today: date,
) -> Steps[Draft]:
    number = latest.version.number + 1 if latest else 1
    now, to, sent_to = yield from together(
        content.steps(landlord, departement, exercise, Version(number, today), kept=kept),
        recipients.steps(landlord, departement, exercise),
        _sent_to(latest.version) if latest else given(set()),
    )
    changes = differences(latest.content, now) if latest else []
    is_due = latest is None or _due_again(latest.version, sent_to, now, to, on=today)
    is_due = is_due or latest is None or not same({**latest.content, "comments": now["comments"]}, now)
    return Draft(
        content=now,
        changes=changes,
        changed=is_due or latest is None or not same(latest.content, now),
        is_due=is_due,
        to=to,
    )
