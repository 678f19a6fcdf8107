"""The accounts: every ledger, one ledger, one holder's statement, the units behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, date
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.exports.account_lists import ACCOUNTS
from flux.exports.lists import BEHIND
from flux.forms.filters import AccountFilters
from flux.models import Ledger
from flux.models.account import LedgerQuerySet
from flux.models.needs import needs_in_force
from flux.pages.account_words import (
    account_answer,
    account_note,
    account_question,
    delegated_words,
    entered,
    list_answer,
    list_question,
    one_turn_words,
    order_words,
)
from flux.pages.accounts import account_table, accounts_table, communes_answer, communes_table
from flux.pages.departures import compared
from flux.pages.list_words import no_account, none_behind
from flux.pages.opening import carried_from, kept_words
from flux.pages.statement import answer, behind_words, counting_note, question, tab, units_table
from flux.pages.statement_lines import settled_in_account
from flux.pages.statement_tables import Read, balance_table, lines_table, months_table, outcomes_table
from flux.pages.stock_transfers import passed_words
from flux.permissions import can_read_why_not
from flux.queries.accounts import Account, AccountLine, accounts, entered_each, furthest, own_figures, terms
from flux.queries.accounts import account as read_account
from flux.queries.balance import behind, by_commune, ordered_in
from flux.queries.compliance import uncovered_in
from flux.queries.controls.ledgers import handed_on
from flux.queries.flow import delegated_in, entered_by_commune, yearly_dues
from flux.queries.forecasts import planned_flows
from flux.queries.opening import Kept, kept, kept_in
from flux.queries.shares import averaged
from flux.queries.statement import Figure
from flux.queries.statement import statement as read_statement
from flux.queries.statement_lines import say_what, settled_in, visible_units
from flux.queries.stock_transfers import passed_in
from reservations.exports.proofs import account_proof
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, proof_file
from reservations.models import Landlord, Membership
from reservations.models.convention import UNIT
from reservations.models.together import Steps, at_once
from reservations.pages.imprints import imprint_words
from reservations.pages.pieces import beside, link
from reservations.pages.rates import in_span
from reservations.queries.log import last_checkpoint, printed_heads

#: Ledgers, or units, of one page; lines of a statement.
PAGE, LINES = 25, 100


@require_safe
def account_list(request: MemberRequest) -> HttpResponseBase:
    """Every ledger the person may read, the latest exercise first; a holder reads its own gap in each.

    Those of the yearly percentages, or, asked apart, those of first lettings.
    """
    today = timezone.localdate()
    every = _seen(request)
    first = request.GET.get("nature") == "premieres"
    first_lettings = every.filter(kind=Ledger.Kind.FIRST_LETTING)
    seen = first_lettings if first else every.ordinary()
    exercises = list(seen.order_by("-exercise").values_list("exercise", flat=True).distinct())
    landlords = list(Landlord.objects.filter(pk__in=seen.order_by().values("landlord")).select_related("organisation"))
    filters = AccountFilters(request.GET, exercises=exercises, landlords=landlords)
    ledgers = (
        seen.filter(**filters.wanted)
        .select_related("landlord__organisation", "departement")
        .order_by("-exercise", "landlord__organisation__name", "departement__code", "pk")
    )
    if asks_file(request):
        return in_a_file(request, ACCOUNTS, ledgers, partial(_holders, today=today))
    page = Paginator(ledgers, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    lines, entered = at_once(accounts.steps(shown, today), entered_each.steps(shown))
    mine = request.member.organisation_id if request.member and request.member.is_holder else None
    rows = [
        {
            "ledger": ledger,
            "entered": entered[ledger.pk],
            "mine": [line for line in lines[ledger.pk] if line.holder.organisation_id == mine],
            "widest": furthest(lines[ledger.pk]),
            "awaiting": sum(line.figures.awaiting for line in lines[ledger.pk]),
        }
        for ledger in shown
    ]
    latest = exercises[0] if exercises else today.year
    own = own_figures(mine, latest, today) if mine and not first else None
    by_landlord = request.member is not None and request.member.is_landlord
    context = {
        "page": page,
        "rows": rows,
        "table": accounts_table(rows, today=today, first=first, mine=mine is not None).or_say(
            no_account(first=first, by_landlord=by_landlord)
        ),
        "today": today,
        "exercises": exercises,
        "filters": filters,
        "filtered": bool(filters.wanted),
        "here": reverse("account-list") + "?nature=premieres" * first,
        "latest": latest,
        "question": list_question(first=first, own=own is not None, by_landlord=by_landlord),
        "answer": list_answer(page.paginator.count, own, latest, first=first),
        "first": first,
        "first_count": page.paginator.count if first and not filters.wanted else first_lettings.count(),
        "mine": mine is not None,
    }
    return render(request, "flux/account_list.html", context)


def _holders(ledgers: Sequence[Ledger], *, today: date) -> Iterator[tuple[Ledger, int, AccountLine | None]]:
    """A row for each holder of each ledger; one that nobody has a share of has a row too."""
    lines, entered = at_once(accounts.steps(ledgers, today), entered_each.steps(ledgers))
    for ledger in ledgers:
        found: Sequence[AccountLine | None] = lines[ledger.pk] or [None]
        for line in found:
            yield ledger, entered[ledger.pk], line


@require_safe
def account(request: MemberRequest, ledger: int) -> HttpResponse:
    """One ledger on a date, with all its holders."""
    book = _ledger(request, ledger)
    member, (on, sentence) = member_of(request), _day(request)
    # What precedes the account and what was settled in it do not wait for it: they are known below.
    read, *_ = at_once(
        read_account.steps(book, on),
        kept_in.steps([book]),
        settled_in.steps(book, on=on),
        handed_on.steps(book, on),
        needs_in_force.steps(book),
    )
    first, one_turn = book.kind == Ledger.Kind.FIRST_LETTING, book.kind == Ledger.Kind.ONE_TURN
    context = _common(book, read, sentence) | {
        "question": account_question(first=first, one_turn=one_turn),
        "answer": account_answer(read, on, first=first, one_turn=one_turn),
        "entered": entered(read.entered, first=first, one_turn=one_turn),
        "note": beside(_received_beside(book, on), account_note(read, book, first=first)),
        "table": account_table(read, book, partial(terms, exercise=book.exercise), today=timezone.localdate()),
        "why_not": [line.holder for line in read.lines if _why_not(member, book, line)],
        "uncovered": [] if first else uncovered_in(book, on=read.on),
    }
    settled = [settled_in_account(row) for row in settled_in(book, on=on)]
    passed = [passed_words(each) for _, each in passed_in([book])]
    delegated = delegated_words(delegated_in([book]) if on >= timezone.localdate() else ())
    ordered = order_words(ordered_in(read.lines))
    context["passed"] = [*passed, *settled, *ordered, *delegated, *context["passed"]]
    return render(request, "flux/account.html", context, status=422 if sentence else 200)


@require_safe
def statement(request: MemberRequest, ledger: int, holder: int) -> HttpResponse:
    """One holder in a ledger: the page that the landlord and the holder both read."""
    member, book = member_of(request), _ledger(request, ledger)
    on, sentence = _day(request)
    read = read_account(book, on)
    line = _line(read, holder)
    account_statement, *_ = at_once(
        read_statement.steps(book, line.holder, on=on, month=_month(request), member=None), *_beside(book, line, on)
    )
    page = Paginator(account_statement.lines, LINES).get_page(request.GET.get("page"))
    say_what(page.object_list, member, line.holder)
    begins = page.start_index() - 1
    common, held = _common(book, read, sentence), terms(line, book.exercise)
    own = line.holder.organisation_id == member.organisation_id
    shown = Read(
        account_statement, line, common["carried_from"], own, [in_span(term) for term in held], first=common["first"]
    )
    opening = account_statement.lines[begins - 1].balance if begins > 0 else account_statement.opening
    addressed = own and not member.is_landlord
    common["passed"] = [*order_words(ordered_in([line])), *common["passed"]]
    context = common | {
        "line": line,
        "terms": held,
        "yearly": _yearly(book, line, on),
        "question": question(line, addressed=addressed),
        "answer": answer(line, account_statement.figures, addressed=addressed),
        "counting_note": beside(_received_beside(book, on, holder=holder), counting_note(line, addressed=addressed)),
        "balance": balance_table(shown),
        "months": months_table(shown),
        "outcomes": outcomes_table(shown),
        **_communes(book, line, on),
        "lines": lines_table(shown, page.object_list, opening, goes_on=begins > 0),
        "compared": compared(line),
        "statement": account_statement,
        "page": page,
        "unfolded": not request.GET.keys().isdisjoint(("month", "page")),
        "own": own,
        "addressed": addressed,
        "why_not": _why_not(member, book, line),
        "imprint": imprint_words([book.pk]),
    }
    return render(request, "flux/statement.html", context, status=422 if sentence else 200)


@require_safe
def statement_proof(request: MemberRequest, ledger: int, holder: int) -> HttpResponse:
    """The whole account of a holder, as a file that anybody verifies alone: for whoever reads the statement."""
    book = _ledger(request, ledger)
    line = _line(read_account(book, timezone.localdate()), holder)
    signed = last_checkpoint()
    proof = account_proof(book.pk, line.holder.pk, signed) if signed else None
    return proof_file(request, proof, f"compte-{book.pk}-{line.holder.pk}.json")


@require_safe
def statement_units(request: MemberRequest, ledger: int, holder: int) -> HttpResponseBase:
    """The units behind one figure of a statement. What lies out of the person's sight is counted, not shown."""
    member, book = member_of(request), _ledger(request, ledger)
    on, sentence = _day(request, "until")
    line = _line(read_account(book, on), holder)
    figure = Figure(_one_of(request.GET.get("stage"), [each.value for each in Figure]) or Figure.RECEIVED)
    month = _month(request)
    read = behind(book, line.holder, figure, until=on, month=month)
    quantities = read.quantities
    found, scale = visible_units(quantities, member), UNIT if figure.is_owed else 1
    if asks_file(request):
        return in_a_file(request, BEHIND, found, lambda batch: [(v, Decimal(quantities[v.pk]) / scale) for v in batch])
    page = Paginator(list(found.values_list("pk", flat=True)), PAGE).get_page(request.GET.get("page"))
    # Chosen by their ids first: whose address is open is asked of those shown alone.
    shown = visible_units(page.object_list, member)
    hidden = len(quantities) - page.paginator.count
    table = units_table(line, book, figure, [(each, quantities[each.pk]) for each in shown])
    context = {
        "ledger": book,
        "line": line,
        "on": on,
        "date_error": sentence,
        "fault": bool(sentence),
        "figure": figure,
        "month": month,
        "page": page,
        "tabs": [(each, tab(each)) for each in Figure],
        "table": table.or_say(none_behind(line, book, figure, hidden=bool(hidden))),
        "behind": behind_words(line, figure, read),
        "hidden": hidden,
        "own": line.holder.organisation_id == member.organisation_id,
    }
    return render(request, "flux/statement_units.html", context, status=422 if sentence else 200)


