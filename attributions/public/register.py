"""The register of processing (RGPD, art. 30): field by field, why it is kept and how long.

`register.csv` names the fields; their French is that of the models, so that a field that is renamed or gone is seen at
once. `docs/personal-data.md` says how each is erased; a test holds both lists together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import cast

from django.apps import apps
from django.db.models import Field, Model

from attributions.households.models import TermReading
from reservations.models import LegalParameter
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, tenths, upper_first

REGISTER = Path(__file__).with_name("register.csv")
APPS = ("reservations", "flux", "attributions", "axes")

TITLES = {
    "ménages": ("Les ménages", "Finalité : proposer des candidats, décider, loger, compter."),
    "personnes": ("Vous, qui vous servez du service", "Finalité : savoir qui agit, et le protéger."),
}

#: Fields whose own name is not French: they are shown nowhere else, or are those of a library.
FIELD_WORDS = {
    "Application.merged_into": "demande qui la remplace",
    "HistoryEntry.details": "précisions",
    "Session.session_data": "personne, adresse, navigateur et dernière requête",
    "AccessLog.user_agent": "navigateur",
}


@cache
def register() -> tuple[Table, ...]:
    """One table for households, one for those who use the service. Raises LookupError on a field that is not there."""
    with REGISTER.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    return tuple(
        Rows(
            group,
            Shown[dict[str, str]]("Données", lambda row: field_words(row["fields"])),
            Shown("Pourquoi", lambda row: row["purpose"]),
            Shown("Combien de temps", lambda row: row["term"]),
        ).titled(f"registre-{number}", *TITLES[whom])
        for number, (whom, group) in enumerate(groupby(rows, key=lambda row: row["whom"]), 1)
    )


def named() -> Iterator[str]:
    """Every field of the register, as `Model.field`."""
    with REGISTER.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            yield from row["fields"].split()


def field_words(named: str) -> str:
    """« Demande : numéro unique, nom ; autre numéro d’une demande : numéro unique », from the models themselves."""
    groups = []
    for name, group in groupby(named.split(), key=lambda field: field.partition(".")[0]):
        model = model_called(name)
        groups.append(f"{model._meta.verbose_name} : {', '.join(word(model, each) for each in group)}")
    return upper_first(" ; ".join(groups))


def word(model: type[Model], named: str) -> str:
    """What a field is called, in French."""
    field = cast("Field[object, object]", model._meta.get_field(named.partition(".")[2]))
    return FIELD_WORDS.get(named, str(field.verbose_name))


def model_called(name: str) -> type[Model]:
    """The model of that name, wherever it lives. Raises LookupError when there is none."""
    for app in APPS:
        try:
            return apps.get_model(app, name)
        except LookupError:
            continue
    raise LookupError(name)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads what of households: names and numbers, then the rest."""

    who: str
    names: str
    rest: str


READERS = (
    Reader(
        "Le réservataire, et qui propose pour lui",
        "Ses propres candidats, et ceux proposés en son nom une fois transmis",
        "Des décomptes",
    ),
    Reader("Le bailleur", "Les candidats qui lui sont transmis, pour ses logements", "Des décomptes"),
    Reader(
        "Les membres de la commission",
        "Les dossiers de l’ordre du jour, sauf ceux dont ils se déportent ; sans nom avant la décision, si l’examen "
        "est à l’aveugle",
        "–",
    ),
    Reader(
        "Les autres réservataires, l’intercommunalité, l’État qui contrôle",
        "Aucun",
        "Des décomptes ; petits, seuls les agents de l’État et de l’intercommunalité les lisent, en disant pourquoi",
    ),
    Reader("L’administrateur d’Équiflux", "Aucun", "Le journal des consultations"),
)


def readers_table() -> Table:
    """Who reads names, and what the others read."""
    return Rows(
        READERS,
        Shown("Qui", lambda each: each.who),
        Shown("Noms et numéros", lambda each: each.names),
        Shown("Le reste", lambda each: each.rest),
    ).titled("cap-qui", "Ce que chacun lit des ménages", quiet=True)


def terms_table(terms: Iterable[LegalParameter]) -> Table:
    """How long what is kept stays, and from which number a count is shown, as in force."""
    note = "Paramètres datés : un changement vaut pour la suite. Une radiation suit la durée en vigueur ce jour‑là."
    return Rows(
        terms,
        Shown("Quoi", lambda each: upper_first(each.get_code_display())),
        Number("Valeur", lambda each: tenths(each.value)),
        Shown(Head("Depuis le", "nw"), lambda each: day(each.starts_on)),
        Shown("Source", lambda each: each.source),
    ).titled(
        "cap-durees",
        "Durées et seuil en vigueur",
        note,
        none="Aucune durée n’est enregistrée : un administrateur doit le faire, avec sa source.",
    )


def left_table(read: TermReading | None) -> Table:
    """What is left of households past their term, as counted the last night."""
    rows = []
    if read is not None:
        among = f", chacun entre {integer(read.among)} baux au moins" if read.among is not None else ""
        smallest = "aucun fait n’est resté" if read.smallest is None else integer(read.smallest)
        rows = [
            ("Le plus petit groupe de logements dont ce qui reste peut parler (k), 5 au moins", smallest),
            ("Baux au terme, dont les faits sont mêlés à ceux d’autres" + among, integer(read.dealt)),
            ("Baux au terme, dont les faits sont effacés, faute de baux en nombre", integer(read.erased)),
            ("Demandes au terme, sans identité", integer(read.requests)),
            ("Demandes au terme qui gardent un fait du ménage", integer(read.with_a_fact)),
            ("Baux avant leur terme, dont les faits sont ceux de leur ménage", integer(read.own)),
        ]
    note = f"Compté dans la nuit du {day(read.read_at)}, après l’effacement." if read is not None else ""
    return Rows(rows, Shown("Quoi", itemgetter(0)), Number("Nombre", itemgetter(1))).titled(
        "cap-terme",
        "Ce qui reste des ménages au terme",
        note,
        none="Rien n’est encore compté : le relevé se fait chaque nuit, après l’effacement.",
    )
