"""A balance on paper: ordered by a row, drawn by a worker, kept by the fingerprint of its figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from attributions.bilan.models import BalanceDownload, PrintedBalance
from attributions.bilan.operations.printing import (
    FAILED,
    LEASE,
    UNASKED,
    draw_next,
    kept_for,
    order_printing,
    purge_printed,
)
from attributions.tasks import draw, purge_printed_balances
from flux.models import Vacancy
from flux.operations.routing import route_waiting_vacancies
from reservations.http import DELAYS
from tests.attributions.bilan.balances import SENT, YEAR, draw_balances, lived, people, send, sign
from tests.attributions.bilan.exports.balances import on_paper
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]

PAGE = '<!doctype html><html lang="fr"><head><title>Bilan</title></head><body><h1>Bilan</h1></body></html>'
#: What no printer of ours draws: a page that names a file of somebody else.
FOREIGN = PAGE.replace("</h1>", '</h1><p><img src="https://example.org/logo.png" alt="Logo">')
MINUTE = timedelta(minutes=1)


def order(page: str = PAGE, **given: object) -> PrintedBalance:
    return order_printing(page=page, address="/bilans/1/2026/bilan.pdf", **{"now": MORNING, **given})


def announced(page: str) -> str:
    """What a page says aloud, in its one place for it."""
    rows = re.findall(r'id="annonce" role="status"[^>]*>([^<]*)</p>', page)
    return "".join(rows)


def test_the_same_page_is_ordered_once_and_drawn_once() -> None:
    """Safe to run twice: two people ask, two messages come, one file is drawn."""
    first, second = order(), order()
    assert (first.pk, first.is_ready) == (second.pk, False)
    assert (draw_balances(now=MORNING), draw_balances(now=MORNING)) == (1, 0)
    drawn = order()
    assert drawn.is_ready
    assert PdfReader(BytesIO(bytes(drawn.content))).metadata.title == "Bilan"
    assert (drawn.size, drawn.page, drawn.attempts) == (len(bytes(drawn.content)), "", 1)
    assert order(PAGE.replace("Bilan", "Autre")).pk != drawn.pk


def test_the_message_is_lost_and_the_sweep_draws() -> None:
    """The row is the order: nothing but the row is needed."""
    order()
    assert (draw(), draw()) == (True, None)
    assert not PrintedBalance.objects.filter(content=None).exists()


def test_each_drawing_has_the_time_of_a_whole_task(django_capture_on_commit_callbacks: Callable[..., object]) -> None:
    """Ten balances are asked for on the last day: one task would run out of its time on the way. Each draws one and
    calls the next, until nothing waits; one that fails calls it too."""
    order(), order(FOREIGN, now=MORNING + MINUTE), order(PAGE.replace("Bilan", "Autre"), now=MORNING + 2 * MINUTE)
    rows = []
    while not rows or rows[-1][1]:
        connection.run_on_commit.clear()  # as after a commit: each drawing is a transaction of its own
        with django_capture_on_commit_callbacks() as woken:
            there = draw()
        rows.append((there, len(woken)))
    assert rows == [(True, 1), (False, 1), (True, 1), (None, 0)]


def test_one_is_drawn_at_a_time_and_a_worker_that_dies_loses_it() -> None:
    """The other hand of the worker routes units meanwhile. A lease that ran out is anybody's."""
    held = order()
    PrintedBalance.objects.filter(pk=held.pk).update(drawing_until=MORNING + LEASE, due_at=MORNING + MINUTE)
    order(PAGE.replace("Bilan", "Autre"))
    assert draw_balances(now=MORNING) == 0
    assert draw_balances(now=MORNING + LEASE) == 2
    assert PrintedBalance.objects.filter(drawn_at=None).count() == 0


def test_what_fails_is_reported_in_a_sentence_and_tried_again_later_and_later(world: World, sign_in: SignIn) -> None:
    failing, waiting = order(FOREIGN), order()
    assert draw_balances(now=MORNING) == 1
    failing.refresh_from_db()
    waiting.refresh_from_db()
    assert (failing.failure, failing.attempts, failing.due_at) == (FAILED, 1, MORNING + MINUTE)
    assert waiting.is_ready  # one that fails holds nobody up
    client, state = sign_in("aline"), reverse("balance-printing", args=[failing.fingerprint])
    page = client.get(state, {"essai": 1, "echecs": 0}).content.decode()
    assert f"{FAILED} Il est repris tout seul à 9 h 01" in page.replace("\u00a0", " ")
    assert f'hx-get="{state}?essai=2&amp;echecs=1" hx-trigger="load delay:2s"' in page
    assert announced(page) == FAILED
    assert announced(client.get(state, {"essai": 2, "echecs": 1}).content.decode()) == ""  # it was stated
    assert draw_balances(now=MORNING + MINUTE) == 0
    failing.refresh_from_db()
    assert failing.attempts == 2
    assert MORNING + 5 * MINUTE <= failing.due_at <= MORNING + 7 * MINUTE
    PrintedBalance.objects.filter(pk=failing.pk).update(page=PAGE)  # what was wrong is put right
    assert draw_balances(now=MORNING + 4 * MINUTE) == 0
    assert draw_balances(now=MORNING + 7 * MINUTE) == 1
    failing.refresh_from_db()
    assert (failing.is_ready, failing.failure) == (True, "")


