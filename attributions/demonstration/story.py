"""The story from its first line to this morning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from attributions.demonstration import balances, mixed, notices, stock, years
from attributions.demonstration import cast as casting
from reservations.models import Organisation


def is_told() -> bool:
    """Has this database already got the demonstration's landlords?"""
    return Organisation.objects.filter(siren=casting.ROBINE).exists()


def tell(*, now: datetime, say: Callable[[str], None]) -> None:
    """Tell it all, saying where it is: last year and this one, up to the queue of this morning.

    The past is one transaction, so that an interrupted start leaves nothing half-told.
    """
    today = timezone.localdate(now)
    since, until = date(today.year - 1, 1, 1), date(today.year + 1, 12, 31)
    with transaction.atomic():
        say("Organisations, personnes et conventions")
        cast = casting.gather(since=since, until=until)
        say("Logements : import des fichiers RPLS")
        stock.build(cast)
        years.keep_some_in_stock(cast, since=since)
        years.live_through(cast, first_year=since.year, today=today, say=say)
        years.empty_one_in_stock(cast, now=now)
        years.say_what_the_city_needs(cast, now=now)
        mixed.tell_mixed(cast, now=now, today=today, say=say)
        balances.tell_reviews(cast, today=today, say=say)
        notices.read_what_is_old(now=now)
    size = years.fill_the_queue(cast, now=now)
    say(f"{cast.corbieres.organisation.name}, ce matin : {size} logements confiés au travailleur")
