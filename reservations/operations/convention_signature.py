"""Each party signs a convention by itself: on the account of one of its people, or on paper, for which the signed file
is kept. It binds once all have (`sign_convention`, which the storey above calls with what a signature converts)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Organisation, Signatory, SignedDocument, User
from reservations.models.wall import atomic
from reservations.operations.convention import ConventionClosed, SignatureRefused, locked, propose_convention
from reservations.operations.documents import keep_document
from reservations.operations.history import record
from reservations.pages.checks.findings import signature_obstacles
from reservations.queries.signatories import awaited, signs_here
from reservations.refusals import Refusal
from reservations.words import day, of

Means = Signatory.Means

#: The longest name and quality of whoever signed.
LONGEST_SIGNER = 120


#: Written before the question was asked, and signed after its first day.
UNSETTLED = (
    "La convention prend effet le {:%d/%m/%Y}, avant sa signature, et ne dit pas ce que deviennent les logements "
    "entrés dans le flux depuis : que le bailleur retire la proposition, l’écrive, et la propose de nouveau."
)


class PartyRefused(Refusal):
    """This organisation does not sign here, has signed already, or signs by itself."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that a party signed by hand: `name` as the computer gave it, and the bytes."""

    name: str
    content: bytes


@atomic
def sign_on_account(
    *, convention: Convention, organisation: Organisation, by: User, today: date | None = None
) -> Convention:
    """Sign for one's own organisation, today. The convention is then signed by all, or waits for the others.

    Raises ConventionClosed, PartyRefused, SignatureRefused with what stands in the way, or what `propose_convention`
    refuses of a draft that its landlord signs.
    """
    today = today or timezone.localdate()
    convention, (party,) = _held(convention, [organisation])
    _propose(convention, by=by, today=today, on=today)
    _write(party, Means.ACCOUNT, signed_on=today, signer=by.full_name, by=by)
    return convention


@atomic
def deposit_signature(
    *,
    convention: Convention,
    organisation: Organisation,
    signed_on: date,
    signer: str,
    paper: Paper,
    by: User,
    today: date | None = None,
) -> Convention:
    """Keep the signature that a party gave by hand: its day, who signed, and the file (docs/decisions/0058).

    For one's own organisation, or, by the landlord, for a party for which nobody signs here: the others sign by
    themselves. Raises ConventionClosed, PartyRefused, SignatureRefused or DocumentRefused.
    """
    today = today or timezone.localdate()
    convention, (party,) = _held(convention, [organisation])
    own = by.memberships.filter(organisation=organisation).exists()
    if not own and signs_here(organisation):
        raise PartyRefused(
            f"Quelqu’un signe ici au nom {of(organisation)} : sa signature lui revient, sur son compte ou par le "
            "document qu’il dépose.",
            field="organisation",
        )
    if not signer.strip():
        raise PartyRefused("Écrivez le nom et la qualité de qui a signé.", field="signer")
    if signed_on > today:
        raise PartyRefused("Écrivez le jour de la signature, aujourd’hui au plus tard.", field="signed_on")
    _propose(convention, by=by, today=today, on=signed_on)
    document = _signed_by_several(convention, paper) or keep_document(convention, paper.name, paper.content, by=by)
    _write(party, Means.PAPER, signed_on=signed_on, signer=signer.strip(), by=by, document=document)
    return convention


@atomic
def take_up_signatures(
    *, convention: Convention, signed_on: date, by: User, today: date | None = None, tried: bool = False
) -> Convention:
    """Record what a file says was signed on paper before: the landlord's signature, and that of each party for which
    nobody signs here. The others are asked to sign. `tried`: theirs too, for a trial that is undone, of what would
    stand in their way."""
    convention, parties = _held(convention, [party.organisation for party in awaited(convention)])
    ours = convention.landlord.organisation_id
    for party in parties:
        if tried or party.organisation_id == ours or not signs_here(party.organisation):
            _write(party, Means.FILE, signed_on=signed_on, signer="", by=by)
    if awaited(convention):
        _propose(convention, by=by, today=today or timezone.localdate(), on=signed_on)
    return convention


@atomic
def succeed_signatures(*, convention: Convention, signed_on: date, by: User) -> Convention:
    """Those to a convention that goes on with the organisation that succeeds to one of them: nobody signs again."""
    convention, parties = _held(convention, [party.organisation for party in awaited(convention)])
    for party in parties:
        _write(party, Means.SUCCESSION, signed_on=signed_on, signer="", by=by)
    return convention


def _held(convention: Convention, organisations: list[Organisation]) -> tuple[Convention, list[Signatory]]:
    """The convention as it is now, its row held, with these parties, who have not signed."""
    convention = locked(convention)
    if not convention.is_open:
        raise ConventionClosed("Cette convention est déjà signée par toutes ses parties.")
    rows = {row.organisation_id: row for row in convention.signatories.select_related("organisation").order_by("pk")}
    for each in organisations:
        row = rows.get(each.pk)
        if row is None:
            raise PartyRefused(f"{each} n’est pas partie à cette convention : rien n’est à signer.")
        if row.signed_on is not None:
            raise PartyRefused(f"La signature {of(each)} est déjà enregistrée, au {day(row.signed_on)}.")
    return convention, [rows[each.pk] for each in organisations]


def _signed_by_several(convention: Convention, paper: Paper) -> SignedDocument | None:
    """The file that another party's signature rests on, where one scan bears both; None for another file. One that a
    withdrawn proposal left is of another text: it is refused as any file that is there already."""
    digest = hashlib.sha256(paper.content).hexdigest()
    held = convention.signatories.exclude(document=None).order_by().values("document")
    return convention.documents.filter(sha256=digest, pk__in=held).order_by("pk").first()


def _propose(convention: Convention, *, by: User, today: date, on: date) -> None:
    """What one party signs could bind as it stands, and no longer changes: a draft becomes a proposal to the others.

    Raises SignatureRefused with every obstacle."""
    obstacles = signature_obstacles(convention, on=on)
    if not convention.earlier_dues and convention.starts_on < on:
        obstacles.append(UNSETTLED.format(convention.starts_on))
    if obstacles:
        raise SignatureRefused(obstacles)
    if convention.is_draft:
        proposed = propose_convention(convention=convention, by=by, today=today)
        convention.status, convention.proposed_on = proposed.status, proposed.proposed_on


def _write(
    party: Signatory,
    means: Signatory.Means,
    *,
    signed_on: date,
    signer: str,
    by: User,
    document: SignedDocument | None = None,
) -> None:
    party.signed_on, party.means, party.signer = signed_on, means, signer[:LONGEST_SIGNER]
    party.signed_by, party.document = by, document
    party.save(update_fields=["signed_on", "means", "signer", "signed_by", "document"])
    details = {party.organisation.name: [None, signed_on.isoformat()]}
    record(party.convention, HistoryEntry.Act.PARTY_SIGNED, by=by, details=details)
