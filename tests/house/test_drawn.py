"""The recorder of the branches of templates sees each of them, and judges as it says (tests/drawn.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.template import Context, Template
from django.template.engine import Engine

from tests.drawn import Branch, judge, mark
from tests.house.tree import ROOT

PAGE = """\
{% if a == 1 %}{% if b %}B{% endif %}{% elif a == 2 %}two{% elif a == 3 %}{% else %}{% if b %}C{% endif %}{% endif %}
{% with c=a %}{% for each in rows %}{% ifchanged each %}{{ each }}{% else %}-{% endifchanged %}{% empty %}0{% endfor %}
{% for each in rows %}{% if each %}.{% endif %}{% endfor %}{% endwith %}"""

ROWS = "{% for each in rows %}"
TAGS = [
    (1, "{% if a == 1 %}"),
    (1, "{% if a == 1 %}…{% elif a == 2 %}"),
    (1, "{% if a == 1 %}…{% elif a == 3 %}"),
    (1, "{% if a == 1 %}…{% else %}"),
    (1, "{% if b %}"),
    (1, "{% if b %} #2"),
    (2, ROWS),
    (2, f"{ROWS}…{{% empty %}}"),
    (2, "{% ifchanged each %}"),
    (2, "{% ifchanged each %}…{% else %}"),
    (3, f"{ROWS} #2"),
    (3, "{% if each %}"),
]


def compiled(reached: set[Branch]) -> tuple[Template, list[Branch]]:
    template = Template(PAGE, name="page.html", engine=Engine())
    return template, mark(template, template.nodelist, reached)


def test_every_branch_has_its_line_and_its_tag() -> None:
    _, every = compiled(set())
    assert sorted((each.line, each.tag) for each in every) == sorted(TAGS)


@pytest.mark.parametrize(
    ("context", "text", "reached"),
    [
        ({"a": 1, "b": True, "rows": []}, "B\n0\n", [0, 4, 7]),
        ({"a": 2, "b": True, "rows": [0, 0]}, "two\n0-\n", [1, 6, 8, 9, 10]),
        ({"a": 3, "b": False, "rows": [1]}, "\n1\n.", [2, 6, 8, 10, 11]),
        ({"a": 4, "b": True, "rows": [2]}, "C\n2\n.", [3, 5, 6, 8, 10, 11]),
    ],
)
def test_only_what_is_drawn_is_noted_and_the_page_is_the_same(
    context: dict[str, object], text: str, reached: list[int]
) -> None:
    noted: set[Branch] = set()
    template, _ = compiled(noted)
    assert template.render(Context(context)) == text
    assert {(each.line, each.tag) for each in noted} == {TAGS[place] for place in reached}


def test_branch_that_nobody_drew_is_reported_with_its_line() -> None:
    one, two, three = (Branch("page.html", line, f"{{% if {line} %}}") for line in (1, 2, 3))
    assert judge([one, two], {one, two}) == []
    assert judge([three, two, one], {one, three}) == ["templates/page.html:2 {% if 2 %} is drawn by no test"]


def test_whole_run_fails_on_what_its_processes_did_not_draw(service_environment: dict[str, str]) -> None:
    """A real run, short, in another process, on a database of its own: it draws the form of sign-in, what it includes
    (a page whose name is one of Django's safe strings), and little else."""
    drawing = "tests/reservations/views/test_session.py::test_empty_form_says_what_to_write_at_each_field"
    ours = urlsplit(service_environment["DATABASE_URL"])
    apart = ours._replace(path=f"{ours.path}_drawn")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", drawing, "--numprocesses=1", "--every-branch", "-q"],
        cwd=ROOT,
        env={**os.environ, **service_environment, "DATABASE_URL": apart.geturl()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert " passed" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "templates/base.html:" in done.stdout
    assert "templates/components/errors.html:2 " not in done.stdout
