"""The acts on layout.

* Keeping the layouts of the files of balances: a new one, another content of one.
* Reminding a landlord of a balance that has not come.
* Keeping the journal of balances: who read which on a screen, who took which file, and when.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

from django.utils import timezone

from attributions.bilan.models import BalanceDownload, BalanceLayout, BalanceReminder, BalanceVersion
from attributions.bilan.models.layout import COLUMNS, COUNTS
from flux import financing
from flux.models.unit import IN_QPV, OUT_OF_QPV, TYPOLOGIES
from flux.queries.cells import Axis
from reservations.models import HistoryEntry, Landlord, Membership, Organisation, Territory, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day

#: Words of a category that a layout may call otherwise; those of periods are as somebody cut them.
CATEGORIES = {*TYPOLOGIES, *financing.GROUPS, IN_QPV, OUT_OF_QPV, "non renseigné"}
PERIOD = re.compile(r"avant [0-9]{4}|[0-9]{4}-[0-9]{4}|depuis [0-9]{4}")
KEPT = ("name", "source", "columns", "axes", "words", "is_offered")


class BalanceLayoutRefused(Refusal):
    """A layout that no file can have; `field` is the one to change."""


@atomic
def save_balance_layout(
    *,
    layout: BalanceLayout | None,
    code: str = "",
    name: str,
    region: Territory | None,
    source: str,
    columns: Sequence[tuple[str, str]],
    axes: Sequence[str],
    words: Mapping[str, str],
    is_offered: bool,
    by: User | None,
) -> BalanceLayout:
    """Record a layout, or what one becomes; files taken before are as they were. Its code, which addresses have, stays.

    Raises BalanceLayoutRefused, by field: no name, source or count; a column that is not there, or twice; tables one
    after another that no column states apart; a word for a category that is none; another scale than a région.
    """
    _check(name, region, source)
    headings = _headings(columns)
    _check_axes(axes, {code for code, _ in headings})
    _check_words(words)
    given = {
        "name": name.strip(),
        "region": region,
        "source": source.strip(),
        "columns": headings,
        "axes": list(axes),
        "words": {category: word.strip() for category, word in words.items()},
        "is_offered": is_offered,
    }
    before: dict[str, object] = {}
    if layout is None:
        found, act = BalanceLayout(code=code, **given), HistoryEntry.Act.RECORDED
    else:
        found, act = BalanceLayout.objects.select_for_update(of=("self",)).get(pk=layout.pk), HistoryEntry.Act.EDITED
        before = {each: getattr(found, each) for each in KEPT} | {"region": found.region_id}
        for each, value in given.items():
            setattr(found, each, value)
    with constraints_speak(BalanceLayout):
        _refuse_taken(found)
        found.save()
    after = {each: getattr(found, each) for each in KEPT} | {"region": found.region_id}
    changed = {each: [before.get(each), value] for each, value in after.items() if before.get(each) != value}
    if changed:
        record(found, act, by=by, details=changed)
    return found


def _refuse_taken(layout: BalanceLayout) -> None:
    """Sooner than the database would, and by field: a name or a code is that of one layout."""
    others = BalanceLayout.objects.exclude(pk=layout.pk)
    if others.filter(code=layout.code).exists():
        raise BalanceLayoutRefused("Une présentation a déjà ce code : choisissez-en un autre.", field="code")
    if others.filter(name=layout.name).exists():
        raise BalanceLayoutRefused("Une présentation porte déjà ce nom : choisissez-en un autre.", field="name")


def _check(name: str, region: Territory | None, source: str) -> None:
    if not name.strip():
        raise BalanceLayoutRefused("Nommez la présentation, comme ses lecteurs la connaissent.", field="name")
    if region is not None and region.kind != Territory.Kind.REGION:
        raise BalanceLayoutRefused("Choisissez une région dans la liste.", field="region")
    if not source.strip():
        raise BalanceLayoutRefused(
            "Dites d’où vient cette présentation : un cadre régional, un courrier.", field="source"
        )


def _headings(columns: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The columns, each with its heading. Raises BalanceLayoutRefused."""
    found = [[code, heading.strip() or COLUMNS.get(code, "")] for code, heading in columns]
    codes = [code for code, _ in found]
    if unknown := [code for code in codes if code not in COLUMNS]:
        raise BalanceLayoutRefused(f"« {unknown[0]} » n’est pas une colonne du bilan.", field="columns")
    if not {*codes} & {*COUNTS}:
        raise BalanceLayoutRefused(
            "Numérotez au moins une colonne de chiffres : proposés ou attribués, par exemple.", field="columns"
        )
    for named in (codes, [heading for _, heading in found]):
        if twice := [each for each, times in Counter(named).items() if times > 1]:
            raise BalanceLayoutRefused(
                f"« {COLUMNS.get(twice[0], twice[0])} » est là deux fois : gardez une colonne, ou changez son nom.",
                field="columns",
            )
    return found


