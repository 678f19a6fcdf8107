"""Software that is reported: nothing lost, nothing twice, nothing to whom it does not concern, nothing inside a
network."""

from __future__ import annotations

import inspect
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import (
    AuthorityKeyIdentifier,
    BasicConstraints,
    Certificate,
    CertificateBuilder,
    IPAddress,
    KeyUsage,
    Name,
    NameAttribute,
    SubjectAlternativeName,
    SubjectKeyIdentifier,
    random_serial_number,
)
from cryptography.x509.oid import NameOID
from django.db import transaction
from django.utils import timezone

from flux.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.operations import webhooks
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.webhook_sending import KEPT, TOO_LONG, message, purge_sent, signature, tell_software
from flux.operations.webhooks import (
    OVERLAP,
    WebhookRefused,
    give_endpoint,
    post,
    replace_secret,
    replay_delivery,
    resume_endpoint,
    stop_endpoint,
)
from tests.attributions.households.candidates import routed, sent
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

Kind, State = WebhookEvent.Kind, WebhookDelivery.State


class Receiver:
    """A real server on this machine: it keeps what it takes, and answers as it is reported to."""

    elsewhere = "http://169.254.169.254/"

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], dict[str, Any], bytes]] = []
        self.answers: list[int | str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = owner.answers.pop(0) if owner.answers else 204
                if answer == "hang":
                    owner.released.wait(30)
                    return
                owner.taken.append((dict(self.headers), json.loads(body), body))
                if answer == "cut":  # taken, and the answer is lost
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(int(answer))
                self.send_header("Location", owner.elsewhere)
                self.end_headers()
                self.wfile.write(b"d" * 1000 if answer != 204 else b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/faits?de=equiflux"

    @property
    def kinds(self) -> list[str]:
        return [each["type"] for _, each, _ in self.taken]

    @property
    def identifiers(self) -> list[str]:
        return [headers["webhook-id"] for headers, _, _ in self.taken]

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    server = Receiver()
    yield server
    server.close()


def endpoint(world: World, receiver: Receiver, person: str = "alice", *kinds: str) -> WebhookEndpoint:
    return give_endpoint(member=world.member(person), url=receiver.url, kinds=kinds or Kind.values)


def later(**time: float) -> Any:
    return timezone.now() + timedelta(**time)


def test_fact_is_written_with_its_act_signed_and_reported_to_whoever_may_know(world: World, receiver: Receiver) -> None:
    """Standard Webhooks: an identifier, a moment, a signature by the secret; ids and codes, and no household."""
    before = world.vacancy()
    mine, other = endpoint(world, receiver), Receiver()
    give_endpoint(member=world.member("zoe"), url=other.url, kinds=Kind.values)
    vacancy = world.vacancy()
    with transaction.atomic():
        world.vacancy()
        transaction.set_rollback(True)
    sweep_waiting_vacancies(now=MORNING)
    assert tell_software() == 3
    assert receiver.kinds == ["vacancy.declared", "vacancy.recommended", "vacancy.recommended"]
    headers, result, body = receiver.taken[0]
    assert result["data"] == {"vacancy": vacancy.pk, "kind": "IN_FLOW"}
    assert {each["data"]["vacancy"] for _, each, _ in receiver.taken[1:]} == {before.pk, vacancy.pk}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert headers["webhook-signature"] == f"v1,{signature(mine.secret, signed)}"
    assert tell_software() == 0
    assert other.taken == []
    other.close()


def test_candidates_are_reported_to_those_who_follow_the_unit_and_name_nobody(world: World, receiver: Receiver) -> None:
    city, state = endpoint(world, receiver, "chloe"), endpoint(world, receiver, "bob")
    routing = routed(world)
    sent(world, routing, 1)
    tell_software()
    values = {
        each: set(WebhookDelivery.objects.filter(endpoint=each).values_list("event__kind", flat=True))
        for each in (city, state)
    }
    assert values[city] - values[state] == {"candidates.sent"}
    assert "vacancy.routed" in values[state]
    assert b"Durand" not in b"".join(body for _, _, body in receiver.taken)


def test_receiver_that_fails_loses_nothing_and_gets_nothing_twice_by_its_identifier(
    world: World, receiver: Receiver
) -> None:
    """A refusal, an answer that is lost and a redirection are not received: they come back, later and later."""
    one = endpoint(world, receiver, "alice", Kind.DECLARED)
    world.vacancy()
    receiver.answers = [500, "cut", 302]
    for minutes in (0, 1, 10):
        assert tell_software(now=later(minutes=minutes)) == 0
    one.refresh_from_db()
    assert one.failing_since is not None
    assert tell_software(now=later(minutes=10)) == 0  # its turn has not come
    assert tell_software(now=later(hours=2)) == 1
    [delivery] = WebhookDelivery.objects.all()
    assert (delivery.state, delivery.tries) == (State.DELIVERED, 4)
    assert set(receiver.identifiers) == {str(delivery.identifier)}
    assert len(receiver.taken) == 4
    kept = list(WebhookAttempt.objects.order_by("pk").values_list("status", "said"))
    assert [status for status, _ in kept] == [500, None, 302, 204]
    assert kept[0][1] == "d" * 300
    one.refresh_from_db()
    assert one.failing_since is None
    replay_delivery(delivery=delivery)
    assert tell_software() == 1
    assert receiver.identifiers[-1] == str(delivery.identifier)


def test_receiver_that_hangs_stops_nobody_else_and_is_stopped_in_the_end(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is cut after its time, its other facts wait for their turn; five days later it is stopped. Nothing is lost."""
    monkeypatch.setattr(webhooks, "WHOLE", 0.3)
    slow, good = endpoint(world, receiver, "alice", Kind.DECLARED), Receiver()
    give_endpoint(member=world.member("alice"), url=good.url, kinds=[Kind.DECLARED])
    for _ in range(3):
        world.vacancy()
    receiver.answers = ["hang"]
    assert tell_software() == 3
    assert (len(good.taken), len(receiver.taken)) == (3, 0)
    assert WebhookAttempt.objects.filter(status=None).count() == 1
    good.close()
    receiver.answers = [500] * 50
    for day in range(1, 8):
        tell_software(now=later(days=day))
    slow.refresh_from_db()
    assert (slow.stopped, slow.stopped_at is not None) == ("FAILING", True)
    assert timedelta(days=6) > slow.stopped_at - slow.failing_since > TOO_LONG
    world.vacancy()
    before = len(receiver.taken)
    tell_software(now=later(days=9))
    assert len(receiver.taken) == before
    receiver.answers = []
    assert resume_endpoint(endpoint=slow, now=later(days=9)) == 4
    assert tell_software(now=later(days=9)) == 4
    assert len(set(receiver.identifiers)) == 4


def certified(name: str, *, by: tuple[Certificate, EllipticCurvePrivateKey] | None = None) -> tuple[Any, Any]:
    """A certificate for this machine, signed by an authority; an authority itself, without one."""
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    subject = Name([NameAttribute(NameOID.COMMON_NAME, name)])
    made = CertificateBuilder().subject_name(subject).issuer_name(by[0].subject if by else subject)
    made = made.public_key(key.public_key()).serial_number(random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(BasicConstraints(ca=by is None, path_length=None), critical=True)
    made = made.add_extension(SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if by is None:
        usage = dict.fromkeys(inspect.signature(KeyUsage).parameters, False) | {"key_cert_sign": True, "crl_sign": True}
        made = made.add_extension(KeyUsage(**usage), critical=True)
    else:
        of = AuthorityKeyIdentifier.from_issuer_public_key(by[1].public_key())
        made = made.add_extension(SubjectAlternativeName([IPAddress(ip_address("127.0.0.1"))]), critical=False)
        made = made.add_extension(of, critical=False)
    return made.sign(by[1] if by else key, SHA256()), key


def test_a_receiver_in_https_is_reported_when_its_authority_is_known_and_never_when_it_is_not(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real receiver, with certificates made for the test: nothing is stated before its certificate holds."""
    known, unknown = certified("Autorité connue"), certified("Autorité inconnue")
    (tmp_path / "known.pem").write_bytes(known[0].public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "known.pem"))
    answers = {}
    for name, authority in (("known", known), ("unknown", unknown), ("alone", None)):
        certificate, key = certified("127.0.0.1", by=authority)
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / f"{name}.server.pem").write_bytes(plain + certificate.public_bytes(Encoding.PEM))
        server = Receiver()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / f"{name}.server.pem")
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        try:
            answers[name] = (post(server.url.replace("http:", "https:"), b'{"type":"x"}', {}), len(server.taken))
        finally:
            server.close()
    answer, taken = answers["known"]
    assert (answer.status, taken) == (204, 1), answer.said
    for name in ("unknown", "alone"):
        answer, taken = answers[name]
        assert (answer.status, answer.is_received, taken) == (None, False, 0)
        assert "certificate verify failed" in answer.said


