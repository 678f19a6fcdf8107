"""The acts on terms.

* What a convention settles of its delays, apart from it; and what of it cannot be.
* What a convention settles of its publics and procedure, apart from it; and what of it cannot be.
* What a convention settles of its term, apart from it; what of it cannot be; and what is left of it on a day.
* How far a delegation of the préfet goes: whole or a fraction, for a time, for certain units (CCH, L441-1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, make_dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from reservations.deadlines import period_after
from reservations.models import Convention, Delegation, Organisation
from reservations.models.clauses import columns, declared
from reservations.models.convention import UNIT
from reservations.models.renewal import LONGEST_YEARS, reach, renewals_by
from reservations.models.terms import Side, Terms
from reservations.refusals import Refusal
from reservations.words import day, integer, months


class TermsRefused(Refusal):
    """A term that cannot be; `field` is its column."""


@dataclass(frozen=True, slots=True)
class DelayTerms:
    """How days are counted: columns of `reservations.models.procedure`."""

    day_unit: str = Convention.DayUnit.WORKING
    august_suspended: bool = False
    opens_on: str = Convention.Opening.NOTICE
    signal_days: int | None = None
    local_holidays: bool = False


def check_delays(terms: DelayTerms) -> None:
    """Raise TermsRefused at the field of the first of these terms that cannot be."""
    if terms.day_unit not in Convention.DayUnit.values:
        raise TermsRefused("Choisissez ce qu’est un jour : l’une des réponses de la liste.", field="day_unit")
    if terms.opens_on not in Convention.Opening.values:
        raise TermsRefused("Choisissez ce qui ouvre le flux : l’une des réponses de la liste.", field="opens_on")
    if terms.day_unit == Convention.DayUnit.CALENDAR and terms.local_holidays:
        raise TermsRefused(
            "En jours calendaires, les jours fériés comptent comme les autres : décochez ceux d’Alsace-Moselle, ou "
            "choisissez des jours ouvrés, ou des jours dont le dernier est reporté.",
            field="local_holidays",
        )


def check_bounds(terms: DelayTerms) -> None:
    """Raise TermsRefused at the first count that is out of its bounds; None is « nothing agreed »."""
    for name, clause in declared(Terms).items():
        value = getattr(terms, name)
        if clause.most and value is not None and not 1 <= value <= clause.most:
            raise TermsRefused(clause.bounds, field=name)


#: Characters of one clause: a page or so.
MOST_OF_A_CLAUSE = 4_000


@dataclass(frozen=True, slots=True)
class ProcedureTerms(DelayTerms):
    """Columns of `reservations.models.procedure`. `clauses`: the text of each matter by its code."""

    publics: tuple[str, ...] = ()
    outside_publics: str = Convention.Outside.WARNED
    clauses: dict[str, str] = field(default_factory=dict)


def clause_field(code: str) -> str:
    """The name of the field in which the clause of this matter is typed, and refused."""
    return f"clause_{code.lower()}"


def check_procedure(terms: ProcedureTerms) -> None:
    """Raise TermsRefused at the field of the first of these terms that cannot be."""
    if not set(terms.publics) <= set(Convention.Public.values) or len(set(terms.publics)) < len(terms.publics):
        raise TermsRefused("Choisissez parmi les publics de la liste, chacun une fois.", field="publics")
    if terms.outside_publics not in Convention.Outside.values:
        raise TermsRefused(
            "Dites ce que devient un candidat hors de ces publics : signalé, ou refusé.", field="outside_publics"
        )
    if terms.outside_publics == Convention.Outside.REFUSED and not terms.publics:
        raise TermsRefused(
            "Aucun public n’est choisi, et les autres seraient refusés : choisissez les publics éligibles, ou que les "
            "autres soient signalés.",
            field="publics",
        )
    for code, text in terms.clauses.items():
        _check_clause(code, text)
    if Convention.Clause.DALO_REFUSAL in terms.clauses and not {"DALO"} & set(terms.publics or Convention.Public):
        raise TermsRefused(
            "Une clause règle le refus d’un ménage DALO, et ce public n’est pas éligible : ajoutez-le aux publics, ou "
            "effacez la clause.",
            field=clause_field("DALO_REFUSAL"),
        )


def _check_clause(code: str, text: str) -> None:
    if code not in Convention.Clause.values:
        raise TermsRefused("Choisissez une matière de la liste.", field="clauses")
    title = Convention.Clause(code).label
    if not text.strip():
        raise TermsRefused(f"La clause « {title} » est vide : écrivez-la, ou retirez-la.", field=clause_field(code))
    if len(text) > MOST_OF_A_CLAUSE:
        raise TermsRefused(
            f"La clause « {title} » fait {integer(len(text))} signes : gardez-en {integer(MOST_OF_A_CLAUSE)}, et "
            "écrivez le reste dans un article libre.",
            field=clause_field(code),
        )


@dataclass(frozen=True, slots=True)
class RenewalTerms(ProcedureTerms):
    """Columns of `reservations.models.renewal`; no months, no tacit renewal."""

    renewal_months: int | None = None
    renewal_times: int | None = None
    notice_months: int | None = None


@dataclass(frozen=True, slots=True)
class WrittenTerms(RenewalTerms):
    """Those that an act reads or that a caller gives by name, for their types to be checked.

    `carry_over_cap` and `returned_cap` are in millionths of a unit; delays are in the days of `day_unit`; None is
    « nothing agreed ». `earlier_dues`: "" of what was written before the question was asked.
    """

    counting_point: str = Convention.CountingPoint.ROUTED
    returns_effect: str = Convention.ReturnsEffect.YES_IF_HOLDER_FAULT
    returned_cap: int | None = None
    proposal_days: int | None = None
    first_letting_days: int | None = None
    minimum_candidates: int | None = None
    carry_over: str = Convention.CarryOver.NONE
    carry_over_cap: int | None = None
    earlier_dues: str = Convention.EarlierDues.SETTLED
    first_letting_counts: bool = False
    fallback: tuple[str, ...] = (Convention.Fallback.NEXT, Convention.Fallback.LANDLORD)
    new_candidates_days: int | None = None
    clock_restarts: tuple[str, ...] = (Side.APPLICANT, Side.COMMITTEE)
    not_offered: tuple[str, ...] = (Side.LANDLORD, Side.UNIT)
    management: str = Convention.Management.DIRECT
    articles: str = ""


if TYPE_CHECKING:
    ConventionTerms = WrittenTerms
else:
    #: The terms of one version: a field for each column of `reservations.models.terms`. Those that are written nowhere
    #: else have the default of their column.
    ConventionTerms = make_dataclass(
        "ConventionTerms",
        [
            (name, object, field(default_factory=column.get_default))
            for name, column in columns(Terms).items()
            if name not in WrittenTerms.__dataclass_fields__
        ],
        bases=(WrittenTerms,),
        frozen=True,
        slots=True,
        module=__name__,
    )


def check_renewal(terms: RenewalTerms) -> None:
    """Raise TermsRefused at the field of the first of these terms that cannot be."""
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
    if late and convention.amends_id is None:  # of an amendment, the version before stated it
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


class DelegationRefused(Refusal):
    """The préfet cannot delegate this contingent to this organisation, or so (CCH, L441-1)."""


@dataclass(frozen=True, slots=True)
class DelegationScope:
    """`share` in millionths of the State's units there; without days, those of the convention. `accord_on`, with its
    reference: the mayor's accord that an EPCI asks for."""

    share: int = UNIT
    units: str = Delegation.Units.ALL
    starts_on: date | None = None
    ends_on: date | None = None
    accord_on: date | None = None
    accord_reference: str = ""


