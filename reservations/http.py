"""What a view receives: a request that knows the person and for whom the person acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

from reservations.access.proconnect import ID_TOKEN, is_open
from reservations.access.second_factor import is_proved
from reservations.access.sessions import PROVED_AT, SessionStore
from reservations.exports.listing import Found, Listing, table_listing, tabled_rows
from reservations.exports.spreadsheet import CSV, spreadsheet
from reservations.exports.workbook import XLSX, workbook
from reservations.forms.people import ProofForm
from reservations.models import Membership, User
from reservations.pages.table import Table
from reservations.refusals import Refusal
from reservations.words import integer, plural

#: The parameter of an address that a page asks again by itself: which look it is.
LOOK = "essai"
#: In the address of an act done from a row of « À faire »: which list it is, and the rank of the row.
CAME, INBOX, RANK = "de", "a-faire", "rang"
#: Seconds before each look: a calculation takes a few of them. After the last one, the person looks when it pleases.
DELAYS = (1, 2, 3, 5, 8, 13, 21, 34, 55)

View = Callable[..., HttpResponseBase]
#: What a page that only asks for a proof sends with it: the page behind is then read again.
PROOF_ONLY = "preuve_seule"


class MemberRequest(HttpRequest):
    """A request after the middleware, for annotations."""

    user: User
    member: Membership | None
    memberships: list[Membership]
    htmx: HtmxDetails


def page_of_ours(request: HttpRequest, asked: str, otherwise: str) -> str:
    """The page that is asked for when it is one of ours, else the other: nothing leads elsewhere."""
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(  # else it is taken for the name of an address
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if ours else otherwise


def destination(request: HttpRequest) -> str:
    """The page to go on with (`next`) when it is one of ours, else the home page."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return page_of_ours(request, asked, resolve_url(settings.LOGIN_REDIRECT_URL))


def member_of(request: MemberRequest) -> Membership:
    """The membership under which the person acts. Http404 for a person who belongs to no organisation."""
    if request.member is None:
        raise Http404
    return request.member


def session_of(request: HttpRequest) -> SessionStore:
    """The session of whoever is signed in, as this house keeps it."""
    return cast("SessionStore", request.session)


def is_timed(request: HttpRequest) -> bool:
    """Does a page that waits ask by itself, without its person?"""
    return request.headers.get("HX-Request") == "true" and LOOK in request.GET


@dataclass(frozen=True, slots=True)
class Look:
    """The next look: its rank, and after how many seconds. `seconds` is None once there is none any more."""

    rank: int
    seconds: int | None


def next_look(request: MemberRequest) -> Look:
    """What follows the look that a request is, by its `essai`, less and less often: none for the page itself."""
    asked = request.GET.get(LOOK, "0")
    rank = int(asked) if asked.isdecimal() and len(asked) < 3 else 0
    return Look(rank + 1, DELAYS[rank] if rank < len(DELAYS) else None)


def inbox_address(request: HttpRequest) -> str | None:
    """« À faire » as it was filtered, at what took the place of the row of this act; None when the act comes from
    another page."""
    kept = request.GET.copy()
    [came], [rank] = kept.pop(CAME, [""])[:1], kept.pop(RANK, [""])[:1]
    if came != INBOX:
        return None
    anchor = f"#rang-{rank}" if rank[:3].isdecimal() else ""
    return f"{reverse('inbox')}{f'?{kept.urlencode()}' if kept else ''}{anchor}"


def refuse_unless(allowed: bool) -> None:
    """403 for what one may see but not do. What one may not see is a 404, through `visible_to`."""
    if not allowed:
        raise PermissionDenied


@contextmanager
def refusals_shown(request: MemberRequest) -> Iterator[None]:
    """Do an act that asks nothing: what it refuses is stated on the page that comes next."""
    try:
        yield
    except Refusal as refused:
        messages.error(request, str(refused))


def asks_proof(view: View) -> View:
    """An act that signs, gives a right, takes names away or touches an account: done at once by whoever proved lately
    who they are (LegalParameter PROOF_MINUTES), after a page that asks it of the others.

    What was typed waits in that page and is sent again with the proof; files cannot, and are asked for again.
    """
    return _proved(view, methods=("POST",))


