"""Pages, and the pages where acts are done, that open for a person: found by their names, as they are declared where
they are (menus, help, files to give, « À faire »)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from attributions.inbox.declared import KINDS
from attributions.inbox.reader import Reader
from attributions.public.plan import plan, tasks
from reservations.imports.kinds import kinds_for
from reservations.models import Membership
from reservations.models.territory import search_key


@dataclass(frozen=True, slots=True)
class PageFound:
    """A page, or the page where an act is done, by its name."""

    words: str
    address: str


def named_pages(member: Membership, text: str) -> list[PageFound]:
    """Pages of the menus, then what the role comes to do, files to give, acts that may await the person: those whose
    name has a word that begins as each word of the text, a page once. No query."""
    words = search_key(text).split()
    shown: dict[str, PageFound] = {}
    for address, name in _names(member) if words else ():
        parts = search_key(name).split()
        if address not in shown and all(any(part.startswith(word) for part in parts) for word in words):
            shown[address] = PageFound(name, address)
    return list(shown.values())


def _names(member: Membership) -> Iterator[tuple[str, str]]:
    for _, entries in plan(member.user, member):
        yield from entries
    for role in (
        Membership.LANDLORD_ROLES if member.is_manager else (member.role,)
    ):  # a manager does what its staff does
        for part in ("tâche", "jour"):
            yield from ((task.url, task.title) for task in tasks(role, part))
    for kind in kinds_for(member):
        yield reverse("file-import-new", args=[kind.code]), f"Importer un fichier : {kind.title}"
    reader = Reader(member, now=timezone.now())
    for act in KINDS:
        if act.whom(reader):
            yield act.where, f"À faire : {act.heading}"
