"""Which households fit a unit, in words: why each of the others does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.households.fitting import (
    Fitting,
    Household,
    Judgement,
    Misfit,
    Unknown,
    ceiling_of,
    effort_rate,
    judged,
)
from attributions.households.models import Application
from attributions.households.pages.applications import UNKNOWN, household
from attributions.households.queries.matching import Counts
from reservations.pages.pieces import below, bold, heard, link, muted
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, euros, integer, plural, tenths, upper_first

#: What each reason is called, of several households.
REASONS: Mapping[str, str] = {
    Misfit.TOO_SMALL: "logement trop petit",
    Misfit.TOO_LARGE: "logement trop grand",
    Misfit.FEW_ROOMS: "moins de pièces que souhaité",
    Misfit.OVER_CEILING: "revenu au-dessus du plafond",
    Misfit.NOT_WANTED: "autre commune souhaitée",
    Misfit.NOT_ACCESSIBLE: "logement non accessible",
    Misfit.NO_PRIORITY: "pas reconnu prioritaire",
    Misfit.LABEL_OVER: "labellisation terminée",
    Misfit.NOT_AGENT: "pas agent de l’État",
}

#: What is to be checked, since nobody said it here.
CHECKS: Mapping[str, str] = {
    Unknown.PERSONS: "la composition du ménage n’est pas renseignée",
    Unknown.SURFACE: "la surface du logement n’est pas renseignée",
    Unknown.INCOME: "le revenu n’est pas renseigné",
    Unknown.CEILING: "le plafond de ressources de ce logement n’est pas connu",
    Unknown.COMMUNES: "les communes souhaitées ne sont pas renseignées",
    Unknown.ACCESSIBLE: "le bailleur ne dit pas si le logement est accessible",
    Unknown.PRIORITY: "la priorité n’est pas renseignée",
    Unknown.RENT: "le loyer n’est pas renseigné",
    Unknown.EFFORT: "le loyer dépasse le revenu, avant l’aide au logement",
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
            if size is not None
        ]
    others = [
        Choice(f"?ecart={code}", upper_first(words), counts.misfits[code], reason == code)
        for code, words in REASONS.items()
        if code in counts.misfits
    ]
    return [*fit, *others]


def reasons_words(household: Household, asked: Fitting, found: Judgement) -> tuple[str, ...]:
    """Why this household does not fit: every reason, with its figures and its article."""
    persons = f"{household.persons} {plural(household.persons or 0, 'personne,personnes')}"
    unit, rooms = asked.unit, household.least_rooms or 0
    wished, most = plural(rooms, "pièce souhaitée,pièces souhaitées"), ceiling_of(household, asked)
    words = {
        Misfit.TOO_SMALL: lambda: f"trop petit : {tenths(unit.surface or 0)} m² pour {persons} (CCH, R822-25)",
        Misfit.TOO_LARGE: lambda: f"trop grand : {unit.typology} pour {persons} (CCH, L442-3-1)",
        Misfit.FEW_ROOMS: lambda: f"{unit.typology} : {rooms} {wished} au moins",
        Misfit.OVER_CEILING: lambda: f"{euros(household.income or 0)}, plafond de {euros(most or 0)}",
        Misfit.NOT_WANTED: lambda: f"{unit.commune.name} n’est pas une commune souhaitée",
        Misfit.NOT_ACCESSIBLE: lambda: "logement non accessible, et le ménage en demande un qui le soit",
        Misfit.NO_PRIORITY: lambda: "pas reconnu prioritaire (CCH, L441-1)",
        Misfit.LABEL_OVER: lambda: f"labellisation terminée le {day(household.labelled_until)}",
        Misfit.NOT_AGENT: lambda: "pas agent de l’État",
    }
    return tuple(words[each]() for each in found.misfits)


def check_words(found: Judgement) -> str:
    """« À vérifier : le revenu n’est pas renseigné ; le loyer n’est pas renseigné. »; "" when all is known."""
    if not found.unknown:
        return ""
    return f"À vérifier : {' ; '.join(CHECKS[each] for each in found.unknown)}."


def effort_words(household: Household, asked: Fitting) -> str:
    """« Loyer et charges : 31,2 % du revenu, avant aide »; "" when one of them is not known."""
    rate = effort_rate(household, asked.unit)
    if rate is None:
        return ""
    charges = "Loyer et charges" if asked.unit.charges is not None else "Loyer hors charges"
    return f"{charges} : {tenths(rate)} % du revenu, avant aide"


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
            lambda each: _remark(each, asked),
        ),
    ).titled(
        "liste",
        "Ménages",
        "Du plus ancien demandeur au plus récent.",
        head_at=1 if fit else 0,
        under=_add() if fit and found else "",
    )


def _remark(request: Application, asked: Fitting) -> str:
    """Why it does not fit; of one that does, what is to be checked, and whether it is a candidate elsewhere."""
    found = judged(request, asked)
    elsewhere = muted("déjà candidat ailleurs") if found.fits and vars(request)["elsewhere"] else ""
    return below(elsewhere, *reasons_words(request, asked, found), _small(check_words(found)))


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
    ceiling = "" if most is None else f"plafond {euros(most)}"
    return below(euros(request.income), _small(ceiling), _small(effort_words(request, asked)))


def _small(text: str) -> str:
    return muted(text, "small") if text else ""


def _add() -> SafeString:
    return format_html(
        '<div class="row"><button class="btn go" type="submit">Ajouter les ménages cochés</button> {}</div>',
        muted(
            "Tous sont ajoutés, ou aucun ; personne d’autre ne les voit tant que vous ne les transmettez pas.", "small"
        ),
    )
