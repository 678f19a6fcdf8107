"""Organisations: recorded, chosen in the directory, put right, made one, closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import capfirst

from reservations.forms.fields import place
from reservations.models import Landlord, Organisation, Territory
from reservations.models.party import validate_siren
from reservations.models.person import HOLDING
from reservations.operations.party import AUTHORITIES, GOVERNED, article_of, called
from reservations.words import ARTICLES, Named, of, towards

Kind = Organisation.Kind


#: What a form gives for a name that takes no article.
NO_ARTICLE = "aucun"


def article_field() -> forms.TypedChoiceField:
    """How a name is written in a sentence; its phrases are those of the name, once it is known."""
    return forms.TypedChoiceField(
        label="Dans une phrase",
        required=False,
        empty_value=None,
        coerce=lambda value: "" if value == NO_ARTICLE else value,
        widget=forms.RadioSelect,
        help_text="Les conventions, les courriers et les écrans l’écriront ainsi.",
        error_messages={"invalid_choice": "Choisissez une phrase de la liste."},
    )


def phrases(name: str) -> list[tuple[str, str]]:
    """Each way to write this name, as it will be read; two that read alike are one."""
    found: dict[str, str] = {}
    for article in ("la", "le", "l’", "les", "", "d’"):
        named = Named(name, article)
        found.setdefault(f"une convention {of(named)}, signée par {towards(named)}", article or NO_ARTICLE)
    return [(article, phrase) for phrase, article in found.items()]


def _one_blank(name: str) -> str:
    """Without the blanks that a copy leaves."""
    return " ".join(name.split())


class OrganisationForm(forms.Form):
    """An organisation: its nature says which contingents it holds and which territory it may have."""

    name = forms.CharField(
        label="Nom",
        max_length=120,
        help_text="Tel que tous le liront : Ville de Narbonne.",
        error_messages={"required": "Écrivez le nom de l’organisation."},
    )
    article = article_field()
    siren = forms.CharField(
        label="SIREN",
        max_length=20,
        help_text="Neuf chiffres.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Écrivez le SIREN : neuf chiffres."},
    )
    kind = forms.ChoiceField(
        label="Nature",
        choices=[("", "Choisissez…"), *((kind.value, capfirst(kind.label)) for kind in Kind)],
        error_messages={"required": "Choisissez la nature.", "invalid_choice": "Choisissez une nature de la liste."},
    )
    ASKED_WHEN = {
        "territory": "pour une collectivité",
        "acronym": "pour un bailleur",
        "article": "si le répertoire ne le donne pas",
    }

    territory = forms.CharField(
        label="Territoire",
        max_length=140,
        required=False,
        help_text="Un nom ou un code : Narbonne, 11262 ; pour un EPCI, son nom ou son SIREN. "
        "Nécessaire pour une commune et une intercommunalité.",
    )
    acronym = forms.CharField(
        label="Sigle",
        max_length=6,
        required=False,
        help_text="Pour un bailleur seulement : il ouvre les références de ses logements, RH-03-009.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            del self.fields["article"]  # its phrases are those of a name
            return
        self._preview(_one_blank(self.data.get("name", "")))

    def clean_name(self) -> str:
        """As everybody will read it."""
        return _one_blank(self.cleaned_data["name"])

    def _preview(self, name: str) -> None:
        """Offer the phrases of this name."""
        article: Any = self.fields["article"]
        article.choices = phrases(name) if name else [(each or NO_ARTICLE, each) for each in ARTICLES]

    def _ask_article(self, given: dict[str, Any]) -> None:
        """A name of the directory has its article; any other is asked, by the phrases that it would make."""
        if self.errors or given["article"] is not None:
            return
        kind, name, where = Kind(given["kind"]), given["name"], given["territory"]
        given["article"] = article_of(kind, name, where)
        if given["article"] is None and (where is not None or kind not in Organisation.OWN_TERRITORY):
            self._preview(name)
            self.add_error("article", f"Choisissez la phrase où « {name} » est bien écrit.")

    def clean_siren(self) -> str:
        """Spaces are how people read a SIREN; its key is checked."""
        siren = "".join(self.cleaned_data["siren"].split())
        validate_siren(siren)
        if known := Organisation.objects.filter(siren=siren).first():
            raise ValidationError(f"Ce SIREN est déjà celui {of(known)} : vérifiez-le.")
        return siren

    def clean_acronym(self) -> str:
        """Two landlords with one acronym would mix up their references."""
        acronym: str = self.cleaned_data["acronym"].upper()
        if taken := Landlord.objects.filter(acronym=acronym).select_related("organisation").first():
            raise ValidationError(f"Ce sigle est déjà celui {of(taken)} : choisissez-en un autre.")
        return acronym

    def clean(self) -> dict[str, Any]:
        """The place is looked for among those that this kind of organisation may govern."""
        given = super().clean() or {}
        kind = given.get("kind")
        if kind and "territory" in given:
            try:
                given["territory"] = place(given["territory"], GOVERNED.get(Kind(kind), tuple(Territory.Kind)))
            except ValidationError as unknown:
                self.add_error("territory", unknown)
        if kind == Kind.LANDLORD and not given.get("acronym") and "acronym" not in self.errors:
            self.add_error("acronym", "Donnez le sigle du bailleur : six lettres ou chiffres au plus.")
        if type(self) is OrganisationForm:
            self._ask_article(given)
        return given


class HolderForm(OrganisationForm):
    """A holder, found in the directory of communes, EPCI, départements and régions when it is an authority; and who
    acts for it first."""

    email = forms.EmailField(
        label="Adresse électronique de son responsable",
        max_length=254,
        required=False,
        help_text="Il recevra de vous un lien, choisira son mot de passe et invitera les siens. Vous pourrez aussi "
        "l’inviter plus tard.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Cette adresse n’est pas complète : nom@domaine.fr."},
    )
    full_name = forms.CharField(
        label="Nom de ce responsable ou de son service",
        max_length=120,
        required=False,
        help_text="Tel que les autres le liront : Service logement.",
    )

    ASKED_WHEN = OrganisationForm.ASKED_WHEN | {
        "full_name": "avec une adresse",
        "siren": "si le répertoire ne le donne pas",
        "name": "si le répertoire ne le donne pas",
    }

    field_order = ("kind", "territory", "name", "article", "siren", "email", "full_name")

    def __init__(self, *args: Any, siren_of: Callable[[Territory], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.siren_of = siren_of
        self.known: Organisation | None = None
        del self.fields["acronym"]
        kind: Any = self.fields["kind"]
        kind.choices = [("", "Choisissez…"), *((each.value, capfirst(each.label)) for each in Kind if each in HOLDING)]
        for name in ("name", "siren"):
            self.fields[name].required = False
        self.fields["name"].help_text = "Vide : celui du répertoire."
        self.fields["siren"].help_text = "Neuf chiffres. Vide pour une commune ou une intercommunalité : il est connu."

    def clean_siren(self) -> str:
        """Empty, it is looked for in the directory; known already, the organisation is the one that has it."""
        siren = "".join(self.cleaned_data["siren"].split())
        if siren:
            validate_siren(siren)
        return siren

    def clean(self) -> dict[str, Any]:
        """What the directory says of the place completes what was left empty."""
        given = super().clean() or {}
        place_found = given.get("territory")
        if not self.errors and place_found is None and given["kind"] in AUTHORITIES:
            self.add_error("territory", "Écrivez le territoire : il désigne la collectivité.")
        if self.errors:
            return given
        if place_found is not None:
            given["siren"] = given["siren"] or self.siren_of(place_found)
            given["name"] = given["name"] or called(Kind(given["kind"]), place_found)
        self.known = Organisation.objects.filter(siren=given["siren"]).first() if given["siren"] else None
        if given["email"] and not given["full_name"]:
            self.add_error("full_name", "Écrivez le nom de la personne ou du service.")
        for name, sentence in (
            ("siren", "Écrivez le SIREN : neuf chiffres. Le répertoire ne le donne pas."),
            ("name", "Écrivez le nom de l’organisation."),
        ):
            if name in given and not given[name]:
                self.add_error(name, sentence)
        if self.known is None:
            self._ask_article(given)
        return given


#: As an envelope with a window shows them.
ADDRESS_LINES = 6


class CorrectionForm(forms.Form):
    """What is stated of an organisation: its nature stays. Its address, of one that writes to applicants."""

    ASKED_WHEN = OrganisationForm.ASKED_WHEN

    name = OrganisationForm.base_fields["name"]
    article = article_field()
    siren = OrganisationForm.base_fields["siren"]
    territory = OrganisationForm.base_fields["territory"]
    postal_address = forms.CharField(
        label="Adresse postale",
        max_length=300,
        required=False,
        help_text=f"En tête de vos courriers aux demandeurs, {ADDRESS_LINES} lignes au plus : le service, la rue, le "
        "code postal et la ville, où vous joindre.",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        self.organisation = organisation
        where = organisation.territory
        values = {
            "name": organisation.name,
            "article": organisation.article or NO_ARTICLE,
            "siren": organisation.siren,
            "territory": f"{where.name} ({where.get_kind_display()}, {where.code})" if where else "",
            "postal_address": organisation.postal_address,
        }
        super().__init__(*args, **({"initial": values} | kwargs))
        article: Any = self.fields["article"]
        article.choices = phrases(_one_blank(self.data.get("name", "")) or organisation.name)
        if organisation.kind != Kind.LANDLORD:
            del self.fields["postal_address"]

    def clean_siren(self) -> str:
        """Its key is checked, and nobody else has it."""
        siren = "".join(self.cleaned_data["siren"].split())
        validate_siren(siren)
        if known := Organisation.objects.filter(siren=siren).exclude(pk=self.organisation.pk).first():
            raise ValidationError(
                f"Ce SIREN est déjà celui {of(known)} : vérifiez-le, ou réunissez les deux organisations."
            )
        return siren

    def clean_postal_address(self) -> str:
        """Without the blanks that a copy leaves; short enough for the head of a letter."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["postal_address"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > ADDRESS_LINES:
            raise ValidationError(f"L’adresse a {len(lines)} lignes : gardez-en {ADDRESS_LINES} au plus.")
        return "\n".join(lines)

    def clean_territory(self) -> Territory | None:
        """Among those that this kind of organisation may govern."""
        kind = Kind(self.organisation.kind)
        found: Territory | None = place(self.cleaned_data["territory"], GOVERNED.get(kind, tuple(Territory.Kind)))
        return found


def why(help_text: str) -> forms.CharField:
    """The motive of an act that others will read."""
    return forms.CharField(
        label="Pourquoi ?",
        max_length=300,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Dites pourquoi."},
    )


class MergerForm(forms.Form):
    """Which organisation takes the place of this one, and why."""

    into = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Organisation qui la remplace",
        empty_label="Choisissez…",
        error_messages={
            "required": "Choisissez l’organisation qui la remplace.",
            "invalid_choice": "Choisissez une organisation de la liste.",
        },
    )
    why = why("Les deux organisations et leurs bailleurs liront ce motif.")

    def __init__(self, *args: Any, candidates: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into"]
        into.queryset = candidates


class ClosingForm(forms.Form):
    """Why an organisation takes part in nothing new."""

    why = why("Ses personnes liront ce motif.")
