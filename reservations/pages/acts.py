"""What a reader may do on a page, for one component to lay out (`components/acts.html`): each act says what it changes
before it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.forms import BoundField


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
