"""What pages say of sheet words.

* What the holder of a routing has to do, and by when, in a sentence.
* A first letting in sentences: why it went where it did, and how it counts in the year.
* What a return does to its holder's account, in words.
* The routing sheet of a unit that fell vacant, in sentences: who gets it, by whom, and what is awaited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.delegating import instead, proposer, under_order
from flux.models import Recommendation, Return, Routing, Vacancy
from flux.pages.units import headline
from flux.queries.first_letting import FirstLetting, YearlyEntry
from flux.queries.returns import Clock, Effects
from flux.queries.sheet import Sheet
from flux.words import counted_words
from reservations.models import Organisation, ReservationHolder
from reservations.pages.clauses import days_left, in_days
from reservations.pages.pieces import beside, bold, link, muted, pill
from reservations.words import day, hour, of, percent, plural, to, towards, upper_first


def clock_words(
    clock: Clock, who: ReservationHolder | Organisation, landlord: object, *, ours: bool = False, dated: bool = True
) -> SafeString:
    """Who proposes candidates, how many and until when, under the version of the convention that the routing applied.
    `ours`: is it the reader’s own to propose? `dated`: no column beside says the last day and whether it is over."""
    if clock.answered_on:
        return format_html("Candidats transmis le {}.", day(clock.answered_on))
    until = f" au plus tard {_until(clock, clock.until)}" if clock.until and dated else ""
    if clock.delegated:
        sentence = f"{landlord} cherche les candidats pour {towards(who)} (gestion déléguée){',' * bool(until)}{until}."
    else:
        asked = "Proposez" if ours else f"{upper_first(towards(who))} propose"
        sentence = f"{asked} {_asked(clock)}{until}."
    if clock.restarted_on and dated:
        sentence += (
            f" Nouveau délai depuis le {day(clock.restarted_on)} : les candidats transmis auparavant ne sont plus en "
            "cours."
        )
    return beside(sentence, pill("Délai dépassé", "late") if clock.late and dated else "")


def _asked(clock: Clock) -> str:
    if clock.restarted_on:
        return "d’autres candidats"
    if clock.minimum:
        return f"au moins {clock.minimum} {plural(clock.minimum, 'candidat,candidats')}"
    return "des candidats"


def _until(clock: Clock, until: date) -> str:
    """The last day, with the length of the delay, its calendar when it is not the national one, and when it opens."""
    held = f", sans compter {plural(clock.held, 'celui,ceux')} où des candidats étaient transmis" if clock.held else ""
    days = (
        in_days(clock.days, clock.how.unit),
        ", jours fériés d’Alsace-Moselle compris" if clock.how.local else "",
        "" if clock.how.august else ", sans compter août",
        f", à compter du {day(clock.opens_on)}" if clock.opens_on else "",
        held,
    )
    return f"le {day(until)} ({''.join(days)})"


def why_there(vacancy: Vacancy, *, named: bool) -> str:
    """Which part of the allotment sent it there; `named`: was it named for its holder?"""
    programme = vacancy.unit.programme
    agreed = f"du programme {programme}, convenue le {day(programme.allotment_agreed_on)}"
    if vacancy.allotment_id is None:
        return f"Logement que la répartition {agreed}, laisse au bailleur."
    if named:
        return f"Logement désigné pour ce réservataire dans la répartition {agreed}."
    return f"Part de ce réservataire, alors le plus en retard sur la sienne, dans la répartition {agreed}."


def in_the_year(vacancy: Vacancy, holder: ReservationHolder, first: FirstLetting | None) -> str:
    """How it counts beside its own account."""
    if first is None or first.yearly is None:
        return "Il ne compte dans aucun pourcentage annuel : aucune convention du lieu ne le prévoit."
    credited = ", ".join(f"le compte {of(each)} reçoit {percent(share)}" for each, share in first.yearly.credits)
    return (
        f"Il compte aussi dans le flux annuel, comme le prévoient des conventions : {credited}. "
        f"{_received(vacancy, holder, first.yearly)}"
    )


def _received(vacancy: Vacancy, holder: ReservationHolder, entry: YearlyEntry) -> str:
    if not entry.taken_by_landlord:
        return "Il y est compté comme reçu."
    if vacancy.allotment_id is None:
        return "Il y est compté au bailleur."
    return (
        f"Il y est compté au bailleur : première location hors part pour {towards(holder)}, dont la convention ne "
        "la compte pas."
    )


def not_yet(*, by_landlord: bool) -> str:
    """Of one whose programme has no allotment."""
    if by_landlord:
        then = "Répartissez son programme : le jour où vous enregistrez l’accord, il ira à son réservataire."
    else:
        then = "Il ira à son réservataire le jour où le bailleur enregistre l’accord."
    return f"Ce logement est enregistré : personne n’est crédité. {then}"


def effects_words(effects: Effects) -> str:
    """What a return does to the account; of a new delay, nothing: a return ends it."""
    return counted_words(offered=effects.offered, consumed=effects.consumed)


def refusal_words(effects: Effects) -> str:
    """What the end of a candidacy does, or did: to the account, and to the delay of its holder."""
    return counted_words(offered=effects.offered, consumed=effects.consumed, restarts=effects.restarts)


def charged_words(given: Return | None, made: Recommendation, ledger: int | None, *, named: bool = True) -> str:
    """Whose account a unit `given` back counts in if it is taken as `made` says, and by which clause, `named` with its
    convention or not; empty for one that nobody gave back, and in an account where everybody is credited again.
    `ledger` (id): the yearly account of the unit."""
    if given is None or (given.counted and made.ledger_id == ledger):
        return ""
    clause = clause_of(given.routing) if named else "clause « logements rendus » de la convention"
    if made.ledger_id != ledger:
        return f"Pour un tour, hors des comptes annuels : {clause}."
    if made.holder.is_not_reserved:
        return f"S’il est pris, il compte sur la part non réservée du bailleur : {clause}."
    return f"S’il est pris, il compte comme reçu par qui le prend : {clause}."


def clause_of(routing: Routing) -> str:
    """« convention d’Action Logement, effet d’un logement rendu : … »."""
    if routing.convention is None:
        return "aucune convention ne dit autre chose"
    whose = "appliquée" if routing.on_landlords_part else of(routing.holder.organisation)
    return f"convention {whose}, effet d’un logement rendu : {routing.convention.get_returns_effect_display()}"


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
        sentence = bold(clock_words(clock, proposer(self._routing), landlord, ours=ours))
        if not ours or not clock.runs or clock.late or clock.delegated:
            return sentence
        left = "C’est aujourd’hui le dernier jour."
        if not clock.last_day:
            left = f"Il vous reste {days_left(clock.left, clock.how.unit)}."
        return beside(sentence, left)

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
