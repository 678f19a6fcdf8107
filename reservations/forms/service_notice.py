"""What the operator says of the service."""

from __future__ import annotations

from django import forms

from reservations.models import ServiceNotice

#: (what it is called, an example, what to do when it is missing) of each text, in the order of the page.
TEXTS = {
    "name": ("Nom du service", "Celui que vos usagers connaissent : Équiflux de l’Aude.", "Écrivez le nom du service."),
    "publisher": (
        "Éditeur",
        "Qui publie le service : nom, forme juridique, adresse du siège, téléphone, SIREN.",
        "Écrivez qui publie le service, et son adresse.",
    ),
    "director": (
        "Directeur de la publication",
        "La personne qui en répond : le représentant légal de l’éditeur, le plus souvent.",
        "Écrivez le nom de la personne qui répond de la publication.",
    ),
    "host": (
        "Hébergeur",
        "Qui tient les serveurs : nom, adresse, téléphone.",
        "Écrivez qui héberge le service, son adresse et son téléphone.",
    ),
    "officer": (
        "Délégué à la protection des données",
        "Comment le joindre : une adresse électronique ou postale.",
        "Écrivez comment joindre le délégué à la protection des données.",
    ),
    "contact": (
        "Contact",
        "Pour une question, ou une page que l’on ne peut pas lire : une adresse, un téléphone et ses heures.",
        "Écrivez comment vous joindre.",
    ),
}


class ServiceNoticeForm(forms.Form):
    """The six texts, as they will be read by anybody."""

    def __init__(self, data: object = None, *, initial: ServiceNotice | None) -> None:
        super().__init__(data, initial={name: getattr(initial, name, "") for name in TEXTS})  # type: ignore[arg-type]
        for name, (label, example, missing) in TEXTS.items():
            length = ServiceNotice.column(name).max_length
            self.fields[name] = forms.CharField(
                label=label,
                max_length=length,
                help_text=example,
                widget=forms.Textarea(attrs={"rows": 3}) if (length or 0) >= 300 else forms.TextInput(),
                error_messages={"required": missing},
            )
