"""Static files as production serves them: compressed, under names that hold their fingerprint, kept a year."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import brotli
import pytest
from django.conf import settings as house
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
from django.urls import reverse

from config.local.services import collecting_static
from config.local.state import ROOT, State
from config.local.supervisor import supervising
from reservations.exports.file_import import ORIGIN, ForeignResource, static_file

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Collected:
    """What `./run demo` collects, and what it gives to the processes that serve it."""

    folder: Path
    log: Path
    again: bool


#: A file is closed as a request is: the connection that another test left would be looked at.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collected]:
    """Twice: the second start has nothing to do."""
    state = State(tmp_path_factory.mktemp("collected"))
    assert state.lock()
    with supervising(state, "demo", considerate=False) as supervisor:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
        with collecting_static(supervisor, environment) as collected:
            first = Path(collected()["STATIC_ROOT"])
        before = state.log("collectstatic").stat().st_mtime_ns
        with collecting_static(supervisor, environment) as collected:
            collected()
        again = state.log("collectstatic").stat().st_mtime_ns != before
        yield Collected(first, state.log("collectstatic"), again)


@pytest.fixture
def as_production(collected: Collected, settings: object) -> Client:
    """A client of the product on the collected files."""
    settings.STATIC_ROOT = str(collected.folder)
    settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = {
        **house.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    return Client()


def fetch(client: Client, name: str, **headers: str) -> tuple[dict[str, str], bytes]:
    """Headers and bytes of one file, closed once read."""
    answer = client.get(name, headers=headers)
    content = answer.getvalue()
    answer.close()
    assert answer.status_code == 200, name
    return dict(answer.headers), content


def addresses(page: str) -> list[str]:
    """Every static file that a page names."""
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


def test_a_page_names_fingerprinted_files_kept_a_year(as_production: Client) -> None:
    """The sign-in page and its script, style and icon; asked by GET and by HEAD."""
    named = addresses(as_production.get(reverse("sign-in")).content.decode())

    assert len(named) >= 3
    assert [name for name in named if not re.search(r"\.[0-9a-f]{12}\.(css|js|svg)$", name)] == []
    for name in named:
        headers, _ = fetch(as_production, name)
        assert headers["Cache-Control"] == f"max-age={YEAR}, public, immutable"
        assert as_production.head(name).status_code == 200


def test_a_style_comes_compressed_to_whoever_takes_it(as_production: Client) -> None:
    """Brotli first, then gzip, then as it is: the same content."""
    name = staticfiles_storage.url("app.css")
    _, plain = fetch(as_production, name)
    headers, small = fetch(as_production, name, **{"Accept-Encoding": "gzip, br"})
    older_headers, older = fetch(as_production, name, **{"Accept-Encoding": "gzip"})

    assert (headers["Content-Encoding"], older_headers["Content-Encoding"]) == ("br", "gzip")
    assert brotli.decompress(small) == gzip.decompress(older) == plain
    assert len(small) < len(plain) / 2


def test_a_name_without_fingerprint_is_asked_again_after_a_minute(as_production: Client) -> None:
    headers, _ = fetch(as_production, "/static/app.css")
    assert headers["Cache-Control"] == "max-age=60, public"


def test_the_printer_finds_a_file_under_its_fingerprinted_name(as_production: Client) -> None:
    """A page to print names its style as every page does; the content is the source's, to the byte."""
    url = staticfiles_storage.url("document.css")

    assert url != "/static/document.css"
    assert static_file(ORIGIN + url) == ((ROOT / "static" / "document.css").read_bytes(), "text/css")


def test_a_page_that_waited_over_a_release_is_drawn_in_the_style_of_today(as_production: Client) -> None:
    """The order of a balance holds its page, and its page names a file that the release replaced; or that of a site
    that has collected, drawn by a worker that has not."""
    gone = ORIGIN + "/static/document.0123456789ab.css"

    assert static_file(gone) == ((ROOT / "static" / "document.css").read_bytes(), "text/css")
    with pytest.raises(ForeignResource):
        static_file(ORIGIN + "/static/document.older.css")


def test_the_error_page_needs_nothing_but_the_fingerprinted_styles(as_production: Client) -> None:
    """It is drawn without a request, when everything else failed."""
    from django.template.loader import render_to_string

    named = addresses(render_to_string("500.html"))
    kept = [fetch(as_production, name)[0]["Cache-Control"] for name in named]
    assert kept == [f"max-age={YEAR}, public, immutable"] * 2


def test_the_demonstration_collects_once(collected: Collected) -> None:
    assert not collected.again
    assert json.loads((collected.folder / "staticfiles.json").read_text())["paths"]["app.css"]


def test_without_a_folder_given_nothing_need_be_collected() -> None:
    """As in the tests themselves, and under `runserver`: the sources, by their own names."""
    script = "import django; django.setup(); from django.templatetags.static import static; print(static('app.css'))"
    environment = {name: value for name, value in os.environ.items() if name != "STATIC_ROOT"}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    asked = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "/static/app.css"
