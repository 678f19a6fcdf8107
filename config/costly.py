"""How often what costs may be asked for on the screens: by client address, by account, by the whole installation.

What costs is known by its address: a door that anybody may knock at, a file that comes in or goes out, a year replayed
under a hypothesis, the search.
`COST_LIMITS` gives, for each of them, how many times in ten minutes; sign-ins have their own count, in the database
(`reservations/access/limits.py`), and their pace, here; the API has its own count (`config/throttle.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from config.networks import counted_address
from config.throttle import counted
from reservations.access.limits import Limits, Lock, Wait, is_known

#: In seconds.
WINDOW = 600
#: In seconds: what `SIGN_IN_PACE` is counted over.
PACE_WINDOW = 10

#: Where nobody has signed in yet, and a hash, a mail or a key may be asked for.
DOORS = frozenset({"lost-password", "invitation", "second-factor", "address-confirm", "proconnect-start"})
#: A file comes in: it is kept, then read.
INTO = frozenset(
    {
        *("file-import-new", "file-import-columns"),
        *("reconciliation-list", "document-attach", "convention-deposit", "convention-pause-deposit"),
        *("balance-verify", "papers-bring"),
    }
)
#: A file goes out: it is drawn, or made of a whole list.
OUT_OF = frozenset({"takeaway", "takeaway-file", "kind-export", "file-import-content", "invitation-links"})
FILE_ENDINGS = ("-csv", "-xlsx", "-json", "-pdf", "-files", "-file", "-export")
#: Pages about files, by an ending of theirs: what they offer costs, they do not; one of them makes its file when sent.
ABOUT_FILES = frozenset({"balance-files", "candidate-export", "takeaway"})
#: What asks a list for its file, in its query (`reservations/http.py`).
AS_FILE = "fichier"
#: What looks again at something under way (same module).
LOOK = "essai"


def what_costs(request: HttpRequest) -> str:
    """« door », « file-in », « file-out », « replay », « search », or "" for what any page costs."""
    name = request.resolver_match.url_name if request.resolver_match is not None else None
    if name is None or name.startswith("api-"):
        return ""
    if name in DOORS:
        return "door" if request.method == "POST" or name == "proconnect-start" else ""
    if name in INTO and request.method == "POST":
        return "file-in"
    only_about = name in ABOUT_FILES and request.method != "POST"
    if AS_FILE in request.GET or (not only_about and (name in OUT_OF or name.endswith(FILE_ENDINGS))):
        return "file-out"
    if name == "whatif":  # a year under a hypothesis: what looks whether it is there costs nothing
        return "replay" if request.GET and LOOK not in request.GET else ""
    return "search" if name in ("search", "territory-search") else ""


class CostLimits:
    """Answers 429 beyond a limit, with how long to wait. After the middleware that knows the person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _arguments: Sequence[Any], _named: Mapping[str, Any]
    ) -> HttpResponseBase | None:
        """Count what costs; every count is made, so that none hides behind another."""
        what = what_costs(request)
        limits: Mapping[str, int] = settings.COST_LIMITS.get(what, {})
        whom = {
            "address": counted_address(request) or "unknown",
            "account": request.user.pk if request.user.is_authenticated else None,
            "installation": "everybody",
        }
        left = 0
        for count, limit in limits.items():
            if whom[count] is None:
                continue
            times, seconds = counted(f"{what}.{count}", whom[count], window=WINDOW)
            left = max(left, seconds if times > limit else 0)
        if not left:
            return None
        response = render(request, "429.html", {"minutes": -(-left // 60)}, status=429)
        response["Retry-After"] = str(left)
        return response


class PacedSignIns(Limits):
    """`AXES_HANDLER`: the whole installation checks `SIGN_IN_PACE` passwords in ten seconds; beyond, those who are
    known where they are (docs/decisions/0156-a-wait-of-seconds-holds-no-worker.md)."""

    def wait_of(self, account: str, address: str | None) -> Lock | None:
        """It counts one more password, unless this one waits already."""
        found = super().wait_of(account, address)
        if found is not None or settings.SIGN_IN_PACE is None:
            return found
        passwords, left = counted("sign-in.installation", "everybody", window=PACE_WINDOW)
        if passwords <= settings.SIGN_IN_PACE:
            return None
        return Lock(Wait.CROWD, timezone.now() + timedelta(seconds=left), is_passed=is_known(account, address))
