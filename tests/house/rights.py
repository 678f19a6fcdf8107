"""The matrix of rights, asked of the predicates themselves: role × act × object, then role × field of personal data.

`reservations/data/rights.csv` has the words of each act, its predicate and the name of what it is tried on (ABOUT); the
columns of the roles are what the predicate answers here, for two people of each role: one of an organisation that the
object concerns, one of an organisation that it does not. `tests/house/personal.csv` has the same of each field of
personal data. To write both files again: `./run test tests/house/test_rights.py -q --write-rights`; `./run docs` lays
them out as docs/built/rights.md.
"""

from __future__ import annotations

import csv
import inspect
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from attributions.bilan import permissions as bilan
from attributions.bilan.models import AnnualBalance, Reconciliation
from attributions.bilan.operations.objectives import state_purpose
from attributions.households import permissions as households
from attributions.households.models import (
    AccessRecord,
    Application,
    CommitteeMember,
    CommitteeSession,
    PastCandidacy,
    Proposal,
)
from attributions.households.models.priority import HouseholdFacts
from attributions.households.operations.needs import record_access
from attributions.notices.models import Notice
from flux import permissions as flux
from flux.models import (
    AuditAlert,
    Conversion,
    Forecast,
    Ledger,
    OpeningBalance,
    Programme,
    Routing,
    StockTransfer,
    Vacancy,
    WebhookEndpoint,
)
from flux.operations.stock import keep_in_stock
from reservations import permissions as reservations
from reservations.models import (
    ApiCall,
    ApiToken,
    Convention,
    FileImport,
    HistoryEntry,
    Invitation,
    Landlord,
    Membership,
    Organisation,
    ReservationHolder,
    StockRight,
    User,
)
from reservations.models.renewal import reach
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from reservations.queries.people import acts_on_people, invitations_of, memberships_of_people, people_of
from tests.attributions.households.sittings import candidates, routed
from tests.house.test_seeing import undone
from tests.house.tree import ROOT
from tests.world import MORNING, PASSWORD, World, siren

Role = Membership.Role
FILE, FIELDS = ROOT / "reservations/data/rights.csv", ROOT / "tests/house/personal.csv"
MODULES = {"reservations": reservations, "flux": flux, "households": households, "bilan": bilan}
WORDS = ("part", "act", "predicate", "about")
#: What a role may: with what concerns its organisation; with anybody's; where there is nothing to state apart.
OWN, ALL, YES, NO = "own", "all", "yes", ""
SIGNS = {OWN: "own", ALL: "**all**", YES: "yes", NO: "–"}

#: What an act is tried on: from a person of the organisation concerned, the arguments of its predicate.
About = dict[str, Callable[[Membership], tuple[Any, ...]]]


@dataclass
class Cast:
    """`own`: by role, somebody of an organisation that the objects concern, and `other`: somebody whom they do not;
    `about`: the objects, by the name that rights.csv gives them."""

    own: dict[str, Membership]
    other: dict[str, Membership]
    about: About


def _person(name: str, organisation: Organisation, role: str) -> Membership:
    user = User(email=f"{name}@exemple.test", full_name=name.title())
    user.set_password(PASSWORD)
    user.save()
    grant_membership(user=user, organisation=organisation, role=role)
    return Membership.objects.select_related("organisation__landlord", "organisation__territory", "user").get(user=user)


def cast(world: World, things: dict[str, dict[str, Any]]) -> Cast:
    """Two people of each role in a world where everything has happened (the fixture `things` of test_seeing.py)."""
    where, kinds = world.places, Organisation.Kind
    town = register_organisation(
        siren=siren(20), name="Ville de Béziers", article="la", kind=kinds.COMMUNE, territory=where["Béziers"]
    )
    prefecture = register_organisation(
        siren=siren(21), name="Préfecture de l’Hérault", article="la", kind=kinds.STATE, territory=where["Hérault"]
    )
    epci = register_organisation(
        siren=siren(22), name="Béziers Méditerranée", kind=kinds.EPCI, territory=where["Béziers Méditerranée"]
    )
    other = world.other_landlord.organisation
    own = {
        Role.LANDLORD_STAFF: world.member("aline"),
        Role.LANDLORD_MANAGER: world.member("alice"),
        Role.HOLDER_STAFF: world.member("chloe"),
        Role.HOLDER_MANAGER: world.member("anna"),
        Role.EPCI_OFFICER: world.member("emma"),
        Role.STATE_OFFICER: world.member("bob"),
        Role.ADMINISTRATOR: world.member("adam"),
    }
    elsewhere = {
        Role.LANDLORD_STAFF: _person("zelie", other, Role.LANDLORD_STAFF),
        Role.LANDLORD_MANAGER: world.member("zoe"),
        Role.HOLDER_STAFF: _person("yann", town, Role.HOLDER_STAFF),
        Role.HOLDER_MANAGER: _person("yvette", town, Role.HOLDER_MANAGER),
        Role.EPCI_OFFICER: _person("yara", epci, Role.EPCI_OFFICER),
        Role.STATE_OFFICER: _person("yves", prefecture, Role.STATE_OFFICER),
        Role.ADMINISTRATOR: _person("ada", world.operator, Role.ADMINISTRATOR),
    }
    return Cast(
        {str(k): v for k, v in own.items()}, {str(k): v for k, v in elsewhere.items()}, _about(world, things, own)
    )


