"""« Décider maintenant »: a person has a departure decided before its time, under its own name."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from flux.models import AskedDecision, Ledger, Recommendation, Vacancy
from flux.models.starting import first_day
from flux.operations.covering import nowhere
from flux.operations.decision import RoutingRefused, lock, open_batch
from flux.operations.known import foresee, forget
from flux.queries.known import queue_of
from flux.situation import OverCommitted, load
from reservations.models import User
from reservations.models.acting import atomic
from reservations.words import plural, to, upper_first


@atomic
def decide_now(*, vacancy: Vacancy, motive: str = "", by: User, now: datetime | None = None) -> Recommendation:
    """Decide a departure that waits for others to be known, without waiting any longer, and keep who asked and why.

    It goes first, followed by those that wait, in order of registration; its rank of the account is that of its
    decision. A `motive` is asked when it passes before departures registered earlier: holders read it. Whoever chooses
    what is decided when chooses, a little, to whom it goes (routing specification, version 2, sections 5 and 10).

    Raises RoutingRefused: decided already, cancelled, not planned with others, no convention or over 100 % promised
    there, or no motive where one is asked.
    """
    now = now or timezone.now()
    [standing] = lock([vacancy.pk])
    vacancy = standing.vacancy
    if standing.recommendation is not None:
        raise RoutingRefused(
            f"{vacancy.unit} est déjà décidé, {to(standing.recommendation.holder)}. Rechargez la page."
        )
    ledger = Ledger.objects.select_related("landlord").annotate(starts_on=first_day("landlord")).get(vacancies=vacancy)
    if ledger.starts_on is not None and ledger.starts_on > timezone.localdate(now):
        raise RoutingRefused(f"L’orientation commence le {ledger.starts_on:%d/%m/%Y} : rien n’est décidé d’ici là.")
    batch = open_batch(load(ledger), now=now)
    situation, window = batch.situation, batch.window
    if not window.plans:
        raise RoutingRefused(
            f"Chaque départ est décidé seul, dès son enregistrement : {vacancy.unit} le sera dans quelques secondes."
        )
    if not situation.held_at(vacancy):
        raise RoutingRefused(f"{nowhere(vacancy)} Une convention d’abord, l’orientation reprendra.")
    queue = queue_of(ledger, situation.rights, window)
    earlier = [each for each in queue if each.pk < vacancy.pk]
    if earlier and not motive.strip():
        raise RoutingRefused(
            f"{len(earlier)} {plural(len(earlier), 'départ enregistré,départs enregistrés')} plus tôt "
            f"{plural(len(earlier), 'attend,attendent')} aussi : dites pourquoi celui-ci passe avant, en une phrase. "
            "Les réservataires la liront.",
            field="motive",
        )
    others = [each for each in queue if each.pk != vacancy.pk]
    try:
        entered = situation.enter(vacancy, sequence=situation.ledger.sequence + 1, waiting=others, window=window.length)
    except OverCommitted as error:
        raise RoutingRefused(
            f"{upper_first(to(error.excess.commune))}, les conventions promettent plus de 100 % du flux : "
            "corrigez-en une d’abord, l’orientation reprendra."
        ) from error
    recommendation = batch.decide(vacancy, entered, vacancy.categories, attempt=1, due_at=now)
    batch.write()
    AskedDecision.objects.create(
        recommendation=recommendation,
        by=by,
        passed=len(earlier),
        known=min(window.length, 1 + len(others)),
        motive=motive.strip(),
    )
    forget([each for each in queue if each.pk == vacancy.pk], now=now)
    foresee(situation, others, window, now=now)
    return recommendation
