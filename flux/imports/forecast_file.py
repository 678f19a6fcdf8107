"""The kind of file that states forecasts, a line a département and year: drafts, and those that were sent elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from flux.models import Forecast, ForecastDispatch, Vacancy
from flux.operations.forecast import MOST, figures_of, take_up_forecast, write_forecast
from reservations.imports.cells import day, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Shown, Verdict, plain
from reservations.imports.parties import place_of
from reservations.imports.slices import try_lines
from reservations.models import Landlord, Membership, Organisation, ReservationHolder, Territory
from reservations.permissions import can_manage_landlord
from reservations.refusals import Refusal

PLACE, YEAR, EXPECTED = "département", "exercice", "logements libérés attendus"
SENT, TO, CONTENT = "envoyé le", "envoyé à", "ce qui fut envoyé"
#: By column, the category of the law that it counts.
SUBTRACTED = {str(each.label): each.value for each in Vacancy.Exclusion}
#: The column that shows what the act refuses.
COLUMN_OF = {"expected": EXPECTED, "sent_on": SENT, "content": CONTENT, TO: TO, "exercise": YEAR} | {
    code: column for column, code in SUBTRACTED.items()
}
#: How the landlord itself is named among those that a content speaks of.
ITSELF = "bailleur"
BETWEEN = " / "


class Forecasts(FileKind):
    """Un prévisionnel par ligne."""

    code = "previsionnels"
    title = "Prévisionnels"
    one, many = "prévisionnel", "prévisionnels"
    says = (
        "Les logements libérés attendus dans une année, et ceux à soustraire. Un prévisionnel déjà envoyé revient tel "
        "qu’il le fut, sans être envoyé de nouveau ; les autres restent des brouillons."
    )
    columns = (
        Column(PLACE, text(140), "Nom ou code.", ("dep",), required=True, example="11"),
        Column(YEAR, whole(2020, 2100), "L’année prévue.", ("année",), required=True, example="2026"),
        Column(
            EXPECTED,
            whole(0, MOST),
            "Soustraits compris.",
            ("attendus",),
            required=True,
            example="240",
            shown=Shown.SUM,
        ),
        *(
            Column(each, whole(0, MOST), "Logements à soustraire ; vide : aucun.", shown=Shown.SUM)
            for each in SUBTRACTED
        ),
        Column(SENT, day, "Vide : un brouillon."),
        Column(TO, text(5_000), f"SIREN de chacun, séparés par «{BETWEEN}»."),
        Column(CONTENT, text(100_000), "Ce que ses lecteurs ont lu, tel que l’archive l’écrit."),
    )
    rank = 58

    def may(self, member: Membership | None) -> bool:
        """Whoever writes the landlord's forecasts."""
        return member is not None and member.landlord is not None and can_manage_landlord(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Where, and which year."""
        return f"{values[PLACE]}|{values[YEAR]}"

    def check(self, line: FileLine) -> None:
        """What was sent says when and what."""
        if (SENT in line.values) != (CONTENT in line.values):
            missing = CONTENT if SENT in line.values else SENT
            line.refuse(missing, "un prévisionnel envoyé dit son jour et ce qui fut envoyé : remplissez les deux.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is written already stays; the rest is tried by the act that will write it, then undone."""
        new: list[list[FileLine]] = []
        for line in lines:
            if (place := self._place(line, scope)) is None:
                continue
            known = self._known(place, line, scope)
            line.verdict = Verdict.NEW if known is None else Verdict.CHANGED
            if known is not None:
                line.target = known.pk
                kept, values = _values_of(known), {name: line.values.get(name, "") for name in _values_of(known)}
                values |= {name: values[name] or 0 for name in SUBTRACTED}
                differing = [name for name in kept if kept[name] != values[name]]
                line.changes = {name: [plain(kept[name]), plain(values[name])] for name in differing if name != CONTENT}
                if not differing:
                    line.verdict = Verdict.SAME
                    continue
            new.append([line])
        try_lines(new, lambda line: self._act(line, scope), lambda field: COLUMN_OF.get(field, YEAR))

    def _act(self, line: FileLine, scope: Scope) -> None:
        place = self._place(line, scope)
        assert place is not None  # it is looked for once a file
        self._write(line, place, scope)

    def _place(self, line: FileLine, scope: Scope) -> Territory | None:
        return place_of(line, PLACE, (Territory.Kind.DEPARTEMENT,), scope)

    def _known(self, place: Territory, line: FileLine, scope: Scope) -> Forecast | None:
        found = Forecast.objects.filter(landlord=scope.landlord, departement=place, exercise=line.values[YEAR])
        return found.prefetch_related("lines", "dispatches__organisation").order_by("pk").first()

    def _write(self, line: FileLine, place: Territory, scope: Scope) -> None:
        assert scope.by is not None  # a person confirms a file
        values = line.values
        figures: dict[str, Any] = {
            "landlord": scope.landlord,
            "departement": place,
            "exercise": values[YEAR],
            "expected": values[EXPECTED],
            "subtracted": {code: values.get(column, 0) for column, code in SUBTRACTED.items()},
            "by": scope.by,
            "today": scope.today,
        }
        if SENT not in values:
            write_forecast(**figures)
            return
        named = [each.strip() for each in values.get(TO, "").split(BETWEEN.strip()) if each.strip()]
        to = list(Organisation.objects.filter(siren__in=named).order_by("name", "siren"))
        if missing := sorted(set(named) - {each.siren for each in to}):
            raise Refusal(
                f"Aucune organisation n’est enregistrée ainsi : {', '.join(missing)}. Ajoutez-la à vos réservataires.",
                field=TO,
            )
        content = _read(values[CONTENT], scope.landlord)
        take_up_forecast(sent_on=values[SENT], to=to, content=content, **figures)

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The forecasts of the landlord."""
        return [
            Forecast.objects.filter(landlord=scope.landlord),
            ForecastDispatch.objects.filter(forecast__landlord=scope.landlord),
        ]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts, one a line."""
        for line in lines:
            self._act(line, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every one of the landlord, drafts too."""
        mine = Forecast.objects.filter(landlord__organisation=member.organisation_id).select_related("departement")
        rows = mine.prefetch_related("lines", "dispatches__organisation").order_by("exercise", "departement__code")
        for each in rows.iterator(chunk_size=500):
            values = {name: str(plain(value)) for name, value in _values_of(each).items()}
            yield {PLACE: each.departement.code, YEAR: str(each.exercise)} | values

    def after(self) -> str:
        """Their list."""
        return "forecast-list"


def _values_of(forecast: Forecast) -> dict[str, Any]:
    """What a forecast says, by column; "" where there is nothing. Read with its lines and its dispatches."""
    expected, *units = figures_of(forecast)
    sent = forecast.sent_at
    to = sorted(each.organisation.siren for each in forecast.dispatches.all())
    return {
        EXPECTED: expected,
        **dict(zip(SUBTRACTED, units, strict=True)),
        SENT: "" if sent is None else timezone.localdate(sent),
        TO: BETWEEN.join(to),
        CONTENT: _written(forecast),
    }


def _written(forecast: Forecast) -> str:
    """What was sent, holders by their SIREN and their contingent: ids are of one installation."""
    if not forecast.content:
        return ""
    found = ReservationHolder.objects.select_related("organisation").in_bulk(
        [each["holder"] for each in forecast.content["targets"]]
    )
    targets = [each | {"holder": _name(found[each["holder"]])} for each in forecast.content["targets"]]
    return json.dumps(forecast.content | {"targets": targets}, ensure_ascii=False, sort_keys=True)


def _name(holder: ReservationHolder) -> str:
    return ITSELF if holder.is_not_reserved else f"{holder.organisation.siren}-{holder.contingent}"


def _read(cell: str, landlord: Landlord) -> dict[str, Any]:
    """As `_written` wrote it, with the ids of here. Raises Refusal on what is not that."""
    holders = ReservationHolder.objects.select_related("organisation")
    try:
        payload = json.loads(cell)
        names = [str(each["holder"]) for each in payload["targets"]]
        sirens = {name.partition("-")[0] for name in names}
        ids = {_name(each): each.pk for each in holders.filter(organisation__siren__in=sirens)}
        own = holders.filter(
            organisation=landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
        )
        ids |= {_name(each): each.pk for each in own}
        if unknown := sorted(set(names) - set(ids)):
            raise Refusal(
                f"Ce qui fut envoyé parle de qui n’est pas enregistré ici : {', '.join(unknown)}. Ajoutez-les à vos "
                "réservataires.",
                field="content",
            )
        return payload | {"targets": [each | {"holder": ids[str(each["holder"])]} for each in payload["targets"]]}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Refusal(
            "Ce n’est pas ce qui fut envoyé : recopiez la cellule entière, telle qu’elle est sortie.", field="content"
        ) from None
