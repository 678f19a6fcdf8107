"""The review of a balance: sent, contested, corrected or maintained, signed, sealed; and every refusal on the way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from attributions.bilan.models import (
    AnnualBalance,
    BalanceComment,
    BalanceCorrection,
    BalanceDispatch,
    BalanceRemark,
    BalanceVersion,
)
from attributions.bilan.operations.layout import remind_landlord
from attributions.bilan.operations.remarks import comment_balance
from attributions.bilan.operations.sending import open_version
from attributions.bilan.pages.reviews import arrival_words, signature_waits
from attributions.bilan.queries.content import Version, content, place_of
from attributions.bilan.queries.deadlines import to_send
from attributions.bilan.queries.figures import FigurePlace, differences, figure_at, key_of
from attributions.bilan.queries.home import reminders_of
from attributions.bilan.queries.recipients import recipients
from attributions.bilan.queries.review import State, review
from attributions.bilan.queries.states import matrix_state
from attributions.bilan.queries.transmissions import reviewed
from flux.models import FlowEntry, Routing, Unit
from flux.operations.cancellation import cancel_vacancy
from flux.operations.departures import HoldRefused
from flux.operations.stock import keep_in_stock
from reservations.canonical import canonical, seal_of
from reservations.models import HistoryEntry, Membership, Organisation, ReservationHolder
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from reservations.refusals import Refusal
from tests.attributions.bilan.balances import DAY, SENT, YEAR, answer, contest, correct, lived, send, sign, t5
from tests.flux.forecasts import forecast
from tests.flux.programmes import agreed, let
from tests.world import MORNING, Role, World, convention, siren, territory
from tests.world_again import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def given(world: World) -> Routing:
    return lived(world)


def refused(act: Any, *arguments: Any, **given: Any) -> str:
    """The sentence of a refusal; nothing was written."""
    with pytest.raises(Refusal) as caught:
        act(*arguments, **given)
    return str(caught.value)


def state(world: World) -> str:
    return review(world.landlord, world.places["Aude"], YEAR, None, today=SENT.date()).state


def content_of(version: BalanceVersion) -> Any:
    return json.loads(version.content)


# --- sending ---


def test_first_version_is_what_the_balance_says_that_day(world: World, given: Routing) -> None:
    forecast(world, YEAR + 1, sent=True, now=SENT)
    version = send(world)
    found = content_of(version)
    draft = content(
        world.landlord, world.places["Aude"], YEAR, Version(1, SENT.date()), kept=AnnualBalance.objects.get()
    )
    assert found == draft
    assert (version.number, version.seal) == (1, seal_of(found))
    assert version.content.encode() == canonical(found)
    assert [axis["code"] for axis in found["axes"]] == ["TYPOLOGY", "FINANCING", "QPV", "COMMUNE", "PERIOD"]
    for axis in found["axes"]:
        for measure in ("offered", "returned", "allocated"):
            assert sum(row[measure] for row in axis["rows"]) == found["total"][measure]
            assert sum(row[measure] for row in axis["categories"]) == found["total"][measure]
    assert found["missing"] == [{"code": "QPV", "words": "quartier prioritaire (QPV)", "units": 1}]
    assert {row["code"]: (row["forecast"], row["forecast_next"]) for row in found["subtracted"]} == {
        "INTERNAL_TRANSFER": (None, 60),
        "URBAN_RENEWAL": (None, 24),
        "DEGRADED_CONDO": (None, 4),
        "UNFIT_HOUSING": (None, 3),
        "SALE_REHOUSING": (None, 5),
    }
    assert sum(line["due"] for line in found["holders"]) == found["total"]["due"]
    assert figure_at(found, t5(world)) == 1


def test_it_goes_to_holders_who_sign_and_to_the_landlord(world: World, given: Routing) -> None:
    version = send(world)
    sent = BalanceDispatch.objects.filter(version=version).order_by("organisation__name")
    assert [(each.organisation.name, each.signs, each.opened_at) for each in sent] == [
        ("Action Logement Services", True, None),
        ("Le Grand Narbonne", True, None),
        ("Préfecture de l’Aude", True, None),
        ("Robine Habitat", True, SENT),
        ("Ville de Narbonne", True, None),
    ]
    act = HistoryEntry.objects.about(version.balance).get()
    assert (act.act, act.by, act.details["version"]) == ("SENT", world.people["alice"], [None, 1])


def test_who_holds_nothing_that_year_reads_and_does_not_sign(world: World, given: Routing) -> None:
    """In 2025 no convention was in force: the EPCI and the préfecture are informed."""
    to = recipients(world.landlord, world.places["Aude"], 2025)
    assert [(each.organisation.name, each.signs) for each in to] == [
        ("Robine Habitat", True),
        ("Le Grand Narbonne", False),
        ("Préfecture de l’Aude", False),
    ]
    version = send(world, exercise=2025)
    assert refused(sign, world, version, "epci").startswith("Ce bilan vous est envoyé pour information")
    sign(world, version, "landlord")
    version.refresh_from_db()
    assert version.sealed_at == SENT + 3 * DAY


def coursan(world: World) -> ReservationHolder:
    """The town of Coursan, without convention."""
    kind = Organisation.Kind.COMMUNE
    town = register_organisation(siren=siren(41), name="Coursan", kind=kind, territory=world.places["Coursan"])
    world.holders["coursan"] = town.contingents.get()
    return world.holders["coursan"]


def signing(world: World) -> list[str]:
    return [each.organisation.name for each in recipients(world.landlord, world.places["Aude"], YEAR) if each.signs]


def reads(world: World, holder: ReservationHolder) -> bool:
    """Does this holder's staff read the review?"""
    member = Membership(user=world.people["chloe"], organisation=holder.organisation, role=Role.HOLDER_STAFF)
    return reviewed(world.landlord.pk, "11", YEAR, member, until=SENT.year) is not None


