"""Who reads the names of households: every page of the storey, and those of the units, fetched as every person.

A name, a birth date or a whole number is on a page only for who may read that household (`visible_to`). Where it has to
be there is the table NAMED. A new address with arguments says them in `arguments`, or the first test names it.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.bilan.models import BalanceLayout, BalanceRemark, Objective, PrintedBalance
from attributions.bilan.operations.printing import order_printing
from attributions.bilan.queries.figures import FigurePlace
from attributions.households.models import AccessRecord, AgendaItem, Application, PriorityCategory, Proposal
from attributions.households.operations.needs import instruct_proposal, record_access
from attributions.households.operations.session import close_session
from attributions.notices.models import Notice
from reservations.models import KeptElsewhere, Membership, Unconfirmed, User
from reservations.operations.person import grant_membership
from reservations.pages.people import leave_key
from reservations.words import day
from tests.attributions.bilan.balances import contest
from tests.attributions.bilan.balances import send as send_balance
from tests.attributions.bilan.operations.test_objective import fix
from tests.attributions.bilan.reconciliations import reconciliation
from tests.attributions.households.named import candidates
from tests.attributions.households.sittings import House, house, lines
from tests.attributions.returned import elsewhere
from tests.flux.operations.test_returning import send
from tests.house.test_files import addresses
from tests.world import MORNING, PASSWORD, World
from tests.world_again import kept

#: Alice and Aline: the landlord. Chloé: the holder that proposes. Anna: another holder. Bob: the State, which oversees.
#: Emma: EPCI. Adam: administrator. Zoé: another landlord. Driss: nobody.
PEOPLE = ["alice", "aline", "bob", "chloe", "anna", "emma", "adam", "zoe", "driss"]
#: One of each way of reading every page; the others read them every night (Emma oversees, as Bob does).
READERS = [
    name if name in ("aline", "bob", "chloe") else pytest.param(name, marks=pytest.mark.nightly) for name in PEOPLE
]

#: Pages of the storey below that show units, routings and accounts.
BELOW = (
    *("vacancy-list", "vacancy-detail", "unit-list", "unit-detail", "account-list"),
    *("why-not-us", "why-not-us-csv", "statement-units", "statement-proof"),
)

#: Each address of a file of a balance.
BALANCE_FILES = ("balance-xlsx", "balance-csv", "balance-json", "balance-pdf", "balance-files")

#: Pages of who oversees a territory, by year.
OVERSEEN = (
    "balance-territory",
    "balance-communes",
    "balance-remind",
    "balance-cil",
    "balance-cil-pdf",
    "balance-cil-whole",
    "balance-cil-whole-pdf",
    "balance-one-page",
    "balance-one-page-pdf",
    "balance-state",
    "balance-scale",
    "balance-purposes",
)

#: Pages where names, birth dates or numbers must be, for these people.
NAMED = {
    "application-list": {"number": ["alice", "aline", "chloe"]},
    "household-list": {"name": ["chloe"]},
    "household-needs": {"name": ["chloe"]},
    "household-units": {"name": ["chloe"]},
    "application-detail": {"name": ["alice", "aline", "chloe"], "number": ["alice", "aline", "chloe"]},
    "file": {"name": ["alice", "aline", "chloe"]},
    "letting": {"name": ["alice", "aline", "chloe"]},
    "proposal-detail": {"name": ["alice", "aline", "chloe"], "birth": ["alice", "aline", "chloe"]},
}


#: The review of a balance, and its acts.
REVIEW = ("review", "compare", "correct", "send", "remark", "sign", "comment")
VERSION = ("version", "version-file", "version-pdf", "version-xlsx", "version-proof")


#: What software does to a candidate.
CANDIDATE_ACTS = ("instruct", "withdraw", "offer", "answer", "document", "lease", "lease-undo")


@dataclass
class Story:
    """A unit whose three named candidates were sent, instructed, and wait in an open session of the committee, where
    Bob, Emma and Chloé sit; and another unit whose candidates are still prepared."""

    world: World
    sent: list[Proposal]
    drafts: list[Proposal]
    house: House
    item: AgendaItem

    @property
    def arguments(self) -> dict[str, list[list[Any]]]:
        """What each address that has arguments is about, for the households sent and for those prepared."""
        about = [self.sent[0], self.drafts[0]]
        proposals = [[each.pk] for each in about]
        requests = [[each.application_id] for each in about]
        vacancies = [[each.vacancy_id] for each in about]
        line = [[about[0].vacancy.ledger_id, self.world.holders["city"].pk]]
        landlord, committee, session = self.world.landlord.pk, self.item.session.committee_id, self.item.session_id
        of_unit = [[each.vacancy_id, each.pk] for each in about]
        rows = [[pk] for pk in Notice.objects.order_by("pk").values_list("pk", flat=True)]
        return {
            **{f"committee-{act}": [[committee]] for act in ("detail", "rules", "seat")},
            "committee-unseat": [[committee, self.house.members["Ada"].pk]],
            **{f"session-{act}": [[session]] for act in ("detail", "agenda", "add", "open", "close", "cancel")},
            **{f"item-{act}": [[self.item.pk]] for act in ("postpone", "recuse", "refresh")},
            **{key: [[self.item.pk]] for key in ("agenda-item", "vote", "ballot-close", "decision-correct")},
            **{key: [[session]] for key in ("minutes", "minutes-pdf")},
            "minutes-elsewhere": [[elsewhere(self.world, KeptElsewhere.Kind.MINUTES).pk]],
            **dict.fromkeys(("letting", "lease-undo", "letting-give-back"), vacancies),
            **dict.fromkeys(("offer-send", "offer-answer", "condition-document", "lease-sign"), of_unit),
            "candidate-withdraw": of_unit,
            "letter": proposals,
            "notice-read": rows,
            "inbox-follow": [["instruire", *each] for each in vacancies],
            "mail-open": [[self.world.city.pk, "avis/"]],
            "mail-unsubscribe": [[leave_key(self.world.people["chloe"].pk)]],
            "objective-leases": [["OTHERS_IN_QPV"]],
            "priority-category-change": [[PriorityCategory.objects.get(code="DALO").pk]],
            "unconfirmed-confirm": [[Unconfirmed.objects.left()[0].pk]],
            "objective-withdraw": [[Objective.objects.exclude(territory=None).get().pk]],
            "vacancy-outcome": vacancies,
            "vacancy-cancel": vacancies,
            "vacancy-return": vacancies,
            "vacancy-resume": vacancies,
            **dict.fromkeys(
                ("api-cancel", "api-resume", "api-outcome", "api-candidates", "api-candidates-send"), vacancies
            ),
            **dict.fromkeys(("api-candidate", *(f"api-candidate-{act}" for act in CANDIDATE_ACTS)), proposals),
            **{key: [[self.item.pk]] for key in ("api-agenda-item", "api-agenda-item-decide")},
            "api-balance": [[self.world.landlord.organisation.siren, MORNING.year]],
            "api-none": [["ailleurs/"]],
            "application-alias": requests,
            "application-close": requests,
            "application-detail": requests,
            "application-reopen": requests,
            "balance": [[landlord, MORNING.year]],
            **{key: [[MORNING.year]] for key in OVERSEEN},
            "balance-layout": [[BalanceLayout.objects.order_by("pk")[0].pk]],
            "balance-printing": [[order_printing(page="<p>Bilan</p>", address="/").fingerprint]],
            "balance-charts": [[landlord, MORNING.year]],
            **{key: [[landlord, MORNING.year]] for key in BALANCE_FILES},
            "balance-downloads": [[landlord, MORNING.year]],
            "balance-elsewhere-file": [[elsewhere(self.world, KeptElsewhere.Kind.BALANCE).pk]],
            **{f"balance-{act}": [[landlord, MORNING.year, "11"]] for act in REVIEW},
            **{f"balance-{each}": [[landlord, MORNING.year, "11", 1]] for each in VERSION},
            "balance-answer": [[landlord, MORNING.year, "11", BalanceRemark.objects.get().pk]],
            "balance-mix": [[landlord, MORNING.year]],
            "balance-projection": [[landlord, MORNING.year]],
            "balance-axis": [[landlord, MORNING.year, "commune"]],
            **{key: [[landlord, MORNING.year]] for key in ("balance-units", "balance-defects")},
            "file": vacancies,
            "household-needs": requests,
            "household-units": requests,
            "proposal-detail": proposals,
            "proposal-edit": proposals,
            "proposal-instruct": proposals,
            "proposal-choose": vacancies,
            "proposal-new": vacancies,
            "proposal-remove": proposals,
            "proposal-send": vacancies,
            **dict.fromkeys(("reconciliation-detail", "reconciliation-csv"), self.compared),
            "statement-proof": line,
            "statement-units": line,
            "unit-detail": [[each.vacancy.unit_id] for each in about],
            "vacancy-detail": vacancies,
            "why-not-us": line,
            "why-not-us-csv": line,
        }

    @cached_property
    def compared(self) -> list[list[Any]]:
        """A file of the SNE that gives the numbers of both, of whom no lease is known here."""
        return [[reconciliation(self.world, *(each.application.number for each in (self.sent[0], self.drafts[0]))).pk]]

    def pages(self) -> dict[str, list[str]]:
        """The addresses to fetch, by name."""
        wanted = [n for n, p in addresses().items() if p.callback.__module__.startswith("attributions.")]
        found = {}
        for name in (*wanted, *BELOW):
            path = str(addresses()[name].pattern)
            found[name] = [reverse(name, args=args) for args in self.arguments.get(name, [] if "<" in path else [[]])]
        found["search"] = [
            f"{reverse('search')}?q={each.application.number}" for each in (self.sent[0], self.drafts[0])
        ]
        return found


@pytest.fixture
@kept
def story(world: World) -> Story:
    anna = User(email="anna@exemple.test", full_name="Anna")
    anna.set_password(PASSWORD)
    anna.save()
    world.people["anna"] = anna
    grant_membership(user=anna, organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    sent = candidates(world)
    contest(world, send_balance(world), place=FigurePlace("SUMMARY", "", "", "due"), claimed=None)
    for each in sent:
        instruct_proposal(proposal=each, by=world.people["aline"], now=MORNING)
    drafts = candidates(world, sent=False, routing=send(world, "city"))
    fix(world)
    seated = house(world)
    return Story(world, sent, drafts, seated, seated.opened(vacancy=sent[0].vacancy))


def secrets(application: Application) -> dict[str, list[str]]:
    """Every way of writing what names a household."""
    born, number = application.birth_date, application.number
    assert born is not None
    return {
        "name": [application.name, application.name.split()[0]],
        "birth": [f"{born:%d/%m/%Y}", f"{born:%Y-%m-%d}", day(born)],
        "number": [number, " ".join(number[i : i + 4] for i in range(0, 18, 4))],
    }


def readable(world: World, person: str) -> set[int]:
    """The requests whose household this person may read by name."""
    if person == "driss":
        return set()
    member = world.member(person)
    proposals = Proposal.objects.visible_to(member).order_by("pk").values_list("application_id", flat=True)
    return {*proposals, *Application.objects.visible_to(member).order_by("pk").values_list("pk", flat=True)}


def read(client: Client, url: str, known: set[str]) -> str:
    """A page as text, whatever its status; a redirection is followed, unless it leads to what was read already and has
    nothing more to say there."""
    response = client.get(url)
    while response.status_code in (301, 302, 308):
        to = urljoin(url, response["Location"])
        if to in known and not response.cookies.get("messages"):
            return ""
        known.add(to)
        response = client.get(to)
    known.add(url)
    return html.unescape(response.getvalue().decode(errors="replace")).replace("\u202f", " ").replace("\u00a0", " ")


def test_every_address_of_the_storey_is_fetched(story: Story) -> None:
    assert sorted(name for name, urls in story.pages().items() if not urls) == []


def test_this_is_who_reads_which_household(story: Story) -> None:
    """The table: those prepared, those sent."""
    sent, drafts = ({each.application_id for each in some} for some in (story.sent, story.drafts))
    found = {}
    for person in PEOPLE:
        seen = readable(story.world, person)
        found[person] = (seen >= drafts, seen >= sent)
    assert found == {
        "alice": (False, True),
        "aline": (False, True),
        "bob": (False, False),
        "chloe": (True, True),
        "anna": (False, False),
        "emma": (False, False),
        "adam": (False, False),
        "zoe": (False, False),
        "driss": (False, False),
    }


@pytest.mark.parametrize("person", READERS)
def test_names_are_for_who_may_read_them_and_nobody_else(
    story: Story, sign_in: Callable[[str], Client], person: str
) -> None:
    """Each page once: no name of whom the person may not read; none in a title, that browsers keep, nor in an address,
    that logs keep; where names are needed they are there; and what shows one has first written it in the journal."""
    client, seen, known = sign_in(person), readable(story.world, person), set[str]()
    record_access(  # something to read in the journal
        member=story.world.member("aline"),
        keeper=story.world.landlord.organisation,
        what=AccessRecord.What.FILE,
        subject="logement RH-01-001",
    )
    applications = list(Application.objects.order_by("pk"))
    rows: list[tuple[str, ...]] = []
    there: dict[str, dict[str, bool]] = {}
    for name, urls in story.pages().items():
        for url in urls:
            before = AccessRecord.objects.count()
            page = read(client, url, known)
            title = page.partition("<title>")[2].partition("</title>")[0]
            logged = title if name == "search" else title + url  # what is searched was typed there
            found = {
                (application.pk, kind): way
                for application in applications
                for kind, ways in secrets(application).items()
                for way in ways
                if way in page
            }
            rows += [("forbidden", name, *key[1:], way) for key, way in found.items() if key[0] not in seen]
            rows += [("in the title", name, way) for way in found.values() if way in logged]
            if found and AccessRecord.objects.count() == before:
                rows.append(("not in the journal", name))
            if name in NAMED and url == urls[0]:
                first = story.sent[0].application_id
                there[name] = {kind: (first, kind) in found for kind in NAMED[name]}
    for printed in PrintedBalance.objects.all():  # what a worker draws, and what is kept of it
        rows += [
            ("to be drawn", way)
            for each in applications
            for ways in secrets(each).values()
            for way in ways
            if way in printed.page
        ]
    assert rows == []
    assert there == {name: {kind: person in people for kind, people in kinds.items()} for name, kinds in NAMED.items()}


#: Who sits with a vote, beside the landlord: the préfet's, the EPCI's, the mayor's.
VOTERS = ("bob", "emma", "chloe")


@pytest.mark.parametrize("person", PEOPLE)
def test_committee_reads_names_in_its_minutes_only(story: Story, sign_in: Callable[[str], Client], person: str) -> None:
    """Before the decision, whoever sits compares cases without any name; the minutes name the households, for the
    landlord's staff and the voting members; the page of the item stays without names."""
    client, item = sign_in(person), reverse("agenda-item", args=[story.item.pk])
    minutes = reverse("minutes", args=[story.item.session_id])
    names = [each.application.name for each in story.sent]
    reads = person in (*VOTERS, "alice", "aline")

    def read_now(url: str) -> str:
        """As it is: whoever follows a redirection may read another page."""
        response = client.get(url)
        assert (response.status_code == 404) is not reads or url == minutes
        return html.unescape(response.content.decode())

    before = read_now(item)
    assert ("se termine par" in before) is reads
    assert [name for name in names if name in before + read_now(minutes)] == []
    decided = lines(story.item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE")
    story.house.decide(story.item, *decided, now=timezone.now())
    story.item.session.refresh_from_db()
    close_session(session=story.item.session, by=story.house.secretary)
    assert [name for name in names if name in read_now(item)] == []
    written = AccessRecord.objects.filter(what=AccessRecord.What.MINUTES).count()
    assert [name in read_now(minutes) for name in names] == [reads] * 3
    assert (AccessRecord.objects.filter(what=AccessRecord.What.MINUTES).count() > written) is reads
