"""Which households fit a unit, in words: why each of the others does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.households.fitting import Fitting, Misfit
from attributions.households.models import Application
from attributions.households.pages.applications import UNKNOWN, household
from attributions.households.queries.matching import Counts, ceiling_of
from reservations.pages.pieces import below, bold, heard, link, muted
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, euros, integer, plural, tenths, upper_first

#: What each reason is called, of several households.
REASONS: Mapping[str, str] = {
    Misfit.UNKNOWN: "composition non renseignée",
    Misfit.TOO_SMALL: "logement trop petit",
    Misfit.TOO_LARGE: "logement trop grand",
    Misfit.OVER_CEILING: "revenu au-dessus du plafond",
    Misfit.NO_PRIORITY: "pas reconnu prioritaire",
    Misfit.NOT_AGENT: "pas agent de l’État",
}


def matching_answer(counts: Counts, asked: Fitting) -> SafeString:
    """How many of them fit, and what the unit asks."""
    fit, every = sum(counts.fit.values()), counts.every
    if not every:
        return format_html("Votre organisation n’a enregistré aucune autre demande active : {}.", bold("0 ménage"))
    of = f"sur {integer(every)} {plural(every, 'ménage,ménages')} de votre organisation"
    whole = bold(f"{integer(fit)} {plural(fit, 'convient,conviennent')}")
    return format_html("{} {}. {}", whole, of, asks(asked))


def asks(asked: Fitting) -> str:
    """« Ce logement est pour 2 à 4 personnes, sous le plafond PLUS, reconnues prioritaires. »"""
    if asked.most is None:
        persons = f"{asked.least} {plural(asked.least, 'personne,personnes')} ou plus"
    elif asked.most <= asked.least:
        persons = f"{asked.most} {plural(asked.most, 'personne,personnes')}"
    else:
        persons = f"{asked.least} à {asked.most} {plural(asked.most, 'personne,personnes')}"
    under = f", sous le plafond {asked.ceilings.financing}" if asked.ceilings.rows else ""
    whom = ", pour un ménage prioritaire" if asked.priority else ", pour un agent de l’État" if asked.agents else ""
    return f"Ce logement est pour {persons}{under}{whom}."


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of the households, in a link: what it keeps, how many, and whether it is what one reads."""

    query: str
    words: str
    number: int
    chosen: bool


def choices(counts: Counts, *, reason: str, persons: int | None) -> list[Choice]:
    """Those that fit, by number of persons where there are several; then the others, by their reason."""
    fit = [Choice("", "Conviennent", sum(counts.fit.values()), not reason and persons is None)]
    if len(counts.fit) > 1:
        fit += [
            Choice(f"?personnes={size}", f"{size} {plural(size, 'personne,personnes')}", number, persons == size)
            for size, number in counts.fit.items()
        ]
    others = [
        Choice(f"?ecart={code}", upper_first(words), counts.misfits[code], reason == code)
        for code, words in REASONS.items()
        if code in counts.misfits
    ]
    return [*fit, *others]


def reason_words(request: Application, asked: Fitting) -> str:
    """Why this household does not fit, with its figures and the article; "" when it does."""
    persons = f"{request.persons} {plural(request.persons or 0, 'personne,personnes')}"
    return {
        Misfit.UNKNOWN: "composition non renseignée : complétez la demande",
        Misfit.TOO_SMALL: f"trop petit : {tenths(asked.unit.surface or 0)} m² pour {persons} (CCH, R822-25)",
        Misfit.TOO_LARGE: f"trop grand : {asked.unit.typology} pour {persons} (CCH, L442-3-1)",
        Misfit.OVER_CEILING: f"{euros(request.income or 0)}, plafond de {euros(ceiling_of(request, asked) or 0)}",
        Misfit.NO_PRIORITY: "pas reconnu prioritaire (CCH, L441-1)",
        Misfit.NOT_AGENT: "pas agent de l’État",
        None: "",
    }[vars(request)["misfit"]]


def matching_table(found: Sequence[Application], asked: Fitting, *, fit: bool) -> Table:
    """A household a row, who has waited longest first; with a box to tick where it fits."""
    return Rows(
        found,
        Shown(Head("Cocher", "check", hidden=True, label=""), _tick, when=fit),
        Shown(
            "Ménage",
            lambda each: below(
                link(reverse("application-detail", args=[each.pk]), bold(each.name or each.number)), household(each)
            ),
        ),
        Shown(Head("Demande depuis", "nw"), lambda each: day(each.requested_on) if each.requested_on else UNKNOWN),
        Shown("Revenu et plafond", lambda each: _income(each, asked)),
        Shown("Priorité", lambda each: muted(each.priority_words) if each.priority is None else str(each.priority)),
        Shown(
            Head("Remarque" if fit else "Pourquoi il ne convient pas"),
            lambda each: (
                muted("déjà candidat ailleurs") if fit and vars(each)["elsewhere"] else reason_words(each, asked)
            ),
        ),
    ).titled(
        "liste",
        "Ménages",
        "Du plus ancien demandeur au plus récent.",
        head_at=1 if fit else 0,
        under=_add() if fit and found else "",
    )


def _tick(request: Application) -> SafeString:
    return format_html(
        '<label>{}<input type="checkbox" name="menage" value="{}"></label>',
        heard(f"Cocher {request.name or request.number}"),
        request.pk,
    )


def _income(request: Application, asked: Fitting) -> str:
    if request.income is None:
        return UNKNOWN
    most = ceiling_of(request, asked)
    return below(euros(request.income), muted(f"plafond {euros(most)}", "small") if most is not None else "")


def _add() -> SafeString:
    return format_html(
        '<div class="row"><button class="btn go" type="submit">Ajouter les ménages cochés</button> {}</div>',
        muted(
            "Tous sont ajoutés, ou aucun ; personne d’autre ne les voit tant que vous ne les transmettez pas.", "small"
        ),
    )