def kept_for(world: World, holder: ReservationHolder, **given: Any) -> Unit:
    unit = world.unit(commune="Coursan")
    about = {"ground": "LAND", "starts_on": MORNING.date(), "by": world.people["alice"]}
    keep_in_stock(unit=unit, holder=holder, **about | given)
    return unit


def test_holder_of_a_stock_right_of_the_year_signs_even_ended_since(world: World, given: Routing) -> None:
    """Its title ended on 31 December: the table of units kept in stock counts it, and it was sent the balance late."""
    holder = coursan(world)
    send(world)
    assert not reads(world, holder)
    kept_for(world, holder, ends_on=date(YEAR, 12, 31))
    assert "Coursan" in signing(world)
    assert "Coursan" in [each.organisation.name for each in send(world, now=SENT + DAY).dispatches.all()]
    assert reads(world, holder)


def test_title_of_the_year_after_asks_no_signature(world: World, given: Routing) -> None:
    kept_for(world, coursan(world), starts_on=date(YEAR + 1, 1, 4), today=SENT.date())
    assert "Coursan" not in signing(world)


def test_holder_of_units_kept_in_stock_reads_what_was_sent_without_it(world: World, given: Routing) -> None:
    holder = coursan(world)
    send(world)
    world.vacancy(kept_for(world, holder))
    assert reads(world, holder)


def test_holder_of_an_allotment_alone_is_sent_the_balance_and_signs(world: World, given: Routing) -> None:
    """It has a line of first lettings, and neither a convention nor a title."""
    holder = coursan(world)
    send(world)
    let(world, agreed(world, ("coursan", 1, []), units=1, commune="Coursan"))
    assert reads(world, holder), "counted since, it reads what was sent to the others"
    assert "Coursan" in signing(world)
    version = send(world, now=SENT + DAY)
    assert BalanceDispatch.objects.get(version=version, organisation=holder.organisation).signs
    assert key_of(holder) in {line["holder"] for line in content_of(version)["holders"]}


