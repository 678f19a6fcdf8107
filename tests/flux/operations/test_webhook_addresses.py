"""Where nothing is sent: inside a network, however its address is spelt, whatever a name answers."""

from __future__ import annotations

import socket
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from flux.models import WebhookEvent
from flux.operations.webhooks import AddressRefused, check_url, give_endpoint, places_of, post
from tests.flux.operations.test_webhook import Receiver, receiver

if TYPE_CHECKING:
    from tests.world import World

__all__ = ["receiver"]

Kind = WebhookEvent.Kind


@pytest.mark.parametrize(
    "url",
    [
        "http://logiciel.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://192.168.1.10:8443/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:0a00:0001::1]/",
        "https://[::127.0.0.1]/",
        "https://[::10.0.0.1]/",
        "https://[::ffff:0:7f00:1]/",
        "https://[fec0::1]/",
        "https://[5f00::1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://100.64.0.1/",
        "https://localhost/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://localhost./",
        "https://LOCALHOST/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:0a00:1::1]/",
        "https://[::]/",
        "https://[ff02::1]/",
        "https://[fe80::1%25lo]/",
        "https://255.255.255.255/",
        "https://nom:mot@8.8.8.8/",
        "https://8.8.8.8/#fin",
        "https://8.8.8.8:999999/",
        "ftp://8.8.8.8/",
        "https://",
        "https://exemple .fr/",
    ],
)
def test_nothing_is_sent_inside_a_network(world: World, settings: Any, url: str) -> None:
    """Whatever the name says: what it leads to is looked at, when the address is given and each time it is sent to."""
    settings.WEBHOOKS_ON_THIS_MACHINE = False
    with pytest.raises(AddressRefused):
        give_endpoint(member=world.member("alice"), url=url, kinds=[Kind.DECLARED])
    assert post(url, b"{}", {}).status is None


class Names:
    """What a server of names answers to one name, each time that it is asked; addresses are read as they are."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, *answers: list[str]) -> None:
        self.name, self.answers, self.asked, self.read = name, list(answers), 0, socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self.answer)

    def answer(self, host: str, port: int, *rest: Any, **named: Any) -> list[Any]:
        if host != self.name:
            return self.read(host, port, *rest, **named)
        self.asked += 1
        return [each for place in self.answers.pop(0) for each in self.read(place, port, type=socket.SOCK_STREAM)]


def test_a_name_that_turns_to_the_inside_is_refused_each_time_it_is_sent_to(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is given it leads outside; afterwards inside, alone or beside an address of the outside."""
    settings.WEBHOOKS_ON_THIS_MACHINE = False
    names = Names(monkeypatch, "logiciel.example", ["8.8.8.8"], ["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"])
    one = give_endpoint(member=world.member("alice"), url="https://logiciel.example/", kinds=[Kind.DECLARED])
    for asked in (2, 3, 4):
        answer = post(one.url, b"{}", {})
        assert (answer.status, names.asked) == (None, asked)
        assert "réseau privé ou à cette machine" in answer.said


def test_a_name_is_asked_for_once_and_the_place_that_was_checked_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that answers otherwise between the check and the call changes nothing: it is not asked again."""
    names = Names(monkeypatch, "logiciel.example", ["127.0.0.1"], ["10.0.0.1"])
    url = receiver.url.replace("127.0.0.1", "logiciel.example")
    answer = post(url, b'{"type":"x"}', {})
    assert (answer.status, names.asked) == (204, 1), answer.said
    assert [headers["Host"] for headers, _, _ in receiver.taken] == [url.split("/")[2]]


def test_no_redirection_is_followed(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even to where one might be sent at once: it was not given."""
    monkeypatch.setattr(Receiver, "elsewhere", receiver.url)
    for status in (301, 302, 303, 307, 308):
        receiver.answers = [status]
        assert post(receiver.url, b'{"type":"x"}', {}).status == status
    assert len(receiver.taken) == 5


def test_setting_opens_this_machine_and_nothing_else_of_the_inside(settings: Any) -> None:
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    assert places_of(check_url("http://127.0.0.1:9/")) == ["127.0.0.1"]
    for inside in ("http://10.0.0.1/", "https://192.168.0.1/", "http://8.8.8.8/"):
        with pytest.raises(AddressRefused):
            places_of(check_url(inside))
    settings.WEBHOOKS_ON_THIS_MACHINE = False
    assert places_of(check_url("https://8.8.8.8/")) == ["8.8.8.8"]
    assert places_of(check_url("https://[2606:4700:4700::1111]/")) == ["2606:4700:4700::1111"]


def test_the_operator_names_a_network_of_the_inside(settings: Any) -> None:
    """In HTTPS alone, and that network alone, however its addresses are spelt; neither this machine."""
    settings.WEBHOOKS_ON_THIS_MACHINE = False
    settings.WEBHOOK_NETWORKS = [ip_network("10.20.0.0/24"), ip_network("fd12::/64")]
    for url, place in (
        ("https://10.20.0.7:8443/", "10.20.0.7"),
        ("https://[fd12::7]/", "fd12::7"),
        ("https://[::ffff:10.20.0.7]/", "::ffff:10.20.0.7"),
    ):
        assert places_of(check_url(url)) == [place]
    for url in (
        "http://10.20.0.7/",
        "https://10.20.1.7/",
        "https://[fd13::7]/",
        "https://127.0.0.1/",
        "https://[::1]/",
    ):
        with pytest.raises(AddressRefused):
            places_of(check_url(url))
