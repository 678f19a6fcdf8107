"""What if the shares had been others? The hypothesis is in the address; a long year is replayed by a worker."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.exports.account_lists import WHAT_IF
from flux.forms.whatif import WhatIfForm
from flux.models import Ledger, ReplayedYear
from flux.operations.replaying import order_replay
from flux.pages.departures import in_course_too
from flux.pages.webhooks import Progress, Stand, progress
from flux.queries.balance import subtracted_from
from flux.queries.controls.ledgers import entered_until, first_lettings_in
from flux.queries.conventions import counts_later
from flux.situation import LedgerSituation, load
from flux.whatif import AT_ONCE, Answer, Changes, answer_of, explained, read, replay, unpacked, version_of
from reservations.http import AS_FILE, LOOK, MemberRequest, asks_file, in_a_file, is_timed, member_of, next_look

#: The parameter of a look: where the year stood at the one before.
STOOD = "etat"


@require_safe
def whatif(request: MemberRequest, ledger: int) -> HttpResponseBase:
    """A year of one ledger replayed with other shares, beside what happened. Whoever sees the account may ask; what a
    worker replays is stated as it goes (202), and read from what it kept."""
    member = member_of(request)
    books = Ledger.objects.visible_to(member).ordinary().select_related("landlord__organisation", "departement")
    counts = {"entered": entered_until(date.max), "let_first": first_lettings_in(), "subtracted": subtracted_from()}
    book = get_object_or_404(books.annotate(**counts), pk=ledger)
    situation = load(book)
    form = WhatIfForm(request.GET, situation=situation)
    valid = form.is_valid()
    version = version_of(situation, vars(book)["subtracted"], on=timezone.localdate()) if valid else ""
    answer, order = _answered(book, situation, form.changes, version) if valid else (None, None)
    if order is not None and is_timed(request):
        return _stands(request, order)
    refused = answer is not None and bool(answer.excess)
    if answer is not None and not refused and asks_file(request):
        return in_a_file(request, WHAT_IF, answer.lines)
    context = {
        "ledger": book,
        "entered": answer.entered if answer else vars(book)["entered"] - vars(book)["let_first"],
        "form": form,
        "answer": answer,
        "words": form.words if valid else [],
        "moved": explained(answer, situation.holders, member) if answer else [],
        "count": len(answer.lines) if answer else 0,
        "today": timezone.localdate(),
        "refused": refused,
        "fault": refused,
        "order": order,
        "outdated": order is not None and answer is not None and order.version != version,
        "in_course_too": in_course_too(counts_later(book, on=timezone.localdate())),
    }
    if order is not None and answer is None:
        return render(
            request, "flux/whatif.html", context | _looks(request, progress(order, timezone.now())), status=202
        )
    return render(request, "flux/whatif.html", context, status=422 if form.errors or refused else 200)


def _answered(
    book: Ledger, situation: LedgerSituation, changes: Changes, version: str
) -> tuple[Answer | None, ReplayedYear | None]:
    """What a hypothesis gives: at once for a short year; otherwise what a worker found, once it is there, and its
    order."""
    put_back = sum(each["units"] for each in vars(book)["subtracted"] if each["reason"] in changes.included)
    if (vars(book)["entered"] + put_back) * changes.rotation <= AT_ONCE:
        past = read(book, situation)
        return answer_of(past, replay(past, changes)), None
    order = order_replay(ledger=book, changes=changes, version=version)
    kept = order.answer
    return unpacked(bytes(kept), situation.holders) if kept is not None else None, order


def _stands(request: MemberRequest, order: ReplayedYear) -> HttpResponse:
    """The part of the page that looks again by itself; what changed since its last look is announced."""
    far = progress(order, timezone.now())
    changed = request.GET.get(STOOD) != far.stand
    context = _looks(request, far) | {"change": far.title if changed else ""}
    return render(request, "flux/whatif_state.html", context)


def _looks(request: MemberRequest, far: Progress) -> dict[str, object]:
    """Where the year stands, its own address, and that of the next look."""
    asked = request.GET.copy()
    for name in (LOOK, STOOD, AS_FILE):
        asked.pop(name, None)
    again = next_look(request)
    here = f"{request.path}?{asked.urlencode()}" if asked else request.path
    asked[LOOK], asked[STOOD] = str(again.rank), far.stand
    seconds = again.seconds if far.stand != Stand.READY else None
    next_one = f"{request.path}?{asked.urlencode()}" if seconds else ""
    return {"progress": far, "here": here, "next_look": next_one, "seconds": seconds, "change": ""}
