"""The story of a departure: what happened, attempt after attempt, then where it stands now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from flux.delegating import instead
from flux.models import FormerForecast, Recommendation, Return, Routing, Vacancy
from flux.queries.first_letting import dated_by_lease
from flux.queries.sheet import Sheet, SheetStep
from flux.words import counted_words
from reservations.models import User
from reservations.pages.pieces import beside, bold, link, muted
from reservations.words import day, hour, to, towards, upper_first

#: By state of the sheet: what is stated, and what follows it. A state that says nothing has nothing left to come.
NOW = {
    "RECOMMENDED": ("À orienter", " : le bailleur suit la recommandation, ou choisit une autre destination"),
    "FORESEEN": ("Prévision", " : il est décidé avec les autres départs connus, dans l’ordre"),
    "WAITING": ("Calcul en attente", ""),
    "IMPOSSIBLE": ("Orientation impossible", " tant que les conventions promettent plus de 100 % du flux"),
    "UNCOVERED": ("Sans convention", " : il sera orienté quand une convention de réservation y sera en vigueur"),
    "GONE": ("Sorti du parc", " : il n’est orienté vers personne"),
    "NOT_LIVE": ("En attente de la mise en service", " : il sera orienté à sa place, à partir de ce jour"),
    "OUT": ("Sorti du flux", ""),
}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happened: `at`, as a program reads the day; `when`, as one does; `is_now`, where it stands."""

    at: str
    when: str
    words: str
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class StoryWords:
    """The story of a departure for one reader. `covered`: is a convention in force there? `replaces`: the declaration
    that was cancelled for this one."""

    read: Sheet
    by_landlord: bool
    covered: bool
    replaces: Vacancy | None

    @property
    def lines(self) -> list[StoryLine]:
        """From the notice to where it stands, attempt after attempt."""
        vacancy = self.read.vacancy
        return [
            StoryLine(vacancy.notice_on.isoformat(), day(vacancy.notice_on), "Congé reçu par le bailleur"),
            _at(vacancy.registered_at, self._registered()),
            *self._lived(),
            *self._stands(),
            *self._outcome(),
        ]

    def _registered(self) -> str:
        vacancy = self.read.vacancy
        text = f"Enregistré {self._by(vacancy.registered_by)}, {vacancy.get_kind_display()}"
        if self.replaces is None:
            return text
        before = "annulée " if self.replaces.is_cancelled else ""
        words = f"la déclaration {before}du {day(self.replaces.registered_on)}"
        other = link(reverse("vacancy-detail", args=[self.replaces.pk]), words)
        if self.replaces.kind == Vacancy.Kind.TECHNICAL:
            return format_html(
                "{} {} : suite de {}, {}",
                bold("Remis en location"),
                self._by(vacancy.registered_by),
                other,
                self.replaces.get_kind_display(),
            )
        return format_html("{} : remplace {}, {}", text, other, self.replaces.get_kind_display())

    def _by(self, person: User | None) -> str:
        return f"par {person}" if self.by_landlord else "par le bailleur"

    def _steps(self) -> Iterator[StoryLine]:
        last = self.read.story[-1] if self.read.story and self.read.routing else None
        for step in self.read.story:
            yield _at(step.at, self._step(step), is_now=step is last)

    def _lived(self) -> list[StoryLine]:
        """The steps, with the allocations that no longer stand, each on its day (docs/decisions/0143)."""
        lines = list(self._steps())
        for each in self.read.undone:
            of = day(each.on)
            lines.append(StoryLine(each.on.isoformat(), of, format_html("{} enregistrée", bold("Attribution"))))
            lines.append(StoryLine(each.since.isoformat(), day(each.since), f"Attribution du {of} sans effet"))
        return sorted(lines, key=lambda line: line.at[:10]) if self.read.undone else lines

    def _step(self, step: SheetStep) -> str:
        if step.forecast is not None:
            return self._forecast(step.forecast)
        if step.recommendation is not None:
            again = step.again
            if again is not None and again.reason == Return.Reason.WORKS:
                return self._resumed(step.recommendation)
            return self._recommended(step.recommendation, again)
        if step.given is not None:
            return self._given(step.given)
        assert step.routing is not None
        return self._routed(step.routing)

    def _forecast(self, former: FormerForecast) -> str:
        until = muted(f"Jusqu’au {day(former.until)} à {hour(former.until)} : {former.get_cause_display()}.")
        return beside(f"Prévu pour {towards(former.holder)}.", until)

    def _resumed(self, made: Recommendation) -> str:
        credited = "sans nouveau crédit"
        if made.ledger.credits_once:
            credited = "chaque réservataire est crédité de sa part"
        resumed = bold("Remis en location")
        return format_html("{}, au même congé : {} ; recommandé {}", resumed, credited, to(made.holder))

    def _recommended(self, made: Recommendation, again: Return | None) -> str:
        whom = f"recommandé {to(made.holder)}"
        if again is None and self.covered:
            return f"Entré dans le compte : chaque réservataire est crédité de sa part ; {whom}"
        if again is None:
            none = "sans convention en vigueur, aucun réservataire n’en est crédité"
            return f"Entré dans le compte : {none} ; {whom}"
        time = format_html("Proposé une {}<sup>e</sup> fois", made.attempt + again.routing.by_its_own_right)
        if again.counted and made.ledger.credits_once:
            kept = "il reste reçu par qui l’a rendu, et ne compte dans le compte annuel de personne d’autre"
            if again.routing.by_its_own_right:
                kept = "le droit a servi, aucun compte annuel ne bouge"
            return format_html("{}, pour un tour : {} ; {}", time, kept, whom)
        if again.routing.one_turn:
            return format_html("{}, toujours pour un tour, hors du compte annuel ; {}", time, whom)
        if again.counted and self.covered:
            return format_html(
                "{} : les autres réservataires sont de nouveau crédités de leur part, celle de qui l’a rendu va au "
                "bailleur ; {}",
                time,
                whom,
            )
        return format_html("{}, sans nouveau crédit : il compte pour qui le prend ; {}", time, whom)

    def _given(self, given: Return) -> str:
        by = ""
        if given.is_lapse:
            by = " de lui-même, au terme du délai"
        elif self.by_landlord:
            by = f", enregistré par {given.returned_by}"
        text = f" « {given.text} »" if given.text else ""
        effect = f"Cause : {given.side.label} ; {counted_words(offered=given.offered, consumed=given.counted)}."
        sentence = format_html("{}{} : {}.{}", bold(upper_first(given.who)), by, given.get_reason_display(), text)
        return beside(sentence, muted(effect))

    def _routed(self, routing: Routing) -> str:
        acting = ""
        if routing.acting is not None:
            acting = f", par {towards(routing.acting)} ({instead(routing)})"
        whom = bold(f"Orienté vers {towards(routing.holder)}")
        text = format_html("{}{}, {}.", whom, acting, self._how(routing))
        motive = f"Motif : {routing.get_motive_display()}. « {routing.motive_text} »" if routing.motive else ""
        closed = ""
        if routing.closed_at is not None:
            closed = muted(f"Clos le {day(routing.closed_at)} à {hour(routing.closed_at)}.")
        return beside(text, motive, closed)

    def _how(self, routing: Routing) -> str:
        if routing.routed_by is not None:
            return self._by(routing.routed_by)
        if routing.recommendation_id is not None:
            return "automatiquement, selon la recommandation"
        first = self.read.vacancy.kind == Vacancy.Kind.FIRST_LETTING
        return f"d’office : {'répartition du programme' if first else 'droit en stock'}"

    def _stands(self) -> Iterator[StoryLine]:
        vacancy = self.read.vacancy
        if self.read.state == "CANCELLED" and vacancy.cancelled_at is not None:
            by = self._by(vacancy.cancelled_by)
            text = format_html("{} {} : ce qu’il avait compté est repris", bold("Annulé"), by)
            yield _at(vacancy.cancelled_at, text, is_now=True)
        elif self.read.state in NOW:
            first, then = NOW[self.read.state]
            today = timezone.localdate().isoformat()
            yield StoryLine(today, "Maintenant", format_html("{}{}", bold(first), then), is_now=True)

    def _outcome(self) -> Iterator[StoryLine]:
        found = self.read.outcome
        known = ", à un jour connu par son seul bail" if dated_by_lease(found) else ""
        values = {
            "ALLOCATED": format_html("{} par la commission{}", bold("Attribué"), known),
            "LEASED": bold("Bail signé"),
        }
        for stage, words in values.items():
            if on := found.get(stage):
                yield StoryLine(on.isoformat(), day(on), words)


def _at(moment: datetime, words: str, *, is_now: bool = False) -> StoryLine:
    return StoryLine(timezone.localtime(moment).isoformat(), f"{day(moment)}, {hour(moment)}", words, is_now=is_now)
