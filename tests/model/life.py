"""The life of one landlord in one département: each act changes the accounts and the departures, or is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.model.account import Account, Movement, Spread
from tests.model.facts import SIDES, UNIT, Dwelling, Right, Terms, after, refuse, share_out
from tests.model.rule import Known, Seen, decide

LANDLORD = "landlord"


@dataclass(frozen=True)
class Decided:
    """What the rule stated of a departure, at a rank of an account."""

    holder: str
    reason: str
    sequence: int
    account: Account
    ranked: frozenset[str]
    order: int


@dataclass
class Departure:
    """A unit that fell vacant: its rank of registration, the decisions on it, who has it."""

    number: int
    dwelling: Dwelling
    unit: int
    kind: str
    registered: date
    available: date
    decisions: list[Decided] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)
    holder: str = ""
    routed: date | None = None
    out: bool = False
    cancelled: bool = False
    allocated: bool = False
    let: bool = False

    @property
    def waits(self) -> bool:
        return self.kind == "IN_FLOW" and not self.decisions and not self.cancelled

    @property
    def is_open(self) -> bool:
        """The unit does not fall vacant again before it is let. What is subtracted is not followed."""
        return self.kind == "IN_FLOW" and not self.cancelled and not self.let


@dataclass
class Life:
    """`length` departures are known together, for `days` worked days at most; `automatic`: nobody confirms."""

    rights: Sequence[Right]
    length: int = 1
    days: int = 3
    automatic: bool = False
    departures: list[Departure] = field(default_factory=list)
    accounts: dict[tuple[int, bool], Account] = field(default_factory=dict)
    #: (day, holder, what, how many, of which departure), as the balance counts them
    acts: list[tuple[date, str, str, int, int]] = field(default_factory=list)

    def account(self, year: int, *, one_turn: bool = False) -> Account:
        return self.accounts.setdefault((year, one_turn), Account(year, one_turn))

    def right(self, holder: str, at: Departure) -> Right | None:
        return next((each for each in self.there(at) if each.holder == holder), None)

    def there(self, at: Departure) -> list[Right]:
        return [each for each in self.rights if each.place in at.dwelling.places]

    def shares(self, at: Departure) -> dict[str, int]:
        """Each share of a unit, the rest to the landlord."""
        found = {each.holder: each.share_of(at.dwelling, at.registered.year) for each in self.there(at)}
        return found | {LANDLORD: UNIT - sum(found.values())}

    def takers(self, at: Departure) -> set[str]:
        """Who has a share of it and takes it; the landlord always."""
        declining = {each.holder for each in self.rights if each.declines(at.dwelling)}
        return {holder for holder, share in self.shares(at).items() if share} - declining | {LANDLORD}

    def waiting(self, year: int) -> list[Departure]:
        return [each for each in self.departures if each.waits and each.registered.year == year]

    def firm(self, at: Departure) -> date:
        """The day on which it no longer waits: after so many worked days, or sooner where a holder would lose some of
        its delay to propose."""
        longest = max((each.terms.days or 0 for each in self.there(at) if not each.terms.delegated), default=0)
        day, waited = at.registered, 0
        while waited < self.days and after(after(day, self.days), longest) <= at.available:
            following = date.fromordinal(day.toordinal() + 1)
            waited += after(day, 1) == following
            day = following
        return day

    def balance(self, year: int) -> Counter[tuple[str, str]]:
        """By holder and act: what was done in the year (CCH, R441-5-1), less what undid it."""
        found: Counter[tuple[str, str]] = Counter()
        for on, holder, what, quantity, _ in self.acts:
            found[holder, what] += quantity if on.year == year else 0
        return found

    def declare(self, unit: int, dwelling: Dwelling, kind: str, dates: tuple[date, date], today: date) -> None:
        """A unit falls vacant. `dates`: when its notice came, and when it is free."""
        notice, available = dates
        refuse(notice > today, "Le congé ne peut pas être reçu après aujourd’hui")
        refuse(available < notice, "avant que le congé soit reçu")
        earlier = [each for each in self.departures if each.unit == unit and not each.cancelled]
        refuse(any(each.is_open for each in earlier), "et n’est pas loué")
        refuse(earlier and notice <= max(each.available for each in earlier), "un nouveau congé vient après")
        self.departures.append(Departure(len(self.departures), dwelling, unit, kind, today, available))
        self.route(today.year, today)

    def sweep(self, today: date) -> None:
        """Another morning."""
        for year in sorted({each.registered.year for each in self.departures}):
            self.route(year, today)

    def route(self, year: int, today: date) -> None:
        """Decide what is firm, in order of registration; the rest waits for others to be known."""
        queue = self.waiting(year)
        while queue and (self.length == 1 or len(queue) >= self.length or self.firm(queue[0]) <= today):
            self.enter(queue.pop(0), queue, today)

    def ask(self, at: Departure, motive: str, today: date) -> None:
        """« Décider maintenant »."""
        self._of_the_flow(at)
        refuse(at.decisions, "est déjà décidé")
        refuse(self.length == 1, "Chaque départ est décidé seul")
        queue = self.waiting(at.registered.year)
        refuse(queue[0] is not at and not motive, "dites pourquoi celui-ci passe avant")
        self.enter(at, [each for each in queue if each is not at], today)

    def enter(self, at: Departure, queue: Sequence[Departure], today: date) -> None:
        """Credit each with its share, and decide."""
        account = self.account(at.registered.year)
        spreads = {
            each.holder: account.elsewhere(each.holder, each.declined, at.dwelling.kinds) for each in self.rights
        }
        self._credit(account, at, self.shares(at), spreads)
        self._decide(account, at, queue, today)

    def _credit(
        self, account: Account, at: Departure, shares: Mapping[str, int], weights: Mapping[str, Spread]
    ) -> None:
        for holder, share in shares.items():
            spread = {of: share_out(share, mix) for of, mix in weights.get(holder, {}).items()} if share else {}
            account.move(Movement(at.number, holder, at.dwelling.kinds, due=share, spread=spread))

    def _decide(
        self, account: Account, at: Departure, queue: Sequence[Departure], today: date, chain: str = ""
    ) -> None:
        shares, takers = self.shares(at), self.takers(at) - at.returned | {LANDLORD}
        ranks = {each.holder: each.rank for each in self.rights} | {LANDLORD: UNIT}
        uniform = {each.holder for each in self.rights if each.terms.uniform}
        lines = {holder: account.line(holder) for holder in ranks}

        def lack(holder: str, of: Departure) -> int:
            return lines[holder].lack(of.dwelling.kinds, uniform=holder in uniform)

        seen = [
            Seen(holder, ranks[holder], share, line.delay, lack(holder, at), line.last, holder in takers)
            for holder, line in lines.items()
            if (share := shares.get(holder, 0)) or holder == LANDLORD
        ]
        known = [
            Known(self.shares(each), frozenset(able), {holder: lack(holder, each) for holder in able})
            for each in queue[: self.length - 1]
            for able in [self.takers(each)]
        ]
        delays = {holder: line.delay for holder, line in lines.items()}
        holder, reason = decide(seen, LANDLORD, known, delays, chain)
        account.sequence += 1
        ranked = frozenset(each.name for each in seen)
        order = sum(len(each.decisions) for each in self.departures)
        at.decisions.append(Decided(holder, reason, account.sequence, account, ranked, order))
        account.receive(at.number, holder, at.dwelling.kinds, account.sequence)
        at.holder, at.routed, at.out = "", None, False
        if self.automatic:
            self._open(at, holder, today)

    def _open(self, at: Departure, holder: str, today: date) -> None:
        at.holder, at.routed = holder, today
        self._say(today, holder, "offered", 1, at)

    def _say(self, on: date, holder: str, what: str, quantity: int, at: Departure) -> None:
        if quantity < 0:  # what undoes an act is of the year of that act
            on = [day for day, *act in self.acts if act == [holder, what, 1, at.number]][-1]
        self.acts.append((on, holder, what, quantity, at.number))

    def _of_the_flow(self, at: Departure) -> None:
        refuse(at.cancelled, "est déjà annulé")
        refuse(at.kind == "EXCLUDED", "Choisissez au moins un logement du flux")

    def _decided(self, at: Departure) -> Decided:
        self._of_the_flow(at)
        refuse(not at.decisions, "n’a pas encore de recommandation")
        refuse(at.out, "a quitté le flux pour travaux")
        return at.decisions[-1]

    def confirm(self, at: Departure, today: date) -> None:
        decided = self._decided(at)
        refuse(at.holder, "est déjà orienté vers")
        self._open(at, decided.holder, today)

    def override(self, at: Departure, holder: str, motive: str, text: str, today: date) -> None:
        """Send it elsewhere: the account follows, at the rank of the decision."""
        decided = self._decided(at)
        before = at.holder or decided.holder
        refuse(holder == before, "est déjà pour")
        refuse(holder in at.returned, "a déjà rendu ce logement")
        refuse(not motive or not text, "Dites pourquoi, en choisissant un motif")
        refuse(holder not in decided.ranked, "n’a pas de droit là où se trouve ce logement")
        right = self.right(holder, at)
        unwilling = motive not in ("HOLDER_REQUEST", "HOLDER_AGREEMENT")
        refuse(right and right.declines(at.dwelling) and unwilling, "il faut son accord ou sa demande")
        refuse(at.allocated, "est attribué à un ménage")
        decided.account.give_up(at.number, before, at.dwelling.kinds)
        decided.account.receive(at.number, holder, at.dwelling.kinds, decided.sequence)
        if at.holder:
            self._say(today, before, "offered", -1, at)
        self._open(at, holder, today)

    def give_back(self, at: Departure, reason: str, text: str, today: date) -> None:
        """The convention says whose turn is used, who comes next, and what is forfeited."""
        self._of_the_flow(at)
        refuse(not at.holder, "n’est plus orienté")
        holder, decided, right = at.holder, at.decisions[-1], self.right(at.holder, at)
        terms = right.terms if right else None
        refuse(holder == LANDLORD and reason != "WORKS", "Ce logement est au bailleur")
        if reason == "NO_CANDIDATE":
            refuse(terms.days is None, "ne fixe aucun délai")
            refuse(terms.delegated, "La gestion est déléguée")
            refuse(today <= after(at.routed, terms.days), "peut proposer jusqu’au")
        else:
            refuse(not text, "Dites pourquoi en une phrase")
        refuse(at.allocated, "est attribué à un ménage")
        account = decided.account
        used = bool(terms and terms.uses_turn(reason) and not account.one_turn)
        self._say(today, holder, "returned", 1, at)
        if reason == "NO_CANDIDATE":
            self._say(today, holder, "lapsed", 1, at)
        if not used and SIDES[reason] in (terms.not_offered if terms else ("LANDLORD", "UNIT")):
            self._say(today, holder, "offered", -1, at)
        at.holder, at.routed = "", None
        if reason == "WORKS":
            at.out, at.returned = True, set()
            for each in self.accounts.values():
                each.take_back(at.number)
            return
        at.returned.add(holder)
        queue = self.waiting(at.registered.year)
        if used:
            account, queue = self.account(account.year, one_turn=True), []
        else:
            account.forgive(at.number, holder, at.dwelling.kinds)
            excess = account.line(holder).delay - terms.cap if terms.cap is not None else 0
            if SIDES[reason] == "HOLDER" and not account.one_turn and excess > 0:
                account.forfeit(at.number, holder, LANDLORD, min(UNIT, excess))
            queue = [] if account.one_turn else queue
        chain = self._chain(at, terms) if SIDES[reason] == "HOLDER" else ""
        if used:
            able = self.takers(at) - at.returned
            credited = {each: share for each, share in self.shares(at).items() if each in able and each != LANDLORD}
            self._credit(account, at, credited | {LANDLORD: UNIT - sum(credited.values())}, {})
        self._decide(account, at, queue, today, chain)

    def _chain(self, at: Departure, terms: Terms) -> str:
        """The first step that can take the unit; "" when the rule decides."""
        there = {holder for holder, share in self.shares(at).items() if share}
        for step in terms.chain:
            if step == "NEXT":
                return ""
            if step == "LANDLORD":
                return LANDLORD
            named = {"STATE": "priority", "MAYOR": "city"}[step]
            own = step == "STATE" or at.dwelling.places[0] == "Narbonne"
            if own and named in there & self.takers(at) - at.returned:
                return named
        return ""

    def resume(self, at: Departure, today: date) -> None:
        """Works are over: it enters its account anew, and is decided at once."""
        self._of_the_flow(at)
        refuse(not at.out, "n’est pas sorti de la location")
        self.enter(at, self.waiting(at.registered.year), today)

    def cancel(self, at: Departure, text: str, today: date) -> None:
        """All that it moved comes to nothing; later decisions stand."""
        refuse(not text, "Dites pourquoi")
        refuse(at.cancelled, "est déjà annulé")
        refuse(at.let, "annulez d’abord le bail")
        refuse(at.allocated, "annulez d’abord l’attribution")
        at.cancelled, at.holder, at.routed = True, "", None
        for each in self.accounts.values():
            each.take_back(at.number)
        self.acts = [each for each in self.acts if each[-1] != at.number]

    def _routed(self, at: Departure, on: date | None, today: date) -> str:
        refuse(at.kind == "EXCLUDED", "n’entre dans aucun compte")
        refuse(at.cancelled, "est déjà annulé")
        refuse(not at.holder, "n’est orienté vers personne")
        refuse(on is not None and not at.routed <= on <= today, "Choisissez un jour entre l’orientation")
        return at.holder

    def allocate(self, at: Departure, on: date, today: date) -> None:
        holder = self._routed(at, on, today)
        refuse(at.allocated, "est déjà attribué")
        at.allocated = True
        self._say(on, holder, "allocated", 1, at)

    def lease(self, at: Departure, on: date, today: date) -> None:
        holder = self._routed(at, on, today)
        refuse(at.let, "est déjà signé")
        if not at.allocated:
            self._say(on, holder, "allocated", 1, at)
        at.allocated = at.let = True
        self._say(on, holder, "leased", 1, at)

    def undo(self, at: Departure, why: str, today: date) -> None:
        holder = self._routed(at, None, today)
        refuse(not why, "Dites pourquoi")
        refuse(not at.allocated, "n’est ni attribué ni loué")
        later = [each for each in self.departures[at.number + 1 :] if each.unit == at.unit and each.is_open]
        refuse(at.let and later, "s’est libéré de nouveau depuis")
        self._say(today, holder, "leased" if at.let else "allocated", -1, at)
        at.let, at.allocated = False, at.let
