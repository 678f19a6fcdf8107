"""Registering requests: found again by any of their numbers, and never shown to whom does not know the household."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from attributions.households.models import Application, ApplicationAlias, HouseholdCandidacy, Proposal
from attributions.households.models.priority import IDENTITY_BOUNDS, NEEDS
from attributions.households.operations.request_facts import changed, checked_facts, completed, put, values_given
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, Organisation, User
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

#: How a numéro unique is written. A slip of the keyboard is refused; nothing is read in it.
NUMBER = re.compile(r"[0-9]{13}[0-9A-Z]{5}")


#: Nothing states a household from another under a number alone: no newcomer reads what is known under it, nor names it.
UNNAMED = (
    "Ce numéro est déjà enregistré par une autre organisation, sans nom ni date de naissance : elle doit d’abord les "
    "écrire dans sa demande. Ensuite, les mêmes vous l’ouvriront."
)

#: What a need that nobody stated is.
UNSAID: tuple[Any, ...] = (None, "", [])

#: In years: a minor may be emancipated from then on, and sign (Code civil, 413-2); of age (Code civil, 414).
EMANCIPATED_FROM = 16
OF_AGE = 18


class ApplicationRefused(Refusal):
    """This request cannot be registered so; the sentence says what to check."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, as the attestation says."""

    name: str
    birth_date: date | None = None
    nationality: str = ""
    requested_on: date | None = None


def normalised(number: str) -> str:
    """As it is stored: capitals, no spaces. Raises ApplicationRefused when it is not written as one."""
    found = "".join(number.split()).upper()
    if len(found) != 18:
        raise ApplicationRefused(
            f"Un numéro unique a 18 caractères, celui-ci en a {len(found)} : recopiez-le de l’attestation.",
            field="number",
        )
    if not NUMBER.fullmatch(found):
        raise ApplicationRefused(
            "Un numéro unique s’écrit avec treize chiffres, puis cinq chiffres ou lettres : recopiez-le de "
            "l’attestation.",
            field="number",
        )
    return found


@atomic_act
def register_application(
    *,
    number: str,
    name: str = "",
    birth_date: date | None = None,
    nationality: str = "",
    requested_on: date | None = None,
    facts: Mapping[str, object] | None = None,
    organisation: Organisation,
    by: User,
    now: datetime | None = None,
    closed_too: bool = False,
) -> Application:
    """Create the request of this number, or complete the one that is known by it, for an organisation.

    What is given replaces what was known, but for the identity: it is completed, never changed here. A number that
    merged leads to the request it merged into. Whoever did not register a known request has to name its household, and
    waits for a name and a birth date on it while it bears neither. `closed_too`: history records it, which a closed
    request has as well.

    Raises ApplicationRefused: no such number, another household's, closed, or of somebody too young; FactsRefused.
    """
    number, today = normalised(number), timezone.localdate(now or timezone.now())
    _check_identity(birth_date, requested_on, today)
    application = known_by(number)
    if application is None:
        with suppress(Refusal), constraints_speak(ApplicationAlias):  # another number of one, meanwhile
            Application.objects.bulk_create([Application(number=number)], ignore_conflicts=True)
        application = known_by(number)
        assert application is not None, "it was just written, by this act or by another"
    registrants = set(application.organisations.order_by("pk").values_list("pk", flat=True))
    newcomer = bool(registrants) and organisation.pk not in registrants
    _check_same(application, name, birth_date, newcomer=newcomer)
    if application.closed_on is not None and not closed_too:
        raise ApplicationRefused(
            f"Cette demande est radiée depuis le {application.closed_on:%d/%m/%Y} : elle ne peut plus être candidate. "
            "Demandez au ménage son nouveau numéro.",
            field="number",
        )
    facts_given = values_given(checked_facts(facts or {}, on=today))
    identity = {"name": " ".join(name.split()), "birth_date": birth_date, "nationality": nationality}
    missing = {field: value for field, value in identity.items() if value and not getattr(application, field)}
    if requested_on is not None:
        missing["requested_on"] = requested_on
    details: dict[str, Any] = changed(application, facts_given)
    if missing:
        details["identity"] = sorted(missing)  # which of them, never what they are: a history is not erased
    put(application, facts_given)
    for field, value in missing.items():
        setattr(application, field, value)
    application.save()
    application.organisations.add(organisation)
    act = HistoryEntry.Act.EDITED if registrants else HistoryEntry.Act.RECORDED
    if details or not registrants or newcomer:
        record(application, act, by=by, details=details)
    return application