def test_version_of_the_running_year_is_no_annual_balance(world: World, given: Routing) -> None:
    """Sent in December, it is a « point d’étape »: the balance is still to send, awaited, and its reminders stand."""
    send(world, now=MORNING)
    today, about = SENT.date(), (world.landlord, world.places["Aude"], YEAR)
    remind = {"exercise": YEAR, "organisation": world.epci, "absent": True, "by": world.people["emma"], "now": SENT}
    reminder = remind_landlord(landlord=world.landlord, **remind)
    read = review(*about, None, today=today)
    assert read.latest is not None
    assert (read.latest.is_interim, arrival_words(read.arrival)) == (True, "À envoyer")
    still = to_send(world.landlord, today=today)
    assert [place for place, _ in still] == [world.places["Aude"]]
    [row, *_] = matrix_state(world.epci.territory, YEAR, today=today).rows
    assert (row.balance, row.cell(world.city.pk).state) == (None, "awaited")
    assert reminders_of(world.landlord, still, today=today) == [reminder]
    assert send(world, note="L’année est finie.").number == 2
    assert (arrival_words(review(*about, None, today=today).arrival), to_send(world.landlord, today=today)) == (
        "Envoyé à temps",
        [],
    )
    [row, *_] = matrix_state(world.epci.territory, YEAR, today=today).rows
    assert (row.balance is None, row.cell(world.city.pk).state) == (False, "unopened")
    assert reminders_of(world.landlord, to_send(world.landlord, today=today), today=today) == []


def test_reminder_stands_until_every_departement_is_sent(world: World, given: Routing) -> None:
    """Sent in the Aude alone: whoever reminds of the Hérault is read by the landlord all the same."""
    world.vacancy(commune="Béziers")
    herault, kind = world.places["Hérault"], Organisation.Kind.STATE
    register_organisation(siren=siren(44), name="Préfecture de l’Hérault", article="la", kind=kind, territory=herault)
    remind = {"exercise": YEAR, "organisation": world.epci, "absent": True, "by": world.people["emma"], "now": SENT}
    reminder = remind_landlord(landlord=world.landlord, **remind)
    today = SENT.date()
    assert reminders_of(world.landlord, to_send(world.landlord, today=today), today=today) == [reminder]
    send(world)
    assert reminders_of(world.landlord, to_send(world.landlord, today=today), today=today) == [reminder]
    send(world, departement=herault)
    assert reminders_of(world.landlord, to_send(world.landlord, today=today), today=today) == []


def test_late_is_not_refused(world: World, given: Routing) -> None:
    assert send(world, now=datetime(2027, 9, 1, 9, tzinfo=UTC)).number == 1


def test_year_to_come_nobody_and_nothing_new_are_refused(world: World, given: Routing) -> None:
    assert refused(send, world, exercise=2028) == (
        "L’exercice 2028 n’a pas commencé : son bilan s’enverra à partir de janvier."
    )
    assert refused(send, world, departement=world.places["Hérault"]).startswith("Personne à qui l’envoyer")
    version = send(world)
    assert refused(send, world, now=SENT + DAY).startswith("Rien n’a changé depuis la version 1")
    assert refused(send, world, seen=0).startswith("Entre-temps, la version 1 a été envoyée")
    assert list(BalanceVersion.objects.all()) == [version]


def test_comment_is_sent_with_the_next_version(world: World, given: Routing) -> None:
    about = {"landlord": world.landlord, "departement": world.places["Aude"], "exercise": YEAR}
    by = {"by": world.people["aline"]}
    comment_balance(**about, holder=world.holders["city"], text=" Deux mois sans candidat. ", **by)
    comment_balance(**about, holder=None, text="Une année courte.", **by)
    comment_balance(**about, holder=world.holders["als"], text="À relire", **by)
    comment_balance(**about, holder=world.holders["als"], text=" ", **by)
    assert BalanceComment.objects.count() == 2
    assert [(each["holder"], each["text"]) for each in content_of(send(world))["comments"]] == [
        ("", "Une année courte."),
        (key_of(world.holders["city"]), "Deux mois sans candidat."),
    ]
    comment_balance(**about, holder=None, text="Une année très courte.", **by)
    assert send(world, now=SENT + DAY).number == 2
    assert refused(comment_balance, **about, holder=None, text="a" * 3_001, **by).startswith("Un commentaire tient")


