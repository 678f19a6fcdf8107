"""What pages say of files.

* The facts of a unit whose candidates are followed, of a candidate, and of its candidacy.
* What happens next to a unit on its way from a routing to a lease, in one sentence.
* Where a unit stands between its routing and its lease, in words.
* Units whose candidates one follows, in the words of their list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html

from attributions.households.models import Application, Designation, Proposal
from attributions.households.models.priority import EFFORT
from attributions.households.queries.deadlines import Comparison
from attributions.households.queries.file import FileRow, UnitFile
from attributions.households.queries.stage import Stage
from flux.delegating import instead, proposer
from flux.models import Routing, Vacancy
from flux.pages.sheet_words import clock_words
from flux.pages.units import headline
from flux.queries.returns import Clock
from reservations.models import ReservationHolder
from reservations.pages.pieces import (
    UNKNOWN,
    Fact,
    below,
    beside,
    bold,
    definition,
    facts,
    link,
    muted,
    pill,
    whole,
    yes_or_no,
)
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, euros, hundredths, integer, near_day, of, plural, tenths, to, towards, upper_first

NOT_YET = "pas encore"


def file_facts(read: UnitFile) -> tuple[Fact, ...]:
    """Short facts of a unit; its own sheet has the others."""
    vacancy, unit, opens = read.vacancy, read.vacancy.unit, read.vacancy.file_open
    surface = f", {tenths(unit.surface)} m²" if opens and unit.surface else ""
    rent = UNKNOWN if unit.rent is None else f"{euros(unit.rent)} hors charges"
    return facts(
        ("Logement", format_html("{}{}", bold(headline(unit)), surface)),
        ("Adresse", below(f"{unit.address}, {unit.commune.name}", unit.programme) if opens else ""),
        ("Commune", "" if opens else unit.commune.name),
        ("Loyer", rent if opens else ""),
        ("Libre le", day(vacancy.available_on)),
        ("Bailleur", str(unit.landlord)),
        ("Réservataire", _holder(read)),
        ("Qui cherche les candidats", _searcher(read)),
        ("Convention appliquée", _applied(read)),
    )


def _holder(read: UnitFile) -> str:
    if read.routing is not None:
        return str(read.routing.holder)
    return "aucun : soustrait du flux" if read.vacancy.kind == Vacancy.Kind.EXCLUDED else "aucun pour l’instant"


def _searcher(read: UnitFile) -> str:
    """Who it is, and on whose behalf."""
    if read.searcher is None:
        return ""
    name, routing = str(read.searcher), read.routing
    if routing is None or routing.holder.is_not_reserved:
        return name
    if read.by_landlord:
        meant = (
            "La convention confie au bailleur la recherche des candidats. Le logement reste compté "
            f"{to(routing.holder)}, qui lit les candidats transmis."
        )
        return beside(name, definition("gestion déléguée", meant))
    whose = "de l’État" if routing.holder.contingent in ReservationHolder.STATE else of(routing.holder)
    return f"{name}, au nom {whose} ({instead(routing)})" if routing.acting_id == read.searcher.pk else name


def _applied(read: UnitFile) -> str:
    if read.routing is None or read.routing.convention is None:
        return ""
    convention = read.routing.convention
    return f"version {convention.version}, du {day(convention.starts_on)} au {day(convention.last_day)}"


def candidate_facts(proposal: Proposal, income: Comparison | None) -> tuple[Fact, ...]:
    """What a candidate is examined on; `income`: beside the ceiling of the unit."""
    verified = proposal.ready_at is not None
    return facts(
        ("Ménage", _household(proposal)),
        ("Revenu fiscal de référence", below(_income(proposal), _ceiling(income) if income else "")),
        ("Quartile de ressources", _quartile(proposal.income_quartile)),
        ("Priorité", _priority(proposal)),
        ("Renouvellement urbain", yes_or_no(proposal.urban_renewal)),
        ("Agent de l’État", yes_or_no(proposal.state_agent)),
        ("Travailleur essentiel", yes_or_no(proposal.essential_worker)),
        ("Cotation", _score(proposal.score)),
        ("Taux d’effort, APL déduite", _effort(proposal) if verified else ""),
        ("Reste pour vivre", _living_rest(proposal) if verified else ""),
    )


def _household(proposal: Proposal) -> str:
    if proposal.adults is None:
        return UNKNOWN
    adults = f"{proposal.adults} {plural(proposal.adults, 'adulte,adultes')}"
    if proposal.children is None:
        return f"{adults}, enfants non renseignés"
    return (
        f"{adults}, {proposal.children} {plural(proposal.children, 'enfant,enfants')}" if proposal.children else adults
    )


def _income(proposal: Proposal) -> str:
    income = UNKNOWN if proposal.income is None else euros(proposal.income)
    units = proposal.income_units
    if not units:
        return income
    return f"{income}, {hundredths(units)} {plural(int(units), 'unité,unités')} de consommation"


def _ceiling(income: Comparison) -> str:
    over = pill("Au-dessus du plafond", "late") if income.is_over else pill("Sous le plafond", "ok")
    return beside(over, muted(f"{euros(income.ceiling)} pour ce ménage et ce financement"))


def _quartile(number: int | None) -> str:
    return UNKNOWN if not number else "1er" if number == 1 else f"{number}e"


def _priority(proposal: Proposal) -> str:
    labelled = f", labellisé le {day(proposal.labelled_on)}" if proposal.labelled_on else ""
    return f"{proposal.priority_words}{labelled}{', désigné par le préfet' if proposal.dalo_designated else ''}"


def _score(points: int | None) -> str:
    return "non renseignée" if points is None else f"{integer(points)} {plural(points, 'point,points')}"


def _effort(proposal: Proposal) -> str:
    if proposal.effort_rate is None:
        return UNKNOWN
    rate = f"{tenths(proposal.effort_rate)} %"
    return beside(rate, pill("Plus que ses ressources", "late")) if EFFORT.doubt(proposal.effort_rate) else rate


def _living_rest(proposal: Proposal) -> str:
    return UNKNOWN if proposal.living_rest is None else f"{euros(proposal.living_rest)} par personne et par jour"


def requester_facts(request: Application) -> tuple[Fact, ...]:
    """Who asks."""
    return facts(
        ("Numéro unique", request.number or "demande pseudonymisée"),
        ("Né ou née le", day(request.birth_date) if request.birth_date else UNKNOWN),
        ("Nationalité", request.get_nationality_display() or "non renseignée"),
        ("Demande créée le", day(request.requested_on) if request.requested_on else UNKNOWN),
    )


def candidacy_facts(proposal: Proposal) -> tuple[Fact, ...]:
    """The days of a candidacy."""
    sent = proposal.designation
    return facts(
        ("Ajoutée le", day(proposal.created_at)),
        ("Transmise le", day(sent.sent_at) if sent else NOT_YET),
        ("Exception", _exemption(sent) if sent else ""),
        ("Instruite le", day(proposal.ready_at) if proposal.ready_at else NOT_YET),
    )


def _exemption(sent: Designation) -> str:
    text = sent.get_exemption_display() if sent.exemption else ""
    return f"{text} : « {sent.exemption_text} »" if sent.exemption_text and text else text


#: By stage; `{landlord}` is its landlord. While candidates are awaited, it depends on who looks for them.
NEXT = {
    Stage.RECEIVED: "{landlord} a reçu des candidats, suivis dans un autre outil.",
    Stage.TO_INSTRUCT: "{landlord} instruit les dossiers transmis.",
    Stage.TO_CONVENE: "{landlord} inscrit ce logement à l’ordre du jour d’une CALEOL.",
    Stage.ON_AGENDA: "La CALEOL examine les dossiers.",
    Stage.TO_OFFER: "{landlord} envoie l’offre au ménage retenu.",
    Stage.OFFERED: "Le ménage répond à l’offre.",
    Stage.DOCUMENT: "Le ménage fournit la pièce attendue par la commission, puis le bail se signe.",
    Stage.TO_SIGN: "{landlord} et le ménage signent le bail.",
    Stage.LET: "Le bail est signé : il n’y a plus rien à faire ici.",
    Stage.OUTSIDE: "L’attribution est enregistrée, ses candidats sont suivis dans un autre outil.",
}

#: The button of the landlord, which leads to the offers and the lease.
LETTING = {
    Stage.TO_OFFER: "Envoyer l’offre",
    Stage.OFFERED: "Enregistrer la réponse",
    Stage.DOCUMENT: "Enregistrer la pièce",
    Stage.TO_SIGN: "Signer le bail",
}


def next_act(
    stage: Stage | None,
    routing: Routing | None,
    clock: Clock | None,
    landlord: str,
    *,
    by_landlord: bool,
    ours: bool,
    returns: bool,
    dated: bool = True,
) -> str:
    """`by_landlord`: it looks for the candidates; `ours`: the reader does; `returns`: nobody is left, and the landlord
    gives the unit back; `dated`: no column beside says the last day."""
    if stage is None:
        return "Ce logement n’est orienté vers personne : il n’attend pas encore de candidats."
    if stage == Stage.NOBODY_LEFT:
        return f"Aucun candidat ne reste : proposez-en d’autres{', ou le bailleur rend le logement' * returns}."
    if stage in NEXT:
        return NEXT[stage].format(landlord=landlord)
    if clock is not None and routing is not None:
        return clock_words(clock, proposer(routing), landlord, ours=ours, dated=dated)
    return f"{landlord} cherche ses candidats." if by_landlord else _proposing(routing, ours=ours)


def _proposing(routing: Routing | None, *, ours: bool) -> str:
    if ours or routing is None:
        return "Proposez vos candidats."
    return f"{upper_first(towards(proposer(routing)))} propose ses candidats."


def letting_words(stage: Stage | None, *, instructs: bool, returns: bool) -> str:
    """What the page of the offers and of the lease is opened for, by who instructs."""
    if instructs and stage in LETTING:
        return LETTING[stage]
    return "Rendre ce logement" if instructs and returns else "Offres et bail"


NAMES = {
    Stage.TO_FIND: "candidats à trouver par le bailleur",
    Stage.TO_PROPOSE: "candidats à proposer",
    Stage.NOBODY_LEFT: "plus aucun candidat",
    Stage.RECEIVED: "candidats reçus, suivis ailleurs",
    Stage.TO_INSTRUCT: "dossiers à instruire",
    Stage.TO_CONVENE: "prêt pour la CALEOL",
    Stage.ON_AGENDA: "à l’ordre du jour",
    Stage.TO_OFFER: "offre à envoyer",
    Stage.OFFERED: "offre en cours",
    Stage.DOCUMENT: "offre acceptée, pièce attendue",
    Stage.TO_SIGN: "bail à signer",
    Stage.LET: "bail signé",
    Stage.OUTSIDE: "attribué, suivi ailleurs",
}

#: The pill of each (visual language, « état »).
PILLS = {
    Stage.TO_FIND: "todo",
    Stage.TO_PROPOSE: "wait",
    Stage.NOBODY_LEFT: "late",
    Stage.RECEIVED: "wait",
    Stage.TO_INSTRUCT: "todo",
    Stage.TO_CONVENE: "todo",
    Stage.ON_AGENDA: "wait",
    Stage.TO_OFFER: "todo",
    Stage.OFFERED: "wait",
    Stage.DOCUMENT: "wait",
    Stage.TO_SIGN: "todo",
    Stage.LET: "ok",
    Stage.OUTSIDE: "ok",
}


#: Words of the states that take an « s » when there are several.
AGREEING = ("transmise", "instruite", "prête", "retenue", "envoyée", "acceptée", "terminée", "libérée")


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the list: its stage, and how many candidates are in each state."""

    row: FileRow
    stage: str
    states: list[tuple[str, int]]


