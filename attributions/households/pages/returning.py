"""Giving a unit back: what it does, in words and in the figures of an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html

from flux.models import Return, Routing, Vacancy
from flux.pages.sheet_words import effects_words
from flux.pages.units import headline
from flux.queries.returns import Choice, Clock, Foreseen
from flux.words import counted, gap
from reservations.pages.clauses import returned_cap_clause
from reservations.pages.pieces import beside, bold, link
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, to, towards, upper_first

CANNOT_BE_UNDONE = bold("Cela ne peut pas être défait.")
ONE_TURN = "Il passe à un autre pour un tour, hors des comptes annuels : il n’y compte pour nul autre."
TAKEN = "Il comptera comme reçu pour qui le prendra, comme tout logement du flux."
SEVERAL = (
    "Selon le motif : s’il est décompté, il reste reçu par qui le rend, et passe à un autre pour un tour, hors des "
    "comptes annuels ; sinon, il comptera comme reçu pour qui le prendra."
)
OUT_FOR_WORKS = (
    "Il sort du flux : personne ne le reçoit, et ce qu’il avait compté, dû ou reçu, est repris. Vous le remettrez en "
    "location, au même congé, quand il redevient louable."
)
OUT_BEFORE = (
    "Il sort du flux : personne ne le reçoit, ce qui est dû à chacun le reste. Vous le remettrez en location, au même "
    "congé, quand il redevient louable."
)


@dataclass(frozen=True, slots=True)
class GivingBack:
    """What giving back the unit of `routing` does, for one reader: `only`, the one reason that they may give, None of
    several; `foreseen`, the account once it is given back; `ours`: the unit is the reader’s; `held`: candidates were
    sent, and are to be taken back first."""

    routing: Routing
    only: Choice | None
    foreseen: Foreseen | None
    clock: Clock | None
    by_landlord: bool
    ours: bool
    held: bool

    @property
    def answer(self) -> str:
        """Which unit it is, whose, and why it goes."""
        unit, routing = self.routing.vacancy.unit, self.routing
        by = f", par {towards(routing.acting)}" if routing.acting else ""
        where = f"{headline(unit)}, {unit.address}, {unit.commune.name}, orienté vers {towards(routing.holder)}{by}."
        why = format_html("Motif : {}.", bold(self.only.words)) if self.only and self.by_landlord else ""
        return beside(where, why, CANNOT_BE_UNDONE)

    @property
    def points(self) -> Iterator[str]:
        """What it does: to the unit, to the account, to the delay; and what is to be done before."""
        if self.only and self.only.reason == Return.Reason.WORKS:
            yield OUT_FOR_WORKS if self._once else OUT_BEFORE
        else:
            yield self._goes
        if self.only:
            yield from self._counts(self.only)
        elif self._once:
            yield SEVERAL
        if not self.by_landlord and self._waits and self.clock is not None:
            yield (
                f"Sans réponse jusqu’au {day(self.clock.until)}, il repart de lui-même, avec le même effet : rien ne "
                "presse de le rendre si un candidat peut encore venir."
            )
        if self.held:
            yield beside(
                "Retirez d’abord les candidats transmis : un logement dont des candidats sont en cours ne repart pas.",
                link(reverse("file", args=[self.routing.vacancy_id]), "Lire les candidats de ce logement"),
            )

    @property
    def _goes(self) -> str:
        routing = self.routing
        text = f"Ce logement ne reviendra pas {to(routing.holder)} : il est aussitôt recommandé à un autre."
        if self.by_landlord and routing.on_landlords_part and routing.acting is not None:
            text = (
                f"{upper_first(towards(routing.acting))} n’y propose plus de candidats : le logement est aussitôt "
                "recommandé à un autre, ou revient à votre part non réservée."
            )
        elif self.ours:
            text = "Ce logement ne vous reviendra pas : il est aussitôt recommandé à un autre."
        return f"{text} Pour des travaux, il sort du flux." if self.by_landlord else text

    def _counts(self, given: Choice) -> Iterator[str]:
        """In words, then in the terms of the journal."""
        if self.routing.by_its_own_right:
            yield (
                "Son droit sert cette fois : le logement passe à un autre pour un tour, hors des comptes annuels. Il "
                "vaut de nouveau à la prochaine libération."
            )
        elif given.effects.consumed:
            kept = bold("Il compte quand même comme reçu")
            yield format_html("{} : il est décompté, et n’est pas dû de nouveau.", kept)
            if self._once:
                yield ONE_TURN
        elif self.foreseen is not None:
            lost = ""
            if self.foreseen.lost:
                lost = (
                    f", sauf {counted(self.foreseen.lost)} au-delà du plafond de la convention, qui revient au bailleur"
                )
            no_more = bold("Il ne compte plus comme reçu")
            yield format_html("{} : il n’est pas décompté, et reste dû{}.", no_more, lost)
            if given.reason != Return.Reason.WORKS:
                yield TAKEN
        elif given.reason != Return.Reason.WORKS and (self.routing.one_turn or self.routing.on_landlords_part):
            yield ONE_TURN if self.routing.one_turn else TAKEN
        yield format_html("Dans le journal du compte : {}.", bold(effects_words(given.effects)))

    @property
    def _once(self) -> bool:
        """Is the unit credited once, in an account of the present rule?"""
        ledger = self.routing.vacancy.ledger
        return ledger is not None and ledger.credits_once

    @property
    def _waits(self) -> bool:
        """Does a delay run for the holder, that is not over, and at the end of which the unit goes by itself?"""
        clock = self.clock
        return (
            not self.routing.by_its_own_right
            and clock is not None
            and clock.runs
            and not clock.late
            and not clock.delegated
        )

    @property
    def unaccounted(self) -> str:
        """Why no account is shown; empty where one is, or where there is nothing to say of it."""
        if self.foreseen is not None:
            return ""
        if self.routing.vacancy.kind == Vacancy.Kind.STOCK and not self.routing.one_turn:
            return "Ce logement porte un droit en stock, hors des comptes annuels : le rendre n’en change aucun."
        if self.routing.one_turn:
            return "Ce logement est proposé pour un tour, hors des comptes annuels : le rendre n’en change aucun."
        if self.routing.on_landlords_part:
            return "Ce logement est proposé sur la part du bailleur : seul le compte de qui le prendra change."
        return "" if self.only else "Il dépend du motif : chacun dit le sien."

    @property
    def terms(self) -> str:
        """What the convention that was applied says of it; empty without one."""
        convention = self.routing.convention
        if convention is None:
            return ""
        capped = f" {text}" if (text := returned_cap_clause(convention)) else ""
        return (
            f"Selon la convention appliquée à cette orientation (version {convention.version}, du "
            f"{day(convention.starts_on)} au {day(convention.last_day)}). Effet d’un logement rendu : "
            f"{convention.get_returns_effect_display()}. Des travaux ne comptent jamais.{capped}"
        )


#: A figure of the account: its name, how it is written, today, and once the unit is given back.
type _Then = tuple[str, Callable[[int], str], int, int]


def foreseen_table(routing: Routing, foreseen: Foreseen) -> Table:
    """The account of its holder today, and once the unit is given back."""
    return Rows(
        (
            ("Reçus ou en cours", integer, foreseen.received, foreseen.received_then),
            ("Écart que lit la règle, en cours compris", gap, foreseen.gap, foreseen.gap_then),
        ),
        Shown[_Then](Head("Chiffre", hidden=True), lambda row: row[0]),
        Number("Aujourd’hui", lambda row: row[1](row[2])),
        Number("S’il est rendu", lambda row: row[1](row[3])),
    ).titled(
        "",
        f"{routing.holder}, {foreseen.exercise}",
        f"En logements, chez {towards(routing.vacancy.unit.landlord)}.",
        css="",
    )
