"""Yes, no, or not known: three answers, the last of which is None."""

from __future__ import annotations

from typing import Any

from django import forms

#: What is asked of a lease beside its household (CCH, L441-1-6, 3° bis).
LISTED = "logement d’une résidence à enjeu prioritaire de mixité sociale, de la liste annexée à la convention (CIA)"


class YesNoField(forms.TypedChoiceField):
    """What is not said is « non renseigné », never no."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(
            choices=[("", "Non renseigné"), ("yes", "Oui"), ("no", "Non")],
            coerce=lambda value: value == "yes",
            empty_value=None,
            error_messages={"invalid_choice": "Choisissez oui, non, ou non renseigné."},
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """True and False as their choices are written."""
        return {True: "yes", False: "no", None: ""}.get(value, value) if not isinstance(value, str) else value


class MixResidenceField(YesNoField):
    """Is the unit, on the day of the lease, of a residence that the landlord lists?"""

    def __init__(self) -> None:
        super().__init__(
            label="Résidence à enjeu prioritaire de mixité sociale",
            help_text="Oui, si la liste annexée à la convention intercommunale (CIA) la nomme le jour du bail "
            "(L441‑1‑6, 3° bis).",
        )
