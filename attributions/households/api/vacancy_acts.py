"""An act on a unit whose candidates may be followed here, on the state that the software has read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from flux.api.acts import AskedShape, asked, once
from flux.api.door import expect, told
from flux.api.problems import Problem
from flux.api.vacancies import shown
from flux.models import Unit, Vacancy
from flux.operations.decision import already_cancelled
from reservations.http import refuse_unless
from reservations.models import Membership
from reservations.models.locking import in_order


def acted(
    request: Request,
    member: Membership,
    pk: int,
    *,
    may: Callable[[Membership, Vacancy], bool],
    shape: type[AskedShape],
    act: Callable[[Vacancy, dict[str, Any]], object],
) -> Response:
    """Do `act` with what was asked, in the form of `shape`, once for each key; answer the unit as it stands then,
    by the vacancy that goes on.

    Its unit is locked before the state is compared with the one that was read. Raises Http404 for a unit that the
    member does not see, PermissionDenied unless it `may`, Problem for a unit cancelled meanwhile or read in another
    state; and what the act refuses.
    """
    found = Vacancy.declared.visible_to(member).select_related(
        "unit__landlord__organisation", "unit__commune", "unit__programme"
    )
    vacancy = get_object_or_404(found, pk=pk)
    refuse_unless(may(member, vacancy))
    given = asked(shape, request)

    def done() -> Response:
        list(in_order(Unit.objects.all()).filter(pk=vacancy.unit_id).order_by("pk"))
        held = found.get(pk=pk)
        if held.is_cancelled:
            raise Problem("etat-incompatible", already_cancelled(held))
        expect(request, shown(member, pk))
        after = act(held, dict(given))
        return told(request, shown(member, after.pk if isinstance(after, Vacancy) else pk))

    return once(request, done)
