"""What a committee lacks to be lawful (CCH, R441-9 II)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone

from attributions.households.models import Committee, CommitteeMember, CommitteeRules
from attributions.households.queries.committees import Composition, Seat
from reservations.pages.pieces import below, beside, bold, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, plural

SEATS = {
    Seat.TENANTS: "le représentant des locataires, parmi les membres désignés",
    Seat.PRESIDENT: "le président, élu par les membres désignés",
    Seat.PREFECT: "le préfet ou son représentant",
    Seat.SECRETARY: "le secrétariat, qui enregistre les décisions",
}


def lacks(composition: Composition) -> list[str]:
    """« le préfet ou son représentant », for each seat that nobody fills."""
    return [_lack(composition, seat) for seat in composition.missing]


def _lack(composition: Composition, seat: Seat) -> str:
    if seat != Seat.APPOINTED:
        return SEATS[seat]
    short = composition.wanted - composition.appointed
    return f"{short} membre{'s' * (short > 1)} sur {composition.wanted} à désigner par le conseil d’administration"


def committees_table(committees: Iterable[Committee]) -> Table:
    """A committee a row: where it sits, how many voices it has, and what its rules say. Their members and rules are
    fetched."""
    return Rows(
        committees,
        Shown("Commission", lambda each: Text(str(each), link=reverse("committee-detail", args=[each.pk]))),
        Shown("Bailleur", lambda each: each.landlord.organisation.name),
        Shown("Territoire", lambda each: each.territory.name if each.territory else "tout le patrimoine"),
        Number("Voix délibératives", _voices),
        Shown("Quorum", _quorum),
        Shown("Vote à distance", _remote),
    ).titled("liste", "Commissions", "Leurs membres qui votent, et leur règlement.")


def _voices(committee: Committee) -> str:
    return str(sum(each.votes and each.ends_on is None for each in committee.members.all()))


def _rules(committee: Committee) -> CommitteeRules | None:
    today = timezone.localdate()
    return next((each for each in committee.rules.all() if each.starts_on <= today), None)


def _quorum(committee: Committee) -> Text | str:
    rules = _rules(committee)
    if rules is None:
        return Text("règlement à enregistrer", pill="todo")
    return f"{rules.quorum} {plural(rules.quorum, 'membre désigné,membres désignés')}"


def _remote(committee: Committee) -> str:
    rules = _rules(committee)
    return "–" if rules is None else "permis" if rules.remote_allowed else "non"


def rules_table(story: Iterable[CommitteeRules], *, in_force: CommitteeRules | None, today: date) -> Table:
    """The rules one after the other, the latest first, and which hold today."""
    note = "Le conseil d’administration fixe le quorum (CCH, R441-9 IV). Le plus récent d’abord."
    return Rows(
        story,
        Shown("En vigueur depuis le", lambda each: day(each.starts_on)),
        Number("Quorum", lambda each: str(each.quorum)),
        Shown(Head("Vote à distance", ""), lambda each: "permis" if each.remote_allowed else "non"),
        Shown(
            Head("Convocation", ""),
            lambda each: (
                f"{each.convening_days} {plural(each.convening_days, 'jour,jours')}" if each.convening_days else "–"
            ),
        ),
        Shown(Head("Source", ""), lambda each: each.source),
        Shown(Head("État", ""), lambda each: _stands(each, in_force, today)),
    ).titled("reglement", "Règles de la commission", note)


def _stands(rules: CommitteeRules, in_force: CommitteeRules | None, today: date) -> Text:
    if in_force is not None and rules.pk == in_force.pk:
        return Text("en vigueur", pill="ok")
    return Text("à venir", pill="wait") if rules.starts_on > today else Text("remplacé", pill="no")


#: Each part of a committee: its id on the page, its title, what its seats do.
PARTS = (
    (
        "votants",
        "Voix délibératives",
        "Six membres désignés, le préfet, le président de l’intercommunalité et le maire, chacun pour son territoire. "
        "Le maire de la commune du logement départage.",
    ),
    (
        "avis",
        "Voix consultatives",
        "Ils donnent leur avis et ne votent pas. Un réservataire assiste pour les logements de son contingent.",
    ),
    ("secretariat", "Secrétariat", "Seul le secrétariat ouvre la séance, enregistre les décisions et la clôt."),
)


def member_parts(composition: Composition) -> list[tuple[str, str, Table | None]]:
    """Who votes, who advises, who keeps the minutes: the id and the title of each part, and its table when somebody
    sits there."""
    seats = (composition.voting, composition.advisory, composition.secretaries)
    return [
        (key, title, _members_table(key, note, members) if members else None)
        for (key, title, note), members in zip(PARTS, seats, strict=True)
    ]


def _members_table(key: str, note: str, members: Sequence[CommitteeMember]) -> Table:
    return Rows(
        members,
        Shown(
            "Nom",
            lambda each: beside(
                bold(each.full_name),
                pill("préside", "ok") if each.presides else "",
                pill("représente les locataires") if each.represents_tenants else "",
            ),
        ),
        Shown(Head("Qualité", ""), _capacity),
        Shown(Head("Organisation", ""), lambda each: each.organisation.name if each.organisation else "–"),
        Shown(Head("Territoire", ""), lambda each: each.territory.name if each.territory else "–"),
        Shown(
            Head("Siège depuis le", "nw"),
            lambda each: below(day(each.starts_on), f"jusqu’au {day(each.ends_on)}" if each.ends_on else ""),
        ),
        Shown(Head("Se connecte ici", ""), lambda each: "oui" if each.user_id else "non"),
    ).titled(key, f"{len(members)} {plural(len(members), 'personne,personnes')}", note)


def _capacity(member: CommitteeMember) -> str:
    is_mayor = member.capacity == CommitteeMember.Capacity.MAYOR
    return f"{member.get_capacity_display()}{', voix prépondérante dans sa commune' if is_mayor else ''}"
