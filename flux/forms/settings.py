"""The forms of settings.

* Saying that an alert was read.
* Choosing how recommendations become routings.
* « Mise en service »: the day, and the unit that is tried.
* How many known departures are planned together, how long one waits for others, and from when.
* Cutting the years of construction into other periods.
* Recording an income ceiling of the yearly order.
* Where software is notified, and of which facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from flux.models import IncomeCeiling, RoutingPolicy, WebhookEvent
from flux.models.starting import DAYS, LENGTH
from flux.operations.reference_figures import FINANCED
from flux.queries.needs import SIZES
from reservations.forms.fields import CountField, DayField, TerritoryField, WholeField, months_away, new_year
from reservations.models import Landlord, Territory


class AcknowledgementForm(forms.Form):
    """What the person saw."""

    text = forms.CharField(
        label="Ce que vous avez constaté",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="En une phrase. Ni l’alerte ni le compte ne changent.",
        error_messages={"required": "Dites en une phrase ce que vous avez constaté : l’alerte la garde."},
    )


class PolicyForm(forms.Form):
    """A mode, and its first day."""

    mode = forms.ChoiceField(
        label="Mode d’orientation",
        choices=[(mode.value, mode.label.capitalize()) for mode in RoutingPolicy.Mode],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez un mode d’orientation.",
            "invalid_choice": "Choisissez l’un des deux modes.",
        },
    )
    starts_on = DayField(label="À partir du")


class GoLiveForm(forms.Form):
    """The day from which vacancies are routed."""

    on = DayField(label="Orienter pour de bon à partir du", example=months_away(1))


class RehearsalForm(forms.Form):
    """The unit to try, by its reference."""

    reference = forms.CharField(
        label="Référence du logement",
        max_length=60,
        error_messages={"required": "Écrivez la référence d’un logement de votre parc."},
    )


class WindowForm(forms.Form):
    """The choice, as it is first looked at on last year, then made."""

    length = CountField(
        bound=LENGTH,
        label="Départs planifiés ensemble, au plus",
        help_text="De 1 à 16. 1 : chaque départ est décidé seul, dès son enregistrement. Sans choix : 8.",
        error_messages={"required": "Écrivez combien de départs la règle regarde ensemble, de 1 à 16."},
    )
    days = CountField(
        bound=DAYS,
        label="Jours ouvrés d’attente, au plus",
        help_text="De 0 à 20. Au-delà, un départ est décidé avec ceux qui sont connus. Sans choix : 3.",
        error_messages={"required": "Écrivez combien de jours ouvrés un départ en attend d’autres, de 0 à 20."},
    )
    starts_on = DayField(label="À partir du")


class PeriodCutForm(forms.Form):
    """The last year of each period but the last, for whom, since when, and who stated so."""

    bounds = forms.CharField(
        label="Dernière année de chaque période",
        max_length=100,
        help_text="Dans l’ordre : « 1948, 1974, 1999 » donne avant 1949, 1949-1974, 1975-1999 et depuis 2000.",
        error_messages={"required": "Écrivez les dernières années, séparées par des virgules."},
    )
    landlord = forms.ModelChoiceField(
        label="Bailleur",
        queryset=Landlord.objects.none(),
        required=False,
        empty_label="tous",
        error_messages={"invalid_choice": "Choisissez-le dans la liste."},
    )
    territory = TerritoryField(
        label="Région ou département",
        queryset=Territory.objects.none(),
        required=False,
        empty_label="partout",
        error_messages={"invalid_choice": "Choisissez-le dans la liste."},
    )
    starts_on = DayField(label="À compter du", example=new_year)
    source = forms.CharField(
        label="D’où vient ce découpage",
        max_length=200,
        help_text="La convention ou le cadre régional.",
        error_messages={"required": "Dites d’où vient ce découpage : une convention, un cadre régional."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        whose, where = (self.fields[name] for name in ("landlord", "territory"))
        assert isinstance(whose, forms.ModelChoiceField)
        assert isinstance(where, forms.ModelChoiceField)
        whose.queryset = Landlord.objects.select_related("organisation").order_by("organisation__name", "pk")
        kinds = (Territory.Kind.REGION, Territory.Kind.DEPARTEMENT)
        where.queryset = Territory.objects.filter(kind__in=kinds).order_by("search_name", "kind", "code")

    def clean_bounds(self) -> list[int]:
        """Whole years."""
        typed = [year.strip() for year in self.cleaned_data["bounds"].split(",")]
        if wrong := [year for year in typed if not (year.isascii() and year.isdecimal() and len(year) == 4)]:
            raise ValidationError(f"« {wrong[0]} » n’est pas une année : écrivez quatre chiffres, comme 1974.")
        return [int(year) for year in typed]


def euros_field(label: str, **kwargs: Any) -> WholeField:
    """Whole euros."""
    return WholeField(
        label=label,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Écrivez le plafond annuel en euros.",
            "invalid": "Écrivez un nombre entier d’euros en chiffres : 23403 par exemple.",
        },
        **kwargs,
    )


class IncomeCeilingForm(forms.Form):
    """One figure: its financing, its zone, its category of household, from a day on, and where it is written."""

    financing = forms.ChoiceField(
        label="Financement",
        choices=[("", "Choisissez…"), *((group, group) for group in FINANCED)],
        error_messages={"required": "Choisissez le financement.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    zone = forms.ChoiceField(
        label="Zone",
        choices=[("", "Choisissez…"), *((zone.value, capfirst(zone.label)) for zone in IncomeCeiling.Zone)],
        error_messages={"required": "Choisissez la zone.", "invalid_choice": "Choisissez-la dans la liste."},
    )
    household = forms.TypedChoiceField(
        label="Catégorie de ménage",
        coerce=int,
        choices=[("", "Choisissez…"), *((str(size), str(size)) for size in range(1, SIZES + 1))],
        error_messages={"required": "Choisissez la catégorie.", "invalid_choice": "Choisissez-la dans la liste."},
    )
    amount = euros_field("Plafond annuel, en euros", help_text="Revenu fiscal de référence.")
    extra = euros_field("Par personne de plus, en euros", required=False, help_text="Avec la catégorie 6 seulement.")
    starts_on = DayField(
        label="En vigueur depuis le", example=new_year, help_text="Le premier jour du nouveau plafond : {}"
    )
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="L’arrêté et sa date : arrêté du 19 décembre.",
        error_messages={"required": "Citez l’arrêté."},
    )


class EndpointForm(forms.Form):
    """One address, and the facts that it asks for."""

    url = forms.CharField(
        label="Adresse du logiciel",
        max_length=300,
        help_text="En HTTPS, joignable de l’extérieur : https://logiciel.exemple.fr/equiflux",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Écrivez l’adresse à laquelle le logiciel attend les faits."},
    )
    kinds = forms.MultipleChoiceField(
        label="Faits à annoncer",
        choices=[(code, capfirst(str(label))) for code, label in WebhookEvent.Kind.choices],
        widget=forms.CheckboxSelectMultiple,
        help_text="Chaque fait est dit par des numéros, sans nom : le logiciel lit le reste par l’API.",
        error_messages={
            "required": "Choisissez au moins un fait à annoncer.",
            "invalid_choice": "Choisissez des faits de la liste.",
        },
    )
