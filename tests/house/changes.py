"""Changes of what triggers follow, beside the acts of `tests/concurrency/acts.py`: one statement each wherever an act
does several things in a row, the last of which hides that one trigger is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import Model
from django.utils import timezone

from attributions.bilan.queries.figures import FigurePlace, key_of
from attributions.households.models import (
    AgendaItem,
    Application,
    ApplicationAlias,
    CaseDecision,
    CommitteeSession,
    ConditionMet,
    Lease,
    Offer,
    Proposal,
    UnitSpan,
    UnitStage,
)
from attributions.households.operations.lease import record_outside_lease
from flux.models import AuditAlert, FlowCell, Ledger, Unit, Vacancy, WebhookEndpoint, WebhookEvent
from flux.operations.description import correct_unit
from flux.operations.outcomes import record_lease
from reservations.models import Convention, FileImport, Pause, Territory
from tests.attributions.bilan import balances
from tests.attributions.households.rows import Case, application, candidates, decided, decisions_of
from tests.concurrency.acts import Act, There, lived
from tests.flux.forecasts import forecast
from tests.flux.operations.test_one_dwelling import declare_behind_the_act, given
from tests.flux.queries.test_rates import tabled
from tests.guards import unguarded
from tests.pauses import paused, proposed
from tests.signing import signed_by_each
from tests.world import MORNING, World, convention, territory

TODAY = timezone.localdate(MORNING)
LATER = MORNING + timedelta(days=9)


def followed(world: World) -> There:
    """What is lived, and a software that is notified of it."""
    there = lived(world)
    WebhookEndpoint.objects.create(
        organisation=world.landlord.organisation,
        role="MANAGER",
        url="https://logiciel.exemple.test/faits",
        kinds=WebhookEvent.Kind.values,
        secret="s" * 32,
        made_by=world.people["alice"],
    )
    return there


def update(read: Callable[[World, There], Model], *without: str, **values: Any) -> Act:
    """These values, written in the row that is read, whatever the rules `without` say."""

    def act(world: World, there: There) -> None:
        row = read(world, there)
        with unguarded(*without):
            type(row)._base_manager.filter(pk=row.pk).update(**values)

    return act


def _conditional(world: World, there: There) -> CaseDecision:
    """The candidate that accepted lacks a document, as the committee now decides."""
    [decision] = decisions_of(there.proposals["accepted"][:1])
    CaseDecision.objects.filter(pk=decision.pk).update(superseded_at=MORNING)
    decision.pk, decision.kind, decision.document = None, "CONDITIONAL", "TAX_NOTICE"
    decision.rank, decision.document_due_on = 1, LATER.date()
    decision.save()
    return decision


def _superseded(world: World, there: There) -> None:
    CaseDecision.objects.filter(pk=_conditional(world, there).pk).update(superseded_at=MORNING)


def _met(world: World, there: There) -> None:
    ConditionMet.objects.create(
        decision=_conditional(world, there),
        received_on=TODAY,
        recorded_at=MORNING,
        recorded_by=world.people["aline"],
    )


def _on_agenda(world: World, there: There) -> None:
    routing = there.routings["ready"]
    session = CommitteeSession.objects.order_by("pk")[0]
    AgendaItem.objects.create(session=session, vacancy=routing.vacancy, routing=routing, position=9)


def _session(world: World, there: There) -> None:
    committee = CommitteeSession.objects.order_by("pk")[0].committee
    CommitteeSession.objects.create(
        committee=committee, held_at=LATER, convened_at=MORNING, convened_by=world.people["aline"]
    )


def _ready(world: World, there: There) -> None:
    for status in ("SENT", "READY"):
        Proposal.objects.filter(pk=there.proposals["ready"][0].pk).update(status=status)


def _registered_another(world: World, there: There) -> None:
    rows = Application.organisations.through.objects.filter(application=application(world, world.als))
    rows.update(application=there.household)


def _offered(world: World, there: There) -> None:
    [kept] = decided(world, Case())
    [decision] = decisions_of([kept])
    by = world.people["aline"]
    Offer.objects.create(proposal=kept, decision=decision, sent_on=TODAY, answer_by=LATER.date(), sent_by=by)


def _erased(world: World, there: There) -> None:
    vacancy = there.routings["empty"].vacancy
    lease = record_outside_lease(vacancy=vacancy, signed_on=TODAY, facts={}, by=world.people["aline"], now=MORNING)
    with unguarded("attributions_lease.never_deleted"):
        Lease.objects.filter(pk=lease.pk)._raw_delete("default")


def _number_of_another(world: World, there: There) -> None:
    number = there.other.number
    ApplicationAlias.objects.create(application=there.household, number=number, recorded_by=world.people["chloe"])


def _number_known(world: World, there: There) -> None:
    number = "0119" + "9" * 14
    ApplicationAlias.objects.create(application=there.household, number=number, recorded_by=world.people["chloe"])
    application(world, number=number)


def _balance(world: World, there: There) -> None:
    place = FigurePlace("TYPOLOGY", key_of(world.holders["city"]), "T3", "offered")
    remark = balances.contest(world, balances.send(world), place=place)
    balances.answer(world, remark, "MAINTAINED")


def _corrected(world: World, there: There) -> None:
    """An error, of a unit that was let."""
    vacancy = there.routings["empty"].vacancy
    record_outside_lease(vacancy=vacancy, signed_on=TODAY, facts={}, by=world.people["aline"], now=MORNING)
    first = vacancy.unit.descriptions.order_by("pk")[0]
    about = {"source": "relevé", "by": world.people["alice"], "today": TODAY}
    correct_unit(description=first, since=first.since, changes={"in_qpv": True, "rooms": 5}, **about)


def _declared_elsewhere(world: World, there: There) -> None:
    vacancy = there.vacancies["confirmed"]
    declare_behind_the_act(world, given(vacancy.unit, world.other_landlord, LATER), vacancy)


def _declared_elsewhere_again(world: World, there: There) -> None:
    vacancies = Vacancy.objects.filter(pk=there.vacancies["confirmed"].pk)
    vacancies.update(closed_on=TODAY)
    _declared_elsewhere(world, there)
    vacancies.update(closed_on=None)


def _gone(world: World, there: There) -> None:
    vacancy = there.vacancies["excluded"]
    for table in (UnitStage, UnitSpan):
        table.objects.filter(vacancy=vacancy.pk).delete()
    Vacancy.objects.filter(pk=vacancy.pk)._raw_delete("default")


def _forecast(world: World, there: There) -> None:
    forecast(world, TODAY.year + 1, sent=True).lines.update(units=1)


def _signed(world: World, there: There) -> None:
    _asked_to_sign(world, there)
    drafted = Convention.objects.latest("pk")
    signed_by_each(drafted, TODAY)
    Convention.objects.filter(pk=drafted.pk).update(status="SIGNED", signed_on=TODAY)


def _asked_to_sign(world: World, there: There) -> None:
    held = world.conventions["city"]
    quota = (world.holders["city"], "12", 4)
    years = {"starts_on": TODAY.replace(year=2030), "ends_on": TODAY.replace(year=2031)}
    drafted = convention(world.landlord, world.city, held.perimeter, quota, **years, signed=False)
    Convention.objects.filter(pk=drafted.pk).update(status="PROPOSED", proposed_on=TODAY)


def _signed_by_nobody(world: World, there: There) -> None:
    _asked_to_sign(world, there)
    Convention.objects.filter(pk=Convention.objects.latest("pk").pk).update(status="SIGNED", signed_on=TODAY)


def _checked(world: World, there: There) -> None:
    about = {"organisation": world.landlord.organisation, "given_by": world.people["alice"], "state": "CHECKING"}
    made = FileImport.objects.create(kind="units", name="parc.csv", size=1, sha256="0" * 64, total=1, **about)
    FileImport.objects.filter(pk=made.pk).update(state="CHECKED")


def _paused_by_one(world: World, there: There) -> None:
    pause = proposed(world, world.conventions["city"])
    Pause.objects.filter(pk=pause.pk).update(status="AGREED", agreed_on=TODAY)


def _alert(world: World, there: There) -> None:
    ledger = Ledger.objects.order_by("pk")[0]
    about = {"ledger": ledger, "expected": 1, "found": 2, "found_at": MORNING}
    AuditAlert.objects.create(check_code="LINE", difference="0" * 64, **about)


def _unit(name: str) -> Callable[[World, There], Unit]:
    return lambda _, there: there.routings[name].vacancy.unit


def _vacancy(name: str) -> Callable[[World, There], Vacancy]:
    return lambda _, there: there.routings[name].vacancy


def _convention(world: World, there: There) -> Convention:
    return world.conventions["city"]


def _here(act: Callable[[World, There], Act]) -> Act:
    """An update whose values are of this world."""
    return lambda world, there: act(world, there)(world, there)


CHANGES: Mapping[str, Act] = MappingProxyType(
    {
        "a unit": lambda world, _: world.unit(),
        "a household": lambda world, _: application(world),
        "a document is waited for": _conditional,
        "it is not any more": _superseded,
        "it came": _met,
        "an item is on the agenda": _on_agenda,
        "an item is postponed": lambda *_: AgendaItem.objects.update(postponed_at=MORNING, concluded_at=None),
        "sessions move": lambda *_: CommitteeSession.objects.update(held_at=LATER),
        "sessions are cancelled": lambda *_: CommitteeSession.objects.update(cancelled_at=MORNING),
        "candidates": lambda world, there: candidates(world, there.routings["empty"]),
        "a session": _session,
        "a candidate is ready": _ready,
        "an offer": _offered,
        "an answer": update(lambda _, there: there.offer, answer="ACCEPTED", answered_on=TODAY),
        "a lease is no more": _erased,
        "nobody registered a request": lambda _, there: there.household.organisations.clear(),
        "who registered one registered another": _registered_another,
        "a request is erased": update(
            lambda _, there: there.household, pseudonymised_on=TODAY, name="", birth_date=None, number=""
        ),
        "one household": _here(lambda _, there: update(lambda *_: there.household, merged_into=there.other)),
        "the number of another request": _number_of_another,
        "another number of a request": _number_known,
        "a balance": _balance,
        "an error is corrected": _corrected,
        "a lease of no account": lambda world, there: record_outside_lease(
            vacancy=there.vacancies["excluded"], signed_on=TODAY, facts={}, by=world.people["aline"], now=MORNING
        ),
        "let in the account": lambda world, there: record_lease(
            vacancy=there.routings["empty"].vacancy, on=TODAY, by=world.people["aline"], today=TODAY
        ),
        "a unit has another name": update(_unit("empty"), reference="X-1"),
        "a unit has more rooms": update(_unit("empty"), rooms=5),
        "a unit is another landlord's": _here(lambda world, _: update(_unit("empty"), landlord=world.other_landlord)),
        "a unit is elsewhere": _here(lambda world, _: update(_unit("empty"), commune=world.places["Coursan"])),
        "a programme has another name": update(lambda _, there: there.programme, name="Les Docks"),
        "described otherwise": update(_vacancy("empty"), description=None),
        "of another landlord": _here(lambda world, _: update(_vacancy("empty"), landlord=world.other_landlord)),
        "of another commune": _here(lambda world, _: update(_vacancy("empty"), commune=world.places["Coursan"])),
        "of another unit": _here(lambda _, there: update(_vacancy("empty"), unit=there.units["free"])),
        "let by nobody": update(_vacancy("empty"), is_let=True),
        "declared elsewhere": _declared_elsewhere,
        "declared elsewhere, then here": _declared_elsewhere_again,
        "a vacancy is no more": _gone,
        "cells are no more": lambda *_: FlowCell.objects.all()._raw_delete("default"),
        "a forecast is written again": _forecast,
        "the landlord manages no more": update(
            _convention, "reservations_convention.terms_kept", management="DELEGATED"
        ),
        "ended by nobody": update(_convention, status="ENDED", ends_on=TODAY),
        "to sign": _asked_to_sign,
        "signed": _signed,
        "signed by nobody": _signed_by_nobody,
        "not renewed": lambda world, _: world.conventions["city"].signatories.update(denounced_on=TODAY),
        "signed another day": lambda world, _: world.conventions["city"].signatories.update(signed_on=TODAY),
        "another share": lambda world, _: world.conventions["city"].quotas.update(share=150_000),
        "another rate": lambda world, _: update(
            lambda *_: tabled(world, "city", 150_000, "typology:T3"), share=160_000
        )(world, _),
        "a suspension": lambda world, _: paused(world, world.conventions["city"]),
        "a suspension by one party": _paused_by_one,
        "a file is checked": _checked,
        "an alert": _alert,
        "a commune": lambda world, _: territory("COMMUNE", "11999", "Neuve", departement=world.places["Aude"]),
        "a commune has another name": lambda world, _: Territory.objects.filter(pk=world.places["Narbonne"].pk).update(
            name="Narbona", search_name="narbona"
        ),
    }
)
