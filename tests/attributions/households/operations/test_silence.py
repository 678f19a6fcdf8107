"""Want of candidates stated in one click, silence that lapses at its term: two different things, each with its
effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse

from attributions import tasks
from attributions.households.models import Proposal
from attributions.households.operations import silence
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.silence import give_unit_back, lapse_silent_routings, say_no_candidate
from attributions.notices.models import Notice
from flux.models import Return, Routing, Vacancy
from flux.operations.departures import HoldRefused, record_answer, restart_clock
from flux.operations.outcomes import record_allocation, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations
from flux.operations.stock import keep_in_stock
from flux.queries.returns import clock, effects
from reservations.models.terms import Side
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_terms import terms_of
from tests.attributions.households.silence import draft, sent
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree, send
from tests.flux.views.pages import text_of
from tests.signing import sign_convention
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

#: Ten working days after MORNING, 24 November 2026: the last day is 8 December.
TERM = date(2026, 12, 8)
NIGHT = datetime(2026, 12, 8, 23, 20, tzinfo=UTC)  # 9 December, 00:20 in Paris


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
@kept
def world(world: World) -> World:
    """Ten working days everywhere; Action Logement’s units go to the mayor first."""
    for name, convention in world.conventions.items():
        agree(
            convention,
            proposal_days=10,
            management="DIRECT",
            returns_effect="YES_IF_HOLDER_FAULT",
            fallback=["MAYOR", "LANDLORD"] if name == "als" else [],
        )
    return world


def notified(kind: str) -> list[tuple[str, str]]:
    """(organisation, text) of the notices of a kind."""
    notices = Notice.objects.filter(kind=kind).select_related("organisation").order_by("pk")
    return [(notice.organisation.name, notice.text) for notice in notices]


# --- silence ---


def test_silence_lapses_the_night_after_the_last_day_and_the_chain_of_the_convention_follows(world: World) -> None:
    routing = send(world, "als")
    assert lapse_silent_routings(now=NIGHT - timedelta(hours=1)) == 0  # 8 December, 23:20: the last day is not over
    assert lapse_silent_routings(now=NIGHT) == 1
    given = Return.objects.get()
    assert (given.routing, given.reason, given.side, given.returned_by, given.returned_at) == (
        routing,
        "NO_CANDIDATE",
        Side.HOLDER,
        None,
        NIGHT,
    )
    assert (given.counted, given.offered, given.is_lapse) == (True, True, True)
    assert given.text == "Sans réponse jusqu’au 08/12/2026, dernier jour du délai."
    again = routing.vacancy.recommendations.latest("attempt")
    assert (again.holder, again.reason) == (world.holders["city"], "FALLBACK")
    effect = "compté comme proposé et décompté du droit de réservation"
    going = (
        "Recommandé pour la Ville de Narbonne, à confirmer par le bailleur. Pour un tour, hors des comptes annuels : "
        "clause « logements rendus » de la convention."
    )
    assert sorted(notified("LAPSED")) == [
        ("Action Logement Services", f"{going} Pour qui l’avait, il est {effect}."),
        ("Robine Habitat", f"{going} Pour qui l’avait, il est {effect}."),
        ("Ville de Narbonne", going),
    ]
    check_books(routing.vacancy.ledger)


def test_lapse_is_safe_to_run_twice(world: World) -> None:
    send(world, "als")
    with time_machine.travel(NIGHT, tick=False):
        assert (tasks.lapse(), tasks.lapse()) == (1, 0)
    assert Return.objects.count() == 1


@pytest.mark.parametrize(
    ("routed_at", "days", "until"),
    [
        (datetime(2026, 4, 27, 8, tzinfo=UTC), 5, date(2026, 5, 5)),  # 1 May
        (datetime(2027, 10, 29, 8, tzinfo=UTC), 1, date(2027, 11, 2)),  # 1 November, a Monday
    ],
)
def test_public_holidays_lengthen_the_delay(world: World, routed_at: datetime, days: int, until: date) -> None:
    agree(world.conventions["city"], proposal_days=days)
    send(world, "city", world.vacancy(now=routed_at), now=routed_at)
    last = datetime(until.year, until.month, until.day, 20, tzinfo=UTC)
    assert lapse_silent_routings(now=last) == 0
    assert lapse_silent_routings(now=last + timedelta(hours=4)) == 1


def test_good_friday_and_26_december_lengthen_it_where_the_convention_says_so(world: World) -> None:
    routed_at = datetime(2027, 3, 24, 8, tzinfo=UTC)  # Good Friday is 26 March, Easter Monday 29 March
    routing = send(world, "city", world.vacancy(now=routed_at), now=routed_at)
    convention = world.conventions["city"]
    expected = {False: (2, date(2027, 3, 26)), True: (2, date(2027, 3, 30))}
    for local, (days, until) in expected.items():
        agree(convention, proposal_days=days, local_holidays=local)
        asked = clock(Routing.objects.get(pk=routing.pk), Vacancy.Kind.IN_FLOW, today=routed_at.date())
        assert (asked.until, asked.how.local) == (until, local)


@pytest.mark.parametrize(
    "terms", [{"proposal_days": None}, {"management": "DELEGATED"}], ids=["no delay", "delegated management"]
)
def test_nothing_lapses_without_a_delay_nor_where_the_landlord_looks_for_candidates(
    world: World, terms: dict[str, object]
) -> None:
    agree(world.conventions["city"], **terms)
    send(world, "city")
    send(world, "landlord")
    assert lapse_silent_routings(now=NIGHT + timedelta(days=90)) == 0


def test_first_lettings_and_stock_keep_their_holder_and_the_landlord_reads_that_it_is_late(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """They were agreed on by name: nothing takes them away by itself, and their holder hands them on for one turn
    (docs/decisions/0113)."""
    unit = world.unit()
    keep_in_stock(
        unit=unit, holder=world.holders["city"], ground="LAND", starts_on=MORNING.date(), by=world.people["alice"]
    )
    vacancy = world.vacancy(unit, kind=Vacancy.Kind.STOCK)
    routing = vacancy.routings.get()
    assert lapse_silent_routings(now=NIGHT) == 0
    assert Routing.objects.get(closed_at=None) == routing
    given = say_no_candidate(routing=routing, by=world.people["chloe"], now=NIGHT)
    assert (given.counted, vacancy.recommendations.get().ledger.kind) == (True, "TURN")


def test_holder_that_answered_does_not_lapse_until_its_delay_starts_anew(world: World) -> None:
    agree(world.conventions["city"], new_candidates_days=5)
    routing = send(world, "city")
    record_answer(routing=routing, on=date(2026, 12, 1))
    assert lapse_silent_routings(now=NIGHT) == 0
    restart_clock(routing=routing, on=date(2026, 12, 7))  # five days more: 14 December
    assert lapse_silent_routings(now=datetime(2026, 12, 14, 20, tzinfo=UTC)) == 0
    assert lapse_silent_routings(now=datetime(2026, 12, 14, 23, 20, tzinfo=UTC)) == 1
    assert Return.objects.get().text == "Sans réponse jusqu’au 14/12/2026, dernier jour du délai."


def test_what_the_landlord_recorded_as_allocated_does_not_lapse(
    world: World, caplog: pytest.LogCaptureFixture, sign_in: Callable[[str], Client]
) -> None:
    """Its candidates were followed in another tool."""
    routing, today = send(world, "city"), MORNING.date()
    record_allocation(vacancy=routing.vacancy, on=today, by=world.people["aline"], today=today)
    assert lapse_silent_routings(now=NIGHT) == 0
    assert caplog.text == ""
    assert sign_in("chloe").get(reverse("home")).context["holder"].awaiting == []
    withdraw_outcome(vacancy=routing.vacancy, why="Erreur.", by=world.people["aline"], today=today)
    assert lapse_silent_routings(now=NIGHT) == 1


def test_drafts_are_released_and_may_be_proposed_elsewhere(world: World) -> None:
    proposal = draft(world, send(world, "city"))
    assert lapse_silent_routings(now=NIGHT) == 1
    proposal.refresh_from_db()
    assert (proposal.status, proposal.since) == (Proposal.Status.RELEASED, NIGHT)


def test_one_failure_never_stops_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = send(world, "city"), send(world, "city")

    def broken(*, routing: Routing, **given: object) -> Return:
        if routing.pk == first.pk:
            raise RuntimeError("out of luck")
        return return_vacancy(routing=routing, **given)

    monkeypatch.setattr(silence, "return_vacancy", broken)
    assert lapse_silent_routings(now=NIGHT) == 1
    assert Return.objects.get().routing == second
    assert Notice.objects.filter(vacancy=first.vacancy).count() == 0
    assert f"households.silent_routings: routing:{first.pk} failed" in caplog.text


def test_unit_that_went_elsewhere_meanwhile_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read before, held after."""
    routing = send(world, "city")
    stale = silence.silent_routings(today=TERM + timedelta(days=1))
    send(world, "als", routing.vacancy, now=NIGHT)
    monkeypatch.setattr(silence, "silent_routings", lambda *, today: stale)
    assert lapse_silent_routings(now=NIGHT) == 0
    assert Return.objects.count() == 0