def _check_axes(axes: Sequence[str], codes: set[str]) -> None:
    if unknown := [axis for axis in axes if axis not in Axis]:
        raise BalanceLayoutRefused(f"« {unknown[0]} » n’est pas un axe du bilan.", field="axes")
    if len(set(axes)) < len(axes):
        raise BalanceLayoutRefused("Un axe est là deux fois : gardez-en un.", field="axes")
    if axes and not {"table", "line"} <= codes:
        raise BalanceLayoutRefused(
            "Des tableaux qui se suivent comptent chacun tous les logements : numérotez les colonnes « Tableau » et "
            "« Ligne », qui les distinguent.",
            field="axes",
        )
    if {"planned", "done"} & codes and not {"table", "line"} <= codes:
        raise BalanceLayoutRefused(
            "Prévus et constatés se lisent par ligne, du parc au flux : numérotez les colonnes « Tableau » et "
            "« Ligne ».",
            field="columns",
        )


def _check_words(words: Mapping[str, str]) -> None:
    for category, word in words.items():
        if category not in CATEGORIES and not PERIOD.fullmatch(category):
            raise BalanceLayoutRefused(
                f"« {category} » n’est pas une catégorie du bilan : écrivez-la comme lui, « T6+ » ou « en QPV ».",
                field="words",
            )
        if not word.strip():
            raise BalanceLayoutRefused(f"Dites comment se lit « {category} ».", field="words")


#: Between two reminders of one organisation: what leaves a landlord the time to act. No text sets it.
APART = timedelta(days=7)


class ReminderRefused(Refusal):
    """A reminder of what is not awaited, or that follows another too closely."""


@atomic
def remind_landlord(
    *, landlord: Landlord, exercise: int, organisation: Organisation, absent: bool, by: User, now: datetime
) -> BalanceReminder:
    """Remind a landlord of its balance of a year, in the name of an organisation that oversees its territory.

    `absent`: is a balance of it awaited there? The caller reads it in the state of its territory.
    Raises ReminderRefused: the year is not over, the balance came, a reminder was sent within seven days.
    """
    today = timezone.localdate(now)
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    if today.year <= exercise:
        raise ReminderRefused(
            f"Le bilan {exercise} se fait une fois l’année finie : relancez à partir du 1er janvier {exercise + 1}."
        )
    if not absent:
        raise ReminderRefused(f"{landlord} a déjà envoyé son bilan {exercise} : lisez-le depuis cette page.")
    last = (
        BalanceReminder.objects.filter(landlord=landlord, exercise=exercise, organisation=organisation)
        .order_by("-at")
        .first()
    )
    if last is not None and now - last.at < APART:
        raise ReminderRefused(
            f"Vous avez relancé {landlord} le {day(last.at)} : attendez sept jours, jusqu’au {day(last.at + APART)}."
        )
    return BalanceReminder.objects.create(
        landlord=landlord, exercise=exercise, organisation=organisation, at=now, by=by
    )


def record_balance_download(
    *,
    member: Membership,
    landlord: Landlord,
    year: int,
    territory: Territory | None,
    form: str,
    version: BalanceVersion | None = None,
    now: datetime | None = None,
) -> BalanceDownload:
    """Write who takes which file of a balance, before it is sent. Without `version`: the draft of the day."""
    return BalanceDownload.objects.create(
        landlord=landlord,
        exercise=year,
        territory=territory,
        version=version,
        form=form,
        user_id=member.user_id,
        organisation_id=member.organisation_id,
        at=now or timezone.now(),
    )


def record_paper_taken(
    *,
    member: Membership,
    landlords: Iterable[Landlord],
    year: int,
    territory: Territory,
    form: str = BalanceDownload.Form.PDF,
    now: datetime | None = None,
) -> int:
    """Write who takes a paper of a whole territory, before it is sent: in the journal of each landlord that it
    describes, which reads it there. How many are. One statement."""
    at = now or timezone.now()
    rows = [
        BalanceDownload(
            landlord=landlord,
            exercise=year,
            territory=territory,
            form=form,
            user_id=member.user_id,
            organisation_id=member.organisation_id,
            at=at,
        )
        for landlord in landlords
    ]
    return len(BalanceDownload.objects.bulk_create(rows))


def record_page_read(
    *,
    member: Membership,
    landlords: Iterable[Landlord],
    year: int,
    territory: Territory | None,
    version: BalanceVersion | None = None,
    now: datetime | None = None,
) -> int:
    """Write who reads what is published of these landlords, before it is shown: once a day a page, and never of one's
    own landlord. How many rows. Two statements."""
    at = now or timezone.now()
    others = {each.pk: each for each in landlords if each.organisation_id != member.organisation_id}
    about = {
        "exercise": year,
        "territory": territory,
        "version": version,
        "form": BalanceDownload.Form.PAGE,
        "user_id": member.user_id,
        "organisation_id": member.organisation_id,
    }
    known = BalanceDownload.objects.filter(**about, landlord__in=others, at__gte=_morning(at))
    read = set(known.order_by().values_list("landlord", flat=True)) if others else set()
    rows = [BalanceDownload(**about, landlord=each, at=at) for pk, each in others.items() if pk not in read]
    return len(BalanceDownload.objects.bulk_create(rows))


def _morning(at: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(at), time()))
