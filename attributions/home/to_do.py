"""What a home page answers first: everything that awaits the reader, counted once, with where each is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from attributions.bilan.pages.waiting import hurry
from attributions.bilan.queries.home import BalancesHome
from attributions.home.queries import HolderHome, LandlordHome
from attributions.home.sittings import Sitting
from attributions.households.queries.lapsing import NOTHING_LAPSES, Lapsing
from attributions.households.queries.stage import Stage
from flux.queries.queue import Queue
from reservations.pages.clauses import days_left
from reservations.queries.conventions import ConventionStanding
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


@dataclass(frozen=True, slots=True)
class News:
    """What calls for any person, whatever its role: sessions and their votes, labels to mend, notices, balances, the
    alerts of the controls that it may read, opening balances to answer, software that no longer answers; by id, the
    conventions that wait for a signature, the programmes that another landlord gives, and the conventions of which a
    suspension waits for an accord; offers that lapse."""

    sittings: Sequence[Sitting]
    late_labels: int
    unread: int
    balances: BalancesHome
    alerts: int
    today: date
    openings: int = 0
    stopped: int = 0
    review: int = 0
    lapsing: Lapsing = NOTHING_LAPSES
    conventions: Sequence[int] = ()
    transfers: Sequence[int] = ()
    pauses: Sequence[int] = ()

    @property
    def closing(self) -> list[Sitting]:
        """The remote sessions whose vote closes today, and that await one of the person; the first to close first."""
        found = [(each.session.vote_closes_at, each) for each in self.sittings if each.votes]
        closing = [(at, each) for at, each in found if at is not None and timezone.localdate(at) <= self.today]
        return [each for _, each in sorted(closing, key=lambda pair: pair[0])]

    @property
    def tasks(self) -> list[Task]:
        awaited = [each for each in self.sittings if each.votes and each not in self.closing]
        votes = sum(each.votes for each in awaited)
        to_vote = next((each.address for each in awaited), reverse("session-list"))
        to_sign = f"{reverse('convention-list')}?etat={ConventionStanding.PROPOSED}"
        if len(self.conventions) == 1:
            to_sign = reverse("convention-detail", args=[self.conventions[0]])
        to_accept = reverse("transfer-list")
        if len(self.transfers) == 1:
            to_accept = reverse("transfer-detail", args=[self.transfers[0]])
        to_agree = reverse("convention-list")
        if len(self.pauses) == 1:
            to_agree = f"{reverse('convention-detail', args=[self.pauses[0]])}#suspensions"
        return [
            Task(len(self.conventions), "convention à lire et à signer", "conventions à lire et à signer", to_sign),
            Task(
                len(self.transfers),
                "cession de programmes à accepter ou refuser",
                "cessions de programmes à accepter ou refuser",
                to_accept,
            ),
            Task(
                len(self.pauses),
                "suspension ou fin de convention à accepter ou refuser",
                "suspensions ou fins de conventions à accepter ou refuser",
                to_agree,
            ),
            Task(votes, "vote à donner en CALEOL", "votes à donner en CALEOL", to_vote),
            Task(
                self.late_labels,
                "dossier à labelliser avant sa séance",
                "dossiers à labelliser avant leur séance",
                reverse("session-list"),
            ),
            Task(len(self.balances.to_send), "bilan à envoyer", "bilans à envoyer", "#bilans"),
            Task(
                self.balances.answers,
                "remarque de bilan à traiter",
                "remarques de bilan à traiter",
                "#bilans",
                hurry(self.balances.waits, self.balances.answers),
            ),
            Task(self.balances.signatures, "bilan à lire et à signer", "bilans à lire et à signer", "#bilans"),
            Task(self.balances.readings, "bilan à lire", "bilans à lire", "#bilans"),
            Task(
                self.alerts,
                "alerte des contrôles du compte à lire",
                "alertes des contrôles du compte à lire",
                reverse("audit-alert-list"),
            ),
            Task(
                self.openings,
                "solde d’ouverture à traiter",
                "soldes d’ouverture à traiter",
                reverse("opening-list"),
            ),
            Task(
                self.stopped,
                "logiciel qui ne répond plus : son adresse est suspendue",
                "logiciels qui ne répondent plus : leurs adresses sont suspendues",
                reverse("webhook-list"),
            ),
            Task(
                self.review, "revue annuelle des personnes", "revues annuelles des personnes", reverse("people-review")
            ),
            Task(self.unread, "avis à lire", "avis à lire", reverse("notice-list")),
        ]

    @property
    def waits(self) -> list[Task]:
        held = self.balances.held
        one, many = "bilan retenu par votre remarque, sans réponse", "bilans retenus par vos remarques, sans réponse"
        return [Task(held, one, many, reverse("balance-list"))]


def _lapsing(news: News, offers: str, documents: str, today: date) -> list[Task]:
    """First of all, since nobody has a second chance: votes at their hour, then what ends with the day, since the law
    gives whole days."""
    found, over = news.lapsing, "le délai est passé"
    late = found.first is not None and found.first < today
    answers = over if late else "aujourd’hui à minuit : sans réponse, c’est un refus"
    missed = found.first_document is not None and found.first_document < today
    papers = over if missed else "aujourd’hui à minuit : sans elle, la candidature prend fin"
    return [
        *_closing(news),
        Task(found.units, "offre dont la réponse expire", "offres dont la réponse expire", offers, answers),
        Task(
            found.documents,
            "pièce de ménage dont le délai expire",
            "pièces de ménages dont le délai expire",
            documents,
            papers,
        ),
    ]


def _closing(news: News) -> list[Task]:
    """The votes that close today, with their hour."""
    return [
        Task(
            each.votes,
            "vote à donner en CALEOL aujourd’hui",
            "votes à donner en CALEOL aujourd’hui",
            each.address,
            f"clos à {hour(each.session.vote_closes_at)}",
        )
        for each in news.closing
        if each.session.vote_closes_at is not None
    ]


def landlord_to_do(queue: Queue, home: LandlordHome, stages: Mapping[str, int], news: News, *, today: date) -> ToDo:
    """What lapses, then units to route, then what stands between a routing and a lease, then the papers of the year.
    No query."""
    offers = reverse("offer-list")
    candidates = [
        (Stage.TO_FIND, "logement dont vous cherchez les candidats", "logements dont vous cherchez les candidats"),
        (Stage.TO_INSTRUCT, "logement aux dossiers à instruire", "logements aux dossiers à instruire"),
        (Stage.TO_CONVENE, "logement prêt pour la CALEOL", "logements prêts pour la CALEOL"),
        (Stage.TO_OFFER, "offre à envoyer", "offres à envoyer"),
        (Stage.TO_SIGN, "bail à signer", "baux à signer"),
        (Stage.NOBODY_LEFT, "logement sans plus aucun candidat", "logements sans plus aucun candidat"),
    ]
    leads = {
        Stage.TO_CONVENE: reverse("session-list"),
        Stage.TO_OFFER: f"{offers}#send",
        Stage.TO_SIGN: f"{offers}#sign",
    }
    expected = [
        (Stage.TO_PROPOSE, "logement sans candidats du réservataire", "logements sans candidats des réservataires"),
        (Stage.RECEIVED, "logement suivi dans un autre outil", "logements suivis dans un autre outil"),
        (Stage.ON_AGENDA, "logement à l’ordre du jour d’une CALEOL", "logements à l’ordre du jour d’une CALEOL"),
        (Stage.OFFERED, "réponse de ménage attendue", "réponses de ménages attendues"),
        (Stage.DOCUMENT, "pièce de ménage attendue", "pièces de ménages attendues"),
    ]
    whole = sum(each.whole for each in home.uncovered)
    forecasts = len(home.to_send.departements) if home.to_send else 0
    return _kept(
        [
            *_lapsing(news, f"{offers}#wait", f"{reverse('file-list')}?etape={Stage.DOCUMENT}", today),
            Task(queue.to_confirm, "logement à orienter", "logements à orienter", "#file", _oldest(queue)),
            Task(
                home.to_tell,
                "logement à signaler hors délai",
                "logements à signaler hors délai",
                f"{reverse('vacancy-list')}?signal=late",
            ),
            Task(
                queue.blocked,
                "orientation impossible à débloquer",
                "orientations impossibles à débloquer",
                "?destination=blocked#file",
            ),
            *_at_stages(stages, candidates, leads),
            Task(
                whole,
                "département sans convention en vigueur",
                "départements sans convention en vigueur",
                reverse("compliance"),
            ),
            Task(
                len(home.uncovered) - whole,
                "département dont une partie est sans convention en vigueur",
                "départements dont une partie est sans convention en vigueur",
                reverse("compliance"),
            ),
            Task(forecasts, "prévisionnel à envoyer", "prévisionnels à envoyer", reverse("forecast-list")),
            *news.tasks,
        ],
        [
            *_at_stages(_without(stages, news), expected, {Stage.OFFERED: f"{offers}#wait"}),
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
        ],
    )


def _without(stages: Mapping[str, int], news: News) -> dict[str, int]:
    """What waits, less what lapses, which comes first."""
    lapsing = {Stage.OFFERED: news.lapsing.units, Stage.DOCUMENT: news.lapsing.accepted}
    return {**stages, **{stage: stages.get(stage, 0) - units for stage, units in lapsing.items()}}


def _oldest(queue: Queue) -> str:
    """Since when the first of the units to confirm waits."""
    days = queue.oldest or 0
    since, several = f"depuis {days} jour{'s' * (days > 1)}", queue.to_confirm > 1
    if days:
        return f"le plus ancien attend {since}" if several else since
    return "tous arrivés aujourd’hui" if several else "arrivé aujourd’hui"


def _at_stages(
    stages: Mapping[str, int], said: Iterable[tuple[Stage, str, str]], leads: Mapping[Stage, str]
) -> list[Task]:
    """What is at each of these stages, said for one and for several, where `leads` has it or in the list of units."""
    at = f"{reverse('file-list')}?etape="
    return [Task(stages.get(stage, 0), one, many, leads.get(stage, f"{at}{stage}")) for stage, one, many in said]


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


def holder_to_do(home: HolderHome, stages: Mapping[str, int], news: News, *, today: date) -> ToDo:
    """What lapses, then units that await its candidates, the most urgent delay told, then what awaits any person; what
    its candidates and those of who acts for it wait for. No query."""
    clock = home.awaiting[0].row.clock if home.awaiting else None
    hurry = ""
    if clock is not None and clock.runs:
        left = f"il reste {days_left(clock.left, clock.how.unit)}"
        how = "le délai est dépassé" if clock.late else "c’est le dernier jour" if clock.last_day else left
        hurry = f"{how} pour le premier" if home.awaiting_count > 1 else how
    candidates = Task(
        home.awaiting_count, "logement attend vos candidats", "logements attendent vos candidats", "#reponses", hurry
    )
    confirmed = "#attente" if home.waiting else reverse("vacancy-list")
    return _kept(
        [
            *_lapsing(
                news,
                f"{reverse('file-list')}?etape={Stage.OFFERED}",
                f"{reverse('file-list')}?etape={Stage.DOCUMENT}",
                today,
            ),
            candidates,
            *news.tasks,
        ],
        [
            Task(
                home.waiting_count,
                "orientation à confirmer par le bailleur",
                "orientations à confirmer par le bailleur",
                confirmed,
            ),
            Task(
                stages.get(Stage.TO_PROPOSE, 0) - home.awaiting_count,
                "logement sans candidats de votre délégataire",
                "logements sans candidats de vos délégataires",
                f"{reverse('file-list')}?etape={Stage.TO_PROPOSE}",
            ),
            *_at_stages(_without(stages, news), FOLLOWED, {}),
            *news.waits,
        ],
    )


def overseer_to_do(news: News) -> ToDo:
    """Who oversees without being a holder: what awaits any person. No query."""
    return _kept([*_closing(news), *news.tasks], [])


def _kept(tasks: Iterable[Task], waits: Iterable[Task]) -> ToDo:
    return ToDo([task for task in tasks if task.number > 0], [task for task in waits if task.number > 0])
