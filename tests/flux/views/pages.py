"""Reading a page as a person does: its text, without the markup."""

from __future__ import annotations

import html
import re
from typing import Any

from django.http import HttpResponse


def text_of(response: HttpResponse | Any) -> str:
    """The visible words of the page, one space between them."""
    body = re.sub(r"<(script|style|title)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace(" .", ".").replace(" ,", ",").split())


def messages_of(response: HttpResponse | Any) -> list[str]:
    """What the page says happened."""
    return [str(message) for message in response.context["messages"]]