def _beside(book: Ledger, line: AccountLine, on: date) -> Iterator[Steps[Any]]:
    """What a statement says beside its lines, which waits for none of them: it is known below."""
    yield kept_in.steps([book])
    yield handed_on.steps(book, on)
    yield needs_in_force.steps(book)
    yield printed_heads.steps([book.pk])
    if book.kind == Ledger.Kind.ORDINARY and line.rights:
        yield entered_by_commune.steps(book.landlord, until=on)
        yield planned_flows.steps(book.landlord, book.exercise)
    if _has_communes(book, line):
        yield by_commune.steps(book, line.holder, on=on)


def _has_communes(book: Ledger, line: AccountLine) -> bool:
    return book.kind == Ledger.Kind.ORDINARY and not line.holder.is_not_reserved


def _communes(book: Ledger, line: AccountLine, on: date) -> dict[str, Any]:
    """Its communes beside equal rates, where it has several in a yearly account; nobody promises the landlord any."""
    if not _has_communes(book, line):
        return {}
    found = by_commune(book, line.holder, on=on)
    if len(found) < 2:
        return {}
    return {"communes": communes_table(found), "communes_answer": communes_answer(found, line)}


def _seen(request: MemberRequest) -> LedgerQuerySet:
    return Ledger.objects.visible_to(request.member) if request.member else Ledger.objects.none()


