"""Announcing.

* Telling the parties what a landlord changes for all of its units: its rule, or who it gives programmes to.
* Telling the parties, inside the transaction of the act: what is done is notified, what is not done is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Model, Q
from django.utils import timezone

from attributions.notices.models import Notice
from flux.models import DecisionWindow, Routing, StockTransfer, Vacancy
from flux.operations.stock_transfers import absorbs
from flux.pages.stock_transfers import (
    absorbed_words,
    absorption_proposed_words,
    answered_words,
    proposed_words,
    transferred_words,
)
from flux.queries.stock_transfers import concerned_by
from reservations.models import Convention, Membership, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.apart import each_apart
from reservations.words import day, plural

#: A choice that has ruled for longer is nobody's news.
NEWS = timedelta(days=31)
#: As long as the text of a notice.
LONGEST = 300


def announce_decision_windows(*, now: datetime | None = None) -> int:
    """State each choice of the last days, or to come, to the holders that it concerns and that were not notified of it:
    how many notices. Safe to run twice: a choice that was put right since is notified again, and only then."""
    now = now or timezone.now()
    recent = DecisionWindow.objects.filter(starts_on__gt=timezone.localdate(now) - NEWS)
    return each_apart("notices.windows", list(recent.order_by("pk")), lambda each: _announce(each.pk, now=now), now=now)


@atomic
def _announce(pk: int, *, now: datetime) -> int:
    found = DecisionWindow.objects.select_for_update(of=("self",), no_key=True)
    window = found.select_related("landlord__organisation").get(pk=pk)
    text = announced(window)
    notified = Notice.objects.filter(window=window, text=text).order_by().values("organisation")
    bound = Convention.objects.binding().filter(landlord=window.landlord_id, ends_on__gte=window.starts_on)
    concerned = bound.exclude(organisation__in=notified).order_by("organisation")
    return len(
        Notice.objects.bulk_create(
            Notice(organisation_id=each, window=window, kind=Notice.Kind.RULE, text=text, at=now)
            for each in concerned.values_list("organisation", flat=True).distinct()
        )
    )


def announced(window: DecisionWindow) -> str:
    """What changes, from when, and what it means for who reads: a forecast is not a decision."""
    since = f"{window.landlord}, à partir du {day(window.starts_on)}"
    if not window.plans:
        return f"{since} : chaque départ est décidé seul, dès son enregistrement (version 1 de la règle)."
    waits = "Aucun n’en attend d’autres."
    if window.days:
        waits = (
            f"Un départ en attend d’autres {window.days} {plural(window.days, 'jour ouvré,jours ouvrés')} au plus ; "
            "d’ici là, sa destination est une prévision."
        )
    return f"{since} : jusqu’à {window.length} départs connus sont planifiés ensemble (version 2 de la règle). {waits}"


def announce_transfers(*, now: datetime | None = None) -> int:
    """State each programme that is proposed to another landlord, given, or not in the end: how many notices. Safe to
    run twice: each sentence is sent once to each organisation.

    A proposal goes to the landlord that receives; its answer to both; what is done to the holders concerned too.
    """
    now = now or timezone.now()
    since = now - NEWS
    recent = StockTransfer.objects.filter(
        Q(proposed_at__gt=since) | Q(accepted_at__gt=since) | Q(withdrawn_at__gt=since) | Q(done_at__gt=since)
    )
    found = list(recent.order_by("pk"))
    return each_apart("notices.transfers", found, lambda each: _announce_transfer(each.pk, now=now), now=now)


@atomic
def _announce_transfer(pk: int, *, now: datetime) -> int:
    transfer = (
        in_order(StockTransfer.objects.all()).select_related("giver__organisation", "receiver__organisation").get(pk=pk)
    )
    counts = transfer.programmes.aggregate(programmes=Count("pk", distinct=True), units=Count("units"))
    both = {transfer.giver.organisation_id, transfer.receiver.organisation_id}
    whole = absorbs(transfer)
    if transfer.done_at is not None:
        text, notified = (
            absorbed_words(transfer) if whole else transferred_words(transfer, **counts),
            both | concerned_by(transfer),
        )
    elif transfer.waits:
        proposed = absorption_proposed_words(transfer) if whole else proposed_words(transfer, counts["programmes"])
        text, notified = proposed, {transfer.receiver.organisation_id}
    else:
        text, notified = answered_words(transfer), both
    text = text[:LONGEST]
    already = set(Notice.objects.filter(transfer=transfer, text=text).values_list("organisation", flat=True))
    return len(
        Notice.objects.bulk_create(
            Notice(organisation_id=each, transfer=transfer, kind=Notice.Kind.TRANSFER, text=text, at=now)
            for each in sorted(notified - already)
        )
    )


def parties(vacancy: Vacancy, routing: Routing | None) -> set[int]:
    """The organisations (by id) that follow a unit: its landlord, its holder, and whoever proposes in its name."""
    found = {vacancy.unit.landlord.organisation_id}
    if routing is not None:
        found.add(routing.holder.organisation_id)
        if routing.acting_id:
            found.add(routing.acting_id)
    return found


def tell(
    kind: Notice.Kind,
    vacancy: Vacancy,
    organisations: Iterable[int],
    *,
    now: datetime,
    by: User | None = None,
    text: str = "",
    proposal: Model | None = None,
) -> None:
    """One notice to each organisation. `text` names nobody; `proposal`: the candidate concerned. `by`: who did what is
    notified; for an organisation of this person the notice is read already, since nobody is notified of their own act.
    None: it follows from an act, or from a term, and everybody is notified."""
    notified, candidate = set(organisations), proposal.pk if proposal else None
    own = (
        set(Membership.objects.filter(user=by, organisation__in=notified).values_list("organisation", flat=True))
        if by
        else ()
    )
    Notice.objects.bulk_create(
        Notice(
            organisation_id=each,
            vacancy=vacancy,
            proposal_id=candidate,
            kind=kind,
            text=text,
            at=now,
            read_at=now if each in own else None,
            read_by=by if each in own else None,
        )
        for each in sorted(notified)
    )