def test_what_nobody_asks_for_any_more_is_deleted(time_machine: Any) -> None:
    old, asked_again = order(), order(PAGE.replace("Bilan", "Autre"))
    order(PAGE.replace("Bilan", "Autre"), now=MORNING + UNASKED)
    assert purge_printed(now=MORNING + UNASKED + MINUTE) == 1
    assert list(PrintedBalance.objects.values_list("pk", flat=True)) == [asked_again.pk]
    assert old.pk != asked_again.pk
    time_machine.move_to(MORNING + 2 * UNASKED, tick=False)
    assert purge_printed_balances() == 0  # the task is the same act, on the day it runs
    time_machine.move_to(MORNING + 2 * UNASKED + MINUTE, tick=False)
    assert purge_printed_balances() == 1
    assert not PrintedBalance.objects.exists()


# --- as people meet it -----------------------------------------------------------------------------------------------


def test_a_sealed_version_is_drawn_once_for_ever(world: World, sign_in: SignIn, time_machine: object) -> None:
    """Decision 0026: the same bytes, though the style, the printer or the name of a party changes since. Never purged,
    and the database lets nobody touch it."""
    time_machine.move_to(SENT, tick=False)
    people(world)
    lived(world)
    version = send(world)
    url = reverse("balance-version-pdf", args=[world.landlord.pk, YEAR, "11", 1])
    assert sign_in("alice").get(url).status_code == 202
    assert kept_for(version) is None  # not sealed yet: drawn as it stands today
    sign(world, version)
    version.refresh_from_db()
    assert sign_in("alice").get(url).status_code == 202
    assert draw_balances() == 2
    before = sign_in("alice").get(url).content
    kept = kept_for(version)
    assert kept is not None
    world.city.name = "Commune nouvelle de Narbonne"
    world.city.save()
    assert sign_in("chloe").get(url).content == before
    assert purge_printed(now=SENT + 400 * UNASKED) == 1
    for act in (kept.delete, lambda: PrintedBalance.objects.filter(pk=kept.pk).update(content=b"%PDF")):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            act()


