"""Who sent what: the balances of a territory, landlord by landlord and holder by holder (CCH, R441-5 and R441-5-1).

A line is a landlord in a département, as a balance is sent. Read for who oversees: whether a balance came, is complete,
was opened, contested, signed; never what its figures are, which are read beside (`landlord_figures`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from attributions.bilan.queries.deadlines import AnswerKey, Answers, among, deadlines, owed
from attributions.bilan.queries.home import last_reminders
from attributions.bilan.queries.matrix import HolderState, MatrixCell, MatrixRow, MatrixState, Sent
from attributions.bilan.queries.since import since
from flux.models import Forecast, Ledger, PlaceCell, Programme
from flux.queries.forecasts import due_days, is_late
from reservations.models import Convention, Landlord, Organisation, Territory, TerritoryLink
from reservations.models.once_a_request import by_id_steps
from reservations.models.territory import OneOf, end_of, within
from reservations.models.together import Steps, queried, stepwise, together, whole


@stepwise
def matrix_state(
    territory: Territory, exercise: int, *, today: date, reader: int | None = None, reader_signs: bool = True
) -> Steps[MatrixState]:
    """The balances of the landlords that have units in a territory. `reader`: an organisation (id), whose cells are
    shown; `reader_signs`: by the person who reads. Four queries, whatever the landlords, holders and units.
    """
    end = end_of(exercise)
    communes = Territory.objects.communes_within(territory, on=end).order_by().values("pk")
    links = TerritoryLink.objects.on(end).filter(territory__in=communes).order_by()
    (around,), keys = yield from together(
        queried(links.values_list("territory", "container", "territory__departement")),
        owners_in.steps(territory, date(exercise, 1, 1), end),
    )
    owners = {landlord for landlord, _ in keys}
    landlords, departements, due_on, answers, owing, bearing, forecasts, data, reminded = yield from together(
        by_id_steps(Landlord, owners, "organisation"),
        by_id_steps(Territory, {departement for _, departement in keys}),
        due_days.steps([exercise + 1]),
        Answers.read(keys, exercise),
        owed.steps(owners, exercise),
        _bound(owners, exercise, _meets(around)),
        _forecasts(keys, exercise + 1),
        _data(keys, exercise, territory),
        last_reminders.steps(owners, exercise),
    )
    forecast_due = due_on[exercise + 1]
    bound = {key: bearing[key] for key in keys if key in bearing and (key in owing or key in answers.last)}
    due, holders = yield from together(
        deadlines.steps(exercise, {place.region_id for place in departements.values()}),
        _holders(bound, answers, landlords),
    )
    beside = _Beside(bound, answers, reader)
    rows = []
    for key in keys:
        sent, forecast = answers.first.get(key), forecasts.get(key)
        deadline = due[departements[key[1]].region_id]
        units, complete = data.get(key, (0, 0))
        cells = {holder.pk: beside.cell(key, holder.pk) for holder in holders}
        rows.append(
            MatrixRow(
                landlord=landlords[key[0]],
                departement=departements[key[1]],
                owed=key in owing,
                deadline=deadline,
                balance=Sent(sent, deadline.days_late(sent)) if sent else None,
                interim=None if sent else answers.interim.get(key),
                sealed_on=answers.sealed.get(answers.last.get(key, 0)),
                forecast=Sent(forecast, days_late(forecast, forecast_due)) if forecast else None,
                forecast_due=forecast_due,
                units=units,
                complete=complete,
                cells={holder: cell for holder, cell in cells.items() if cell is not None},
                signatory=beside.landlord(key, landlords[key[0]], owed=key in owing),
                open_remarks=sum(len(days) for (balance, _), days in answers.remarks.items() if balance == key),
                reminded=reminded.get(key[0]),
                today=today,
            )
        )
    rows.sort(key=lambda row: (row.landlord.organisation.search_name, row.departement.code))
    unanswered = sum(map(len, answers.remarks.values()))
    return MatrixState(territory, exercise, today, tuple(rows), holders, unanswered, reader_signs)


def days_late(on: date, due: date | None) -> int:
    """Days after the last one on which a forecast was on time; 0 when it was."""
    return (on - due).days + 1 if due is not None and is_late(on, due) else 0


@stepwise
def owners_in(territory: Territory, since: date, until: date) -> Steps[list[AnswerKey]]:
    """Every landlord with a programme in the territory on some day of a period, by the borders of its last day, by
    département. One query, that finds the communes first: the programmes of other territories are not looked at."""
    communes = Territory.objects.filter(within(territory.pk, on=until)).order_by().values("pk")
    asked = (
        Programme.objects.held_between(since, until)
        .filter(OneOf(F("commune_id"), ArraySubquery(communes)), commune__departement__isnull=False)
        .order_by()
        .values_list("landlord", "commune__departement")
        .distinct()
    )
    (rows,) = yield [asked]
    return sorted((landlord, departement) for landlord, departement in rows if departement is not None)


def _meets(around: Iterable[tuple[int, int, int | None]]) -> dict[int, set[int]]:
    """The départements that each place around these communes meets there: {place: départements}, ids. `around`: each
    commune, what contained it in the year, and its département."""
    found: dict[int, set[int]] = defaultdict(set)
    for commune, container, departement in around:
        if departement is not None:
            found[commune].add(departement)
            found[container].add(departement)
    return found


def _bound(
    landlords: Collection[int], exercise: int, meets: Mapping[int, set[int]]
) -> Steps[dict[AnswerKey, set[int]]]:
    """Organisations (ids) whose convention of the year bears on a commune of the territory, by balance. One query."""
    asked = (
        Convention.objects.binding()
        .filter(
            landlord__in=landlords,
            perimeter__in=meets.keys(),
            starts_on__year__lte=exercise,
            ends_on__year__gte=exercise,
        )
        .order_by()
        .values_list("landlord", "perimeter", "organisation")
        .distinct()
    )
    (rows,) = yield [asked]
    found: dict[AnswerKey, set[int]] = defaultdict(set)
    for landlord, perimeter, organisation in rows:
        for departement in meets[perimeter]:
            found[landlord, departement].add(organisation)
    return dict(found)


def _holders(
    bound: Mapping[AnswerKey, set[int]], versions: Answers, landlords: Mapping[int, Landlord]
) -> Steps[tuple[Organisation, ...]]:
    """Those with a convention, or asked to sign; the State first, then by how many balances they are in. One query."""
    count: dict[int, int] = defaultdict(int)
    for organisations in bound.values():
        for organisation in organisations:
            count[organisation] += 1
    for (_, organisation), (signs, _) in versions.dispatches.items():
        if signs:
            count.setdefault(organisation, 0)
    for landlord in landlords.values():
        count.pop(landlord.organisation_id, None)
    found = yield from whole(Organisation.objects.filter(pk__in=count))
    state = Organisation.Kind.STATE
    return tuple(sorted(found, key=lambda each: (each.kind != state, -count[each.pk], each.search_name, each.pk)))


@dataclass(frozen=True, slots=True)
class _Beside:
    """What holders did with the balances, to say where each stands."""

    bound: Mapping[AnswerKey, set[int]]
    answers: Answers
    reader: int | None

    def cell(self, key: AnswerKey, organisation: int) -> MatrixCell | None:
        """Where one holder stands with one balance; None when nothing is asked of it."""
        own, version = organisation == self.reader, self.answers.last.get(key)
        signs, opened = self.answers.dispatches.get((version or 0, organisation), (None, False))
        if not signs and organisation not in self.bound.get(key, ()):
            return None
        if version is None:
            return MatrixCell(HolderState.AWAITED, own=own)
        if waiting := self.answers.remarks.get((key, organisation)):
            return MatrixCell(HolderState.REMARK, waiting[0], own, len(waiting))
        if signed := self.answers.signatures.get((version, organisation)):
            return MatrixCell(HolderState.SIGNED, signed, own=own)
        if signs is None:
            return MatrixCell(HolderState.NOT_SENT, own=own)
        return MatrixCell(HolderState.READ if opened else HolderState.UNOPENED, own=own)

    def landlord(self, key: AnswerKey, landlord: Landlord, *, owed: bool) -> MatrixCell:
        """Where the landlord's own signature stands."""
        unsent = HolderState.AWAITED if owed and key not in self.answers.last else HolderState.NONE
        return self.cell(key, landlord.organisation_id) or MatrixCell(unsent)