def asks_proof_to_read(view: View) -> View:
    """The same of what is read: a page that shows a secret, a file of names."""
    return _proved(view, methods=("GET", "POST"))


def _proved(view: View, *, methods: tuple[str, ...]) -> View:
    @wraps(view)
    def wrapped(request: MemberRequest, *given: Any, **about: Any) -> HttpResponseBase:
        sent = request.method == "POST"
        if request.method not in methods or is_proved(request, now=timezone.now()):
            return (
                redirect(request.get_full_path())
                if sent and PROOF_ONLY in request.POST
                else view(request, *given, **about)
            )
        form = ProofForm(request.POST if sent and ProofForm.is_in(request.POST) else None, request=request)
        if form.is_valid():
            request.session[PROVED_AT] = timezone.now().isoformat()
            return redirect(request.get_full_path()) if PROOF_ONLY in request.POST else view(request, *given, **about)
        form.ask()
        left_out = (*form.fields, "csrfmiddlewaretoken")
        typed = [(name, value) for name, values in request.POST.lists() for value in values if name not in left_out]
        context = {
            "form": form,
            "kept": typed if sent else [(PROOF_ONLY, "1")],
            "lost_files": bool(request.FILES),
            "address": request.get_full_path(),
            "by_proconnect": ID_TOKEN in request.session and is_open(),
        }
        return render(request, "reservations/proof.html", context, status=422 if form.errors else 200)

    return wrapped


def acts_from(page: str, *names: str) -> Callable[[View], View]:
    """An act done from a page: a POST acts; a GET, such as the reload of a refused one, goes back to that page.

    `names`: what the page's address takes from the act's. The GET reads nothing, so it states nobody what exists.
    """

    def acting(view: View) -> View:
        @wraps(view)
        def wrapped(request: MemberRequest, **about: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, **about)
            return redirect(page, **{name: about[name] for name in names})

        return require_http_methods(["GET", "HEAD", "POST"])(wrapped)

    return acting


#: The parameter of the address of a list that asks for it as a file, and what files there are.
AS_FILE, FILES = "fichier", ("csv", "xlsx")
#: Rows of a workbook: beyond, it takes a minute to make, and a spreadsheet as long to open. A CSV has no end.
MOST_ROWS = 50_000


def asks_file(request: HttpRequest, *, posted: bool = False) -> bool:
    """Is a list asked for as a file, whole, under its filters? `posted`: by a form that says why, too."""
    return (posted or request.method != "POST") and request.GET.get(AS_FILE) in FILES


def proof_file(request: HttpRequest, proof: str | None, name: str) -> HttpResponse:
    """A proof of the verifiable log as a file; a page that says to come back while there is none."""
    if proof is None:
        return render(request, "reservations/log_waiting.html", status=202)
    kind = "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
    return HttpResponse(proof, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def in_a_file(
    request: HttpRequest, listing: Listing[Any], found: Found, read: Callable[[Sequence[Any]], Iterable[Any]] = tuple
) -> HttpResponseBase:
    """The list as the file that is asked: a CSV written as its rows are read, or a workbook, up to `MOST_ROWS`."""
    sheet, kind = listing.sheet(found, read), request.GET[AS_FILE]
    name = f"{listing.name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if kind == "csv":
        return StreamingHttpResponse(spreadsheet(sheet), content_type=CSV, headers=headers)
    count = found.count() if isinstance(found, QuerySet) else len(found)
    if count > MOST_ROWS:
        messages.error(
            request,
            f"Cette liste a {integer(count)} {plural(count, 'ligne,lignes')}, et un classeur {integer(MOST_ROWS)} au "
            "plus. Filtrez-la, ou exportez-la en CSV.",
        )
        asked = request.GET.copy()
        del asked[AS_FILE]
        return redirect(f"{request.path}?{asked.urlencode()}")
    return HttpResponse(workbook(listing.title, [sheet]), content_type=XLSX, headers=headers)


def table_in_a_file(
    request: HttpRequest, name: str, found: Found, tabled: Callable[[Sequence[Any]], Table]
) -> HttpResponseBase:
    """The list of a page that is a `Table`, as the file that is asked."""
    return in_a_file(request, table_listing(name, tabled), found, tabled_rows(tabled))
