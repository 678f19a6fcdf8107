"""The forms of file filters.

* Filters of the units whose candidates one follows, in the address. No filter holds a name, nor a numéro unique.
* Filters of one's own households, in the address. No filter holds a name, nor a numéro unique.
* Filters of the journal of accesses, in the address; and the purpose of a download.
* Which households are sent to which units, of those that a page showed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from attributions.households.models import AccessRecord, Application, Designation, UnitStage
from attributions.households.operations.sending import TWICE
from attributions.households.pages.files import NAMES
from attributions.households.queries.candidates import landlords_read
from attributions.households.queries.file import at, followed, seen_in, to_propose
from attributions.households.queries.open_units import kept, wanted_communes
from attributions.households.queries.stage import OVER as STAGE_OVER
from attributions.households.queries.stage import Stage
from flux.forms.filters import choose_among, of_typology
from flux.models import Unit
from flux.models.unit import TYPOLOGIES
from flux.queries.units import matching
from reservations.models import Landlord, Membership, Organisation, ReservationHolder, Territory, User

LATE, WEEK, LATER, NONE = "depassee", "semaine", "ensuite", "sans"
DUE = ((LATE, "dépassée"), (WEEK, "dans les 7 jours"), (LATER, "plus tard"), (NONE, "sans échéance"))


class FileFilters(django_filters.FilterSet):
    """What the member follows, by what calls first. Without `etape`, all of it but what is over."""

    etape = django_filters.ChoiceFilter(
        method="of_stage",
        label="Étape",
        empty_label="Toutes, sauf terminées",
        choices=[(stage.value, capfirst(NAMES[stage])) for stage in Stage],
    )
    due = django_filters.ChoiceFilter(method="of_due", label="Échéance", empty_label="Toutes", choices=DUE)
    holder = django_filters.ChoiceFilter(label="Réservataire", empty_label="Tous")
    landlord = django_filters.ChoiceFilter(label="Bailleur", empty_label="Tous")
    commune = django_filters.ChoiceFilter(label="Commune", empty_label="Toutes")
    typology = django_filters.ChoiceFilter(
        method="of_typology", label="Typologie", empty_label="Toutes", choices=[(t, t) for t in TYPOLOGIES]
    )
    q = django_filters.CharFilter(method="search", label="Référence, adresse, programme")

    class Meta:
        model = UnitStage
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date) -> None:
        super().__init__(data, followed(member, today=today))
        self.member, self.today = member, today
        whose, model = ("holder", ReservationHolder) if member.is_landlord else ("landlord", Landlord)
        del self.filters["landlord" if member.is_landlord else "holder"]
        others = model.objects.select_related("organisation").filter(seen_in(member, whose))
        communes = Territory.objects.filter(seen_in(member, "commune"))
        choose_among(self.filters, commune=communes, **{whose: others})

    def filter_queryset(self, queryset: QuerySet[UnitStage]) -> QuerySet[UnitStage]:
        """What is over is shown when its stage is asked for: the latest first, since nothing of it is awaited."""
        stage = self.form.cleaned_data.get("etape") or ""
        found = at(super().filter_queryset(queryset), self.member, stage)
        return found.order_by("-vacancy") if stage in STAGE_OVER else found

    def of_stage(self, stages: QuerySet[UnitStage], name: str, stage: str) -> QuerySet[UnitStage]:
        return stages  # by `at`, with or without one

    def of_due(self, stages: QuerySet[UnitStage], name: str, when: str) -> QuerySet[UnitStage]:
        week = self.today + timedelta(days=7)
        kept = {
            LATE: Q(due__lt=self.today),
            WEEK: Q(due__gte=self.today, due__lte=week),
            LATER: Q(due__gt=week),
            NONE: Q(due=None),
        }
        return stages.filter(kept[when])

    def of_typology(self, stages: QuerySet[UnitStage], name: str, typology: str) -> QuerySet[UnitStage]:
        return stages.filter(of_typology(typology, path="vacancy__unit__"))

    def search(self, stages: QuerySet[UnitStage], name: str, text: str) -> QuerySet[UnitStage]:
        return stages.filter(vacancy__unit__in=matching(Unit.objects.all(), text).order_by().values("pk"))


class OfferedFilters(FileFilters):
    """The same, of the units alone that await candidates of a holder."""

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date) -> None:
        super().__init__(data, member=member, today=today)
        del self.filters["etape"]

    def filter_queryset(self, queryset: QuerySet[UnitStage]) -> QuerySet[UnitStage]:
        found = django_filters.FilterSet.filter_queryset(self, queryset)
        return to_propose(found, self.member)


FREE, ENGAGED = "libre", "propose"
STATES = ((FREE, "à proposer"), (ENGAGED, "déjà candidats"))
MANY = 6
SIZES = [*((str(size), str(size)) for size in range(1, MANY)), (str(MANY), f"{MANY} ou plus"), ("?", "non renseigné")]
PRIORITY, OVER, NOT_PRIORITY, UNKNOWN = "oui", "terminee", "non", "inconnue"
PRIORITIES = (
    (PRIORITY, "prioritaires"),
    (OVER, "labellisation terminée"),
    (NOT_PRIORITY, "non prioritaires"),
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
        return found.filter(has_priority={PRIORITY: True, NOT_PRIORITY: False, UNKNOWN: None}[priority])

    def of_accessible(self, found: QuerySet[Any], name: str, _: str) -> QuerySet[Any]:
        return found.filter(needs_accessible=True)

    def of_documents(self, found: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        return found.filter(documents="" if state == UNKNOWN else state)


class AccessFilters(django_filters.FilterSet):
    """Filters of the accesses that the member may read: who, what, taken away or not, between two days."""

    user = django_filters.ModelChoiceFilter(label="Personne", empty_label="Toutes")
    what = django_filters.ChoiceFilter(label="Quoi", empty_label="Tout", choices=AccessRecord.What.choices)
    downloaded = django_filters.ChoiceFilter(
        label="Emporté", empty_label="Tous", choices=[("True", "emporté"), ("False", "lu à l’écran")]
    )
    since = django_filters.DateFilter(
        field_name="at", lookup_expr="date__gte", label="Depuis le", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        field_name="at", lookup_expr="date__lte", label="Jusqu’au", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = AccessRecord
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership) -> None:
        seen = AccessRecord.objects.visible_to(member)
        super().__init__(data, seen)
        self.filters["user"].queryset = User.objects.filter(pk__in=seen.order_by().values("user"))


class TakingForm(forms.Form):
    """For what purpose a list that names households is taken away: the journal keeps it."""

    why = forms.CharField(
        label="À quoi servira ce fichier ?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Le journal des consultations garde cette phrase, avec votre nom et l’heure. Ne nommez aucun ménage.",
        error_messages={"required": "Dites pourquoi vous emportez ce fichier : le journal le garde."},
    )


class ExportForm(TakingForm):
    """Whose candidates, and for what purpose."""

    landlord = forms.ModelChoiceField(
        Landlord.objects.none(),
        label="Bailleur",
        empty_label="Choisissez un bailleur",
        error_messages={
            "required": "Choisissez un bailleur.",
            "invalid_choice": "Choisissez un bailleur de la liste.",
        },
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.landlords = landlords_read(member)
        choice: Any = self.fields["landlord"]
        choice.queryset = (
            Landlord.objects.select_related("organisation")
            .filter(pk__in=self.landlords)
            .order_by("organisation__name", "pk")
        )


Exemption = Designation.Exemption

RELOAD = "Rechargez la page."
#: Units of one page, and households of one post, at most.
MOST = 500


class PairsField(forms.Field):
    """Two ids each: « 12:345 »."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[tuple[int, int]]:
        """Raises ValidationError for what no page of ours wrote."""
        pairs = []
        for each in (value or [])[:MOST]:
            parts = str(each).split(":")
            if len(parts) != 2 or not all(part.isdecimal() and len(part) < 19 for part in parts):
                raise forms.ValidationError(RELOAD)
            pairs.append((int(parts[0]), int(parts[1])))
        return pairs


