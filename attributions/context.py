"""What every page shows around its content: the navigation of the person's role."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from attributions.navigation import SHELLS, settled_by
from reservations.access.sessions import SessionStore
from reservations.models import DeskChoice, Membership


def shell(request: HttpRequest) -> dict[str, Any]:
    """`navigation`: (address, words, is it here) for each entry, at most seven; `section`: the same, for the entries
    beside the one that the page is under, whose first is that of the navigation; `section_name` says what they are;
    `settled_here`: what the person settles for its organisation; `single_keys`: do they act, for this person;
    `told_of_account`: what was done on the account, that its person has not stated to have read; `session_warned_in`:
    when the page asks whether its session ends."""
    member: Membership | None = getattr(request, "member", None)
    entries, sections = SHELLS[Membership.Role(member.role)] if member else ([], ())
    links = _links(entries)
    here, there, section, name = _here(links, request.path), None, [], ""
    for title, entries in sections:
        beside = _links(entries)
        found = _here(beside, request.path)
        if found is not None and len(found) > len(there or ""):
            there, section, name = found, beside, title
    if there is not None and not (here or "").startswith(there):
        here = section[0][0]
    return {
        "member": member,
        "session_warned_in": _warned_in(request),
        "single_keys": member is not None and DeskChoice.of(member.user).single_keys,
        "told_of_account": request.session.get("told") if hasattr(request, "session") else None,
        "settled_here": _links(settled_by(member)),
        "memberships": getattr(request, "memberships", []),
        "navigation": [(url, words, url == here) for url, words in links],
        "section_name": name,
        "section": [(url, words, url == there) for url, words in section],
    }


def _warned_in(request: HttpRequest) -> int | None:
    """In how many seconds the page asks whether the session ends; None for nobody."""
    user = getattr(request, "user", None)  # none yet on the page of a request that is refused at the door
    if user is None or not user.is_authenticated or not hasattr(request, "session"):
        return None
    return cast("SessionStore", request.session).left(timezone.now()).warned_in


def _links(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(reverse(name), words) for name, words in entries]


def _here(links: list[tuple[str, str]], path: str) -> str | None:
    """The address of the entry that a path is under, the longest one; the home page is under itself only."""
    home = reverse("home")
    under = (url for url, _ in links if path == url or (url != home and path.startswith(url)))
    return max(under, key=len, default=None)
