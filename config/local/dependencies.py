"""What the product is made of, from its locks: a bill of materials (`./run sbom`), and what is known against it
(`./run audit`).

CycloneDX 1.6 (ECMA-424): every package of `requirements/base.txt`, which is what production installs, and, as optional,
what only a workstation has. The advisories are those of a source in the format of OSV (osv.dev by default; another one
by `ADVISORIES_URL`), which is asked about all of the packages at once; or of a file, where none is reached.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
import urllib.request
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.version import VERSION_PATTERN, Version

from config.local.console import Refusal, say
from config.local.state import ROOT

LOCKS = ROOT / "requirements"
#: What a workstation adds to what production has.
PRODUCTION, WORKSTATION = LOCKS / "base.txt", LOCKS / "dev.txt"
SOURCE = "https://api.osv.dev/v1/querybatch"
#: How OSV names where our packages come from.
ECOSYSTEM = "PyPI"
#: In seconds.
WAIT = 30

VERSION = re.compile(rf"\s*{VERSION_PATTERN}\s*", re.VERBOSE | re.IGNORECASE)
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
VIA = re.compile(r"^\s+#\s+(?:via\s+)?(?P<name>[A-Za-z0-9._-]+)(?:\s+\(pyproject\.toml\))?\s*$")


@dataclass(slots=True)
class Package:
    """A package that is locked; `via`: those that want it."""

    name: str
    version: str
    via: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


def locked(lock: Path) -> dict[str, Package]:
    """{name: package} of a lock, as it was compiled: « name==version », then who wants it."""
    found: dict[str, Package] = {}
    last = None
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pinned := PINNED.match(line):
            name = _normal(pinned["name"])
            last = found.setdefault(name, Package(name, pinned["version"]))
        elif last is not None and (via := VIA.match(line)):
            last.via.append(via["name"].lower())
    return found


def _normal(name: str) -> str:
    """The name of a package, as PEP 503 compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def bill_of_materials() -> dict[str, Any]:
    """The CycloneDX document. The same locks give the same bytes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    production, every = locked(PRODUCTION), locked(WORKSTATION)
    product = f"pkg:pypi/{project['name']}@{project['version']}"
    wants: dict[str, list[str]] = {reference: [] for reference in (product, *(p.reference for p in every.values()))}
    for package in every.values():
        for parent in package.via:
            above = product if parent == project["name"] else every[parent].reference if parent in every else None
            if above is not None:
                wants[above].append(package.reference)
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in (PRODUCTION, WORKSTATION))).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_OID, digest).urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": product,
                "name": project["name"],
                "version": project["version"],
                "purl": product,
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": each.reference,
                "name": each.name,
                "version": each.version,
                "purl": each.reference,
                "scope": "required" if each.name in production else "optional",
            }
            for each in every.values()
        ],
        "dependencies": [{"ref": above, "dependsOn": sorted(set(below))} for above, below in wants.items()],
    }


def sbom(arguments: Sequence[str]) -> int:
    """`./run sbom [FILE]`: write the bill of materials there, or on the screen."""
    text = json.dumps(bill_of_materials(), indent=2, ensure_ascii=False) + "\n"
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


def audit(arguments: Sequence[str]) -> int:
    """`./run audit [ARCHIVE]`: 0 when nothing is known against what is locked, 1 with what is.

    The archive holds advisories recorded elsewhere, for a machine that reaches no source. Raises Refusal when either
    cannot be read.
    """
    packages = list(locked(WORKSTATION).values())
    found = _recorded(Path(arguments[0]), packages) if arguments else _asked(packages)
    for package, advisory in found:
        say(f"{package.name} {package.version} : {advisory}")
    say(f"{len(packages)} paquets verrouillés, {len(found)} avis de sécurité.")
    return 1 if found else 0


def _asked(packages: Sequence[Package]) -> list[tuple[Package, str]]:
    """What the source answers of all of them at once: (package, advisory)."""
    queries = [{"package": {"name": p.name, "ecosystem": ECOSYSTEM}, "version": p.version} for p in packages]
    source = os.environ.get("ADVISORIES_URL", "").strip() or SOURCE
    if not source.startswith(("https://", "http://")):
        raise Refusal(f"ADVISORIES_URL : « {source} » n’est pas une adresse. Donnez https://…")
    asked = urllib.request.Request(  # noqa: S310 - the scheme is looked at above
        source, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=WAIT) as answer:  # noqa: S310
            results = json.loads(answer.read())["results"]
    except (OSError, ValueError, KeyError) as error:
        raise Refusal(
            f"Les avis de sécurité n’ont pas pu être lus à {source} ({error}). Relancez là où cette adresse répond, "
            "donnez-en une autre par ADVISORIES_URL (même format qu’OSV), ou le fichier des avis : « ./run audit "
            "all.zip »."
        ) from error
    if len(results) != len(packages):
        raise Refusal(f"{source} n’a pas répondu de chaque paquet : {len(results)} réponses, {len(packages)} demandes.")
    return [
        (package, advisory["id"])
        for package, result in zip(packages, results, strict=True)
        for advisory in result.get("vulns", [])
    ]


def _recorded(archive: Path, packages: Sequence[Package]) -> list[tuple[Package, str]]:
    """What a ZIP of advisories, one JSON each in the format of OSV (https://ossf.github.io/osv-schema/), says of them;
    those that were withdrawn say nothing."""
    by_name = {package.name: package for package in packages}
    found = []
    try:
        with zipfile.ZipFile(archive) as recorded:
            for name in sorted(recorded.namelist()):
                advisory = json.loads(recorded.read(name))
                bearing = {
                    _normal(each["package"]["name"])
                    for each in advisory.get("affected", ())
                    if (package := by_name.get(_normal(each["package"]["name"]))) is not None
                    and each["package"]["ecosystem"] == ECOSYSTEM
                    and _is_affected(Version(package.version), each)
                }
                if not advisory.get("withdrawn"):
                    found += [(by_name[each], advisory["id"]) for each in sorted(bearing)]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Refusal(
            f"Le fichier des avis « {archive.name} » n’a pas pu être lu ({error}). Donnez une archive ZIP d’avis au "
            "format OSV, comme celle que osv.dev publie pour PyPI."
        ) from error
    return found


def _is_affected(version: Version, affected: Mapping[str, Any]) -> bool:
    """Is it listed, or between an event that introduces the fault and the next that ends it?"""
    if any(Version(each) == version for each in affected.get("versions", ()) if VERSION.fullmatch(each)):
        return True
    return any(_lies_in(version, each["events"]) for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM")


def _lies_in(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    """The last event at or before this version introduces it; `last_affected` ends it after itself."""
    is_in = False
    order = sorted(((Version(text), kind) for each in events for kind, text in each.items()), key=lambda each: each[0])
    for at, kind in order:
        if at < version or (at == version and kind != "last_affected"):
            is_in = kind == "introduced"
    return is_in