def _of_own(row: Any, **changed: Any) -> Callable[[Membership], tuple[Any, ...]]:
    """The same row, of the organisation of whoever is asked about."""

    def of(member: Membership) -> tuple[Any, ...]:
        again = copy(row)
        again.pk, again._state.adding = None, True
        for name, value in {"organisation_id": member.organisation_id, **changed}.items():
            setattr(again, name, value(member) if callable(value) else value)
        again.save()
        return (again,)

    return of


def _of_state(states: Any, others: Any) -> Callable[[Membership], tuple[Any, ...]]:
    """What is the State’s for its officers, the city’s for everybody else."""
    return lambda member: (states if member.is_state else others,)


def _always(*given: Any) -> Callable[[Membership], tuple[Any, ...]]:
    return lambda member: given


def _seat(session: CommitteeSession, own: dict[Role, Membership]) -> None:
    """Whoever may hold a seat has one."""
    for role, capacity in (
        (Role.LANDLORD_MANAGER, CommitteeMember.Capacity.SECRETARY),
        (Role.LANDLORD_MANAGER, CommitteeMember.Capacity.APPOINTED),
        (Role.HOLDER_MANAGER, CommitteeMember.Capacity.APPOINTED),
        (Role.LANDLORD_STAFF, CommitteeMember.Capacity.APPOINTED),
    ):
        CommitteeMember.objects.create(
            committee=session.committee,
            capacity=capacity,
            full_name=own[role].user.full_name,
            user=own[role].user,
            starts_on=MORNING.date().replace(month=1, day=1),
        )


def _colleagues(own: dict[Role, Membership]) -> dict[int, User]:
    """By organisation, somebody else who acts for it."""
    colleagues = {
        each.organisation_id: User.objects.create(email=f"c{each.pk}@exemple.test", full_name="Collègue")
        for each in {each.organisation_id: each for each in own.values()}.values()
    }
    for organisation, user in colleagues.items():
        role = next(each.role for each in own.values() if each.organisation_id == organisation)
        Membership.objects.create(user=user, organisation_id=organisation, role=role)
    return colleagues


