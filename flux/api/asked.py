"""What each act is asked with. The docstring of a shape is published: it is in French for that."""

from __future__ import annotations

from datetime import date
from typing import Any

from rest_framework import serializers

from flux.api.acts import AskedShape
from flux.models import Vacancy

#: Days outside are slips of the keyboard, as on the screens.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)


class DayInput(serializers.DateField):
    """A day, as AAAA-MM-JJ; refused where no one lived it."""

    def to_internal_value(self, value: Any) -> date:
        """Raises ValidationError for what is no day, or one out of the bounds of the screens."""
        day: date = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise serializers.ValidationError("Vérifiez l’année : cette date est trop ancienne ou trop lointaine.")
        return day


class NoticeInput(AskedShape):
    """Un congé : le logement, les deux dates, et son classement."""

    unit = serializers.CharField(max_length=60, help_text="votre référence du logement")
    kind = serializers.ChoiceField(
        choices=Vacancy.Kind.choices, default=Vacancy.Kind.IN_FLOW, help_text="dans le flux si rien n’est dit"
    )
    exclusion = serializers.ChoiceField(
        choices=Vacancy.Exclusion.choices,
        required=False,
        allow_blank=True,
        help_text="le motif de la loi, quand le logement est soustrait du flux (CCH, R441-5)",
    )
    notice_on = DayInput(help_text="congé reçu le")
    available_on = DayInput(help_text="libre le")
    works_end_on = DayInput(required=False, allow_null=True, help_text="fin des travaux, s’il en faut avant de relouer")
    stock_right = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="le titre à servir, pour un logement gardé en stock"
    )
    confirmed = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text="`confirmation` de la réponse 409, telle quelle"
    )
