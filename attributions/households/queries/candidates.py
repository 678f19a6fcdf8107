"""What is read of candidates.

* The candidates of a landlord that a member reads by name, for the file that one takes away.
* Minutes that another tool sealed, as their landlord brought them here.
* Whose candidates are expected, and by what day.
* Which of its own households an organisation may propose for a unit: exact rules, each with its reason, and no score.
* The rules are those of `attributions/households/fitting.py`, asked of the database so that a page reads the rows
  that it shows; `tests/attributions/households/test_fitting.py` compares the two. What is not known sets nobody
  aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from attributions.households.fitting import FIGURES, Fitting, Misfit, least_persons, most_persons
from attributions.households.models import Application, Lease, Proposal
from attributions.households.models.priority import EFFORT
from flux.models import Routing, RoutingCount, Unit, Vacancy
from flux.permissions import can_declare_vacancy
from flux.queries.deadlines import with_answer_due
from flux.queries.first_letting import not_allocated
from flux.queries.needs import SIZES, Ceilings, ceilings_at, zone_at
from reservations.models import (
    Convention,
    KeptElsewhere,
    Landlord,
    Membership,
    Organisation,
    ReservationHolder,
)
from reservations.models.legal_parameter import figures_on
from reservations.models.territory import OneOf
from reservations.queries.rows import ids_first


def landlords_read(member: Membership) -> list[int]:
    """The landlords (ids) of whom the member reads a candidature by name. One query: of its own, of those where it
    proposed and of those where a unit is routed to it, the latest units are asked until one has such a candidature."""
    own = member.organisation_id
    seen = Proposal.objects.visible_to(member).filter(application__pseudonymised_on=None)
    of_each = seen.filter(vacancy__landlord=OuterRef("pk")).order_by("-vacancy__registered_on", "-vacancy")
    proposed = Proposal.objects.filter(proposer=own).order_by().values("vacancy")
    there = Vacancy.declared.filter(pk__in=ids_first(proposed)).order_by().values("landlord")
    holders = ReservationHolder.objects.filter(organisation=own).order_by().values("pk")
    # Each by its index: what is routed to the holders of a country is not looked at.
    mine = Q(OneOf(F("holder_id"), ArraySubquery(holders))) | Q(acting=own)
    came = RoutingCount.objects.filter(mine, units__gt=0).order_by()
    among = Landlord.objects.filter(Q(organisation=own) | Q(pk__in=there) | Q(pk__in=came.values("landlord")))
    found = among.annotate(latest=Subquery(of_each.values("pk")[:1])).filter(latest__isnull=False)
    return list(found.order_by().values_list("pk", flat=True))


def exported(member: Membership, landlord: Landlord) -> list[Proposal]:
    """Its candidatures that the member may read, unit by unit, but those whose identity is erased. One query."""
    found = (
        Proposal.objects.visible_to(member)
        .filter(vacancy__landlord=landlord, application__pseudonymised_on=None)
        .select_related(
            "application__merged_into",
            "priority",
            "proposer",
            "routing__holder__organisation",
            "vacancy__unit__commune",
        )
    )
    return list(found.order_by("vacancy__unit__reference", "vacancy", "position", "pk"))


def candidacies_adrift() -> list[int]:
    """The candidacies (ids) in the running, or housed, whose household the database does not keep: it is there twice.
    One query, over those."""
    followed = Proposal.objects.exclude(status__in=(Proposal.Status.ENDED, Proposal.Status.RELEASED))
    return list(followed.filter(candidacy=None).order_by("pk").values_list("pk", flat=True))


def minutes_elsewhere(member: Membership) -> QuerySet[KeptElsewhere]:
    """Those of the landlord, for its staff, as the minutes of here; without their bytes, the latest first. Whoever sat
    there had them there."""
    found = KeptElsewhere.objects.filter(kind=KeptElsewhere.Kind.MINUTES).defer("content")
    found = found.select_related("landlord__organisation").order_by("-held_on", "-pk")
    if member.landlord is None or not can_declare_vacancy(member, member.landlord):
        return found.none()
    return found.filter(keeper=member.organisation_id)


def expected_routings(*, today: date) -> QuerySet[Routing]:
    """The open routings for which a holder, or who acts for it, is expected to send candidates, the shortest delay
    first (`due`, its last day; `since`, the day before its first); what has no delay comes last.

    Not those whose landlord looks for them, nor what is allocated or let already.
    """
    own = Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
    asked = (
        Routing.objects.filter(
            Q(convention=None)
            | Q(convention__management=Convention.Management.DIRECT)
            | own & Q(acting__isnull=False)  # a commune proposes on the landlord's part, whatever the management
        )
        .filter(closed_at=None, answered_on=None, vacancy__cancelled_at=None)
        .exclude(Exists(Lease.objects.filter(vacancy=OuterRef("vacancy"), cancelled_at=None)))
    )
    dated = with_answer_due(asked, today=today).annotate(since=Coalesce("clock_from", TruncDate("routed_at")))
    return not_allocated(dated.order_by(F("due").asc(nulls_last=True), "since", "pk"))


def fitting(vacancy: Vacancy, routing: Routing | None, *, on: date) -> Fitting:
    """What the unit asks, on a day. Two queries."""
    [asked] = fittings([(vacancy.unit, routing.holder if routing else None)], on=on)
    return asked


def fittings(units: Iterable[tuple[Unit, ReservationHolder | None]], *, on: date) -> list[Fitting]:
    """What each of these units asks, for its holder, on a day. Two queries, whatever their number.

    Too large: more rooms than occupants, by more than `SPARE_ROOMS_MAX` (CCH, L442-3-1). Too small: less area than
    R822-25 asks for so many persons.
    """
    pairs = list(units)
    figures = {code: value for code, value in figures_on(on).items() if code in FIGURES}
    places = [(unit.financing_group, zone_at(unit.commune.code)) for unit, _ in pairs]
    ceilings = ceilings_at(places, on=on)
    return [
        Fitting(
            unit,
            least=least_persons(unit.rooms, figures),
            most=most_persons(unit.surface, figures),
            ceilings=ceilings[place],
            priority=holder is not None and holder.contingent == ReservationHolder.Contingent.STATE_PRIORITY,
            agents=holder is not None and holder.contingent == ReservationHolder.Contingent.STATE_AGENTS,
            effort=EFFORT.most,
        )
        for (unit, holder), place in zip(pairs, places, strict=True)
    ]


def own(organisation: Organisation) -> QuerySet[Application]:
    """The households of an organisation: the open requests that it registered, who has waited longest first."""
    found = Application.objects.filter(
        organisations=organisation, closed_on=None, merged_into=None, pseudonymised_on=None
    )
    return found.select_related("priority").order_by(F("requested_on").asc(nulls_last=True), "pk")


def pool(organisation: Organisation, vacancy: Vacancy, asked: Fitting) -> QuerySet[Any]:
    """The open requests that the organisation registered and that are no candidates for the unit, each with its
    `misfit` (None: it fits) and `elsewhere` (is it a candidate for another unit?); who has waited longest first."""
    here = Proposal.objects.live().filter(vacancy=vacancy).order_by()
    return _compared(own(organisation).exclude(pk__in=here.values("application")), organisation, asked)


def proposed_by(organisation: Organisation) -> list[int]:
    """The requests (id) that it proposes somewhere. One query: they are as many as its units wait for, and no join of
    them with each unit is planned."""
    live = Proposal.objects.live().filter(proposer=organisation)
    return list(live.order_by("application").values_list("application", flat=True).distinct())


def free(organisation: Organisation, asked: Fitting, *, proposed: Collection[int]) -> QuerySet[Any]:
    """Those that fit a unit and are none of those `proposed` (id), who has waited longest first."""
    found: QuerySet[Any] = _compared(own(organisation), organisation, asked).filter(misfit=None)
    return found.exclude(pk__in=proposed) if proposed else found


def _compared(found: QuerySet[Any], organisation: Organisation, asked: Fitting) -> QuerySet[Any]:
    elsewhere = Proposal.objects.live().filter(application=OuterRef("pk"), proposer=organisation).order_by()
    compared: QuerySet[Any] = found.annotate(
        members=F("adults") + Coalesce("children", 0, output_field=IntegerField()),
        category=Case(
            When(adults=1, children__gt=0, then=F("children") + 2),
            default=F("adults") + Coalesce("children", 0, output_field=IntegerField()),
        ),
    ).annotate(misfit=_misfit(asked), elsewhere=Exists(elsewhere))
    return compared


def _misfit(asked: Fitting) -> Case:
    """The first reason why a household does not fit, null when it does."""
    unit, reasons = asked.unit, []
    if asked.most is not None:
        reasons.append(When(members__gt=asked.most, then=Value(Misfit.TOO_SMALL)))
    reasons += [
        When(members__lt=asked.least, then=Value(Misfit.TOO_LARGE)),
        When(least_rooms__gt=unit.rooms, then=Value(Misfit.FEW_ROOMS)),
    ]
    if asked.ceilings.rows:
        reasons.append(When(_over(asked.ceilings), then=Value(Misfit.OVER_CEILING)))
    elsewhere = ~Q(wanted_communes=[]) & ~Q(wanted_communes__contains=[unit.commune.code])
    reasons.append(When(elsewhere, then=Value(Misfit.NOT_WANTED)))
    if unit.is_accessible is False:
        reasons.append(When(needs_accessible=True, then=Value(Misfit.NOT_ACCESSIBLE)))
    if asked.priority:
        reasons.append(When(has_priority=False, then=Value(Misfit.NO_PRIORITY)))
        reasons.append(When(labelled_until__lt=asked.on, then=Value(Misfit.LABEL_OVER)))
    if asked.agents:
        reasons.append(When(state_agent=False, then=Value(Misfit.NOT_AGENT)))
    return Case(*reasons, default=None)


def _over(ceilings: Ceilings) -> Q:
    """Condition « it earns more than the ceiling of its category ». What nobody gave is not over it."""
    over = Q()
    for persons, amount in ceilings.rows:
        if persons < SIZES:
            over |= Q(category=persons, income__gt=amount)
        elif ceilings.extra is None:
            over |= Q(category=SIZES, income__gt=amount)
        else:
            more = amount + (F("category") - SIZES) * ceilings.extra
            over |= Q(category__gte=SIZES, income__gt=more)
    return over


@dataclass(frozen=True, slots=True)
class Counts:
    """Households of a pool: how many are set aside by each reason, and how many fit, by number of persons (None: nobody
    stated how many they are)."""

    misfits: dict[str, int]
    fit: dict[int | None, int]

    @property
    def every(self) -> int:
        return sum(self.misfits.values()) + sum(self.fit.values())


def counted(found: QuerySet[Any]) -> Counts:
    """One query."""
    misfits: Counter[str] = Counter()
    fit: Counter[int | None] = Counter()
    by_size = found.order_by().values("misfit", "members").annotate(number=Count("pk"))
    for misfit, members, number in by_size.values_list("misfit", "members", "number"):
        if misfit is None:
            fit[members] += number
        else:
            misfits[misfit] += number
    return Counts(dict(misfits), dict(sorted(fit.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))))


def with_drafts(vacancies: QuerySet[Vacancy], organisation: int) -> QuerySet[Vacancy]:
    """Annotate how many candidates this organisation prepared for each, and may send: `drafts_in` reads it."""
    prepared = Proposal.objects.filter(
        vacancy=OuterRef("pk"), routing__closed_at=None, proposer=organisation, status=Proposal.Status.DRAFT
    )
    counted = prepared.order_by().values("vacancy").annotate(number=Count("pk")).values("number")
    return vacancies.annotate(drafts=Coalesce(Subquery(counted), 0))


def drafts_in(vacancy: Vacancy) -> int:
    """Of a vacancy `with_drafts`. No query."""
    found: int = vars(vacancy)["drafts"]
    return found
