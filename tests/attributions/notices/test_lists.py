"""Each column of the notices has its own value."""

from __future__ import annotations

from datetime import UTC, date, datetime

from attributions.notices.lists import NOTICES
from attributions.notices.models import Notice
from flux.models import Programme, Unit, Vacancy
from reservations.models import Territory
from tests.reservations.exports.listed import listed

NARBONNE = Territory(kind=Territory.Kind.COMMUNE, code="11262", name="Narbonne")
T3 = Unit(reference="RH-01-007", rooms=3, financing_code="13", commune=NARBONNE, programme=Programme(name="Voltaire"))


def test_each_column_of_the_notices() -> None:
    """The moments are those of Paris: each is of the day after."""
    notice = Notice(
        at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
        kind=Notice.Kind.LEASED,
        text="signé le 28 février.",
        vacancy=Vacancy(unit=T3),
        read_at=datetime(2026, 4, 4, 22, 30, tzinfo=UTC),
    )
    found = listed(NOTICES, (notice, True))
    assert found["Le"] == date(2026, 3, 2)
    assert str(found["Événement"]).lower() == str(notice.get_kind_display()).lower()
    assert found["Précision"] == "Signé le 28 février."
    assert found["Logement"] == "RH-01-007"
    assert str(found["Description"]).startswith("T3")
    assert str(found["Description"]).endswith(", Narbonne")
    assert found["Lu le"] == date(2026, 4, 5)
    assert listed(NOTICES, (notice, False))["Logement"] == ""
