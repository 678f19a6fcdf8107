"""The form of an act, in the row of its unit: what it does to the account, its fields, and where it is posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.urls import reverse

from attributions.households.forms.letting import form_of
from attributions.households.forms.requests import SendForm
from attributions.households.models import Proposal
from attributions.households.pages.returning import GivingBack
from attributions.households.pages.sendings import Sending
from attributions.households.permissions import can_instruct
from attributions.households.queries.file import anybody_sent
from attributions.households.queries.letting import Candidate, letting
from attributions.households.queries.minimum import count_of
from attributions.inbox.entries import Entry
from attributions.inbox.kinds import FOLLOW, RowAct
from attributions.inbox.models import RowMark
from attributions.inbox.of_units import ANSWER, ELSEWHERE, GIVE_BACK, OFFER, SIGN, TRANSMIT
from attributions.inbox.operations import takers
from attributions.inbox.pages import FORM, acts_of, confirmable, name_of
from attributions.inbox.queries import marks_of
from attributions.inbox.reader import Reader
from flux.forms.routing import ElsewhereForm
from flux.forms.vacancies import ReturnForm
from flux.pages.declarations import destination_choices
from flux.permissions import return_reasons
from flux.queries.queue import destinations
from flux.queries.returns import asked_of, choices, foreseen
from flux.words import gap
from reservations.forms.fields import DayField
from reservations.models import User
from reservations.words import day

#: The form that the fields of a row belong to: it stands beside the list, which is a form itself.
OUTSIDE = "agir-formulaire"


@dataclass(frozen=True, slots=True)
class RowForm:
    """An act in its row: `address`, where it is posted; `effects`, what it does, read first; `button`, the act."""

    address: str
    form: forms.Form
    effects: Sequence[str]
    button: str

    def drawn(self, back: str) -> str:
        """Its fields, in the row."""
        for field in self.form.fields.values():
            field.widget.attrs["form"] = OUTSIDE
        context = {"row": self, "form": self.form, "anchor": FORM, "outside": OUTSIDE, "back": back}
        return render_to_string("inbox/in_row.html", context)


def chosen(entries: Sequence[Entry], reader: Reader, asked: str) -> tuple[Entry, RowAct] | None:
    """The row and the act that an address asks for (« ailleurs-12 »), when the page has them."""
    return next(
        (
            (each, act)
            for each in entries
            for act in (*(acts_of(each, reader) if each.row is not None else ()), *(() if each.kind.own else (FOLLOW,)))
            if name_of(each, act) == asked
        ),
        None,
    )


def row_form(each: Entry, act: RowAct, reader: Reader) -> RowForm | None:
    """The form of an act in its row; None when the act is no longer to be done so: its page then says why."""
    return FORMS[act](each, reader)


def _elsewhere(each: Entry, reader: Reader) -> RowForm | None:
    recommendation = confirmable(each)
    if recommendation is None or each.row is None:
        return None
    vacancy = each.row.vacancy
    form = ElsewhereForm(
        by=reader.member.user,
        landlord=reader.landlord,
        choices=destination_choices(destinations([vacancy]), 1),
        auto_id="id_ailleurs_%s",
    )
    hidden = {"instead_of": recommendation.holder_id, "was_routed": False}
    for name, value in hidden.items():
        form.fields[name] = forms.CharField(initial=value, widget=forms.HiddenInput)
    form.fields["holder"].widget.attrs["required"] = True
    address = reverse("vacancy-reroute", args=[vacancy.pk])
    return RowForm(address, form, (), "Orienter ailleurs")


def _give_back(each: Entry, reader: Reader) -> RowForm | None:
    routing = each.row.routing if each.row else None
    if routing is None or anybody_sent(routing):
        return None
    offered = choices(routing, return_reasons(reader.member, routing), today=reader.today)
    if len(offered) != 1:
        return None
    [only] = offered
    then = foreseen(routing, only.reason, today=reader.today)
    words = GivingBack(
        routing, only, then, asked_of(routing, today=reader.today), by_landlord=False, ours=True, held=False
    )
    effects = [*words.points, *((f"Votre écart : {gap(then.gap)} avant, {gap(then.gap_then)} après.",) if then else ())]
    form = ReturnForm(vacancy=routing.vacancy, choices=offered, initial={"routing": routing}, auto_id="id_rendre_%s")
    form.fields["reason"].widget = forms.HiddenInput()
    form.fields["text"].widget = forms.TextInput()
    return RowForm(reverse("vacancy-return", args=[each.key]), form, effects, "Rendre ce logement")


def _transmit(each: Entry, reader: Reader) -> RowForm | None:
    if each.row is None:
        return None
    vacancy, routing = each.row.vacancy, each.row.routing
    here = Proposal.objects.filter(vacancy=vacancy, routing=routing, proposer=reader.organisation)
    drafts = list(here.filter(status=Proposal.Status.DRAFT).select_related("application").order_by("position", "pk"))
    if not drafts:
        return None
    count = count_of(vacancy, routing, drafts, on=reader.today)
    words = Sending(drafts, count, claims=False, routed=routing is not None)
    form = SendForm(vacancy=vacancy, count=count, initial={"routing": routing}, auto_id="id_transmettre_%s")
    address = reverse("proposal-send", args=[vacancy.pk])
    return RowForm(address, form, (words.answer, words.after), words.button)


def _offer(each: Entry, reader: Reader) -> RowForm | None:
    found = _letting(each, reader)
    silence = "Sans réponse ce jour-là, l’offre est refusée, et le rang suivant est appelé."
    return _on(each, reader, found[1], act="offer", effects=(silence,), button="Envoyer l’offre") if found else None


def _answer(each: Entry, reader: Reader) -> RowForm | None:
    found = _letting(each, reader)
    if found is None:
        return None
    return _on(each, reader, found[0], act="answer", effects=_refused(found[0]), button="Enregistrer la réponse")


def _sign(each: Entry, reader: Reader) -> RowForm | None:
    found = _letting(each, reader)
    if found is None:
        return None
    account = "Le logement est loué au compte de son réservataire. " if each.row and each.row.routing else ""
    released = (
        f"{account}S’il reste d’autres candidats, ils sont libérés et leurs réservataires prévenus ; la demande est "
        "radiée, cause a (CCH, R441-2-8).",
    )
    return _on(each, reader, found[0], act="lease", effects=released, button="Enregistrer le bail signé")


def _letting(each: Entry, reader: Reader) -> tuple[Candidate | None, Candidate | None] | None:
    """To whom a unit is offered, and whose turn it is; None for who does not instruct its files."""
    if each.row is None or not can_instruct(reader.member, each.row.vacancy):
        return None
    found = letting(each.row.vacancy, reader.member)
    return found.current, found.turn


def _refused(candidate: Candidate | None) -> tuple[str, ...]:
    """What a refusal, or silence, does."""
    until = candidate.offer.answer_by if candidate and candidate.offer else None
    then = f" Sans réponse le {day(until)} au soir, l’offre est refusée (CCH, R441-10)." if until else ""
    return (f"En cas de refus, le rang suivant reçoit une offre le jour même.{then}",)


def _on(
    each: Entry, reader: Reader, candidate: Candidate | None, *, act: str, effects: Sequence[str], button: str
) -> RowForm | None:
    if candidate is None:
        return None
    pk, names = candidate.proposal.pk, {"offer": "offer-send", "answer": "offer-answer", "lease": "lease-sign"}
    who = f"Candidat n° {candidate.proposal.position}."
    return RowForm(
        reverse(names[act], args=[each.key, pk]), form_of(reader.member, act, candidate), (who, *effects), button
    )


class FollowForm(forms.Form):
    """Who takes a row, and until when it is put off."""

    taken_by = forms.TypedChoiceField(label="Pris par", required=False, coerce=int, empty_value=None)
    put_off_until = DayField(
        label="Reporté au",
        required=False,
        example=lambda today: today + timedelta(days=7),
        help_text="Jour où la ligne revient, au plus tard à son échéance ; par exemple {}.",
    )
    reason = forms.CharField(
        label="Motif du report", required=False, max_length=120, help_text="Sans nommer un ménage."
    )

    def __init__(self, posted: Any, *, takers: Sequence[User], mark: RowMark | None, auto_id: str) -> None:
        taken = mark and mark.taken_by_id
        given = {"taken_by": taken, "put_off_until": mark.put_off_until, "reason": mark.reason} if mark else {}
        self.mark = mark
        super().__init__(posted, initial={"taken_by": takers[0].pk if takers else None} | given, auto_id=auto_id)
        self.people = {each.pk: each for each in takers}
        choices = [("", "Personne"), *((pk, each.full_name) for pk, each in self.people.items())]
        field = self.fields["taken_by"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = choices

    def noted(self, today: date) -> dict[str, str]:
        """What is noted of the row now, as this form posts it: a day that is over no longer puts it off."""
        mark = self.mark
        if mark is None:
            return {}
        before = {"taken_by": str(mark.taken_by_id)} if mark.taken_by_id in self.people else {}
        if mark.put_off_until is not None and mark.put_off_until > today:
            before |= {"put_off_until": f"{mark.put_off_until:%d/%m/%Y}", "reason": mark.reason}
        return before


class FilterForm(forms.Form):
    """The name under which filters are kept."""

    nom = forms.CharField(required=False, max_length=40)


def follow_form(each: Entry, reader: Reader, posted: Any = None) -> FollowForm:
    """Of a row, as it is followed today."""
    mark = marks_of([each], reader).get((each.kind.code, each.key))
    return FollowForm(posted, takers=takers(each, reader.member, now=reader.now), mark=mark, auto_id="id_suivre_%s")


def _follow(each: Entry, reader: Reader) -> RowForm:
    address = reverse("inbox-follow", args=[each.kind.code, each.key])
    return RowForm(address, follow_form(each, reader), (), "Enregistrer le suivi")


FORMS: Mapping[RowAct, Callable[[Entry, Reader], RowForm | None]] = {
    ELSEWHERE: _elsewhere,
    GIVE_BACK: _give_back,
    TRANSMIT: _transmit,
    OFFER: _offer,
    ANSWER: _answer,
    SIGN: _sign,
    FOLLOW: _follow,
}
