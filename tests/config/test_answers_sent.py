"""What every answer keeps to, seen from where the web server stands: bytes, a page in French, one line of the log."""

from __future__ import annotations

import gzip
import io
import json
import logging
from collections.abc import Callable, Iterator
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import Client, RequestFactory

from config.logs import logging_configuration
from config.turns import refusal
from tests.reader import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that the product writes in this process, as JSON."""
    configurator = DictConfigurator(dict(logging_configuration("INFO", as_json=True)))
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(configurator.configure_formatter(configurator.config["formatters"]["line"]))
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


def sent(method: str, address: str, **headers: str) -> tuple[str, dict[str, str], bytes]:
    """What our application hands to gunicorn; the test client would empty the body of a HEAD by itself."""
    started: list[tuple[str, dict[str, str]]] = []
    request = RequestFactory(headers={"Host": "localhost", **headers}).generic(method, address)
    answer = get_wsgi_application()(request.environ, lambda status, headers: started.append((status, dict(headers))))
    try:
        body = b"".join(answer)
    finally:
        answer.close()
    [(status, headers)] = started
    return status, headers, body


@pytest.mark.parametrize(
    "address", ["/sante/vivant/", "/sante/", "/sante/pret/", "/nulle/part/", "/connexion/", "/regle/", "/"]
)
def test_a_head_is_answered_without_one_byte_of_body(address: str) -> None:
    """RFC 9110, 9.3.2: « the server MUST NOT send content in the response »; the same status and type as a GET."""
    status, headers, body = sent("HEAD", address)
    wanted, shown, content = sent("GET", address)

    assert (status, headers["Content-Type"], body) == (wanted, shown["Content-Type"], b"")
    assert content or status.startswith("302")
    if address == "/sante/vivant/":
        assert headers["Content-Length"] == str(len(content))


def test_a_page_is_compressed_for_whoever_takes_it_each_time_to_another_length() -> None:
    """docs/decisions/0142: what a page weighs says nothing of its secrets."""
    _, plain_headers, plain = sent("GET", "/regle/")
    pages = [sent("GET", "/regle/", **{"Accept-Encoding": "gzip"}) for _ in range(12)]

    assert "Content-Encoding" not in plain_headers
    for _, headers, body in pages:
        assert (headers["Content-Encoding"], headers["Content-Length"]) == ("gzip", str(len(body)))
        assert "Accept-Encoding" in headers["Vary"]
        assert gzip.decompress(body).decode().startswith("<!doctype html>")
        assert len(body) < len(plain) / 3
    assert len({len(body) for _, _, body in pages}) > 1


def test_a_head_of_a_compressed_page_is_without_a_body() -> None:
    _, headers, body = sent("HEAD", "/regle/", **{"Accept-Encoding": "gzip"})
    assert (headers["Content-Encoding"], body) == ("gzip", b"")


@pytest.mark.parametrize("address", ["/sante/", "/api/v1/openapi.json"])
def test_what_is_no_page_is_not_compressed(address: str) -> None:
    _, headers, _ = sent("GET", address, **{"Accept-Encoding": "gzip"})
    assert not headers["Content-Type"].startswith("text/html")
    assert "Content-Encoding" not in headers


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/connexion/", 200),
        ("/", 302),
        ("/nulle/part/", 404),
        ("/sante/vivant/", 200),
        ("/sante/pret/", 503),
        ("/metriques/", 404),
        ("/api/v1/openapi.json", 401),
        ("/api/v1/vacancies/", 401),
        ("/api/nulle/part/", 404),
        ("/.well-known/security.txt", 404),
        ("/static/app.css", 200),
    ],
)
def test_no_answer_lets_a_page_ask_for_a_device(address: str, status: int) -> None:
    """Pages, errors, files, the API and health alike."""
    found, headers, _ = sent("GET", address)
    assert (int(found.split()[0]), headers.get("Permissions-Policy")) == (status, settings.PERMISSIONS_POLICY)
    assert "camera=()" in settings.PERMISSIONS_POLICY


def test_neither_does_what_is_refused_before_a_page_is_looked_for() -> None:
    for method, headers in (("GET", {"Host": "ailleurs.example"}), ("POST", {}), ("TRACE", {})):
        status, found, _ = sent(method, "/connexion/", **headers)
        assert status[0] == "4", status
        assert found["Permissions-Policy"] == settings.PERMISSIONS_POLICY
    assert f"\r\nPermissions-Policy: {settings.PERMISSIONS_POLICY}\r\n".encode() in refusal()


def test_a_host_that_is_not_ours_gets_a_page_in_french_and_one_line_of_the_log(
    settings: object, written: io.StringIO
) -> None:
    """Robots knock by the address of the server all day long."""
    settings.ALLOWED_HOSTS = ["equiflux.example"]

    answer = Reader().get("/connexion/", headers={"Host": "10.0.0.3:8000"})

    assert answer.status_code == 400
    assert "<h1>Demande refusée</h1>" in answer.content.decode()
    [line] = [json.loads(line) for line in written.getvalue().splitlines()]
    assert line["logger"] == "django.security.DisallowedHost"
    assert line["request_id"] == answer["X-Request-ID"]
    assert "exception" not in line


def test_a_refused_request_names_whom_to_state_when_there_is_somebody(settings: object) -> None:
    settings.ALLOWED_HOSTS, settings.SUPPORT_CONTACT = ["equiflux.example"], "aide@equiflux.example"

    answer = Reader().get("/connexion/", headers={"Host": "10.0.0.3:8000"})

    assert "mailto:aide@equiflux.example" in answer.content.decode()


def test_the_api_refuses_a_request_in_json(settings: object) -> None:
    settings.ALLOWED_HOSTS = ["equiflux.example"]

    answer = Reader().get("/api/vacancies/", headers={"Host": "10.0.0.3:8000"})

    assert answer.status_code == 400
    assert "vérifiez l’une et l’autre" in answer.json()["detail"]


@pytest.mark.parametrize(("address", "status"), [("/nulle/part/", 404), ("/sante/pret/", 503)])
def test_the_line_of_a_refusal_holds_the_identifier_of_its_request(
    sign_in: Callable[[str], Client], written: io.StringIO, address: str, status: int
) -> None:
    answer = sign_in("alice").get(address)

    assert answer.status_code == status
    [line] = [json.loads(line) for line in written.getvalue().splitlines() if "django.request" in line]
    assert line["request_id"] == answer["X-Request-ID"]
