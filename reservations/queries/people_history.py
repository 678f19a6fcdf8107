"""What was done on people and organisations, as those whom it concerns read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Min, Q, QuerySet

from reservations.models import HistoryEntry, Membership, Organisation, User
from reservations.permissions import can_read_acts_on_people
from reservations.words import day, hour

Act = HistoryEntry.Act
USER, ORGANISATION = (model._meta.label_lower for model in (User, Organisation))

#: What a person is told of at the next sign-in, when somebody else did it; no kind of act pushes another out.
KINDS = ((Act.PASSWORD,), (Act.LOCKED,), (Act.GRANTED, Act.REVOKED))
#: Of each kind, told at once; the others are counted, and the page of the history has them.
MOST = 5
#: The roles that a command of the server gives with the account open it: they are no news of it.
OPENING = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act, in words. `about_at`, `by_at`: the e-mails that tell two people of one name apart; empty for others."""

    entry: HistoryEntry
    about: str
    about_at: str
    words: str
    by: str
    by_at: str


def acts_on_people(member: Membership | None, person: User) -> QuerySet[HistoryEntry]:
    """The acts that this person may read, latest first.

    The administrator reads all of them. Everybody reads those on their own account; those who look after an
    organisation, what was done on its people, and on the operator's, who can give anybody a password.
    """
    acts = HistoryEntry.objects.filter(subject__in=[USER, ORGANISATION]).select_related("by").order_by("-pk")
    if member is not None and member.is_administrator:
        return acts
    mine = Q(subject=USER, subject_id=person.pk)
    if member is not None and can_read_acts_on_people(member):
        operators = Organisation.objects.filter(kind=Organisation.Kind.OPERATOR).order_by("pk")
        mine |= Q(organisations__overlap=[member.organisation_id, *operators.values_list("pk", flat=True)])
    return acts.filter(mine)


def in_words(entries: Iterable[HistoryEntry]) -> list[HistoryLine]:
    """Each act in words, with the name of whom it is about. Two queries, however many."""
    entries = list(entries)
    people = User.objects.in_bulk({entry.subject_id for entry in entries if entry.subject == USER})
    parties = Organisation.objects.in_bulk({entry.subject_id for entry in entries if entry.subject == ORGANISATION})
    lines = []
    for entry in entries:
        person = people[entry.subject_id] if entry.subject == USER else None
        about, at = (person.full_name, person.email) if person else (str(parties[entry.subject_id]), "")
        lines.append(HistoryLine(entry, about, at, _words(entry), _by(entry), entry.by.email if entry.by else ""))
    return lines


def untold(person: User) -> tuple[list[HistoryEntry], int]:
    """What somebody else, or a command of the server, did on this account since its person last said to have read.

    The latest acts of each kind, oldest first, and how many more there are.
    """
    story = HistoryEntry.objects.about(person)
    acts = story.filter(Q(by=None) | ~Q(by=person.pk), pk__gt=person.told_up_to).select_related("by").order_by("-pk")
    opened = story.order_by().aggregate(at=Min("at"))["at"]
    if opened is not None:
        acts = acts.exclude(act=Act.GRANTED, by=None, at__lt=opened + OPENING)
    told = [entry for kind in KINDS for entry in acts.filter(act__in=kind)[:MOST]]
    more = acts.filter(act__in=[act for kind in KINDS for act in kind]).count() - len(told)
    return sorted(told, key=lambda entry: entry.pk), more


def sentence(entry: HistoryEntry) -> str:
    """What the person is told at sign-in."""
    moment = f"le {day(entry.at)} à {hour(entry.at)}"
    match entry.act:
        case Act.PASSWORD:
            return f"Votre mot de passe a été changé {moment} par {_by(entry)}."
        case Act.LOCKED:
            return (
                f"Beaucoup d’essais de connexion à votre compte ont échoué, depuis plusieurs endroits, {moment} : "
                "quelqu’un cherche peut-être à entrer à votre place."
            )
        case _:
            done = "donné" if entry.act == Act.GRANTED else "retiré"
            return f"Le rôle {_role(entry)} vous a été {done} {moment} par {_by(entry)}."


def _words(entry: HistoryEntry) -> str:
    own = entry.subject == USER and entry.by_id == entry.subject_id
    match entry.act:
        case Act.RECORDED:
            return "Compte ouvert" if entry.subject == USER else "Organisation enregistrée"
        case Act.GRANTED | Act.REVOKED:
            return f"{'Rôle donné' if entry.act == Act.GRANTED else 'Rôle retiré'} : {_role(entry)}"
        case Act.PASSWORD:
            return "Mot de passe changé par la personne" if own else "Mot de passe donné par quelqu’un d’autre"
        case Act.SIGNED_IN:
            return "Première connexion avec le mot de passe donné"
        case _:
            return "Connexions suspendues : trop d’essais depuis plusieurs endroits"


def _role(entry: HistoryEntry) -> str:
    """« réservataire (Action Logement) »."""
    told = {name: next(value for value in values if value) for name, values in entry.details.items()}
    return f"{Membership.Role(told['role']).label} ({told['organisation']})"


def _by(entry: HistoryEntry) -> str:
    if entry.by is not None:
        return entry.by.full_name
    return "personne d’identifié" if entry.act == Act.LOCKED else "une commande du serveur"
