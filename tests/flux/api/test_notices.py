"""A notice that comes in by software: the act of the screen, once, with its journal."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from flux.models import Vacancy
from reservations.models import ApiCall
from reservations.operations.token import KEPT, forget_answers
from tests.flux.api.software import Software

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]


@pytest.fixture
def notice(world: World) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "unit": world.unit().reference,
        "notice_on": today.isoformat(),
        "available_on": (today + timedelta(days=30)).isoformat(),
    }


def test_notice_is_the_act_of_the_screen(world: World, sign_in: SignIn, notice: dict[str, Any]) -> None:
    """In the flow when nothing is stated; its author is whoever made the token, its journal the token's."""
    software = Software(world, "alice", "READ", "NOTICES")
    answer = software.post("/vacancies/", notice)
    vacancy, payload = Vacancy.objects.get(), answer.json()
    assert (payload["id"], payload["kind"], payload["status"]) == (vacancy.pk, "IN_FLOW", "waiting")
    assert (vacancy.registered_by, vacancy.ledger is not None) == (world.people["alice"], True)
    assert answer["Location"].endswith(f"/api/v1/vacancies/{vacancy.pk}/")
    read = software.get(answer["Location"].removeprefix("http://testserver"))
    assert (read["ETag"], read.json()) == (answer["ETag"], payload)
    assert read["Cache-Control"] == "private, no-cache"
    assert software.get(f"/vacancies/{vacancy.pk}/", 304, If_None_Match=read["ETag"]).content == b""
    page = sign_in("alice").get(reverse("token-detail", args=[software.token.pk])).content.decode()
    assert "POST /api/v1/vacancies/" in page
    assert "201" in page


def test_key_gives_its_first_answer_again_and_serves_one_request(world: World, notice: dict[str, Any]) -> None:
    software, key = Software(world), {"Idempotency_Key": "conge-1"}
    first = software.post("/vacancies/", notice, **key)
    again = software.post("/vacancies/", json.dumps(dict(reversed(notice.items()))), **key)
    assert (again.content, again["ETag"], again["Location"]) == (first.content, first["ETag"], first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert Vacancy.objects.count() == ApiCall.objects.count() == 1
    refused = software.post("/vacancies/", {**notice, "unit": world.unit().reference}, 422, **key)
    assert refused.json()["code"] == "cle-reutilisee"
    assert software.post("/vacancies/", notice, 400, Idempotency_Key="deux mots").json()["errors"][0]["field"] == (
        "Idempotency-Key"
    )
    other = Software(world)  # a key is that of one token: the act answers for itself
    assert other.post("/vacancies/", notice, 422, **key).json()["code"] == "acte-refuse"
    assert forget_answers() == 0
    ApiCall.objects.update(at=timezone.now() - KEPT - timedelta(minutes=1))
    assert forget_answers() == 1
    kept = ApiCall.objects.get()
    assert (kept.key, kept.answer, kept.headers, kept.status) == ("", "", {}, 201)


def test_dates_of_another_year_are_asked_about_and_never_silent(world: World, notice: dict[str, Any]) -> None:
    """A notice of last June became the 45th unit of this account without a word: it takes the very dates again."""
    software, today = Software(world), timezone.localdate()
    old = {**notice, "notice_on": f"{today.year - 1}-06-03", "available_on": f"{today.year - 1}-09-03"}
    key = {"Idempotency_Key": "ancien"}
    doubt = software.post("/vacancies/", old, 409, **key).json()
    assert (doubt["code"], doubt["errors"][0]["field"]) == ("dates-a-confirmer", "confirmed")
    assert doubt["confirmation"] == f"{old['notice_on']} {old['available_on']}"
    assert f"et non {today.year - 1}" in doubt["detail"]
    software.post("/vacancies/", {**old, "confirmed": "oui"}, 409)
    assert not Vacancy.objects.exists()
    software.post("/vacancies/", {**old, "confirmed": doubt["confirmation"]}, **key)  # a refusal kept no key
    assert Vacancy.objects.get().ledger.exercise == today.year


def test_each_refusal_is_a_problem_in_french_with_its_code(world: World, notice: dict[str, Any]) -> None:
    software = Software(world)
    for body, status, code, field in (
        ({**notice, "unit": "INCONNUE"}, 400, "demande-invalide", "unit"),
        ({**notice, "kinds": "IN_FLOW"}, 400, "demande-invalide", "kinds"),
        ({**notice, "notice_on": "24/11/2026"}, 400, "demande-invalide", "notice_on"),
        ({**notice, "notice_on": "0001-01-01"}, 400, "demande-invalide", "notice_on"),
        ({**notice, "stock_right": 1}, 400, "demande-invalide", "stock_right"),
        ({**notice, "kind": "EXCLUDED"}, 422, "acte-refuse", "exclusion"),
        ([], 400, "demande-invalide", ""),
        ("{", 400, "contenu-illisible", None),
    ):
        payload = software.post("/vacancies/", body, status).json()
        assert (payload["code"], payload["status"]) == (code, status)
        assert payload["type"] == f"urn:equiflux:probleme:{code}"
        assert [error["field"] for error in payload.get("errors", [])] == ([] if field is None else [field])
    assert software.ask("PUT", "/vacancies/", {}, 405)["Allow"] == "GET, POST, HEAD, OPTIONS"
    software.get("/rien/", 404)
    software.get("/vacancies/", 406, Accept="text/html")
    answer = software.client.post(
        "/api/v1/vacancies/", "<x/>", "text/xml", headers={"Authorization": f"Bearer {software.secret}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "format-non-lu")
    assert not Vacancy.objects.exists()


def test_pages_follow_a_cursor_and_take_no_other(world: World) -> None:
    """Each page costs the same rows, and what enters meanwhile moves nothing."""
    software = Software(world)
    made = [world.vacancy().pk for _ in range(5)]
    first = software.get("/vacancies/?page_size=2").json()
    world.vacancy()
    second = software.get(first["next"].removeprefix("http://testserver")).json()
    assert [row["id"] for row in (*first["results"], *second["results"])] == made[:0:-1]
    for wrong in ("page=2", "cursor=nul", "cursor=cD0xeA==", "cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        assert software.get(f"/vacancies/?{wrong}", 400).json()["code"] == "demande-invalide"
