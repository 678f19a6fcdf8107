"""The kind of file that states how and when a landlord routes: its modes, its decision windows, its first day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from flux.models import DecisionWindow, GoLive, RoutingPolicy
from flux.models.starting import DAYS, LENGTH
from flux.operations.starting import set_decision_window, set_go_live
from flux.operations.stock import set_routing_policy
from flux.permissions import can_manage_stock
from reservations.imports.cells import choice, day, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.imports.slices import try_lines
from reservations.models import Landlord, Membership
from reservations.models.guards import in_order

WHAT, SINCE, MODE_COLUMN, TOGETHER, WAIT = (
    "réglage",
    "à partir du",
    "mode",
    "départs planifiés ensemble",
    "jours d’attente",
)
MODE, WINDOW, START = "mode d’orientation", "fenêtre de décision", "mise en service"
#: What each choice says besides its day.
SAYS: Mapping[str, tuple[str, ...]] = {MODE: (MODE_COLUMN,), WINDOW: (TOGETHER, WAIT), START: ()}
#: The column that shows what the act refuses.
COLUMN_OF = {"mode": MODE_COLUMN, "starts_on": SINCE, "on": SINCE, "length": TOGETHER, "days": WAIT}


class RoutingChoices(FileKind):
    """Un réglage par ligne."""

    code = "reglages"
    title = "Réglages de l’orientation"
    one, many = "réglage", "réglages"
    says = (
        "Comment et depuis quand vous orientez : le mode, les départs planifiés ensemble, le jour de mise en service. "
        "Un jour passé n’est accepté que si rien n’a été décidé ici depuis."
    )
    columns = (
        Column(
            WHAT,
            choice({each: each for each in SAYS}),
            f"« {MODE} », « {WINDOW} » ou « {START} ».",
            required=True,
            example=MODE,
        ),
        Column(SINCE, day, "Le premier jour.", ("depuis", "date"), required=True, example="01/01/2026"),
        Column(
            MODE_COLUMN,
            choice({str(each.label): each.value for each in RoutingPolicy.Mode}),
            "D’un mode d’orientation.",
            example=str(RoutingPolicy.Mode.CONFIRM.label),
        ),
        Column(TOGETHER, whole(LENGTH.least, LENGTH.most), "D’une fenêtre de décision ; 1 : chacun seul."),
        Column(WAIT, whole(DAYS.least, DAYS.most), "D’une fenêtre de décision : jours ouvrés au plus."),
    )
    rank = 55

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager, who chooses them on their pages."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """A landlord begins once; the others are chosen for a day."""
        return START if values[WHAT] == START else f"{values[WHAT]} {values[SINCE]}"

    def check(self, line: FileLine) -> None:
        """Each says what it is made of, and nothing else."""
        asked = SAYS.get(line.values.get(WHAT, ""), ())
        for column in (MODE_COLUMN, TOGETHER, WAIT):
            if column in asked and column not in line.values:
                line.refuse(column, f"un réglage « {line.values[WHAT]} » le dit : remplissez cette cellule.")
            elif column not in asked and column in line.values:
                line.refuse(column, f"un réglage « {line.values[WHAT]} » n’en a pas : videz cette cellule.")
        if line.values.get(TOGETHER) == 1 and line.values.get(WAIT):
            line.refuse(WAIT, "chaque départ décidé seul n’en attend pas d’autres : écrivez 0.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is chosen already stays; the rest is tried by the act that will write it, then undone. Three queries."""
        chosen = _chosen(scope.landlord)
        new: dict[str, list[FileLine]] = {}
        for line in lines:
            known = chosen.get(line.key)
            line.verdict = Verdict.NEW
            if known is not None:
                line.target, kept = known
                values = {name: line.values[name] for name in kept}
                line.changes = {n: [plain(kept[n]), plain(values[n])] for n in kept if kept[n] != values[n]}
                line.verdict = Verdict.CHANGED if line.changes else Verdict.SAME
            if line.verdict != Verdict.SAME:
                new.setdefault(line.values[WHAT], []).append(line)
        try_lines(new.values(), lambda line: _write(line, scope), lambda field: COLUMN_OF.get(field, SINCE))

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """What the landlord chose."""
        return [model.objects.filter(landlord=scope.landlord) for model in (RoutingPolicy, DecisionWindow, GoLive)]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts of the pages, one a line."""
        for line in lines:
            _write(line, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every mode and window by its day, and the latest day chosen to begin."""
        assert member.landlord is not None
        for key, (_, values) in _chosen(member.landlord).items():
            what = next(each for each in SAYS if key.startswith(each))
            mode = values.get(MODE_COLUMN)
            by_key = {name: str(plain(value)) for name, value in values.items()}
            yield {WHAT: what, **by_key} | ({MODE_COLUMN: str(RoutingPolicy.Mode(mode).label)} if mode else {})

    def after(self) -> str:
        """The first of their pages."""
        return "routing-policy"


def _write(line: FileLine, scope: Scope) -> None:
    assert scope.by is not None  # a person confirms a file
    values = line.values
    whose: dict[str, Any] = {"landlord": scope.landlord, "by": scope.by, "from_file": True}
    acts: dict[str, Callable[[], object]] = {
        MODE: lambda: set_routing_policy(mode=values[MODE_COLUMN], starts_on=values[SINCE], today=scope.today, **whose),
        WINDOW: lambda: set_decision_window(
            length=values[TOGETHER], days=values[WAIT], starts_on=values[SINCE], today=scope.today, **whose
        ),
        START: lambda: set_go_live(on=values[SINCE], **whose),
    }
    acts[values[WHAT]]()


def _chosen(landlord: Landlord) -> dict[str, tuple[int, dict[str, Any]]]:
    """What is chosen, by the key of its line: (id, values by column), in the order of the days. Three queries."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for policy in RoutingPolicy.objects.filter(landlord=landlord).order_by("starts_on"):
        values = {SINCE: policy.starts_on, MODE_COLUMN: policy.mode}
        found[f"{MODE} {policy.starts_on}"] = (policy.pk, values)
    for window in DecisionWindow.objects.filter(landlord=landlord).order_by("starts_on"):
        values = {SINCE: window.starts_on, TOGETHER: window.length, WAIT: window.days}
        found[f"{WINDOW} {window.starts_on}"] = (window.pk, values)
    if start := GoLive.objects.filter(landlord=landlord).order_by("-pk").first():
        found[START] = (start.pk, {SINCE: start.on})
    return found