def _ledger(request: MemberRequest, pk: int) -> Ledger:
    return get_object_or_404(_seen(request).select_related("landlord__organisation", "departement"), pk=pk)


def _line(read: Account, holder: int) -> AccountLine:
    """The line of a holder. Http404 when it has neither a right nor a figure in this ledger."""
    for line in read.lines:
        if line.holder.pk == holder:
            return line
    raise Http404


def _received_beside(book: Ledger, on: date, *, holder: int | None = None) -> str:
    """What holders, or one (by id), received beside a yearly account, for one turn."""
    beside, received = handed_on(book, on)
    return one_turn_words([each for each in received if holder in (None, each[0].pk)], beside)


def _why_not(member: Membership, book: Ledger, line: AccountLine) -> bool:
    """May this person read « Pourquoi pas nous ? » of that holder? First lettings are agreed, not routed."""
    return book.kind == Ledger.Kind.ORDINARY and can_read_why_not(member, line.holder)


def _yearly(book: Ledger, line: AccountLine, on: date) -> int:
    """What the shares of a holder on that day make of a year's flow, in millionths; 0 without a share, or a flow.

    First lettings are agreed programme by programme, and units handed on for one turn are beside the flow: no share of
    a year bears on them.
    """
    there = [right for right in line.rights if right.starts_on <= on <= right.ends_on]
    if book.kind != Ledger.Kind.ORDINARY or not there:
        return 0
    held = averaged(book.landlord, there, book.exercise, until=on)
    promised = [(right.perimeter_id, right.share) for right in held]
    return yearly_dues(book.landlord, promised, year=book.exercise, until=on)


