"""The net: after a life drawn from a seed, every page and every file, for every role (tests/house/pages.py).

`--seeds 4,5,6` states other lives by hand, `--pages FILE` writes what was read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from pytest_django.plugin import DjangoDbBlocker

from tests.house.alike import repeated
from tests.house.faults import astray, faults_of, refused
from tests.house.life import live
from tests.house.missing import Asked
from tests.house.pages import Page, visit, written
from tests.house.people import ORDINARY, PEOPLE, WHOLE
from tests.own_database import own_database
from tests.walled import forget_accounts, walled
from tests.world import build_world


@dataclass
class Net:
    """What people read at the end of each life, and what its templates asked for in vain, where everybody read all."""

    pages: dict[str, list[Page]]
    never_given: set[str]


@pytest.fixture(scope="module")
def net(pytestconfig: pytest.Config, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Net:
    """The lives that the command line names, reported once."""
    found: dict[str, list[Page]] = {}
    asked, named = Asked(), pytestconfig.getoption("people")
    by_night = pytestconfig.getoption("all")
    first, whole = PEOPLE if named or by_night else ORDINARY, WHOLE if by_night else ORDINARY[:1]
    people = named.split(",") if named else (*ORDINARY, *(each for each in PEOPLE if each not in ORDINARY))
    with pytest.MonkeyPatch.context() as patch:
        asked.listen(patch)
        for seed in pytestconfig.getoption("seeds").split(","):
            with django_db_blocker.unblock(), own_database("net") as name, time_machine.travel(0, tick=False) as clock:
                world = build_world()
                live(world, int(seed), clock)
                with walled():
                    found[seed] = list(visit(world, people=people, first=first, whole=whole))
            forget_accounts(name)
    if file := pytestconfig.getoption("pages"):
        html = pytestconfig.getoption("html_too")
        values = {f"{page.key} life {seed}": written(page, html=html) for seed in found for page in found[seed]}
        Path(file).write_text(json.dumps(values, ensure_ascii=False, indent=0, sort_keys=True), encoding="utf-8")
    return Net(found, asked.never_given() if first is PEOPLE and not named else set())


#: Given when a form comes back with its faults, or in a state that these lives do not reach.
OPTIONAL = {
    *(
        "attendance_form",
        "recusal_form",
        "form.number",
        "form.dalo_designated",
        "forms.answer",
        "forms.lease",
        "forms.offer",
    ),
    *("report.errors", "known", "opens_on", "compared.is_over"),
    *("clock.runs", "clock.last_day", "stages.OFFERED", "stages.TO_OFFER", "stages.TO_SIGN"),
    *("stages.DOCUMENT", "stages.RECEIVED", "forms.document"),
}


@pytest.mark.django_db
def test_nothing_is_wrong_after_a_life(net: Net) -> None:
    """No 5xx, no template error, no word that no page says, no sum that is not one, no figure stated in two ways. In
    one test: the lives are notified once, whatever process takes it."""
    wrong = [
        f"life {seed}, {key}: {fault}"
        for seed, pages in net.pages.items()
        for key, fault in (
            *((page.key, fault) for page in pages for fault in faults_of(page)),
            *astray(pages),
            *refused(pages),
            *repeated(pages),
        )
    ]
    wrong += sorted(f"never given: {each}" for each in net.never_given if each.split(": ")[1] not in OPTIONAL)
    assert wrong == [], "\n".join(wrong)