def test_accounts_stand_still_while_they_are_read(world: World, given: Routing) -> None:
    """What a version says is read in several queries: no act of the flow comes between two of them."""
    with CaptureQueriesContext(connection) as queries:
        send.__wrapped__(world)  # the act itself: what it did once would be put back
    rows = [each["sql"] for each in queries]
    read = ("flux_flowcell", "flux_accountmonth", "flux_flowcount", "flux_flowentry")
    first = next(place for place, sql in enumerate(rows) if any(f'FROM "{table}"' in sql for table in read))
    locks = [place for place, sql in enumerate(rows) if 'FROM "flux_ledger"' in sql and "FOR UPDATE" in sql]
    assert locks
    assert locks[0] < first


def test_new_recipient_is_a_reason_to_send(world: World, given: Routing) -> None:
    """A second service of the State is registered in the Aude: the same figures are sent again, to it too."""
    send(world)
    assert refused(send, world, now=SENT + DAY).startswith("Rien n’a changé depuis la version 1")
    other = register_organisation(
        siren=siren(43), name="DDETS de l’Aude", kind=Organisation.Kind.STATE, territory=world.places["Aude"]
    )
    second = send(world, now=SENT + DAY)
    assert other in [each.organisation for each in second.dispatches.all()]
    assert content_of(second)["total"] == content_of(BalanceVersion.objects.get(number=1))["total"]


# --- reading ---


def test_who_oversees_no_unit_of_the_landlord_does_not_read_it(world: World, given: Routing) -> None:
    """An EPCI of the département reads it from the day the landlord has a programme on its territory."""
    send(world)
    about = {"departement": world.places["Aude"], "region": world.places["Occitanie"]}
    around = territory("EPCI", "200035715", "Carcassonne Agglo")
    world.places["Carcassonne"] = territory("COMMUNE", "11069", "Carcassonne", epci=around, **about)
    kind = Organisation.Kind.EPCI
    there = register_organisation(siren=siren(42), name="Carcassonne Agglo", kind=kind, territory=around)
    member = grant_membership(user=world.people["emma"], organisation=there, role=Role.EPCI_OFFICER)
    assert not AnnualBalance.objects.visible_to(member).exists()
    assert AnnualBalance.objects.visible_to(world.member("bob")).exists()
    world.unit(commune="Carcassonne")
    assert AnnualBalance.objects.visible_to(member).exists()


def test_first_reading_is_kept_and_later_ones_change_nothing(world: World, given: Routing) -> None:
    version = send(world)
    first = open_version(version=version, organisation=world.city, by=world.people["chloe"], now=SENT + DAY)
    again = open_version(version=version, organisation=world.city, by=world.people["bob"], now=SENT + 2 * DAY)
    assert first == again
    assert (again.opened_at, again.opened_by) == (SENT + DAY, world.people["chloe"])
    other = world.other_landlord.organisation
    assert open_version(version=version, organisation=other, by=world.people["zoe"]) is None


# --- remarks ---


def test_figure_contested_is_that_of_the_version(world: World, given: Routing) -> None:
    """What changed since does not change what is contested."""
    version = send(world)
    Unit.objects.filter(pk=given.vacancy.unit_id).update(rooms=4)
    remark = contest(world, version)
    assert (remark.shown, remark.claimed, remark.organisation) == (1, 0, world.city)
    assert place_of(remark) == t5(world)
    assert state(world) == State.CONTESTED