def _kept(opened: Kept | None) -> list[str]:
    """What the page says of before the account was kept here; empty when it says nothing."""
    words = kept_words(opened) if opened else ""
    return [words] if words else []


def _common(book: Ledger, read: Account, sentence: str) -> dict[str, Any]:
    first = book.kind == Ledger.Kind.FIRST_LETTING
    opened = None if first else kept(book)
    return {
        "passed": [beside(words, link(reverse("opening-list"), "Soldes d’ouverture")) for words in _kept(opened)],
        "carried_from": carried_from(book.exercise, opened=bool(opened and (opened.accepted or opened.unsettled))),
        "ledger": book,
        "first": first,
        "account": read,
        "on": read.on,
        "today": timezone.localdate(),
        "date_error": sentence,
        "fault": bool(sentence),
        "needs": [] if first else needs_in_force(book),
    }


def _one_of(asked: str | None, known: list[str]) -> str | None:
    """The known value that was asked for, or None: an unknown one filters nothing out."""
    return next((value for value in known if str(value) == asked), None)


def _day(request: MemberRequest, name: str = "on") -> tuple[date, str]:
    """The date asked for, today when there is none; and what to correct when it is not a date."""
    asked, today = request.GET.get(name, "").strip(), timezone.localdate()
    if not asked:
        return today, ""
    try:
        return date.fromisoformat(asked), ""
    except ValueError:
        return today, (
            f"« {asked} » n’est pas une date : écrivez l’année, le mois et le jour, comme {today.isoformat()}. "
            "Les chiffres ci-dessous sont ceux d’aujourd’hui."
        )


def _month(request: MemberRequest) -> date | None:
    """The first day of the month asked for (« 2026-11 »); None when there is none, or it is not a month."""
    try:
        month = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None
    return month if month.year < MAXYEAR else None  # the last month has no next one
