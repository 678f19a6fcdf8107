"""What a convention settles of its term, apart from it; what of it cannot be; and what is left of it on a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from reservations.deadlines import period_after
from reservations.models import Convention
from reservations.models.renewal import LONGEST_YEARS, reach, renewals_by
from reservations.operations.delay_terms import TermsRefused, within_bounds
from reservations.operations.procedure_terms import ProcedureTerms
from reservations.words import day, months

#: What parties may agree on: wider is a slip of the keyboard.
MOST_MONTHS, MOST_TIMES, MOST_NOTICE = 120, 30, 24


@dataclass(frozen=True, slots=True)
class RenewalTerms(ProcedureTerms):
    """A field for each column of `reservations.models.renewal`; no months, no tacit renewal."""

    renewal_months: int | None = None
    renewal_times: int | None = None
    notice_months: int | None = None


def check_renewal(terms: RenewalTerms) -> None:
    """Raise TermsRefused at the field of the first of these terms that cannot be."""
    sentence = f"Une reconduction va de 1 à {MOST_MONTHS} mois : écrivez 12 pour un an."
    within_bounds(terms.renewal_months, MOST_MONTHS, sentence, "renewal_months")
    sentence = f"Le nombre de reconductions va de 1 à {MOST_TIMES} : laissez vide si elles sont sans limite."
    within_bounds(terms.renewal_times, MOST_TIMES, sentence, "renewal_times")
    within_bounds(terms.notice_months, MOST_NOTICE, f"Un préavis va de 1 à {MOST_NOTICE} mois.", "notice_months")
    if terms.renewal_months is None:
        for name, what in (("renewal_times", "un nombre de reconductions"), ("notice_months", "un préavis")):
            if getattr(terms, name) is not None:
                raise TermsRefused(
                    f"La convention n’est pas reconduite tacitement, et porte {what} : écrivez pour combien de mois "
                    "elle est reconduite, ou effacez-le.",
                    field=name,
                )
        return
    if terms.notice_months is None:
        raise TermsRefused(
            "La convention est reconduite tacitement : écrivez combien de mois avant le terme une partie peut dire "
            "qu’elle ne l’est pas.",
            field="notice_months",
        )
    if terms.notice_months > terms.renewal_months:
        raise TermsRefused(
            f"Le préavis, {months(terms.notice_months)}, est plus long que la reconduction, "
            f"{months(terms.renewal_months)} : personne ne pourrait dénoncer une période commencée. Raccourcissez le "
            "préavis, ou allongez la reconduction.",
            field="notice_months",
        )
    if terms.renewal_months * (terms.renewal_times or 1) > LONGEST_YEARS * 12:
        raise TermsRefused(
            f"La convention durerait plus de {LONGEST_YEARS} ans : écrivez moins de reconductions, ou aucune limite.",
            field="renewal_times",
        )


def put_end(convention: Convention, ends_on: date) -> None:
    """Write the end agreed on a draft, unsaved: its terms are there. Renewed tacitly, that is its first term, and its
    last day the one that it reaches if nobody says otherwise.

    Raises TermsRefused where nobody could say so before the first term.
    """
    convention.term_on, convention.ends_on = None, ends_on
    if convention.renewal_months is None or convention.notice_months is None:
        return
    late = period_after(ends_on, -convention.notice_months) < convention.starts_on
    if late and convention.amends_id is None:  # of an amendment, the version before said it
        raise TermsRefused(
            f"Le préavis, {months(convention.notice_months)}, est plus long que la convention, du "
            f"{day(convention.starts_on)} au {day(ends_on)} : raccourcissez-le, ou repoussez le dernier jour.",
            field="notice_months",
        )
    convention.term_on = ends_on
    convention.ends_on = reach(ends_on, convention.renewal_months, convention.renewal_times)


def left_on[T: RenewalTerms](convention: Convention, terms: T, on: date) -> tuple[date, T]:
    """(the end, the terms) of what goes on from a day with what a convention says: the term that runs then, and the
    renewals that are left. None is, once it is denounced."""
    term = convention.term(on)
    if convention.term_on is None or convention.renewal_months is None:
        return term, terms
    if term >= convention.ends_on:
        return term, replace(terms, renewal_months=None, renewal_times=None, notice_months=None)
    if convention.renewal_times is None:
        return term, terms
    done = renewals_by(convention.term_on, convention.renewal_months, term)
    return term, replace(terms, renewal_times=convention.renewal_times - done)
