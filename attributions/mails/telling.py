"""Finding whom to state of what happened: from each fact that the database wrote, the rows of its people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from attributions.bilan.models import BalanceDispatch, BalanceRemark
from attributions.households.models import CommitteeMember, CommitteeSession
from attributions.households.models.committee import CommitteeMemberQuerySet
from attributions.mails import words
from attributions.mails.posting import Words, people, tell, tell_user
from attributions.notices.models import Notice
from flux.models import AuditAlert, Routing, Vacancy
from flux.permissions import landlord_proposes
from flux.queries.returns import clock
from reservations.models import (
    Convention,
    FileImport,
    HistoryEntry,
    MailFact,
    Membership,
    Organisation,
    Pause,
    PauseAccord,
    Signatory,
    User,
)
from reservations.models.wall import atomic
from reservations.operations.apart import each_apart
from reservations.operations.history import tell_person
from reservations.queries.signatories import SIGNING, awaited, parties

logger = logging.getLogger(__name__)

ROLES = Membership.ROLES
EVERYBODY = tuple(role for role, part in ROLES.items() if not part.is_administrator)
HOLDERS = tuple(role for role, part in ROLES.items() if part.is_holder)
LANDLORDS = Membership.LANDLORD_ROLES
MANAGERS = tuple(role for role, part in ROLES.items() if part.is_manager)
ADMINISTRATORS = tuple(role for role, part in ROLES.items() if part.is_administrator)

#: Acts on a suspension, or on an end, that its parties are notified of.
ON_PAUSES = tuple(
    HistoryEntry.Act[name]
    for name in (
        *("PAUSE_ASKED", "PAUSED", "PAUSE_DROPPED", "LIFT_ASKED", "LIFTED"),
        *("END_ASKED", "END_DROPPED", "ENDED"),
    )
)

#: Facts spread in one turn.
BATCH = 200

#: Notices by which a unit leaves whoever had it.
LEAVES = (Notice.Kind.NO_CANDIDATE, Notice.Kind.LAPSED, Notice.Kind.TAKEN_BACK)
#: Which mail states a notice, where not « notice ».
CODES = {
    Notice.Kind.RULE: "rule",
    Notice.Kind.TRANSFER: "transfer",
    **dict.fromkeys(LEAVES, "lapsed"),
}


def tell_people(*, now: datetime | None = None) -> int:
    """Write what there is to state of each fact that nobody was notified of: how many facts. Safe to run twice, or by
    many.

    One that fails stays where it is, is tried again, then set aside, and holds no other back (`each_apart`).
    """
    now = now or timezone.now()
    spread, last = 0, 0
    waiting = MailFact.objects.filter(spread_at=None).order_by("pk").values_list("pk", flat=True)
    while spread < BATCH and (found := list(waiting.filter(pk__gt=last)[:BATCH])):
        spread += each_apart("mails.facts", found, lambda pk: _spread(pk, now), name="fact:{}".format, now=now)
        last = found[-1]
    return spread


@atomic
def _spread(pk: int, now: datetime) -> bool:
    facts = MailFact.objects.select_for_update(skip_locked=True).filter(pk=pk, spread_at=None)
    fact = facts.first()
    if fact is None:
        return False
    NOTIFIERS[fact.kind](fact.subject, now)
    facts.update(spread_at=now)
    return True


def _routing(pk: int, now: datetime) -> None:
    routing = (
        Routing.objects.select_related(
            "vacancy__unit__commune", "vacancy__unit__landlord__organisation", "holder__organisation", "convention"
        )
        .filter(pk=pk, closed_at=None, answered_on=None, vacancy__cancelled_at=None)
        .exclude(vacancy__source=Vacancy.Source.PAST)
        .first()
    )
    if routing is None or (routing.holder.is_not_reserved and routing.acting_id is None):
        return
    sought = landlord_proposes(routing.vacancy, routing)
    asked = clock(routing, routing.vacancy.kind, today=timezone.localdate(now))
    result = words.delegated(routing) if sought else words.unit(routing, asked)
    for member in people([routing.acting_id or routing.holder.organisation_id], HOLDERS, but=routing.routed_by_id):
        tell("unit.delegated" if sought else "unit", f"routing:{pk}", member, result, now=now)


def _notice(pk: int, now: datetime) -> None:
    unread = Notice.objects.unread().select_related(
        "vacancy__unit__commune", "vacancy__unit__landlord__organisation", "window__landlord__organisation"
    )
    notice = unread.filter(pk=pk).first()
    if notice is None:
        return
    code = CODES.get(Notice.Kind(notice.kind), "notice")
    for member in people([notice.organisation_id], EVERYBODY):
        reads = (
            notice.vacancy_id is not None
            and Vacancy.declared.file_open_to(member).filter(pk=notice.vacancy_id).exists()
        )
        tell(code, f"notice:{pk}", member, words.notice(notice, open_file=reads), now=now)


def _ready(pk: int, now: datetime) -> None:
    vacancy = Vacancy.objects.select_related("unit__commune", "unit__landlord__organisation").get(pk=pk)
    kept = CommitteeMember.objects.sitting(timezone.localdate(now)).filter(
        committee__landlord=vacancy.unit.landlord_id, capacity=CommitteeMember.Capacity.SECRETARY
    )
    routing = vacancy.routings.filter(closed_at=None).first()
    _tell_seats(kept, "ready", f"vacancy:{pk}:{routing.pk if routing else 0}", words.ready(vacancy), now)


def _session(pk: int, now: datetime) -> None:
    session = _of_session(pk)
    if session.cancelled_at is None:
        _tell_seats(
            _sitting(session).exclude(user=session.convened_by_id),
            "session",
            f"session:{pk}",
            words.session(session),
            now,
        )


def _cancelled(pk: int, now: datetime) -> None:
    session = _of_session(pk)
    _tell_seats(_sitting(session), "session.cancelled", f"session:{pk}", words.cancelled(session), now)


def _of_session(pk: int) -> CommitteeSession:
    return CommitteeSession.objects.select_related("committee__landlord__organisation").get(pk=pk)


def _sitting(session: CommitteeSession) -> CommitteeMemberQuerySet:
    return CommitteeMember.objects.filter(committee=session.committee_id).sitting(session.day)


def _tell_seats(seats: CommitteeMemberQuerySet, code: str, about: str, text: Words, now: datetime) -> None:
    """Those of these members who sign in here. The secretary acts for its landlord, another for its organisation."""
    signing = seats.filter(user__isnull=False, user__is_active=True).select_related(
        "user", "organisation", "committee__landlord__organisation"
    )
    for seat in signing.order_by("pk"):
        reads = organisation_of(seat)
        if reads is not None and seat.user is not None:
            tell_user(code, about, seat.user, text, organisation=reads, now=now)


def organisation_of(seat: CommitteeMember) -> Organisation | None:
    """For whom a member reads the session: its organisation, or the landlord's; None when the person acts for neither,
    and so opens no page. One query."""
    reads = seat.organisation or seat.committee.landlord.organisation
    return reads if Membership.objects.filter(user=seat.user_id, organisation=reads).exists() else None


def _dispatch(pk: int, now: datetime) -> None:
    sent = BalanceDispatch.objects.select_related(
        "version__balance__landlord__organisation", "version__balance__departement", "organisation"
    ).get(pk=pk)
    balance, version = sent.version.balance, sent.version
    ours = sent.organisation_id == balance.landlord.organisation_id
    signing = MANAGERS if ours else HOLDERS
    reading = LANDLORDS if ours else EVERYBODY
    for member in people([sent.organisation_id], reading, but=version.sent_by_id):
        signs = sent.signs and member.role in signing
        result = words.balance(balance, version.number, signs=signs)
        tell("balance.sign" if signs else "balance.read", f"dispatch:{pk}", member, result, now=now)


def _of_remark(pk: int) -> BalanceRemark:
    return BalanceRemark.objects.select_related(
        "version__balance__landlord__organisation", "version__balance__departement", "organisation"
    ).get(pk=pk)


def _remark(pk: int, now: datetime) -> None:
    remark = _of_remark(pk)
    landlord = remark.version.balance.landlord
    for member in people([landlord.organisation_id], LANDLORDS, but=remark.made_by_id):
        tell("remark", f"remark:{pk}", member, words.remark(remark), now=now)


def _answer(pk: int, now: datetime) -> None:
    remark = _of_remark(pk)
    for member in people([remark.organisation_id], EVERYBODY, but=remark.answered_by_id):
        tell("answer", f"remark:{pk}:{remark.answer}", member, words.answer(remark), now=now)


def _alert(pk: int, now: datetime) -> None:
    shown = "ledger__landlord__organisation", "landlord__organisation"
    alert = AuditAlert.objects.active().select_related(*shown).filter(pk=pk).first()
    if alert is None:
        return
    landlord, on = alert.ledger.landlord if alert.ledger else alert.landlord, timezone.localdate(now)
    if alert.is_set_aside:
        for member in people_everywhere(ADMINISTRATORS):
            tell("alert", f"apart:{on}", member, words.set_aside(), now=now)
        return
    if alert.is_of_log:
        for member in people_everywhere((*EVERYBODY, *ADMINISTRATORS)):
            tell("alert", f"log:0:{on}", member, words.log_rewritten(), now=now)
        return
    managers = people([landlord.organisation_id], MANAGERS) if landlord else people_everywhere(MANAGERS)
    others = [member for member in people_everywhere(ADMINISTRATORS) if member not in managers]
    result, whose = words.alert(landlord, tampering=alert.is_tampering), landlord.pk if landlord else 0
    about = f"{'behind' if alert.is_tampering else 'landlord'}:{whose}:{on}"
    for member in [*managers, *others]:
        tell("alert", about, member, result, now=now)


def people_everywhere(roles: tuple[str, ...]) -> list[Membership]:
    """Who acts in one of these roles, wherever. One query."""
    found = Membership.objects.filter(role__in=roles, user__is_active=True).select_related("user", "organisation")
    return list(found.order_by("pk"))


def _import(pk: int, now: datetime) -> None:
    given = FileImport.objects.select_related("given_by", "organisation").filter(pk=pk).first()
    if given is None or given.given_by is None or not given.given_by.is_active:
        return
    about = f"import:{pk}:{given.state}"
    if given.state in (FileImport.State.CHECKED, FileImport.State.DONE, FileImport.State.REFUSED):
        result = words.file_import(given)
        tell_user("import", about, given.given_by, result, organisation=given.organisation, now=now)


def _convention(pk: int, now: datetime) -> None:
    """Each party that is awaited, but for whoever proposed it and has only to sign."""
    convention = Convention.objects.select_related("landlord__organisation", "organisation", "perimeter").get(pk=pk)
    waiting = awaited(convention) if convention.status == Convention.Status.PROPOSED else []
    ours = convention.landlord.organisation_id
    for member in people([party.organisation_id for party in waiting if party.organisation_id != ours], SIGNING):
        tell("convention", f"convention:{pk}", member, words.to_sign(convention), now=now)


def _convention_signed(pk: int, now: datetime) -> None:
    convention = Convention.objects.select_related("landlord__organisation", "organisation", "perimeter").get(pk=pk)
    every = [party.organisation_id for party in parties(convention)]
    last = HistoryEntry.objects.about(convention).filter(act=HistoryEntry.Act.SIGNED).last()
    for member in people(every, SIGNING, but=last.by_id if last else None):
        tell("convention.signed", f"convention:{pk}", member, words.signed(convention), now=now)


def _denounced(pk: int, now: datetime) -> None:
    """The other parties, of what one stated of the term."""
    party = Signatory.objects.select_related(
        "organisation", "convention__landlord__organisation", "convention__organisation", "convention__perimeter"
    ).get(pk=pk)
    others = [each.organisation_id for each in parties(party.convention) if each.pk != pk]
    about = f"signatory:{pk}:{party.denounced_on or 'renewed'}"
    for member in people(others, SIGNING):
        tell("convention.denounced", about, member, words.denounced(party, timezone.localdate(now)), now=now)


def _paused(pk: int, now: datetime) -> None:
    """The other parties, of a suspension, its lifting or an end that one proposed or withdrew, or that the last agreed
    to; not of what goes on with who succeeds to one of them."""
    pause = Pause.objects.select_related(
        "convention__landlord__organisation",
        "convention__organisation",
        "convention__perimeter",
        "proposed_by",
        "shortens",
        "successor",
    ).get(pk=pk)
    if pause.is_final and pause.accords.filter(means=PauseAccord.Means.SUCCESSION).exists():
        return
    last = HistoryEntry.objects.about(pause.convention).filter(act__in=ON_PAUSES).last()
    every = [party.organisation_id for party in parties(pause.convention)]
    for member in people(every, SIGNING, but=last.by_id if last else None):
        tell("convention.paused", f"pause:{pk}:{pause.status}", member, words.paused(pause), now=now)


def _locked(pk: int, now: datetime) -> None:
    """Somebody tries to get in under an account: its person is notified (`reservations/access/limits.py`)."""
    entry = HistoryEntry.objects.get(pk=pk)
    tell_person(User.objects.get(pk=entry.subject_id), entry)


#: By what the database writes of each fact (docs/triggers.md), or a door that was tried too often.
NOTIFIERS: dict[str, Callable[[int, datetime], None]] = {
    "account.locked": _locked,
    "convention": _convention,
    "convention.signed": _convention_signed,
    "convention.denounced": _denounced,
    "convention.paused": _paused,
    "routing": _routing,
    "notice": _notice,
    "ready": _ready,
    "session": _session,
    "session.cancelled": _cancelled,
    "dispatch": _dispatch,
    "remark": _remark,
    "answer": _answer,
    "alert": _alert,
    "import": _import,
}
