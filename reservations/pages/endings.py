"""How a signed convention ends, act by act: what its printed text says of each, with its day and its motive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Pause
from reservations.pages.pauses import accords_told
from reservations.words import day, towards

Act = HistoryEntry.Act


def endings(convention: Convention) -> tuple[str, ...]:
    """The acts that ended it, or that may, oldest first: a denunciation, a formal notice, its termination, the end that
    each party agreed to, the repeal of an order. Three queries."""
    entries = HistoryEntry.objects.about(convention).filter(act__in=list(SAID))
    return tuple(said for entry in entries for said in SAID[Act(entry.act)](convention, entry))


def _denounced(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    for party in convention.signatories.all():
        given = entry.details.get(party.organisation.name, [None, None])[1]
        if party.denounced_on is not None and given == party.denounced_on.isoformat():
            yield (
                f"Dénoncée par {towards(party.organisation)}, par une lettre du {day(party.denounced_on)} : elle finit "
                f"le {day(convention.ends_on)}, sans reconduction{_why(entry)}."
            )


def _notice(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    given = entry.details["formal_notice_on"][1]
    if convention.formal_notice_on is not None and given == convention.formal_notice_on.isoformat():
        yield f"Mise en demeure de l’État du {day(convention.formal_notice_on)} (CCH, R441-5-2, IV){_why(entry)}."


def _terminated(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    yield (
        f"Résiliée par décision du {day(timezone.localdate(entry.at))}, la mise en demeure du "
        f"{day(convention.formal_notice_on)} étant restée sans suite pendant son délai : son dernier jour est le "
        f"{day(convention.ends_on)}{_why(entry)}."
    )


def _ended(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    if convention.is_order:
        yield f"Arrêté sans effet après le {day(convention.ends_on)}{_why(entry)}."
        return
    last = f"son dernier jour est le {day(convention.ends_on)}{_why(entry)}."
    final = Pause.objects.agreed_ends().filter(convention=convention).first()
    if final is None:
        yield f"Fin avancée le {day(timezone.localdate(entry.at))} : {last}"
    else:
        yield f"Fin avancée : {last} {accords_told(final)}"


def _why(entry: HistoryEntry) -> str:
    return f" (motif : {entry.why.rstrip('. ')})" if entry.why else ""


#: What is said of each act.
SAID: dict[Act, Callable[[Convention, HistoryEntry], Iterator[str]]] = {
    Act.DENOUNCED: _denounced,
    Act.FORMAL_NOTICE: _notice,
    Act.TERMINATED: _terminated,
    Act.ENDED: _ended,
}
