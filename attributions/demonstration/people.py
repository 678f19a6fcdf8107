"""People.

* Households of the demonstration: invented names and numbers, drawn with a fixed seed.
* Who reads what they receive: everybody, a day later, but for what came these last days.
* The software of a landlord: a token, whose secret is given to nobody, and an address that nothing is sent to.
* The address is no act's: the act looks its name up, and the demonstration asks nothing of the network.
* Units whose life is longer than one letting: works found and ended, works that go on, a technical vacancy that ends,
  a unit in stock that its holder hands on for one turn. Each by the act that a person does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from attributions.demonstration.cast import Cast, manager_of
from attributions.households.models import Application, PriorityCategory
from attributions.households.operations.application import register_application
from attributions.households.operations.silence import give_unit_back, say_no_candidate
from attributions.notices.models import Notice
from attributions.notices.operations import read_notice
from flux.models import Return, Routing, Vacancy, WebhookEndpoint, WebhookEvent
from flux.operations.outcomes import resume_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.operations.webhooks import stop_endpoint
from reservations.models import ApiToken, Landlord, Membership, Organisation, User
from reservations.operations.token import make_token

SURNAMES = [
    "Abadie",
    "Alvarez",
    "Amrani",
    "Barthès",
    "Benali",
    "Bousquet",
    "Cabrol",
    "Cazals",
    "Courtade",
    "Diallo",
    "Durand",
    "Escande",
    "Fabre",
    "Ferrer",
    "Fournié",
    "Garcia",
    "Gleizes",
    "Haddad",
    "Izard",
    "Jalabert",
    "Kone",
    "Lacombe",
    "Lopez",
    "Mahé",
    "Marty",
    "Nguyen",
    "Olive",
    "Pagès",
    "Peyre",
    "Quérol",
    "Ribes",
    "Roux",
    "Salvy",
    "Segura",
    "Taillefer",
    "Traoré",
    "Ulrich",
    "Vidal",
    "Viguier",
    "Zaoui",
]
GIVEN_NAMES = [
    "Aïcha",
    "Alain",
    "Amélie",
    "Bruno",
    "Camille",
    "Carmen",
    "Chantal",
    "Claude",
    "Denis",
    "Élise",
    "Fatou",
    "Gilles",
    "Hélène",
    "Inès",
    "Jean",
    "Karim",
    "Léa",
    "Lucas",
    "Malik",
    "Marie",
    "Nadia",
    "Nicolas",
    "Odile",
    "Patrice",
    "Rachid",
    "Rosa",
    "Sandra",
    "Simon",
    "Thierry",
    "Yasmina",
]

#: Shares of the quartiles among applicants, in hundredths: those below the median are the more numerous.
QUARTILES = ((38, 1), (28, 2), (20, 3), (14, 4))
#: Yearly income by consumption unit at the middle of each quartile, in euros: a story, not a threshold.
INCOMES = {1: 7_800, 2: 12_400, 3: 16_900, 4: 23_500}


@dataclass(slots=True)
class People:
    """Draws one household after another; the same seed draws the same ones."""

    draw: random.Random
    count: int = 0

    def come(self, organisation: Organisation, by: User, *, rooms: int, now: datetime, **given: object) -> Application:
        """One more household, registered by an organisation, of a size that suits so many rooms."""
        self.count += 1
        draw, today = self.draw, now.date()
        adults = 1 if rooms <= 1 or draw.random() < 0.45 else 2
        children = max(0, min(5, rooms - 1 - (adults - 1) + draw.choice((-1, 0, 0))))
        units = Decimal("1.0") + Decimal("0.5") * (adults - 1) + Decimal("0.3") * children
        quartile = self._quartile()
        facts: dict[str, object] = {
            "adults": adults,
            "children": children,
            "income": int(INCOMES[quartile] * float(units) * draw.uniform(0.9, 1.1)),
            "income_units": units,
            "income_quartile": quartile,
            "score": draw.randrange(20, 140),
        }
        month, year, desk = draw.randrange(1, 13), draw.randrange(20, 27), draw.randrange(100_000)
        return register_application(
            number=f"011{month:02d}{year}{self.count:06d}{desk:05d}",
            name=f"{draw.choice(GIVEN_NAMES)} {draw.choice(SURNAMES)}",
            birth_date=today - timedelta(draw.randrange(20 * 365, 70 * 365)),
            nationality=draw.choices(Application.Nationality.values, (82, 6, 12))[0],
            requested_on=today - timedelta(draw.randrange(60, 1500)),
            facts=facts | self._priority(today, given),
            organisation=organisation,
            by=by,
            now=now,
        )

    def _quartile(self) -> int:
        at = self.draw.randrange(100)
        for width, quartile in QUARTILES:
            if at < width:
                return quartile
            at -= width
        raise AssertionError("the shares make a hundred")

    def _priority(self, today: date, given: dict[str, object]) -> dict[str, object]:
        """One household in three has a priority of the law, and its label for some weeks already; the others none. What
        the story gives comes first."""
        facts: dict[str, object] = {}
        if self.draw.random() <= 0.34:
            categories = PriorityCategory.objects.in_force(today).filter(group=PriorityCategory.Group.LAW)
            facts["labelled_on"] = today - timedelta(self.draw.randrange(10, 200))
            facts["priority"] = self.draw.choice(list(categories.order_by("code")))
        facts |= given
        return {"has_priority": facts.get("priority") is not None, **facts}


#: Notices of so many days are still unread this morning.
LATELY = timedelta(days=10)
#: How long a notice waits before it is read.
SOON = timedelta(days=1)


def read_what_is_old(*, now: datetime) -> None:
    """One person of each organisation has read all but the latest notices."""
    organisations = Notice.objects.unread().order_by("organisation").values_list("organisation", flat=True).distinct()
    for organisation in organisations:
        reader = Membership.objects.filter(organisation=organisation).order_by("pk").first()
        if reader is None:
            continue
        for notice in Notice.objects.visible_to(reader).unread().filter(at__lt=now - LATELY).order_by("pk"):
            read_notice(notice=notice, by=reader, now=notice.at + SOON)


#: No name of `.example` is anybody's (RFC 2606).
ADDRESS = "https://logiciel.robine-habitat.example/equiflux"


def connect_software(cast: Cast, *, now: datetime, today: date) -> None:
    """Notices pushed by the landlord's software; its address is given, and suspended until its editor is ready."""
    manager = Membership.objects.select_related("organisation", "user").get(
        organisation=cast.robine.organisation, user=manager_of(cast.robine)
    )
    scopes = (ApiToken.Scope.READ, ApiToken.Scope.NOTICES)
    make_token(
        member=manager, name="Gestion locative", scopes=scopes, expires_on=today + timedelta(days=180), today=today
    )
    endpoint = WebhookEndpoint.objects.create(
        organisation=manager.organisation,
        role=manager.machine_role,
        url=ADDRESS,
        kinds=[WebhookEvent.Kind.DECLARED, WebhookEvent.Kind.ROUTED],
        secret="whsec_ZGVtb25zdHJhdGlvbg==",  # noqa: S106 - nothing is signed by it: nothing is sent
        made_by=manager.user,
    )
    stop_endpoint(endpoint=endpoint, why=WebhookEndpoint.Stopped.BY_HAND, now=now)


