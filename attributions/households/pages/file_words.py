"""What pages say of file words.

* What happened to a unit since its routing, in words: its candidates counted, never named.
* The page of a unit whose candidates are followed, in words: where it stands, what its reader may do, its story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from attributions.households.models import Designation, Offer, ProposalEnd
from attributions.households.pages.applications import count_words
from attributions.households.pages.files import NAMES, PILLS, letting_words, next_act
from attributions.households.queries.file import UnitFile
from attributions.households.queries.file_steps import FileEvent, FileStep
from attributions.households.queries.stage import Stage
from flux.models import Vacancy
from flux.pages.steps import LineStep, line
from flux.pages.story import StoryLine
from flux.pages.units import headline
from flux.queries.returns import Effects
from reservations.models.terms import Side
from reservations.pages.clauses import publics
from reservations.pages.pieces import beside, bold, heard, link, muted, pill
from reservations.words import day, integer, plural, to, towards, upper_first

#: The steps of the line, and the event that ends each.
REACHED = {
    "Candidats": FileEvent.SENT,
    "Instruction": FileEvent.READY,
    "CALEOL": FileEvent.CONCLUDED,
    "Offre": FileEvent.ANSWERED,
    "Bail signé": FileEvent.LEASED,
}

#: The step under way at each stage; "" when all are done.
AT = {
    **dict.fromkeys((Stage.TO_FIND, Stage.TO_PROPOSE, Stage.NOBODY_LEFT, Stage.RECEIVED), "Candidats"),
    Stage.TO_INSTRUCT: "Instruction",
    **dict.fromkeys((Stage.TO_CONVENE, Stage.ON_AGENDA), "CALEOL"),
    **dict.fromkeys((Stage.TO_OFFER, Stage.OFFERED, Stage.DOCUMENT), "Offre"),
    **dict.fromkeys((Stage.TO_SIGN, Stage.OUTSIDE), "Bail signé"),
    Stage.LET: "",
}


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of the story of a unit. `effects`: what the end of a candidate does to the account."""

    on: date
    words: str
    detail: str
    effects: Effects | None


def file_line(step: FileStep) -> FileLine:
    """A step as its page states it."""
    return FileLine(step.on, words(step), _detail(step), step.effects)


def words(step: FileStep) -> str:
    """« 3 candidats transmis par la Ville de Narbonne », « CALEOL du 26/11/2026 : 2 candidats retenus »."""
    return WORDS[step.event](step)


def _sent(step: FileStep) -> str:
    whose = towards(step.whose)
    if not step.number:
        return f"Exception demandée par {whose}"
    return f"{_counted(step.number, 'candidat transmis', 'candidats transmis')} par {whose}"


def _concluded(step: FileStep) -> str:
    kept = _counted(step.number, "candidat retenu", "candidats retenus") if step.number else "aucun retenu"
    return f"{_session(step)} : {kept}"


def _ended(step: FileStep) -> str:
    whose = Side(step.side).label
    if not step.code:
        return f"Fin d’une candidature ({whose})"
    return f"Candidat n° {step.number} : {ProposalEnd.Reason(step.code).label} ({whose})"


def _session(step: FileStep) -> str:
    return f"CALEOL du {step.day:%d/%m/%Y}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"


WORDS: Mapping[FileEvent, Callable[[FileStep], str]] = {
    FileEvent.SENT: _sent,
    FileEvent.READY: lambda step: _counted(step.number, "dossier instruit", "dossiers instruits"),
    FileEvent.CONVENED: lambda step: f"À l’ordre du jour de la {_session(step)}",
    FileEvent.POSTPONED: lambda step: f"{_session(step)} : examen reporté",
    FileEvent.CONCLUDED: _concluded,
    FileEvent.OFFERED: lambda _: "Offre envoyée",
    FileEvent.ANSWERED: lambda step: f"Offre {Offer.Answer(step.code).label}",
    FileEvent.ENDED: _ended,
    FileEvent.LEASED: lambda _: "Bail signé",
    FileEvent.LEASE_CANCELLED: lambda _: "Bail annulé",
}


def _detail(step: FileStep) -> str:
    """What is shown beside it, "" for nothing."""
    if step.event == FileEvent.OFFERED:
        return f"réponse jusqu’au {day(step.day)} inclus"
    if step.event == FileEvent.SENT and step.code:
        return f"exception : {Designation.Exemption(step.code).label}"
    return step.text


SENT = "candidat transmis,candidats transmis"
NAMED = "Document nominatif : cette consultation est inscrite au journal."
UNNAMED = "Les noms, les priorités et les états ne sont lus que par qui propose et par qui instruit."
#: Nothing is awaited any more.
OVER = (Stage.LET, Stage.OUTSIDE)


