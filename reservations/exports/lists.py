"""The lists of parties, people and what is decided of them, as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from reservations.exports.listing import ListColumn, Listing
from reservations.exports.sheet import Kind
from reservations.models import Membership, Organisation, User
from reservations.pages.derogations import DerogationLine
from reservations.pages.people_history import HistoryLine
from reservations.words import hour, upper_first


def _contingents(each: Organisation) -> str:
    return ", ".join(str(holder.get_contingent_display()) for holder in each.contingents.all())


ORGANISATIONS: Listing[Organisation] = Listing(
    "organisations",
    "Organisations",
    (
        ListColumn("SIREN", read=lambda each: each.siren),
        ListColumn("Organisation", read=lambda each: each.name),
        ListColumn("Nature", read=lambda each: str(each.get_kind_display())),
        ListColumn("Sigle", read=lambda each: each.landlord.acronym if each.kind == Organisation.Kind.LANDLORD else ""),
        ListColumn("Territoire", read=lambda each: each.territory.name if each.territory else ""),
        ListColumn("Code du territoire", read=lambda each: each.territory.code if each.territory else ""),
        ListColumn("Contingents", read=_contingents),
        ListColumn("Personnes", Kind.INTEGER, read=lambda each: vars(each)["people"]),
        ListColumn("Fermée le", Kind.DATE, read=lambda each: each.closed_on),
    ),
)

PEOPLE: Listing[tuple[User, Membership | None]] = Listing(
    "personnes",
    "Personnes et rôles",
    (
        ListColumn("Personne", read=lambda each: each[0].full_name),
        ListColumn("Adresse électronique", read=lambda each: each[0].email),
        ListColumn("Agit pour", read=lambda each: each[1].organisation.name if each[1] else ""),
        ListColumn("Rôle", read=lambda each: str(each[1].get_role_display()) if each[1] else ""),
        ListColumn("Compte", read=lambda each: "" if each[0].is_active else "fermé"),
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
        ListColumn("Le", Kind.DATE, read=lambda line: timezone.localdate(line.entry.at)),
        ListColumn("Heure", read=lambda line: hour(line.entry.at)),
        ListColumn("Compte", read=lambda line: line.about),
        ListColumn("Adresse électronique", read=lambda line: line.about_at),
        ListColumn("Acte", read=lambda line: line.words),
        ListColumn("Par", read=lambda line: line.by),
    ),
)

DEROGATIONS: Listing[DerogationLine] = Listing(
    "derogations",
    "Dérogations aux plafonds",
    (
        ListColumn("Bailleur", read=lambda line: str(line.derogation.landlord)),
        ListColumn("Département", read=lambda line: str(line.derogation.departement)),
        ListColumn("Plafond levé", read=lambda line: upper_first(str(line.derogation.get_code_display()))),
        ListColumn("Plafond, sur 100", Kind.DECIMAL, read=lambda line: line.derogation.value),
        ListColumn("Du", Kind.DATE, read=lambda line: line.derogation.starts_on),
        ListColumn("Au", Kind.DATE, read=lambda line: line.derogation.ends_on),
        ListColumn("Arrêté", read=lambda line: line.derogation.order),
        ListColumn("État", read=lambda line: line.words),
    ),
)
