"""What the product is made of, and what is known against it, by a command, from the locks."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import distribution
from pathlib import Path

import pytest

from config.local.cli import main
from config.local.dependencies import PRODUCTION, WORKSTATION, locked


def test_the_bill_of_materials_has_every_locked_package_and_who_wants_it(tmp_path: Path) -> None:
    """CycloneDX 1.6; the versions are those that are installed here."""
    assert main(["sbom", str(tmp_path / "sbom.json")]) == 0
    payload = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    assert (payload["bomFormat"], payload["specVersion"]) == ("CycloneDX", "1.6")
    components = {each["name"]: each for each in payload["components"]}
    assert components.keys() == locked(WORKSTATION).keys()
    required = {name for name, each in components.items() if each["scope"] == "required"}
    assert required == locked(PRODUCTION).keys()
    for name in ("django", "celery", "pytest"):
        assert components[name]["version"] == distribution(name).version
        assert components[name]["purl"] == f"pkg:pypi/{name}@{distribution(name).version}"
    wants = {each["ref"]: each["dependsOn"] for each in payload["dependencies"]}
    references = {each["bom-ref"] for each in payload["components"]}
    assert wants.keys() == references | {payload["metadata"]["component"]["bom-ref"]}
    assert components["kombu"]["bom-ref"] in wants[components["celery"]["bom-ref"]]
    assert components["django"]["bom-ref"] in wants[payload["metadata"]["component"]["bom-ref"]]
    wanted = {each for below in wants.values() for each in below}
    assert sorted(references - wanted) == [], "no package is there for nothing"


class Advisories(BaseHTTPRequestHandler):
    """A source in the format of OSV, which knows something against one package."""

    against = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        results = [{"vulns": [{"id": "PYSEC-2026-1"}]} if q["package"]["name"] == self.against else {} for q in asked]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": results}).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Advisories]]:
    server = HTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ADVISORIES_URL", f"http://127.0.0.1:{server.server_port}/")
    yield Advisories
    server.shutdown()
    server.server_close()
    Advisories.against = ""


def test_what_is_known_against_a_locked_package_is_reported_and_fails(
    source: type[Advisories], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit"]) == 0
    assert f"{len(locked(WORKSTATION))} paquets verrouillés, 0 avis de sécurité." in "".join(capfd.readouterr())
    source.against = "django"
    assert main(["audit"]) == 1
    assert f"django {distribution('django').version} : PYSEC-2026-1" in "".join(capfd.readouterr())


#: Advisories against django, in the format of OSV, each with what makes it bear or not on the version that is locked.
HERE = distribution("django").version
AGAINST = {"package": {"ecosystem": "PyPI", "name": "Django"}}
RECORDED = {
    "listed": {"affected": [AGAINST | {"versions": ["1.0", HERE]}]},
    "listed-otherwise": {"affected": [AGAINST | {"versions": ["1.0", "not a version"]}]},
    "open": {"affected": [AGAINST | {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]},
    "mended-here": {
        "affected": [AGAINST | {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": HERE}]}]}]
    },
    "introduced-again": {
        "affected": [
            AGAINST
            | {
                "ranges": [
                    {
                        "type": "ECOSYSTEM",
                        "events": [{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": HERE}, {"fixed": "999"}],
                    }
                ]
            }
        ]
    },
    "last-here": {
        "affected": [
            AGAINST | {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": HERE}]}]}
        ]
    },
    "last-before": {
        "affected": [
            AGAINST | {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1.2"}]}]}
        ]
    },
    "commits": {"affected": [AGAINST | {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]},
    "withdrawn": {"withdrawn": "2026-01-01T00:00:00Z", "affected": [AGAINST | {"versions": [HERE]}]},
    "elsewhere": {"affected": [{"package": {"ecosystem": "npm", "name": "django"}, "versions": [HERE]}]},
    "another": {"affected": [{"package": {"ecosystem": "PyPI", "name": "unheard-of"}, "versions": [HERE]}]},
}
BEAR = ("introduced-again", "last-here", "listed", "open")


def test_advisories_are_read_from_a_file_where_no_source_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A closed network carries the archive in: nothing is asked of anybody."""
    monkeypatch.setenv("ADVISORIES_URL", "http://127.0.0.1:9/")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, advisory in RECORDED.items():
            archive.writestr(f"{name}.json", json.dumps({"id": name} | advisory))
    assert main(["audit", str(tmp_path / "all.zip")]) == 1
    *known, summary = capfd.readouterr().err.splitlines()
    assert known == [f"django {HERE} : {each}" for each in BEAR]
    assert summary.endswith(f"paquets verrouillés, {len(BEAR)} avis de sécurité.")
    for wrong in (tmp_path / "none.zip", tmp_path / "text.zip"):
        (tmp_path / "text.zip").write_text("[]", encoding="utf-8")
        assert main(["audit", str(wrong)]) == 1
        assert f"« {wrong.name} » n’a pas pu être lu" in "".join(capfd.readouterr())


def test_a_source_that_does_not_answer_is_no_good_news(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADVISORIES_URL", "http://127.0.0.1:9/")
    assert main(["audit"]) == 1
    assert "n’ont pas pu être lus" in "".join(capfd.readouterr())
