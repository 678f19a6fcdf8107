"""The long files that `./run bench files` times hold every unit that was written again."""

from __future__ import annotations

import pytest

from benchmarks.service.ledgers import holders
from benchmarks.service.streamed import decided, files, multiplied
from flux.models import Routing, Vacancy
from tests.benchmarks.test_storage import france

__all__ = ["france"]


@pytest.mark.usefixtures("france")
def test_files_have_a_line_for_each_unit_that_was_written_again() -> None:
    signing = holders()
    ledger = decided(signing, 12)
    multiplied(3)
    assert Vacancy.objects.count() == Routing.objects.count() == 36
    found = {each.name: each.lines for each in files(ledger, signing["city"])}
    seen = Vacancy.objects.filter(unit__commune=signing["city"].territory).count()
    assert seen > 0
    assert found == {"vacancy-list": seen, "why-not-us-csv": seen}