@atomic_act
def correct_identity(
    *,
    application: Application,
    identity: Identity,
    organisation: Organisation,
    by: User,
    now: datetime | None = None,
) -> Application:
    """Write the identity again, as the only organisation that registered it says it is.

    Raises ApplicationRefused: another organisation registered it too, or it is closed.
    """
    today = timezone.localdate(now or timezone.now())
    _check_identity(identity.birth_date, identity.requested_on, today)
    held = living(application.pk)
    given = asdict(identity) | {"name": " ".join(identity.name.split())}
    differing = sorted(field for field, value in given.items() if value != getattr(held, field))
    if not differing:
        return held
    if held.closed_on is not None:
        raise ApplicationRefused("Cette demande est radiée : son identité ne se corrige plus.")
    if held.organisations.exclude(pk=organisation.pk).exists() and any(getattr(held, field) for field in differing):
        raise ApplicationRefused(
            "Une autre organisation a enregistré cette demande : son identité ne se corrige pas d’ici. Écrivez-la "
            "comme elle était, ou vérifiez le numéro unique.",
            field="name",
        )
    for field in differing:
        setattr(held, field, given[field])
    held.save(update_fields=differing)
    record(held, HistoryEntry.Act.EDITED, by=by, details={"identity": differing})
    return held


@atomic_act
def add_alias(
    *, application: Application, number: str, organisation: Organisation, by: User, now: datetime | None = None
) -> Application:
    """Say that a request is also known by another number (CCH, R441-2-8 f), for an organisation that registered it.

    When that number is a request of its own, that one is closed as merged: its candidates go on, its numbers lead to
    the request that stays, and its organisations see it. What stays dates from the oldest of the two, and is completed
    with what only the other knew of the household; where they differ, it says what it stated. A number alone opens
    nobody's file: the organisation registered both, or both bear the same name and birth date. Returns the request
    that stays.

    Raises ApplicationRefused: closed, the same number, another household's, or both candidates to one unit.
    """
    number, today = normalised(number), timezone.localdate(now or timezone.now())
    other = Application.objects.numbered(number).order_by("pk").first()
    held = {each.pk: each for each in _locked_all({application.pk, *([other.pk] if other else [])})}
    kept = held[application.pk]
    if kept.closed_on is not None:
        raise ApplicationRefused("Cette demande est radiée : elle ne reçoit plus d’autre numéro.", field="number")
    absorbed = current(held[other.pk]) if other else None
    if absorbed is not None and absorbed.pk == kept.pk:
        raise ApplicationRefused("Cette demande porte déjà ce numéro.", field="number")
    if absorbed is None:
        with constraints_speak(ApplicationAlias):
            ApplicationAlias.objects.create(application=kept, number=number, recorded_by=by)
        record(kept, HistoryEntry.Act.EDITED, by=by, details={"alias": [0, 1]})
        return kept
    _check_known(kept, absorbed, organisation)
    if absorbed.closed_on is not None:
        raise ApplicationRefused("La demande de ce numéro est radiée : elle ne fusionne plus.", field="number")
    _check_same(kept, absorbed.name, absorbed.birth_date, newcomer=False)
    _check_apart(kept, absorbed)
    _merge(kept, absorbed, on=today, by=by)
    return kept


def learn(application: Application, facts: Mapping[str, Any]) -> Application:
    """What a candidate's file says is the latest known of its request: the next unit starts from there. Locks it.

    Facts that are not given leave what was known. Returns the request that it merged into, or itself.
    """
    held = living(application.pk)
    put(held, values_given(facts))
    held.save()
    return held


def current(application: Application) -> Application:
    """The request that this one merged into, or itself. One query at most: `_merge` leaves no chain."""
    return application.merged_into or application


def known_by(number: str) -> Application | None:
    """The request that a number leads to today, locked; None when nobody registered it. A number is one request's: the
    database refuses it to a second one (`application_one_number`)."""
    found = Application.objects.numbered(number).order_by("pk").first()
    return living(found.pk) if found else None


def living(pk: int) -> Application:
    """The request that this one is today, locked: it may have merged, even while one waited for it."""
    root = Application.objects.values_list("merged_into", flat=True).get(pk=pk)
    [held] = _locked_all({root or pk})
    return held if held.merged_into_id is None else living(held.merged_into_id)


def _locked_all(pks: set[int]) -> list[Application]:
    return list(in_order(Application.objects.filter(pk__in=pks)).select_related("priority", "merged_into"))