def test_any_line_may_be_contested(world: World, given: Routing) -> None:
    """Another holder's, everybody's, one without a figure, one of the categories subtracted."""
    version = send(world)
    for place in (
        FigurePlace("SUMMARY", key_of(world.holders["als"]), "", "due"),
        FigurePlace("SUMMARY", "", "", "received"),
        FigurePlace("QPV", "", "", "offered"),
        FigurePlace("TYPOLOGY", key_of(world.holders["epci"]), "T5", "leased"),
        FigurePlace("SUBTRACTED", "", "SALE_REHOUSING", "units"),
    ):
        made = contest(world, version, place=place, claimed=None)
        assert (place_of(made), made.shown) == (place, figure_at(content_of(version), place))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reason": " "}, "Dites ce que vous contestez, et pourquoi."),
        ({"claimed": 1}, "Le chiffre demandé est celui du bilan : écrivez-en un autre."),
        ({"claimed": -1}, "Écrivez un nombre de logements, de 0 à 999 999."),
        ({"claimed": 1_000_000}, "Écrivez un nombre de logements, de 0 à 999 999."),
        ({"place": FigurePlace("TYPOLOGY", "", "T9", "offered")}, "Cette version n’a pas cette ligne"),
        ({"place": FigurePlace("SUBTRACTED", "", "SALE_REHOUSING", "offered")}, "Cette version n’a pas cette ligne"),
        ({"place": FigurePlace("SUMMARY", "123456789-4", "", "offered")}, "Cette version n’a pas cette ligne"),
        ({"place": FigurePlace("TYPOLOGY", "", "T3", "due")}, "Cette version n’a pas cette ligne"),
    ],
)
def test_remark_that_says_nothing_is_refused(
    world: World, given: Routing, changed: dict[str, Any], sentence: str
) -> None:
    version = send(world)
    assert refused(contest, world, version, **changed).startswith(sentence)
    assert not BalanceRemark.objects.exists()


def test_figure_is_contested_once_until_it_is_answered(world: World, given: Routing) -> None:
    version = send(world)
    first = contest(world, version)
    again = refused(contest, world, version, reason="Il manque aussi l’autre logement.")
    assert again.startswith("Vous contestez déjà ce chiffre")
    assert contest(world, version) == first  # a double click: the second post answers with the first
    contest(world, version, place=t5(world, "allocated"), claimed=None)
    assert BalanceRemark.objects.count() == 2


def test_who_was_not_sent_it_signed_it_or_wrote_it_makes_no_remark(world: World, given: Routing) -> None:
    version = send(world)
    other, own = world.other_landlord.organisation, world.landlord.organisation
    assert refused(contest, world, version, organisation=other).startswith("Cette version n’a pas été envoyée")
    assert refused(contest, world, version, organisation=own).startswith("Une remarque s’adresse au bailleur")
    sign(world, version, "city")
    assert refused(contest, world, version).startswith("Vous avez signé la version 1")
    sign(world, version, "landlord", "state", "als", "epci")
    assert refused(contest, world, version, organisation=world.als).startswith("La version 1 est scellée")


# --- answers and corrections ---


def test_line_is_corrected_then_sent_then_sealed(world: World, given: Routing) -> None:
    """The whole loop: what the city contested is corrected, stated so, sent as version 2, signed by all, sealed."""
    first = send(world)
    kept = first.content
    remark = contest(world, first)
    assert refused(answer, world, remark) == (
        "Cette ligne a toujours le chiffre contesté : corrigez d’abord le logement, le compte ou la ligne ; ou "
        "maintenez-la en disant pourquoi."
    )
    correct(world, first.balance, given, remark=remark)
    answer(world, remark)
    remark.refresh_from_db()
    assert (remark.answer, remark.corrected_in) == ("CORRECTED", None)
    second = send(world, note="Une ligne corrigée.", now=SENT + 3 * DAY)
    remark.refresh_from_db()
    assert remark.corrected_in == second
    assert {each.place for each in differences(content_of(first), content_of(second))} >= {t5(world)}
    assert content_of(second)["remarks"][0]["corrected_in"] == 2
    entry = FlowEntry.objects.latest("pk")
    assert (entry.stage, entry.quantity, entry.holder, entry.on) == (
        "OFFERED",
        -1,
        world.holders["city"],
        MORNING.date(),  # the day of what it corrects, and so its year (docs/decisions/0036)
    )
    assert refused(sign, world, first, "city").startswith("Entre-temps, la version 2 a été envoyée")
    sign(world, second, "landlord", "state", "als", "city")
    second.refresh_from_db()
    assert second.sealed_at is None
    sign(world, second, "epci")
    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.sealed_at, first.sealed_at, first.content) == (SENT + 3 * DAY, None, kept)
    assert state(world) == State.SEALED


