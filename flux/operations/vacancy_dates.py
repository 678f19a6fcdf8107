"""Are the dates of a declaration plausible? Refused, to be confirmed, or ordinary: never entered in silence.

A unit belongs to the exercise of the day it is registered (routing specification, section 6): a notice of last year
enters the account of this one, and whoever declares it has to read so first.
"""

from __future__ import annotations

from datetime import date, timedelta

from flux.models import Vacancy
from reservations.deadlines import months_after
from reservations.refusals import Refusal

#: No notice to quit runs longer; beyond, a date is a slip of the keyboard.
LONGEST_NOTICE = timedelta(days=366)

#: A lease founds no claim three years on (loi n° 89-462, art. 7-1): an older notice is a slip of the keyboard too.
OLDEST_NOTICE = 36

#: Between two tenants works run a few months; beyond three years, a date is a slip of the keyboard too.
LONGEST_WORKS = timedelta(days=1096)

#: In months. A notice runs three at most (loi n° 89-462, art. 15), and a unit empty for three more is « en vacance
#: structurelle » (RPLS): what is older may be true, and is asked.
LATE_NOTICE, LATE_FREE = 6, 3

#: In months. What is subtracted, or outside what shares bear on, is not always followed here until its lease: left
#: again so soon, it is asked whether that is the same departure.
SOON_AGAIN = 12


#: In days. A lease that ends so soon after the unit was free is asked: one departure may have been typed twice.
SHORTEST_LEASE = 15


class VacancyRefused(Refusal):
    """This unit cannot be declared vacant so."""


class VacancyOpen(VacancyRefused):
    """The unit is vacant already, and not let: `vacancy` is the one that is open."""

    def __init__(self, vacancy: Vacancy) -> None:
        self.vacancy = vacancy
        todo = "enregistrez son bail, sur la page « Attribution et bail », ou annulez cette déclaration"
        if vacancy.kind == Vacancy.Kind.TECHNICAL:
            todo = "remettez-le en location, sur sa fiche, ou annulez cette déclaration"
        super().__init__(
            f"{vacancy.unit} est déjà déclaré libéré, libre le {vacancy.available_on:%d/%m/%Y}, et n’est pas loué "
            f"depuis : un logement ne se libère qu’une fois. S’il l’a été, {todo}."
            if vacancy.kind != Vacancy.Kind.TECHNICAL
            else f"{vacancy.unit} est déjà déclaré libéré, libre le {vacancy.available_on:%d/%m/%Y}, en vacance "
            f"technique : un logement ne se libère qu’une fois. S’il redevient louable, {todo}.",
            field="unit",
        )


class DatesToConfirm(VacancyRefused):
    """These dates may be true, and are rarely: the act asks to be confirmed. The sentence says what follows."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="confirmed")


def check_dates(*, notice_on: date, available_on: date, kind: str, today: date) -> None:
    """Raises VacancyRefused for dates that cannot be. A unit that is not let may have been empty for years before its
    works or its demolition are decided: its notice is asked (`ask_of_dates`), however old."""
    if notice_on > today:
        raise VacancyRefused(
            f"Le congé ne peut pas être reçu après aujourd’hui, le {today:%d/%m/%Y}.", field="notice_on"
        )
    if available_on < notice_on:
        raise VacancyRefused(
            "Le logement ne peut pas être libre avant que le congé soit reçu : corrigez l’une des deux dates.",
            field="available_on",
        )
    if available_on > notice_on + LONGEST_NOTICE:
        raise VacancyRefused(
            f"Le logement serait libre le {available_on:%d/%m/%Y}, plus d’un an après le congé : vérifiez l’année.",
            field="available_on",
        )
    if kind != Vacancy.Kind.TECHNICAL and months_after(notice_on, OLDEST_NOTICE) < today:
        raise VacancyRefused(
            f"Le congé serait du {notice_on:%d/%m/%Y}, il y a plus de trois ans : vérifiez l’année. Un logement resté "
            "vide plus longtemps, pour travaux par exemple, se déclare au jour où il redevient louable.",
            field="notice_on",
        )


def check_works(works_end_on: date | None, *, available_on: date) -> None:
    """Raises VacancyRefused for works that end before the unit is free, or so late that a date is a slip."""
    if works_end_on is not None and not available_on <= works_end_on <= available_on + LONGEST_WORKS:
        raise VacancyRefused(
            f"Les travaux finissent entre le jour où le logement est libre, le {available_on:%d/%m/%Y}, et trois ans "
            "plus tard : vérifiez l’année, ou laissez la date vide s’il n’y a pas de travaux.",
            field="works_end_on",
        )


def ask_of_dates(*, notice_on: date, available_on: date, kind: str, today: date, before: Vacancy | None) -> None:
    """Raises DatesToConfirm for dates that may be, and are rarely: of another year, or old; and for a unit whose last
    vacancy, `before` this one, may be the same departure. Both are asked together: one answer is for both."""
    asked = []
    if doubt := _doubt(notice_on, available_on, today):
        asked.append(f"{doubt} {_consequence(notice_on, kind, today)} Vérifiez l’année, puis confirmez.")
    if before is not None and _may_be_the_same(before, notice_on):
        asked.append(
            f"{before.unit} est déjà déclaré libéré, libre le {before.available_on:%d/%m/%Y}, "
            f"{before.get_kind_display()}, et aucun bail n’y est enregistré depuis. Si c’est le même départ, reclassez "
            "cette déclaration, sur la page « Annuler ou reclasser ». S’il a été loué, puis libéré de nouveau, "
            "confirmez."
        )
    elif before is not None and before.is_let and (notice_on - before.available_on).days < SHORTEST_LEASE:
        asked.append(
            f"{before.unit} s’est déjà libéré le {before.available_on:%d/%m/%Y} : deux congés en moins de "
            f"{SHORTEST_LEASE} jours, c’est rare. Vérifiez la date du congé, puis confirmez."
        )
    if asked:
        raise DatesToConfirm(" ".join(asked))


def _may_be_the_same(before: Vacancy, notice_on: date) -> bool:
    """Subtracted, or outside what shares bear on, without a known lease, and free so lately: declared twice, one
    departure would count twice."""
    beside = before.kind in (Vacancy.Kind.EXCLUDED, Vacancy.Kind.OUTSIDE)
    return beside and not before.is_let and months_after(before.available_on, SOON_AGAIN) > notice_on


def _doubt(notice_on: date, available_on: date, today: date) -> str:
    if notice_on.year != today.year or months_after(notice_on, LATE_NOTICE) < today:
        return f"Le congé est du {notice_on:%d/%m/%Y}, {_ago(notice_on, today)}."
    if months_after(available_on, LATE_FREE) < today:
        return f"Le logement serait libre depuis le {available_on:%d/%m/%Y}, {_ago(available_on, today)}."
    return ""


def _consequence(notice_on: date, kind: str, today: date) -> str:
    """In which exercise it counts, and why."""
    counts = "il entre dans le compte" if kind == Vacancy.Kind.IN_FLOW else "il compte dans l’exercice"
    other = f", et non {notice_on.year}" if notice_on.year != today.year else ""
    return (
        f"Enregistré aujourd’hui, {counts} {today.year}{other} : un logement appartient à l’exercice du jour où il est "
        "enregistré, et prend sa place après ceux qui le sont déjà."
    )


def _ago(day: date, today: date) -> str:
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if not months:
        days = (today - day).days
        return f"il y a {days} jour{'s' * (days > 1)}"
    return f"il y a {months} mois"
