"""The API: the screens in JSON, for the same people, and what it says when it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from config.settings import API_LIMITS
from config.throttle import forget
from flux.engine.versions import replay
from flux.models import FlowEntry, Ledger, Vacancy
from flux.operations.routing import route_elsewhere, sweep_waiting_vacancies
from flux.pages.why_not import why_sentence
from tests.house.test_files import addresses
from tests.house.tree import ROOT
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.world import World

    SignIn = Callable[[str], Client]

VACANCIES, LEDGERS = reverse("api-vacancies"), reverse("api-ledgers")


def stranger(address: str) -> Client:
    """Somebody whom nobody has counted yet, at an address of its own."""
    forget("anonymous", address)
    return Client(REMOTE_ADDR=address)


def explanation(vacancy: Vacancy) -> str:
    return reverse("api-explanation", args=[vacancy.pk])


def read(client: Client, address: str, expected: int = 200, /, **asked: object) -> Any:
    answer = client.get(address, asked)
    assert (answer.status_code, answer["Content-Type"].split("/")[0]) == (expected, "application")
    return answer.json()


@pytest.fixture
@kept
def decided(world: World) -> list[Vacancy]:
    made = [world.vacancy() for _ in range(8)]
    sweep_waiting_vacancies(now=MORNING)
    return made


def test_list_is_that_of_the_screen(world: World, sign_in: SignIn, year: dict[str, Vacancy]) -> None:
    for person in ("aline", "chloe", "bob", "emma", "adam", "zoe"):
        client = sign_in(person)
        shown = [line.row.vacancy.pk for line in client.get(reverse("vacancy-list")).context["lines"]]
        assert [row["id"] for row in read(client, VACANCIES)["results"]] == shown, person
    rows = {row["id"]: row for row in read(sign_in("chloe"), VACANCIES)["results"]}
    city, awaiting = rows[year["city"].pk], rows[year["to confirm"].pk]
    assert (city["status"], city["file_open"], city["unit"]["reference"]) == (
        "routed",
        True,
        year["city"].unit.reference,
    )
    assert (awaiting["status"], awaiting["file_open"], awaiting["unit"]) == ("to_confirm", False, None)
    assert (rows[year["waiting"].pk]["status"], rows[year["excluded"].pk]["status"]) == ("waiting", "none")
    assert city["landlord"] == {"siren": world.landlord.organisation.siren, "name": "Robine Habitat"}


def test_list_is_filtered_by_codes(world: World, sign_in: SignIn, year: dict[str, Vacancy]) -> None:
    client = sign_in("adam")

    def found(**asked: object) -> set[int]:
        return {row["id"] for row in read(client, VACANCIES, **asked)["results"]}

    every = found()
    assert found(landlord=world.other_landlord.organisation.siren) == {year["other"].pk}
    assert found(commune="11106") == found(typology="T2") == {year["als"].pk}
    assert found(kind="EXCLUDED") == {year["excluded"].pk}
    assert found(status="waiting") == {year["waiting"].pk}
    assert found(status="to_confirm") == {year["to confirm"].pk, year["other"].pk}
    assert found(registered_since="2026-11-24") == found(registered_until="2026-11-24") == every
    assert found(registered_since="2026-11-25") == set()
    first = read(client, VACANCIES, page_size=2)
    assert (len(first["results"]), first["previous"]) == (2, None)
    assert len(every) > 4
    assert len(client.get(first["next"]).json()["results"]) == 2


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"kind": "X"}, "kind"),
        ({"status": "X"}, "status"),
        ({"registered_since": "24/11/2026"}, "registered_since"),
        ({"bailleur": "1"}, "bailleur"),
    ],
)
def test_wrong_or_unknown_filter_is_refused_in_french(sign_in: SignIn, asked: dict[str, str], at: str) -> None:
    [error] = read(sign_in("adam"), VACANCIES, 400, **asked)["errors"]
    sentence = error["detail"]
    assert error["field"] == at
    assert sentence.endswith(".")
    assert "Enter" not in sentence
    assert "Select" not in sentence


def test_explanation_is_the_sheet_and_replays(world: World, sign_in: SignIn, decided: list[Vacancy]) -> None:
    client, vacancy = sign_in("bob"), decided[-1]
    result, stored = read(client, explanation(vacancy)), vacancy.recommendations.get()
    sheet = client.get(reverse("vacancy-detail", args=[vacancy.pk])).context["sheet"]
    outcome = result["recommendation"]
    again = replay(outcome["situation"], version=outcome["engine_version"])
    assert (again["fingerprint"], again["sentence"], again["reason"]) == (
        outcome["fingerprint"],
        outcome["sentence"],
        outcome["reason"],
    )
    assert outcome["fingerprint"] == stored.fingerprint
    assert [row["holder"] for row in result["table"]] == [int(rank["id"]) for rank in again["ranking"]]
    assert [(row["must_be_served_now"], row["in_band"], row["safe"]) for row in result["table"]] == [
        (rank["must_soon"], rank["in_band"], rank["safe"]) for rank in again["ranking"]
    ]
    assert [row["reason"] for row in result["table"]] == [row.hint for row in sheet.ranking.rows]
    assert list(result["table"][0]["lacks"]) == outcome["situation"]["dimensions"]
    assert [other["holder"] for other in result["alternatives"]] == [row["holder"] for row in result["table"][1:]]
    assert [other["sentence"] for other in result["alternatives"]] == [
        row.if_chosen_words for row in sheet.ranking.rows[1:]
    ]
    assert all(other["missed"] or other["safe"] or -other["delay"] > other["limit"] for other in result["alternatives"])
    assert (result["state"], result["routing"], result["vacancy"]["unit"]) == ("RECOMMENDED", None, None)


def test_explanation_states_the_choice_of_the_landlord_and_no_address(
    world: World, sign_in: SignIn, decided: list[Vacancy]
) -> None:
    vacancy = decided[0]
    route_elsewhere(
        vacancy=vacancy,
        holder=world.holders["city"],
        motive="OTHER",
        motive_text="Accord du 23.",
        by=world.people["aline"],
        now=MORNING,
    )
    result = read(sign_in("bob"), explanation(vacancy))
    assert (result["routing"]["motive"], result["routing"]["motive_text"]) == ("OTHER", "Accord du 23.")
    for person, opened in (("chloe", True), ("aline", True), ("bob", False), ("emma", False), ("adam", False)):
        body = sign_in(person).get(explanation(vacancy)).content.decode()
        assert ("Voltaire" in body, vacancy.unit.reference in body) == (opened, opened), person


def test_vacancy_without_a_calculation_has_nothing_to_explain_yet(world: World, sign_in: SignIn) -> None:
    result = read(sign_in("aline"), explanation(world.vacancy()))
    assert (result["state"], result["recommendation"], result["table"], result["alternatives"]) == (
        "WAITING",
        None,
        [],
        [],
    )
    result = read(sign_in("aline"), explanation(world.vacancy(kind="TECHNICAL")))
    assert (result["state"], result["vacancy"]["status"]) == ("TECHNICAL", "none")


def test_why_not_is_that_of_the_page(world: World, sign_in: SignIn, decided: list[Vacancy]) -> None:
    city = world.holders["city"]
    page = sign_in("chloe").get(reverse("why-not-us", args=[decided[0].ledger_id, city.pk]))
    for row in page.context["rows"]:
        result = read(sign_in("chloe"), reverse("api-why-not", args=[row.vacancy.pk, city.pk]))
        assert (result["outcome"], result["sentence"]) == (row.outcome, why_sentence(row))
        assert result["holder"]["id"] == city.pk
    vacancy = decided[0].pk
    for person, holder, status in (
        ("chloe", "als", 404),
        ("bob", "als", 200),
        ("aline", "als", 200),
        ("zoe", "city", 404),
        ("driss", "city", 404),
    ):
        address = reverse("api-why-not", args=[vacancy, world.holders[holder].pk])
        assert sign_in(person).get(address).status_code == status, (person, holder)
    assert sign_in("aline").get(reverse("api-why-not", args=[vacancy, 0])).status_code == 404
    unseen = reverse("api-why-not", args=[world.vacancy().pk, city.pk])
    assert sign_in("aline").get(unseen).status_code == 404


def test_account_is_that_of_the_screen(world: World, sign_in: SignIn, decided: list[Vacancy]) -> None:
    client, ledger = sign_in("chloe"), decided[0].ledger
    assert [row["id"] for row in read(client, LEDGERS)["results"]] == [ledger.pk]
    address = reverse("api-account", args=[ledger.pk])
    result = read(client, address, on="2026-11-24")
    shown = client.get(reverse("account", args=[ledger.pk]), {"on": "2026-11-24"}).context["account"]
    assert [(line["holder"]["id"], line["figures"]) for line in result["lines"]] == [
        (line.holder.pk, line.figures.as_json()) for line in shown.lines
    ]
    assert (result["entered"], result["total"]["received"]) == (8, 8)
    assert read(client, address, on="2025-01-01")["entered"] == 0
    assert read(client, address, 400, on="hier")["errors"] == [
        {
            "field": "on",
            "detail": "« hier » n’est pas une date : écrivez l’année, le mois et le jour, comme 2026-11-24.",
        }
    ]


def test_refusals_read_in_french(world: World, sign_in: SignIn, decided: list[Vacancy]) -> None:
    assert read(stranger("203.0.113.1"), VACANCIES, 401)["detail"].startswith("Connectez-vous d’abord")
    assert read(sign_in("zoe"), explanation(decided[0]), 404)["detail"].startswith("Rien ici pour vous")
    assert read(sign_in("driss"), VACANCIES, 404)["detail"].startswith("Rien ici pour vous")
    assert read(sign_in("adam"), VACANCIES, 400, cursor="9")["code"] == "demande-invalide"
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(sign_in("alice"), method)(explanation(decided[0]))
        rows = (answer.status_code, answer.json()["code"], answer["Allow"])
        assert rows == (405, "methode-refusee", "GET, HEAD, OPTIONS")
    assert sign_in("alice").post(VACANCIES).json()["code"] == "jeton-requis"
    answer = sign_in("adam").get(VACANCIES, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()["detail"]) == (406, "Les réponses sont en JSON (application/json).")


def test_password_sent_with_the_request_does_not_sign_in(world: World) -> None:
    basic = "Basic YWxpY2VAZXhlbXBsZS50ZXN0OnVuIG1vdCBkZSBwYXNzZSBhc3NleiBsb25n"  # Alice and her password
    assert stranger("203.0.113.2").get(VACANCIES, headers={"Authorization": basic}).status_code == 401


def test_who_knocks_without_a_session_is_counted(world: World, sign_in: SignIn, settings: Any) -> None:
    settings.API_LIMITS = API_LIMITS
    somebody = stranger("203.0.113.3")
    knocks = [somebody.get(VACANCIES).status_code for _ in range(31)]
    assert knocks == [401] * 30 + [429]
    assert somebody.get(VACANCIES).json()["detail"].startswith("Trop de demandes")
    assert sign_in("chloe").get(VACANCIES).status_code == 200


@pytest.mark.parametrize("count", [1, 12])
def test_answers_cost_the_same_queries(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    client, city = sign_in("chloe"), world.holders["city"]
    for address, queries in (
        (VACANCIES, 5),
        (explanation(vacancy), 6),
        (reverse("api-why-not", args=[vacancy.pk, city.pk]), 5),
        (LEDGERS, 2),
        (reverse("api-account", args=[vacancy.ledger_id]), 5),
    ):
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200, address


def described() -> dict[str, Any]:
    """The OpenAPI document."""
    return SchemaGenerator().get_schema(public=True)


def test_document_describes_every_address_and_nothing_else(world: World, sign_in: SignIn, capsys: Any) -> None:
    result = read(sign_in("chloe"), reverse("api-schema"))
    offered = {str(each.pattern) for name, each in addresses().items() if name.startswith("api-")}
    written = {re.sub(r"<\w+:pk>", "{id}", each) for each in offered if not each.startswith("^")} - {"api/v1/schema/"}
    assert sorted(result["paths"]) == sorted("/" + re.sub(r"<\w+:(\w+)>", r"{\1}", each) for each in written)
    assert {method for path in result["paths"].values() for method in path} == {"get", "post", "patch"}
    assert all(each["summary"] for path in result["paths"].values() for each in path.values())
    names = {parameter["name"] for parameter in result["paths"]["/api/v1/vacancies/"]["get"]["parameters"]}
    assert names >= {
        "landlord",
        "commune",
        "typology",
        "kind",
        "status",
        "registered_since",
        "registered_until",
        "cursor",
    }
    assert capsys.readouterr().err == ""  # where the description warns of what it had to guess


def test_document_that_is_kept_is_that_of_the_views(tmp_path: Path) -> None:
    """What others build on does not change without its file: if it is meant, ./run manage openapi docs/openapi.json."""
    call_command("openapi", str(tmp_path / "openapi.json"))
    written = (tmp_path / "openapi.json").read_text(encoding="utf-8")
    assert written == (ROOT / "docs/openapi.json").read_text(encoding="utf-8")
    payload = json.loads(written)
    assert payload["openapi"].startswith("3.1")
    for path in payload["paths"].values():
        for operation in path.values():
            assert set(operation["responses"]) > {"400", "401", "403", "404", "405", "406", "429", "503"}


def test_document_speaks_french() -> None:
    rows = list(_descriptions(described()))
    assert "Ce qui a été fait." in rows
    english = re.compile(r"\b(the|of|what|and|one|with|was|who|which|its|by|units?)\b", re.IGNORECASE)
    assert [words for words in rows if english.search(re.sub(r"`[^`]*`( - .*)?", "", words))] == []


def _descriptions(part: Any) -> Iterator[str]:
    """Every description of a document, wherever it is."""
    if isinstance(part, dict):
        if isinstance(part.get("description"), str):
            yield part["description"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _descriptions(each)


def test_answers_keep_to_the_document(world: World, sign_in: SignIn, decided: list[Vacancy]) -> None:
    ledger, city = Ledger.objects.ordinary().get(), world.holders["city"]
    route_elsewhere(
        vacancy=decided[0], holder=city, motive="OTHER", motive_text="Accord.", by=world.people["aline"], now=MORNING
    )
    asked = {
        "/api/v1/vacancies/": VACANCIES,
        "/api/v1/vacancies/{id}/explanation/": explanation(decided[0]),
        "/api/v1/vacancies/{id}/why-not/{holder}/": reverse("api-why-not", args=[decided[0].pk, city.pk]),
        "/api/v1/ledgers/": LEDGERS,
        "/api/v1/ledgers/{id}/account/": reverse("api-account", args=[ledger.pk]),
    }
    document = described()
    for person in ("aline", "bob"):
        for path, address in asked.items():
            shape = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            answer = read(sign_in(person), address)
            found = list(Draft202012Validator(_closed(shape, document)).iter_errors(answer))
            assert [f"{path} {list(error.path)}: {error.message}" for error in found] == []
    waiting = read(sign_in("aline"), explanation(world.vacancy()))
    shape = document["paths"]["/api/v1/vacancies/{id}/explanation/"]["get"]["responses"]["200"]["content"]
    assert list(Draft202012Validator(_closed(shape["application/json"]["schema"], document)).iter_errors(waiting)) == []
    assert FlowEntry.objects.exists()


def _closed(shape: Any, document: dict[str, Any]) -> Any:
    """A schema with its references written out, and OpenAPI's « nullable » in the words of JSON Schema."""
    if isinstance(shape, list):
        return [_closed(part, document) for part in shape]
    if not isinstance(shape, dict):
        return shape
    if "$ref" in shape:
        return _closed(document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], document)
    parts = {name: _closed(part, document) for name, part in shape.items() if name not in {"nullable", "format"}}
    if shape.get("type") == "object" and "properties" in shape:
        parts["additionalProperties"] = False
    return {"anyOf": [parts, {"type": "null"}]} if shape.get("nullable") else parts
