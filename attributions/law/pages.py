"""What the pages of the lists of the law say."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.urls import reverse

from attributions.bilan.models import Objective
from attributions.households.models import PriorityCategory
from attributions.law.queries import Dated, OldCeilings, ToConfirm
from reservations.models import LegalParameter
from reservations.pages.legal_parameters import in_words, parameter_name
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, percent, plural, upper_first

#: What the figures of the yearly order would be confirmed by.
YEARLY_ORDER = "l’arrêté de l’année, qui modifie celui du 29 juillet 1987 (Légifrance)"

#: The list of income ceilings, and none of them left to confirm.
CEILINGS, NO_CEILING = "Plafonds de ressources", OldCeilings(count=0, since=None)


def state_of(row: Dated, today: date, doubted: Collection[int]) -> Text:
    """Past, to come, in force; or in force and to confirm."""
    if row.ends_on is not None and row.ends_on < today:
        return Text("passée", pill="no")
    if row.pk in doubted:
        return Text("à confirmer", pill="todo")
    return Text("à venir", pill="wait") if row.starts_on > today else Text("en vigueur", pill="ok")


def categories_table(rows: Iterable[PriorityCategory], today: date, doubted: Collection[int]) -> Table:
    """A category a row; where one is changed or ended."""
    note = "Un ménage garde la catégorie qu’il a reçue, même quand la liste change."
    return Rows(
        rows,
        Shown("Catégorie", lambda each: upper_first(each.label)),
        Shown("Groupe", lambda each: str(each.get_group_display())),
        Shown(Head("Du", "nw"), lambda each: Text(day(each.starts_on))),
        Shown(Head("Au", "nw"), lambda each: Text(day(each.ends_on))),
        Shown("Source", lambda each: each.source),
        Shown("État", lambda each: state_of(each, today, doubted)),
        Shown(
            "Quand la loi change",
            lambda each: (
                Text("Changer", link=reverse("priority-category-change", args=[each.pk]))
                if each.ends_on is None
                else Text("–")
            ),
        ),
    ).titled("categories", "Ménages prioritaires", note)


def rates_table(rows: Iterable[Objective], today: date, doubted: Collection[int]) -> Table:
    """A rate of the law a row."""
    note = "Là où aucune convention intercommunale (CIA) n’en fixe un autre."
    return Rows(
        rows,
        Shown("Objectif", lambda each: upper_first(str(each.get_code_display()))),
        Number("Taux", lambda each: Text(percent(each.share))),
        Shown(Head("Du", "nw"), lambda each: Text(day(each.starts_on))),
        Shown(Head("Au", "nw"), lambda each: Text(day(each.ends_on))),
        Shown("Source", lambda each: each.source),
        Shown("État", lambda each: state_of(each, today, doubted)),
    ).titled("taux", "Taux de la loi", note)


def name_of(row: Dated) -> str:
    """What a row is, and what it says: « Membres de la CALEOL désignés par le bailleur : 6 membres »."""
    if isinstance(row, LegalParameter):
        return f"{upper_first(parameter_name(row))} : {in_words(row).replace(' ', chr(160))}"
    if isinstance(row, Objective):
        place = f" ({row.territory})" if row.territory is not None else ""
        return f"{upper_first(str(row.get_code_display()))} : {percent(row.share)}{place}"
    return upper_first(row.label)


#: The list of each kind of row, and where it is read.
LISTS: dict[type[Dated], tuple[str, str]] = {
    LegalParameter: ("Paramètres de droit", "legal-parameter-list"),
    PriorityCategory: ("Ménages prioritaires", "priority-category-list"),
    Objective: ("Taux de la loi", "law-rate-list"),
}


def to_confirm_by_list(found: Iterable[ToConfirm], old: OldCeilings) -> list[tuple[str, int, Table]]:
    """What is left to confirm, one list of the law after the other: its name, how many values, their table."""
    by_list: dict[str, list[ToConfirm]] = {}
    for each in found:
        by_list.setdefault(_place_of(each)[0], []).append(each)
    parts = [
        (title, len(rows), to_confirm_table(rows, NO_CEILING, part=f"{at}", title=title))
        for at, (title, rows) in enumerate(by_list.items(), start=1)
    ]
    last = to_confirm_table((), old, part="plafonds", title=CEILINGS)
    return [*parts, (CEILINGS, 1, last)] if old.count else parts


def to_confirm_table(found: Iterable[ToConfirm], old: OldCeilings, *, part: str = "", title: str = "") -> Table:
    """A row to confirm a line: what it says, from where, what would confirm it; then the ceilings of a past year.
    `part` of the page, where a `title` names the list once for all its rows."""
    text = f"{integer(old.count)} {plural(old.count, 'plafond,plafonds')} d’une année passée"

    def past(cell: Text | str) -> Text | str | None:
        return cell if old.count else None

    return Rows(
        found,
        Shown("Valeur", lambda each: name_of(each.row), below=past(upper_first(text))),
        Shown("Liste", _list_of, below=past(Text(CEILINGS, link=reverse("income-ceiling-list"))), when=not part),
        Shown(Head("Du", "nw"), lambda each: day(each.row.starts_on), below=past(day(old.since))),
        Shown("Source", lambda each: each.row.source, below=past("les arrêtés de ces années")),
        Shown("Ce qui la confirmerait", lambda each: each.doubt.would_confirm, below=past(YEARLY_ORDER)),
        Shown(
            "Que faire",
            lambda each: Text("Confirmer", link=reverse("unconfirmed-confirm", args=[each.doubt.pk])),
            below=past(Text("Enregistrer ceux de l’année", link=reverse("income-ceiling-new"))),
        ),
    ).titled(f"a-confirmer{part}", title or "Valeurs employées sans que leur texte ait été lu", quiet=bool(part))


def _place_of(each: ToConfirm) -> tuple[str, str]:
    """The list where the value is, and its page; an agreed objective in that of objectives."""
    of_agreement = isinstance(each.row, Objective) and each.row.territory_id is not None
    return ("Objectifs", "objective-list") if of_agreement else LISTS[type(each.row)]


def _list_of(each: ToConfirm) -> Text:
    title, page = _place_of(each)
    return Text(title, link=reverse(page))