def test_a_remark_corrected_in_one_version_stays_so_in_the_next(world: World, given: Routing) -> None:
    first = send(world)
    remark = contest(world, first)
    correct(world, first.balance, given)
    answer(world, remark)
    second = send(world, now=SENT + 3 * DAY)
    about = {"landlord": world.landlord, "departement": world.places["Aude"], "exercise": YEAR, "holder": None}
    comment_balance(**about, text="Une année courte.", by=world.people["aline"])
    assert send(world, now=SENT + 4 * DAY).number == 3
    remark.refresh_from_db()
    assert remark.corrected_in == second


def test_unit_corrected_at_its_source_answers_a_remark_too(world: World, given: Routing) -> None:
    version = send(world)
    remark = contest(world, version)
    Unit.objects.filter(pk=given.vacancy.unit_id).update(rooms=4)
    assert answer(world, remark).answer == "CORRECTED"


def test_maintained_line_asks_for_no_version_and_is_reported_in_the_next(world: World, given: Routing) -> None:
    """Sent again with the same figures, the version would lose the signatures that it has."""
    version = send(world)
    remark = contest(world, version)
    answer(world, remark, "MAINTAINED", text="Il vous a été proposé le 24 novembre.")
    assert state(world) == State.SENT
    assert refused(answer, world, remark).startswith("Entre-temps, une réponse a été donnée : remarque maintenue.")
    again = refused(send, world, now=SENT + 3 * DAY, note="Remarque maintenue.")
    assert again == "Rien n’a changé depuis la version 1 : corrigez d’abord une ligne, ou écrivez un commentaire."
    comment_balance(
        landlord=world.landlord,
        departement=world.places["Aude"],
        exercise=YEAR,
        holder=None,
        text="Une année courte.",
        by=world.people["aline"],
    )
    [result] = content_of(send(world, now=SENT + 3 * DAY))["remarks"]
    assert (result["answer"], result["corrected_in"]) == ({"code": "MAINTAINED", "words": "maintenue"}, None)


def test_answer_says_which_and_why(world: World, given: Routing) -> None:
    remark = contest(world, send(world))
    assert refused(answer, world, remark, "").startswith("Choisissez : la ligne est corrigée, ou maintenue.")
    assert refused(answer, world, remark, "MAINTAINED", text="  ").startswith("Répondez en une phrase")


def test_line_stated_corrected_is_not_sent_as_it_was(world: World, given: Routing) -> None:
    version = send(world)
    remark = contest(world, version)
    correct(world, version.balance, given)
    answer(world, remark)
    correct(world, version.balance, given, quantity=1, why="Erreur : il avait bien été proposé.")
    assert refused(send, world, now=SENT + 3 * DAY).startswith("La ligne contestée par la Ville de Narbonne")


def test_correction_that_came_undone_is_maintained_and_the_balance_goes_on(world: World, given: Routing) -> None:
    """The figure contested came back, and is true: what was stated corrected is maintained, and the version sealed."""
    version = send(world)
    remark = contest(world, version)
    correct(world, version.balance, given)
    answer(world, remark)
    correct(world, version.balance, given, quantity=1, why="Un autre T5 lui a été proposé en décembre.")
    assert refused(send, world, now=SENT + 3 * DAY).endswith(
        "corrigez-la avant d’envoyer, ou maintenez-la en disant pourquoi."
    )
    assert refused(answer, world, remark).startswith("Entre-temps, une réponse a été donnée : remarque corrigée.")
    kept = answer(world, remark, "MAINTAINED", text="Un autre T5 vous a été proposé depuis.")
    assert (kept.answer, kept.corrected_in, kept.answer_text) == (
        "MAINTAINED",
        None,
        "Un autre T5 vous a été proposé depuis.",
    )
    entry = HistoryEntry.objects.get(subject="attributions.balanceremark", subject_id=remark.pk)
    assert entry.details["answer"] == ["CORRECTED", "MAINTAINED"]
    assert entry.details["answer_text"] == ["Exact, corrigé.", "Un autre T5 vous a été proposé depuis."]
    assert refused(send, world, now=SENT + 3 * DAY).startswith("Rien n’a changé depuis la version 1")
    sign(world, version)
    assert state(world) == State.SEALED