def _about(world: World, things: dict[str, dict[str, Any]], own: dict[Role, Membership]) -> About:
    """Everybody who may hold a seat has one: what a seat gives is given by the seat, and not by the role."""

    def the(model: type[models.Model], name: str, place: int = 0) -> Any:
        return model._default_manager.get(pk=things[name]["args"][place])

    vacancy, city = the(Vacancy, "vacancy-detail"), world.holders["city"]
    draft, proposed = the(Convention, "convention-edit"), the(Convention, "convention-edit")
    proposed.status = Convention.Status.PROPOSED
    noticed = Convention.objects.get(pk=world.conventions["state"].pk)
    noticed.formal_notice_on = MORNING.date()
    renewed = Convention.objects.get(pk=world.conventions["city"].pk)
    renewed.renewal_months, renewed.notice_months, renewed.term_on = 12, 3, renewed.ends_on
    renewed.ends_on = reach(renewed.ends_on, 12, 1)
    session = the(CommitteeSession, "session-detail")
    _seat(session, own)
    routing = Routing.objects.get(vacancy=vacancy, closed_at=None)
    delegated = Routing.objects.select_related("convention").get(pk=routing.pk)
    delegated.convention.management = Convention.Management.DELEGATED
    of_an_epci = Convention.objects.select_related("organisation", "landlord").get(pk=world.conventions["city"].pk)
    of_an_epci.organisation.kind = Organisation.Kind.EPCI
    for_the_state = routed(world, holder="priority")
    [states_own] = candidates(world, for_the_state, 1)
    states_right = keep_in_stock(
        unit=world.unit(),
        holder=world.holders["priority"],
        ground="STATE",
        starts_on=MORNING.date(),
        by=own[Role.LANDLORD_MANAGER].user,
    ).right
    colleagues = _colleagues(own)
    holders = {each.organisation_id: each for each in ReservationHolder.objects.order_by("pk")}

    def holder(member: Membership) -> ReservationHolder:
        return holders.get(member.organisation_id, city) if member.is_holder else city

    def opening(member: Membership) -> OpeningBalance:
        found: OpeningBalance = the(OpeningBalance, "opening-detail")
        found.holder = holder(member)
        return found

    def past(of: Vacancy) -> PastCandidacy:
        return PastCandidacy.objects.create(
            vacancy=of, application=states_own.application, recorded_at=MORNING, recorded_by=world.people["alice"]
        )

    def registered(member: Membership) -> tuple[Any, ...]:
        found = the(Application, "application-detail")
        found.organisations.add(member.organisation_id)
        return (found,)

    def called(member: Membership) -> tuple[Any, ...]:
        token = ApiToken.objects.get(pk=things["token-detail"]["args"][0])
        [own_token] = _of_own(token, prefix=f"eqf_{member.pk:08d}")(member)
        return (ApiCall.objects.create(token=own_token, method="POST", path="/", asked="0" * 64),)

    def access(member: Membership) -> tuple[Any, ...]:
        what, keeper = AccessRecord.What.FILE, world.landlord.organisation
        return (record_access(member=member, keeper=keeper, what=what, subject="logement RH-01-001"),)

    def purpose(member: Membership) -> tuple[Any, ...]:
        who = member if member.is_overseer else world.member("bob")
        return (state_purpose(member=who, exercise=MORNING.year, why="BALANCE"),)

    return {
        "": _always(),
        "landlord": _always(world.landlord),
        "draft": _always(draft),
        "proposed convention": _always(proposed),
        "convention": _always(world.conventions["city"]),
        "convention of an EPCI": _always(of_an_epci),
        "convention of the State": _always(world.conventions["state"]),
        "convention given notice": _always(noticed),
        "renewed convention": _always(renewed),
        "stock right": _of_state(states_right, the(StockRight, "stock-right-detail")),
        "conversion": _always(the(Conversion, "conversion-detail")),
        "programme": _always(the(Programme, "programme-detail")),
        "unit": _of_state(for_the_state.unit, vacancy.unit),
        "vacancy": _of_state(for_the_state, vacancy),
        "ledger": _always(the(Ledger, "account")),
        "holder": lambda member: (holder(member),),
        "forecast": _always(Forecast.objects.get(landlord=world.landlord, exercise=MORNING.year)),
        "opening": lambda member: (opening(member),),
        "kept transfer": _always(the(StockTransfer, "transfer-detail")),
        "transfer": _always(StockTransfer(giver=Landlord(organisation=Organisation()), receiver=world.landlord)),
        "file": _of_own(the(FileImport, "file-import")),
        "routing": _of_state(states_own.routing, routing),
        "vacancy and routing": lambda member: (
            (for_the_state, states_own.routing) if member.is_state else (vacancy, routing)
        ),
        "vacancy and delegated routing": _always(vacancy, delegated),
        "alert": _always(the(AuditAlert, "audit-alert")),
        "application": _of_state(states_own.application, the(Application, "application-detail")),
        "application registered": registered,
        "proposal": _of_state(states_own, the(Proposal, "proposal-detail")),
        "past candidacy": _of_state(past(for_the_state), past(vacancy)),
        "committee": _always(session.committee),
        "session": _always(session),
        "notice": _of_own(the(Notice, "notice-read")),
        "access": access,
        "balance": _always(AnnualBalance.objects.get()),
        "purpose": purpose,
        "landlord of a balance": _always(world.landlord),
        "holder of a ledger": lambda member: (holder(member),),
        "reconciliation": _of_own(
            the(Reconciliation, "reconciliation-detail"),
            state_id=lambda member: member.organisation_id if member.is_state else None,
            source=lambda member: "SYPLO" if member.is_state else "SNE",
        ),
        "territory": lambda member: (member.organisation.territory or world.places["Narbonne"],),
        "organisation": lambda member: (member.organisation,),
        "organisation and role": lambda member: (member.organisation, member.role),
        "organisation looked after": _always(world.als),
        "colleague": lambda member: (colleagues[member.organisation_id],),
        "token": _of_own(the(ApiToken, "token-detail"), prefix=lambda member: f"eqf_{member.pk:08d}"),
        "call": called,
        "invitation": _of_own(Invitation.objects.get(), digest=lambda member: f"{member.pk:064d}"),
        "webhook": _of_own(the(WebhookEndpoint, "webhook-detail")),
    }


