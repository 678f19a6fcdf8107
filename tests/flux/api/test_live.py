"""The API behind a real server: whatever its document allows, and the client that we give."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from flux.models import Vacancy, WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.webhook_sending import headers, message
from tests.flux.api.software import Software
from tests.house.tree import ROOT
from tests.world import World
from tests.world_again import the_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

sys.path.insert(0, str(ROOT / "docs/examples"))
import equiflux_client as given

#: What exists, for the acts to be reached; of the methods that an address does not take, one stands for all.
CONFIGURATION = """
[phases.coverage]
unexpected-methods = ["DELETE"]

[[operations]]
include-path-regex = "/vacancies/.id./"
parameters = {{ "path.id" = {vacancy.pk} }}

[[operations]]
include-path-regex = "/ledgers/.id./"
parameters = {{ "path.id" = {vacancy.ledger_id} }}

[[operations]]
include-path-regex = "/units/.id./"
parameters = {{ "path.id" = {vacancy.unit_id} }}
"""


@pytest.fixture
def live(transactional_db: None, live_server: Any, settings: Any) -> World:
    """The small world, committed, behind a real server, and asked without a limit."""
    settings.API_LIMITS = {"anonymous": 10**6, "token": 10**6}
    return the_world()


def test_whatever_the_document_allows_or_not_is_answered_as_it_says(
    live: World, live_server: Any, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """schemathesis over the whole document: 0 server errors, 0 undocumented answers. Every night each bound of each
    parameter, and two draws; one draw in an ordinary run."""
    drawn = ("coverage,fuzzing", "2") if pytestconfig.getoption("all") else ("fuzzing", "1")
    vacancy = live.vacancy()
    sweep_waiting_vacancies()
    software = Software(live)
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION.format(vacancy=vacancy), encoding="utf-8")
    document = tmp_path / "openapi.json"
    document.write_text((ROOT / "docs/openapi.json").read_text(encoding="utf-8"), encoding="utf-8")
    checks = (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "unsupported_method",
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(document)),
            *("--url", f"{live_server}", "--header", f"Authorization: Bearer {software.secret}"),
            *("--checks", ",".join(checks), "--phases", drawn[0], "--max-examples", drawn[1]),
            *("--seed", "1", "--workers", "2", "--no-color", "--continue-on-failure"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_client_that_we_give_does_what_it_says(live: World, live_server: Any) -> None:
    software, today = Software(live), timezone.localdate()
    unit = live.unit(reference="ESI-4021")
    client = given.Equiflux(str(live_server), software.secret, pause=0)
    dates = {"notice_on": today, "available_on": today + timedelta(days=30)}
    made = client.declare(unit="ESI-4021", key="conge-1", **dates)
    assert client.declare(unit="ESI-4021", key="conge-1", **dates) == made
    with pytest.raises(given.Problem) as refused:
        client.declare(unit="RIEN", **dates)
    assert (refused.value.code, refused.value.errors[0]["field"]) == ("demande-invalide", "unit")
    old = dict.fromkeys(dates, today.replace(year=today.year - 1, day=1))
    with pytest.raises(given.Problem) as refused:
        client.declare(unit=live.unit().reference, **old)
    assert refused.value.told["confirmation"]
    live.vacancy()
    sweep_waiting_vacancies()
    listed = list(client.vacancies(page_size="1"))
    assert [each["id"] for each in listed] == list(Vacancy.objects.order_by("-pk").values_list("pk", flat=True))
    read, etag = client.vacancy(made["id"])
    done = client.confirm(made["id"], etag)
    assert (done["status"], done["destination"]) == ("routed", read["destination"])
    with pytest.raises(given.Problem) as refused:
        client.confirm(made["id"], etag)
    assert refused.value.code == "etat-depasse"
    assert client.explanation(made["id"])["state"]
    other = client.cancel(listed[0]["id"], reason="NOTICE_WITHDRAWN", text="Le locataire reste.")
    assert other["status"] == "cancelled"
    [found] = client.units(reference="ESI-4021")
    assert client.correct_unit(found["id"], floor=3)["floor"] == 3
    assert client.balance(live.landlord.organisation.siren, today.year)["by_act"]
    unit.refresh_from_db()
    assert unit.floor == 3


class Heard(given.Equiflux):
    """The client, and what it sent to the real server, by address: the names of its content."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sent: dict[tuple[str, str], set[str]] = {}

    def _once(self, method: str, path: str, content: bytes | None, headers: Any) -> Any:
        self.sent[method, path.partition("?")[0]] = set(json.loads(content) or ()) if content else set()
        return super()._once(method, path, content, headers)