def test_receiver_that_never_ends_its_greeting_is_cut(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In HTTPS too: a byte now and then is no answer, and takes no worker."""
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    monkeypatch.setattr(webhooks, "WHOLE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        done = threading.Event()

        def drip() -> None:
            try:
                taken, _ = server.accept()
            except TimeoutError:  # the half second was over before the call began: there is nobody to keep waiting
                return
            with taken:
                taken.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 kB that never comes
                while not done.wait(0.1):
                    try:
                        taken.sendall(b"\x00")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        answer = post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        done.set()
        thread.join()
    assert answer.status is None
    assert answer.said.startswith("Pas de réponse")


def test_secret_is_replaced_without_a_message_refused(world: World, receiver: Receiver) -> None:
    """Both sign for a day, then the new one alone."""
    old = endpoint(world, receiver)
    new = replace_secret(endpoint=old)
    for hours, secrets in ((0, [new.secret, old.secret]), (OVERLAP.total_seconds() / 3600 + 1, [new.secret])):
        world.vacancy()
        tell_software(now=later(hours=hours))
        headers, _, body = receiver.taken[-1]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        assert headers["webhook-signature"].split() == [f"v1,{signature(each, signed)}" for each in secrets]


def test_worker_that_dies_while_it_sends_leaves_it_to_the_next_one(world: World, receiver: Receiver) -> None:
    """What it took comes back after a minute, under the same identifier."""
    endpoint(world, receiver, "alice", Kind.DECLARED)
    world.vacancy()
    receiver.answers = ["cut"]
    tell_software()
    WebhookAttempt.objects.all().delete()  # as if nothing had been written since it was taken
    assert tell_software() == 0
    assert tell_software(now=later(minutes=2)) == 1
    assert len(set(receiver.identifiers)) == 1


def test_what_is_reported_is_forgotten_after_its_term(world: World, receiver: Receiver) -> None:
    endpoint(world, receiver, "alice", Kind.DECLARED)
    world.vacancy()
    tell_software()
    assert purge_sent() == 0
    assert purge_sent(now=later(days=KEPT.days + 1)) == 3  # the fact, its delivery, its attempt
    assert not WebhookEvent.objects.exists()


def test_address_is_given_once_for_facts_that_exist(world: World, receiver: Receiver) -> None:
    for kinds in ([], ["vacancy.declared", "everything"]):
        with pytest.raises(WebhookRefused):
            give_endpoint(member=world.member("alice"), url=receiver.url, kinds=kinds)
    one = endpoint(world, receiver)
    stop_endpoint(endpoint=one, why="BY_HAND")
    stop_endpoint(endpoint=one, why="FAILING")
    one.refresh_from_db()
    assert one.stopped == "BY_HAND"
    assert message(WebhookEvent(kind=Kind.BALANCE, ledger_id=7, at=MORNING)).startswith(b'{"data":{"ledger":7}')