def test_answer_that_came_meanwhile_stops_the_lapse(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    routing = send(world, "city")
    stale = silence.silent_routings(today=TERM + timedelta(days=1))
    sent(world, routing)
    monkeypatch.setattr(silence, "silent_routings", lambda *, today: stale)
    assert lapse_silent_routings(now=NIGHT) == 0


@pytest.mark.parametrize("count", [1, 12])
def test_finding_who_is_late_costs_one_query(world: World, django_assert_num_queries, count: int) -> None:
    for _ in range(count):
        send(world, "city")
    with django_assert_num_queries(1):
        assert len(silence.silent_routings(today=TERM + timedelta(days=1))) == count


# --- the version that the routing applied ---


def test_changing_the_convention_later_moves_only_later_lines(world: World) -> None:
    """An amendment from January on gives another delay, and counts nothing: what was routed before keeps its own."""
    signed = world.conventions["city"]
    by = world.people["alice"]
    agree(signed, fallback=["LANDLORD"])
    before = send(world, "city")
    amendment = amend_convention(convention=signed, starts_on=date(2027, 1, 1), by=by)
    agree(amendment, proposal_days=3, returns_effect="NO", local_holidays=True, not_offered=["APPLICANT"])
    amendment.refresh_from_db()
    sign_convention(convention=amendment, signed_on=MORNING.date(), by=by)
    january = datetime(2027, 1, 4, 8, tzinfo=UTC)
    after = send(world, "city", world.vacancy(now=january), now=january)
    assert before.convention_id == signed.pk
    assert after.convention_id == amendment.pk
    days = [clock(routing, Vacancy.Kind.IN_FLOW, today=january.date()).days for routing in (before, after)]
    assert days == [10, 3]
    assert lapse_silent_routings(now=january) == 1  # the delay of the first is over, by its own version
    assert lapse_silent_routings(now=january + timedelta(days=5)) == 1
    counted = {given.routing_id: given.counted for given in Return.objects.order_by("pk")}
    assert counted == {before.pk: True, after.pk: False}
    assert [effects(routing.convention, Side.APPLICANT).offered for routing in (before, after)] == [True, False]
    assert terms_of(after.convention).proposal_days == 3


# --- one click ---


def test_one_click_frees_the_unit_early(world: World) -> None:
    routing = send(world, "als")
    proposal = draft(world, routing)
    given = say_no_candidate(routing=routing, by=world.people["aline"], now=MORNING)
    assert (given.reason, given.side, given.text) == ("DECLINED", Side.HOLDER, silence.NOTHING_MORE)
    assert (given.counted, given.offered) == (True, True)
    assert routing.vacancy.recommendations.latest("attempt").holder == world.holders["city"]
    proposal.refresh_from_db()
    assert proposal.status == Proposal.Status.RELEASED
    assert {name for name, _ in notified("NO_CANDIDATE")} == {
        "Action Logement Services",
        "Robine Habitat",
        "Ville de Narbonne",
    }
    check_books(routing.vacancy.ledger)


def test_candidates_already_sent_are_withdrawn_first(world: World) -> None:
    routing = send(world, "city")
    sent(world, routing)
    with pytest.raises(ProposalRefused, match="retirez-les d’abord"):
        say_no_candidate(routing=routing, text="Étage.", by=world.people["chloe"])
    with pytest.raises(ProposalRefused, match="retirez-les d’abord"):
        give_unit_back(routing=routing, reason="NO_CANDIDATE", text="", by=world.people["aline"], now=NIGHT)
    assert Return.objects.count() == 0


def test_unit_that_is_no_longer_there_is_refused(world: World) -> None:
    routing = send(world, "city")
    send(world, "als", routing.vacancy)
    with pytest.raises(HoldRefused, match="est orienté vers Action Logement Services"):
        say_no_candidate(routing=routing, by=world.people["chloe"])


def test_landlord_that_takes_the_unit_back_releases_the_candidates_and_states(world: World) -> None:
    routing = send(world, "city")
    proposal = sent(world, routing)
    given = give_unit_back(routing=routing, reason="WORKS", text="Amiante.", by=world.people["aline"], now=MORNING)
    assert (given.side, given.offered, given.counted) == (Side.UNIT, False, False)
    proposal.refresh_from_db()
    assert proposal.status == Proposal.Status.RELEASED
    assert notified("TAKEN_BACK") == [
        ("Ville de Narbonne", "travaux découverts ; les candidats transmis sont libérés.")
    ]
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("WITHDRAWN", "le bailleur reprend le logement."),
        ("ERROR", "erreur d’orientation ou de description."),
        ("WORKS", "travaux découverts."),
    ],
)
def test_holder_is_notified_of_a_unit_taken_back_before_any_candidate(world: World, reason: str, words: str) -> None:
    """It learned it by the unit that it did not find any more; nobody is stated to be released where nobody was
    sent."""
    routing = send(world, "city")
    give_unit_back(routing=routing, reason=reason, text="Porte en réfection.", by=world.people["aline"], now=MORNING)
    assert notified("TAKEN_BACK") == [("Ville de Narbonne", words)]
    assert Notice.objects.count() == 1


