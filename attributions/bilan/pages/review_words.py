"""What the review of a balance asks of each: the reader's part, the landlord's draft, and what sending it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.models import BalanceComment
from attributions.bilan.pages.due import arrival_pill, arrival_words
from attributions.bilan.pages.review import to_sign_again
from attributions.bilan.queries.due import Arrival
from attributions.bilan.queries.review import Party, Review, Sent
from flux.pages.story import StoryLine
from reservations.models import Membership
from reservations.pages.pieces import below, beside, bold, link, muted, pill
from reservations.words import day, integer, of, plural, to, towards

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
        told = format_html("{} ; vous pouvez en contester une ligne.", link(address, "Lisez-le"))
        return beside(bold("Ce bilan vous est envoyé pour information."), told)
    unsigned = bold(f"{who} n’a pas encore signé {version}.")
    if may_sign:
        told = format_html("{}, contestez une ligne s’il le faut, puis signez-la.", link(address, "Lisez-la"))
        return beside(unsigned, told)
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
        told = format_html("Corrigez la ligne, ou maintenez-la en disant pourquoi : {}.", REMARKS)
        return beside(bold(f"{integer(count)} {waiting}."), told)
    if read.correction_undone:
        told = format_html("Corrigez-la de nouveau, ou maintenez-la en disant pourquoi : {}.", REMARKS)
        return beside(bold(f"Une ligne dite corrigée est redevenue ce que dit {version}."), told)
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
    told = ", ".join(f"{each.organisation.name}{'' if each.signs else ' (pour information)'}" for each in read.draft.to)
    count = len(read.draft.to)
    yield f"{integer(count)} {plural(count, 'destinataire,destinataires')} : {told}."
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
        told = version_words(each, is_latest=is_latest)
        said = beside(format_html("{}{}. Empreinte {}.", bold(there), told, each.short_seal), before)
        words = below(said, muted(version.note) if version.note else "")
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
    told = f"Échéance légale : envoyé avant le {day(due.law)} (CCH, R441-5-1){until}."
    came = arrival.sent_on or arrival.is_absent
    return beside(told, pill(arrival_words(arrival), arrival_pill(arrival)) if came else "")
