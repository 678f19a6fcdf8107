"""Whose failed sign-ins are counted together."""

import pytest
from django.test import RequestFactory

from config.networks import client_address, counted_address


@pytest.mark.parametrize(
    ("https", "forwarded", "address"),
    [
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (True, "", "10.0.0.1"),
        (False, "203.0.113.9", "10.0.0.1"),
    ],
)
def test_client_address(settings: object, https: bool, forwarded: str, address: str) -> None:
    settings.HTTPS = https
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **headers)) == address


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2::"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", "10.0.0.1"),
    ],
)
def test_a_customer_of_ipv6_is_one_address_and_what_is_none_is_not_believed(
    settings: object, forwarded: str, counted: str
) -> None:
    settings.HTTPS = True
    assert counted_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)) == counted


def test_no_address_at_all_is_counted_as_none() -> None:
    """Gunicorn behind a Unix socket."""
    assert counted_address(RequestFactory().get("/", REMOTE_ADDR="")) is None
