"""The acts on request facts.

* What is stated of a household: checked, compared, and kept in plain values. Never a name nor a number.
* Keeping the dated list of those who have priority in law (CCH, L441-1 and L441-2-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from attributions.households.models import Application, HouseholdFacts, PriorityCategory
from attributions.households.models.priority import FACT_BOUNDS, FACTS
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.operations.legal_parameter import leave_to_confirm
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day

#: Facts that are yes or no: not stated is no.
YES_OR_NO = ("urban_renewal", "state_agent")


CATEGORY_ALONE = "Une catégorie prioritaire suppose un ménage prioritaire : choisissez « Oui »."


class FactsRefused(Refusal):
    """A fact that cannot be; the sentence and its field say which."""


def checked_facts(facts: Mapping[str, object], *, on: date, known: HouseholdFacts | None = None) -> dict[str, Any]:
    """These facts, fit for the columns of a household, on a day. A category says that the household has priority; one
    that has none, or of which it is not known, has no category. The category that is `known` of it stays allowed once
    the law ends it: it was true on its day.

    Raises FactsRefused: out of bounds, a category of a household stated to have no priority, or one that the law does
    not know on that day.
    """
    unknown = set(facts) - set(FACTS)
    assert not unknown, f"no such fact of a household: {sorted(unknown)}"
    found = {name: bool(value) if name in YES_OR_NO else value for name, value in facts.items()}
    priority = found.get("priority")
    if isinstance(priority, PriorityCategory) and (known is None or priority.pk != known.priority_id):
        ended = priority.ends_on is not None and priority.ends_on < on
        if priority.starts_on > on or ended:
            raise FactsRefused("Choisissez une catégorie prioritaire en vigueur.", field="priority")
    if priority is not None:
        if found.get("has_priority") is False:
            raise FactsRefused(CATEGORY_ALONE, field="has_priority")
        found["has_priority"] = True
    elif "has_priority" in found and not found["has_priority"]:
        found["priority"] = None
    bounds = [bound.until(on) if bound.field == "labelled_on" else bound for bound in FACT_BOUNDS]
    if fault := first_fault(bounds, found):
        raise FactsRefused(fault[1], field=fault[0])
    every = {field.name for field in Application._meta.fields}
    try:
        Application(**found).clean_fields(exclude=every - set(found) | {"priority"})
    except ValidationError as error:
        [(name, sentences), *_] = error.message_dict.items()
        raise FactsRefused(sentences[0], field=name) from error
    return found


def values_given(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Those that say something, and leave the others as they were known: a household without priority has no category,
    and says so."""
    known = {name: value for name, value in facts.items() if value is not None}
    return known | ({"priority": None} if known.get("has_priority") is False else {})


def facts_of(household: HouseholdFacts) -> dict[str, Any]:
    """All that is known of a household, by the names of FACTS. One query when its priority was not fetched."""
    return {name: getattr(household, name) for name in FACTS}


