"""The export of the SNE that a person gives."""

from __future__ import annotations

from django import forms

from reservations.forms.table_file import TableFileField


class SneFileForm(forms.Form):
    """A file of twenty thousand rows of forty columns; what it says is read afterwards (imports/sne.py)."""

    file = TableFileField(
        label="Export du SNE", largest=15, what="demandeurs ou attributaires", rows=" et 20 000 lignes"
    )
