"""What waits in the database and that only the installation reads: unreadable without its key (`SECRET_KEY`), which no
account of the database has."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_str


def sealed(text: str) -> str:
    """This text, unreadable without the key of the installation."""
    return _keys().encrypt(text.encode()).decode()


def unsealed(kept: str) -> str:
    """The text again. Raises cryptography.fernet.InvalidToken when no key of the installation sealed it."""
    return _keys().decrypt(kept.encode()).decode()


def _keys() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(f"mail {force_str(key)}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
