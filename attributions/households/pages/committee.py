"""What a committee lacks to be lawful (CCH, R441-9 II)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone

from attributions.households.models import Committee, CommitteeMember, CommitteeRules
from attributions.households.queries.seats import Composition, Seat
from reservations.pages.pieces import beside, bold, pill
from reservations.pages.table import FIGURE, Head, Said, Table, table
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
    rows = [[*_seat_of(each), *_rules_of(each)] for each in committees]
    headings = ["Commission", "Bailleur", "Territoire", f"Voix délibératives{FIGURE}", "Quorum", "Vote à distance"]
    return table("liste", "Commissions", "Leurs membres qui votent, et leur règlement.", headings, rows)


def _seat_of(committee: Committee) -> list[Said | str]:
    voters = sum(each.votes and each.ends_on is None for each in committee.members.all())
    return [
        Said(str(committee), link=reverse("committee-detail", args=[committee.pk])),
        committee.landlord.organisation.name,
        committee.territory.name if committee.territory else "tout le patrimoine",
        str(voters),
    ]


def _rules_of(committee: Committee) -> list[Said | str]:
    today = timezone.localdate()
    rules = next((each for each in committee.rules.all() if each.starts_on <= today), None)
    if rules is None:
        return [Said("règlement à enregistrer", pill="todo"), "–"]
    quorum = f"{rules.quorum} {plural(rules.quorum, 'membre désigné,membres désignés')}"
    return [quorum, "permis" if rules.remote_allowed else "non"]


def rules_table(story: Iterable[CommitteeRules], *, in_force: CommitteeRules | None, today: date) -> Table:
    """The rules one after the other, the latest first, and which hold today."""
    rows = [
        (
            day(each.starts_on),
            str(each.quorum),
            "permis" if each.remote_allowed else "non",
            f"{each.convening_days} {plural(each.convening_days, 'jour,jours')}" if each.convening_days else "–",
            each.source,
            _stands(each, in_force, today),
        )
        for each in story
    ]
    headings = (
        *(
            "En vigueur depuis le",
            f"Quorum{FIGURE}",
            Head("Vote à distance", ""),
            Head("Convocation", ""),
            Head("Source", ""),
        ),
        Head("État", ""),
    )
    note = "Le conseil d’administration fixe le quorum (CCH, R441-9 IV). Le plus récent d’abord."
    return table("reglement", "Règles de la commission", note, headings, rows)


def _stands(rules: CommitteeRules, in_force: CommitteeRules | None, today: date) -> Said:
    if in_force is not None and rules.pk == in_force.pk:
        return Said("en vigueur", pill="ok")
    return Said("à venir", pill="wait") if rules.starts_on > today else Said("remplacé", pill="no")


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
    rows = [
        (
            beside(
                bold(each.full_name),
                pill("préside", "ok") if each.presides else "",
                pill("représente les locataires") if each.represents_tenants else "",
            ),
            _capacity(each),
            each.organisation.name if each.organisation else "–",
            each.territory.name if each.territory else "–",
            day(each.starts_on) + (f", jusqu’au {day(each.ends_on)}" if each.ends_on else ""),
            "oui" if each.user_id else "non",
        )
        for each in members
    ]
    headings = (
        *("Nom", Head("Qualité", ""), Head("Organisation", ""), Head("Territoire", ""), Head("Siège depuis le", "")),
        Head("Se connecte ici", ""),
    )
    return table(key, f"{len(members)} {plural(len(members), 'personne,personnes')}", note, headings, rows)


def _capacity(member: CommitteeMember) -> str:
    is_mayor = member.capacity == CommitteeMember.Capacity.MAYOR
    return f"{member.get_capacity_display()}{', voix prépondérante dans sa commune' if is_mayor else ''}"
