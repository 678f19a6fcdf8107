"""The facts of a unit whose candidates are followed, of a candidate, and of its candidacy."""

from __future__ import annotations

from django.utils.html import format_html

from attributions.households.models import Application, Designation, Proposal
from attributions.households.models.household import EFFORT
from attributions.households.queries.ceiling import Comparison
from attributions.households.queries.file import UnitFile
from flux.delegating import instead
from flux.models import Vacancy
from flux.pages.dwelling import headline
from reservations.models import ReservationHolder
from reservations.pages.facts import UNKNOWN, Fact, facts, yes_or_no
from reservations.pages.pieces import below, beside, bold, definition, muted, pill
from reservations.words import day, euros, hundredths, integer, of, plural, tenths, to

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
    income = UNKNOWN if proposal.income is None else f"{integer(proposal.income)} €"
    units = proposal.income_units
    if not units:
        return income
    return f"{income}, {hundredths(units)} {plural(int(units), 'unité,unités')} de consommation"


def _ceiling(income: Comparison) -> str:
    over = pill("Au-dessus du plafond", "late") if income.is_over else pill("Sous le plafond", "ok")
    return beside(over, muted(f"{integer(income.ceiling)} € pour ce ménage et ce financement"))


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
    said = sent.get_exemption_display() if sent.exemption else ""
    return f"{said} : « {sent.exemption_text} »" if sent.exemption_text and said else said
