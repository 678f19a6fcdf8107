"""Whatever ids, filters, orders and words are asked for, nobody reads what is another organisation's.

What is asked is drawn (with a seed) from what Alice's own pages offer: the addresses of all that happened at her
landlord's, the names of their filters, the values of their lists, their orders, their files, and the words by which
one would look for her units and her candidates. It is asked by somebody of each role to whom none of it belongs, by
nobody's member, by nobody, and by software of each of them.
"""

from __future__ import annotations

import json
import re
from html import unescape
from io import BytesIO
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zipfile import ZipFile

from django.test import Client
from django.urls import reverse

from attributions.households.models import Application
from flux.models import Unit, WebhookEndpoint
from reservations.http import AS_FILE, FILES
from reservations.models import ApiToken, FileImport, Membership
from tests.house.rights import cast
from tests.house.test_seeing import CASES, LISTS, PUBLIC, client_of, things
from tests.house.test_seeing_by_software import secret_of
from tests.house.tree import ROOT
from tests.world import World

__all__ = ["things"]

#: How many requests of each person, and of the software of each.
PAGES, CALLS = 24, 8
HOUSEHOLDS = "households"


def marks(world: World) -> dict[str, set[str]]:
    """What is Robine Habitat's and its holders' alone, as pages and files write it, by kind."""
    units = Unit.objects.filter(landlord=world.landlord).order_by("pk")
    requests = Application.objects.order_by("pk")
    return {
        HOUSEHOLDS: {each.name for each in requests} | {each.number for each in requests},
        "units": {each.reference for each in units} | {units[0].address},
        "files": {each.name for each in FileImport.objects.order_by("pk")},
        "software": {each.name for each in ApiToken.objects.order_by("pk")}
        | {each.url for each in WebhookEndpoint.objects.order_by("pk")},
        "people": {f"{name}@exemple.test" for name in ("alice", "aline", "chloe", "fanny")},
    }


def read(client: Client, url: str, headers: dict[str, str] | None = None) -> str:
    """All that an answer says, wherever it leads; a workbook or an archive, by what it holds."""
    body = client.get(url, follow=True, headers=headers or {}).getvalue()
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return unescape(body.decode(errors="replace")).replace("\u202f", " ").replace("\u00a0", " ")


def offered(pages: list[str]) -> dict[str, set[str]]:
    """{parameter: values} of every form and of every link of these pages."""
    found: dict[str, set[str]] = {}
    for page in pages:
        for select in re.findall(r'<select[^>]* name="([^"]+)"(.*?)</select>', page, re.DOTALL):
            found.setdefault(select[0], set()).update(re.findall(r'<option value="([^"]*)"', select[1]))
        for name in re.findall(r'<input[^>]* name="([^"]+)"', page):
            found.setdefault(name, set())
        for link in re.findall(r'href="([^"]*\?[^"]*)"', page):
            for name, value in parse_qsl(urlsplit(unescape(link)).query):
                found.setdefault(name, set()).add(value)
    return {name: values for name, values in found.items() if name not in ("csrfmiddlewaretoken", "password")}


def drawn(chance: Random, parameters: dict[str, set[str]], words: list[str]) -> str:
    """A query: some parameters with a value that their page offers, a word, a number or nonsense; a file, at times."""
    some = chance.sample(sorted(parameters), k=min(len(parameters), chance.randint(0, 4)))
    given = {
        name: chance.choice([*sorted(parameters[name]), chance.choice(words), str(chance.randint(1, 60)), "’--", "-pk"])
        for name in some
    }
    if chance.random() < 0.3:
        given[AS_FILE] = chance.choice(FILES)
    return f"?{urlencode(given)}" if given else ""


def test_nobody_reads_what_is_another_s_whatever_they_ask_for(world: World, things: dict[str, dict[str, Any]]) -> None:
    """In pages, files, search and API."""
    chance, found, secret = Random(18), cast(world, things), marks(world)
    alice = client_of(world, "alice")
    own = [read(alice, reverse(name, args=things.get(name, {}).get("args", []))) for name in LISTS["alice"]]
    shown = {kind: [word for word in words if any(word in page for page in own)] for kind, words in secret.items()}
    assert [kind for kind, words in shown.items() if not words] == [], "each kind is on some page of its own people"
    parameters = offered(own)
    assert len(parameters) > 20
    words = sorted(word for kind in secret.values() for word in kind)
    targets = [
        reverse(name, args=things.get(name, {}).get("args", []))
        for name, method in CASES
        if method == "GET" and name not in PUBLIC  # whose examples are everybody's
    ]
    numbered = [target for target in targets if re.search(r"/\d+/", target)]
    document = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    filters = {
        each["name"]: set(map(str, each["schema"].get("enum", [])))
        for path in document["paths"].values()
        for each in path.get("get", {}).get("parameters", [])
        if each["in"] == "query"
    }
    calls = [target for target in targets if target.startswith("/api/")]
    strangers: dict[str, Membership | None] = {**found.other, "driss": None, "anonymous": None}
    rows, asked = [], 0
    for who, member in strangers.items():
        client = Client()
        if who != "anonymous":
            client.force_login(
                member.user if member else world.people["driss"], backend="django.contrib.auth.backends.ModelBackend"
            )
        kinds = {HOUSEHOLDS: secret[HOUSEHOLDS]} if who == Membership.Role.ADMINISTRATOR else secret
        requests = [
            *((chance.choice(chance.choice([targets, numbered])), None) for _ in range(PAGES)),
            *((f"{reverse('search')}?{urlencode({'q': word})}", None) for word in chance.sample(words, 5)),
        ]
        if member is not None and who != Membership.Role.ADMINISTRATOR:
            bearer = {"Authorization": f"Bearer {secret_of(member)}"}
            requests += [(chance.choice(calls), bearer) for _ in range(CALLS)]
        for target, bearer in requests:
            url = target
            if "?" not in url:
                if chance.random() < 0.3:
                    url = re.sub(r"\d+", lambda number: str(max(1, int(number[0]) + chance.randint(-3, 3))), url)
                url += drawn(chance, filters if bearer else parameters, words)
            page, asked = read(Client() if bearer else client, url, bearer), asked + 1
            typed = unescape(url) + " " + " ".join(value for _, value in parse_qsl(urlsplit(url).query))
            rows += [
                (who, url, kind, word)
                for kind, theirs in kinds.items()
                for word in theirs
                if word in page and word not in typed
            ]
    assert rows == []
    assert asked > 200