@cache
def predicates() -> dict[str, Callable[..., Any]]:
    """{"flux:can_route": …}: whatever says what somebody may do, in each module of permissions."""
    return {
        f"{name}:{each}": found
        for name, module in MODULES.items()
        for each, found in vars(module).items()
        if inspect.isfunction(found) and found.__module__ == module.__name__
        if each.startswith("can_") or each in ("return_reasons", "withdrawal_reasons")
    }


@cache
def seen() -> dict[str, type[models.Model]]:
    """{"seen:flux.Unit": …}: each table whose rows are shown to some and not to others."""
    return {
        f"seen:{model._meta.app_label}.{model.__name__}": model
        for model in apps.get_models()
        if hasattr(model._default_manager.all(), "visible_to")
    }


def may(predicate: str, member: Membership | None, given: tuple[Any, ...]) -> bool:
    """What the predicate answers; for what is seen, whether the row is among those that the person sees."""
    if model := seen().get(predicate):
        assert member is not None
        return bool(model._default_manager.all().visible_to(member).filter(pk=given[0].pk).exists())  # type: ignore[attr-defined]
    function = predicates()[predicate]
    if "by" in inspect.signature(function).parameters:
        given = (member.user if member else User(), *given)
    return bool(function(member, *given))


@cache
def known() -> list[dict[str, str]]:
    """The rows of rights.csv as they are kept."""
    return list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines(), delimiter=";"))


def asked(found: Cast) -> list[dict[str, str]]:
    """The rows of rights.csv, as the predicates answer."""
    return [
        {**{word: row[word] for word in WORDS}, **{role: _answer(found, row, role) for role in map(str, Role)}}
        for row in known()
    ]


#: What a page loads among what its reader sees, before it asks the predicate about something else.
WITHIN = {
    "landlord of a balance": ("seen:attributions.AnnualBalance", "balance"),
    "holder of a ledger": ("seen:flux.Ledger", "ledger"),
}


#: What the page of these asks before it looks for one.
ASKED_FIRST = dict.fromkeys(("token", "call", "webhook"), reservations.can_manage_tokens)


def _pairs(found: Cast, role: str) -> tuple[tuple[Membership, Membership], tuple[Membership, Membership]]:
    """(who is asked, of whose things), twice: of its own organisation's, of another's."""
    own = found.own[role]
    stranger = (own, found.own[Role.LANDLORD_MANAGER]) if own.is_administrator else (found.other[role], own)
    return (own, own), stranger


def _answer(found: Cast, row: dict[str, str], role: str) -> str:
    answers = []
    for member, of in _pairs(found, role):
        with undone():
            given = found.about[row["about"]](of)
            answers.append(_may(found, row, member, given))
    mine, theirs = answers
    if not given:
        return YES if mine else NO
    return ALL if theirs else OWN if mine else NO


def _may(found: Cast, row: dict[str, str], member: Membership, given: tuple[Any, ...]) -> bool:
    if row["about"] in ASKED_FIRST and not ASKED_FIRST[row["about"]](member):
        return False
    if row["about"] in WITHIN:
        table, name = WITHIN[row["about"]]
        if not may(table, member, found.about[name](member)):
            return False
    return may(row["predicate"], member, given)


def fields_as_csv(fields: Iterable[tuple[str, list[str]]]) -> str:
    """As personal.csv is kept."""
    rows = ({"field": name, **dict(zip(map(str, Role), cells, strict=True))} for name, cells in fields)
    return as_csv(rows, ("field",))


