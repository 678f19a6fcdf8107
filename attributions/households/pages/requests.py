"""What pages say of requests.

* A request and its household: who asks, until when that is kept, and what may be done of it.
* What a list says when it has no line: what to do, or what will bring the first one.
* Past candidates, in words: of a unit, or of a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.forms import Form
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html

from attributions.households.models import Application, ApplicationAlias, PastCandidacy
from attributions.households.pages.applications import household
from reservations.models import Organisation
from reservations.pages.pieces import UNKNOWN, Act, Fact, beside, bold, facts, link, muted, yes_or_no
from reservations.pages.table import Rows, Shown, Table, Text, unmatched
from reservations.words import day, euros, integer, plural, towards, upper_first


def request_answer(request: Application, proposed: int, kept_until: date | None) -> str:
    """Does the request go on, how many times was the household proposed, until when its identity is kept."""
    journal = link(reverse("access-journal"), "journal")
    read = format_html("Cette lecture est inscrite au {}.", journal)
    if request.closed_on is not None:
        closed = format_html(
            "Demande {} : {}.", bold(f"radiée le {day(request.closed_on)}"), request.get_closure_display()
        )
        kept: str = ""
        if kept_until is not None:
            kept = format_html("Identité conservée jusqu’au {}, puis effacée.", bold(day(kept_until)))
        return beside(closed, kept, read)
    since: str = ""
    if request.requested_on is not None:
        since = format_html(" depuis le {}", bold(day(request.requested_on)))
    sentence = format_html(
        "Demande active{}, {} {}. L’identité est conservée tant qu’elle est active, puis pendant la durée que dit la "
        "page {}.",
        since,
        bold(integer(proposed)),
        plural(proposed, "candidature,candidatures"),
        link(reverse("personal-data"), "Données personnelles"),
    )
    return beside(sentence, read)


def identity_facts(request: Application, aliases: Iterable[ApplicationAlias]) -> tuple[Fact, ...]:
    """Who asks, under which numbers."""
    return facts(
        ("Nom", request.name or UNKNOWN),
        ("Date de naissance", day(request.birth_date) if request.birth_date else "non renseignée"),
        ("Nationalité", request.get_nationality_display() or "non renseignée"),
        ("Numéro unique", request.number),
        *(("Autre numéro", beside(each.number, muted(f"depuis le {day(each.recorded_at)}"))) for each in aliases),
    )


def household_facts(request: Application) -> tuple[Fact, ...]:
    """What is known of the household."""
    labelled = f", labellisé le {day(request.labelled_on)}" if request.labelled_on else ""
    income = UNKNOWN if request.income is None else euros(request.income)
    score = "non renseignée"
    if request.score is not None:
        score = f"{integer(request.score)} {plural(request.score, 'point,points')}"
    units = "non renseignées" if request.income_units is None else localize(request.income_units)
    return facts(
        ("Composition", household(request)),
        ("Revenu fiscal de référence", income),
        ("Unités de consommation", str(units)),
        ("Quartile de ressources", UNKNOWN if request.income_quartile is None else str(request.income_quartile)),
        ("Priorité", f"{request.priority_words}{labelled}"),
        ("Renouvellement urbain", "relogement" if request.urban_renewal else "non"),
        ("Agent de l’État", yes_or_no(request.state_agent)),
        ("Travailleur essentiel", yes_or_no(request.essential_worker)),
        ("Cotation", score),
    )


def keeping_acts(request: Application, alias: Form, closure: Form) -> Iterator[Act]:
    """Of a request that goes on, to who registers requests."""
    yield Act(
        "Ajouter un autre numéro",
        reverse("application-alias", args=[request.pk]),
        "Quand deux demandes fusionnent, celle‑ci reste : les deux numéros mènent à elle, qui garde la date de la plus "
        "ancienne (CCH, R441-2-8 f). Ce que seule l’autre disait du ménage y est repris ; là où elles diffèrent, "
        "celle‑ci garde ce qu’elle dit.",
        "Ajouter ce numéro",
        fields=(alias["number"],),
        opens=bool(alias.errors),
        binds=True,
    )
    yield Act(
        "Radier la demande",
        reverse("application-close", args=[request.pk]),
        "Les six causes de la loi, et elles seules (CCH, R441-2-8). Les candidatures en cours se terminent d’abord, "
        "chacune avec son motif. Pour une fusion, ajoutez plutôt l’autre numéro à la demande qui reste.",
        "Radier la demande",
        fields=(closure["cause"], closure["on"]),
        opens=bool(closure.errors),
        binds=True,
    )


def reopening_act(request: Application, form: Form) -> Act:
    """Of a request that was closed by mistake."""
    return Act(
        "Rouvrir la demande",
        reverse("application-reopen", args=[request.pk]),
        "La demande redevient active : ses candidats peuvent signer, et la durée de conservation de son identité ne "
        "court plus. L’historique garde la radiation.",
        "Rouvrir la demande",
        fields=(form["why"],),
        opens=bool(form.errors),
        binds=True,
    )


def no_committee(*, may_found: bool, by_landlord: bool) -> str:
    """Of the committees."""
    if may_found:
        return "Aucune commission. Créez celle que votre conseil d’administration a instituée."
    if by_landlord:
        return (
            "Aucune commission. Le responsable de votre organisme enregistre celle que le conseil d’administration a "
            "instituée."
        )
    return "Vous ne siégez dans aucune commission."


def no_session(*, by_landlord: bool, sits: bool) -> str:
    """Of the sessions to come."""
    if by_landlord:
        return "Aucune séance convoquée. La commission se réunit au moins tous les deux mois."
    if sits:
        return "Aucune séance convoquée pour l’instant : elle apparaîtra ici."
    return "Vous ne siégez dans aucune commission sous ce nom."


def no_access(*, filtered: bool) -> str:
    """Of those who read named files."""
    if filtered:
        return unmatched("Aucune consultation", reverse("access-journal"))
    return "Personne n’a encore lu de donnée nominative ici. La première lecture s’inscrira d’elle-même."


def no_request(organisation: Organisation) -> str:
    """Of the requests that an organisation registered."""
    return (
        f"Aucune demande n’est encore enregistrée pour {towards(organisation)}. Importez un export du SNE, ou "
        "enregistrez un ménage en le proposant pour un logement."
    )


def no_file(*, filtered: bool, by_landlord: bool) -> str:
    """Of the units whose candidates are followed."""
    if filtered:
        return unmatched("Aucun logement", reverse("file-list"))
    if by_landlord:
        return "Aucun logement entre l’orientation et le bail. Le prochain logement orienté apparaîtra ici."
    return (
        "Aucun logement n’attend vos candidats. Le prochain logement orienté vers vous apparaîtra ici, avec son délai."
    )


NOTE = "Repris d’un fichier, à leurs dates : rien n’en a été voté ni compté ici."


def _decision(each: PastCandidacy) -> Text:
    """« Attribution, avec un rang : 2 », on which day."""
    if not each.kind:
        return Text("Non examiné")
    rank = f" : {each.rank}" if each.rank is not None else ""
    awaited = f", {each.get_document_display()}" if each.document else ""
    awaited += f", reçue le {day(each.document_on)}" if each.document_on else ""
    return Text(f"{upper_first(each.get_kind_display())}{rank}{awaited}", hint=f"le {day(each.decided_on)}")


def _sequel(each: PastCandidacy) -> Text:
    """The last thing that happened, and why it went no further."""
    if each.leased_on is not None:
        return Text("Bail signé", hint=f"le {day(each.leased_on)}")
    why = upper_first(each.get_reason_display()) if each.reason else ""
    if each.answer:
        text = f"Offre {each.get_answer_display()}, le {day(each.answered_on)}"
        return Text(text, hint=why)
    return Text(why or "–")


SEQUEL: tuple[Shown[PastCandidacy], ...] = (Shown("Décision de la CALEOL", _decision), Shown("Suite", _sequel))


def past_of_unit(found: Sequence[PastCandidacy], *, leads: bool) -> Table | None:
    """Who was proposed for a unit; `leads`: the reader may open their requests. None when nobody was."""
    who = Shown[PastCandidacy]("Candidat", lambda each: _who(each, leads=leads))
    return Rows(found, who, *SEQUEL).titled("candidats-passes", "Candidats passés.", NOTE) if found else None


def past_of_household(found: Sequence[PastCandidacy]) -> Table | None:
    """The units that a household was proposed for. None when there is none."""
    rows = Rows(found, Shown("Logement", _where), *SEQUEL)
    return rows.titled("candidatures-passees", "Candidatures passées.", NOTE) if found else None


def _who(each: PastCandidacy, *, leads: bool) -> Text:
    asked = each.application
    if asked.pseudonymised_on is not None:
        return Text("Identité effacée")
    link = reverse("application-detail", args=[asked.pk]) if leads else ""
    return Text(asked.name or "nom non renseigné", hint=f"n° se termine par {asked.ending}", link=link)


def _where(each: PastCandidacy) -> Text:
    unit = each.vacancy.unit
    return Text(unit.reference, hint=unit.commune.name, link=reverse("file", args=[each.vacancy_id]))
