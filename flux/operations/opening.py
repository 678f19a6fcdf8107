"""The opening of an account: what each holder was owed before it was kept here counts once the holder accepted it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from flux.models import CarriedOver, Ledger, OpeningAct, OpeningBalance, Vacancy
from flux.operations.carry_over import settling
from flux.operations.known import foresee_again
from flux.operations.ledger import open_account
from reservations.models import Landlord, ReservationHolder, Territory, User
from reservations.models.acting import atomic
from reservations.models.convention import UNIT
from reservations.models.locking import in_order
from reservations.refusals import Refusal, constraints_speak
from reservations.words import of, towards

Act = OpeningAct.Act

#: A figure beyond is a slip of the keyboard.
MOST_UNITS = 99_999

#: How long before the account is kept here its figures may begin, and how far ahead its day may be said.
LONGEST, FURTHEST = timedelta(days=731), timedelta(days=366)


class OpeningRefused(Refusal):
    """This opening balance cannot be proposed, or answered so; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class OpeningFigures:
    """What a holder was owed over the time counted: `due` in millionths of a unit, the rest in whole units; what became
    of those received is None when it is not known."""

    units: int
    due: int
    received: int
    allocated: int | None = None
    leased: int | None = None


@atomic
def propose_opening(
    *,
    landlord: Landlord,
    departement: Territory,
    holder: ReservationHolder,
    since: date,
    opened_on: date,
    figures: OpeningFigures,
    source: str,
    by: User,
    now: datetime | None = None,
) -> OpeningBalance:
    """Propose what a holder was owed in an account when it began to be kept here, on `opened_on`. Nothing counts yet.

    Another one proposed for the same holder, and not accepted, is replaced. Everything that entered the flow before
    `opened_on` is in these figures: nothing of it may be registered here beside them.

    Raises OpeningRefused: dates out of order, the landlord's own row, a holder without a right there that year, no
    source, figures that cannot be, an account already kept here before that day, or an opening already accepted.
    """
    now = now or timezone.now()
    _check(since, opened_on, figures, source, timezone.localdate(now))
    if holder.is_not_reserved:
        raise OpeningRefused(
            "Le bailleur n’a pas de solde d’ouverture : il a ce que les réservataires n’ont pas.", field="holder"
        )
    ledger = open_account(landlord.pk, departement.pk, opened_on)
    if holder.pk not in settling(ledger):
        raise OpeningRefused(
            f"{holder} n’a aucun droit dans ce département en {ledger.exercise} : signez d’abord sa convention.",
            field="holder",
        )
    _check_unkept(ledger, opened_on)
    others = list(ledger.openings.standing().with_state().order_by("pk"))
    before = next((each for each in others if each.holder_id == holder.pk), None)
    if before is not None and before.last_act == Act.ACCEPTED:
        raise OpeningRefused(
            f"{holder} a accepté son solde d’ouverture : il compte, et ne change plus.", field="holder"
        )
    for each in others:
        if each.holder_id != holder.pk and each.opened_on != opened_on:
            raise OpeningRefused(
                f"Ce compte est tenu ici à partir du {each.opened_on:%d/%m/%Y} pour {towards(each.holder)} : "
                "écrivez le même jour, ou retirez ce solde d’abord.",
                field="opened_on",
            )
    with constraints_speak(OpeningBalance):
        return OpeningBalance.objects.create(
            ledger=ledger,
            holder=holder,
            since=since,
            opened_on=opened_on,
            units=figures.units,
            due=figures.due,
            received=figures.received,
            allocated=figures.allocated,
            leased=figures.leased,
            source=source.strip(),
            replaces=before,
            proposed_by=by,
            proposed_at=now,
        )