def test_a_sealed_version_ordered_before_a_release_that_broke_its_page_is_ordered_anew(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    """What waits is the page of the day it was asked; kept for ever so, a version signed by all would have no PDF."""
    time_machine.move_to(SENT, tick=False)
    people(world)
    lived(world)
    version = send(world)
    sign(world, version)
    client, url = sign_in("alice"), reverse("balance-version-pdf", args=[world.landlord.pk, YEAR, "11", 1])
    assert client.get(url).status_code == 202
    PrintedBalance.objects.update(page=FOREIGN, fingerprint="0" * 64)
    assert draw_next() is False
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 202
    rows = [each["sql"] for each in asked if '"attributions_printedbalance"' in each["sql"]]
    [lock] = [n for n, each in enumerate(rows) if each.endswith(" FOR UPDATE")]
    assert "drawn_at" not in rows[lock], "every row of the version, whether its file is drawn or not"
    assert rows[lock + 1].startswith("SELECT"), "what a worker has just drawn is read once it is there"
    assert next(n for n, each in enumerate(rows) if each.startswith("DELETE")) > lock
    again = PrintedBalance.objects.get()
    assert (again.kept, again.version, again.failure, again.attempts) == (True, version, "", 0)
    assert client.get(url).status_code == 202
    assert PrintedBalance.objects.get() == again  # the same page is the same order
    assert draw_next() is True
    assert client.get(url)["Content-Type"] == "application/pdf"
    assert kept_for(version) == again


def test_a_version_sealed_while_its_page_was_read_is_kept_all_the_same(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    """Its row was written as one that nobody keeps; the file is the very one that people took."""
    time_machine.move_to(SENT, tick=False)
    people(world)
    lived(world)
    version = send(world)
    sign(world, version)
    client, url = sign_in("alice"), reverse("balance-version-pdf", args=[world.landlord.pk, YEAR, "11", 1])
    client.get(url)
    PrintedBalance.objects.update(kept=False)
    assert draw_next() is True
    assert client.get(url)["Content-Type"] == "application/pdf"
    assert kept_for(version) == PrintedBalance.objects.get()


def test_the_page_waits_then_gives_the_file_and_only_the_file_is_written_down(
    world: World, sign_in: SignIn, time_machine: object
) -> None:
    time_machine.move_to(SENT, tick=False)
    lived(world)
    client, url = sign_in("aline"), reverse("balance-pdf", args=[world.landlord.pk, YEAR])
    waits = client.get(url)
    text = waits.content.decode()
    [found] = PrintedBalance.objects.all()
    state = reverse("balance-printing", args=[found.fingerprint])
    assert (waits.status_code, waits["Content-Type"]) == (202, "text/html; charset=utf-8")
    assert "Le PDF est en préparation…" in text
    assert f'hx-get="{state}?essai=1&amp;echecs=0" hx-trigger="load delay:1s"' in text
    assert announced(text) == ""
    assert (
        f'href="{url}?territory=all&amp;dessin={found.fingerprint}"' in text
    )  # without script, the same address gives the file once it is there
    assert not BalanceDownload.objects.exists()
    assert draw_balances() == 1
    ready = client.get(state).content.decode()
    assert "Le PDF est prêt" in ready
    assert "hx-get" not in ready
    assert announced(ready) == "Le PDF est prêt."
    assert [page.count('<a class="btn') for page in (text, ready)] == [1, 1]
    assert [re.findall(r'<a class="btn[^"]*" id="(\w+)"', page) for page in (text, ready)] == [["pdf"], ["pdf"]]
    file = client.get(f"{url}?territory=all")
    assert (file.status_code, file["Content-Type"], file.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert BalanceDownload.objects.get().form == "PDF"
    assert client.get(reverse("balance-printing", args=["0" * 64])).status_code == 404
    assert PrintedBalance.objects.count() == 1


def test_the_file_that_was_announced_is_given_though_a_figure_moved_since(
    world: World, sign_in: SignIn, time_machine: object
) -> None:
    """A landlord with forty units this morning would draw for ever: each file would be that of a minute ago."""
    time_machine.move_to(SENT, tick=False)
    lived(world)
    client, url = sign_in("aline"), reverse("balance-pdf", args=[world.landlord.pk, YEAR])
    waits = client.get(url).content.decode()
    [found] = PrintedBalance.objects.all()
    route_waiting_vacancies(ledger_id=world.vacancy(now=MORNING).ledger_id, now=SENT)
    [look] = re.findall(r'id="pdf" href="([^"]*)"', waits)
    assert client.get(unescape(look)).status_code == 202  # without script, one waits for the same
    assert PrintedBalance.objects.get() == found
    assert draw_balances() == 1
    ready = client.get(reverse("balance-printing", args=[found.fingerprint])).content.decode()
    [button] = re.findall(r'id="pdf" href="([^"]*)"', ready)
    assert client.get(url).status_code == 202  # another page, with the unit of today
    assert client.get(unescape(button)).content == bytes(PrintedBalance.objects.get(pk=found.pk).content)
    assert BalanceDownload.objects.get().form == "PDF"
    elsewhere = {"dessin": found.fingerprint, "territory": world.places["Aude"].pk}
    assert client.get(url, elsewhere).status_code == 202  # no other balance gives it


def test_a_page_that_waits_in_vain_looks_less_and_less_often_then_no_more(world: World, sign_in: SignIn) -> None:
    """A tab left open for the night is no load, and reads nothing aloud but what changed."""
    client, state = sign_in("aline"), reverse("balance-printing", args=[order().fingerprint])
    waits, look = [], 1
    while "hx-get" in (page := client.get(state, {"essai": look, "echecs": 0}).content.decode()):
        waits += map(int, re.findall(r'hx-trigger="load delay:(\d+)s"', page))
        assert announced(page) == ""
        [look] = map(int, re.findall(r"essai=(\d+)", page))
    assert waits == list(DELAYS[1:])
    assert "celui-ci tarde" in page
    assert announced(page) == "Le PDF tarde : il sera dessiné tout seul, revenez le prendre plus tard."


def test_asking_costs_no_drawing(world: World, sign_in: SignIn, time_machine: object) -> None:
    """The web process draws nothing: the printer's library is not even loaded by it."""
    time_machine.move_to(SENT, tick=False)
    lived(world)
    sign_in("aline").get(reverse("balance-pdf", args=[world.landlord.pk, YEAR]))
    [found] = PrintedBalance.objects.all()
    assert (found.content, found.attempts) == (None, 0)
    assert found.page.startswith("<!doctype html>")


def test_a_year_of_thirty_units_holds_in_five_pages(world: World, sign_in: SignIn, time_machine: object) -> None:
    """27 units made 14 pages, most of them zeros; with rows of zeros, this one makes six. As the year goes, and as the
    parties sign it."""
    time_machine.move_to(MORNING, tick=False)
    people(world)
    for rank in range(19):
        described = {"rooms": 1 + rank % 5, "financing_code": ("13", "16", "")[rank % 3], "in_qpv": rank % 4 == 0}
        built = (1948, 1965, 1984, 2005, 2015, None)[rank % 6]
        world.vacancy(commune=("Narbonne", "Coursan")[rank % 2], construction_year=built, **described)
    lived(world)
    assert Vacancy.objects.filter(routings__isnull=False).distinct().count() == 30
    version = send(world, now=MORNING)
    place = [world.landlord.pk, YEAR]
    addresses = [
        reverse("balance-pdf", args=place),
        reverse("balance-version-pdf", args=[*place, "11", version.number]),
    ]
    pages = [len(PdfReader(BytesIO(on_paper(sign_in("alice"), url).content)).pages) for url in addresses]
    assert max(pages) <= 5, pages
