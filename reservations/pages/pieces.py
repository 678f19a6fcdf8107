"""What pages say of pieces.

* The pieces of a cell that says more than words: each one is HTML, and escapes what it is given.
* A question with one answer among several, for one component to lay out (`components/choices.html`): what each answer
  means, and what it asks for in its turn, are stated beside it.
* What a reader may do on a page, for one component to lay out (`components/acts.html`): each act says what it changes
  before it is done.
* Facts of one thing, label by label, for one component to lay out (`components/facts.html`). What a fact says in
  several pieces is composed with `reservations/pages/pieces.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def bold(text: object) -> SafeString:
    """What one looks for in a cell."""
    return format_html("<b>{}</b>", text)


def muted(text: object, css: str = "") -> SafeString:
    """What one reads after the rest; `css`: « small », for what is smaller still."""
    return format_html('<span class="{}">{}</span>', f"{css} muted".strip(), text)


def small(text: object) -> SafeString:
    """What is smaller than the rest, not paler."""
    return format_html('<span class="small">{}</span>', text)


def hint(text: object) -> SafeString:
    """A line below what the cell says."""
    return format_html('<span class="hint">{}</span>', text)


def pill(text: object, kind: str = "") -> SafeString:
    """A status, with the colour of its kind."""
    return format_html('<span class="{}">{}</span>', f"st {kind}".strip(), text)


def whole(text: object) -> SafeString:
    """Words that a narrow column must not part."""
    return format_html('<span class="nw">{}</span>', text)


def heard(text: object) -> SafeString:
    """What is heard, and not seen: where a link that says « Lire » leads. It brings its own blank before it."""
    return format_html('<span class="vh">{}</span>', text)


def link(address: str, text: object, *, also: object = "", css: str = "") -> SafeString:
    """A link; `also`, what is heard after its text, with its own blank before it."""
    shown = format_html("{}{}", text, heard(also) if also else "")
    if css:
        return format_html('<a class="{}" href="{}">{}</a>', css, address, shown)
    return format_html('<a href="{}">{}</a>', address, shown)


def button(address: str, text: object, *, also: object = "") -> SafeString:
    """A link that looks like what one does next."""
    return link(address, text, also=also, css="btn sm")


def definition(term: str, text: object) -> SafeString:
    """A word of the field, that opens on what it means."""
    return format_html('<details class="def"><summary>{}</summary><div>{}</div></details>', term, text)


def beside(*pieces: object) -> SafeString:
    """Pieces on one line, with a blank between them; what is empty is left out."""
    return _joined(" ", pieces)


def below(*pieces: object) -> SafeString:
    """Pieces one under the other; what is empty is left out."""
    return _joined("<br>", pieces)


def _joined(between: str, pieces: tuple[object, ...]) -> SafeString:
    return mark_safe(between.join(format_html("{}", each) for each in pieces if each != ""))  # noqa: S308  # each escaped


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers of `asked`, a field of radio buttons, under `title`. By the code of an answer: its hint, and what it
    asks for once chosen, a field or other choices. `is_big`: it is what the page is about."""

    asked: BoundField
    title: str
    hints: Mapping[str, str] = field(default_factory=dict)
    then: Mapping[str, BoundField | Choices] = field(default_factory=dict)
    is_big: bool = True

    @property
    def each(self) -> Iterator[tuple[BoundWidget, str, BoundField | Choices | None]]:
        """Each answer, its hint, and what it asks for."""
        for answer in self.asked:
            code = str(answer.data["value"])
            yield answer, self.hints.get(code, ""), self.then.get(code)

    def as_field_group(self) -> SafeString:
        """Drawn as a field is."""
        return render_to_string("components/choices.html", {"choices": self})


@dataclass(frozen=True, slots=True)
class Act:
    """Behind its `name`, what is asked for (`fields`), what the act changes (`says`), what must be ticked (`sure`), and
    its `button`. Without a button it is a page of its own, to be gone to. `first`: what is done next, rather than
    another thing; `css`: how its name stands; `binds`: its button stands out whatever comes first; it `opens` by itself
    when it was refused."""

    name: str
    address: str
    says: str = ""
    button: str = ""
    fields: tuple[BoundField, ...] = ()
    sure: tuple[BoundField, ...] = ()
    first: bool = False
    opens: bool = False
    css: str = "btn"
    binds: bool = False
    printed: bool = True

    @property
    def stands(self) -> str:
        """How its name stands."""
        return f"{self.css} go" if self.first else self.css

    @property
    def presses(self) -> str:
        """How its button stands."""
        return "btn go" if self.first or self.binds else "btn"

    @property
    def folds(self) -> str:
        """How what it asks for stands behind its name."""
        return "act" if self.printed else "act noprint"


#: « Commune », « Narbonne ».
type Fact = tuple[str, str]

UNKNOWN = "non renseigné"


def facts(*given: Fact) -> tuple[Fact, ...]:
    """Each fact in its order; one that says nothing is left out."""
    return tuple((label, each) for label, each in given if each)


def yes_or_no(value: bool | None) -> str:  # read as it is kept
    """« oui », « non », or that it is not known."""
    return UNKNOWN if value is None else "oui" if value else "non"
