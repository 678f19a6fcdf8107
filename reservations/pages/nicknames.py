"""What pages say of nicknames.

* What is stated of the names by which files call holders and places.
* What the list of a folder of papers says, when it leaves and when it comes back; what its page says then.
* What the page of everything that goes out says.
* What a page says of the notices of the service.
* What each role of an organisation may do, and which roles were taken back, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise

from django.urls import reverse
from django.utils import timezone

from reservations.models import Archive, HistoryEntry, Membership, Nickname, Organisation, ServiceNotice
from reservations.pages.table import Rows, Shown, Table, Text
from reservations.queries.people import ALL, OWN, YES, ActOfRoles, acts_in, roles_in, subjects_of
from reservations.words import day, hour, integer, plural, upper_first


def nicknames_table(nicknames: Iterable[Nickname]) -> Table:
    """A name a row: whom or what it stands for, who stated so and when."""
    note = "Lus dans vos fichiers partout où ils nomment un réservataire ou un lieu ; un nom oublié n’y est plus lu."
    return Rows(
        nicknames,
        Shown("Dans vos fichiers", lambda each: f"« {each.said} »"),
        Shown("Désigne", _stands_for),
        Shown("Dit par", lambda each: Text(each.by.full_name, hint=f"le {day(timezone.localdate(each.at))}")),
    ).titled("surnoms", "Noms retenus", note)


def _stands_for(nickname: Nickname) -> Text:
    if nickname.place is None:
        return Text(str(nickname.holder), hint="réservataire")
    return Text(nickname.place.name, hint=f"{nickname.place.get_kind_display()}, {nickname.place.code}")


#: The first columns of the list of a folder; then those of its papers.
FILE, SEAL = "fichier", "empreinte SHA-256"
LISTING = "liste.csv"
#: The tool that kept a paper before this one: "" for what was sealed here.
KEPT_IN = "tenu dans"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file: the list, its line (None: no line speaks of it), the file, how to mend it."""

    listing: str
    line: int | None
    file: str
    sentence: str


def brought_words(counts: Mapping[str, tuple[int, int]]) -> str:
    """By folder, what was kept, and what was here already."""
    words = "; ".join(f"{title} : {_count(new, known)}" for title, (new, known) in sorted(counts.items()))
    return f"{words}.".replace(";", " ;")


def _count(new: int, known: int) -> str:
    kept = f"{integer(new)} {plural(new, 'papier gardé,papiers gardés')}" if new else "rien de nouveau"
    return f"{kept}, {integer(known)} déjà là" if known else kept


def faults_table(faults: Sequence[Fault], every: int) -> Table:
    """What is wrong, file by file; `every`: how many are at fault in all."""
    title = f"{integer(every)} {plural(every, 'fichier à corriger,fichiers à corriger')}"
    note = "Rien n’est gardé tant qu’il en reste un."
    return Rows(
        faults,
        Shown("Fichier", lambda each: each.file or "sans nom"),
        Shown("Liste", lambda each: each.listing),
        Shown("Ligne #", lambda each: integer(each.line) if each.line else "aucune"),
        Shown("Ce qu’il faut faire", lambda each: each.sentence),
    ).titled("a-corriger", title, note)


def archives_table(archives: Iterable[Archive]) -> Table:
    """What was made lately, and what is in it."""
    note = "Chaque archive se prend pendant deux jours, puis s’efface."
    return Rows(
        archives,
        Shown(
            "Demandée",
            lambda each: Text(
                f"{day(timezone.localdate(each.asked_at))}, {hour(each.asked_at)}",
                f"demandée par {each.asked_by}",
                reverse("takeaway-file", args=[each.pk]) if each.made_at else "",
            ),
        ),
        Shown("État", lambda each: Text("prête", pill="ok") if each.made_at else Text("en préparation", pill="wait")),
        Shown(
            "Ce qu’elle contient",
            lambda each: (
                ", ".join(
                    f"{title} ({integer(count)} {plural(count, 'ligne,lignes')})"
                    for title, count in each.counts.items()
                )
                or "à venir"
            ),
        ),
    ).titled("archives", "Archives demandées", note)


def history(notices: Sequence[ServiceNotice]) -> Table | None:
    """Each notice, newest first: its day, its author and what it changed. None before the first."""
    if not notices:
        return None
    return Rows(
        ((notice, before) for notice, before in pairwise([*notices, None]) if notice is not None),
        Shown("Le", lambda each: Text(day(timezone.localdate(each[0].at)))),
        Shown("Par", lambda each: each[0].by.full_name),
        Shown("Ce qui a changé", lambda each: upper_first(_changed(each[0], each[1]))),
    ).titled("historique", "Mentions publiées", "La plus récente d’abord.")


def _changed(notice: ServiceNotice, before: ServiceNotice | None) -> str:
    """« hébergeur, contact », « première publication »."""
    if before is None:
        return "première publication"
    names = [name for name in ServiceNotice.WRITTEN if getattr(notice, name) != getattr(before, name)]
    return ", ".join(str(ServiceNotice.column(name).verbose_name) for name in names)


#: How far a right goes; nothing is stated of what one may not.
FAR = {OWN: "oui", ALL: "oui, partout", YES: "oui", "": "non"}


def role_tables(organisation: Organisation) -> list[Table]:
    """A table for each part of the product: the acts that somebody of the organisation may do, and which roles may."""
    roles = [Shown(role.label.capitalize(), partial(_far, role=role)) for role in roles_in(organisation)]
    return [
        Rows(acts, Shown("Acte", lambda each: each.act), *roles).titled(f"droits-{number}", part)
        for number, (part, acts) in enumerate(groupby(acts_in(organisation), key=lambda each: each.part), 1)
    ]


def _far(each: ActOfRoles, *, role: str) -> str:
    return FAR[each.by_role[role]]


def gone_table(entries: Iterable[HistoryEntry]) -> Table:
    """Whose role was taken back, by whom, when."""
    return Rows(
        subjects_of(entries),
        Shown("Personne", lambda each: str(each[1])),
        Shown(
            "Rôle",
            lambda each: Text(
                Membership.Role(each[0].details["role"][0]).label, hint=each[0].details["organisation"][0]
            ),
        ),
        Shown("Retiré", lambda each: Text(f"le {day(each[0].at)} à {hour(each[0].at)}")),
        Shown("Par", lambda each: str(each[0].by) if each[0].by else "personne : le compte ne servait plus"),
    ).titled("roles-retires", "Rôles retirés")
