"""The files of sne that come in.

* The kind of file that states requests: an export of the SNE, of the applicants (« demandeurs ») or of the housed («
  attributaires »), distinguished by its columns.
* Only what an allocation needs is read: the number, since when, who lives there, resources, DALO. Ages, nationality,
  sex, professional situation and the present home are dropped at once; names and birth dates are not in it.
* What one cell of an export of the SNE says: a number, a day, a figure, a household, a DALO status.
* An empty cell is « non renseigné ». What cannot be read raises CellRefused; what is read but not understood (a
  household, a status) is UNKNOWN, and left « non renseigné » by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from attributions.households.imports.outcomes import record_file
from attributions.households.models import Application, Proposal
from attributions.households.models.priority import FACT_BOUNDS
from attributions.households.operations.application import ApplicationRefused, normalised
from attributions.households.operations.sne_import import (
    ImportRefused,
    SneRow,
    import_applications,
    preview_applications,
)
from attributions.households.permissions import can_register
from reservations.bounds import LONGEST
from reservations.imports.cells import CellRefused
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.table import Unreadable
from reservations.models import Membership, Organisation
from reservations.models.territory import search_key
from reservations.rounding import rounded, steps

__all__ = ["CellRefused", "day_of", "figure_of", "household_of", "is_dalo", "text_of", "unique_number"]

#: What those who read such cells take from here.

#: Above it, a spreadsheet that holds a number as a figure has rounded it.
EXACT = 2**53
SCIENTIFIC = re.compile(r"-?\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
AS_TEXT = (
    "le numéro unique est écrit comme un nombre et a perdu des chiffres : mettez la colonne au format texte, puis "
    "exportez de nouveau."
)

DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})")
FIRST_DAY = date(1980, 1, 1)
#: Day 0 of the spreadsheets.
EPOCH = date(1899, 12, 30)

EMPTY = {"", "-", "non renseigne", "nr", "nc", "non communique", "null", "none", "nan", "n a", "sans objet"}

#: « Composition foyer demandeur », as `search_key` writes it: who is adult, then who is in their charge.
ADULTS = r"(?P<one>personne seule|isolee?|seule?|homme seul|femme seule|parent isole|famille monoparentale)"
COUPLE = r"(?P<two>couple)"
COUNTED = r"(?P<adults>\d{1,2}) adultes?"
CHARGE = r"(?:enfants?|personnes? a charge|pers a charge)"
CHILDREN = (
    rf"(?:(?: avec| et| plus)? (?P<children>\d{{1,2}}|un|une) {CHARGE}| plus (?P<more>\d{{1,2}})| sans enfants?)?"
)
HOUSEHOLD = re.compile(rf"(?:{ADULTS}|{COUPLE}|{COUNTED}){CHILDREN}")

DALO_YES = {"oui", "dalo", "o", "1", "vrai", "prioritaire", "reconnu", "reconnue", "favorable", "reconnu dalo"}
DALO_NO = {"non", "n", "0", "faux", "aucun", "aucune", "neant", "defavorable", "rejet", "rejete", "non reconnu"}


def text_of(value: object) -> str:
    """The text of a cell on one line; "" when it is empty or says that nothing is known.

    Raises CellRefused when it holds no plain value: a formula, an error.
    """
    if isinstance(value, Unreadable):
        raise CellRefused(value.why)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        value = int(value)
    text = " ".join(str(value).split())
    return "" if text.strip(" -") == "" or search_key(text) in EMPTY else text


def unique_number(value: object) -> str:
    """The numéro unique, 18 characters kept as text.

    Raises CellRefused: empty, not written as one, or held as a figure that may have been rounded.
    """
    if isinstance(value, bool | float):
        raise CellRefused(AS_TEXT)
    if isinstance(value, int) and value > EXACT and (int(float(value)) == value or value % 1000 == 0):
        raise CellRefused(AS_TEXT)  # as a spreadsheet that rounded it would have written it
    text = "".join(text_of(value).split()).upper()
    if not text:
        raise CellRefused("il manque le numéro unique.")
    if SCIENTIFIC.fullmatch(text) or re.fullmatch(r"\d+[.,]0*", text):
        raise CellRefused(AS_TEXT)
    try:
        return normalised(text)
    except ApplicationRefused as refused:
        raise CellRefused(str(refused)) from refused


def day_of(value: object, *, today: date) -> date | None:
    """A day; None when empty. Raises CellRefused: no day, or one that cannot be."""
    found: date | None = None
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    elif text := text_of(value):
        found = _written_day(text)
    if found is None:
        return None
    if not FIRST_DAY <= found <= today:
        raise CellRefused(f"le {found:%d/%m/%Y} est hors du possible : de {FIRST_DAY.year} à aujourd’hui.")
    return found


def _written_day(text: str) -> date:
    serial = re.fullmatch(r"(\d{5})(?:[.,]\d+)?", text)
    match = DAY.fullmatch(re.split("[ T]", text, maxsplit=1)[0])
    try:
        if serial:
            return EPOCH + timedelta(days=int(serial[1]))
        d, m, y, year, month, day = match.groups() if match else [None] * 6
        return date(int(y or year or 0), int(m or month or 0), int(d or day or 0))
    except ValueError as error:
        raise CellRefused(f"« {text[:30]} » n’est pas une date : écrivez jour, mois, année.") from error


def figure_of(value: object) -> Decimal | None:
    """A figure that can be rounded; None when empty. Raises CellRefused: anything else."""
    if isinstance(value, bool | date):
        raise CellRefused("un nombre est attendu.")
    text = str(value) if isinstance(value, float) else text_of(value)
    plain = "".join(text.replace("€", "").split()).replace(",", ".")
    if not plain:
        return None
    try:
        figure = Decimal(plain)
    except InvalidOperation as error:
        raise CellRefused(f"« {text[:30]} » n’est pas un nombre.") from error
    if not figure.is_finite() or figure.adjusted() > LONGEST:
        raise CellRefused(f"« {text[:30]} » est hors du possible.")
    return figure


def household_of(value: object) -> tuple[int, int] | None:
    """(adults, children), those in their charge among the children; None when it is not understood.

    « Personne seule », « Couple », « 2 adultes », then « avec », « et » or « + », then « 1 enfant », « 2 enfants »,
    « 1 personne à charge » or « sans enfant ». A mere count of persons does not say who is adult.
    """
    match = HOUSEHOLD.fullmatch(search_key(text_of(value).replace("+", " plus ").replace("(", "").replace(")", "")))
    if match is None:
        return None
    adults = int(match["adults"] or (2 if match["two"] else 1))
    children = match["children"] or match["more"] or "0"
    children = 1 if children.startswith("un") else int(children)
    return (adults, children) if 1 <= adults <= 20 and children <= 20 else None


def is_dalo(value: object) -> bool | None:
    """Recognised as DALO; False when empty; None when it is not understood."""
    key = search_key(text_of(value))
    if not key or key in DALO_NO or key.startswith(("non ", "recours", "en cours", "pas ")):
        return False
    return True if key in DALO_YES or key.startswith(("reconnu", "prioritaire", "oui ")) else None


NUMBER, CREATED, SNE_HOUSEHOLD = "Numéro Unique", "Date création demande", "Composition foyer demandeur"
UNITS, INCOME, INCOME_BEFORE = (
    "Nb unités de consommation du foyer",
    "RFR du foyer, année n-1",
    "RFR du foyer, année n-2",
)
CLOSED, DALO, DALO_ON = "Date de la radiation", "Statut DALO", "Date de la décision DALO"
#: What a figure or a day may be is stated once, for every door by which it enters.
BOUNDS = {bound.field: bound for bound in FACT_BOUNDS}
#: The column that gives each fact.
COLUMN_OF = {
    "requested_on": CREATED,
    "adults": SNE_HOUSEHOLD,
    "children": SNE_HOUSEHOLD,
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
            SNE_HOUSEHOLD,
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
    naming = (NUMBER, SNE_HOUSEHOLD)
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
        before = earlier.about(pk for pk, _ in plan.by_line.values() if pk is not None)
        for number, (pk, details) in plan.by_line.items():
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
    if values.get(SNE_HOUSEHOLD) is not None:
        facts["adults"], facts["children"] = values[SNE_HOUSEHOLD]
    if values.get(UNITS) is not None:
        facts["income_units"] = values[UNITS]
    result = next((values[name] for name in (INCOME, INCOME_BEFORE) if values.get(name) is not None), None)
    if result is not None:
        facts["income"] = result
    if values.get(DALO):
        facts["dalo"] = True
        if values.get(DALO_ON) is not None:
            facts["labelled_on"] = values[DALO_ON]
    return SneRow(line.number, values[NUMBER], values.get(CREATED), facts, values.get(CLOSED))
