"""The forms of review.

* What a person types in the review of a balance: a remark, an answer, a comment, a note, a correction, a tolerance.
* The file that a person compares with the balances sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import capfirst

from attributions.bilan.models import BalanceRemark
from attributions.bilan.pages.balances import counted_unit
from attributions.bilan.pages.figures import COLUMNS, LINES, flow_lines
from attributions.bilan.queries.figures import (
    DUE,
    FLOW,
    STOCK,
    SUBTRACTED,
    SUMMARY,
    SUMMARY_MEASURES,
    UNITS,
    FigurePlace,
)
from attributions.bilan.queries.files import LARGEST, Counted
from flux.models import FlowEntry
from reservations.forms.fields import DayField, FigureField, TerritoryField, WholeField, months_away
from reservations.models import ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.terms import Side

Stage = FlowEntry.Stage

#: The figures that a correction may change, by the column of the balance that shows them.
STAGES = {"offered": Stage.OFFERED, "designated": Stage.DESIGNATED, "lapsed": Stage.LAPSED, "refused": Stage.REFUSED}


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _choose(form: forms.Form, name: str, choices: Sequence[Any]) -> None:
    field: Any = form.fields[name]
    field.choices = choices


class RemarkForm(forms.Form):
    """A figure of a version, chosen among those it has, and why it is contested."""

    line = forms.ChoiceField(
        label="Tableau et catégorie",
        error_messages={"required": "Choisissez le tableau.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    holder = forms.ChoiceField(
        label="Réservataire",
        required=False,
        help_text="Pour les logements libérés et ceux soustraits du flux, laissez « Ensemble ».",
        error_messages={"invalid_choice": "Choisissez-le dans la liste."},
    )
    measure = forms.ChoiceField(
        label="Colonne",
        error_messages={"required": "Choisissez la colonne.", "invalid_choice": "Choisissez-la dans la liste."},
    )
    claimed = FigureField(
        label="Le chiffre que vous attendez", required=False, help_text="En logements ; le dû accepte 12,5."
    )
    reason = forms.CharField(
        label="Ce que vous contestez, et pourquoi",
        widget=_area(),
        max_length=2_000,
        help_text="Tous les destinataires du bilan le liront : ne nommez aucun ménage.",
        error_messages={"required": "Dites ce que vous contestez, et pourquoi."},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, content: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> None:
        initial = {name: asked.get(name, "") for name in ("line", "holder", "measure")}
        super().__init__(data, initial=initial, auto_id="remark_%s")
        groups: list[tuple[str, list[tuple[str, str]]]] = [("Synthèse", [(f"{SUMMARY}:", "Synthèse")])]
        for axis in content["axes"]:
            options = [
                (f"{axis['code']}:{each['code']}", f"{capfirst(axis['words'])} : {each['words']}")
                for each in axis["categories"]
            ]
            if options:
                groups.append((capfirst(axis["words"]), options))
        fallen = [(f"{FLOW}:{code}", capfirst(words)) for code, words, _ in flow_lines(content)]
        groups.append((capfirst(LINES[FLOW]), fallen))
        subtracted = [(f"{SUBTRACTED}:{each['code']}", capfirst(each["words"])) for each in content["subtracted"]]
        groups.append((capfirst(LINES[SUBTRACTED]), subtracted))
        if content["stock"]:
            groups.append((capfirst(LINES[STOCK]), [(f"{STOCK}:", capfirst(LINES[STOCK]))]))
        _choose(self, "line", groups)
        holders = {each["holder"]: each["name"] for each in (*content["holders"], *content["stock"])}
        _choose(self, "holder", [("", "Ensemble"), *holders.items()])
        columns = [(each, capfirst(COLUMNS[each])) for each in (*SUMMARY_MEASURES, UNITS)]
        _choose(self, "measure", [("", "Choisissez…"), *columns])

    @property
    def place(self) -> FigurePlace:
        """The figure that was chosen."""
        line, _, category = self.cleaned_data["line"].partition(":")
        return FigurePlace(line, self.cleaned_data["holder"], category, self.cleaned_data["measure"])

    def clean(self) -> dict[str, Any]:
        """A due is written in units, and kept in millionths; the other figures are whole."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        claimed: Decimal | None = cleaned.get("claimed")
        if claimed is not None:
            exact = claimed * UNIT if cleaned.get("measure") == DUE else claimed
            if exact != exact.to_integral_value():
                self.add_error("claimed", ValidationError("Écrivez un nombre entier de logements.", code="whole"))
            else:
                cleaned["claimed"] = int(exact)
        return cleaned