def routed(landlord: Landlord) -> QuerySet[Routing]:
    """Units of the flow that somebody has, and for whom no candidate was received yet; the latest first."""
    found = Routing.objects.filter(vacancy__landlord=landlord, vacancy__kind=Vacancy.Kind.IN_FLOW, closed_at=None)
    free = found.filter(answered_on=None).exclude(vacancy__entries__stage="ALLOCATED")
    return free.select_related("vacancy", "holder__organisation", "acting").order_by("-pk")


def find_works(routing: Routing, clerk: User, *, text: str, now: datetime) -> Vacancy:
    """The landlord finds works in a unit that somebody has: nobody is due it any more."""
    give_unit_back(routing=routing, reason=Return.Reason.WORKS, text=text, by=clerk, now=now)
    return routing.vacancy


def let_again(vacancy: Vacancy, clerk: User, *, now: datetime) -> Vacancy:
    """Works end, or a technical vacancy does: the unit is decided at once, and the recommendation is followed."""
    after = resume_vacancy(vacancy=vacancy, by=clerk, now=now)
    if after.kind == Vacancy.Kind.IN_FLOW:
        assert after.ledger_id is not None
        route_waiting_vacancies(ledger_id=after.ledger_id, now=now)
        waiting = Vacancy.objects.to_confirm().filter(pk=after.pk)
        confirm_recommendations(vacancies=list(waiting.values_list("pk", flat=True)), by=clerk, now=now)
    return after


def end_technical_vacancy(landlord: Landlord, clerk: User, *, now: datetime) -> None:
    """The oldest one that is closed to nobody; none in the first days of a year."""
    found = Vacancy.objects.filter(landlord=landlord, kind=Vacancy.Kind.TECHNICAL, closed_on=None).order_by("pk")
    if (vacancy := found.first()) is not None:
        let_again(vacancy, clerk, now=now)


def hand_on_one_in_stock(landlord: Landlord, clerk: User, *, now: datetime) -> None:
    """The holder of a unit in stock has nobody for it: it goes on for one turn, as the landlord confirms."""
    kept = Routing.objects.filter(
        vacancy__landlord=landlord,
        vacancy__kind=Vacancy.Kind.STOCK,
        vacancy__is_let=False,
        closed_at=None,
        one_turn=False,
        answered_on=None,
    )
    routing = kept.select_related("vacancy", "holder__organisation").order_by("pk").last()
    if routing is None:
        return
    by = User.objects.filter(memberships__organisation=routing.holder.organisation_id).order_by("pk")[0]
    say_no_candidate(routing=routing, text="Aucun de nos demandeurs n’a de voiture.", by=by, now=now)
    waiting = Vacancy.objects.to_confirm().filter(pk=routing.vacancy_id)
    confirm_recommendations(vacancies=list(waiting.values_list("pk", flat=True)), by=clerk, now=now)
