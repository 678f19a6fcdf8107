"""The kind of file that tells requests: an export of the SNE, of the applicants (« demandeurs ») or of the housed
(« attributaires »), told apart by its columns.

Only what an allocation needs is read: the number, since when, who lives there, resources, DALO. Ages, nationality,
sex, professional situation and the present home are dropped at once; names and birth dates are not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from attributions.households.imports.journal import record_file
from attributions.households.imports.sne_cells import day_of, figure_of, household_of, is_dalo, text_of, unique_number
from attributions.households.models import Application, Proposal
from attributions.households.models.household import FACT_BOUNDS
from attributions.households.operations.sne_import import (
    ImportRefused,
    SneRow,
    import_applications,
    preview_applications,
)
from attributions.households.permissions import can_register
from reservations.imports.cells import CellRefused
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.models import Membership, Organisation
from reservations.rounding import rounded, steps

NUMBER, CREATED, HOUSEHOLD = "Numéro Unique", "Date création demande", "Composition foyer demandeur"
UNITS, INCOME, INCOME_BEFORE = (
    "Nb unités de consommation du foyer",
    "RFR du foyer, année n-1",
    "RFR du foyer, année n-2",
)
CLOSED, DALO, DALO_ON = "Date de la radiation", "Statut DALO", "Date de la décision DALO"
#: What a figure or a day may be is said once, for every door by which it enters.
BOUNDS = {bound.field: bound for bound in FACT_BOUNDS}
#: The column that gives each fact.
COLUMN_OF = {
    "requested_on": CREATED,
    "adults": HOUSEHOLD,
    "children": HOUSEHOLD,
    "income_units": UNITS,
    "income": INCOME,
    "has_priority": DALO,
    "priority": DALO,
    "labelled_on": DALO_ON,
    "closed_on": CLOSED,
    "closure": CLOSED,
}


def _within[T](field: str, value: T) -> T:
    """A value within the bounds of its fact. Raises CellRefused with the sentence of the bound."""
    if sentence := BOUNDS[field].fault(value):
        raise CellRefused(f"{sentence[0].lower()}{sentence[1:]}")
    return value


def past_day(cell: str) -> date | None:
    """A day until today; None for what says that it is not known."""
    return day_of(cell, today=timezone.localdate())


def labelled(cell: str) -> date | None:
    """The day of a DALO decision."""
    on = past_day(cell)
    return None if on is None else _within("labelled_on", on)


def units(cell: str) -> Any:
    """Consumption units; no household counts for nothing."""
    figure = figure_of(cell)
    return _within("income_units", rounded(figure, 2)) if figure else None


def income(cell: str) -> int | None:
    """Euros a year, to the unit."""
    figure = figure_of(cell)
    return None if figure is None else _within("income", steps(figure))


def _understood[T](read: Callable[[str], T | None]) -> Callable[[str], T | None]:
    """A cell that says something, and that nobody understands, is left « non renseigné », with a warning."""

    def reader(cell: str) -> T | None:
        if (found := read(cell)) is None and text_of(cell):
            raise CellRefused("elle n’est pas comprise : elle reste « non renseignée ».")
        return found

    return reader


class Requests(FileKind):
    """Une demande par ligne."""

    code = "sne"
    title = "Demandes du SNE"
    one, many = "demande", "demandes"
    says = (
        "L’export des demandeurs ou des attributaires du système national d’enregistrement, tel quel : chaque ligne "
        "devient une demande, ou met à jour celle qui porte ce numéro ; une case vide n’efface rien. Il ne nomme "
        "personne : le nom et la naissance s’enregistrent avec le ménage, quand vous le proposez. Les colonnes qui ne "
        "sont pas lues ne sont pas gardées ; une fois écrit, le fichier est effacé."
    )
    columns = (
        Column(
            NUMBER,
            unique_number,
            "Dix-huit caractères, en texte : un tableur qui l’a pris pour un nombre en a perdu les derniers.",
            required=True,
            example="011012345678911235",
        ),
        Column(CREATED, past_day, "Le jour où la demande a été créée.", example="12/03/2024"),
        Column(
            HOUSEHOLD,
            _understood(household_of),
            "« Personne seule », « Couple » ou « 2 adultes », puis « avec 1 enfant », « + 2 » ou « 1 personne à "
            "charge ».",
            soft=True,
            example="Couple avec 1 enfant",
        ),
        Column(UNITS, units, "Du foyer, deux décimales au plus.", example="1,8"),
        Column(INCOME, income, "En euros. Le quartile n’en est pas déduit : il change chaque année.", example="18400"),
        Column(INCOME_BEFORE, income, "Sert quand celui de l’année n-1 manque."),
        Column(
            CLOSED,
            past_day,
            "Export des attributaires, sur chaque ligne : la demande est radiée ce jour-là. Sans cette colonne, ce "
            "sont des demandeurs.",
            example="15/09/2024",
        ),
        Column(DALO, _understood(is_dalo), "Reconnu ou non.", soft=True),
        Column(DALO_ON, labelled, "Le jour de la décision."),
    )
    only_known = True
    naming = (NUMBER, HOUSEHOLD)
    breaks = True
    rank = 74

    def may(self, member: Membership | None) -> bool:
        """Whoever registers requests."""
        return can_register(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Its number."""
        return str(values[NUMBER])

    def reader(self, places: Mapping[str, int]) -> Callable[[FileLine], None]:
        """In the export of the housed, a line without its day of closure is refused: how long a request is kept is
        counted from it."""
        read = super().reader(places)

        def checked(line: FileLine) -> None:
            read(line)
            created, closed = line.values.get(CREATED), line.values.get(CLOSED)
            if line.is_refused or CLOSED not in places:
                return
            if closed is None:
                line.refuse(CLOSED, "elle manque ; sans elle, la durée de conservation ne se compte pas.", value="")
            elif created is not None and closed < created:
                line.refuse(CLOSED, "elle précède la création de la demande.")

        return checked

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """As the act plans it: requests found by any of their numbers, those of others refused."""
        by_number = {line.number: line for line in lines}
        plan = preview_applications(rows=list(map(row_of, lines)), organisation=scope.organisation, today=scope.today)
        for refused in plan.refused:
            by_number[refused.line].refuse(NUMBER, refused.reason)
        before = earlier.about(pk for pk, _ in plan.told.values() if pk is not None)
        for number, (pk, details) in plan.told.items():
            line = by_number[number]
            if pk in before:
                line.refuse(
                    NUMBER, f"cette demande, connue aussi sous un autre numéro, est déjà à la ligne {before[pk]}."
                )
                continue
            line.target = pk
            line.verdict = Verdict.NEW if pk is None else Verdict.CHANGED if details else Verdict.SAME
            line.changes = {COLUMN_OF[field]: pair for field, pair in details.items()} if pk is not None else {}

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The requests that are known here, and which are in the running."""
        return [
            Application.objects.filter(organisations=scope.organisation),
            Proposal.objects.live().filter(proposer=scope.organisation).values_list("pk", "application"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one organisation wait for each other."""
        Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.organisation.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act. Raises ImportRefused: one of these lines is no longer what was read."""
        assert scope.by is not None  # a person imports
        plan = import_applications(rows=list(map(row_of, lines)), organisation=scope.organisation, by=scope.by)
        if plan.refused:
            raise ImportRefused(
                f"Ligne {plan.refused[0].line} : {plan.refused[0].reason} Donnez le fichier de nouveau."
            )

    def finish(self, scope: Scope) -> None:
        """The journal has who brought how many files in."""
        record_file(scope, "export du SNE")

    def after(self) -> str:
        """Their list."""
        return "application-list"


def row_of(line: FileLine) -> SneRow:
    """What a line says of a request; what it leaves empty is left out."""
    values, facts = line.values, dict[str, object]()
    if values.get(HOUSEHOLD) is not None:
        facts["adults"], facts["children"] = values[HOUSEHOLD]
    if values.get(UNITS) is not None:
        facts["income_units"] = values[UNITS]
    said = next((values[name] for name in (INCOME, INCOME_BEFORE) if values.get(name) is not None), None)
    if said is not None:
        facts["income"] = said
    if values.get(DALO):
        facts["dalo"] = True
        if values.get(DALO_ON) is not None:
            facts["labelled_on"] = values[DALO_ON]
    return SneRow(line.number, values[NUMBER], values.get(CREATED), facts, values.get(CLOSED))
