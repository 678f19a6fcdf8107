"""The kind of file that states the committees of a landlord: their rules by their days, and who sits, a line each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from attributions.households.models import Committee, CommitteeMember, CommitteeRules
from attributions.households.models.committee import CONVENING
from attributions.households.operations.committee import found_committee, seat_member, set_rules, unseat_member
from attributions.households.permissions import can_manage_committee
from reservations.imports.cells import choice, day, email, siren, text, whole, yes_no
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.imports.parties import place_of
from reservations.imports.slices import try_lines
from reservations.models import Landlord, Membership, Organisation, Territory, User
from reservations.models.guards import in_order
from reservations.refusals import Refusal

Capacity = CommitteeMember.Capacity
Kind = Territory.Kind

COMMITTEE, WHAT, SINCE, UNTIL, PLACE = "commission", "nature", "depuis le", "jusqu’au", "territoire"
QUORUM, REMOTE, DELAY, SOURCE = "quorum", "vote à distance", "délai de convocation", "source"
CAPACITY, NAME, ORGANISATION, TENANTS, PRESIDES, ADDRESS = (
    "qualité",
    "nom",
    "SIREN de l’organisation",
    "représente les locataires",
    "préside",
    "adresse électronique",
)
RULES, SEAT = "règlement", "membre"
#: By nature, what a line must say, and what it may say besides.
SAYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    RULES: ((QUORUM, SOURCE), (REMOTE, DELAY, PLACE)),
    SEAT: ((CAPACITY, NAME), (UNTIL, PLACE, ORGANISATION, TENANTS, PRESIDES, ADDRESS)),
}
#: Where a committee sits, and where a member votes.
PLACES = {RULES: (Kind.DEPARTEMENT, Kind.EPCI, Kind.COMMUNE), SEAT: (Kind.COMMUNE, Kind.EPCI, Kind.EPT)}
#: The column that shows what the act refuses.
COLUMN_OF = {
    "territory": PLACE,
    "starts_on": SINCE,
    "ends_on": UNTIL,
    "quorum": QUORUM,
    "convening_days": DELAY,
    "source": SOURCE,
    "capacity": CAPACITY,
    "full_name": NAME,
    "organisation": ORGANISATION,
    "represents_tenants": TENANTS,
    "presides": PRESIDES,
    "user": ADDRESS,
}


class Committees(FileKind):
    """Un règlement ou un membre par ligne."""

    code = "commissions"
    title = "Commissions d’attribution"
    one, many = "ligne de commission", "lignes de commissions"
    says = (
        "Vos CALEOL : leurs règlements successifs, puis ceux qui y siègent ou y ont siégé, un par ligne. Le premier "
        "règlement d’une commission la crée."
    )
    columns = (
        Column(COMMITTEE, text(120), "Son nom.", ("CALEOL",), required=True, example="CALEOL de Narbonne"),
        Column(
            WHAT, choice({each: each for each in SAYS}), f"« {RULES} » ou « {SEAT} ».", required=True, example=RULES
        ),
        Column(SINCE, day, "Le premier jour.", ("depuis", "début"), required=True, example="01/01/2026"),
        Column(UNTIL, day, "D’un membre qui ne siège plus : son dernier jour.", ("fin",)),
        Column(
            PLACE,
            text(140),
            "Nom ou code. D’un règlement : où siège la commission ; vide, pour tout le patrimoine. D’un membre : la "
            "commune du maire, ou l’intercommunalité de son président.",
        ),
        Column(QUORUM, whole(1, 99), "D’un règlement : parmi les membres désignés.", example="3"),
        Column(REMOTE, yes_no, "D’un règlement : permis, ou non. Vide : non."),
        Column(DELAY, whole(CONVENING.least, CONVENING.most), "D’un règlement : en jours. Vide : il n’en fixe pas."),
        Column(
            SOURCE,
            text(200),
            "D’un règlement : la délibération qui le fixe.",
            ("délibération",),
            example="conseil d’administration du 12/12/2025",
        ),
        Column(CAPACITY, choice({str(each.label): each.value for each in Capacity}), "D’un membre."),
        Column(NAME, text(120), "D’un membre.", ("nom du membre",)),
        Column(ORGANISATION, siren, "De celle pour laquelle il siège.", ("SIREN",)),
        Column(TENANTS, yes_no, "D’un membre désigné. Vide : non."),
        Column(PRESIDES, yes_no, "D’un membre désigné. Vide : non."),
        Column(
            ADDRESS,
            email,
            "De son compte, pour voter à distance ou tenir le secrétariat. Vide : son vote est noté en séance.",
            ("se connecte avec l’adresse", "courriel"),
        ),
    )
    nicknames = True
    rank = 62

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager, who composes them on their pages."""
        return member is not None and member.landlord is not None and can_manage_committee(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which rules, or which seat of whom."""
        named = (COMMITTEE, WHAT, SINCE, *(() if values[WHAT] == RULES else (CAPACITY, NAME, ORGANISATION)))
        return "|".join(str(values.get(each, "")) for each in named)

    def check(self, line: FileLine) -> None:
        """Rules and seats each say what they are made of, and nothing else."""
        must, may = SAYS[line.values[WHAT]]
        for column in must:
            if column not in line.values:
                line.refuse(column, f"un {line.values[WHAT]} le dit : remplissez cette cellule.")
        for column in {each for both in SAYS.values() for one in both for each in one} - {*must, *may}:
            if column in line.values:
                line.refuse(column, f"un {line.values[WHAT]} n’en a pas : videz cette cellule.")
        if line.values.get(UNTIL, line.values[SINCE]) < line.values[SINCE]:
            line.refuse(UNTIL, "le dernier jour précède le premier.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is there already stays, or a seat ends; the rest is tried by the act that will write it, one line after
        the other, then undone."""
        known = _known(scope.landlord)
        new: dict[str, list[FileLine]] = {}
        for line in lines:
            line.verdict = Verdict.NEW
            if (before := known.get(line.key)) is None or self._moved(line, *before):
                new.setdefault(line.values[COMMITTEE], []).append(line)
        try_lines(new.values(), lambda line: self._write(line, scope), lambda each: COLUMN_OF.get(each, COMMITTEE))

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """The rules of a committee come before who sits."""
        return line.values.get(COMMITTEE)

    def _moved(self, line: FileLine, target: int, kept: Mapping[str, Any]) -> bool:
        """Does a line that is known say something that can be written: the end of a seat? Anything else that it says
        otherwise is put right on the page of the committee."""
        line.target, line.verdict = target, Verdict.SAME
        for column in (QUORUM, REMOTE, DELAY, TENANTS, PRESIDES):
            if column in line.values and line.values[column] != kept[column]:
                line.refuse(
                    column,
                    f"cette ligne est déjà enregistrée autrement ({_cell(kept[column])}) : corrigez-la ici, ou "
                    "composez la commission sur sa page.",
                )
        if UNTIL not in line.values or line.values[UNTIL] == kept[UNTIL]:
            return False
        line.changes, line.verdict = {UNTIL: [plain(kept[UNTIL]), plain(line.values[UNTIL])]}, Verdict.CHANGED
        return not line.is_refused

    def _write(self, line: FileLine, scope: Scope) -> None:
        """By the acts of the pages. Raises Refusal."""
        assert scope.by is not None  # a person gives a file
        values = line.values
        place = place_of(line, PLACE, PLACES[values[WHAT]], scope) if PLACE in values else None
        organisation, user = self._named(line, scope)
        if line.is_refused:
            return
        committee = Committee.objects.filter(landlord=scope.landlord, name=values[COMMITTEE]).first()
        if values[WHAT] == RULES:
            self._rule(line, committee, place, scope)
            return
        if committee is None:
            raise Refusal("Cette commission n’existe pas ici : donnez d’abord une ligne de son règlement.")
        if line.verdict == Verdict.CHANGED:
            assert line.target is not None  # a seat that is known
            seat = CommitteeMember.objects.get(pk=line.target)
            unseat_member(member=seat, ends_on=values[UNTIL], by=scope.by)
            return
        seat_member(
            committee=committee,
            capacity=values[CAPACITY],
            full_name=values[NAME],
            organisation=organisation,
            territory=place,
            user=user,
            represents_tenants=values.get(TENANTS, False),
            presides=values.get(PRESIDES, False),
            starts_on=values[SINCE],
            ends_on=values.get(UNTIL),
            by=scope.by,
        )

    def _rule(self, line: FileLine, committee: Committee | None, place: Territory | None, scope: Scope) -> None:
        """Set rules; the first of a committee found it."""
        assert scope.by is not None
        values = line.values
        rules: dict[str, Any] = {
            "quorum": values[QUORUM],
            "remote_allowed": values.get(REMOTE, False),
            "convening_days": values.get(DELAY),
            "source": values[SOURCE],
            "starts_on": values[SINCE],
            "by": scope.by,
        }
        if committee is None:
            found_committee(landlord=scope.landlord, name=values[COMMITTEE], territory=place, **rules)
            return
        if place != committee.territory:
            where = committee.territory or "tout le patrimoine"
            raise Refusal(f"Cette commission siège pour un autre territoire ici ({where}).", field="territory")
        set_rules(committee=committee, **rules)

    def _named(self, line: FileLine, scope: Scope) -> tuple[Organisation | None, User | None]:
        """The organisation and the account that a line names; whoever left needs no account."""
        values = line.values
        organisation = Organisation.objects.filter(siren=values.get(ORGANISATION, "")).first()
        if ORGANISATION in values and organisation is None:
            line.refuse(ORGANISATION, "aucune organisation n’a ce SIREN ici : donnez d’abord vos réservataires.")
        user = User.objects.at(values[ADDRESS]).filter(is_active=True).first() if ADDRESS in values else None
        sits = UNTIL not in values or values[UNTIL] >= scope.today
        if ADDRESS in values and user is None and sits:
            line.refuse(
                ADDRESS,
                "personne ne se connecte avec cette adresse : faites d’abord inviter cette personne, ou videz cette "
                "cellule, sauf pour le secrétariat.",
            )
        return organisation, user

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """What is composed, and who signs in."""
        return [
            Committee.objects.filter(landlord=scope.landlord),
            CommitteeRules.objects.filter(committee__landlord=scope.landlord),
            CommitteeMember.objects.filter(committee__landlord=scope.landlord),
            Membership.objects.filter(organisation=scope.organisation).values_list("pk", "user"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts, in the order of the file."""
        for line in lines:
            self._write(line, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Of each committee its rules, the first first, then whoever sat, the first seated first."""
        assert member.landlord is not None
        for committee in Committee.objects.filter(landlord=member.landlord).order_by("name"):
            for rules in _rules_of(member.landlord).filter(committee=committee):
                yield {name: _cell(value) for name, value in _rules_words(rules).items()}
            for seat in _seats_of(member.landlord).filter(committee=committee):
                yield {name: _cell(value) for name, value in _seat_words(seat).items()} | {
                    CAPACITY: seat.get_capacity_display()
                }

    def after(self) -> str:
        """Their list."""
        return "committee-list"


def _known(landlord: Landlord) -> dict[str, tuple[int, dict[str, Any]]]:
    """What is there, by the key of its line: its row and its values by column. Two queries."""
    kind = Committees()
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for rules in _rules_of(landlord):
        values = _rules_words(rules)
        found[kind.key(values)] = (rules.pk, values)
    for seat in _seats_of(landlord):
        values = _seat_words(seat)
        found[kind.key(values)] = (seat.pk, values)
    return found


def _rules_of(landlord: Landlord) -> QuerySet[CommitteeRules]:
    found = CommitteeRules.objects.filter(committee__landlord=landlord).select_related("committee__territory")
    return found.order_by("starts_on")


def _seats_of(landlord: Landlord) -> QuerySet[CommitteeMember]:
    found = CommitteeMember.objects.filter(committee__landlord=landlord)
    return found.select_related("committee", "organisation", "territory", "user").order_by("starts_on", "pk")


def _rules_words(rules: CommitteeRules) -> dict[str, Any]:
    where = rules.committee.territory
    return {
        COMMITTEE: rules.committee.name,
        WHAT: RULES,
        SINCE: rules.starts_on,
        PLACE: where.code if where else None,
        QUORUM: rules.quorum,
        REMOTE: rules.remote_allowed,
        DELAY: rules.convening_days,
        SOURCE: rules.source,
    }


def _seat_words(seat: CommitteeMember) -> dict[str, Any]:
    values = {
        COMMITTEE: seat.committee.name,
        WHAT: SEAT,
        SINCE: seat.starts_on,
        UNTIL: seat.ends_on,
        PLACE: seat.territory.code if seat.territory else None,
        CAPACITY: seat.capacity,
        NAME: seat.full_name,
        TENANTS: seat.represents_tenants,
        PRESIDES: seat.presides,
        ADDRESS: seat.user.email if seat.user else None,
    }
    return values | ({ORGANISATION: seat.organisation.siren} if seat.organisation else {})


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return ("non", "oui")[value]
    return "" if value is None else str(plain(value))
