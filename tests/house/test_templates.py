"""What every template keeps to: the safety policy of the pages, one language, forms that are protected."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.tree import over_files, templates

PAGES = [path for path in templates() if path.suffix == ".html"]
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->", re.DOTALL)
CODE = re.compile(r"<(style|script|code|svg)\b.*?</\1>", re.DOTALL | re.IGNORECASE)

#: Common English words that are no French words, and that a page in French never shows.
WORDS = """
the and with your you are this that from have was were been which their there other please click here save cancel
delete edit submit search next previous loading error success welcome settings password email username login logout
sign view list name show hide closed add remove update create new old yes
"""
ENGLISH = frozenset(WORDS.split())


@over_files(PAGES)
def test_no_style_attribute_inline_script_or_event_attribute(path: Path) -> None:
    """The policy is `style-src 'self'; script-src 'self'`: the browser would refuse them. A mail is read elsewhere,
    where no sheet of styles comes."""
    text = path.read_text(encoding="utf-8")
    if path.parent.name != "mails" or path.name != "mail.html":
        assert re.findall(r"\sstyle\s*=", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag] == []
    assert "javascript:" not in text


@over_files(PAGES)
def test_every_form_that_writes_carries_its_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    forms = re.findall(r"<form\b[^>]*method=[\"']?post.*?</form>", text, re.DOTALL | re.IGNORECASE)
    assert [form[:80] for form in forms if "{% csrf_token %}" not in form] == []


def visible(path: Path) -> str:
    """Text and spoken attributes of a page, without tags of any kind."""
    text = CODE.sub(" ", TAGS.sub(" ", path.read_text(encoding="utf-8")))
    spoken = " ".join(re.findall(r"(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"", text))
    return re.sub(r"<[^>]*>", " ", text) + " " + spoken


@over_files(PAGES)
def test_page_speaks_french_only(path: Path) -> None:
    words = {word.casefold() for word in re.findall(r"[^\W\d_][^\W\d_-]+", visible(path))}
    assert sorted(words & ENGLISH) == []


#: A thing has one name on every page: not these, which were once its second one.
SECOND_NAMES = (
    "use le tour",  # décompté
    "use son tour",
    "se le droit",
    "droit usé",
    "décompté : ",  # compté comme proposé et décompté du droit de réservation
    "départagé",
    "comblé",
    "jours de retard",
    "journal des accès",  # journal des consultations
    "reconnue le",  # labellisé le
    "La direction de",  # le responsable chez le bailleur
)


@over_files(PAGES)
def test_page_calls_each_thing_by_its_one_name(path: Path) -> None:
    text = " ".join(TAGS.sub(" ", path.read_text(encoding="utf-8")).split())
    assert [name for name in SECOND_NAMES if name in text] == []


@over_files(PAGES)
def test_page_uses_typographic_apostrophes(path: Path) -> None:
    assert re.findall(r"[^\W\d_]'[^\W\d_]\w*", visible(path)) == []


@over_files(PAGES)
def test_table_has_a_caption_and_headings_their_scope(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("<table") == text.count("<caption")
    assert [tag for tag in re.findall(r"<th\b[^>]*>", text) if "scope=" not in tag] == []


def test_a_page_in_english_would_be_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('{# save #}<p class="list">Please, {{ name }}</p><a title="Next page" href="new">Suite</a>')
    assert {word.casefold() for word in visible(page).replace(",", " ").split()} & ENGLISH == {"please", "next"}


@over_files(PAGES)
def test_summary_of_errors_takes_the_focus(path: Path) -> None:
    """Without script: `autofocus`, that htmx honours too. A browser ignores it when the address names a place of the
    page: no form that writes posts to one."""
    text = path.read_text(encoding="utf-8")
    summaries = re.findall(r"<[a-z]+ class=\"errors\"[^>]*>", text)
    assert [each for each in summaries if 'tabindex="-1" autofocus' not in each] == []
    forms = re.findall(r"<form\b[^>]*method=[\"']?post[^>]*>", text, re.IGNORECASE)
    assert [form for form in forms if re.search(r"action=\"[^\"]*#", form)] == []


#: What the last part of an expression is when it is the name of a party, a person or a place.
NAMED = r"(?:[a-z_]+\.)*(?:landlord|holder|organisation|programme|commune|acting|name|full_name|territory|perimeter)"


@over_files(PAGES)
def test_name_after_a_or_de_takes_its_article(path: Path) -> None:
    """« à Le Grand Narbonne », « Contingents de Action Logement »: `|to` and `|of` write « au », « d’ »."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\b(?:à|À|de|De) \{\{ ?" + NAMED + r"(?:\|stringformat:\"s\")? ?\}\}", text) == []


def test_no_library_gives_another_meaning_to_a_filter_that_is_always_there() -> None:
    """`{% load dwelling %}` once made `counted` read a row of acts, on every page that also showed a gap."""
    from django.template import engines

    engine = engines["django"].engine
    always = {name: read for library in engine.template_builtins for name, read in library.filters.items()}
    again = [
        f"{key}: {name}"
        for key, library in engine.template_libraries.items()
        for name, read in library.filters.items()
        if always.get(name, read) is not read
    ]
    assert again == []
