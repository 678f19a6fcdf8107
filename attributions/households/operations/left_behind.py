"""Candidates of a unit that went elsewhere, or was cancelled: released, and told."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from attributions.households.models import AgendaItem, Proposal
from attributions.households.operations.calling import holders_side
from attributions.households.operations.sitting import set_aside
from attributions.households.operations.standing import Status, move
from attributions.notices.models import Notice
from attributions.notices.telling import tell
from flux.models import Vacancy
from reservations.models.locking import in_order
from reservations.models.wall import atomic_act
from reservations.operations.apart import each_apart

#: Why an item leaves an agenda when its unit does.
GONE = "le logement n’est plus orienté"


def release_left_behind(*, now: datetime | None = None) -> int:
    """Write what the rows say already: a live candidate of a closed routing, or of a cancelled vacancy, is released.

    The acts of the flow know nothing of candidates; this catches up with them, one unit a transaction, safe to run
    twice. Whoever proposed them and the holder are told. How many units.
    """
    now = now or timezone.now()
    behind = Proposal.objects.filter(status__in=Proposal.LIVE).filter(
        Q(routing__closed_at__isnull=False) | Q(vacancy__cancelled_at__isnull=False)
    )
    units = behind.order_by("vacancy_id").values_list("vacancy", flat=True).distinct()
    return each_apart(
        "households.left_behind",
        list(units),
        lambda vacancy: release_unit(vacancy=vacancy, now=now),
        name="vacancy:{}".format,
        now=now,
    )


@atomic_act
def release_unit(*, vacancy: int, now: datetime) -> bool:
    """The same for one unit (by id): locked first, as by every act on its candidates. False when nobody was left."""
    held = in_order(Vacancy.declared.all()).get(pk=vacancy)
    left = Proposal.objects.filter(vacancy=held, status__in=Proposal.LIVE).select_related("routing__holder", "vacancy")
    gone = [each for each in left.order_by("pk") if not each.is_live]
    move(gone, Status.RELEASED, now=now)
    for item in AgendaItem.objects.pending().void().filter(vacancy=held).order_by("pk"):
        set_aside(item, why=GONE, now=now)
    if sent := [each for each in gone if each.designation_id]:
        told = {each.proposer_id for each in sent}.union(*(holders_side(each.routing) for each in sent))
        count = f"{len(sent)} candidats libérés" if len(sent) > 1 else "1 candidat libéré"
        text = f"{count} : le logement est {'annulé' if held.is_cancelled else 'orienté ailleurs'}."
        tell(Notice.Kind.RELEASED, held, told, now=now, text=text)
    return bool(gone)
