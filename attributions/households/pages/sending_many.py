"""The units offered to an organisation, with the households of its own to send to each, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.households.fitting import judged
from attributions.households.models import Application
from attributions.households.pages.applications import household
from attributions.households.pages.matching import check_words
from attributions.households.pages.open_units import open_unit, proposed_by
from attributions.households.queries.suggested import Suggested
from reservations.pages.pieces import below, beside, bold, heard, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, integer, plural


def send_table(found: Sequence[Suggested]) -> Table:
    """A unit a row, the nearest deadline first, with the boxes of the households that fit it."""
    several = _several(found)
    note = (
        "De l’échéance la plus proche à la plus lointaine ; dans chaque ligne, du plus ancien demandeur au plus "
        "récent, parmi tous ceux qui ne sont candidats nulle part."
    )
    return Rows(
        found,
        Shown(Head("À proposer avant le", "nw"), lambda each: proposed_by(each.open)),
        Shown(Head("Logement", "all unit"), lambda each: open_unit(each.open)),
        Shown(Head("Bailleur", ""), lambda each: str(each.open.vacancy.unit.landlord)),
        Shown(Head("Candidats", ""), _count),
        Shown(Head("Ménages qui conviennent", "all"), lambda each: _boxes(each, several)),
    ).titled("liste", "Logements", note, head_at=1)


def sent_words(units: int, households: int) -> str:
    """« 12 logements, 36 ménages transmis. »"""
    sent = plural(households, "ménage transmis,ménages transmis")
    return f"{integer(units)} {plural(units, 'logement,logements')}, {integer(households)} {sent}."


def _several(found: Sequence[Suggested]) -> dict[int, list[str]]:
    """The units for which each household is ticked, when there are several."""
    by_household = defaultdict(list)
    for each in found:
        for pk in each.ticked:
            by_household[pk].append(each.open.vacancy.unit.reference)
    return {pk: references for pk, references in by_household.items() if len(references) > 1}


def _count(each: Suggested) -> str:
    sent = each.count.sent
    return below(
        f"{integer(sent)} {plural(sent, 'transmis,transmis')}",
        f"{integer(each.drafts)} {plural(each.drafts, 'préparé,préparés')}" if each.drafts else "",
        bold(f"il en manque {integer(each.missing)}") if each.missing else muted("assez de candidats"),
    )


def _boxes(each: Suggested, several: dict[int, list[str]]) -> str:
    vacancy = each.open.vacancy
    routing = format_html('<input type="hidden" name="routing" value="{}:{}">', vacancy.pk, each.open.routing.pk)
    more = each.fit - len(each.shown)
    choose = reverse("proposal-choose", args=[vacancy.pk])
    also = heard(f" pour {vacancy.unit.reference}")
    words = "Lire tous vos ménages et pourquoi" if not more else f"{integer(more)} {plural(more, 'autre,autres')}"
    return below(
        "" if each.shown else muted("aucun d’eux ne convient"),
        *(_box(each, one, several) for one in each.shown),
        format_html("{}{}", link(choose, format_html("{}{}", words, also), css="small"), routing),
    )


def _box(each: Suggested, one: Application, several: dict[int, list[str]]) -> SafeString:
    since = f", depuis le {day(one.requested_on)}" if one.requested_on else ""
    check = check_words(judged(one, each.asked))
    twice = several.get(one.pk) if one.pk in each.ticked else None
    return format_html(
        '<label><input type="checkbox" name="menage" value="{}:{}"{}> {}{}</label>',
        each.open.vacancy.pk,
        one.pk,
        " checked" if one.pk in each.ticked else "",
        below(
            beside(
                bold(one.name or f"demande qui se termine par {one.ending}"),
                format_html("{}{}", household(one), since),
                pill(f"Choisi pour {', '.join(twice)}", "late") if twice else "",
            ),
            muted(check, "small") if check else "",
        ),
        heard(f" pour {each.open.vacancy.unit.reference}"),
    )
