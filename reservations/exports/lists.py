"""The lists of parties, people and what is decided of them, as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row
from reservations.models import Derogation, Membership, Organisation, User
from reservations.pages.derogations import DerogationLine
from reservations.pages.people_history import HistoryLine
from reservations.words import hour, upper_first

ORGANISATIONS: Listing[Organisation] = Listing(
    "organisations",
    "Organisations",
    (
        Column("SIREN"),
        Column("Organisation"),
        Column("Nature"),
        Column("Sigle"),
        Column("Territoire"),
        Column("Code du territoire"),
        Column("Contingents"),
        Column("Personnes", Kind.INTEGER),
        Column("Fermée le", Kind.DATE),
    ),
    lambda each: (
        each.siren,
        each.name,
        str(each.get_kind_display()),
        each.landlord.acronym if each.kind == Organisation.Kind.LANDLORD else "",
        each.territory.name if each.territory else "",
        each.territory.code if each.territory else "",
        ", ".join(str(holder.get_contingent_display()) for holder in each.contingents.all()),
        each.people,  # type: ignore[attr-defined]  # annotated by `organisations`
        each.closed_on,
    ),
)

PEOPLE: Listing[tuple[User, Membership | None]] = Listing(
    "personnes",
    "Personnes et rôles",
    (Column("Personne"), Column("Adresse électronique"), Column("Agit pour"), Column("Rôle"), Column("Compte")),
    lambda each: (
        each[0].full_name,
        each[0].email,
        each[1].organisation.name if each[1] else "",
        str(each[1].get_role_display()) if each[1] else "",
        "" if each[0].is_active else "fermé",
    ),
)


def roles(people: Iterable[User]) -> Iterator[tuple[User, Membership | None]]:
    """A row for each role of each person; one without any role has a row too."""
    for person in people:
        for role in person.memberships.all() or [None]:
            yield person, role


ACTS: Listing[HistoryLine] = Listing(
    "historique-des-comptes",
    "Historique des comptes",
    (
        Column("Le", Kind.DATE),
        Column("Heure"),
        Column("Compte"),
        Column("Adresse électronique"),
        Column("Acte"),
        Column("Par"),
    ),
    lambda line: (
        timezone.localdate(line.entry.at),
        hour(line.entry.at),
        line.about,
        line.about_at,
        line.words,
        line.by,
    ),
)

DEROGATIONS: Listing[DerogationLine] = Listing(
    "derogations",
    "Dérogations aux plafonds",
    (
        Column("Bailleur"),
        Column("Département"),
        Column("Plafond levé"),
        Column("Plafond, sur 100", Kind.DECIMAL),
        Column("Du", Kind.DATE),
        Column("Au", Kind.DATE),
        Column("Arrêté"),
        Column("État"),
    ),
    lambda line: _derogation(line.derogation, line.words),
)


def _derogation(each: Derogation, state: str) -> Row:
    return (
        str(each.landlord),
        str(each.departement),
        upper_first(str(each.get_code_display())),
        each.value,
        each.starts_on,
        each.ends_on,
        each.order,
        state,
    )
