"""The review of a balance: what answers its question, what changed in the draft, who read and signed."""

from __future__ import annotations

from attributions.bilan.pages.due import arrival_words
from attributions.bilan.pages.review import draft_changes, party_did, party_pill, party_state
from attributions.bilan.queries.review import Draft, Party, Review, Sent
from flux.words import units
from reservations.models import Landlord
from reservations.pages.table import Number, Rows, Said, Shown, Table
from reservations.words import day, integer, plural

#: Of a version sent before the end of the year.
INTERIM = " C’est un point d’étape, envoyé avant la fin de l’année : le bilan annuel reste à envoyer."


def answer(read: Review, *, prepares: bool) -> str:
    """Where the review stands. `prepares`: does the reader prepare the balance?"""
    if read.latest is None:
        figures = (
            " Ses chiffres du jour se lisent déjà dans « Bilan annuel » ; vos commentaires, non." if prepares else ""
        )
        return f"C’est un brouillon : personne ne l’a reçu.{figures} {_arrival(read)}."
    number, signatures = read.latest.version.number, _signed(read)
    interim = INTERIM if read.latest.is_interim else ""
    if read.latest.version.sealed_at:
        return (
            f"La version {number} est scellée depuis le {day(read.latest.version.sealed_at)} : {signatures}.{interim}"
        )
    waiting, count = "", len(read.open_remarks)
    if count:
        waiting = f", {integer(count)} {plural(count, 'remarque attend,remarques attendent')} une réponse"
    return f"La version {number} est en cours de signature : {signatures}{waiting}.{interim}"


def _arrival(read: Review) -> str:
    arrival = read.arrival
    if arrival.is_absent:
        return f"Absent : attendu au plus tard le {day(arrival.due.last_day)}"
    if not arrival.due.last_day:
        return arrival_words(arrival)
    awaited = ", attendu" if arrival.today.year <= read.exercise else ""
    return f"{arrival_words(arrival)}{awaited} au plus tard le {day(arrival.due.last_day)}"


def _signed(read: Review) -> str:
    return f"{integer(read.signed)} {plural(read.signed, 'signature,signatures')} sur {integer(len(read.signatories))}"


def changes_table(draft: Draft, latest: Sent) -> Table:
    """A line of the draft that differs from the latest version a row."""
    version = f"Version {latest.version.number}"
    title = f"Lignes changées depuis la version {latest.version.number}"
    note = "En logements. Les destinataires ne le liront qu’avec la prochaine version."
    return Rows(
        draft_changes(draft),
        Shown("Ligne", lambda each: each[0]),
        Number(version, lambda each: _figure(each[1].before, is_due=each[1].is_due)),
        Number("Brouillon", lambda each: _figure(each[1].after, is_due=each[1].is_due)),
    ).titled("", title, note)


def _figure(value: int, *, is_due: bool) -> str:
    return units(value) if is_due else integer(value)


def parties_table(read: Review, latest: Sent, landlord: Landlord) -> Table:
    """An organisation that the version was sent to a row: why, and what it did last."""
    title = f"Version {latest.version.number} : qui l’a lue, qui l’a signée"
    note = f"{_signed(read)}. La dernière scelle la version."
    return Rows(
        read.parties,
        Shown("Destinataire", lambda party: party.dispatch.organisation.name),
        Shown("Au titre de", lambda party: _as_what(party, landlord)),
        Shown("État", lambda party: Said(party_state(party), pill=party_pill(party))),
        Shown("Date", lambda party: f"{party_did(party)} {day(party.at)}"),
    ).titled("", title, note)


def _as_what(party: Party, landlord: Landlord) -> str:
    if party.dispatch.organisation_id == landlord.organisation_id:
        return "bailleur"
    return "réservataire" if party.dispatch.signs else "pour information"
