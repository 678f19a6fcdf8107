"""Reading a page as a person does: its text, without the markup."""

from __future__ import annotations

import html
import re
from typing import Any

from django.http import HttpResponse

from flux.engine.wording import units
from reservations.models.convention import UNIT


def text_of(response: HttpResponse | Any) -> str:
    """The visible words of the page, one space between them."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace(" .", ".").replace(" ,", ",").split())


def messages_of(response: HttpResponse | Any) -> list[str]:
    """What the page says happened."""
    return [str(message) for message in response.context["messages"]]


def owed(shares: int) -> str:
    """« 0,62 dû », « 2,00 dus »: agrees with what is read, to the hundredth."""
    hundredths = (200 * abs(shares) + UNIT) // (2 * UNIT)
    return f"{units(shares, UNIT)} {'dus' if hundredths >= 200 else 'dû'}"


def received(count: int) -> str:
    """« 1 reçu », « 2 reçus »."""
    return f"{count} reçu{'s' * (abs(count) >= 2)}"
