"""The forms of sessions.

* A day and an hour, as people write them in France.
* Convening a session, and what its secretary does of it: units, attendance, postponing, cancelling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from attributions.households.models import Committee, CommitteeMember, CommitteeSession
from flux.models import Vacancy
from reservations.bounds import Bound
from reservations.forms.convention_acts import WhyField
from reservations.forms.fields import CountField, DayField, SureForm, months_away, sure_field

WRITTEN = re.compile(r"(\d{1,2})\s*(?:h|H|:)?\s*(\d{2})?")


class HourField(forms.Field):
    """« 9 h », « 9h30 » or « 09:30 », as a time; None when left empty."""

    widget = forms.TextInput
    default_error_messages = {
        "required": "Écrivez une heure : 9 h 30 par exemple.",
        "invalid": "Écrivez une heure qui existe : 9 h 30 par exemple.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Heure et minutes : 9 h 30")
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for what is no hour of the day."""
        if value in self.empty_values or isinstance(value, time):
            return value or None
        written = WRITTEN.fullmatch(" ".join(str(value).split()))
        hours, minutes = (int(written[1]), int(written[2] or 0)) if written else (24, 0)
        if hours > 23 or minutes > 59:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return time(hours, minutes)

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as typed; an initial hour is shown as one says it."""
        return f"{value.hour} h {value.minute:02d}" if isinstance(value, time) else value


def moment(day: date | None, hour: time | None) -> datetime | None:
    """That hour of that day, here; None when one of them is not known."""
    if day is None or hour is None:
        return None
    return timezone.make_aware(datetime.combine(day, hour))


Mode = CommitteeSession.Mode
#: Of one unit, in a session in a room.
EXAMINED = Bound("examined", 1, 120, "Un logement s’examine en 1 à 120 minutes.")


class AgendaHoursForm(forms.Form):
    """How long a unit is examined: the agenda then gives each its hour."""

    minutes = CountField(
        bound=EXAMINED,
        label="Minutes par logement",
        error_messages={"required": "Écrivez combien de minutes prend un logement."},
    )


class ConveneForm(forms.Form):
    """Which committee, when, and where or by what vote."""

    committee = forms.ModelChoiceField(
        Committee.objects.none(),
        label="Commission",
        empty_label=None,
        error_messages={
            "required": "Choisissez la commission.",
            "invalid_choice": "Choisissez une commission de la liste.",
        },
    )
    held_on = DayField(label="Jour de la séance", example=months_away(1))
    held_hour = HourField(label="Heure de la séance")
    mode = forms.ChoiceField(
        label="Forme",
        choices=Mode.choices,
        initial=Mode.ROOM,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si la séance se tient en salle ou à distance."},
    )
    place = forms.CharField(label="Lieu", required=False, max_length=200, help_text="Par exemple : siège, salle 2.")
    opens_on = DayField(label="Ouverture du vote, jour", required=False)
    opens_hour = HourField(label="Ouverture du vote, heure", required=False)
    closes_on = DayField(label="Clôture du vote, jour", required=False)
    closes_hour = HourField(label="Clôture du vote, heure", required=False)

    ASKED_WHEN = {"place": "en salle", "short_notice": "avant le délai du règlement"} | dict.fromkeys(
        ("opens_on", "opens_hour", "closes_on", "closes_hour"), "pour un vote à distance"
    )

    short_notice = forms.CharField(
        label="Pourquoi dans un délai plus court",
        required=False,
        max_length=300,
        help_text="En une phrase, que les membres liront.",
    )

    #: What one field refuses is shown where it was typed.
    ELSEWHERE = {"held_at": "held_on", "vote_opens_at": "opens_on", "vote_closes_at": "closes_on"}

    def __init__(self, data: QueryDict | None = None, *, committees: QuerySet[Committee]) -> None:
        super().__init__(data, auto_id="convene_%s")
        committee: Any = self.fields["committee"]
        committee.queryset = committees
        committee.widget.choices = list(committee.choices)  # a required list is read twice by Django

    def clean(self) -> dict[str, Any]:
        """In the room there is a place; remotely, a vote that opens and closes."""
        given = super().clean() or {}
        remote = given.get("mode") == Mode.REMOTE
        for name, what in (("opens", "l’ouverture"), ("closes", "la clôture")) if remote else ():
            for part, word in (("on", "le jour"), ("hour", "l’heure")):
                field = f"{name}_{part}"
                if not given.get(field) and field not in self.errors:
                    self.add_error(field, f"Écrivez {word} de {what} du vote.")
        if given.get("mode") == Mode.ROOM and not given.get("place"):
            self.add_error("place", "Dites où la commission se réunit.")
        return given

    @property
    def terms(self) -> dict[str, Any]:
        """What the act asks for, once valid."""
        given = self.cleaned_data
        remote = given["mode"] == Mode.REMOTE
        return {
            "committee": given["committee"],
            "held_at": moment(given["held_on"], given["held_hour"]),
            "place": given["place"],
            "mode": given["mode"],
            "short_notice": given["short_notice"],
            "vote_opens_at": self._moment("opens") if remote else None,
            "vote_closes_at": self._moment("closes") if remote else None,
        }

    def _moment(self, name: str) -> datetime | None:
        return moment(self.cleaned_data[f"{name}_on"], self.cleaned_data[f"{name}_hour"])


class UnitsForm(forms.Form):
    """Units to put on the agenda."""

    vacancies = forms.ModelMultipleChoiceField(
        Vacancy.objects.none(),
        label="Logements prêts",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins un logement.",
            "invalid_choice": "Un logement coché n’est plus prêt. Rechargez la page, puis choisissez dans la liste.",
        },
    )

    def __init__(self, data: QueryDict | None = None, *, ready: Sequence[int]) -> None:
        super().__init__(data, auto_id="units_%s")
        vacancies: Any = self.fields["vacancies"]
        vacancies.queryset = Vacancy.objects.filter(pk__in=ready).order_by("pk")


class AttendanceForm(forms.Form):
    """Who is there, and by whom a member is represented. `user`: who fills it, ticked there when of the secretariat;
    a secretary has no vote, and is represented by nobody."""

    def __init__(
        self, data: QueryDict | None = None, *, members: Sequence[CommitteeMember], user: int | None = None
    ) -> None:
        super().__init__(data, auto_id="attendance_%s")
        self.members = list(members)
        for member in self.members:
            keeps = member.capacity == CommitteeMember.Capacity.SECRETARY
            self.fields[f"present_{member.pk}"] = forms.BooleanField(
                label=member.full_name, required=False, initial=keeps and member.user_id == user
            )
            if keeps:
                continue
            self.fields[f"by_{member.pk}"] = forms.CharField(
                label=f"{member.full_name}, représenté par", required=False, max_length=120
            )

    @property
    def rows(self) -> list[tuple[CommitteeMember, forms.BoundField, forms.BoundField | None]]:
        """Each member, its box, and its field « représenté par » (None: a secretary)."""
        return [
            (
                member,
                self[f"present_{member.pk}"],
                self[f"by_{member.pk}"] if f"by_{member.pk}" in self.fields else None,
            )
            for member in self.members
        ]

    def clean(self) -> dict[str, Any]:
        """Somebody is there; who is represented is there too."""
        given = super().clean() or {}
        for member in self.members:
            if given.get(f"by_{member.pk}") and not given.get(f"present_{member.pk}"):
                self.add_error(f"present_{member.pk}", "Cochez ce membre présent, puisqu’il est représenté.")
        return given

    @property
    def present(self) -> list[CommitteeMember]:
        """Those ticked, once valid."""
        return [member for member in self.members if self.cleaned_data[f"present_{member.pk}"]]

    @property
    def represented(self) -> dict[int, str]:
        """Member's id → who sits in the member's place, once valid."""
        found = {member.pk: self.cleaned_data.get(f"by_{member.pk}", "").strip() for member in self.present}
        return {pk: name for pk, name in found.items() if name}


class CancelForm(SureForm):
    """Why a session is not held."""

    why = WhyField(help_text="Par exemple : quorum non atteint.")
    sure = sure_field("Oui, cette séance n’a pas lieu")

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="cancel_%s")


class PostponeForm(forms.Form):
    """Why a unit waits for another session."""

    why = WhyField(help_text="Par exemple : pièce du dossier B attendue.")

    def __init__(self, data: QueryDict | None = None, *, item: int) -> None:
        super().__init__(data, auto_id=f"postpone_{item}_%s")


class RecusalForm(forms.Form):
    """Who leaves an item for a conflict of interest."""

    member = forms.ModelChoiceField(
        CommitteeMember.objects.none(),
        label="Membre qui se déporte",
        empty_label="Choisir un membre",
        error_messages={
            "required": "Choisissez le membre qui se déporte.",
            "invalid_choice": "Choisissez un membre de la liste.",
        },
    )

    def __init__(self, data: QueryDict | None = None, *, members: Sequence[CommitteeMember]) -> None:
        super().__init__(data, auto_id="recusal_%s")
        member: Any = self.fields["member"]
        member.queryset = CommitteeMember.objects.filter(pk__in=[each.pk for each in members]).order_by("full_name")


class PurposeForm(forms.Form):
    """Why a file with names is taken away."""

    why = forms.CharField(
        label="Pourquoi l’emportez-vous ?",
        max_length=300,
        help_text="Le journal garde qui, quoi, quand et pourquoi. Par exemple : transmission au préfet.",
        error_messages={"required": "Dites pourquoi vous emportez ce fichier : le journal le garde."},
    )
