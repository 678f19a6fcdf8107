"""The pieces of a cell that says more than words: each one is HTML, and escapes what it is given."""

from __future__ import annotations

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
