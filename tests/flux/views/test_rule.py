"""The public page of the rule: open to all, and true."""

from __future__ import annotations

import re
from itertools import product

from django.urls import reverse

from config.local.state import ROOT
from flux.engine.wording import counted, units
from flux.pages.example import HOLDERS, YEAR, example
from flux.pages.starting import BRINGS
from reservations.models.convention import UNIT
from tests.flux.views.test_account import cells, page
from tests.reader import Reader


def test_rule_is_read_without_signing_in(db: None) -> None:
    text = page(Reader(), reverse("rule"))
    assert "<h1>À qui revient le prochain logement ?</h1>" in text
    assert "Tant que les droits portent sur un même territoire et que les parts ne changent pas" in text
    assert "Tijdeman" in text


def test_rule_reads_no_table(db: None, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):
        page(Reader(), reverse("rule"))


def test_example_keeps_the_promise_that_the_page_makes() -> None:
    shown = example()
    assert sum(shown.shares) == UNIT
    assert shown.bound == UNIT - UNIT // (2 * len(HOLDERS) - 2)
    assert 0 < shown.widest <= shown.bound < UNIT
    assert all(sum(step.gaps) == 0 for step in shown.steps)
    assert shown.by_plan.reason in {"KNOWN_DEADLINE", "KNOWN_MIX"}
    assert shown.version == 2
    assert not any("À Non réservé" in step.sentence or "à Non réservé" in step.sentence for step in shown.steps)


def test_rule_writes_the_example_as_the_engine_works_it_out(db: None) -> None:
    shown, text = example(), page(Reader(), reverse("rule"))
    rows = [row for row in cells(text) if row[0].startswith("n° ")]
    assert f"« {shown.by_plan.sentence} »" in text
    assert [row[2:] for row in rows] == [[units(gap, UNIT, signed=True) for gap in step.gaps] for step in shown.steps]
    assert all(step.sentence in row[1] for step, row in zip(shown.steps, rows, strict=True))
    assert f"jusqu’à {YEAR} logements : aucun écart n’a dépassé <b>{counted(shown.widest, UNIT)}</b>" in text


def test_an_elected_member_reads_it_in_four_hundred_words(db: None) -> None:
    """The table of the example apart, which is read line by line."""
    main = page(Reader(), reverse("rule")).split("<main", 1)[1].split(">", 1)[1].split("</main>", 1)[0]
    result = re.sub(r"<table.*?</table>|<header.*?</header>|<[^>]*>", " ", main, flags=re.DOTALL)
    assert len(re.findall(r"\w[\w’'-]*", result)) <= 400


def test_no_rule_keeps_two_halves_under_one_unit_in_both_dimensions() -> None:
    """What the page says is impossible: none of the eight assignments of T2 PLAI, T3 PLUS, T3 PLAI keeps two holders at
    50 % less than one unit from their due, overall and in each category, from the first unit to the last."""
    units_ = [("T2", "PLAI"), ("T3", "PLUS"), ("T3", "PLAI")]

    def holds(to: tuple[int, ...], kind: str | None) -> bool:
        given = [holder for holder, unit in zip(to, units_, strict=False) if kind is None or kind in unit]
        return all(abs(given[:n].count(0) - n / 2) < 1 for n in range(len(given) + 1))

    kinds = (None, "T2", "T3", "PLAI", "PLUS")
    assert [to for to in product((0, 1), repeat=3) if all(holds(to, kind) for kind in kinds)] == []
    assert [to for to in product((0, 1), repeat=3) if all(holds(to, kind) for kind in (None, "T2", "T3"))] != []


def test_what_is_proved_is_distinguished_from_what_is_measured(db: None) -> None:
    text = page(Reader(), reverse("rule"))
    assert "<b>Démontré sur un territoire.</b>" in text
    assert "<b>Mesuré sur plusieurs.</b>" in text
    assert "<b>Impossible.</b> Quand des droits se recoupent, aucune règle ne tient chacun sous un logement" in text
    assert "Cembrano, Correa, Griesbach" in text, "arXiv 2510.14752"
    assert "La suite est une prévision : elle peut changer, et ne compte pour personne." in text


def test_what_is_measured_is_what_forty_draws_give(db: None) -> None:
    """The figures of this page and of the choice of the window are those of docs/engine.md: rights that meet on several
    territories, decided blind then with eight departures known."""
    result = (ROOT / "docs/engine.md").read_text(encoding="utf-8").partition("known --draws --write` -->")[2]
    rows = [line.strip("| ").split(" | ") for line in result.partition("<!--")[0].strip().splitlines()[2:]]
    families = [row for row in rows if row[0][0] in "BC" or row[0].endswith(", territories")]
    assert len(families) == 9

    def french(figure: float) -> str:
        return f"{figure:.2f}".replace(".", ",")

    one, eight = ([[float(figure) for figure in row[place].split(" / ")] for row in families] for place in (2, 4))
    refusing = max(range(9), key=lambda number: eight[number][1])
    assert families[refusing][0] == "D refusals, territories"
    others = max(worst for number, (_, worst) in enumerate(eight) if number != refusing)
    text = " ".join(page(Reader(), reverse("rule")).split())
    means = [french(sum(mean for mean, _ in each) / 9) for each in (one, eight)]
    known = [means[1], french(others), french(eight[refusing][1])]
    assert "écart de {} logement en moyenne, {} au pire, {} si certains refusent".format(*known) in text
    assert f"un seul : {means[0]} et {french(max(worst for _, worst in one))}." in text
    assert "passe de {} à {} logement en moyenne".format(*means) in BRINGS
