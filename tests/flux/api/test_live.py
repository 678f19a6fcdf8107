"""The API behind a real server: whatever its document allows, and the client that we give."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from flux.models import Vacancy, WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.webhook_sending import headers, message
from tests.flux.api.software import Software
from tests.house.tree import ROOT
from tests.world import World, build_world

if TYPE_CHECKING:
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
    return build_world()


def test_whatever_the_document_allows_or_not_is_answered_as_it_says(
    live: World, live_server: Any, tmp_path: Path
) -> None:
    """schemathesis over the whole document: 0 server errors, 0 undocumented answers (a short run)."""
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
            *("--checks", ",".join(checks), "--phases", "coverage,fuzzing", "--max-examples", "2"),
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


def test_client_verifies_what_software_is_told(world: World) -> None:
    now = timezone.now()
    endpoint = WebhookEndpoint(secret="whsec_c2VjcmV0")
    event = WebhookEvent(kind="vacancy.declared", vacancy=world.vacancy(), at=now)
    delivery = WebhookDelivery(endpoint=endpoint, event=event)
    body = message(event)
    sent = headers(delivery, body, now)
    told = given.verified(body, sent, "whsec_YXV0cmU=", endpoint.secret)
    assert told["data"] == {"vacancy": event.vacancy_id}
    for wrong in (
        {"body": body + b" "},
        {"headers": {**sent, "webhook-timestamp": "1"}},
        {"headers": {**sent, "webhook-id": "autre"}},
    ):
        with pytest.raises(ValueError, match="Cet envoi"):
            given.verified(wrong.get("body", body), wrong.get("headers", sent), endpoint.secret)
