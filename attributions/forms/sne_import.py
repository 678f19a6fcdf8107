"""The export of the SNE that a person gives."""

from __future__ import annotations

from django import forms

from flux.forms.table_file import TableFileField


class SneFileForm(forms.Form):
    """A file; what it says is read afterwards (attributions.imports.sne): twenty thousand rows of forty columns."""

    file = TableFileField(
        label="Export du SNE", largest=15, what="demandeurs ou attributaires", rows=" et 20 000 lignes"
    )
