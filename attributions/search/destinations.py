"""Pages, and the pages where acts are done, that open for a person: found by their names, as they are declared where
they are (menus, help, files to give, « À faire »)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from attributions.inbox.declared import KINDS
from attributions.inbox.reader import Reader
from attributions.public.plan import plan, tasks
from reservations.imports.kinds import kinds_for
from reservations.models import Membership
from reservations.models.territory import search_key

#: What a new user types for a page whose name has another word: tried in docs/tasks.md.
ALSO = {
    "session-list": "convoquer une séance de la commission d’attribution",
    "step-times": "retards, durées, attente",
    "objective-list": "quartile, publics, mixité, taux de la CIA, mutations internes",
    "balance-territory-latest": "comparer les bailleurs, préparer la CIL",
    "balance-scale-latest": "comparer les bailleurs",
    "account-list": "comparer les bailleurs, reste à recevoir, avance",
    "file-list": "pas de candidat, rendre un logement",
    "household-list": "salariés, demandeurs, transmettre plusieurs candidats",
    "vacancy-list": "annuler un congé, retirer une orientation, reprendre un logement, exporter dans un tableur",
    "holder-list": "partenaires",
    "person-list": "inviter un collègue, rôle, mot de passe perdu",
    "token-list": "API, jeton, SYPLO",
    "access-journal": "qui a lu un dossier",
    "legal-parameter-list": "délais de la loi, décret",
    "mail-choice": "notifications, alertes, résumé",
    "glossary": "définitions, sigles",
}


@dataclass(frozen=True, slots=True)
class PageFound:
    """A page, or the page where an act is done, by its name."""

    words: str
    address: str


def named_pages(member: Membership, text: str) -> list[PageFound]:
    """Pages of the menus, then what the role comes to do, files to give, acts that may await the person: those whose
    name has a word that begins as each word of the text, a page once; then those of which another name does. No
    query."""
    words = search_key(text).split()
    named, also = dict[str, PageFound](), dict[str, PageFound]()
    others = {reverse(page): other for page, other in ALSO.items()}
    for address, name in _names(member) if words else ():
        if _begins(words, name):
            named.setdefault(address, PageFound(name, address))
        elif _begins(words, f"{name} {others.get(address, '')}"):
            also.setdefault(address, PageFound(name, address))
    return list((named | {address: page for address, page in also.items() if address not in named}).values())


def _begins(words: Sequence[str], name: str) -> bool:
    """Does a word of the name begin as each of these?"""
    parts = search_key(name).split()
    return all(any(part.startswith(word) for part in parts) for word in words)


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
