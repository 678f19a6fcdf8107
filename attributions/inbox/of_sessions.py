"""What awaits a person of the sessions of a committee: to vote, to hold and close, labels to mend before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.db.models.functions import TruncDate
from django.urls import reverse

from attributions.households.models import AgendaCase, CommitteeMember, CommitteeSession
from attributions.households.queries.applications import late_labels_of
from attributions.inbox.kinds import Kind, One, Rows, Words, landlord, party
from attributions.inbox.reader import Reader
from attributions.inbox.sittings import Sitting
from reservations.models.together import Steps, whole
from reservations.words import hour, weekday


def _named(session: CommitteeSession) -> str:
    return f"{session.committee}, {weekday(session.held_at)}, {hour(session.held_at)}"


def _votes(*, today: bool) -> Any:
    """The votes that a person has still to give in sessions whose vote closes today, or later."""
    return lambda reader: [
        vote for each in reader.sittings if each.closes_by(reader.today) == today for vote in _of_session(each)
    ]


def _of_session(each: Sitting) -> list[One]:
    found: list[One] = []
    for rank, item in enumerate(each.awaited, start=1):
        words = Words(_named(each.session), f"Vote {rank} sur {each.votes}", reverse("vote", args=[item]))
        assert each.session.vote_closes_at is not None, "a vote is awaited of a remote session"
        found.append(One.by(item, words, each.session.vote_closes_at))
    return found


def _labels(reader: Reader) -> Rows:
    found = late_labels_of(reader.member, now=reader.now)
    return Rows(found, due_on=TruncDate("item__session__held_at"), due_at="item__session__held_at")


def _label_words(reader: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(AgendaCase.objects.filter(pk__in=keys), "item__session__committee")
    return {
        each.pk: Words(
            f"{_named(each.item.session)}, point {each.item.position}, dossier {each.letter}",
            "",
            # The State labels on its territory, and reads the sessions in which it has a seat.
            reverse("session-detail", args=[each.item.session_id]) if landlord(reader) else reverse("session-list"),
        )
        for each in found
    }


def _to_close(reader: Reader) -> Rows:
    """Those whose hour is past, of the committees of which the person is a secretary."""
    seats: Any = CommitteeMember.objects.filter(
        user=reader.member.user_id, capacity=CommitteeMember.Capacity.SECRETARY
    ).sitting(reader.today)
    found = CommitteeSession.objects.filter(
        Q(vote_closes_at=None) | Q(vote_closes_at__lte=reader.now),
        committee__in=seats.order_by().values("committee"),
        committee__landlord=reader.landlord,
        held_at__lte=reader.now,
        closed_at=None,
        cancelled_at=None,
    )
    return Rows(found, since=TruncDate("held_at"))


def _session_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(CommitteeSession.objects.filter(pk__in=keys), "committee")
    return {
        each.pk: Words(_named(each), f"Séance {each.state.label}", reverse("session-detail", args=[each.pk]))
        for each in found
    }


AFTER = "clôture du vote : après, il n’est plus possible de voter"

VOTE_CLOSES = Kind(
    "vote-clos",
    "vote à donner en CALEOL aujourd’hui",
    "votes à donner en CALEOL aujourd’hui",
    "Voter",
    party,
    lapse=AFTER,
    ones=_votes(today=True),
    own=True,
)

OF_SESSIONS = (
    Kind(
        "voter",
        "vote à donner en CALEOL",
        "votes à donner en CALEOL",
        "Voter",
        party,
        lapse=AFTER,
        ones=_votes(today=False),
        own=True,
    ),
    Kind(
        "labelliser",
        "dossier à labelliser avant sa séance",
        "dossiers à labelliser avant leur séance",
        "Labelliser",
        party,
        _labels,
        _label_words,
        lapse="heure de la séance",
    ),
    Kind(
        "clore",
        "séance à tenir et à clore",
        "séances à tenir et à clore",
        "Clore et sceller",
        landlord,
        _to_close,
        _session_words,
    ),
)
