"""The RPLS file that a landlord's manager gives."""

from __future__ import annotations

from django import forms

from reservations.forms.table_file import TableFileField


class StockFileForm(forms.Form):
    """A file; what it says is read afterwards (flux.imports.rpls). Beyond, the command line reads any size."""

    file = TableFileField(label="Fichier RPLS de votre parc", largest=30, what="une ligne par adresse")
