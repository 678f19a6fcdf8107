"""Keeping the dated list of those who have priority in law (CCH, L441-1 and L441-2-3)."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.text import slugify

from attributions.households.models import PriorityCategory
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.operations.unconfirmed import leave_to_confirm
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day

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
    """A category of the law from a day on. With `replaces`, the same one said otherwise: the one that ran ends the day
    before, and households keep what they were given.

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
    told = {"label": [before.label if before else None, label], "starts_on": [None, starts_on.isoformat()]}
    record(recorded, HistoryEntry.Act.RECORDED, by=by, details=told | {"source": [None, source]})
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