def changed(household: HouseholdFacts, facts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{fact: [before, after]} of those that differ, in plain values: what a history keeps."""
    pairs = {name: [_plain(getattr(household, name)), _plain(value)] for name, value in facts.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


#: What is stated together, and compared so: the quartile of one income says nothing of another.
TOGETHER = (("adults", "children"), ("income", "income_units", "income_quartile"), ("score",))


def completed(household: HouseholdFacts, other: HouseholdFacts) -> dict[str, Any]:
    """What is not known of a household, and is of the same one elsewhere. Where both know different things, its own
    stays, with all that is stated together; the day of a label goes with its category. One query for each category."""
    known, more = facts_of(household), facts_of(other)
    found = {name: True for name in YES_OR_NO if more[name] and not known[name]}
    for names in TOGETHER:
        found |= _unknown(names, known, more)
    if known["priority"] is None and more["priority"] is not None and known["has_priority"] is not False:
        labelled = more["labelled_on"] or known["labelled_on"]
        return found | {"has_priority": True, "priority": more["priority"], "labelled_on": labelled}
    if known["priority"] == more["priority"]:
        found |= _unknown(("has_priority", "labelled_on"), known, more)
    return found


def _unknown(names: Iterable[str], known: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Those of these facts that only `more` says; none when the two differ on one of them."""
    if any(None not in (known[name], more[name]) and known[name] != more[name] for name in names):
        return {}
    return {name: more[name] for name in names if known[name] is None and more[name] is not None}


def put(household: HouseholdFacts, facts: Mapping[str, Any]) -> None:
    """Set these facts; the caller saves."""
    for name, value in facts.items():
        setattr(household, name, value)


def _plain(value: Any) -> Any:
    if isinstance(value, PriorityCategory):
        return value.code
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


#: The width of a code.
CODE = 24


class CategoryRefused(Refusal):
    """A category or a day that cannot be; `field` is where."""


@atomic
def record_priority_category(
    *,
    label: str,
    starts_on: date,
    source: str,
    would_confirm: str = "",
    replaces: PriorityCategory | None = None,
    by: User,
) -> PriorityCategory:
    """A category of the law from a day on. With `replaces`, the same one stated otherwise: the one that ran ends the
    day before, and households keep what they were given.

    Raises CategoryRefused: no label, no source, a label in force already, a day before the one that it replaces began.
    """
    label, source = label.strip(), source.strip()
    if not label:
        raise CategoryRefused("Écrivez la catégorie comme la loi la nomme.", field="label")
    if not source:
        raise CategoryRefused("Citez l’article et la loi qui l’a écrit.", field="source")
    before = None
    if replaces is not None:
        before = PriorityCategory.objects.select_for_update(of=("self",)).get(pk=replaces.pk)
        if before.ends_on is not None:
            raise CategoryRefused("Cette catégorie a déjà une fin : rechargez la page pour lire la liste.")
        if starts_on <= before.starts_on:
            raise CategoryRefused(
                f"Elle court depuis le {day(before.starts_on)} : choisissez un jour après celui-là.", field="starts_on"
            )
        before.ends_on = starts_on - timedelta(days=1)
        before.save(update_fields=["ends_on"])
    same = PriorityCategory.objects.in_force(starts_on).filter(label__iexact=label).first()
    if same is not None:
        raise CategoryRefused(f"« {same.label} » est déjà dans la liste ce jour-là.", field="label")
    with constraints_speak(PriorityCategory):
        recorded = PriorityCategory.objects.create(
            code=_code(label) if before is None else before.code,
            label=label,
            group=PriorityCategory.Group.LAW if before is None else before.group,
            starts_on=starts_on,
            source=source,
        )
    leave_to_confirm(recorded, would_confirm)
    details = {"label": [before.label if before else None, label], "starts_on": [None, starts_on.isoformat()]}
    record(recorded, HistoryEntry.Act.RECORDED, by=by, details=details | {"source": [None, source]})
    return recorded


@atomic
def end_priority_category(*, category: PriorityCategory, ends_on: date, why: str, by: User) -> PriorityCategory:
    """The law names it no more after that day; households that have it keep it.

    Raises CategoryRefused: an end already, a day before its first, no text, or the one of the DALO, that files name.
    """
    held = PriorityCategory.objects.select_for_update(of=("self",)).get(pk=category.pk)
    if held.ends_on is not None:
        raise CategoryRefused("Cette catégorie a déjà une fin : rechargez la page pour lire la liste.")
    if held.group == PriorityCategory.Group.DALO:
        raise CategoryRefused(
            "Les fichiers du SNE et les objectifs nomment le DALO : changez son libellé par une nouvelle rédaction, "
            "elle ne se retire pas."
        )
    if ends_on < held.starts_on:
        raise CategoryRefused(
            f"Elle court depuis le {day(held.starts_on)} : choisissez un jour après.", field="ends_on"
        )
    if not why.strip():
        raise CategoryRefused("Citez le texte qui la retire.", field="why")
    held.ends_on = ends_on
    held.save(update_fields=["ends_on"])
    record(held, HistoryEntry.Act.ENDED, by=by, why=why, details={"ends_on": [None, ends_on.isoformat()]})
    return held


def _code(label: str) -> str:
    """A code that no category has, from its label: « MINEURS-EMANCIPES »."""
    known = set(PriorityCategory.objects.values_list("code", flat=True))
    stem = slugify(label).upper()[:CODE] or "CATEGORIE"
    tried = (f"{stem[: CODE - len(str(n)) - 1]}-{n}" for n in range(2, len(known) + 3))
    return stem if stem not in known else next(each for each in tried if each not in known)
