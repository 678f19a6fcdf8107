"""The routing sheet of a unit that fell vacant, in sentences: who gets it, by whom, and what is awaited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.delegating import instead, proposer, under_order
from flux.models import Routing
from flux.pages.clock import clock_words
from flux.pages.dwelling import headline
from flux.pages.returning import charged_words
from flux.queries.sheet import Sheet
from reservations.pages.clauses import days_left
from reservations.pages.pieces import beside, bold, link, muted
from reservations.words import day, hour, plural, to, towards, upper_first

STRAIGHT = "libéré, il va directement à son titulaire"


@dataclass(frozen=True, slots=True)
class SheetWords:
    """What a sheet says in its state: a template asks for the sentences of that state alone. `covered`: is a convention
    in force there? `ours`: is it routed to the reader, or does the reader act for its holder? `opens`: may it read the
    title of a right? `proposes`: of the two, is it the one that proposes the candidates?"""

    read: Sheet
    covered: bool
    by_landlord: bool
    ours: bool
    opens: bool
    proposes: bool = True

    @property
    def answer(self) -> str:
        """What the unit is, how many may have it, and where it went."""
        vacancy, ranking = self.read.vacancy, self.read.ranking
        what = f"{headline(vacancy.unit)}, {to(vacancy.unit.commune)}"
        if ranking is not None:
            count = len(ranking.rows)
            possible = plural(count, "destination possible,destinations possibles")
            return f"{what} : {count} {possible}, {self._went}."
        if self.read.state == "CANCELLED":
            return f"{what}, annulé le {day(vacancy.cancelled_at)}."
        return f"{what}, enregistré le {day(vacancy.registered_on)}."

    @property
    def _went(self) -> str:
        if self.read.state == "ROUTED":
            return f"orienté vers {towards(self._routing.holder)}"
        return "puis sorti du flux" if self.read.state == "OUT" else "une recommandée"

    @property
    def _routing(self) -> Routing:
        assert self.read.routing is not None, "it is routed"
        return self.read.routing

    @property
    def cancelled(self) -> str:
        """When it was cancelled, by whom and why."""
        vacancy = self.read.vacancy
        by = str(vacancy.cancelled_by) if self.by_landlord else "le bailleur"
        return (
            f"Annulé le {day(vacancy.cancelled_at)}, par {by} : {vacancy.get_cancellation_display()}. "
            f"« {vacancy.cancellation_text} » Ce logement ne compte plus pour personne."
        )

    @property
    def to_correct(self) -> str:
        """What ends an excess of what conventions promise."""
        if self.by_landlord:
            return (
                "Terminez ou corrigez l’une de ces conventions : l’orientation reprendra toute seule, à sa place dans "
                "l’ordre."
            )
        return (
            "Le bailleur doit terminer ou corriger l’une de ces conventions : l’orientation reprendra ensuite toute "
            "seule."
        )

    @property
    def charged(self) -> str:
        """Whose account it counts in, of a unit that was given back."""
        made = self.read.recommendation
        if made is None or not self.read.returns:
            return ""
        return charged_words(self.read.returns[-1], made, self.read.vacancy.ledger_id)

    @property
    def before(self) -> str:
        """Who had it before, and why it was given back, where the recommendation does not say so itself; whose account
        it counts in."""
        recommended = self.read.recommendation
        if not self.read.returns or (recommended is not None and recommended.reason == "FALLBACK"):
            return self.charged
        return f"{self._formerly} {self.charged}".rstrip()

    @property
    def _formerly(self) -> str:
        return f"Auparavant {' ; '.join(f'{each.who}, {each.get_reason_display()}' for each in self.read.returns)}."

    @property
    def meanwhile(self) -> str:
        """Whose account counts it while nobody has decided."""
        if not self.covered or self.read.recommendation is None:
            return "aucun réservataire n’en est crédité"
        return f"ce logement compte comme reçu par {towards(self.read.recommendation.holder)}"

    @property
    def whose(self) -> str:
        """Who gets it, and who proposes the candidates instead."""
        holder = self._routing.holder
        if self._routing.acting is None:
            return upper_first(to(holder))
        if proposer(self._routing) is holder:
            over = f"la délégation donnée {to(self._routing.acting)} n’est plus en vigueur"
            if under_order(self._routing):
                over = "sa convention a pris la suite de l’arrêté du préfet"
            return f"{upper_first(to(holder))}, qui propose les candidats : {over}"
        return f"{upper_first(to(holder))}, par {towards(self._routing.acting)} ({instead(self._routing)})"

    @property
    def decided(self) -> str:
        """When it was routed, and by whom; to others than the landlord, by the landlord."""
        routing, by = self._routing, "automatiquement"
        if routing.routed_by is not None:
            by = f"par {routing.routed_by}" if self.by_landlord else "par le bailleur"
        return f"Le {day(routing.routed_at)} à {hour(routing.routed_at)}, {by}."

    @property
    def awaited(self) -> SafeString | str:
        """What the holder has to do, and how long is left to the reader when it is its own."""
        clock = self.read.clock
        if clock is None:
            return ""
        landlord = self.read.vacancy.unit.landlord.organisation.name
        ours = self.ours and self.proposes
        told = bold(clock_words(clock, proposer(self._routing), landlord, ours=ours))
        if not ours or not clock.runs or clock.late or clock.delegated:
            return told
        left = "C’est aujourd’hui le dernier jour."
        if not clock.last_day:
            left = f"Il vous reste {days_left(clock.left, clock.how.unit)}."
        return beside(told, left)

    @property
    def why(self) -> str:
        """Why it was routed there: the landlord’s choice, or the rule."""
        routing, recommended = self._routing, self.read.recommendation
        if routing.motive:
            return f"Choix du bailleur, {routing.get_motive_display()} : {routing.motive_text}"
        return recommended.sentence if recommended is not None else ""

    @property
    def routed(self) -> Iterator[str]:
        """What the rule recommended instead, when and by whom it was routed, what is awaited."""
        recommended = self.read.recommendation
        if self._routing.motive and self.read.overridden and recommended is not None:
            other = f"La règle recommandait {towards(recommended.holder)}."
            yield beside(other, muted(recommended.sentence))
        if charged := self.charged:
            yield muted(charged, "small")
        yield muted(self.decided, "small")
        if self.awaited:
            yield self.awaited

    @property
    def out(self) -> str:
        """What taking a unit out of the flow leaves, and how it comes back."""
        ledger, due = self.read.vacancy.ledger, ""
        if self.covered and ledger is not None:
            due = " Ce qui était dû à chacun pour ce logement le reste."
            if ledger.credits_once:
                due = " Ce qu’il avait compté, dû à chacun et reçu, est repris."
        again = "Le bailleur le remettra en location, au même congé, quand il redeviendra louable."
        if self.by_landlord:
            again = "Remettez-le en location quand il redevient louable : il garde son congé et son histoire."
        return f"Personne ne l’a reçu, et il n’est proposé à personne.{due} {again}"

    @property
    def stock(self) -> SafeString:
        """Why it goes straight to its holder; its ground, for who opens the file of the unit."""
        right = self.read.stock if self.opens else None
        if right is None:
            return format_html("Ce logement porte un droit en stock : {}.", STRAIGHT)
        title = f", titre {right.reference}" if right.reference else ""
        ground = link(reverse("stock-right-detail", args=[right.pk]), f"{right.get_ground_display()}{title}")
        return format_html("Ce logement porte un droit en stock ({}) : {}.", ground, STRAIGHT)