def file_lines(rows: Iterable[FileRow]) -> list[FileLine]:
    """Rows as the list says them. No query."""
    return [
        FileLine(row, NAMES[row.stage], [(agreed(str(status.label), number), number) for status, number in row.states])
        for row in rows
    ]


def agreed(label: str, number: int) -> str:
    """« transmise », « transmises »: a state as it is stated of so many candidates."""
    if number < 2:
        return label
    for word in (*AGREEING, "offre"):
        label = label.replace(word, f"{word}s")
    return label


def files_table(lines: Iterable[FileLine], *, by_landlord: bool) -> Table:
    """A unit a row, the nearest deadline first; whose turn it is next, as the reader stands there."""
    title = "Logements et candidats, de l’échéance la plus proche à la plus lointaine, puis sans échéance"
    return Rows(
        lines,
        Shown(
            Head("Échéance", "nw first-cell"),
            lambda each: (
                beside(bold(near_day(each.row.due)), pill("Dépassée", "late") if each.row.late else "")
                if each.row.due
                else muted("sans")
            ),
        ),
        Shown(
            Head("Logement", "all unit"),
            lambda each: below(
                beside(
                    link(reverse("file", args=[each.row.vacancy.pk]), bold(each.row.vacancy.unit.reference)),
                    bold(headline(each.row.vacancy.unit)),
                ),
                muted(f"{each.row.vacancy.unit.address}, {each.row.vacancy.unit.commune.name}"),
            ),
        ),
        Shown(
            Head("Étape, depuis", "", label="Étape"),
            lambda each: below(upper_first(each.stage), muted(whole(near_day(each.row.since)))),
        ),
        Shown(
            Head("Réservataire" if by_landlord else "Bailleur", ""),
            lambda each: _whose(each.row) if by_landlord else _landlord(each.row),
        ),
        Shown(
            Head("Candidatures", ""),
            lambda each: below(*(f"{integer(number)} {state}" for state, number in each.states)) or muted("aucune"),
        ),
        Shown(Head("Ensuite", label=""), lambda each: _next(each.row, ours=not by_landlord)),
    ).titled("liste", title, head_at=1, quiet=True)


def _whose(row: FileRow) -> str:
    """Whom the unit is routed to, who acts in its name, and whether the landlord looks for the candidates."""
    if row.routing is None:
        return "Soustrait du flux"
    holder = row.routing.holder
    acting = f", par {towards(row.routing.acting)}" if row.routing.acting else ""
    delegated = row.by_landlord and not holder.is_not_reserved
    return below(f"{holder}{acting}", muted("gestion déléguée") if delegated else "")


def _landlord(row: FileRow) -> str:
    searches = muted("cherche les candidats (gestion déléguée)") if row.by_landlord else ""
    return below(row.vacancy.unit.landlord, searches)


def _next(row: FileRow, *, ours: bool) -> str:
    landlord = row.vacancy.unit.landlord.organisation.name
    about = {"by_landlord": row.by_landlord, "ours": ours, "returns": row.returns}
    return next_act(row.stage, row.routing, row.clock, landlord, **about, dated=False)