@dataclass(frozen=True, slots=True)
class FileWords:
    """What the page says of `read` to one reader; `ours`: the unit is routed to its organisation, or that acts for its
    holder; `has_past`: some candidates were proposed before the account was kept here; `proposes`: of those, is it the
    one that proposes the candidates?"""

    read: UnitFile
    ours: bool
    has_past: bool
    proposes: bool = True

    @property
    def _unit(self) -> str:
        unit = self.read.vacancy.unit
        return f"{headline(unit)}, {unit.commune.name}"

    @property
    def named(self) -> str:
        """The unit, as far as the reader may know it."""
        return self.read.vacancy.unit.reference if self.read.vacancy.file_open else self._unit

    @property
    def title(self) -> str:
        """« Candidats de RH-0001 »."""
        vacancy = self.read.vacancy
        if vacancy.file_open:
            return f"Candidats de {vacancy.unit.reference}"
        return f"Candidats, {self._unit}, enregistré le {day(vacancy.registered_at)}"

    @property
    def way(self) -> str:
        """Where one is."""
        unit = self.read.vacancy.unit
        above = link(reverse("vacancy-list"), "Logements libérés")
        if self.read.may_instruct or self.ours:
            above = link(reverse("file-list"), "Candidats")
        here = unit.reference if self.read.vacancy.file_open else unit.landlord.organisation.name
        return format_html("{} › {}", above, here)

    @property
    def answer(self) -> str:
        """Which unit it is, how many candidates were sent, for whom."""
        unit, sent, routing = self.read.vacancy.unit, self.read.sent, self.read.routing
        whom = f", pour {towards(routing.holder)}" if routing else ""
        return f"{headline(unit)}, {to(unit.commune)} : {integer(sent)} {plural(sent, SENT)}{whom}."

    @property
    def stands(self) -> str:
        """Its stage, as a pill; nothing while it is routed to nobody."""
        if self.read.vacancy.is_cancelled:
            return pill("Annulé", "no")
        stage = self.read.stage
        return pill(upper_first(NAMES[stage]), PILLS[stage]) if stage else ""

    @property
    def next(self) -> str:
        """What happens next."""
        read = self.read
        if read.vacancy.is_cancelled:
            cancelled = day(read.vacancy.cancelled_at)
            return f"Ce logement libéré est annulé depuis le {cancelled} : ses candidats sont libérés."
        return next_act(
            read.stage,
            read.routing,
            read.clock,
            read.vacancy.unit.landlord.organisation.name,
            by_landlord=read.by_landlord,
            ours=self.ours and self.proposes,
            returns=read.returns,
        )

    @property
    def proposing(self) -> Iterator[str]:
        """Of who proposes: add candidates, then send them, or claim what excuses too few."""
        read, pk = self.read, self.read.vacancy.pk
        if not read.may_propose:
            return
        missing = read.count is not None and bool(read.count.missing)
        first, then = ("btn go", "btn") if missing else ("btn", "btn go")
        after: str = ""
        if drafts := len(read.drafts):
            words = f"Transmettre {integer(drafts)} {plural(drafts, 'candidat,candidats')}"
            after = link(reverse("proposal-send", args=[pk]), words, css=then)
        elif read.may_claim:
            after = link(reverse("proposal-send", args=[pk]), "Demander l’exception", css="btn")
        chosen = link(reverse("proposal-choose", args=[pk]), "Choisir parmi vos ménages", css=first)
        yield beside(chosen, link(reverse("proposal-new", args=[pk]), "Ajouter par numéro unique", css="btn"), after)

    @property
    def asked(self) -> Iterator[str]:
        """Of who proposes: whom the unit is meant for, and how many candidates it wants."""
        if not self.read.may_propose:
            return
        convention = self.read.routing.convention if self.read.routing else None
        if convention is not None and convention.publics:
            yield (
                f"La convention destine ce logement à : {publics(convention)}. Un autre candidat est "
                f"{convention.get_outside_publics_display()}."
            )
        if self.read.count is not None:
            yield count_words(self.read.count, len(self.read.drafts))

    @property
    def going_on(self) -> Iterator[str]:
        """Of who instructs, or may open the file: where the unit goes on from its stage."""
        read = self.read
        if read.may_instruct and read.to_instruct:
            first = read.to_instruct[0]
            there = reverse("proposal-instruct", args=[first.pk])
            yield link(there, f"Instruire le candidat n° {first.position}", css="btn go")
        sessions = {
            Stage.TO_CONVENE: "Mettre à l’ordre du jour",
            Stage.ON_AGENDA: "Voir les séances de la CALEOL",
        }
        if read.may_instruct and read.stage in sessions:
            yield link(reverse("session-list"), sessions[read.stage], css="btn go")
        if read.vacancy.file_open and read.let_here:
            words = letting_words(read.stage, instructs=read.may_instruct, returns=read.returns)
            css = "btn go" if read.is_followed_there else "btn"
            yield link(reverse("letting", args=[read.vacancy.pk]), words, css=css)

    @property
    def otherwise(self) -> Iterator[str]:
        """What else may be stated of it: what became of it elsewhere, that nobody is proposed."""
        read, pk = self.read, self.read.vacancy.pk
        if read.followed_elsewhere:
            action = link(reverse("vacancy-outcome", args=[pk]), "Enregistrer l’attribution ou le bail")
            yield beside("Ses candidats sont suivis dans un autre outil ?", action)
        if read.may_decline:
            also = heard(f" pour {read.vacancy.unit.reference}")
            none = link(reverse("vacancy-return", args=[pk]), format_html("Je n’ai pas de candidat{}", also))
            yield beside("Personne à proposer ?", none)

    @property
    def below_candidates(self) -> Iterator[tuple[str, str]]:
        """Under the candidates, with how it stands: that they are named; how many there are, to who does not read them;
        or that there is none."""
        read = self.read
        if read.proposals:
            yield "small muted", NAMED
        elif read.sent:
            yield "muted", f"{integer(read.sent)} {plural(read.sent, SENT)}. {UNNAMED}"
        elif read.may_propose and not self.has_past:
            yield "empty", "Aucun candidat encore. Ajoutez le premier par son numéro unique."
        elif not self.has_past:
            yield "empty", "Aucun candidat transmis pour l’instant."

    @property
    def line(self) -> list[LineStep]:
        """How far it is, from the day the unit was declared vacant to the lease."""
        read, routing = self.read, self.read.routing
        if read.vacancy.is_cancelled or (read.stage is None and routing is not None):
            return []
        days = {step.event: step.on for step in read.steps}
        routed = {} if read.vacancy.kind == Vacancy.Kind.EXCLUDED else {"Orienté": routing}
        steps = {
            "Libéré": read.vacancy.registered_on,
            **{words: timezone.localdate(of.routed_at) if of else None for words, of in routed.items()},
            **{words: days.get(event) for words, event in REACHED.items()},
        }
        at = AT[read.stage] if read.stage else "Orienté"
        done = list(steps).index(at) if at else len(steps)
        return line(steps, done, dict(self._expected()))

    def _expected(self) -> Iterator[tuple[str, tuple[str, date]]]:
        """The days that a convention, a session or an offer fixes."""
        clock = self.read.clock
        if clock is not None and clock.until is not None and not clock.answered_on:
            yield "Candidats", ("au plus tard le", clock.until)
        fixed = {step.event: step.day for step in self.read.steps if step.day is not None}
        if self.read.stage == Stage.ON_AGENDA and FileEvent.CONVENED in fixed:
            yield "CALEOL", ("le", fixed[FileEvent.CONVENED])
        if self.read.stage == Stage.OFFERED and FileEvent.OFFERED in fixed:
            yield "Offre", ("réponse avant le", fixed[FileEvent.OFFERED])

    @property
    def story(self) -> Iterator[StoryLine]:
        """From the day the unit was declared vacant to where it stands."""
        vacancy, routing, stage = self.read.vacancy, self.read.routing, self.read.stage
        registered = timezone.localtime(vacancy.registered_at)
        yield StoryLine(registered.isoformat(), day(registered), "Déclaré libéré")
        if routing is not None:
            routed = timezone.localtime(routing.routed_at)
            whom = bold(f"Orienté vers {towards(routing.holder)}")
            yield StoryLine(routed.isoformat(), day(routed), whom)
        for step in self.read.steps:
            yield _step(step)
        if stage is not None and stage not in OVER:
            since = f", depuis le {day(self.read.since)}" if self.read.since else ""
            words = format_html("{}{}", bold(upper_first(NAMES[stage])), since)
            yield StoryLine(timezone.localdate().isoformat(), "Maintenant", words, is_now=True)


def _step(step: FileStep) -> StoryLine:
    line = file_line(step)
    effects = render_to_string("households/effects.html", {"effects": line.effects}) if line.effects else ""
    result = beside(line.words, muted(f"({line.detail})") if line.detail else "", effects)
    return StoryLine(line.on.isoformat(), day(line.on), result)
