"""Views.

* When a person wants to receive what is only information.
* « Mes courriels »: what a person receives, and when.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods

from attributions.mails.kinds import KINDS
from reservations.http import MemberRequest
from reservations.models import MailChoice
from reservations.models.mail import Family, refused
from reservations.models.person import spelling
from reservations.operations.history import choose_mails
from reservations.pages.table import Rows, Shown, Table
from reservations.words import upper_first

WRONG = {"required": "Choisissez dans la liste.", "invalid_choice": "Choisissez dans la liste."}


class MailChoiceForm(forms.Form):
    """A rhythm for each family, then the hour and the day of what is gathered."""

    def __init__(self, *args: Any, choice: MailChoice, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {**{each: choice.rhythm(each) for each in Family.values}})
        kwargs["initial"] |= {"hour": choice.hour, "day": choice.day}
        super().__init__(*args, **kwargs)
        rhythms = [(code, capfirst(str(label))) for code, label in MailChoice.Rhythm.choices]
        for family, label in Family.choices:
            self.fields[family] = forms.ChoiceField(label=capfirst(str(label)), choices=rhythms, error_messages=WRONG)
        self.fields["hour"] = forms.TypedChoiceField(
            label="Heure",
            help_text="De ce qui est envoyé une fois par jour, ou par semaine.",
            choices=[(hour, f"{hour} h") for hour in range(24)],
            coerce=int,
            error_messages=WRONG,
        )
        self.fields["day"] = forms.TypedChoiceField(
            label="Jour",
            help_text="De ce qui est envoyé une fois par semaine.",
            choices=[(number, capfirst(name)) for number, name in MailChoice.DAYS],
            coerce=int,
            error_messages=WRONG,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def mail_choice(request: MemberRequest) -> HttpResponse:
    """Read what one receives and by what it ends; choose the rhythm of information."""
    form = MailChoiceForm(request.POST if request.method == "POST" else None, choice=MailChoice.of(request.user))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        rhythms = {family: given[family] for family in Family.values}
        choose_mails(user=request.user, rhythms=rhythms, hour=given["hour"], day=given["day"])
        messages.success(request, "Vos courriels suivent maintenant ce choix.")
        return redirect("mail-choice")
    context = {
        "form": form,
        "tables": [_table("t-actes", "Toujours envoyés, tout de suite", ""), *_information()],
        "refused": refused([request.user.email]).get(spelling(request.user.email)),
    }
    return render(request, "mails/choice.html", context, status=422 if form.errors else 200)


def _information() -> list[Table]:
    return [_table(f"t-{family}", upper_first(f"{label}"), family) for family, label in Family.choices]


def _table(key: str, title: str, family: str) -> Table:
    return Rows(
        [kind for kind in KINDS if kind.family == family],
        Shown("Ce qui arrive", lambda kind: upper_first(kind.title)),
        Shown("Qui est prévenu", lambda kind: upper_first(kind.recipients)),
        Shown("N’est plus envoyé si", lambda kind: upper_first(kind.ends)),
    ).titled(
        key,
        title,
        "Au rythme que vous choisissez." if family else "La loi, une convention ou un délai les demande.",
    )
