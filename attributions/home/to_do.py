"""What a home page answers first: everything that awaits the reader, counted once, with where each is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from attributions.bilan.pages.remarks import hurry
from attributions.bilan.queries.home import BalancesHome
from attributions.home.queries import HolderHome
from attributions.households.queries.stage import Stage
from attributions.inbox.entries import Counted, Entry
from attributions.inbox.of_balances import TO_ANSWER, TO_READ, TO_SEND, TO_SIGN
from attributions.inbox.of_sessions import VOTE_CLOSES
from attributions.inbox.of_units import CANDIDATES_AWAITED, DOCUMENT_LAPSES, OFFER_LAPSES
from attributions.inbox.pages import address_of
from attributions.inbox.reader import Reader
from flux.queries.queue import Queue
from reservations.pages.clauses import days_left
from reservations.words import hour


@dataclass(frozen=True, slots=True)
class Task:
    """So many things of one kind. `words` for one, and for several; `where`: the address at which they are done;
    `hurry`: what is known of the first of them, or nothing."""

    number: int
    one: str
    many: str
    where: str
    hurry: str = ""

    @property
    def words(self) -> str:
        return self.many if self.number > 1 else self.one


@dataclass(frozen=True, slots=True)
class ToDo:
    """What the reader has to do, then what it waits for from others. Neither holds a task of none."""

    tasks: list[Task]
    waits: list[Task]

    @property
    def number(self) -> int:
        return sum(task.number for task in self.tasks)

    def __bool__(self) -> bool:
        return bool(self.tasks or self.waits)


def tasks(counted: Sequence[Counted], shown: Sequence[Entry], hurries: Mapping[str, str]) -> list[Task]:
    """What awaits the reader, as « À faire » counts it; `hurries`: what is known of the first of a kind, by its code.
    One alone leads straight to it, when it is `shown`. No query."""
    alone = {each.kind: address_of(each) for each in shown}
    return [
        Task(
            each.number,
            each.kind.one,
            each.kind.many,
            alone.get(each.kind, each.kind.where) if each.number == 1 and not each.kind.listed else each.kind.where,
            hurries.get(each.kind.code, ""),
        )
        for each in counted
    ]


def hurries_of_anybody(counted: Sequence[Counted], reader: Reader) -> dict[str, str]:
    """What lapses, first of all, since nobody has a second chance: the hour of a vote, and of an offer or a document
    the end of its day; then the remarks that wait for an answer. No query."""
    firsts = {each.kind: each.first for each in counted}
    closing = [each.session.vote_closes_at for each in reader.sittings if each.votes and each.closes_by(reader.today)]
    found = {"remarque": hurry(reader.balances.waits, reader.balances.answers)}
    if nearest := min((at for at in closing if at is not None), default=None):
        found[VOTE_CLOSES.code] = f"clos à {hour(nearest)}" if len(closing) == 1 else f"le premier à {hour(nearest)}"
    for kind in (OFFER_LAPSES, DOCUMENT_LAPSES):
        first = firsts.get(kind)
        late = first is not None and first < reader.today
        found[kind.code] = "le délai est passé" if late else f"aujourd’hui {kind.lapse}"
    return found


def landlord_waits(queue: Queue, stages: Mapping[str, int], lapsing: Mapping[Stage, int]) -> list[Task]:
    """What a landlord waits for from others. No query."""
    expected = [
        (Stage.TO_PROPOSE, "logement sans candidats du réservataire", "logements sans candidats des réservataires"),
        (Stage.RECEIVED, "logement suivi dans un autre outil", "logements suivis dans un autre outil"),
        (Stage.ON_AGENDA, "logement à l’ordre du jour d’une CALEOL", "logements à l’ordre du jour d’une CALEOL"),
        (Stage.OFFERED, "réponse de ménage attendue", "réponses de ménages attendues"),
        (Stage.DOCUMENT, "pièce de ménage attendue", "pièces de ménages attendues"),
    ]
    return [
        *_at_stages(_without(stages, lapsing), expected, {Stage.OFFERED: f"{reverse('offer-list')}#wait"}),
        Task(
            queue.calculating,
            "calcul de destination en attente",
            "calculs de destination en attente",
            "?destination=waiting#file",
        ),
        Task(
            queue.foreseen,
            "départ prévu, à décider avec les autres",
            "départs prévus, à décider ensemble",
            "?destination=foreseen#file",
        ),
    ]


def _without(stages: Mapping[str, int], lapsing: Mapping[Stage, int]) -> dict[str, int]:
    """What waits, less what lapses, which comes first."""
    return {**stages, **{stage: stages.get(stage, 0) - units for stage, units in lapsing.items()}}


def since_when(queue: Queue, *, late: bool) -> str:
    """Since when the first of the units to confirm waits; `late`: the last day to state a holder of one is over."""
    if late:
        return "à signaler hors délai" if queue.to_confirm == 1 else "l’un est à signaler hors délai"
    days = queue.oldest or 0
    since, several = f"depuis {days} jour{'s' * (days > 1)}", queue.to_confirm > 1
    if days:
        return f"le plus ancien attend {since}" if several else since
    return "tous arrivés aujourd’hui" if several else "arrivé aujourd’hui"


def _at_stages(
    stages: Mapping[str, int], rows: Iterable[tuple[Stage, str, str]], leads: Mapping[Stage, str]
) -> list[Task]:
    """What is at each of these stages, stated for one and for several, where `leads` has it or in the list of units."""
    at = f"{reverse('file-list')}?etape="
    return [Task(stages.get(stage, 0), one, many, leads.get(stage, f"{at}{stage}")) for stage, one, many in rows]


#: What a holder waits for of its candidates, from the landlord, the committee or the household.
FOLLOWED = [
    (
        Stage.TO_FIND,
        "logement dont le bailleur cherche les candidats",
        "logements dont le bailleur cherche les candidats",
    ),
    (Stage.RECEIVED, "logement suivi par le bailleur", "logements suivis par le bailleur"),
    (Stage.TO_INSTRUCT, "logement aux dossiers à l’instruction", "logements aux dossiers à l’instruction"),
    (Stage.TO_CONVENE, "logement prêt pour la CALEOL", "logements prêts pour la CALEOL"),
    (Stage.ON_AGENDA, "logement à l’ordre du jour d’une CALEOL", "logements à l’ordre du jour d’une CALEOL"),
    (Stage.TO_OFFER, "offre à envoyer par le bailleur", "offres à envoyer par le bailleur"),
    (Stage.OFFERED, "réponse de ménage attendue", "réponses de ménages attendues"),
    (Stage.DOCUMENT, "pièce de ménage attendue", "pièces de ménages attendues"),
    (Stage.TO_SIGN, "bail à signer par le bailleur", "baux à signer par le bailleur"),
    (Stage.NOBODY_LEFT, "logement sans plus aucun candidat", "logements sans plus aucun candidat"),
]


def nearest_delay(home: HolderHome) -> str:
    """How long is left of the most urgent delay, among the units that await a holder's candidates."""
    clock = home.awaiting[0].row.clock if home.awaiting else None
    if clock is None or not clock.runs:
        return ""
    left = f"il reste {days_left(clock.left, clock.how.unit)}"
    how = "le délai est dépassé" if clock.late else "c’est le dernier jour" if clock.last_day else left
    return f"{how} pour le premier" if home.awaiting_count > 1 else how