def test_commune_without_a_right_is_notified_that_it_proposes_for_this_letting(world: World) -> None:
    """Automatic or not, whoever the unit goes to is reported; the commune proposes on the landlord's part."""
    from reservations.operations.party import register_organisation
    from tests.world import siren

    coursan = register_organisation(
        siren=siren(50), name="Commune de Coursan", article="la", kind="COMMUNE", territory=world.places["Coursan"]
    )
    routing = send(world, "als", world.vacancy(commune="Coursan"))
    assert lapse_silent_routings(now=NIGHT) == 1
    assert coursan.name in {name for name, _ in notified("LAPSED")}
    [opened] = confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=NIGHT)
    assert opened.acting == coursan


# --- on screen ---


def test_holder_reads_its_days_and_frees_the_unit(world: World, sign_in: Callable[[str], Client]) -> None:
    routing = send(world, "city")
    chloe = sign_in("chloe")
    sheet = text_of(chloe.get(reverse("vacancy-detail", args=[routing.vacancy_id])))
    assert "(10 jours ouvrés). Il vous reste 10 jours ouvrés." in sheet
    home = text_of(chloe.get(reverse("home")))
    assert "1 logement attend vos candidats (il reste 10 jours ouvrés)." in home
    assert "10 jours ouvrés restants" in home
    assert "Il vous reste 10 jours ouvrés, jusqu’au mardi 8 décembre 2026." in home
    url = reverse("vacancy-return", args=[routing.vacancy_id])
    assert "compté comme proposé et décompté du droit de réservation" in text_of(chloe.get(url))
    page = chloe.post(url, {"routing": routing.pk, "reason": "DECLINED", "text": ""}, follow=True)
    assert page.redirect_chain == [(reverse("home"), 302)]
    assert Return.objects.get().text == silence.NOTHING_MORE
    assert "attend vos candidats" not in text_of(page)


