"""`./run demo --on`: the day that the demonstration is opened on, kept by its database."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from config.day import SETTING, in_the_database
from config.local.console import Refusal
from config.local.postgres import NAME, connect

PARIS = ZoneInfo("Europe/Paris")  # where the morning of the story is


def day_at(ahead: int) -> date:
    """What day it is so many days later than on this machine."""
    return (datetime.now(PARIS).astimezone(ZoneInfo("UTC")) + timedelta(days=ahead)).astimezone(PARIS).date()


def ahead_of(day: date) -> int:
    """How many days later than on this machine that day is, now: hours of Paris change in summer."""
    ahead = (day - day_at(0)).days
    return ahead + (day - day_at(ahead)).days


def kept(sockets: Path, name: str = NAME) -> int:
    """How many days later than this machine a database of ours lives; 0 as long as nobody asked."""
    with connect(sockets, name) as database:
        row = database.execute("SELECT current_setting(%s, true)", [SETTING]).fetchone()
    return int(str(row[0])) if row and row[0] else 0


def keep(sockets: Path, name: str, ahead: int) -> None:
    """From its next sessions on, it lives so many days later."""
    with connect(sockets, name) as database:
        for statement in in_the_database(name, ahead):
            database.execute(statement)


def refuse_given_database() -> None:
    """Raise Refusal when the database is not the embedded one: only a demonstration lives on another day."""
    if os.environ.get("DATABASE_URL"):
        raise Refusal(
            "--on fait vivre la démonstration un autre jour, et DATABASE_URL nomme une base qui n’est pas la sienne : "
            "retirez cette variable. Une base en service vit le jour de tout le monde."
        )


def refuse_going_back(asked: date, at: date) -> None:
    """Raise Refusal when a database that lives on one day is asked to live on an earlier one."""
    if asked < at:
        raise Refusal(
            f"Cette démonstration en est au {at:%d/%m/%Y}, et rien n’y revient en arrière : donnez à --on ce jour ou "
            "un jour d’après, ou ajoutez --reset, qui efface ce qui y a été saisi."
        )
