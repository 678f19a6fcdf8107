"""The page of the API: its examples are sent as they are read."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flux.api.documentation import examples
from tests.flux.api.software import Software

if TYPE_CHECKING:
    from tests.world import World


def test_examples_of_the_page_answer_as_they_say(world: World) -> None:
    """Read on the page, by whoever has no account, then sent in their order."""
    world.unit(reference="RH-01-001")
    world.unit(reference="RH-01-002")
    page = Client().get(reverse("documentation")).content.decode()
    software, values, name = Software(world), {}, ""
    for example in examples(timezone.localdate()):
        [text] = re.findall(rf'<pre id="{example.key}" tabindex="0">(.*?)</pre>', page, re.DOTALL)
        head, _, content = unescape(text).partition("\n\n")
        line, *lines = head.splitlines()
        method, path, _ = line.split()
        headers = dict(each.split(": ", 1) for each in lines)
        headers = {key: value.replace("{etag}", name) for key, value in headers.items()}
        headers.pop("Authorization"), headers.pop("Content-Type", None)
        path = path.replace("{id}", str(values.get("id")))
        listed = values.get("results") or [{}]
        content = content.replace('"{programme}"', str(listed[0].get("programme", {}).get("id")))
        answer = software.ask(method, path, json.loads(content) if content else None, example.status, **headers)
        values, name = {**values, **answer.json()}, answer.get("ETag", name)
    assert {example.status for example in examples(timezone.localdate())} == {200, 201, 409}