WHOLE = DelegationScope()


def scope_of(delegation: Delegation) -> DelegationScope:
    """The same, of a row."""
    return DelegationScope(
        delegation.share,
        delegation.units,
        delegation.starts_on,
        delegation.ends_on,
        delegation.accord_on,
        delegation.accord_reference,
    )


def check_scope(scope: DelegationScope, *, to_somebody: bool) -> None:
    """Raise DelegationRefused when it cannot be, or delegates to nobody."""
    if scope != WHOLE and not to_somebody:
        raise DelegationRefused(
            "Rien n’est délégué à personne : choisissez à qui, ou effacez la part, les jours et les logements "
            "délégués.",
            field="delegates",
        )
    if not 0 < scope.share <= UNIT:
        raise DelegationRefused("Une part déléguée va de plus de 0 % à 100 %.", field="delegated_share")
    if scope.starts_on and scope.ends_on and scope.ends_on < scope.starts_on:
        raise DelegationRefused(
            "La délégation finit avant de commencer : corrigez l’un de ses deux jours.", field="delegated_until"
        )


def check_accord(scope: DelegationScope, delegates: Iterable[Organisation]) -> None:
    """Raise DelegationRefused when an EPCI is delegated to without the mayor's accord, or half of one is given (« avec
    l’accord du maire », CCH, L441-1)."""
    if scope.accord_on is not None and not scope.accord_reference.strip():
        raise DelegationRefused(
            "Écrivez la référence de l’accord du maire : la lettre ou la délibération.", field="accord_reference"
        )
    if scope.accord_on is not None:
        return
    if scope.accord_reference.strip():
        raise DelegationRefused("Écrivez le jour de l’accord du maire.", field="accord_on")
    if (epci := next((each for each in delegates if each.kind == Organisation.Kind.EPCI), None)) is not None:
        raise DelegationRefused(
            f"Le préfet ne délègue à une intercommunalité qu’avec l’accord du maire (CCH, L441-1) : écrivez le jour et "
            f"la référence de cet accord, ou retirez {epci.name}.",
            field="accord_on",
        )