def test_client_has_every_address_of_the_document_and_sends_what_it_asks(live: World, live_server: Any) -> None:
    vacancy, today = live.vacancy(), timezone.localdate()
    pk, unit, programme = vacancy.pk, vacancy.unit_id, vacancy.unit.programme_id
    client = Heard(str(live_server), Software(live).secret, pause=0)
    case = {"letter": "A", "kind": "ALLOCATED"}
    alike = {"rooms": 3, "financing_code": "13", "street": "rue Voltaire"}
    plan = {"delivered_on": today, "expected_units": 4}
    holder = live.holders["city"].pk
    calls: list[Callable[[], Any]] = [
        lambda: list(client.vacancies()),
        lambda: client.vacancy(pk),
        lambda: client.explanation(pk),
        lambda: client.why_not(pk, holder),
        lambda: client.declare(unit="RIEN", notice_on=today, available_on=today),
        lambda: client.confirm(pk),
        lambda: client.override(pk, holder=holder, motive="OTHER", motive_text="Accord."),
        lambda: client.cancel(pk, reason="NOTICE_WITHDRAWN", text="Il reste."),
        lambda: client.resume(pk),
        lambda: client.outcome(pk, outcome="ANSWERED", on=today),
        lambda: list(client.candidates(pk)),
        lambda: client.add_candidate(pk, number="011234567890123456", name="Camille"),
        lambda: client.send_candidates(pk),
        lambda: client.candidate(1),
        lambda: client.instruct(1, etag="x", adults=1),
        lambda: client.withdraw(1, etag="x", reason="WITHDREW"),
        lambda: client.offer(1, etag="x"),
        lambda: client.answer(1, etag="x", accepted=True, answered_on=today),
        lambda: client.document(1, etag="x", received_on=today),
        lambda: client.sign_lease(1, etag="x", signed_on=today),
        lambda: client.undo_lease(1, etag="x", why="Erreur."),
        lambda: list(client.agenda_items()),
        lambda: client.agenda_item(1),
        lambda: client.decide(1, etag="x", cases=[case], votes={1: "FOR"}),
        lambda: list(client.units()),
        lambda: client.unit(unit),
        lambda: client.create_unit(programme=programme, **alike),
        lambda: client.correct_unit(unit, floor=2),
        lambda: list(client.programmes()),
        lambda: client.programme(programme),
        lambda: client.create_programme(name="Les Tilleuls", commune="11262", **plan),
        lambda: client.plan_programme(programme, **plan),
        lambda: client.create_units(programme, count=2, **alike),
        lambda: list(client.ledgers()),
        lambda: client.account(vacancy.ledger_id or 0, today),
        client.balances,
        lambda: client.balance(live.landlord.organisation.siren, today.year),
    ]
    for call in calls:
        with suppress(given.Problem):
            call()
    document = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    found = set()
    for path, operations in document["paths"].items():
        shape = re.compile(re.sub(r"{[^}]+}", "[^/]+", path))
        for method in operations:
            heard = [
                names for (how, where), names in client.sent.items() if how == method.upper() and shape.fullmatch(where)
            ]
            if heard:
                found.add((method, path))
            content = operations[method].get("requestBody", {}).get("content", {}).get("application/json")
            if heard and content:
                asked = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                assert set(asked.get("required", ())) <= heard[0] <= set(asked["properties"]), path
    assert found == {(method, path) for path, operations in document["paths"].items() for method in operations}


def test_client_verifies_what_software_is_reported(world: World) -> None:
    now = timezone.now()
    endpoint = WebhookEndpoint(secret="whsec_c2VjcmV0")
    event = WebhookEvent(kind="vacancy.declared", vacancy=world.vacancy(), at=now)
    delivery = WebhookDelivery(endpoint=endpoint, event=event)
    body = message(event)
    sent = headers(delivery, body, now)
    result = given.verified(body, sent, "whsec_YXV0cmU=", endpoint.secret)
    assert result["data"] == {"vacancy": event.vacancy_id}
    for wrong in (
        {"body": body + b" "},
        {"headers": {**sent, "webhook-timestamp": "1"}},
        {"headers": {**sent, "webhook-id": "autre"}},
    ):
        with pytest.raises(ValueError, match="Cet envoi"):
            given.verified(wrong.get("body", body), wrong.get("headers", sent), endpoint.secret)
