"""Finding a territory and its code. Public reference data: whoever signs in may read it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reservations.http import MemberRequest
from reservations.models import Territory
from reservations.pages.territories import no_territory, territories_table

PAGE = 25
Kind = Territory.Kind


@require_safe
def territory_search(request: MemberRequest) -> HttpResponse:
    """The territories that a name, a postal code, an INSEE code or a SIREN designates. A fixed number of queries."""
    words = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:120]
    found = Territory.objects.search(words).select_related("departement", "epci", "ept")
    known = Territory.objects.aggregate(
        communes=Count("pk", filter=Q(kind=Kind.COMMUNE)),
        intercommunal=Count("pk", filter=Q(kind__in=(Kind.EPCI, Kind.EPT))),
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reservations/territory_search.html",
        {
            "words": words,
            "page": page,
            "table": territories_table(page).or_say(no_territory(asked=bool(words))),
            "known": known,
            "today": timezone.localdate(),
        },
    )