def as_csv(rows: Iterable[dict[str, str]], words: Iterable[str] = WORDS) -> str:
    """As rights.csv is kept."""
    paper = StringIO()
    writer = csv.DictWriter(paper, [*words, *map(str, Role)], delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return paper.getvalue()


# --- personal data ---

#: Whether somebody reads a field of what is of somebody else's organisation.
Reads = Callable[[Cast, Membership, Membership, str], bool]

#: What a page says of a household before its committee decides, to whoever sits: neither name nor birth.
FACTS = {each.name for each in HouseholdFacts._meta.local_fields}


def _visible(name: str) -> Reads:
    row = next(each for each in known() if each["predicate"] == f"seen:attributions.{name}")

    def reads(found: Cast, member: Membership, of: Membership, field: str) -> bool:
        return may(row["predicate"], member, found.about[row["about"]](of))

    return reads


def _of_household(found: Cast, member: Membership, of: Membership, field: str) -> bool:
    """By the request, by a candidature; its facts by a seat, before the decision; its name by the minutes."""
    [session] = found.about["session"](of)
    if field in FACTS and households.can_vote(member, session):
        return True
    by_minutes = field == "name" and households.can_read_minutes(member, session)
    return by_minutes or any(_visible(name)(found, member, of, field) for name in ("Application", "Proposal"))


def _subject(found: Cast, of: Membership) -> User:
    """Somebody else who acts for that organisation."""
    [user] = found.about["colleague"](of)
    return user  # type: ignore[no-any-return]


def _colleague(found: Cast, member: Membership, of: Membership, field: str) -> bool:
    return people_of(member).filter(pk=_subject(found, of).pk).exists()


def _role_of(found: Cast, member: Membership, of: Membership, field: str) -> bool:
    return memberships_of_people(member).filter(user=_subject(found, of)).exists()


def _act_on(found: Cast, member: Membership, of: Membership, field: str) -> bool:
    act = HistoryEntry.objects.create(
        subject="reservations.user",
        subject_id=_subject(found, of).pk,
        act=HistoryEntry.Act.GRANTED,
        organisations=[of.organisation_id],
    )
    return acts_on_people(member, member.user).filter(pk=act.pk).exists()


def _invited(found: Cast, member: Membership, of: Membership, field: str) -> bool:
    [link] = found.about["invitation"](of)
    return invitations_of(member, now=timezone.now()).filter(pk=link.pk).exists()


def _nobody(found: Cast, member: Membership, of: Membership, field: str) -> bool:
    return False


#: Fields with something of a person in them, and who reads them: besides the person, of whom « nobody else » is stated.
PERSONAL: dict[str, tuple[tuple[str, ...], Reads]] = {
    "attributions.Application": (("number", "name", "birth_date", "nationality", *sorted(FACTS)), _of_household),
    "attributions.ApplicationAlias": (("number",), _visible("Application")),
    "attributions.Proposal": (tuple(sorted(FACTS)), _of_household),
    "attributions.ProposalEnd": (("text",), _visible("Proposal")),
    "attributions.AccessRecord": (("subject", "why"), _visible("AccessRecord")),
    "attributions.ReconciliationLine": (("number",), _visible("Reconciliation")),
    "reservations.User": (("full_name", "email"), _colleague),
    "reservations.Membership": (("role",), _role_of),
    "reservations.HistoryEntry": (("act", "at", "by", "why", "details"), _act_on),
    "reservations.Invitation": (("full_name", "email", "role"), _invited),
    "reservations.RefusedAddress": (("address", "said"), _colleague),
    **{
        name: (fields, _nobody)
        for name, fields in {
            "reservations.SignIn": ("at", "address", "browser", "door", "factor"),
            "reservations.Session": ("session_data",),
            "reservations.SecondFactor": ("name", "secret"),
            "reservations.RecoveryCode": ("digest",),
            "reservations.AddressChange": ("old", "new"),
            "reservations.Identity": ("issuer", "subject"),
            "reservations.MailChoice": ("hour",),
            "reservations.DeskChoice": ("single_keys", "columns"),
            "attributions.NamedFilter": ("name", "kept"),
        }.items()
    },
}


def personal(found: Cast) -> list[tuple[str, list[str]]]:
    """Each field, with what each role reads of somebody whom its organisation deals with, and of somebody else."""
    rows = []
    for name, (fields, reads) in PERSONAL.items():
        for field in fields:
            cells = []
            for role in map(str, Role):
                answers = []
                for member, of in _pairs(found, role):
                    with undone():
                        answers.append(reads(found, member, of, field))
                cells.append(ALL if answers[1] else OWN if answers[0] else NO)
            rows.append((f"{name.partition('.')[2]}.{field}", cells))
    return rows