def test_correction_that_a_version_has_is_not_taken_back(world: World, given: Routing) -> None:
    version = send(world)
    remark = contest(world, version)
    correct(world, version.balance, given)
    answer(world, remark)
    send(world, now=SENT + 3 * DAY)
    assert refused(answer, world, remark, "MAINTAINED").startswith("Entre-temps, une réponse a été donnée")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        BalanceRemark.objects.filter(pk=remark.pk).update(answer="MAINTAINED", corrected_in=None)


def test_remark_answered_after_the_version_that_corrects_it_names_that_one(world: World, given: Routing) -> None:
    version = send(world)
    remark = contest(world, version)
    correct(world, version.balance, given)
    second = send(world, now=SENT + 2 * DAY)
    assert refused(sign, world, second, "city").startswith("Votre remarque attend une réponse")
    assert answer(world, remark).corrected_in == second


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"stage": "ALLOCATED"}, "Une attribution se corrige par une décision rectificative"),
        ({"stage": "LEASED"}, "Un bail se corrige sur la page"),
        ({"stage": "RETURNED"}, "Un logement rendu se corrige"),
        ({"stage": "DUE"}, "Le dû et le reçu se corrigent par les actes du compte."),
        ({"quantity": 2}, "Un logement à la fois"),
        ({"side": "HOLDER"}, "Dites du fait de qui"),
        ({"stage": "REFUSED"}, "Dites du fait de qui"),
        ({"why": " "}, "Dites pourquoi cette ligne est corrigée"),
        ({"quantity": 1}, "compte déjà autant qu’il peut parmi les « proposé » de la Ville de Narbonne"),
        ({"stage": "LAPSED"}, "ne compte pas parmi les « délai écoulé sans candidat »"),
        ({"stage": "REFUSED", "side": "UNIT"}, "ne compte pas parmi les « candidature non aboutie »"),
    ],
)
def test_correction_that_cannot_be_is_refused(
    world: World, given: Routing, changed: dict[str, Any], sentence: str
) -> None:
    version = send(world)
    assert sentence in refused(correct, world, version.balance, given, **changed)
    assert not BalanceCorrection.objects.exists()


def test_units_of_others_still_there_or_cancelled_are_not_corrected_here(world: World, given: Routing) -> None:
    version = send(world)
    balance = version.balance
    still = Routing.objects.filter(closed_at=None).order_by("pk")[0]
    assert "est toujours orienté vers" in refused(correct, world, balance, still)
    never = {"holder": world.holders["agents"], "quantity": 1}
    assert "compte déjà autant qu’il peut" in refused(correct, world, balance, given, **never)
    later = world.vacancy(now=SENT)
    assert "il n’y a rien à retirer" in refused(correct, world, balance, given, vacancy=later)
    cancel_vacancy(
        vacancy=given.vacancy, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["aline"], now=SENT
    )
    with pytest.raises(HoldRefused):
        correct(world, balance, given)
    assert not BalanceCorrection.objects.exists()


def test_refusals_of_candidates_are_counted_with_whose_doing(world: World, given: Routing) -> None:
    """Followed elsewhere, they are bounded; and one side's are not taken out of another's."""
    balance = send(world).balance
    refusal = {"stage": "REFUSED", "quantity": 1}
    correct(world, balance, given, **refusal, side="APPLICANT")
    taken = {"stage": "REFUSED", "quantity": -1, "side": "HOLDER"}
    assert "ne compte pas parmi" in refused(correct, world, balance, given, **taken)
    correct(world, balance, given, stage="DESIGNATED", quantity=1)
    correct(world, balance, given, stage="LAPSED", quantity=1)
    found = figure_at(content_of(send(world, now=SENT + 3 * DAY)), t5(world, "refused"))
    assert found == 1
    for _ in range(8):
        correct(world, balance, given, **refusal, side="APPLICANT")
    assert "compte déjà autant qu’il peut" in refused(correct, world, balance, given, **refusal, side="UNIT")


def test_correction_names_a_remark_of_its_own_balance(world: World, given: Routing) -> None:
    remark = contest(world, send(world))
    other = send(world, exercise=2025)
    assert refused(correct, world, other.balance, given, remark=remark) == "Cette remarque porte sur un autre bilan."


# --- signing ---


