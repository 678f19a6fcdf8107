"""Templates that cannot break: what can be known of them before they are drawn is refused, with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import Tags, run_checks
from django.template import TemplateSyntaxError, engines
from django.template.engine import Engine

from reservations import checks

SOUND = """{% extends "base.html" %}{% block content %}
{{ count|plural:"logement,logements" }} {% if no %}{% include "part.html" %}{% endif %}
{% url 'rule' %}{% url 'account' 1 %}
{% include name %}{% url name %}{% endblock %}"""

FAULTS = {
    '{{ count|plural:"il attendait, ou il est sorti,ils sont sortis" }}': "séparés par une virgule",
    '{{ count|plural:"logement" }}': "séparés par une virgule",
    '{{ count|plural:"logement," }}': "séparés par une virgule",
    "{{ count|plural:forms }}": "entre guillemets",
    '{{ due|units|default:"0" }} {{ due|plural_units:"dû" }}': "séparés par une virgule",
    '{% with words=count|plural:"un" %}{% endwith %}': "séparés par une virgule",
    '{% include "nowhere.html" %}': "il n’y a pas de gabarit « nowhere.html »",
    "{% url 'nowhere' %}": "aucune adresse « nowhere » ne prend 0 paramètre(s)",
    "{% url 'account' %}": "aucune adresse « account » ne prend 0 paramètre(s)",
    "{% url 'account' 1 2 as address %}": "aucune adresse « account » ne prend 2 paramètre(s)",
    "{% url 'account' ledger_id=1 other=2 %}": "aucune adresse « account » ne prend 2 paramètre(s)",
    "{{ count|plurals }}": "plurals",
}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """The product’s own settings of templates, on a folder of the test."""
    ours = engines["django"].engine
    (tmp_path / "base.html").write_text("{% block content %}{% endblock %}")
    (tmp_path / "part.html").write_text("")
    return Engine(dirs=[str(tmp_path)], builtins=ours.builtins, libraries=ours.libraries)


def test_every_template_of_the_product_holds() -> None:
    assert run_checks(tags=[Tags.templates]) == []


def test_sound_template_passes(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(SOUND)
    assert list(checks.faults(engine, "page.html")) == []


@pytest.mark.parametrize(("written", "expected"), FAULTS.items(), ids=FAULTS)
def test_fault_is_named_with_its_line_though_nothing_draws_it(
    engine: Engine, tmp_path: Path, written: str, expected: str
) -> None:
    (tmp_path / "page.html").write_text(f"<p>\n{{% if never %}}\n{written}\n{{% endif %}}")
    [(line, sentence)] = checks.faults(engine, "page.html")
    assert line == 3
    assert expected in sentence


def test_check_names_the_file_and_the_line(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text("<p>\n{% url 'nowhere' %}")
    monkeypatch.setattr(engines["django"], "engine", engine)
    [error] = checks.templates_hold()
    assert str(error.obj) == f"{tmp_path / 'page.html'}:2"


def test_bad_argument_is_refused_when_the_template_is_compiled() -> None:
    with pytest.raises(TemplateSyntaxError, match="séparés par une virgule"):
        engines["django"].from_string('{% if never %}{{ 2|plural:"un, ou deux,trois" }}{% endif %}')