def age_on(birth_date: date, day: date) -> int:
    """In whole years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _check_identity(birth_date: date | None, requested_on: date | None, today: date) -> None:
    days = {"birth_date": birth_date, "requested_on": requested_on}
    if fault := first_fault([bound for bound in IDENTITY_BOUNDS if days[bound.field]], days):
        raise ApplicationRefused(fault[1], field=fault[0])
    if birth_date is not None and birth_date >= today:
        raise ApplicationRefused("La date de naissance est à venir : vérifiez l’année.", field="birth_date")
    if birth_date is not None and (age := age_on(birth_date, today)) < EMANCIPATED_FROM:
        raise ApplicationRefused(
            f"Avec cette date de naissance, le demandeur aurait {age} an{'s' * (age > 1)} : vérifiez l’année. Un "
            f"mineur ne demande un logement qu’émancipé, à {EMANCIPATED_FROM} ans au plus tôt (Code civil, 413-2).",
            field="birth_date",
        )
    if requested_on is not None and requested_on > today:
        raise ApplicationRefused("La demande ne peut pas être créée après aujourd’hui.", field="requested_on")


def _check_same(application: Application, name: str, birth_date: date | None, *, newcomer: bool) -> None:
    """Raises ApplicationRefused when a number is another household's, without a word of whose it is."""
    named, born = application.name, application.birth_date
    if newcomer and not application.is_named:
        raise ApplicationRefused(UNNAMED, field="number")
    if newcomer and not (name.strip() and birth_date):
        raise ApplicationRefused(
            "Ce numéro est déjà enregistré : écrivez le nom et la date de naissance du demandeur, comme sur "
            "l’attestation.",
            field="name" if not name.strip() else "birth_date",
        )
    if (named and name.strip() and _words(name) != _words(named)) or (born and birth_date and birth_date != born):
        raise ApplicationRefused(
            "Ce numéro est enregistré pour un autre nom ou une autre date de naissance : vérifiez les trois sur "
            "l’attestation.",
            field="number",
        )


def _words(name: str) -> list[str]:
    """Names are compared without accents, capitals or order: « DÉLÉAGE Anne » is « Anne Deleage »."""
    return sorted(search_key(name).split())


def _check_apart(kept: Application, absorbed: Application) -> None:
    live = Proposal.objects.live()
    if live.of(absorbed).filter(vacancy__in=live.of(kept).order_by().values("vacancy")):
        raise ApplicationRefused(
            "Ces deux demandes sont candidates au même logement : retirez d’abord l’une des deux candidatures.",
            field="number",
        )


def _check_known(kept: Application, absorbed: Application, organisation: Organisation) -> None:
    """A merger shows the identity of one side to the other: raises ApplicationRefused, without a word of it, unless
    the organisation registered both, or they bear the same name and birth date."""
    registered = Application.objects.filter(organisations=organisation, pk__in=[kept.pk, absorbed.pk])
    if registered.count() == 2:
        return
    same = _words(kept.name) == _words(absorbed.name) and kept.birth_date == absorbed.birth_date
    if not (kept.is_named and absorbed.is_named and same):
        raise ApplicationRefused(
            "Ces deux numéros ne se réunissent pas d’ici : votre organisation doit avoir enregistré les deux demandes, "
            "ou les deux porter le même nom et la même date de naissance. Vérifiez-les sur les attestations.",
            field="number",
        )


def _merge(kept: Application, absorbed: Application, *, on: date, by: User) -> None:
    """What had merged into the one that goes leads to the one that stays: there is never a chain to follow."""
    absorbed.merged_into, absorbed.closed_on, absorbed.closure = kept, on, Application.Closure.MERGED
    with constraints_speak(HouseholdCandidacy):  # a candidate of one unit twice, whoever adds it at the same time
        absorbed.save(update_fields=["merged_into", "closed_on", "closure"])
    Application.objects.filter(merged_into=absorbed).update(merged_into=kept)
    absorbed.aliases.update(application=kept)
    ApplicationAlias.objects.create(application=kept, number=absorbed.number, recorded_by=by)
    kept.organisations.add(*absorbed.organisations.order_by("pk"))
    details = _complete(kept, absorbed)
    kept.save()
    for each, what in ((kept, details), (absorbed, {})):
        record(each, HistoryEntry.Act.EDITED, by=by, details={"merged": [absorbed.pk, kept.pk]} | what)


def _complete(kept: Application, absorbed: Application) -> dict[str, Any]:
    """The seniority of the oldest, and what only the other knew. Returns what a history keeps of it: of an identity,
    which part; of the rest, before and after."""
    facts = completed(kept, absorbed)
    days = [day for day in (kept.requested_on, absorbed.requested_on) if day is not None]
    oldest = min(days, default=None)
    details: dict[str, Any] = changed(kept, facts)
    if oldest != kept.requested_on:
        details["requested_on"] = [day and day.isoformat() for day in (kept.requested_on, oldest)]
    put(kept, facts)
    needs = sorted(name for name in NEEDS if getattr(kept, name) in UNSAID and getattr(absorbed, name) not in UNSAID)
    for name in needs:
        setattr(kept, name, getattr(absorbed, name))
    kept.requested_on = oldest
    missing = {field for field in ("name", "birth_date", "nationality") if not getattr(kept, field)}
    found = sorted(field for field in missing if getattr(absorbed, field))
    for field in found:
        setattr(kept, field, getattr(absorbed, field))
    return details | ({"identity": found} if found else {}) | ({"needs": needs} if needs else {})
