"""Filters of the lists, in the address: what may be chosen, and what each choice keeps.

An unknown value filters nothing out; the form says so at its field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Sum
from django.utils.formats import date_format

from flux import financing
from flux.models import FlowEntry, Ledger, LedgerLine, Programme, Recommendation, Routing, Unit, UnitReader, Vacancy
from flux.models.unit import TYPOLOGIES
from flux.pages.why_not import OUTCOMES, destination_name
from flux.queries.statement import month_after
from flux.queries.units import SeenPlace, matching, seen_places, units_in
from flux.queries.vacancies import late, routed_now
from flux.queries.why_not import Ground, Totals, gone, listed
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.territory import within
from reservations.models.together import at_once, queried, read_whole
from reservations.queries.rows import EachValue

Stage = FlowEntry.Stage

QPV = (("in", "en QPV"), ("out", "hors QPV"), ("unknown", "non renseigné"))
IN_QPV = {"in": True, "out": False, "unknown": None}

WAITING, TO_CONFIRM, ROUTED = "waiting", "to_confirm", "routed"
STATUSES = ((WAITING, "pas encore décidé"), (TO_CONFIRM, "à confirmer"), (ROUTED, "orienté"))

#: Notified to its holder, or still to be, once the day agreed was over.
SIGNALS = (("late", "hors délai"),)

RECEIVED = "RECEIVED"
STAGES: tuple[tuple[str, str], ...] = (*Stage.choices, (RECEIVED, "reçu"))


def of_typology(typology: str, *, path: str = "") -> Q:
    """Units of T1 to T5, or T6+; `path` leads from the filtered model to the unit."""
    rooms = TYPOLOGIES.index(typology) + 1
    return Q(**{f"{path}rooms{'__gte' if rooms == len(TYPOLOGIES) else ''}": rooms})


def filtered(form: forms.Form) -> bool:
    """Does one of the filters asked for, in the bound form of a list, keep some rows only? Not by a value unknown."""
    return any(form.cleaned_data.get(name) for name in form.fields if name not in form.errors)


def choose_among(filters: Mapping[str, Any], **found: QuerySet[Any]) -> None:
    """Offer these rows to filters, by their ids, those of all being read by one statement."""
    for name, rows in zip(found, at_once(*map(read_whole, found.values())), strict=True):
        filters[name].extra["choices"] = [(str(row.pk), _label(row)) for row in rows]


def _label(row: Model) -> str:
    """« Non réservé » says of which landlord, since each has its own row."""
    if isinstance(row, ReservationHolder) and row.is_not_reserved:
        return f"{row} ({row.organisation.name})"
    return str(row)


class ProgrammeChoices(django_filters.fields.ModelChoiceIterator):
    """The programmes of the commune that is chosen; of all, while they are `MANY` at most: beyond, nobody reads such a
    list, and the first line says what to choose before. The one that is chosen is always there."""

    MANY = 300

    def __iter__(self) -> Iterator[tuple[object, str]]:
        many = len(self._found) > self.MANY
        yield "", "Choisissez d’abord une commune" if many else self.field.empty_label
        shown = [] if many else self._found
        if self.field.chosen and self.field.chosen not in {str(each.pk) for each in shown}:
            shown = [*shown, *self.queryset.filter(pk=self.field.chosen)]
        yield from map(self.choice, shown)

    @cached_property
    def _found(self) -> list[Programme]:
        of_commune = {"commune": self.field.commune} if self.field.commune else {}
        return list(self.queryset.filter(**of_commune)[: self.MANY + 1])


class ProgrammeChoiceField(django_filters.fields.ModelChoiceField):
    """`commune`, `chosen`: the ids asked for beside it and of it, as they are written in the address; "" for none."""

    iterator = ProgrammeChoices

    def __init__(self, *args: Any, commune: str = "", chosen: str = "", **kwargs: Any) -> None:
        self.commune, self.chosen = (each if each.isdecimal() and len(each) < 19 else "" for each in (commune, chosen))
        super().__init__(*args, **kwargs)


class ProgrammeFilter(django_filters.ModelChoiceFilter):
    """A choice of programme, after one of commune."""

    field_class = ProgrammeChoiceField


def _each(column: str, member: Membership) -> Q:
    """Those that one of the units of a landlord, or open to a holder, has: by as many seeks as there are of them."""
    if member.landlord is not None:
        return Q(pk__in=EachValue(Unit, column, {"landlord": member.landlord.pk}))
    if not member.is_holder:
        return Q(pk__in=[])
    return Q(pk__in=EachValue(UnitReader, column, {"organisation": member.organisation_id}))


class AccountFilters(forms.Form):
    """Exercise and landlord, among those of the accounts that the person reads; the landlord unsaid where it is one.
    `nature` stays as it is: which accounts are listed."""

    exercise = forms.TypedChoiceField(label="Exercice", coerce=int, required=False, empty_value=None)
    landlord = forms.TypedChoiceField(label="Bailleur", coerce=int, required=False, empty_value=None)
    nature = forms.ChoiceField(
        label="Nature", choices=[("premieres", "premières locations")], required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: Mapping[str, Any], *, exercises: Iterable[int], landlords: Collection[Landlord]) -> None:
        super().__init__(data)
        known = {
            "exercise": [(each, str(each)) for each in exercises],
            "landlord": [(each.pk, str(each)) for each in landlords],
        }
        for name, choices in known.items():
            field: Any = self.fields[name]
            field.choices = [("", "Tous"), *choices]
        if len(landlords) < 2:
            self.fields["landlord"].widget = forms.HiddenInput()
        self.is_valid()

    @property
    def wanted(self) -> dict[str, int]:
        """What the accounts are to have, by their column."""
        asked = {name: self.cleaned_data.get(name) for name in ("exercise", "landlord")}
        return {name: value for name, value in asked.items() if value is not None}


class UnitFilters(django_filters.FilterSet):
    """Filters of the stock, among the units that the member may open."""

    q = django_filters.CharFilter(method="search", label="Référence ou adresse")
    commune = django_filters.ModelChoiceFilter(label="Commune", empty_label="Toutes")
    typology = django_filters.ChoiceFilter(
        method="of_typology", label="Typologie", empty_label="Toutes", choices=[(t, t) for t in TYPOLOGIES]
    )
    financing = django_filters.ChoiceFilter(
        method="of_financing",
        label="Financement",
        empty_label="Tous",
        choices=[*((g, g) for g in financing.GROUPS), ("unknown", "non renseigné")],
    )
    qpv = django_filters.ChoiceFilter(method="of_qpv", label="Quartier", empty_label="Tous", choices=QPV)
    programme = ProgrammeFilter(label="Programme", empty_label="Tous")
    told_contingent = django_filters.ChoiceFilter(
        label="Réservation selon le RPLS",
        empty_label="Toutes",
        choices=[(code.value, code.label) for code in ReservationHolder.Contingent],
    )

    class Meta:
        model = Unit
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership) -> None:
        super().__init__(data, Unit.objects.visible_to(member))
        self.filters["commune"].queryset = Territory.objects.filter(_each("commune", member))
        programmes = Programme.objects.filter(_each("programme", member)).order_by("name", "pk")
        self.filters["programme"].queryset = programmes
        asked = {"commune": data.get("commune", ""), "chosen": data.get("programme", "")}
        self.filters["programme"].extra.update(asked)

    def search(self, units: QuerySet[Unit], name: str, text: str) -> QuerySet[Unit]:
        return matching(units, text)

    def of_typology(self, units: QuerySet[Unit], name: str, typology: str) -> QuerySet[Unit]:
        return units.filter(of_typology(typology))

    def of_financing(self, units: QuerySet[Unit], name: str, group: str) -> QuerySet[Unit]:
        return units.filter(financing_code__in=[""] if group == "unknown" else list(financing.codes_of(group)))

    def of_qpv(self, units: QuerySet[Unit], name: str, where: str) -> QuerySet[Unit]:
        return units.filter(in_qpv=IN_QPV[where])


class VacancyFilters(django_filters.FilterSet):
    """Filters of the vacancies that the member may see listed.

    Accounts and balances link here: with `stage`, `ledger` and `holder` say whose entries lie behind a figure;
    without, `holder` is the destination.

    `count`: how many vacancies the person may see there, whatever is filtered.
    """

    exercise = django_filters.ChoiceFilter(
        field_name="registered_on", lookup_expr="year", label="Exercice", empty_label="Tous"
    )
    landlord = django_filters.ChoiceFilter(field_name="landlord", label="Bailleur", empty_label="Tous")
    commune = django_filters.ChoiceFilter(field_name="commune", label="Commune", empty_label="Toutes")
    typology = django_filters.ChoiceFilter(
        method="of_typology", label="Typologie", empty_label="Toutes", choices=[(t, t) for t in TYPOLOGIES]
    )
    kind = django_filters.ChoiceFilter(label="Classement", empty_label="Tous", choices=Vacancy.Kind.choices)
    exclusion = django_filters.ChoiceFilter(
        label="Motif de soustraction", empty_label="Tous", choices=Vacancy.Exclusion.choices
    )
    holder = django_filters.ChoiceFilter(method="of_holder", label="Destination", empty_label="Toutes")
    status = django_filters.ChoiceFilter(method="of_status", label="État", empty_label="Tous", choices=STATUSES)
    signal = django_filters.ChoiceFilter(method="of_signal", label="Signalement", empty_label="Tous", choices=SIGNALS)
    territory = django_filters.ModelChoiceFilter(method="of_territory", widget=forms.HiddenInput, label="Territoire")
    ledger = django_filters.ModelChoiceFilter(method="of_ledger", widget=forms.HiddenInput, label="Compte")
    stage = django_filters.ChoiceFilter(
        method="of_stage", widget=forms.HiddenInput, label="Étape", choices=STAGES, empty_label=""
    )

    class Meta:
        model = Vacancy
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date) -> None:
        vacancies = Vacancy.objects.visible_to(member)
        self.member, self.today = member, today
        super().__init__(data, vacancies)
        ledgers = Ledger.objects.visible_to(member)
        seen, [read_ids] = at_once(seen_places.steps(member), queried(ledgers.order_by().values_list("pk")))
        self.count, read = units_in(seen), {pk for (pk,) in read_ids}
        years = sorted({place.year for place in seen}, reverse=True) or [today.year]
        of_lines = LedgerLine.objects.filter(ledger__in=read).order_by().values("holder")
        there = Q(pk__in=of_lines) | _of_no_line(vacancies, seen, read)
        self.filters["exercise"].extra["choices"] = [(str(year), str(year)) for year in years]
        choose_among(
            self.filters,
            landlord=Landlord.objects.select_related("organisation").filter(pk__in={place.landlord for place in seen}),
            commune=Territory.objects.filter(pk__in={place.commune for place in seen}),
            holder=ReservationHolder.objects.select_related("organisation").filter(there),
        )
        self.filters["territory"].queryset = Territory.objects.all()
        self.filters["ledger"].queryset = ledgers.select_related("landlord__organisation", "departement")

    def of_ledger(self, vacancies: QuerySet[Vacancy], name: str, ledger: Ledger) -> QuerySet[Vacancy]:
        """Those of this account, and the first lettings that it counts besides their own."""
        return vacancies.filter(Q(ledger=ledger) | Exists(ledger.entries.filter(vacancy=OuterRef("pk"))))

    def of_typology(self, vacancies: QuerySet[Vacancy], name: str, typology: str) -> QuerySet[Vacancy]:
        return vacancies.filter(of_typology(typology, path="unit__"))

    def of_holder(self, vacancies: QuerySet[Vacancy], name: str, holder: str) -> QuerySet[Vacancy]:
        """Its destination now (an id); nothing here when a stage says what the holder has to do with it."""
        if self.form.cleaned_data.get("stage"):
            return vacancies
        recommended = Recommendation.objects.filter(vacancy=OuterRef("pk"), holder=int(holder), routings=None)
        return vacancies.filter(Exists(_open_routings().filter(holder=int(holder))) | Exists(recommended))

    def of_status(self, vacancies: QuerySet[Vacancy], name: str, status: str) -> QuerySet[Vacancy]:
        if status == ROUTED:
            return vacancies.filter(routed_now())
        awaited = Vacancy.objects.to_confirm() if status == TO_CONFIRM else Vacancy.objects.waiting()
        return vacancies.filter(pk__in=awaited.order_by().values("pk"))

    def of_signal(self, vacancies: QuerySet[Vacancy], name: str, _: str) -> QuerySet[Vacancy]:
        return late(vacancies, self.member, today=self.today)

    def of_territory(self, vacancies: QuerySet[Vacancy], name: str, territory: Territory) -> QuerySet[Vacancy]:
        return vacancies.filter(within(territory.pk, commune="commune"))

    def of_stage(self, vacancies: QuerySet[Vacancy], name: str, stage: str) -> QuerySet[Vacancy]:
        """What a figure of an account is made of: entries of this stage that do not cancel out. Without account chosen,
        those of the yearly ones: what first lettings alone count is in no figure of theirs."""
        chosen = self.form.cleaned_data
        entries, measure = FlowEntry.objects.filter(vacancy=OuterRef("pk")), "reached"
        if stage != RECEIVED:
            entries, measure = entries.filter(stage=stage), "quantity"
        if chosen.get("holder"):
            entries = entries.filter(holder=chosen["holder"])
        if chosen.get("ledger"):
            entries = entries.filter(ledger=chosen["ledger"])
        else:
            entries = entries.filter(ledger__kind=Ledger.Kind.ORDINARY)
        living = entries.order_by().values("holder").annotate(total=Sum(measure)).filter(total__gt=0)
        return vacancies.filter(Exists(living))


class WhyNotFilters(django_filters.FilterSet):
    """Filters of « Pourquoi pas nous ? »: the month a unit was registered, its commune, what it means for this holder,
    and where it went (one of the destinations of `totals`).

    `count`: how many units the person may see there, whatever is filtered.
    """

    month = django_filters.ChoiceFilter(method="of_month", label="Mois", empty_label="Toute l’année")
    commune = django_filters.ModelChoiceFilter(field_name="commune", label="Commune", empty_label="Toutes")
    outcome = django_filters.ChoiceFilter(
        label="Pour ce réservataire",
        empty_label="Tous",
        choices=[(each.value, name) for each, name in OUTCOMES.items()],
    )
    destination = django_filters.ChoiceFilter(method="of_destination", label="Destination", empty_label="Toutes")

    class Meta:
        model = Vacancy
        fields: list[str] = []

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        member: Membership,
        place: Ground,
        totals: Totals,
    ) -> None:
        super().__init__(data, listed(place, member))
        self.count = sum(totals.seen.values())
        months = sorted({month for month, _ in totals.seen}, reverse=True)
        self.filters["month"].extra["choices"] = [(f"{m:%Y-%m}", date_format(m, "F Y").capitalize()) for m in months]
        self.filters["commune"].queryset = Territory.objects.filter(pk__in={commune for _, commune in totals.seen})
        self.filters["destination"].extra["choices"] = [
            (each.code, destination_name(each)) for each in totals.destinations
        ]

    def of_month(self, vacancies: QuerySet[Vacancy], name: str, month: str) -> QuerySet[Vacancy]:
        first = date.fromisoformat(f"{month}-01")
        return vacancies.filter(registered_on__gte=first, registered_on__lt=month_after(first))

    def of_destination(self, vacancies: QuerySet[Vacancy], name: str, code: str) -> QuerySet[Vacancy]:
        return gone(vacancies, code)


def _of_no_line(vacancies: QuerySet[Vacancy], seen: Iterable[SeenPlace], read: Collection[int]) -> Q:
    """Condition on holders: those of vacancies that a person sees, whom no line of an account that it reads (ids)
    names. What is of no account was recommended to nobody: asked apart, it is found by an index."""
    places = list(seen)
    others = {place.ledger for place in places if place.ledger is not None}.difference(read)
    of_none = vacancies.filter(ledger=None, landlord__in={each.landlord for each in places if each.ledger is None})
    routings = Routing.objects.filter(recommendation=None, vacancy__in=of_none.order_by().values("pk"))
    found = Q(pk__in=routings.order_by().values("holder"))
    if others:
        elsewhere = vacancies.filter(ledger__in=others).order_by().values("pk")
        found |= Q(pk__in=Routing.objects.filter(vacancy__in=elsewhere).order_by().values("holder"))
    return found


def _open_routings() -> QuerySet[Routing]:
    return Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)