def balances_beside(balances: BalancesHome, shown: Sequence[Entry]) -> BalancesHome:
    """The balances that no row of those `shown` has: a balance stays as long as one of its remarks has none, or
    one of its lines is to be sent, which no row states. No query."""
    rows = {(each.kind, each.key) for each in shown}
    asked = {each.version.balance_id for each, _ in balances.remarks if (TO_ANSWER, each.pk) not in rows}
    return replace(
        balances,
        to_send=[each for each in balances.to_send if (TO_SEND, each[0].pk) not in rows],
        to_answer=[each for each in balances.to_answer if each[0].pk in asked or each[2]],
        to_sign=[each for each in balances.to_sign if (TO_SIGN, each.pk) not in rows],
        to_read=[each for each in balances.to_read if (TO_READ, each.pk) not in rows],
    )


def lapse_before_units(entries: Sequence[Entry], counted: Sequence[Counted]) -> bool:
    """Does something else lapse before, or with, the first of the units that await a holder's candidates? No query."""
    first = entries[0].due_on if entries else None
    unit = next((each.first for each in counted if each.kind is CANDIDATES_AWAITED), None)
    return first is not None and (unit is None or first <= unit)


def holder_waits(home: HolderHome, stages: Mapping[str, int], lapsing: Mapping[Stage, int], held: int) -> list[Task]:
    """What its candidates and those of who acts for it wait for; the balances that its own remarks hold back. No
    query."""
    return [
        Task(
            home.waiting_count,
            "orientation à confirmer par le bailleur",
            "orientations à confirmer par le bailleur",
            "#attente" if home.waiting else reverse("vacancy-list"),
        ),
        Task(
            stages.get(Stage.TO_PROPOSE, 0) - home.awaiting_count,
            "logement dont un autre cherche les candidats",
            "logements dont d’autres cherchent les candidats",
            f"{reverse('file-list')}?etape={Stage.TO_PROPOSE}",
        ),
        *_at_stages(_without(stages, lapsing), FOLLOWED, {}),
        Task(
            held,
            "bilan retenu par votre remarque, sans réponse",
            "bilans retenus par vos remarques, sans réponse",
            reverse("balance-list"),
        ),
    ]


def kept(tasks: Iterable[Task], waits: Iterable[Task] = ()) -> ToDo:
    """What there is of both."""
    return ToDo([task for task in tasks if task.number > 0], [task for task in waits if task.number > 0])