def test_each_signs_once_and_not_with_a_remark_of_its_own(world: World, given: Routing) -> None:
    version = send(world)
    remark = contest(world, version)
    assert refused(sign, world, version, "city") == (
        "Votre remarque attend une réponse : vous signerez quand le bailleur l’aura donnée."
    )
    sign(world, version, "als")
    assert refused(sign, world, version, "als").startswith("La version 1 est déjà signée au nom de votre organisation.")
    answer(world, remark, "MAINTAINED")
    sign(world, version, "city")
    opened = BalanceDispatch.objects.get(version=version, organisation=world.city)
    assert (opened.opened_at, opened.opened_by) == (SENT + 3 * DAY, world.people["chloe"])


def test_nobody_signs_a_figure_stated_corrected_and_not_sent(world: World, given: Routing) -> None:
    version = send(world)
    remark = contest(world, version)
    correct(world, version.balance, given)
    answer(world, remark)
    sentence = "Une ligne a été dite corrigée, et la version 1 ne l’a pas encore"
    for name in ("city", "als"):
        assert refused(sign, world, version, name).startswith(sentence)
    assert signature_waits(review(world.landlord, world.places["Aude"], YEAR, None, today=SENT.date()))
    sign(world, send(world, now=SENT + 3 * DAY))
    assert state(world) == State.SEALED


def test_last_signature_waits_for_every_remark(world: World, given: Routing) -> None:
    """Le Grand Narbonne only reads the balance of 2025, and contests it: the last signature waits for the answer."""
    version = send(world, exercise=2025)
    place = FigurePlace("SUMMARY", "", "", "received")
    remark = contest(world, version, organisation=world.epci, place=place, claimed=3, by=world.people["emma"])
    sentence = "Votre signature scellerait la version, et une remarque (Le Grand Narbonne) attend la réponse"
    assert refused(sign, world, version, "landlord").startswith(sentence)
    answer(world, remark, "MAINTAINED")
    sign(world, version, "landlord")
    version.refresh_from_db()
    assert version.sealed_at == SENT + 3 * DAY


def test_sealed_balance_is_followed_by_another_with_its_reason_only(world: World, given: Routing) -> None:
    first = send(world)
    sign(world, first)
    correct(world, first.balance, given)
    assert refused(send, world, now=SENT + 9 * DAY) == (
        "La version 1 est scellée et le restera : dites pourquoi une autre la suit."
    )
    second = send(world, note="Erreur relevée par la chambre régionale des comptes.", now=SENT + 9 * DAY)
    first.refresh_from_db()
    assert (first.sealed_at, second.number, state(world)) == (SENT + 3 * DAY, 2, State.SENT)
    assert figure_at(content_of(first), t5(world)) == 1
    assert figure_at(content_of(second), t5(world)) == 0


def test_who_signed_a_convention_since_reads_and_waits_for_the_next(world: World, given: Routing) -> None:
    version = send(world)
    town = world.places["Coursan"]
    kind = Organisation.Kind.COMMUNE
    coursan = register_organisation(siren=siren(41), name="Coursan", kind=kind, territory=town)
    convention(world.landlord, coursan, town, (coursan.contingents.get(), "5", 9), starts_on=date(2026, 6, 1))
    assert refused(contest, world, version, organisation=coursan).startswith("Cette version n’a pas été envoyée")
    assert coursan in [each.organisation for each in send(world, now=SENT + DAY).dispatches.all()]


# --- what was sent never changes ---


def test_later_edits_leave_what_was_sent_as_it_was(world: World, given: Routing) -> None:
    version = send(world)
    sign(world, version)
    kept = BalanceVersion.objects.values("content", "seal").get()
    Unit.objects.update(rooms=6, in_qpv=True, construction_year=2001, financing_code="17")
    world.landlord.organisation.name = "Autre nom"
    world.landlord.organisation.save()
    cancel_vacancy(
        vacancy=given.vacancy, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["aline"], now=SENT
    )
    world.vacancy(now=MORNING + timedelta(days=3))
    assert BalanceVersion.objects.values("content", "seal").get() == kept
    assert seal_of(json.loads(kept["content"])) == kept["seal"]
