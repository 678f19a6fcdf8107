"""What pages say of the stock.

* The units of the stock, in the tables of their pages: the list, one unit's life, those one may declare.
* What the RPLS says of old reservations, as its pages say it: by code, then unit by unit.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from flux.models import Unit
from flux.pages.units import acts_counted, contingent, described, headline, qpv
from flux.pages.vacancies import vacancy_reason
from flux.queries.opening import ReportedCode
from flux.queries.units import Described
from flux.queries.vacancies import VacancyRow
from reservations.pages.pieces import below, beside, bold, button, heard, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, of, short_day, tenths, upper_first


def units_table(found: Iterable[Unit]) -> Table:
    """A unit a row, by reference. Their communes, programmes, and whether each is in stock: fetched."""
    return Rows(
        found,
        Shown(
            Head("Logement", "all nw"),
            lambda each: beside(
                link(reverse("unit-detail", args=[each.pk]), bold(each.reference)),
                bold(each.typology),
                muted(f"{tenths(each.surface)} m²") if each.surface else "",
            ),
        ),
        Shown("Adresse", lambda each: f"{each.address}, {each.commune.name}"),
        Shown("Programme", _programme),
        Shown(Head("Financement", ""), lambda each: each.financing_group or "non renseigné"),
        Shown(Head("Quartier", ""), qpv),
        Shown(
            Head("Construction", ""),
            lambda each: str(each.construction_year) if each.construction_year else muted("non renseignée"),
        ),
        Shown(
            Head("Réservation", ""), lambda each: Text("Sorti du parc", pill="no") if each.left_on else _reserved(each)
        ),
    ).titled("liste", "Logements, par référence", quiet=True)


def _programme(unit: Unit) -> str:
    """Its programme, and the class that it is given."""
    kind = unit.programme.attractiveness
    return beside(f"{unit.programme},", muted(f"classe {kind}")) if kind else str(unit.programme)


def _reserved(unit: Unit) -> Text:
    in_stock = unit.in_stock  # type: ignore[attr-defined]  # set by `with_stock`
    return Text("En stock", pill="part") if in_stock else Text("En flux")


def found_table(found: Iterable[Unit]) -> Table:
    """The units that were looked for, to declare one of them. Their declared vacancy, if any: fetched."""
    return Rows(
        found,
        Shown("Logement", lambda each: beside(bold(each.reference), headline(each))),
        Shown("Adresse", lambda each: f"{each.address}, {each.commune.name}"),
        Shown(Head("Programme", ""), lambda each: str(each.programme)),
        Shown(Head("Réservation", ""), _declared),
        Shown(
            Head("Choisir", hidden=True, label=""),
            lambda each: button(f"{reverse('vacancy-declare')}?unit={each.pk}", "Choisir", also=f" {each.reference}"),
        ),
    ).titled("", "Logements trouvés", quiet=True)


def _declared(unit: Unit) -> str:
    """In stock or in the flow; and that it is declared already, with its sheet."""
    kept = _reserved(unit)
    text = pill(kept.text, kept.pill) if kept.pill else kept.text
    declared = unit.declared  # type: ignore[attr-defined]  # set by `with_declared`
    if not declared:
        return text
    sheet = link(reverse("vacancy-detail", args=[declared]), "ouvrir sa fiche", also=f" {of(unit.reference)}", css="nw")
    return below(text, beside(pill("Déjà déclaré", "todo"), sheet))


def story_table(story: Iterable[VacancyRow]) -> Table:
    """Each time that a unit fell vacant, the latest first: where it went, and why."""
    return Rows(
        story,
        Shown("Enregistré le", lambda row: day(row.vacancy.registered_on)),
        Shown(
            Head("Congé, libre", ""),
            lambda row: f"{short_day(row.vacancy.notice_on)}, {short_day(row.vacancy.available_on)}",
        ),
        Shown(
            Head("Classement", ""),
            lambda row: beside(row.vacancy.get_kind_display(), pill("Annulé", "no") if row.is_cancelled else ""),
        ),
        Shown(
            Head("Destination, et pourquoi", label=""),
            lambda row: below(
                _destination(row), format_html('<span class="muted said">{}</span>', vacancy_reason(row))
            ),
        ),
        Shown(
            Head("Lire", "noprint", hidden=True, label=""),
            lambda row: button(
                reverse("vacancy-detail", args=[row.vacancy.pk]),
                "Lire",
                also=f" la fiche d’orientation du {short_day(row.vacancy.registered_on)}",
            ),
        ),
    ).titled(
        "",
        "Libérations de ce logement, de la plus récente à la plus ancienne",
        quiet=True,
        none="Ce logement n’a jamais été déclaré libéré. Sa première libération apparaîtra ici avec sa destination.",
    )


def _destination(row: VacancyRow) -> str:
    if not row.destination:
        return ""
    return beside(bold(row.destination), "" if row.routing else pill("À confirmer", "todo"))


def descriptions_table(rows: Iterable[Described]) -> Table:
    """What a unit was, from a day to another; what was false, struck out."""
    title = "Descriptions de ce logement, de la plus ancienne à la plus récente"
    return Rows(
        rows,
        Shown("À compter du", lambda row: upper_first(row.description.begins)),
        Shown(Head("Description", label=""), _description),
        Shown("D’où elle vient", lambda row: row.description.source_words),
        Shown("Ce qu’elle compte", acts_counted),
    ).titled("", title, quiet=True)


def _description(row: Described) -> str:
    if row.replaced_by:
        corrected = muted(f"remplacée le {day(row.replaced_by.recorded_at)} par celle qui suit")
        return below(format_html("<s>{}</s>", described(row.description)), beside(pill("Erreur", "no"), corrected))
    words = format_html("Corriger{}", heard(f" ce qui vaut {row.description.begins}"))
    return below(described(row.description), link(f"?corrige={row.description.pk}#dire", words, css="noprint"))


def source(name: str) -> str:
    """Where the item was read, by the name of its file: « RPLS, rubrique 63, fichier parc-2026.csv »."""
    return f"RPLS, rubrique 63, fichier {name}" if name else "RPLS, rubrique 63"


def codes_table(codes: Iterable[ReportedCode]) -> Table:
    """The codes that the units have, and where each stands."""
    note = "Rubrique 63 de votre fichier ; un logement non réservé (code 7) n’y est pas."
    return Rows(
        codes,
        Shown(
            "Contingent selon le RPLS",
            lambda each: Text(contingent(each.code), link=reverse("told-right", args=[each.code])),
        ),
        Number("Logements", lambda each: each.units),
        Number("Sans titre ici", lambda each: each.left),
        Shown("État", _state),
    ).titled("codes", "Codes de vos logements", note)


def _state(each: ReportedCode) -> Text:
    if each.aside is not None:
        result = each.aside
        who = f"{result.set_by}, le {day(timezone.localdate(result.set_at))}"
        return Text("mis de côté", hint=f"{result.why} – {who}", pill="no")
    return Text("à vérifier", pill="todo") if each.left else Text("vérifié", pill="ok")


def reserved_units_table(units: Iterable[Unit]) -> Table:
    """The units of a code that have no title yet, programme by programme."""
    return Rows(
        units,
        Shown("Logement", lambda each: Text(each.reference, link=reverse("unit-detail", args=[each.pk]))),
        Shown("Programme", lambda each: str(each.programme)),
        Shown("Adresse", lambda each: each.address),
        Shown("Commune", lambda each: str(each.commune)),
        Shown("Typologie", lambda each: each.typology),
    ).titled(
        "logements",
        "Logements sans titre",
        "Programme par programme.",
        none="Aucun logement de ce code n’est à vérifier ici.",
    )
