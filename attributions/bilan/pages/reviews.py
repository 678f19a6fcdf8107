"""What pages say of reviews.

* What the page of a review says of its remarks, of its parties and of their signatures.
* The review of a balance: what answers its question, what changed in the draft, who read and signed.
* Whether a balance came in time, in words.
* What the review of a balance asks of each: the reader's part, the landlord's draft, and what sending it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.models import BalanceComment, BalanceRemark
from attributions.bilan.pages.figures import Words
from attributions.bilan.queries.content import place_of
from attributions.bilan.queries.deadlines import Arrival
from attributions.bilan.queries.figures import Difference
from attributions.bilan.queries.review import Draft, Party, RemarkRow, Review, Sent
from flux.pages.story import StoryLine
from flux.words import units
from reservations.models import Landlord, Membership
from reservations.pages.pieces import below, beside, bold, link, muted, pill
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.words import day, integer, of, plural, to, towards


def to_sign_again(read: Review) -> str:
    """How many signatures another version would ask for again; empty when none."""
    if read.latest is None or read.latest.version.sealed_at is not None or not read.signed:
        return ""
    if read.signed == 1:
        return "Avec une nouvelle version, la signature déjà donnée serait à redonner."
    return f"Avec une nouvelle version, les {read.signed} signatures déjà données seraient à redonner."


def signature_waits(read: Review) -> str:
    """Why nobody signs now: a correction to send first, or what the last signature would seal over. Empty when one
    may."""
    if any(row.unsent for row in read.remarks):
        return "Une ligne a été dite corrigée : le bailleur envoie d’abord la version qui la corrige."
    if read.open_remarks and read.signed == len(read.signatories) - 1:
        names = ", ".join(sorted({row.remark.organisation.name for row in read.open_remarks}))
        return f"La dernière signature scellerait la version, et une remarque ({names}) attend la réponse du bailleur."
    return ""


def remark_line(row: RemarkRow) -> str:
    """« Ville de Narbonne, typologie : T5, proposés », in the words of the version that it contests."""
    return Words(row.version.content)(place_of(row.remark))


def draft_changes(draft: Draft) -> list[tuple[str, Difference]]:
    """What has changed in the draft since the latest version, each in its words."""
    words = Words(draft.content)
    return [(words(each.place), each) for each in draft.changes]


def remark_state(row: RemarkRow) -> str:
    """« Réponse attendue du bailleur », « Corrigée en version 2 »."""
    if not row.remark.answer:
        return "Réponse attendue du bailleur"
    if row.remark.answer == BalanceRemark.Answer.MAINTAINED:
        return "Maintenue"
    if row.remark.corrected_in is None:
        return "Corrigée, version à envoyer"
    return f"Corrigée en version {row.remark.corrected_in.number}"


def remark_pill(row: RemarkRow) -> str:
    """The class of its pill."""
    return "talk" if not row.remark.answer else "part" if row.unsent else "ok"


def party_state(party: Party) -> str:
    """« Signé », « À vous de signer » (to a reader, « À signer par votre service réservataire »), « Lu, à signer »,
    « Remarque en cours », « Pas encore ouvert »."""
    if party.signature:
        return "Signé"
    if party.open_remark:
        return "Remarque en cours"
    if not party.dispatch.signs:
        return "Lu" if party.dispatch.opened_at else "Pas encore ouvert"
    if party.mine:
        return "À vous de signer" if party.reader_signs else "À signer par votre service réservataire"
    return "Lu, à signer" if party.dispatch.opened_at else "Pas encore ouvert"


def party_pill(party: Party) -> str:
    """The class of its pill."""
    if party.signature:
        return "ok"
    if party.open_remark:
        return "talk"
    if party.mine and party.dispatch.signs:
        return "todo"
    return "part" if party.dispatch.opened_at else "wait"


def party_did(party: Party) -> str:
    """What it did last, before the day."""
    if party.signature:
        return "signé le"
    if party.open_remark:
        return "remarque du"
    return "ouvert le" if party.dispatch.opened_at else "envoyé le"


def arrival_words(arrival: Arrival) -> str:
    """« Envoyé à temps », « Envoyé le 3 mars 2027, après le 28 février 2027 », « Absent », « À envoyer »…"""
    if arrival.is_absent:
        return "Absent"
    if arrival.sent_on is not None:
        if not arrival.is_late:
            return "Envoyé à temps"
        return f"Envoyé le {day(arrival.sent_on)}, après le {day(arrival.due.last_day)}"
    return "Année en cours" if arrival.is_early else "À envoyer"


def arrival_pill(arrival: Arrival) -> str:
    """The class of its pill."""
    if arrival.is_late:
        return "late"
    return "ok" if arrival.sent_on else "wait" if arrival.is_early else "todo"


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
        Shown("État", lambda party: Text(party_state(party), pill=party_pill(party))),
        Shown("Date", lambda party: f"{party_did(party)} {day(party.at)}"),
    ).titled("", title, note)


def _as_what(party: Party, landlord: Landlord) -> str:
    if party.dispatch.organisation_id == landlord.organisation_id:
        return "bailleur"
    return "réservataire" if party.dispatch.signs else "pour information"


REMARKS = format_html('<a href="#remarques">{}</a>', "voir les remarques")


def own_part(read: Review, mine: Party, member: Membership, *, may_sign: bool, waits: str) -> SafeString:
    """What is awaited of an organisation that the latest version was sent to. `waits`: why nobody signs now."""
    latest = mine.dispatch.version
    who, version = member.organisation.name, f"la version {latest.number}"
    place = read.landlord.pk, read.exercise, read.departement.code
    address = reverse("balance-version", args=[*place, latest.number])
    contest = format_html("{} ; vous pouvez en contester une ligne.", link(address, "Lisez-la"))
    if mine.signature:
        signed = bold(f"{who} a signé {version}")
        return format_html("{}, le {}. Rien d’autre n’est attendu de vous.", signed, day(mine.signature.signed_at))
    if mine.open_remark:
        return beside(bold(f"Votre remarque attend la réponse {of(read.landlord)}."), "Vous signerez ensuite.")
    if not mine.dispatch.signs:
        advice = format_html("{} ; vous pouvez en contester une ligne.", link(address, "Lisez-le"))
        return beside(bold("Ce bilan vous est envoyé pour information."), advice)
    unsigned = bold(f"{who} n’a pas encore signé {version}.")
    if may_sign:
        advice = format_html("{}, contestez une ligne s’il le faut, puis signez-la.", link(address, "Lisez-la"))
        return beside(unsigned, advice)
    if waits:
        return beside(bold(waits), "Vous signerez ensuite.")
    role = f"Votre rôle est de la lire : qui agit pour {towards(who)} comme réservataire la signe."
    return beside(unsigned, role, contest)


def not_sent_to(member: Membership) -> str:
    """What an organisation reads that the latest version was not sent to."""
    return (
        f"Cette version n’a pas été envoyée {to(member.organisation)} : vous la lisez ; la prochaine vous sera "
        "adressée si vous y avez un droit ou un logement."
    )


def draft_words(read: Review, *, running: bool) -> SafeString | str:
    """What the landlord does of its draft: send it, answer first, or nothing."""
    if read.latest is None:
        ready = bold(f"Le bilan {read.exercise} est prêt à envoyer.")
        figures = link(reverse("balance", args=[read.landlord.pk, read.exercise]), "Relisez ses chiffres")
        early = " ; l’année n’est pas finie, il s’arrêterait à aujourd’hui" if running else ""
        return format_html("{} {}{}.", ready, figures, early)
    count, version = len(read.open_remarks), f"la version {read.latest.version.number}"
    if count:
        waiting = plural(count, "remarque attend votre réponse,remarques attendent votre réponse")
        advice = format_html("Corrigez la ligne, ou maintenez-la en disant pourquoi : {}.", REMARKS)
        return beside(bold(f"{integer(count)} {waiting}."), advice)
    if read.correction_undone:
        advice = format_html("Corrigez-la de nouveau, ou maintenez-la en disant pourquoi : {}.", REMARKS)
        return beside(bold(f"Une ligne dite corrigée est redevenue ce que dit {version}."), advice)
    return _beside_latest(read, read.latest, version)


def _beside_latest(read: Review, latest: Sent, version: str) -> SafeString | str:
    """Does the draft say more than what was sent?"""
    assert read.draft is not None, "the landlord reads its draft"
    again = to_sign_again(read)
    if read.draft.is_due:
        differs = bold(f"Le brouillon n’est plus ce que dit {version}.")
        return beside(differs, "Envoyez une version pour que les destinataires le lisent.", again)
    if latest.version.sealed_at:
        if read.draft.changed:
            return f"Aucun chiffre ne diffère de {version}, qui est scellée."
        return f"Rien n’a changé depuis {version}."
    same = bold(f"Aucun chiffre ne diffère de {version} : elle peut être signée telle quelle.")
    if not read.draft.changed:
        return same
    comments = "Vos commentaires ont changé : ils se liront dans la prochaine version, s’il y en a une."
    return beside(same, comments, again)


def sending(read: Review) -> Iterator[str]:
    """What sending the draft does, point by point."""
    assert read.draft is not None, "the landlord reads its draft"
    names = ", ".join(
        f"{each.organisation.name}{'' if each.signs else ' (pour information)'}" for each in read.draft.to
    )
    count = len(read.draft.to)
    yield f"{integer(count)} {plural(count, 'destinataire,destinataires')} : {names}."
    yield "Ce qui est envoyé ne change plus, et ne se retire pas : une erreur se corrige dans une autre version."
    if read.latest is not None:
        yield f"Chaque signataire devra signer la nouvelle version ; {_signatures(read, read.latest)}."
    if read.arrival.is_absent:
        yield f"Il était attendu au plus tard le {day(read.arrival.due.last_day)} : la date d’envoi dira le retard."


def _signatures(read: Review, latest: Sent) -> str:
    """What becomes of the signatures that were given."""
    version = f"la version {latest.version.number}"
    if latest.version.sealed_at:
        return "celle qui est scellée le reste"
    if read.signed == 1:
        return f"la signature déjà donnée reste sur {version} et sera à redonner"
    if read.signed:
        return f"les {integer(read.signed)} signatures déjà données restent sur {version} et seront à redonner"
    return f"personne n’a signé {version}"


def printed(latest: Sent | None, today: date) -> SafeString:
    """At the head of what is printed: which version it is, or that it is a draft."""
    if latest is None:
        return below("Brouillon, non envoyé", f"imprimé le {day(today)}")
    sent = f"Version {latest.version.number}, envoyée le {day(latest.version.sent_at)}"
    return below(sent, f"Empreinte {latest.short_seal} · imprimée le {day(today)}")


@dataclass(frozen=True, slots=True)
class SendWords:
    """What the landlord sends: the first version, or another since the `latest`."""

    latest: Sent | None

    @property
    def title(self) -> str:
        """What is to be sent."""
        return f"Le brouillon, depuis la version {self.latest.version.number}" if self.latest else "Le brouillon"

    @property
    def opens(self) -> str:
        """The act, before what it does."""
        return "Envoyer une nouvelle version" if self.latest else "Envoyer le bilan"

    @property
    def button(self) -> str:
        """The act, after what it does."""
        return f"Envoyer la version {self.latest.version.number + 1 if self.latest else 1}"


def comment_lines(comments: Iterable[BalanceComment]) -> list[str]:
    """The comments of the draft, each on a line or on the whole."""
    return [
        format_html("{} : {}", bold(each.holder or "L’ensemble du bilan"), linebreaksbr(each.text)) for each in comments
    ]


def version_lines(read: Review) -> Iterator[StoryLine]:
    """Each version that was sent, the latest first: what it says, whether it holds, what changed since the one
    before."""
    for each in reversed(read.versions):
        version, is_latest = each.version, each is read.latest
        place = read.landlord.pk, read.exercise, read.departement.code
        there = link(reverse("balance-version", args=[*place, version.number]), f"Version {version.number}")
        before = ""
        if version.number > 1:
            asked = f"from={version.number - 1}&to={version.number}"
            compare = f"{reverse('balance-compare', args=place)}?{asked}"
            before = link(compare, f"Comparer à la version {version.number - 1}")
        version_text = version_words(each, is_latest=is_latest)
        result = beside(format_html("{}{}. Empreinte {}.", bold(there), version_text, each.short_seal), before)
        words = below(result, muted(version.note) if version.note else "")
        at = timezone.localtime(version.sent_at).date()
        yield StoryLine(at.isoformat(), day(at), words, is_now=is_latest and not version.sealed_at)


def version_words(each: Sent, *, is_latest: bool) -> str:
    """What follows the name of a version: « , point d’étape, scellée le 2 mars 2027 »."""
    interim = ", point d’étape" if each.is_interim else ""
    if each.version.sealed_at:
        return f"{interim}, scellée le {day(each.version.sealed_at)}"
    return f"{interim}, {'en cours de signature' if is_latest else 'remplacée'}"


def due_words(arrival: Arrival) -> SafeString | str:
    """Until when the law has it sent, and whether it was; nothing when no parameter says so."""
    due = arrival.due
    if not due.law:
        return ""
    until = f" ; toléré jusqu’au {day(due.tolerance.until)} ({due.tolerance.source})" if due.tolerance else ""
    deadline = f"Échéance légale : envoyé avant le {day(due.law)} (CCH, R441-5-1){until}."
    came = arrival.sent_on or arrival.is_absent
    return beside(deadline, pill(arrival_words(arrival), arrival_pill(arrival)) if came else "")
