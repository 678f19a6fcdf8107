"""Where e-mail goes, as an operator writes it."""

from __future__ import annotations

import pytest

from config.mail import mailers_from_url
from config.safety import WORKSTATION, fault

BACKEND = "django.core.mail.backends"


def test_address_of_a_mail_server_is_read_with_its_encryption_its_account_and_its_patience() -> None:
    assert mailers_from_url("") == {}
    smtp = mailers_from_url("smtp://relais.exemple.fr")["default"]
    assert smtp == {"BACKEND": f"{BACKEND}.smtp.EmailBackend", "OPTIONS": {"host": "relais.exemple.fr", "timeout": 20}}
    tls = mailers_from_url("smtp+tls://moi%40exemple.fr:p%2Fs@relais.exemple.fr:587?timeout=5")["default"]["OPTIONS"]
    assert tls == {
        "host": "relais.exemple.fr",
        "port": 587,
        "username": "moi@exemple.fr",
        "password": "p/s",
        "use_tls": True,
        "timeout": 5,
    }
    assert mailers_from_url("smtps://relais.exemple.fr")["default"]["OPTIONS"]["use_ssl"] is True
    assert mailers_from_url("console:")["default"]["BACKEND"] == f"{BACKEND}.console.EmailBackend"
    assert mailers_from_url("file:/var/mails")["default"]["OPTIONS"] == {"file_path": "/var/mails"}
    assert mailers_from_url("mailbox:")["default"]["BACKEND"] == f"{BACKEND}.dummy.EmailBackend"


@pytest.mark.parametrize("url", ["http://moi:secret@exemple.fr", "smtp:", "file:", "smtp://moi:secret@h?timeout=soon"])
def test_another_address_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_URL") as refused:
        mailers_from_url(url)
    assert "secret" not in str(refused.value)


def test_mails_shown_to_everybody_are_refused_in_production() -> None:
    production = {"DATABASE_URL": "postgres://h/b", "SECRET_KEY": "4mN-qkq0Zt_lYb0uD3n1Vw8rXo5sJc7pHa2gTe6iKf9dLxQzBy"}
    for url in ("mailbox:", "console:", "file:/tmp/mails"):
        given = production | {"EMAIL_URL": url}
        assert "à d’autres que leurs destinataires" in fault(given, debug=False)
        assert fault(given | {WORKSTATION: "1"}, debug=False) == ""
    assert fault(production | {"EMAIL_URL": "smtp+tls://relais.exemple.fr"}, debug=False) == ""
