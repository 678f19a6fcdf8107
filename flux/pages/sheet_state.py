"""Where a unit that fell vacant stands, when nothing of it is left to decide, and what its reader may do once it is
routed: the middle of its sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html

from flux.delegating import proposer, under_order
from flux.models import Routing, Vacancy
from flux.pages.sheet_words import SheetWords, clock_words, in_the_year, not_yet, why_there
from flux.queries.first_letting import FirstLetting
from reservations.models import ReservationHolder
from reservations.pages.pieces import beside, bold, definition, link, pill
from reservations.words import day, percent, to, towards, upper_first

NOT_COUNTED = "Non compté"
IN_STOCK = definition(
    "Droit en stock",
    "Droit qui désigne le logement. La défense, la sécurité intérieure et les établissements publics de santé le "
    "gardent (CCH, R441-5) ; les autres réservataires jusqu’à la conversion de leurs droits en flux.",
)
SUBTRACTED = definition(
    "Logement soustrait du flux",
    "Les logements nécessaires aux mutations internes et à quatre sortes de relogement ne comptent pas dans le flux "
    "annuel (CCH, R441-5). La liste est fermée.",
)


@dataclass(frozen=True, slots=True)
class Following:
    """What a reader may do of a unit that is routed: `may_propose` candidates, `may_route` it elsewhere, or
    `may_give_back`."""

    may_propose: bool
    may_route: bool
    may_give_back: bool


@dataclass(frozen=True, slots=True)
class SheetState:
    """A state of a sheet: its name, a status beside it, why, what it does; `goes_on`: what the reader may do comes
    next, before what is stated `then`."""

    heading: str
    status: str = ""
    why: str = ""
    sentences: tuple[str, ...] = ()
    goes_on: bool = False
    then: tuple[str, ...] = ()
    term: str = ""
    css: str = "panel"


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What a sheet says of its state, in its `words`; `replaced_by`: the declaration that took its place, when the
    reader may open it; `first`: of a first letting; `may_comply`: may the reader see who has signed?"""

    words: SheetWords
    replaced_by: Vacancy | None
    first: FirstLetting | None
    may_comply: bool

    @property
    def state(self) -> SheetState | None:
        """None of a state that something is awaited in."""
        by_state: Mapping[str, Callable[[], SheetState]] = {
            "CANCELLED": self._cancelled,
            "CLOSED": self._closed,
            "GONE": self._gone,
            "UNCOVERED": self._uncovered,
            "NOT_LIVE": self._not_live,
            "OUT": self._out,
            Vacancy.Kind.STOCK: self._stock,
            Vacancy.Kind.EXCLUDED: self._excluded,
            Vacancy.Kind.FIRST_LETTING: self._first_letting,
            Vacancy.Kind.OUTSIDE: self._outside,
            Vacancy.Kind.TECHNICAL: self._technical,
        }
        state = by_state.get(self.words.read.state)
        return state() if state else None

    @property
    def _vacancy(self) -> Vacancy:
        return self.words.read.vacancy

    def _cancelled(self) -> SheetState:
        if self._followed and self._vacancy.kind == Vacancy.Kind.TECHNICAL:
            on = f"Remis en location le {day(self._vacancy.cancelled_at)}."
            return SheetState("Remis en location", pill("Suite ailleurs", "ok"), on, self._followed)
        return SheetState("Annulé", sentences=(self.words.cancelled, *self._followed), css="alert warn")

    def _gone(self) -> SheetState:
        unit = self._vacancy.unit
        why = f"Ce logement est sorti du parc le {day(unit.left_on)} : {unit.get_left_why_display()}."
        cancel = "Le bailleur doit annuler cette déclaration."
        if self.words.by_landlord:
            there = link(reverse("vacancy-cancel", args=[self._vacancy.pk]), "Annulez cette déclaration")
            cancel = beside(there, "; s’il y est encore, importez-le de nouveau sans motif de sortie.")
        return SheetState("Sorti du parc", pill("Sans destination", "no"), why, (cancel,), css="alert bad")

    def _uncovered(self) -> SheetState:
        what = (
            f"{upper_first(to(self._vacancy.unit.commune))}, le {day(self._vacancy.registered_on)}, aucune "
            "convention de réservation n’était en vigueur : ce logement n’est dû à personne, et personne ne l’a. Il "
            "n’est pas orienté d’office vers le bailleur."
        )
        then: str = (
            "Le bailleur doit faire signer une convention qui couvre cette commune : l’orientation se fera ensuite "
            "toute seule."
        )
        if self.words.by_landlord:
            then = beside(
                link(reverse("convention-draft"), "Préparez une convention"),
                "qui couvre cette commune, et faites-la signer : l’orientation se fera toute seule, à sa place dans "
                "l’ordre, par les droits du premier jour où elle est en vigueur. Si elle ne commence que l’an "
                "prochain, annulez alors cette déclaration et déclarez le logement de nouveau.",
            )
        else_way = (
            "À défaut de convention, le préfet fixe les règles par arrêté (CCH, R441-5-2 IV) : enregistré parmi les "
            "conventions, sa part est comptée."
        )
        comply = (link(reverse("compliance"), "Voir qui a signé, et quoi faire"),) if self.may_comply else ()
        return SheetState(
            "Il attend une convention", sentences=(what, beside(then, else_way), *comply), css="alert bad"
        )

    def _not_live(self) -> SheetState:
        why = (
            f"L’orientation commence le {day(self.words.read.later)}. Ce logement est enregistré à sa place dans "
            "l’ordre : il sera orienté à partir de ce jour, rien n’est compté d’ici là."
        )
        there = (link(reverse("starting"), "Voir la mise en service"),) if self.words.by_landlord else ()
        return SheetState("Il attend la mise en service", why=why, sentences=there)

    def _out(self) -> SheetState:
        given = self.words.read.returns[-1]
        text = f" « {given.text} »" if given.text else ""
        why = f"{upper_first(given.who)} le {day(given.returned_at)} : {given.get_reason_display()}.{text}"
        return SheetState("Sorti du flux", pill("Sans destination", "no"), why, (self.words.out, *self._resume()))

    def _resume(self) -> tuple[str, ...]:
        """The landlord lets it again from here; nobody lets again what was taken over from the past."""
        if not self.words.by_landlord or self._vacancy.is_past:
            return ()
        return (link(reverse("vacancy-resume", args=[self._vacancy.pk]), "Remettre en location…", css="btn"),)

    def _stock(self) -> SheetState:
        return SheetState(
            upper_first(to(self._routing.holder)),
            pill("Gardé en stock", "ok"),
            self.words.stock,
            ("Il n’entre dans aucun compte : personne n’est crédité, et il ne diminue ce qui est dû à personne.",),
            goes_on=True,
            term=IN_STOCK,
        )

    def _excluded(self) -> SheetState:
        return SheetState(
            "Soustrait du flux",
            pill(NOT_COUNTED, "no"),
            f"Motif : {self._vacancy.get_exclusion_display()}.",
            (
                "Il n’entre dans aucun compte : aucun réservataire n’est crédité, aucun n’est servi. Le bilan annuel "
                "le montre parmi les logements soustraits.",
            ),
            term=SUBTRACTED,
        )

    def _outside(self) -> SheetState:
        sheet = link(reverse("unit-detail", args=[self._vacancy.unit_id]), "Lire pourquoi sur la fiche du logement")
        return SheetState(
            "Hors de l’assiette du flux",
            pill(NOT_COUNTED, "no"),
            "Aucune part ne porte sur ce logement : il n’entre dans aucun compte, et n’est dû à personne.",
            (sheet,) if self.words.by_landlord else (),
        )

    def _technical(self) -> SheetState:
        return SheetState(
            "Vacance technique",
            pill(NOT_COUNTED, "no"),
            "Ce logement est vide pour travaux, vente ou démolition : il ne se loue pas pour l’instant.",
            ("Il n’entre dans aucun compte.", *self._resume()),
        )

    def _closed(self) -> SheetState:
        """Nothing of it is awaited: what follows it is read on another page."""
        followed = self._followed or ("Le logement s’est libéré de nouveau depuis.",)
        return SheetState("Clos", pill("Sans suite ici", "no"), f"Clos le {day(self._vacancy.closed_on)}.", followed)

    @property
    def _followed(self) -> tuple[str, ...]:
        """The declaration that took its place, to who may open it."""
        other = self.replaced_by
        if other is None:
            return ()
        there = link(reverse("vacancy-detail", args=[other.pk]), "Lire la déclaration qui le remplace")
        return (format_html("{}, {}, du {}.", there, other.get_kind_display(), day(other.registered_on)),)

    def _first_letting(self) -> SheetState:
        read, by_landlord = self.words.read, self.words.by_landlord
        programme = self._vacancy.unit.programme
        sheet = reverse("programme-detail", args=[programme.pk])
        if read.routing is None:
            share = (link(sheet, f"Répartir {programme}", css="btn"),) if by_landlord else ()
            return SheetState(
                "Première mise en location",
                pill("Sans répartition convenue", "wait"),
                "Un programme neuf se répartit entre ceux qui l’ont financé, hors du flux annuel. Celui-ci n’a pas de "
                "répartition convenue.",
                (not_yet(by_landlord=by_landlord), *share),
            )
        holder, landlord = read.routing.holder, self._vacancy.unit.landlord.organisation.name
        clock = (
            (
                (
                    bold(
                        clock_words(
                            read.clock,
                            proposer(read.routing),
                            landlord,
                            ours=self.words.ours and self.words.proposes,
                        )
                    ),
                )
            )
            if read.clock
            else ()
        )
        seen = beside(*self._where(sheet))
        return SheetState(
            upper_first(to(holder)),
            pill("Première location", "ok"),
            why_there(self._vacancy, named=self.first is not None and self.first.named),
            clock,
            goes_on=True,
            then=(in_the_year(self._vacancy, holder, self.first), *((seen,) if seen else ())),
        )

    def _where(self, sheet: str) -> Iterator[str]:
        if self.first is not None and self.first.ledger_seen and self._vacancy.ledger_id is not None:
            yield link(reverse("account", args=[self._vacancy.ledger_id]), "Compte des premières locations")
        if self.first is not None and self.first.programme_seen:
            yield link(sheet, "Répartition du programme")

    @property
    def _routing(self) -> Routing:
        assert self.words.read.routing is not None, "it is routed"
        return self.words.read.routing

    @property
    def promises(self) -> list[str]:
        """Each convention that promises more than there is, to who may open it."""
        return [
            format_html(
                "{}, {}, du {} au {} : {}",
                link(reverse("convention-detail", args=[each.convention.pk]), each.convention.organisation.name)
                if self.words.by_landlord
                else each.convention.organisation.name,
                each.convention.perimeter.name,
                day(each.convention.starts_on),
                day(each.convention.last_day),
                percent(each.share),
            )
            for each in self.words.read.promises
        ]

    def following(self, may: Following) -> Iterator[tuple[str, str]]:
        """Of a unit that is routed, to its landlord and to who proposes: proposing comes first, giving up second,
        behind a page that says what it does. Each with how it stands."""
        if not (self.words.ours or self.words.by_landlord):
            return
        read, pk = self.words.read, self._vacancy.pk
        answered = read.routing is not None and read.routing.answered_on is not None
        propose = link(reverse("proposal-new", args=[pk]), "Proposer un candidat", css="btn go big")
        elsewhere = may.may_route and not read.allocated and read.ranking is not None
        yield (
            "row",
            beside(
                propose if may.may_propose and not answered else "",
                link(reverse("file", args=[pk]), "Suivre les candidats", css="btn"),
                link("#classement", "Choisir une autre destination", css="btn") if elsewhere else "",
            ),
        )
        if may.may_give_back:
            yield "small", self._giving_back(answered=answered)

    def _giving_back(self, *, answered: bool) -> str:
        page = reverse("vacancy-return", args=[self._vacancy.pk])
        if self.words.by_landlord:
            own = self._routing.holder.is_not_reserved and not self._routing.on_landlords_part
            asked = "Travaux découverts ?" if own else "Travaux, erreur, délai passé ?"
            return beside(asked, link(page, "Rendre ce logement…"))
        if answered:
            there = link(reverse("file", args=[self._vacancy.pk]), "lire les candidats de ce logement")
            return beside("Pour rendre ce logement, retirez d’abord les candidats transmis :", there)
        return beside("Personne à proposer ?", link(page, "Je n’ai pas de candidat"))