def _check(since: date, opened_on: date, figures: OpeningFigures, source: str, today: date) -> None:
    """Raises OpeningRefused for what can be told without the account."""
    if not since < opened_on:
        raise OpeningRefused("Ce qui est compté commence avant le jour où le compte est tenu ici.", field="since")
    if opened_on - since > LONGEST:
        raise OpeningRefused("Un solde d’ouverture couvre deux ans au plus : vérifiez l’année.", field="since")
    if not today - LONGEST <= opened_on <= today + FURTHEST:
        raise OpeningRefused("Vérifiez l’année : ce jour est à plus d’un an d’aujourd’hui.", field="opened_on")
    if not source.strip():
        raise OpeningRefused(
            "Dites d’où viennent ces chiffres : un tableau et sa date, un bilan envoyé, un procès-verbal.",
            field="source",
        )
    counts = {name: getattr(figures, name) for name in ("units", "received", "allocated", "leased")}
    for name, count in counts.items():
        if count is not None and not 0 <= count <= MOST_UNITS:
            raise OpeningRefused("Écrivez un nombre de logements, de 0 à 99 999.", field=name)
    if not 0 <= figures.due <= UNIT * figures.units:
        raise OpeningRefused(
            f"Le dû va de 0 à {figures.units}, le nombre de logements entrés dans le flux.", field="due"
        )
    for name, sentence in (
        ("received", "Les logements reçus ne dépassent pas ceux entrés dans le flux."),
        ("allocated", "Les attributions ne dépassent pas les logements reçus."),
        ("leased", "Les baux signés ne dépassent pas les logements reçus."),
    ):
        most = figures.units if name == "received" else figures.received
        if (counts[name] or 0) > most:
            raise OpeningRefused(sentence, field=name)


def _check_unkept(ledger: Ledger, opened_on: date) -> None:
    """Raises OpeningRefused when this account, or that of the year before, was already kept here then."""
    flow = Vacancy.objects.filter(kind=Vacancy.Kind.IN_FLOW, ledger__landlord=ledger.landlord_id)
    earlier = flow.filter(ledger__departement=ledger.departement_id, registered_on__lt=opened_on)
    first = earlier.order_by("registered_on").values_list("registered_on", flat=True).first()
    if first is not None:
        raise OpeningRefused(
            f"Un logement du flux est enregistré ici dès le {first:%d/%m/%Y} : le compte est tenu ici depuis. Écrivez "
            "ce jour-là, ou un jour d’avant.",
            field="opened_on",
        )


@atomic
def answer_opening(
    *, opening: OpeningBalance, act: str, text: str = "", by: User, now: datetime | None = None
) -> OpeningAct:
    """The holder accepts or contests an opening balance; the landlord maintains what is contested, or withdraws it.

    Accepted, it counts at once and for good: what was owed, or received ahead, is carried over, by equal steps over as
    many units as the rest of the year should bring, at the pace of the time counted (docs/decisions/0050-openings.md).

    Raises OpeningRefused: no such act, no sentence where one is asked, or an act out of turn.
    """
    now = now or timezone.now()
    ledger = in_order(Ledger.objects.all()).select_related("landlord", "departement").get(pk=opening.ledger_id)
    held = OpeningBalance.objects.with_state().select_related("holder__organisation").get(pk=opening.pk)
    if act not in Act.values:
        raise OpeningRefused("Répondez par l’un des boutons de la page : aucune réponse n’est arrivée.")
    if OpeningBalance.objects.filter(replaces=held).exists():
        raise OpeningRefused("Ce solde a été remplacé par un autre entre-temps : lisez celui-là.")
    if held.last_act in (Act.ACCEPTED, Act.WITHDRAWN):
        raise OpeningRefused(f"Ce solde est déjà {Act(held.last_act).label}. Rechargez la page.")
    if act == Act.MAINTAINED and held.last_act != Act.CONTESTED:
        raise OpeningRefused("Rien n’est contesté : il n’y a rien à maintenir.")
    if act == Act.CONTESTED and held.last_act == Act.CONTESTED:
        raise OpeningRefused("Vous l’avez déjà contesté : le bailleur doit répondre.")
    if act != Act.ACCEPTED and not text.strip():
        raise OpeningRefused("Dites pourquoi en une phrase : l’autre partie la lira.", field="text")
    with constraints_speak(OpeningAct):
        said = OpeningAct.objects.create(opening=held, act=act, text=text.strip(), by=by, at=now)
    if act == Act.ACCEPTED:
        _carry(ledger, held)
    return said


def _carry(ledger: Ledger, opening: OpeningBalance) -> None:
    """Carry over what an opening leaves due, or ahead."""
    convention = settling(ledger).get(opening.holder_id)
    if convention is None:
        raise OpeningRefused(
            f"{opening.holder} n’a plus de droit dans ce compte : une convention {of(opening.holder)} d’abord."
        )
    if not opening.gap:
        return
    CarriedOver.objects.create(
        ledger=ledger,
        holder=opening.holder,
        ordinal=ledger.carried_over.filter(holder=opening.holder_id).count() + 1,
        convention=convention,
        opening=opening,
        amount=opening.gap,
        planned=opening.spread_over,
    )
    foresee_again(ledger.pk)
