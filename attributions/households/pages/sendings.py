"""What pages say of sendings.

* Sending the candidates of a unit, or claiming the exception that excuses too few, in words.
* The units offered to an organisation, with the households of its own to send to each, in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.households.fitting import judged
from attributions.households.models import Application, Designation, Proposal
from attributions.households.pages.applications import gone_words, household
from attributions.households.pages.matching import open_unit, points, proposed_by
from attributions.households.queries.minimum import Count
from attributions.households.queries.open_units import Suggested
from reservations.pages.pieces import Choices, below, beside, bold, heard, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, integer, plural

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
    """The exceptions of the law that hold, one of which is given in a sentence."""
    details = {Exemption.TOO_FEW.value: form["exemption_text"]}
    return Choices(form["exemption"], "Quelle exception s’applique ?", hints=HINTS, then=details)


def send_table(found: Sequence[Suggested]) -> Table:
    """A unit a row, the nearest deadline first, with the boxes of the households that fit it."""
    several = _several(found)
    note = (
        "De l’échéance la plus proche à la plus lointaine ; dans chaque ligne, du plus ancien demandeur au plus "
        "récent, parmi tous ceux qui ne sont candidats nulle part."
    )
    return Rows(
        found,
        Shown(Head("À proposer avant le", "nw"), lambda each: proposed_by(each.open)),
        Shown(Head("Logement", "all unit"), lambda each: open_unit(each.open)),
        Shown(Head("Bailleur", ""), lambda each: str(each.open.vacancy.unit.landlord)),
        Shown(Head("Candidats", ""), _count),
        Shown(Head("Ménages qui conviennent", "all"), lambda each: _boxes(each, several)),
    ).titled("liste", "Logements", note, head_at=1)


def sent_words(units: int, households: int) -> str:
    """« 12 logements, 36 ménages transmis. »"""
    sent = plural(households, "ménage transmis,ménages transmis")
    return f"{integer(units)} {plural(units, 'logement,logements')}, {integer(households)} {sent}."


def _several(found: Sequence[Suggested]) -> dict[int, list[str]]:
    """The units for which each household is ticked, when there are several."""
    by_household = defaultdict(list)
    for each in found:
        for pk in each.ticked:
            by_household[pk].append(each.open.vacancy.unit.reference)
    return {pk: references for pk, references in by_household.items() if len(references) > 1}


def _count(each: Suggested) -> str:
    sent = each.count.sent
    return below(
        f"{integer(sent)} {plural(sent, 'transmis,transmis')}",
        f"{integer(each.drafts)} {plural(each.drafts, 'préparé,préparés')}" if each.drafts else "",
        bold(f"il en manque {integer(each.missing)}") if each.missing else muted("assez de candidats"),
    )


def _boxes(each: Suggested, several: dict[int, list[str]]) -> str:
    vacancy = each.open.vacancy
    routing = format_html('<input type="hidden" name="routing" value="{}:{}">', vacancy.pk, each.open.routing.pk)
    more = each.fit - len(each.shown)
    choose = reverse("proposal-choose", args=[vacancy.pk])
    also = heard(f" pour {vacancy.unit.reference}")
    words = "Lire tous vos ménages et pourquoi" if not more else f"{integer(more)} {plural(more, 'autre,autres')}"
    first = [one for at, one in enumerate(each.shown) if at < max(1, each.missing) or one.pk in each.ticked]
    later = [one for one in each.shown if one not in first]
    return below(
        "" if each.shown else muted("aucun d’eux ne convient"),
        *(_box(each, one, several) for one in first),
        _folded([_box(each, one, several) for one in later]),
        format_html("{}{}", link(choose, format_html("{}{}", words, also), css="small"), routing),
    )


def _folded(boxes: Sequence[SafeString]) -> SafeString | str:
    """Those that come after as many as the unit lacks."""
    if not boxes:
        return ""
    number = format_html("{} {}", integer(len(boxes)), plural(len(boxes), "suivant,suivants"))
    return format_html('<details class="small"><summary>{}</summary><div>{}</div></details>', number, below(*boxes))


def _box(each: Suggested, one: Application, several: dict[int, list[str]]) -> SafeString:
    since = f", depuis le {day(one.requested_on)}" if one.requested_on else ""
    check = points(judged(one, each.asked))
    twice = several.get(one.pk) if one.pk in each.ticked else None
    return format_html(
        '<label><input type="checkbox" name="menage" value="{}:{}"{}> {}{}</label>',
        each.open.vacancy.pk,
        one.pk,
        " checked" if one.pk in each.ticked else "",
        below(
            beside(
                bold(one.name or f"demande qui se termine par {one.ending}"),
                format_html("{}{}", household(one), since),
                pill(f"Choisi pour {', '.join(twice)}", "late") if twice else "",
            ),
            muted(check, "small") if check else "",
        ),
        heard(f" pour {each.open.vacancy.unit.reference}"),
    )
