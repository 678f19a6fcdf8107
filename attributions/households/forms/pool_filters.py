"""Filters of one's own households, in the address. No filter holds a name, nor a numéro unique."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet

from attributions.households.models import Application
from attributions.households.queries.pool import kept, wanted_communes
from reservations.models import Organisation, Territory

FREE, ENGAGED = "libre", "propose"
STATES = ((FREE, "à proposer"), (ENGAGED, "déjà candidats"))
MANY = 6
SIZES = [*((str(size), str(size)) for size in range(1, MANY)), (str(MANY), f"{MANY} ou plus"), ("?", "non renseigné")]
PRIORITY, OVER, NONE, UNKNOWN = "oui", "terminee", "non", "inconnue"
PRIORITIES = (
    (PRIORITY, "prioritaires"),
    (OVER, "labellisation terminée"),
    (NONE, "non prioritaires"),
    (UNKNOWN, "non renseignée"),
)
DOCUMENTS = (*((each.value, each.label) for each in Application.Documents), (UNKNOWN, "non renseigné"))


class PoolFilters(django_filters.FilterSet):
    """The households of an organisation, who has waited longest first."""

    etat = django_filters.ChoiceFilter(method="of_state", label="État", empty_label="Tous", choices=STATES)
    commune = django_filters.ModelChoiceFilter(
        method="of_commune", label="Commune souhaitée", empty_label="Toutes", to_field_name="code"
    )
    personnes = django_filters.ChoiceFilter(method="of_size", label="Personnes", empty_label="Toutes", choices=SIZES)
    priorite = django_filters.ChoiceFilter(
        method="of_priority", label="Priorité", empty_label="Toutes", choices=PRIORITIES
    )
    accessible = django_filters.ChoiceFilter(
        method="of_accessible", label="Logement accessible", empty_label="Indifférent", choices=(("oui", "nécessaire"),)
    )
    pieces = django_filters.ChoiceFilter(method="of_documents", label="Dossier", empty_label="Tous", choices=DOCUMENTS)

    class Meta:
        model = Application
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, organisation: Organisation, today: date) -> None:
        super().__init__(data, kept(organisation))
        self.today = today
        self.filters["commune"].queryset = wanted_communes(organisation)

    def of_state(self, found: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        return found.filter(engaged=state == ENGAGED)

    def of_commune(self, found: QuerySet[Any], name: str, commune: Territory) -> QuerySet[Any]:
        return found.filter(wanted_communes__contains=[commune.code])

    def of_size(self, found: QuerySet[Any], name: str, size: str) -> QuerySet[Any]:
        if size == "?":
            return found.filter(adults=None)
        return found.filter(members__gte=MANY) if int(size) == MANY else found.filter(members=int(size))

    def of_priority(self, found: QuerySet[Any], name: str, priority: str) -> QuerySet[Any]:
        if priority == OVER:
            return found.filter(labelled_until__lt=self.today)
        return found.filter(has_priority={PRIORITY: True, NONE: False, UNKNOWN: None}[priority])

    def of_accessible(self, found: QuerySet[Any], name: str, _: str) -> QuerySet[Any]:
        return found.filter(needs_accessible=True)

    def of_documents(self, found: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        return found.filter(documents="" if state == UNKNOWN else state)
