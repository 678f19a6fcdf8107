"""Each kind of e-mail: who is notified, by what act, and what makes it vanish. Read by the page « Mes courriels »."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from attributions.bilan.models import BalanceDispatch, BalanceRemark, BalanceSignature, BalanceVersion
from attributions.households.models import CommitteeSession, Proposal
from attributions.households.queries.committees import votes_awaited_of
from attributions.notices.models import Notice
from flux.models import AuditAlert, Routing, Vacancy
from flux.queries.forecasts import to_remind
from reservations.models import Convention, FileImport, Landlord, MailItem, Membership, Signatory
from reservations.models.mail import Family
from reservations.queries.conventions import renewal_waits


@dataclass(frozen=True, slots=True)
class Kind:
    """`code`: that of its rows; `title`: what happened; `recipients`: to whom; `ends`: what makes it vanish before
    it is sent. Without a `family` it calls for an act, or the law requires it: nobody switches it off. `stands`: from a
    row whose `about` names its object, whether it is still to be sent."""

    code: str
    title: str
    recipients: str
    ends: str
    stands: Callable[[MailItem], bool]
    family: str = ""


def _number(item: MailItem) -> int:
    return int(item.about.split(":")[1])


def _unit_waits(item: MailItem) -> bool:
    """Somebody has still to send candidates for this routing."""
    waiting = Routing.objects.filter(closed_at=None, answered_on=None, vacancy__cancelled_at=None)
    return waiting.filter(pk=_number(item)).exists()


def _routing_stands(item: MailItem) -> bool:
    return Routing.objects.filter(pk=_number(item), closed_at=None, vacancy__cancelled_at=None).exists()


def _signal_waits(item: MailItem) -> bool:
    """The unit goes to nobody still: being routed is what states its holder."""
    return Vacancy.objects.to_decide().filter(pk=_number(item)).exists()


def _unread(item: MailItem) -> bool:
    return Notice.objects.unread().filter(pk=_number(item)).exists()


def _ready(item: MailItem) -> bool:
    return Proposal.objects.filter(vacancy=_number(item), status=Proposal.Status.READY).exists()


def _convened(item: MailItem) -> bool:
    """To be held: neither opened, closed nor cancelled."""
    return CommitteeSession.objects.filter(pk=_number(item), opened_at=None, closed_at=None, cancelled_at=None).exists()


def _votes(item: MailItem) -> bool:
    """This person has a vote to give there."""
    return bool(_left(item, Q(user=item.user_id)))


def _votes_missing(item: MailItem) -> bool:
    return bool(_left(item, Q()))


def _left(item: MailItem, whose: Q) -> object:
    session = CommitteeSession.objects.filter(pk=_number(item))
    return votes_awaited_of(session, now=timezone.now(), whose=whose)


def _latest(item: MailItem) -> Any:
    later = BalanceVersion.objects.filter(balance=OuterRef("version__balance"), number__gt=OuterRef("version__number"))
    return BalanceDispatch.objects.filter(~Exists(later), pk=_number(item))


def _to_sign(item: MailItem) -> bool:
    signed = BalanceSignature.objects.filter(version=OuterRef("version"), organisation=OuterRef("organisation"))
    return bool(_latest(item).filter(~Exists(signed), version__sealed_at=None).exists())


def _to_read(item: MailItem) -> bool:
    return bool(_latest(item).filter(opened_at=None).exists())


def _remark_waits(item: MailItem) -> bool:
    """Without an answer, or stated corrected and in no version yet."""
    unsent = Q(answer=BalanceRemark.Answer.CORRECTED, corrected_in=None)
    return BalanceRemark.objects.filter(Q(answer="") | unsent, pk=_number(item)).exists()


def _forecast_waits(item: MailItem) -> bool:
    landlord = Landlord.objects.filter(pk=_number(item)).first()
    return landlord is not None and to_remind(landlord, today=timezone.localdate()) is not None


def _alerts_stand(item: MailItem) -> bool:
    """« landlord:3:2026-03-02 » of its accounts, « behind:3:… » of what was written behind the product, « log:0:… » of
    the verifiable log; 0 of all."""
    what, whose, _ = item.about.split(":")
    landlord = int(whose) or None
    result = Q(ledger__landlord=landlord, landlord=None) | Q(ledger=None, landlord=landlord)
    behind = Q(check_code__in=AuditAlert.TAMPERING)
    return AuditAlert.objects.active().filter(result, ~behind if what == "landlord" else behind).exists()


def _import_stands(item: MailItem) -> bool:
    _, pk, state = item.about.split(":")
    return FileImport.objects.filter(pk=int(pk), state=state).exists()


def _convention_waits(item: MailItem) -> bool:
    """Proposed, and this organisation has not signed."""
    waiting = Signatory.objects.filter(signed_on=None, convention__status=Convention.Status.PROPOSED)
    return waiting.filter(convention=_number(item), organisation=item.organisation_id).exists()


def _always(item: MailItem) -> bool:
    return True


#: In the order in which a person meets them.
KINDS = [
    Kind(
        "unit",
        "un logement attend vos candidats",
        "les personnes du réservataire, ou de la commune qui propose à sa place",
        "les candidats sont transmis, le logement est rendu ou réorienté",
        _unit_waits,
    ),
    Kind(
        "unit.half",
        "la moitié du délai pour proposer est passée",
        "les mêmes",
        "les candidats sont transmis, le logement est rendu ou réorienté",
        _unit_waits,
    ),
    Kind(
        "unit.days",
        "il reste 5 jours ou moins pour proposer",
        "les mêmes",
        "les candidats sont transmis, le logement est rendu ou réorienté",
        _unit_waits,
    ),
    Kind(
        "signal.days",
        "un logement est à signaler à son réservataire dans trois jours ou moins",
        "les personnes du bailleur",
        "le logement est orienté, ou sa libération est annulée",
        _signal_waits,
    ),
    Kind(
        "signal.late",
        "un logement vous a été signalé hors du délai de sa convention",
        "les personnes du réservataire, ou de la commune qui propose à sa place",
        "le logement est rendu ou réorienté",
        _routing_stands,
        Family.UNITS,
    ),
    Kind(
        "lapsed",
        "le délai est écoulé, ou le bailleur reprend le logement",
        "les personnes du bailleur et du réservataire",
        "l’avis est lu",
        _unread,
    ),
    Kind(
        "session",
        "une séance de la CALEOL est convoquée",
        "les membres de la commission et son secrétariat",
        "la séance est ouverte ou annulée",
        _convened,
    ),
    Kind("session.cancelled", "une séance est annulée", "les mêmes", "toujours envoyé", _always),
    Kind(
        "vote",
        "un vote à distance est ouvert",
        "les membres qui ont une voix à donner",
        "la voix est donnée, le vote est clos",
        _votes,
    ),
    Kind(
        "vote.half",
        "la moitié du temps de vote est passée",
        "les membres qui n’ont pas voté",
        "la voix est donnée, le vote est clos",
        _votes,
    ),
    Kind(
        "vote.missing",
        "des voix manquent à la moitié du temps de vote",
        "le secrétariat de la commission, qui lit qui n’a pas voté",
        "toutes les voix sont données, le vote est clos",
        _votes_missing,
    ),
    Kind(
        "convention",
        "une convention vous est proposée, à lire et à signer",
        "les personnes qui signent pour chaque partie attendue",
        "votre organisation a signé, ou la proposition est retirée",
        _convention_waits,
    ),
    Kind(
        "convention.signed",
        "une convention est signée de toutes ses parties",
        "les personnes qui signent pour chaque partie",
        "toujours envoyé",
        _always,
    ),
    Kind(
        "transfer",
        "des programmes passent d’un bailleur à un autre : proposés, acceptés ou refusés, cédés",
        "les personnes des deux bailleurs, et de leurs réservataires une fois que c’est fait",
        "l’avis est lu",
        _unread,
    ),
    Kind(
        "convention.denounced",
        "une partie dénonce une convention, ou retire sa dénonciation",
        "les personnes qui signent pour chaque autre partie",
        "toujours envoyé",
        _always,
    ),
    Kind(
        "convention.paused",
        "la suspension d’une convention, sa levée ou sa fin est proposée, convenue ou retirée",
        "les personnes qui signent pour chaque autre partie",
        "toujours envoyé",
        _always,
    ),
    Kind(
        "convention.renewal",
        "une convention sera bientôt reconduite tacitement",
        "les personnes qui signent pour chaque partie, une fois avant chaque terme, le temps d’un préavis avant le "
        "dernier jour pour la dénoncer",
        "elle est dénoncée, ou ce jour est passé",
        lambda item: renewal_waits(item.about, timezone.localdate()),
    ),
    Kind(
        "guarantee",
        "la part née d’une garantie d’emprunt prend fin",
        "les personnes du bailleur et du réservataire, avant le dernier jour puis ce jour-là",
        "toujours envoyé",
        _always,
    ),
    Kind(
        "balance.sign",
        "un bilan est envoyé, à lire et à signer",
        "les personnes de chaque signataire",
        "le bilan est signé, ou une version le remplace",
        _to_sign,
    ),
    Kind(
        "remark",
        "une remarque est faite sur votre bilan",
        "les personnes du bailleur",
        "la remarque a sa réponse",
        _remark_waits,
    ),
    Kind(
        "remark.late",
        "une remarque, ou une ligne dite corrigée, attend depuis plus longtemps que le délai de réponse",
        "les personnes du bailleur",
        "la remarque a sa réponse, la ligne corrigée est envoyée",
        _remark_waits,
    ),
    Kind(
        "forecast",
        "un prévisionnel est à envoyer",
        "les personnes du bailleur, 30 jours puis 7 jours avant le terme",
        "le prévisionnel est envoyé",
        _forecast_waits,
    ),
    Kind(
        "alert",
        "un contrôle trouve une différence dans un compte, ou des lignes écrites hors de l’application",
        "les responsables du bailleur, et l’exploitant",
        "l’alerte est lue",
        _alerts_stand,
    ),
    Kind(
        "unit.delegated",
        "un logement vous est orienté, le bailleur cherche les candidats",
        "les personnes du réservataire",
        "le logement est rendu ou réorienté",
        _routing_stands,
        Family.UNITS,
    ),
    Kind(
        "ready",
        "les dossiers d’un logement sont prêts pour la CALEOL",
        "le secrétariat de la commission",
        "le logement est à l’ordre du jour",
        _ready,
        Family.UNITS,
    ),
    Kind(
        "notice",
        "un avis vous attend : candidats transmis, décision, offre et réponse, bail",
        "les personnes du bailleur et du réservataire",
        "l’avis est lu",
        _unread,
        Family.UNITS,
    ),
    Kind(
        "rule",
        "un bailleur change sa façon d’orienter",
        "les personnes de ses réservataires",
        "l’avis est lu",
        _unread,
        Family.BALANCES,
    ),
    Kind(
        "balance.read",
        "un bilan vous est envoyé pour information",
        "les personnes de l’intercommunalité et de l’État",
        "le bilan est ouvert",
        _to_read,
        Family.BALANCES,
    ),
    Kind(
        "answer",
        "votre remarque a sa réponse",
        "les personnes qui l’ont faite",
        "toujours envoyé",
        _always,
        Family.BALANCES,
    ),
    Kind(
        "remark.waits",
        "votre remarque attend depuis plus longtemps que le délai de réponse",
        "les personnes qui l’ont faite",
        "la remarque a sa réponse",
        _remark_waits,
        Family.BALANCES,
    ),
    Kind(
        "import",
        "un fichier est vérifié, importé ou refusé",
        "la personne qui l’a donné",
        "le fichier est confirmé ou abandonné",
        _import_stands,
        Family.FILES,
    ),
]
BY_CODE = {kind.code: kind for kind in KINDS}


def stands(item: MailItem) -> bool:
    """Whether something is still to be sent to this person: the person is still there, and what it asks is not done.
    What no kind here describes (an invitation, a link) always is."""
    kind = BY_CODE.get(item.kind)
    if kind is None:
        return True
    if (
        item.organisation_id is not None
        and not Membership.objects.filter(user=item.user_id, organisation=item.organisation_id).exists()
    ):
        return False
    return kind.stands(item)
