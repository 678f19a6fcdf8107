"""What `migrate` costs is measured on databases of its own, of which nothing is left."""

from __future__ import annotations

import json

import pytest

from benchmarks import migrate
from tests.one_template import server


@pytest.mark.django_db
def test_each_checkout_is_measured_in_turn_and_nothing_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate.main(["--rounds", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) == {"here"}
    assert 0 < figures["here"]["median"] < 300
    with server() as postgres:
        assert not postgres.execute("SELECT FROM pg_database WHERE datname = %s", [migrate.NAME]).fetchall()


@pytest.mark.django_db
def test_a_checkout_that_cannot_be_migrated_is_stated(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "manage.py").write_text("raise SystemExit('no table here')", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "HERE", tmp_path)
        assert migrate.main(["--rounds", "1"]) == 1
    assert "no table here" in capsys.readouterr().err
