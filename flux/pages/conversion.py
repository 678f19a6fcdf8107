"""What pages say of conversion.

* What a conversion rests on, in words: where each figure comes from, what was changed in it.
* Worksheets of conversion, in tables: their list, one of them line by line, several side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flux.conversion.facts import FIELDS
from flux.models import Conversion
from flux.queries.conversion import Origin, Source, TitleName, Wish, facts_for
from flux.queries.conversion_sheets import ComparedLine, ComparedSection, SheetLine, SheetSection
from reservations.pages.pieces import below, beside, bold, heard, link, muted, pill, small
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, percent, plural

ORIGINS = {
    Origin.UNITS: "logements enregistrés au {on:%d/%m/%Y}",
    Origin.VACANCIES: "libérations enregistrées du {since:%d/%m/%Y} au {on:%d/%m/%Y}",
    Origin.TITLES: "titres en stock enregistrés",
    Origin.TITLE: "titre enregistré",
    Origin.PERIMETER: "logements du périmètre seulement",
    Origin.FORECAST: "prévisionnel {exercise}",
    Origin.CONVENTIONS: "conventions en vigueur le {on:%d/%m/%Y}",
}


def given_for(wish: Wish, *, on: date) -> dict[str, Any]:
    """The mapping of docs/conversion.md that the database gives, every figure with its source in words."""
    values: dict[str, Any] = _plain_value(facts_for(wish, on=on))
    return values


def _plain_value(given: Any) -> Any:
    match given:
        case dict():
            return {key: _plain_value(value) for key, value in given.items()}
        case list():
            return [_plain_value(value) for value in given]
        case Source():
            return ORIGINS[given.origin].format(since=given.since, on=given.on, exercise=given.exercise)
        case TitleName():
            return _name(given)
    return given


def _name(title: TitleName) -> str:
    name = title.reference or f"titre n° {title.pk}"
    if title.period is None:
        return name
    start, end = title.period
    return f"{name}, du {start:%d/%m/%Y} {f'au {end:%d/%m/%Y}' if end else 'sans fin'}"


def override(change: Mapping[str, Any]) -> str:
    """« logements : 2 à l’origine, changé parce que : compté »."""
    return f"{FIELDS[change['field']]} : {change['was']} à l’origine, changé parce que : {change['reason']}"


#: The part of a worksheet that says what others may expect: it binds nobody in a convention.
TARGETS = "TARGETS"

NONE = SafeString("")


def answer(count: int, *, own: bool) -> str:
    """How many variants there are, and what they are for. `own`: does the reader work them out?"""
    if not count:
        return "Aucune variante pour l’instant."
    counted = f"{integer(count)} {plural(count, 'variante calculée,variantes calculées')}"
    if own:
        return (
            f"{counted}. Comparez-en plusieurs ligne à ligne ; celle que vous reprenez dans une convention y est figée."
        )
    return f"{counted}, chacune reprise dans une convention proposée ou signée."


def none_yet(*, can_convert: bool, own: bool) -> str:
    """What makes the first variant appear."""
    if can_convert:
        return (
            "Enregistrez les droits en stock d’un réservataire, puis calculez ce qu’ils valent en part du flux : la "
            "feuille montre chaque ligne du calcul."
        )
    if own:
        return "Les variantes que calculera le responsable apparaîtront ici."
    return (
        "Elles apparaîtront ici quand un bailleur vous proposera une convention dont la part vient de droits en stock."
    )


def conversions_table(conversions: Iterable[Conversion], *, own: bool) -> Table:
    """A variant a row, with its tick to compare it. Each is annotated by `conversions_of`."""
    note = (
        "Part : logements sur 100 qui entrent dans le flux du périmètre, et ce qu’elle donne sur le flux net attendu "
        "d’une année."
    )
    return Rows(
        conversions,
        Shown(Head("Comparer", "noprint"), _pick),
        Shown("Réservataire", lambda each: str(each.holder)),
        Shown(
            "Variante",
            lambda each: Text(
                link(reverse("conversion-detail", args=[each.pk]), each.label),
                f"{day(each.created_at)}, {each.created_by.full_name}",
            ),
        ),
        Shown(Head("Bailleur", ""), lambda each: each.landlord.organisation.name, when=not own),
        Shown(
            Head("Périmètre et période", ""),
            lambda each: Text(each.perimeter.name, f"{day(each.starts_on)} – {day(each.ends_on)}"),
        ),
        Number("Part du flux", lambda each: bold(percent(each.share))),
        Number(
            "Logements par an",
            lambda each: f"{each.expected} sur {each.net_flow}",  # type: ignore[attr-defined]  # as the sheet shows it
        ),
        Shown(Head("État", ""), _state),
    ).titled("liste", "Variantes", note, head_at=1)


def _pick(conversion: Conversion) -> SafeString:
    """The tick that has a variant compared."""
    return format_html(
        '<label class="pick"><input type="checkbox" name="variante" value="{}">{}</label>',
        conversion.pk,
        heard(f" Comparer {conversion.label}, {conversion.holder}"),
    )


def _state(conversion: Conversion) -> SafeString:
    if conversion.convention is None:
        return pill("variante", "part")
    address = reverse("convention-detail", args=[conversion.convention.pk])
    return link(address, "reprise", also=f" dans la convention, {conversion.label}", css="st ok")


def sheet_tables(sections: Iterable[SheetSection]) -> list[Table]:
    """A worksheet, part by part: what each line is, how it is worked out, what it gives."""
    return [_part(number, section) for number, section in enumerate(sections, start=1)]


def _part(number: int, section: SheetSection) -> Table:
    return Rows(
        section.lines,
        Shown("Ligne", _line),
        Shown(Head("Formule et chiffres", label="Formule"), lambda row: _worked(row, section.code)),
        Number("Résultat", lambda row: row.line["display"]),
    ).titled(f"part-{section.code}", f"{number}. {section.label}", mark=lambda row: "total" if row.is_result else "")


def _line(row: SheetLine) -> Text:
    return Text(row.line["label"], row.line["source"])


def _worked(row: SheetLine, section: str) -> SafeString:
    """The formula, the figures in it, how long a right lives, what was changed, then what the line adds up."""
    return below(
        muted(row.line["formula"], "small"),
        row.line["worked"],
        small(" ; ".join(row.life)) if row.life else "",
        *(beside(pill("changé", "todo"), small(override(change))) for change in row.changes),
    ) + _details(row.line["details"], section)


def _details(details: Sequence[Mapping[str, Any]], section: str) -> SafeString:
    if not details:
        return NONE
    items = format_html_join("", "<li>{}</li>", ((_detail(each, section),) for each in details))
    return format_html('<ul class="dots small">{}</ul>', items)


def _detail(detail: Mapping[str, Any], section: str) -> SafeString:
    """A figure that the line adds up: of a right, how it is worked out; of another, where it comes from."""
    why = detail["worked"] if section == "RIGHTS" else detail["source"]
    return beside(f"{detail['label']} : {detail['display']}", muted(f"({why})") if why else "")


def annex_tables(conversion: Conversion) -> list[Table]:
    """The worksheet that a convention bears: what is worked out of what, without what binds nobody there."""
    return [
        Rows(
            part["lines"],
            Shown(Head("Ligne", ""), lambda line: line["label"]),
            Shown(Head("Calcul", ""), lambda line: line["worked"]),
            Number("Résultat", lambda line: line["display"]),
        ).titled("", part["label"])
        for part in conversion.worksheet["sections"]
        if part["code"] != TARGETS
    ]


def compared_tables(conversions: Sequence[Conversion], sections: Iterable[ComparedSection]) -> list[Table]:
    """Variants side by side, part by part."""
    variants = [Shown(_variant(each, at + 1), partial(_figure, at=at)) for at, each in enumerate(conversions)]
    return [
        Rows(
            section.lines,
            Shown[ComparedLine]("Ligne", lambda line: line.label),
            *variants,
            Shown(Head("Écart", ""), lambda line: pill("diffère", "todo") if line.differs else muted("pareil")),
        ).titled(f"part-{number}", f"{number}. {section.label}")
        for number, section in enumerate(sections, start=1)
    ]


def _variant(conversion: Conversion, number: int) -> Head:
    name = link(reverse("conversion-detail", args=[conversion.pk]), conversion.label)
    return Head(below(name, small(conversion.holder)), "n", label=f"Variante {number}")


def _figure(line: ComparedLine, *, at: int) -> str:
    """What one variant has in the line."""
    shown = line.shown[at]
    return muted("absente") if shown is None else bold(shown) if line.differs else shown