class SendManyForm(forms.Form):
    """`menage`: unit and household; `routing`: unit and routing, as the person read it."""

    use_required_attribute = False

    menage = PairsField(error_messages={"required": "Cochez au moins un ménage."})
    routing = PairsField(required=False)
    exemption = forms.ChoiceField(
        label="Si un logement a moins de candidats que la loi n’en demande",
        required=False,
        choices=[
            ("", "Ne rien transmettre pour lui"),
            *((e.value, e.label.capitalize()) for e in Designation.Exemption),
        ],
        error_messages={"invalid_choice": "Choisissez l’une des exceptions de la loi."},
    )
    exemption_text = forms.CharField(
        label="Pourquoi il n’y a pas assez de candidats",
        required=False,
        max_length=500,
        help_text="Une phrase, sans nom ni information personnelle. Le bailleur et la commission la liront.",
        error_messages={"max_length": "Abrégez à 500 caractères : une phrase suffit."},
    )

    def clean_menage(self) -> list[tuple[int, int]]:
        """Raises ValidationError when a household is chosen for two units."""
        pairs: list[tuple[int, int]] = list(dict.fromkeys(self.cleaned_data["menage"]))
        if len({household for _, household in pairs}) < len(pairs):
            raise forms.ValidationError(TWICE)
        return pairs

    @property
    def ticked(self) -> list[tuple[int, int]]:
        """Those that were ticked, whatever is wrong with them; none that are not pairs."""
        try:
            found: list[tuple[int, int]] = PairsField(required=False).clean(self["menage"].data)
        except forms.ValidationError:
            return []
        return found
