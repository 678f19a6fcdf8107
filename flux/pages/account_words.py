"""What the list of accounts, and the page of one, ask, answer and explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html

from flux.models import Ledger
from flux.pages.statement import in_course, to_you, with_carry_over
from flux.queries.accounts import Account, AccountFigures, AccountLine
from flux.queries.balance import Ordered
from flux.queries.flow import Delegated
from flux.words import counted, plural_units, units
from reservations.models import ReservationHolder
from reservations.pages.pieces import beside, bold, link
from reservations.words import day, integer, of, plural, towards


def list_question(*, first: bool, own: bool, by_landlord: bool) -> str:
    """The title of the list: of first lettings, of one’s own accounts, of those of others."""
    if first:
        return "Où en sont les premières locations ?"
    if own:
        return "Où en êtes-vous avec chaque bailleur ?"
    return "Où en sont vos comptes ?" if by_landlord else "Où en sont les comptes ?"


def list_answer(count: int, own: AccountFigures | None, latest: int, *, first: bool) -> str:
    """How many accounts there are; to a holder, where it stands in the `latest` year."""
    accounts = f"{integer(count)} {plural(count, 'compte,comptes')}"
    if first:
        return (
            f"{accounts} de programmes neufs, à part des pourcentages annuels : ce que les répartitions convenues "
            "donnent à chacun, et ce qu’il a déjà reçu."
        )
    if own is None:
        return (
            f"{accounts}, un par bailleur, par département et par année : ce qui est dû à chaque réservataire, ce "
            "qu’il a reçu, l’écart."
        )
    awaiting = f", dont {integer(own.awaiting)} que le bailleur doit encore confirmer" if own.awaiting else ""
    received = f"{integer(own.received)} {plural(own.received, 'reçu,reçus')}{in_course(own)}{awaiting}"
    return format_html("En {}, {} : {} {}.", latest, to_you(own.gap), with_carry_over(own), received)


def account_question(*, first: bool, one_turn: bool = False) -> str:
    """The title of an account."""
    if one_turn:
        return "Qui a reçu des logements en plus, pour un tour ?"
    if first:
        return "Chacun a-t-il reçu sa part des programmes neufs ?"
    return "Chacun a-t-il reçu ce qui lui est dû ?"


def order_words(found: Iterable[Ordered]) -> list[str]:
    """Which parts the préfet fixed, for want of a convention: a sentence an order."""
    return [
        f"La part {'de l’État est fixée' if each.of_the_state else f'{of(each)} est gérée'} par le préfet, à "
        f"défaut de convention : {each.order}, du {day(each.starts_on)} au {day(each.ends_on)} ({each.perimeter})."
        for each in found
    ]


def delegated_words(found: Iterable[Delegated]) -> list[str]:
    """« Le Grand Narbonne : 5 logements orientés, dont 2 proposés, par délégation, par la Commune de Coursan. »"""
    return [
        f"{each.name} : {integer(each.routed)} {plural(each.routed, 'logement orienté,logements orientés')}, dont "
        + ", ".join(
            f"{integer(delegate.units)} {plural(delegate.units, 'proposé,proposés')}, par délégation, par "
            f"{towards(delegate)}"
            for delegate in each.delegates
        )
        + "."
        for each in found
    ]


def entered(count: int, *, first: bool, one_turn: bool = False) -> str:
    """« 12 logements entrés dans le flux »."""
    if first:
        return f"{integer(count)} {plural(count, 'logement loué,logements loués')}"
    if one_turn:
        return f"{integer(count)} {plural(count, 'logement passé,logements passés')} pour un tour"
    return f"{integer(count)} {plural(count, 'logement entré,logements entrés')} dans le flux"


def account_answer(read: Account, on: date, *, first: bool, one_turn: bool = False) -> str:
    """How many units it counts, and the widest gap of a holder."""
    count = read.entered
    if one_turn:
        what, after = plural(count, "logement est passé,logements sont passés"), " à un autre, pour un tour"
    elif first:
        what, after = plural(count, "logement neuf est loué,logements neufs sont loués"), " selon leur répartition"
    else:
        what, after = plural(count, "logement est entré,logements sont entrés"), " dans le flux"
    text = format_html("Au {}, {}{}", day(on), bold(f"{integer(count)} {what}"), after)
    if not count:
        return format_html("{} : personne n’a encore rien à recevoir.", text)
    if read.widest is None:
        return format_html("{} ; aucun réservataire n’a de part, tout est au bailleur.", text)
    return format_html("{} ; le plus grand écart d’un réservataire est de {}.", text, _widest(read.widest))


def _widest(line: AccountLine) -> str:
    which = "à recevoir" if line.gap > 0 else "d’avance" if line.gap < 0 else "à jour"
    return beside(bold(counted(line.gap)), f"({line.holder}, {which}{in_course(line.figures)})")


def account_note(read: Account, ledger: Ledger, *, first: bool) -> str:
    """How its figures hold together, and what passes to the year after."""
    again = _again(read, ledger.kind) if ledger.credits_once else _credited_again(read)
    passes = _passes(ledger) if ledger.kind == Ledger.Kind.ORDINARY else ""
    return beside(_sums_up(read, first=first), again, passes)


def _sums_up(read: Account, *, first: bool) -> str:
    none = "pas de destination"
    if left := read.unassigned:
        return (
            f"La somme des écarts, en cours compris, vaut {integer(left)} : à cette date, {integer(left)} "
            f"{plural(left, 'logement enregistré n’avait,logements enregistrés n’avaient')} {none} : "
            f"{plural(left, 'son calcul attendait ou il est sorti,leur calcul attendait ou ils sont sortis')} du flux "
            "pour travaux."
        )
    course = ", en cours compris," if read.total.in_course else ""
    if first:
        each = (
            "chaque logement loué est dû en entier, au prorata des parts de son programme, et compté une fois. Une "
            "fois le programme entièrement loué, chacun a reçu sa part."
        )
    else:
        each = (
            "chaque logement entré dans le flux est dû en entier, et compté une fois, à un seul réservataire ou au "
            "bailleur."
        )
    return f"La somme des écarts{course} est nulle : {each}"


def _again(read: Account, kind: str) -> str:
    """The two invariants of an account, of units given back (docs/engine.md, section 4)."""
    shares = read.total.due - read.total.carried
    one_turn = kind == Ledger.Kind.ONE_TURN
    into = entered(read.entered, first=kind == Ledger.Kind.FIRST_LETTING, one_turn=one_turn)
    whole = f"Ensemble, {units(shares)} {plural_units(shares, 'dû,dus')} pour {into}."
    if one_turn:
        return (
            f"{whole} Chacun a été rendu par un réservataire dont le tour est utilisé : il reste reçu par lui dans le "
            "compte annuel, où il ne compte pour personne d’autre."
        )
    if not read.total.returned:
        return whole
    return (
        f"{whole} Un logement rendu ne crédite personne une seconde fois : ou il compte pour qui le prend, ou, si son "
        "tour est utilisé, il reste reçu par qui l’a rendu et passe à un autre pour un tour, hors de ce compte."
    )


def one_turn_words(received: Sequence[tuple[ReservationHolder, int]], book: Ledger | None) -> str:
    """« Reçus en plus, pour un tour : Ville de Narbonne, 2 ; … », beside a yearly account; empty where none was."""
    if book is None or not received:
        return ""
    each = " ; ".join(f"{holder}, {integer(units)}" for holder, units in received)
    words = link(reverse("account", args=[book.pk]), "Reçus en plus, pour un tour")
    return format_html("{}, hors de ce compte : {}.", words, each)


def _credited_again(read: Account) -> str:
    """Of an account of before (`Ledger.accounting` 1)."""
    return "Un logement rendu qui compte quand même est dû, et compté, une fois de plus." if read.total.returned else ""


def _passes(ledger: Ledger) -> str:
    rule = link(reverse("rule"), "Comment le bailleur choisit")
    text = "Ce qui passe d’une année à l’autre est cet écart, une fois réglé ce qui est en cours au 31 décembre."
    other = link(reverse("whatif", args=[ledger.pk]), "Et si les parts avaient été différentes ?")
    clear = link(reverse("transparency", args=[ledger.pk]), "Transparence de l’orientation")
    return beside(text, rule, "·", other, "·", clear)