def delegated(routing: Routing | None) -> str:
    """What the State’s delegation is, of a unit that a commune proposes for, and that it alone does; empty for the
    others, and once the delegation is over."""
    if routing is None or routing.acting is None or routing.holder.is_not_reserved:
        return ""
    if proposer(routing) is routing.holder:
        return ""
    if under_order(routing):
        return definition(
            "Arrêté du préfet",
            f"{upper_first(towards(routing.holder))} n’a pas signé de convention à l’échéance de la loi : le préfet "
            f"gère sa part (loi ELAN, art. 114). {upper_first(towards(routing.acting))} propose les candidats ; "
            "le logement reste compté au réservataire.",
        )
    if routing.holder.contingent not in ReservationHolder.STATE:
        return definition(
            "Délégation",
            f"{upper_first(towards(routing.holder))} délègue une part de ses droits à ses communes, par sa convention. "
            f"{upper_first(towards(routing.acting))} propose les candidats ; le logement reste compté "
            f"{to(routing.holder)}.",
        )
    return definition(
        "Délégation",
        "Le préfet peut déléguer son contingent à une commune ou à une intercommunalité, sur son territoire (CCH, "
        f"L441-1). {upper_first(towards(routing.acting))} propose les candidats, et le préfet non ; le logement "
        "reste compté à l’État.",
    )
