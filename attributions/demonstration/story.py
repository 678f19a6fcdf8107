"""The story from its first line to this morning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from attributions.demonstration import balances, mixed, notices, stock, years
from attributions.demonstration import cast as casting
from attributions.demonstration.software import connect_software
from attributions.demonstration.telling import Reach, Telling, ignore
from attributions.notices.announcing import announce_decision_windows
from reservations.models import Organisation


def is_told() -> bool:
    """Has this database already got the demonstration's landlords?"""
    return Organisation.objects.filter(siren=casting.ROBINE).exists()


def tell(*, now: datetime, say: Callable[[str], None], reach: Reach = ignore) -> None:
    """Tell it all, saying where it is: last year and this one, up to the queue of this morning.

    The past is one transaction, so that an interrupted start leaves nothing half-told.
    """
    today = timezone.localdate(now)
    since, until = date(today.year - 1, 1, 1), date(today.year + 1, 12, 31)
    telling = Telling(say, reach, chapters(today))
    with transaction.atomic():
        telling.begin("cast", "Organisations, personnes et conventions")
        cast = casting.gather(since=since, until=until)
        telling.begin("stock", "Logements : import des fichiers RPLS")
        stock.build(cast)
        years.keep_some_in_stock(cast, since=since)
        announce_decision_windows(now=years.at(date(today.year - 1, 12, 15), 9))
        years.live_through(cast, first_year=since.year, today=today, telling=telling)
        years.empty_one_in_stock(cast, now=now)
        years.say_what_the_city_needs(cast, now=now)
        connect_software(cast, now=now, today=today)
        telling.begin("mixed")
        mixed.tell_mixed(cast, now=now, today=today, say=say)
        telling.begin("balances")
        balances.tell_reviews(cast, today=today, say=say)
        telling.begin("notices")
        notices.read_what_is_old(now=now)
    size = years.fill_the_queue(cast, now=now)
    say(f"{cast.corbieres.organisation.name}, ce matin : {size} logements confiés au travailleur")


def chapters(today: date) -> dict[str, float]:
    """The chapters in order, with the seconds each took when measured; this year’s are as long as the year is old."""
    lived = today.timetuple().tm_yday / 366
    return {
        "cast": 1.0,
        "stock": 4.0,
        f"RH {today.year - 1}": 10.0,
        f"RH {today.year}": 105.0 * lived,
        f"CL {today.year - 1}": 2.5,
        f"CL {today.year}": 2.5 * lived,
        "mixed": 4.0,
        "balances": 0.5,
        "notices": 4.0,
    }