def _forecasts(keys: Collection[AnswerKey], exercise: int) -> Steps[dict[AnswerKey, date]]:
    """The day on which each forecast of a year was sent. One query."""
    sent = Forecast.objects.filter(among(keys), exercise=exercise).exclude(sent_at=None)
    (rows,) = yield [sent.values_list("landlord", "departement", "sent_at")]
    return {(landlord, departement): timezone.localdate(at) for landlord, departement, at in rows}


def _data(keys: Collection[AnswerKey], exercise: int, territory: Territory) -> Steps[dict[AnswerKey, tuple[int, int]]]:
    """(units offered in the year, those of them that lack nothing the decree asks) of each balance, from the cells of
    its communes: those of its yearly accounts and of the territory, as the figures read beside (`landlord_figures`),
    less what was recorded after its seal. Two queries."""
    cells: QuerySet[Any, Any] = (
        PlaceCell.objects.filter(
            among(keys, landlord="ledger__landlord", departement="ledger__departement"),
            within(territory.pk, commune="commune", on=end_of(exercise)),
            ledger__in=Ledger.objects.ordinary().order_by().values("pk"),
            year=exercise,
        )
        .order_by()
        .values_list("ledger__landlord", "ledger__departement")
        .annotate(units=Sum("offered"), complete=Sum("described"))
    )
    (rows,), came = yield from together(queried(cells), since.steps({landlord for landlord, _ in keys}, [exercise]))
    found = {(landlord, departement): (units, complete) for landlord, departement, units, complete in rows}
    after = came.lying_in(territory, exercise)
    for each, left in after.placed({each.ledger for each in after.moved if not each.first}):
        key = each.seal.key.landlord, each.seal.key.departement
        units, complete = found.get(key, (0, 0))
        found[key] = units - left.get("offered", 0), complete - left.get("described", 0)
    return found
