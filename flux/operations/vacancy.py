"""Declaring a unit that falls vacant."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from flux.models import OutsideFlow, Programme, Routing, StockAssignment, Unit, Vacancy
from flux.operations.ledgers import let_first, open_first_lettings, open_ledger
from flux.operations.vacancy_dates import (
    VacancyOpen,
    VacancyRefused,
    ask_of_dates,
    check_dates,
    check_works,
)
from flux.queries.units import programme_places
from flux.wakeups import wake_ledger
from reservations.models import StockRight, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.refusals import Refusal, constraints_speak
from reservations.words import of


@atomic
def declare_vacancy(
    *,
    unit: Unit,
    kind: str,
    exclusion: str = "",
    notice_on: date,
    available_on: date,
    works_end_on: date | None = None,
    stock_right: StockRight | None = None,
    confirmed: bool = False,
    replaces: Vacancy | None = None,
    by: User,
    now: datetime | None = None,
) -> Vacancy:
    """Register a vacancy. In the flow, the row is the order to route it, and a worker is woken after commit.

    A unit that bears a living stock right goes straight to its holder and never debits the flow, whatever
    `kind` says; one that is outside what shares bear on (`OutsideFlow`) is only recorded. One whose programme bears
    rights on so many of its units goes to one of them when `kind` says STOCK: to `stock_right`, by default the oldest
    title that has a unit left to take; else it follows `kind`.
    The first letting of a programme whose allotment is agreed goes at once to whom the allotment gives it; without
    allotment it is only recorded, and is routed on the day that one is agreed.
    The exercise is that of the day of registration (`now`), not of the dates given: those of another year, or old, have
    to be `confirmed`. `works_end_on` is what a convention may open the flow on. One that `replaces` another has its
    dates, which were accepted then.

    Raises VacancyOpen while the unit is vacant already, and not let; DatesToConfirm for dates that are rare, or a unit
    subtracted so lately, that are not confirmed; VacancyRefused for a notice in the future, or too
    old, or before the unit was last free, or an exclusion without one of the five legal categories, or a stock right
    that the unit cannot use, or a first letting that is not the first or comes before the agreement, or a new unit
    declared in the flow; FirstLettingRefused when the allotment has no unit left; Refusal when the unit is
    already vacant at these dates.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    if kind not in Vacancy.Kind.values:
        raise VacancyRefused("Choisissez l’un des classements proposés.", field="kind")
    if exclusion not in (Vacancy.Exclusion.values if kind == Vacancy.Kind.EXCLUDED else [""]):
        raise VacancyRefused(
            "Choisissez l’un des motifs de la loi pour soustraire ce logement du flux (CCH, R441-5).",
            field="exclusion",
        )
    if replaces is None:
        check_dates(notice_on=notice_on, available_on=available_on, kind=kind, today=today)
        check_works(works_end_on, available_on=available_on)
    _hold_in_stock(unit, today)
    _check_open(unit, replaces)
    latest = _check_order(unit, notice_on, replaces)
    right = stock_right_of(unit, kind, stock_right, today)
    kind, exclusion = class_of(unit, kind, exclusion, right, today)
    programme = check_first_letting(unit, kind)
    if replaces is None and not confirmed:
        ask_of_dates(notice_on=notice_on, available_on=available_on, kind=kind, today=today, before=latest)
    allotted = kind == Vacancy.Kind.FIRST_LETTING and programme.allotment_agreed_on is not None
    if allotted:  # every ledger before the vacancy is counted by its class, as whoever cancels one takes them
        open_first_lettings(unit, today)
    with constraints_speak(Vacancy):
        vacancy = Vacancy.objects.create(
            unit=unit,
            kind=kind,
            exclusion=exclusion,
            ledger=open_ledger(unit, today) if kind == Vacancy.Kind.IN_FLOW else None,
            stock_right=right,
            notice_on=notice_on,
            available_on=available_on,
            works_end_on=works_end_on,
            registered_at=now,
            registered_on=today,
            registered_by=by,
            replaces=replaces,
        )
    if right is not None:
        Routing.objects.create(vacancy=vacancy, holder_id=right.holder_id, routed_at=now)
    if allotted:
        let_first(vacancy=vacancy, programme=programme, now=now)
    if kind == Vacancy.Kind.IN_FLOW and vacancy.ledger_id is not None:
        wake_ledger(vacancy.ledger_id)
    return vacancy


