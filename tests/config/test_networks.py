"""The private networks that an operator names."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.networks import private_networks


def test_networks_are_named_with_commas_or_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert private_networks("NETWORKS_OF_A_TEST") == []
    monkeypatch.setenv("NETWORKS_OF_A_TEST", " 10.20.0.0/24, fd12::/64 192.168.1.7")
    read = [ip_network("10.20.0.0/24"), ip_network("fd12::/64"), ip_network("192.168.1.7/32")]
    assert private_networks("NETWORKS_OF_A_TEST") == read


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("10.20.0.7/24", "n’est pas un réseau ; écrivez 10.20.0.0/24."),
        ("interne", "n’est pas un réseau ; écrivez"),
        ("0.0.0.0/0", "n’est pas un réseau privé"),
        ("8.8.8.0/24", "n’est pas un réseau privé"),
        ("127.0.0.0/8", "n’est pas un réseau privé"),
        ("169.254.0.0/16", "n’est pas un réseau privé"),
        ("::1", "n’est pas un réseau privé"),
        ("fe80::/10", "n’est pas un réseau privé"),
        ("::/0", "n’est pas un réseau privé"),
    ],
)
def test_what_is_not_a_private_network_refuses_the_start(
    monkeypatch: pytest.MonkeyPatch, written: str, words: str
) -> None:
    monkeypatch.setenv("NETWORKS_OF_A_TEST", written)
    with pytest.raises(ImproperlyConfigured, match=words):
        private_networks("NETWORKS_OF_A_TEST")
