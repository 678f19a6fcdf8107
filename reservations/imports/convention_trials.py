"""Trying the conventions of a file by the acts themselves: what each refuses, and what those before it had written."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from reservations.imports import delegations
from reservations.imports.convention_lines import DELEGATES, OTHERS, YEARLY
from reservations.imports.convention_pauses import PAUSES
from reservations.imports.convention_rates import RATE
from reservations.imports.grounds import ARTICLES
from reservations.imports.kinds import FileLine
from reservations.models import Convention, Quota, Rate, ReservationHolder, Signatory
from reservations.refusals import Refusal


def refuse_all(held: Sequence[tuple[FileLine, ReservationHolder]], refused: Refusal) -> None:
    """What an act refuses of a convention is told on each of its lines, where it is."""
    where = {"delegates": DELEGATES, "articles": ARTICLES, "others": OTHERS, "pauses": PAUSES} | delegations.ACCORDED
    for line, _ in held:
        rate = RATE if RATE in line.values else YEARLY
        column = where.get(refused.field or "", rate)
        known = column in line.values or column in delegations.ACCORDED.values()
        line.refuse(column if known else rate, str(refused))


#: What a convention that was tried and undone had written, as the next trials need it.
type Rows = tuple[Convention, list[Quota], list[Rate], list[Signatory]]


def rows_of(convention: Convention) -> Rows:
    """All that the checks of another convention read of this one. Four queries."""
    return (
        Convention.objects.get(pk=convention.pk),
        list(Quota.objects.filter(convention=convention).order_by("pk")),
        list(Rate.objects.filter(quota__convention=convention).order_by("pk")),
        list(Signatory.objects.filter(convention=convention).order_by("pk")),
    )


def put_back(accepted: Sequence[Rows]) -> None:
    """Before each slice, the conventions of the same file that were accepted before it stand: what they promise counts.
    Five queries: the terms of a draft alone are written."""
    drafts = [copy(convention) for convention, *_ in accepted]
    for draft in drafts:
        draft.status, draft.signed_on, draft.proposed_on = Convention.Status.DRAFT, None, None
    Convention.objects.bulk_create(drafts)
    Quota.objects.bulk_create([row for _, rows, _, _ in accepted for row in rows])
    Rate.objects.bulk_create([row for _, _, rows, _ in accepted for row in rows])
    Signatory.objects.bulk_create([row for *_, rows in accepted for row in rows])
    Convention.objects.bulk_update(
        [convention for convention, *_ in accepted], ["status", "signed_on", "proposed_on"], batch_size=500
    )