def check_in_stock(unit: Unit, on: date) -> None:
    """Raises VacancyRefused for a unit that had left the stock by that day (`Unit.objects.in_stock`)."""
    if unit.is_gone(on):
        raise VacancyRefused(
            f"Ce logement est sorti du parc ({unit.get_left_why_display()}) : il ne se libère plus. S’il y est encore, "
            "importez-le de nouveau sans motif de sortie, puis déclarez-le."
        )


def stock_right_of(unit: Unit, kind: str, chosen: StockRight | None, today: date) -> StockRight | None:
    """The right that this vacancy uses: that of the unit itself, else, kept in stock, one of its programme's."""
    named = StockAssignment.objects.select_related("right__holder__organisation").filter(unit=unit)
    own = named.living(today).first() if hold_titles(unit, kind) else None
    if own is not None:
        if chosen is not None and chosen != own.right:
            raise VacancyRefused(
                f"Ce logement porte lui-même un droit {of(own.right.holder)} : il va à lui, pas à un autre titre.",
                field="stock_right",
            )
        return own.right
    if kind != Vacancy.Kind.STOCK:
        if chosen is not None:
            raise VacancyRefused(
                "Un titre ne sert qu’à un logement gardé en stock : choisissez ce classement, ou retirez le titre.",
                field="stock_right",
            )
        return None
    offered = [place.assignment.right for place in programme_places(unit, on=today)]
    if not offered:
        raise VacancyRefused(
            "Ce logement ne porte aucun droit en stock : enregistrez-le d’abord sur sa fiche.", field="kind"
        )
    if chosen is None:
        return offered[0]
    if chosen not in offered:
        raise VacancyRefused(
            "Ce titre n’a plus de logement à prendre dans ce programme : choisissez l’un de ceux de la liste.",
            field="stock_right",
        )
    return chosen


def class_of(unit: Unit, kind: str, exclusion: str, right: StockRight | None, today: date) -> tuple[str, str]:
    """What a unit is declared under, whatever is typed: kept in stock with a right, outside what shares bear on."""
    if right is not None:
        return Vacancy.Kind.STOCK, ""
    if OutsideFlow.objects.in_force(today).filter(unit=unit).exists():
        return Vacancy.Kind.OUTSIDE, ""
    if kind == Vacancy.Kind.OUTSIDE:
        raise VacancyRefused(
            "Ce logement est dans l’assiette du flux : dites d’abord sur sa fiche pourquoi il en sort, et depuis "
            "quand.",
            field="kind",
        )
    return kind, exclusion


def hold_titles(unit: Unit, kind: str) -> list[StockRight]:
    """Lock every title that a vacancy of this kind may use, before any is read: two units of a programme do not use up
    the last of its rights together, and none is ended, detached or converted under this declaration. Most units bear
    none. One query.
    """
    mine = Q(assignments__unit=unit)
    if kind == Vacancy.Kind.STOCK:
        mine |= Q(assignments__programme=unit.programme_id)
    titles = StockRight.objects.filter(mine).order_by().values("pk")
    return list(in_order(StockRight.objects.all()).filter(pk__in=titles).order_by("pk"))


def _hold_in_stock(unit: Unit, on: date) -> None:
    """Lock the unit, but not its key: an allotment or a title may name it meanwhile (they hold the programme first).

    What is asked of it is what it is once it is held: it may have been sold while one waited. Raises VacancyRefused.
    """
    check_in_stock(in_order(Unit.objects.all()).get(pk=unit.pk), on)


def _check_open(unit: Unit, replaces: Vacancy | None) -> None:
    """A unit is vacant once: what is open is let, cancelled or resumed before it falls vacant again."""
    open_now = open_of(unit)
    if open_now is not None and open_now != replaces:
        raise VacancyOpen(open_now)