class AnswerForm(forms.Form):
    """Corrected or maintained, and why. `withdraws`: it was stated corrected already, and may only be maintained."""

    answer = forms.ChoiceField(
        label="Votre réponse",
        widget=forms.RadioSelect,
        choices=[
            (BalanceRemark.Answer.CORRECTED.value, "La ligne est corrigée : la prochaine version le dira"),
            (BalanceRemark.Answer.MAINTAINED.value, "La ligne est maintenue : la remarque et la réponse y figureront"),
        ],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choisissez : corrigée, ou maintenue."),
    )
    text = forms.CharField(
        label="Votre réponse en une phrase",
        widget=_area(2),
        max_length=2_000,
        error_messages={"required": "Répondez en une phrase : tous les destinataires la liront."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, remark: int, withdraws: bool = False) -> None:
        super().__init__(data, auto_id=f"answer{remark}_%s")
        self.remark = remark
        if withdraws:
            kept = BalanceRemark.Answer.MAINTAINED
            self.fields["answer"].widget = forms.HiddenInput()
            self.fields["answer"].initial = kept.value
            self.fields["text"].label = "Pourquoi la ligne est maintenue, en une phrase"


class SendForm(forms.Form):
    """What changed since the version before; asked for after a sealed one."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(
        label="Ce qui a changé",
        widget=_area(2),
        required=False,
        max_length=1_000,
        help_text="Les destinataires le liront en tête de la version.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, seen: int, sealed: bool) -> None:
        super().__init__(data, initial={"seen": seen}, auto_id="send_%s")
        self.fields["note"].required = sealed
        self.fields["note"].error_messages["required"] = (
            "La version précédente est scellée : dites pourquoi une autre la suit."
        )
        if sealed:
            self.fields["note"].label = "Pourquoi une version après celle qui est scellée"


class CommentForm(forms.Form):
    """The landlord's comment on a holder's line, or on the whole."""

    holder = forms.ChoiceField(
        label="Sur la ligne de", required=False, error_messages={"invalid_choice": "Choisissez-la dans la liste."}
    )
    text = forms.CharField(
        label="Commentaire",
        widget=_area(),
        required=False,
        help_text="Vide, le commentaire est retiré. La prochaine version le prendra.",
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, content: Mapping[str, Any], initial: Mapping[str, str]
    ) -> None:
        super().__init__(data, initial=dict(initial), auto_id="comment_%s")
        holders = [(each["holder"], each["name"]) for each in content["holders"]]
        _choose(self, "holder", [("", "L’ensemble du bilan"), *holders])


class CorrectionForm(forms.Form):
    """A unit taken out of a figure, or put into it, and why."""

    vacancy = forms.ChoiceField(
        label="Logement",
        error_messages={"required": "Choisissez le logement.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    quantity = forms.TypedChoiceField(
        label="Ce logement",
        coerce=int,
        widget=forms.RadioSelect,
        choices=[("-1", "ne compte pas : retirez-le de ce chiffre"), ("1", "compte : ajoutez-le à ce chiffre")],
        error_messages={"required": "Dites s’il compte ou non.", "invalid_choice": "Dites s’il compte ou non."},
    )
    side = forms.ChoiceField(
        label="Du fait de qui",
        required=False,
        choices=[("", "–"), *((each.value, capfirst(str(each.label))) for each in Side)],
        help_text="Pour une candidature non aboutie seulement.",
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )
    why = forms.CharField(
        label="Pourquoi",
        widget=_area(2),
        max_length=1_000,
        help_text="Les réservataires le liront.",
        error_messages={"required": "Dites pourquoi cette ligne est corrigée."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Sequence[Counted], stage: str) -> None:
        super().__init__(data, initial={"quantity": "-1"})
        _choose(self, "vacancy", [("", "Choisissez…"), *((each.vacancy.pk, counted_unit(each)) for each in units)])
        if stage != Stage.REFUSED:
            del self.fields["side"]


class CorrectionFilter(forms.Form):
    """Whose figure is corrected, which, and for which units. An unknown value chooses nothing."""

    holder = forms.TypedChoiceField(label="Réservataire", coerce=int, required=False, empty_value=None)
    measure = forms.ChoiceField(
        label="Colonne",
        required=False,
        choices=[(each, capfirst(COLUMNS[each])) for each in STAGES],
    )
    reference = forms.CharField(label="Référence du logement", required=False, max_length=60)

    def __init__(self, data: Mapping[str, Any], *, holders: Sequence[ReservationHolder]) -> None:
        chosen = {name: data.get(name, "") for name in ("holder", "reference")}
        super().__init__(chosen | {"measure": data.get("measure") or "offered"})
        _choose(self, "holder", [("", "Choisissez…"), *((each.pk, str(each)) for each in holders)])
        self.is_valid()


class ToleranceForm(forms.Form):
    """A later day that a région accepted for one exercise."""

    region = TerritoryField(
        label="Région",
        queryset=Territory.objects.none(),
        empty_label="Choisissez…",
        error_messages={"required": "Choisissez la région.", "invalid_choice": "Choisissez-la dans la liste."},
    )
    exercise = WholeField(
        label="Exercice du bilan",
        min_value=2020,
        max_value=2099,
        help_text="L’année dont le bilan parle : celle d’avant, pour un bilan dû en février.",
        error_messages={
            "required": "Écrivez l’année du bilan.",
            "invalid": "Écrivez l’année en quatre chiffres.",
            "min_value": "Écrivez une année à partir de 2020.",
            "max_value": "Vérifiez l’année : elle est trop lointaine.",
        },
    )
    until = DayField(label="Toléré jusqu’au", example=months_away(1), help_text="Le dernier jour, inclus : {}")
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="La lettre, la circulaire ou la page officielle.",
        error_messages={"required": "Citez la lettre, la circulaire ou la page officielle."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        field: Any = self.fields["region"]
        field.queryset = Territory.objects.filter(kind=Territory.Kind.REGION).order_by("name", "pk")


class BalanceFileForm(forms.Form):
    """A copy of a version, to compare to the byte; it is not kept."""

    file = forms.FileField(
        label="Exemplaire à vérifier",
        help_text="Le fichier JSON ou PDF de la version, tel que vous l’avez reçu ; 20 Mo au plus",
        widget=forms.FileInput(attrs={"accept": ".json,.pdf,application/json,application/pdf"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Le fichier est vide : choisissez le fichier JSON ou PDF de la version.",
            "invalid": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "missing": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
        },
    )

    def clean_file(self) -> UploadedFile:
        """A file that no balance can be is not read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST:
            raise forms.ValidationError(
                "Le fichier dépasse 20 Mo, ce qu’aucun bilan ne fait : choisissez le fichier JSON ou PDF de la version."
            )
        return file
