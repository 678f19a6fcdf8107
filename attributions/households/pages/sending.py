"""Sending the candidates of a unit, or claiming the exception that excuses too few, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html

from attributions.households.models import Designation, Proposal
from attributions.households.pages.minimum import gone_words
from attributions.households.queries.minimum import Count
from reservations.pages.choices import Choices
from reservations.pages.pieces import below, beside, bold, link, muted, pill
from reservations.words import integer, plural

Exemption = Designation.Exemption

HINTS = {
    Exemption.DALO.value: "Chaque candidat est un ménage DALO désigné par le préfet.",
    Exemption.ADAPTED_PLAI.value: "Ce logement a reçu la subvention des PLAI adaptés (CCH, D331-25-1).",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """What the page says of the `drafts` to send, or, without any, of an exception to claim (`claims`); `routed`: a
    delay to propose ends with it."""

    drafts: Sequence[Proposal]
    count: Count
    claims: bool
    routed: bool

    @property
    def _sent(self) -> str:
        number = len(self.drafts)
        return f"Transmettre {integer(number)} {plural(number, 'candidat,candidats')}"

    @property
    def title(self) -> str:
        """What is asked."""
        if self.drafts:
            return f"{self._sent} ?"
        return "Pourquoi si peu de candidats ?" if self.claims else "Aucun candidat à transmettre"

    @property
    def answer(self) -> str:
        """How many there are before the law’s minimum."""
        count = self.count
        examined = bold(f"{integer(count.examined)} sur {integer(count.minimum)}")
        words = plural(count.minimum, "candidat,candidats")
        gone = f" ({gone_words(count)})" if count.gone else ""
        sent = ""
        if count.sent:
            sent = f", dont {integer(count.sent)} déjà {plural(count.sent, 'transmis,transmis')}{gone}"
        missing = f" : il en manque {integer(count.missing)}" if count.missing else ""
        return format_html("{} {} au moins à examiner{}{}.", examined, words, sent, missing)

    @property
    def button(self) -> str:
        """The act."""
        return self._sent if self.drafts else "Demander cette exception"

    @property
    def back(self) -> str:
        """Out of the page, nothing being done."""
        return f"Revenir sans {'transmettre' if self.drafts else 'rien demander'}"

    @property
    def after(self) -> str:
        """What a candidate that is sent can no more; empty where none is."""
        if not self.drafts:
            return ""
        delay = " Le délai pour proposer s’arrête le jour de la transmission." if self.routed else ""
        return f"Une fois transmis, un candidat ne se modifie plus d’ici : il se retire, avec un motif.{delay}"


def draft_lines(drafts: Iterable[Proposal], offered: Iterable[Proposal]) -> Iterator[str]:
    """Each candidate to send, and the offers that its household has elsewhere."""
    there = list(offered)
    for each in drafts:
        ending = f"candidat n° {each.position}, n° se termine par {each.application.ending}"
        who = below(bold(each.application.name or "nom non renseigné"), muted(ending))
        yield beside(
            format_html("<span>{}</span>", who),
            pill("DALO désigné") if each.dalo_designated else "",
            *(
                pill(f"Une offre est en cours pour ce ménage : {other.vacancy.unit.reference}", "late")
                for other in there
                if other.application_id == each.application_id
            ),
            link(reverse("proposal-edit", args=[each.pk]), "Relire", also=f" le candidat n° {each.position}"),
        )


def exemptions(form: Form) -> Choices:
    """The exceptions of the law that hold, one of which is told in a sentence."""
    told = {Exemption.TOO_FEW.value: form["exemption_text"]}
    return Choices(form["exemption"], "Quelle exception s’applique ?", hints=HINTS, then=told)
