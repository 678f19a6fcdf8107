"""What pages say of matching.

* Which households fit a unit, in words: why each of the others does not.
* One's own households, in the words of their list.
* The units that await candidates beside one household, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from attributions.households.queries.candidates import Counts
from attributions.households.queries.open_units import ComingUnit, OpenUnit, PoolRow, Weighed
from flux.models import Unit
from flux.pages.units import headline
from reservations.pages.pieces import below, beside, bold, button, definition, heard, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table, acting
from reservations.words import day, euros, integer, near_day, plural, tenths, upper_first

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

#: What is to be checked, since nobody stated it here.
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
    return below(elsewhere, *reasons_words(request, asked, found), _to_check(found))


def _to_check(found: Judgement) -> str:
    """How much is not recorded here; what, once it is unfolded."""
    return definition(points(found), check_words(found)) if found.unknown else ""


def points(found: Judgement) -> str:
    """« 2 points à vérifier »; "" when all is known."""
    number = len(found.unknown)
    return f"{integer(number)} {plural(number, 'point,points')} à vérifier" if number else ""


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


Documents = Application.Documents

#: The pill of each state of the papers.
PAPERS = {Documents.COMPLETE: "ok", Documents.LACKING: "todo"}


def pool_table(rows: Iterable[PoolRow]) -> Table:
    """A household a row, who has waited longest first."""
    return Rows(
        rows,
        Shown(Head("Ménage", "all"), lambda row: _who(row.household)),
        Shown(Head("Demande depuis", "nw"), lambda row: _since(row.household)),
        Shown(Head("Revenu", ""), _pool_income),
        Shown(Head("Recherche", ""), _looks_for),
        Shown(Head("Priorité", ""), lambda row: below(row.household.priority_words, *_label(row.household))),
        Shown(Head("Dossier", ""), lambda row: _papers(row.household)),
        Shown(Head("Candidat à", ""), _candidacies),
        Shown(acting("Agir", hidden=True), lambda row: _units(row.household)),
    ).titled("liste", "Ménages", "Du plus ancien demandeur au plus récent.")


def _who(each: Application) -> str:
    people = format_html('<span class="nw">{}</span>', household(each))
    return below(_name(each), beside(people, muted(f"n° …{each.ending}", "small nw")))


def _since(each: Application) -> str:
    return day(each.requested_on) if each.requested_on else UNKNOWN


def _papers(each: Application) -> str:
    return pill(each.get_documents_display(), PAPERS[Documents(each.documents)]) if each.documents else UNKNOWN


def _units(each: Application) -> str:
    return button(reverse("household-units", args=[each.pk]), "Logements", also=f" pour {_called(each)}")


def _called(each: Application) -> str:
    return each.name or f"la demande qui se termine par {each.ending}"


def _name(each: Application) -> str:
    return link(reverse("application-detail", args=[each.pk]), bold(each.name or "nom non renseigné"))


def _pool_income(row: PoolRow) -> str:
    income = row.household.income
    if income is None:
        return UNKNOWN
    if row.under is None:
        return below(euros(income), muted("au-dessus du plafond PLS", "small"))
    return below(euros(income), muted(f"sous le plafond {row.under}", "small") if row.under else "")


def _looks_for(row: PoolRow) -> str:
    rooms = row.household.least_rooms
    words = f"{integer(rooms)} {plural(rooms, 'pièce,pièces')} au moins" if rooms else ""
    accessible = pill("Accessible", "part") if row.household.needs_accessible else ""
    return below(", ".join(row.communes), words, accessible) or UNKNOWN


def _label(each: Application) -> Iterable[str]:
    if each.labelled_on:
        yield muted(f"labellisé le {day(each.labelled_on)}", "small")
    if each.labelled_until:
        yield muted(f"jusqu’au {day(each.labelled_until)}", "small")


def _candidacies(row: PoolRow) -> str:
    links = (
        beside(link(reverse("file", args=[each.vacancy_id]), each.vacancy.unit.reference), muted(each.status_words))
        for each in row.candidacies
    )
    return below(*links) or muted("aucun logement")


def units_answer(found: Sequence[Weighed]) -> SafeString:
    """How many fit."""
    fit = sum(each.found.fits for each in found)
    whole = bold(f"{integer(fit)} {plural(fit, 'logement convient,logements conviennent')}")
    return format_html(
        "{} sur {} {} vos candidats.", whole, integer(len(found)), plural(len(found), "qui attend,qui attendent")
    )


def units_table(household: Application, found: Sequence[Weighed]) -> Table:
    """A unit a row: those that fit, then the others with every reason."""
    return Rows(
        found,
        Shown(Head("À proposer avant le", "nw"), lambda each: proposed_by(each.open)),
        Shown(Head("Logement", "all unit"), lambda each: open_unit(each.open)),
        Shown(Head("Bailleur", ""), lambda each: str(each.open.vacancy.unit.landlord)),
        Shown(Head("Loyer", ""), _rent),
        Shown(Head("Convient ?", ""), lambda each: fits_words(household, each.asked, each.found)),
        Shown(acting("Choisir", hidden=True), _choose),
    ).titled("liste", "Logements", "D’abord ceux qui conviennent, par échéance.", head_at=1)


def proposed_by(each: OpenUnit) -> str:
    """The last day to propose for a unit."""
    return bold(near_day(each.due)) if each.due else muted("sans")


def open_unit(each: OpenUnit) -> str:
    """Its reference, what it is, its address."""
    unit = each.vacancy.unit
    return below(
        beside(link(reverse("file", args=[each.vacancy.pk]), bold(unit.reference)), headline(unit)),
        muted(f"{unit.address}, {unit.commune.name}"),
    )


def _choose(each: Weighed) -> str:
    vacancy = each.open.vacancy
    return button(reverse("proposal-choose", args=[vacancy.pk]), "Choisir", also=f" pour {vacancy.unit.reference}")


def coming_table(household: Application, found: Sequence[ComingUnit]) -> Table | None:
    """The departures forecast, without their address; None when there is none."""
    if not found:
        return None
    note = "Une prévision, jamais une promesse : seuls la typologie, le financement et la commune sont comparés."
    return Rows(
        found,
        Shown(Head("Décidé au plus tard le", "nw"), lambda each: near_day(each.expected.firm_on)),
        Shown("Logement", lambda each: below(headline(_unit(each)), muted(_unit(each).commune.name))),
        Shown(Head("Bailleur", ""), lambda each: str(_unit(each).landlord)),
        Shown(Head("Convient ?", ""), lambda each: fits_words(household, each.asked, each.found)),
    ).titled("a-venir", "Départs connus, prévus pour vous", note, head_at=1)


def _unit(each: ComingUnit) -> Unit:
    return each.expected.vacancy.unit


def fits_words(household: Application, asked: Fitting, found: Judgement) -> str:
    """« Convient », or every reason why not; then what is to be checked."""
    check = check_words(found)
    return below(
        pill("Convient", "ok") if found.fits else "",
        *reasons_words(household, asked, found),
        muted(check, "small") if check else "",
    )


def _rent(each: Weighed) -> str:
    unit = each.open.vacancy.unit
    if unit.rent is None:
        return muted("non renseigné")
    return below(euros(unit.rent))