@pytest.mark.parametrize(("days", "words"), [(14, "Dernier jour"), (15, "Délai dépassé")])
def test_last_day_and_the_day_after_are_stated(
    world: World, sign_in: Callable[[str], Client], days: int, words: str
) -> None:
    send(world, "city")
    with time_machine.travel(MORNING + timedelta(days=days), tick=False):
        assert words in text_of(sign_in("chloe").get(reverse("home")))


def test_refused_return_comes_back_with_its_sentence(world: World, sign_in: Callable[[str], Client]) -> None:
    routing = send(world, "city")
    sent(world, routing)
    url = reverse("vacancy-return", args=[routing.vacancy_id])
    page = sign_in("chloe").post(url, {"routing": routing.pk, "reason": "DECLINED", "text": ""})
    assert page.status_code == 422
    assert "retirez-les d’abord" in text_of(page)


def test_unit_answered_or_followed_by_the_landlord_is_not_awaited(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    record_answer(routing=send(world, "city"), on=MORNING.date())
    delegated = send(world, "city")
    agree(world.conventions["city"], management="DELEGATED")
    assert delegated.convention == world.conventions["city"]
    home = sign_in("chloe").get(reverse("home"))
    assert home.context["holder"].awaiting == []
    assert "Candidats transmis le 24 novembre 2026." in text_of(home)


def test_story_says_whose_doing_it_was_and_what_it_did(world: World, sign_in: Callable[[str], Client]) -> None:
    routing = send(world, "als")
    lapse_silent_routings(now=NIGHT)
    with time_machine.travel(NIGHT, tick=False):
        words = text_of(sign_in("aline").get(reverse("vacancy-detail", args=[routing.vacancy_id])))
    assert "Rendu par Action Logement Services de lui-même, au terme du délai : aucun candidat dans le délai." in words
    assert "Cause : le réservataire ; compté comme proposé et décompté du droit de réservation." in words


def test_restarted_and_local_clocks_say_so(world: World, sign_in: Callable[[str], Client]) -> None:
    agree(world.conventions["city"], new_candidates_days=8, local_holidays=True)
    routing = send(world, "city")
    restart_clock(routing=routing, on=date(2026, 11, 24))
    words = text_of(sign_in("chloe").get(reverse("vacancy-detail", args=[routing.vacancy_id])))
    assert "au plus tard le 4 décembre 2026 (8 jours ouvrés, jours fériés d’Alsace-Moselle compris)." in words
    assert "Nouveau délai depuis le 24 novembre 2026" in words
    assert "nouveau délai depuis le 24 nov." in text_of(sign_in("aline").get(reverse("vacancy-list")))


def test_list_says_since_when_a_unit_stands_where_it_stands(world: World, sign_in: Callable[[str], Client]) -> None:
    """Once: the day of its registration is in the row already."""
    send(world, "als")
    assert "depuis le 24 nov." not in text_of(sign_in("aline").get(reverse("vacancy-list")))
    lapse_silent_routings(now=NIGHT)
    with time_machine.travel(NIGHT, tick=False):
        words = text_of(sign_in("aline").get(reverse("vacancy-list")))
    assert "depuis le 9 déc." in words
