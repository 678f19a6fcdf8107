"""Which conventions to show of a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst

from reservations.models import Organisation
from reservations.pages.conventions import NAMES
from reservations.queries.conventions import ConventionStanding


class ConventionFilters(forms.Form):
    """What to show of the list; kept in the address."""

    etat = forms.ChoiceField(label="État", required=False)
    bailleur = forms.ModelChoiceField(Organisation.objects.none(), label="Bailleur", required=False, empty_label="Tous")
    signataire = forms.ModelChoiceField(
        Organisation.objects.none(), label="Signataire", required=False, empty_label="Tous"
    )
    annee = forms.ChoiceField(label="Année", required=False)

    def __init__(
        self,
        *args: Any,
        landlords: QuerySet[Organisation] | None,
        signatories: QuerySet[Organisation] | None,
        years: Iterable[int],
        drafts: bool,
        **kwargs: Any,
    ) -> None:
        """`landlords` or `signatories` None: the reader has only one, so the filter is not shown.

        `drafts`: does the reader read some? Whoever does not is not asked whether to show them.
        """
        super().__init__(*args, **kwargs)
        state: Any = self.fields["etat"]
        state.choices = [
            ("", "Tous"),
            *(
                (each.value, capfirst(NAMES[each]))
                for each in ConventionStanding
                if drafts or each != ConventionStanding.DRAFT
            ),
        ]
        year: Any = self.fields["annee"]
        year.choices = [("", "Toutes"), *((str(each), str(each)) for each in years)]
        for name, choices in (("bailleur", landlords), ("signataire", signatories)):
            field: Any = self.fields[name]
            if choices is None:
                del self.fields[name]
            else:
                field.queryset = choices
