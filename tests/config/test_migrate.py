"""`migrate` checks what tables are made of, and imports no page."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.checks import Error, Tags, register, registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from config.local.state import ROOT

LOADED = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
print(*(name for name in ("flux.models", "flux.urls", "flux.views") if name in sys.modules))
"""


@pytest.mark.django_db(transaction=True)
def test_no_page_is_imported_to_make_tables(process_environment: dict[str, str]) -> None:
    """Two thirds of what it cost on a database that is up to date."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=process_environment, capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.split()) == ("", ["flux.models"])


@pytest.mark.django_db
@pytest.mark.parametrize("tag", [Tags.models, Tags.database])
def test_a_fault_of_models_or_of_the_database_is_refused(tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.registry, "registered_checks", set(registry.registry.registered_checks))
    register(lambda app_configs, **_: [Error("Cette table est bancale.")], tag)
    with pytest.raises(SystemCheckError, match="Cette table est bancale"):
        call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