def open_of(unit: Unit) -> Vacancy | None:
    """The vacancy of this unit, at the landlord that gave it too, that waits for its lease or to be let again: one at
    most. One query."""
    return Vacancy.objects.still_open().filter(lived_in(unit)).select_related("unit").first()


def check_not_free_again(vacancy: Vacancy) -> None:
    """The lease of a unit that fell vacant again did run: Refusal says to cancel that vacancy first. One query."""
    later = open_of(vacancy.unit)
    if later is not None and later.pk != vacancy.pk:
        raise Refusal(
            f"{vacancy.unit} s’est libéré de nouveau depuis, enregistré le {later.registered_on:%d/%m/%Y} : ce bail a "
            "donc couru. Pour l’annuler, annulez d’abord cette libération."
        )


def _check_order(unit: Unit, notice_on: date, replaces: Vacancy | None) -> Vacancy | None:
    """A unit is vacated again only after it was free: an older notice is the same departure, dated wrong. The vacancy
    before this one, if any. One query."""
    others = Vacancy.objects.filter(lived_in(unit)).exclude(pk=replaces.pk if replaces else 0)
    latest = others.order_by("-available_on").first()
    if latest is not None and notice_on <= latest.available_on:
        raise VacancyRefused(
            f"{unit} est déjà déclaré libéré, libre le {latest.available_on:%d/%m/%Y} : un nouveau congé vient après "
            "cette date. Ouvrez sa fiche plutôt que de le déclarer deux fois.",
            field="notice_on",
        )
    return latest


def lived_in(unit: Unit) -> Q:
    """The vacancies of a dwelling, at each landlord that had it: those of a unit, of those it was before others gave
    it, and of those it became. By keys alone."""
    return Q(unit__in=RawSQL("SELECT flux_dwelling(%s)", [unit.pk]))


def has_been_let(unit: Unit) -> bool:
    """Did it fall vacant before, otherwise than as a technical vacancy, which lets nothing? One query."""
    return Vacancy.objects.filter(lived_in(unit)).exclude(kind=Vacancy.Kind.TECHNICAL).exists()


def check_first_letting(unit: Unit, kind: str) -> Programme:
    """A unit is let for the first time once, and first when its programme's allotment is agreed. Locks the programme.

    A technical vacancy lets nothing: it may come before. A category of CCH, R441-5 takes a unit out of the flow, and
    a first letting is not of it: out of the agreed counts, the unit would be lacking to whom it was allotted.
    """
    programme = in_order(Programme.objects.all()).get(pk=unit.programme_id)
    earlier = has_been_let(unit)
    if kind == Vacancy.Kind.FIRST_LETTING:
        if earlier:
            raise VacancyRefused(
                f"{unit} a déjà été mis en location : déclarez-le dans le flux, ou soustrait du flux.", field="kind"
            )
        if programme.allotment_agreed_on is None and programme.allotments.exists():
            raise VacancyRefused(
                f"La répartition du programme {programme} est en préparation : convenez-la d’abord, sur sa page. "
                "Le logement ira alors aussitôt à son réservataire.",
                field="kind",
            )
    elif kind == Vacancy.Kind.IN_FLOW and not earlier and programme.allotment_agreed_on is not None:
        raise VacancyRefused(
            f"{programme} est un programme neuf, réparti entre ceux qui l’ont financé : {unit} se déclare d’abord en "
            "première mise en location. Il entrera dans le flux la fois suivante.",
            field="kind",
        )
    elif kind == Vacancy.Kind.EXCLUDED and not earlier and programme.allotment_agreed_on is not None:
        raise VacancyRefused(
            f"{programme} est un programme neuf, réparti entre ceux qui l’ont financé : {unit} se déclare d’abord en "
            "première mise en location. Rien ne s’y soustrait, la première location n’étant pas du flux : vos "
            "relogements prennent les logements que la répartition vous laisse.",
            field="kind",
        )
    return programme
