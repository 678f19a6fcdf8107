"""What awaits a person about a unit, from its vacancy to its lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Protocol

from django.db.models import DateTimeField, F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Greatest
from django.urls import reverse_lazy
from django.utils.text import format_lazy

from attributions.households.models import Lease, Offer, UnitStage
from attributions.households.queries.candidates import expected_routings
from attributions.households.queries.deadlines import documents_lapsing, lapsing
from attributions.households.queries.file import going
from attributions.households.queries.stage import Stage
from attributions.inbox.kinds import Kind, RowAct, Rows, holder, landlord
from attributions.inbox.reader import Reader
from flux.delegating import proposed_by
from flux.models import FlowEntry, Recommendation, Routing, Vacancy
from flux.queries.deadlines import answer_due
from flux.queries.vacancies import to_tell, with_signal_due
from reservations.models import Membership
from reservations.queries.composed import among
from reservations.queries.rows import ids_first

#: The list of units at a stage, and that of offers.
STAGES, OFFERS = reverse_lazy("file-list"), reverse_lazy("offer-list")


class Due(Protocol):
    """What is due by a day on the units of a person."""

    def __call__(self, member: Membership, /, *, today: date) -> QuerySet[Any]: ...


#: What one form of the row does, by its name in the address.
ELSEWHERE = RowAct("ailleurs", "Ailleurs", "o")
GIVE_BACK = RowAct("rendre", "Pas de candidat", "n")
TRANSMIT = RowAct("transmettre", "Transmettre", "c", drafts=True)
OFFER = RowAct("offrir", "Envoyer l’offre", "c", main=True)
ANSWER = RowAct("repondre", "Enregistrer la réponse", "c", landlord, main=True)
SIGN = RowAct("signer", "Signer le bail", "c", main=True)


def _listed(stage: Stage) -> Any:
    return format_lazy("{}?etape={}", STAGES, str(stage))


def _owed(due: Due, day: str) -> Callable[[Reader], Rows]:
    """What a household or its file owes by a day: a row a unit, under the first of these days."""

    def found(reader: Reader) -> Rows:
        owed = due(reader.member, today=reader.today).order_by()
        first = owed.filter(proposal__vacancy=OuterRef("pk")).values("proposal__vacancy").annotate(day=Min(day))
        units = Vacancy.objects.filter(pk__in=ids_first(owed.values("proposal__vacancy").distinct()))
        return Rows(units, unit="unit__", due_on=Subquery(first.values("day")), begun=_round("pk"))

    return found


def _to_confirm(reader: Reader) -> Rows:
    found = Vacancy.objects.to_confirm().filter(landlord=reader.landlord)
    dated = with_signal_due(found, today=reader.today)
    latest = Recommendation.objects.filter(vacancy=OuterRef("pk")).order_by("-attempt")
    begun = Subquery(latest.values("recorded_at")[:1])
    return Rows(dated, unit="unit__", due_on="signal_due", since="registered_on", begun=begun)


def _to_tell(reader: Reader) -> Rows:
    """Those that are late and to confirm too are decided by the same act: one row each."""
    late = to_tell(Vacancy.objects.filter(landlord=reader.landlord), today=reader.today)
    return Rows(late.filter(recommendations=None), unit="unit__", due_on="signal_due", since="registered_on")


def _blocked(reader: Reader) -> Rows:
    found = Vacancy.objects.filter(pk__in=among(reader.blocked))
    return Rows(found, unit="unit__", since="registered_on", begun=_round("pk"))


def _awaited(reader: Reader) -> Rows:
    """The open routings for which a holder, or who acts for it, is expected to send candidates."""
    own = reader.organisation
    ours = proposed_by(own, reader.today)
    found = expected_routings(today=reader.today).filter(ours, vacancy__in=ids_first(going(own)))
    return Rows(found, key="vacancy", unit="vacancy__unit__", due_on="due", since="since", begun="routed_at")


def _undated(reader: Reader) -> Rows:
    """The leases in force recorded of another tool, signed in the December or the January last come, whose allocation
    the account has of the day of the lease, written before it (`dated_by_lease`; CCH, R441-5-1)."""
    december = date(reader.today.year - (reader.today.month < 12), 12, 1)
    found = Lease.objects.filter(
        vacancy__landlord=reader.landlord,
        vacancy__ledger__isnull=False,
        proposal=None,
        cancelled_at=None,
        signed_on__range=(december, date(december.year + 1, 1, 31)),
    ).alias(
        allocated_on=_last(FlowEntry.Stage.ALLOCATED, "on"),
        allocated=_last(FlowEntry.Stage.ALLOCATED, "pk"),
        leased=_last(FlowEntry.Stage.LEASED, "pk"),
    )
    rows = found.filter(allocated_on=F("signed_on"), allocated__lt=F("leased"))
    return Rows(rows, key="vacancy", unit="vacancy__unit__", since="signed_on")


def _last(stage: FlowEntry.Stage, column: str) -> Subquery:
    """Of the last entry that counts the unit of a lease at a stage."""
    entries = FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), holder=OuterRef("holder"), stage=stage, quantity=1)
    return Subquery(entries.order_by("-pk").values(column)[:1])


def _round(vacancy: str) -> Greatest:
    """The moment of what last began a round of this unit: its routing, or an offer of it to a household."""
    routed = Routing.objects.filter(vacancy=OuterRef(vacancy)).order_by("-routed_at").values("routed_at")[:1]
    sent = Offer.objects.filter(proposal__vacancy=OuterRef(vacancy)).order_by("-sent_on").values("sent_on")[:1]
    return Greatest(Subquery(routed), Cast(Subquery(sent), DateTimeField()))


def _at(stage: Stage, due_on: Callable[[Reader], Any] = lambda _: None) -> Callable[[Reader], Rows]:
    """The units of a landlord at a stage."""

    def found(reader: Reader) -> Rows:
        rows = UnitStage.objects.filter(landlord=reader.landlord, stage=stage)
        return Rows(rows, unit="vacancy__unit__", due_on=due_on(reader), begun=_round("vacancy"))

    return found


#: What is over at midnight, of a landlord and of a holder.
_lapses = partial(Kind, whom=lambda reader: landlord(reader) or holder(reader), opens="file")
OFFER_LAPSES = _lapses(
    code="offre-expire",
    one="offre dont la réponse expire",
    many="offres dont la réponse expire",
    verb="Enregistrer la réponse",
    found=_owed(lapsing, "answer_by"),
    acts=(ANSWER,),
    lapse="à minuit : sans réponse, c’est un refus",
)
DOCUMENT_LAPSES = _lapses(
    code="piece-expire",
    one="pièce de ménage dont le délai expire",
    many="pièces de ménages dont le délai expire",
    verb="Dire si elle est venue",
    found=_owed(documents_lapsing, "document_due_on"),
    lapse="à minuit : sans elle, la candidature prend fin",
)

#: A box to tick, and its act in the row.
TO_CONFIRM = Kind(
    "orienter",
    "logement à orienter",
    "logements à orienter",
    "Examiner",
    landlord,
    _to_confirm,
    listed="#file",
    lapse="dernier jour pour le signaler au réservataire",
    acts=(ELSEWHERE,),
)

#: Of a landlord, in the order of the chain.
OF_LANDLORD = (
    TO_CONFIRM,
    Kind(
        "signaler",
        "logement à signaler hors délai",
        "logements à signaler hors délai",
        "Examiner",
        landlord,
        _to_tell,
        lapse="dernier jour pour le signaler au réservataire",
    ),
    Kind(
        "debloquer",
        "orientation impossible à débloquer",
        "orientations impossibles à débloquer",
        "Débloquer",
        landlord,
        _blocked,
        listed="?destination=blocked#file",
    ),
    Kind(
        "trouver",
        "logement dont vous cherchez les candidats",
        "logements dont vous cherchez les candidats",
        "Ajouter un candidat",
        landlord,
        _at(Stage.TO_FIND, lambda reader: answer_due(today=reader.today)),
        opens="proposal-new",
        lapse="dernier jour de la convention pour trouver un candidat",
        listed=_listed(Stage.TO_FIND),
        acts=(TRANSMIT,),
    ),
    Kind(
        "instruire",
        "logement aux dossiers à instruire",
        "logements aux dossiers à instruire",
        "Instruire",
        landlord,
        _at(Stage.TO_INSTRUCT),
        opens="file",
        listed=_listed(Stage.TO_INSTRUCT),
    ),
    Kind(
        "convoquer",
        "logement prêt pour la CALEOL",
        "logements prêts pour la CALEOL",
        "Inscrire à une séance",
        landlord,
        _at(Stage.TO_CONVENE),
        opens="file",
        listed=reverse_lazy("session-list"),
    ),
    Kind(
        "offrir",
        "offre à envoyer",
        "offres à envoyer",
        "Envoyer l’offre",
        landlord,
        _at(Stage.TO_OFFER),
        opens="file",
        listed=format_lazy("{}#send", OFFERS),
        acts=(OFFER,),
    ),
    Kind(
        "bail",
        "bail à signer",
        "baux à signer",
        "Signer le bail",
        landlord,
        _at(Stage.TO_SIGN),
        opens="file",
        listed=format_lazy("{}#sign", OFFERS),
        acts=(SIGN,),
    ),
    Kind(
        "sans-candidat",
        "logement sans plus aucun candidat",
        "logements sans plus aucun candidat",
        "Décider de la suite",
        landlord,
        _at(Stage.NOBODY_LEFT),
        opens="file",
        listed=_listed(Stage.NOBODY_LEFT),
    ),
    Kind(
        "dater",
        "attribution connue par son seul bail",
        "attributions connues par leur seul bail",
        "Écrire son jour",
        landlord,
        _undated,
        opens="vacancy-outcome",
    ),
)

CANDIDATES_AWAITED = Kind(
    "proposer",
    "logement attend vos candidats",
    "logements attendent vos candidats",
    "Proposer un candidat",
    holder,
    _awaited,
    opens="proposal-new",
    listed="#reponses",
    title="Candidats à proposer",
    lapse="sans candidat ce jour-là, le logement repart la nuit suivante : ce n’est le refus de personne",
    acts=(TRANSMIT, GIVE_BACK),
)
