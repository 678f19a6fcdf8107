"""What is printed of a convention: its shares, its terms in words, what an amendment changes, its signed files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db import models
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html

from reservations.models import (
    Convention,
    HistoryEntry,
    LegalParameter,
    Quota,
    Signatory,
    SignedDocument,
)
from reservations.models.clauses import Declaration, columns, declared
from reservations.models.convention import UNIT
from reservations.models.once_a_request import once_a_request, once_in_steps
from reservations.models.procedure import DelayTerms, ProcedureTerms
from reservations.models.renewal import RenewalTerms
from reservations.models.terms import Terms
from reservations.models.together import Steps, read_whole
from reservations.pages.articles import free_text
from reservations.pages.clauses import (
    carried_in_short,
    declined,
    delegated_to,
    grounded,
    homes,
    in_days,
    promised,
    publics,
    scope_in_words,
    sides,
    written_clauses,
)
from reservations.pages.convention_text import Change, ConventionText, Law, Part
from reservations.pages.pauses import endings, in_force, signed_in_words
from reservations.pages.pieces import below, link, muted
from reservations.pages.rates import table_in_words
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.pages.terms import notice_in_short, renewed_in_short
from reservations.queries.conventions import papers_of
from reservations.rounding import THIN
from reservations.words import day

Code = LegalParameter.Code


def convention_text(convention: Convention) -> ConventionText:
    """What to print of one version of a convention. A fixed number of queries.

    Nothing here follows the calendar: the same rows give the same text on any day, hence the same PDF.
    """
    parts = _parts(convention)
    return ConventionText(
        convention=convention,
        parts=parts,
        total=sum(part.quota.share for part in parts),
        agreed_end=_agreed_end(convention),
        fallback=tuple(str(Convention.Fallback(step).label) for step in convention.fallback),
        law=_law(convention.starts_on),
        changes=tuple(_changes(convention, parts)) if convention.amends is not None else (),
        signing=tuple((party, signed_in_words(party)) for party in _parties_of(convention)),
        pauses=tuple(in_force(convention)),
        endings=endings(convention),
    )


@once_in_steps
def signed_documents(convention: Convention) -> Steps[list[SignedDocument]]:
    """The signed files of one version, in the order they came, without their bytes. One query."""
    return (yield from read_whole(convention.documents.select_related("attached_by").defer("content").order_by("pk")))


def _parts(convention: Convention) -> tuple[Part, ...]:
    quotas = (
        convention.quotas.select_related("holder__organisation")
        .prefetch_related("delegations__delegate", "rates__territory")
        .order_by("rank", "pk")
    )
    return tuple(
        Part(
            quota,
            *Fraction(quota.share, UNIT).as_integer_ratio(),
            tuple((delegation.delegate, scope_in_words(delegation)) for delegation in quota.delegations.all()),
        )
        for quota in quotas
    )


def _law(on: date) -> Law:
    in_force = LegalParameter.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)
    values = {parameter.code: parameter.value for parameter in in_force.order_by("code")}

    def whole(code: Code) -> int | None:
        return int(values[code]) if code in values else None

    def percentage(code: Code) -> str | None:
        return f"{_figure(values[code])}{THIN}%" if code in values else None

    due = whole(Code.FORECAST_DUE)
    return Law(
        state_cap=percentage(Code.STATE_SHARE_MAX),
        agents_cap=percentage(Code.STATE_AGENTS_SHARE_MAX),
        outside_qpv_minimum=percentage(Code.STATE_OUTSIDE_QPV_MIN),
        outside_qpv=int(values[least] * UNIT / 100) if (least := Code.STATE_OUTSIDE_QPV_MIN) in values else None,
        derogation_months=whole(Code.DEROGATION_MONTHS_MAX),
        notice_months=whole(Code.TERMINATION_NOTICE_MONTHS),
        minimum_candidates=whole(Code.MINIMUM_CANDIDATES),
        report_day=date_format(date(2000, *divmod(due, 100)), "j F") if due else None,
    )


def _changes(convention: Convention, parts: tuple[Part, ...]) -> Iterator[Change]:
    """Term by term, what differs from the version before; the date of effect is not a change."""
    before = convention.amends
    assert before is not None
    old, new = (
        in_words(version, [part.quota for part in its], agreed_end=_agreed_end(version))
        for version, its in ((before, _parts(before)), (convention, parts))
    )
    for term in [*old, *(term for term in new if term not in old)]:
        if old.get(term) != new.get(term):
            yield Change(term, old.get(term, "–"), new.get(term, "–"))


def in_words(convention: Convention, quotas: Iterable[Quota], *, agreed_end: date) -> dict[str, str]:
    """Every term of a version by its name, as words to compare and to read. No query.

    `quotas` come with their holders, delegations and rates; `agreed_end` is the end that the parties signed.
    """
    words = {"Fin de la convention": day(agreed_end), "Reconduction tacite": renewed_in_short(convention)}
    if convention.is_renewed:
        words["Préavis de non-reconduction"] = notice_in_short(convention)
    if beside := _parties_of(convention)[2:]:
        words["Autres signataires"] = ", ".join(party.organisation.name for party in beside)
    for quota in quotas:
        words[f"Part : {quota.holder}"] = promised(quota)
        words[f"Rang : {quota.holder}"] = str(quota.rank)
        if delegates := [delegated_to(delegation) for delegation in quota.delegations.all()]:
            words[f"Délégation : {quota.holder}"] = ", ".join(delegates)
        if table := table_in_words(quota):
            words[f"Taux : {quota.holder}"] = table
        if quota.declined:
            words[f"Ne prend pas : {quota.holder}"] = declined(quota)
        for units, each in grounded(quota):
            words[f"Fondements : {quota.holder}{f', {units}' if units else ''}"] = each
    written = free_text(convention.articles)
    if written.preamble:
        words["Préambule"] = " ".join(written.preamble)
    for article in written.articles:
        words[f"Article libre : {article.title}"] = " ".join(article.paragraphs)
    return words | {
        **{clause.row: _agreed(convention, name, clause) for name, clause in ordered() if clause.row},
        **{f"Clause : {title}": " ".join(text.split()) for title, text in written_clauses(convention)},
    }


def ordered() -> list[tuple[str, Declaration]]:
    """The declared terms, in the order of a table of terms: how units are counted, before days and publics."""
    before = [*declared(RenewalTerms), *declared(DelayTerms), *declared(ProcedureTerms)]
    return sorted(declared(Terms).items(), key=lambda each: each[0] in before)


def _agreed(convention: Convention, name: str, clause: Declaration) -> str:
    """What a version says of a declared term, in short."""
    value, column = getattr(convention, name), columns(Terms)[name]
    if name in IN_SHORT:
        return IN_SHORT[name](convention)
    if isinstance(column, models.BooleanField):
        return clause.yes if value else clause.no
    if column.choices:
        return str(dict(column.flatchoices).get(value) or clause.nothing)
    return str(value or clause.nothing) if clause.nothing else in_days(value, convention.day_unit)


def _parties_of(convention: Convention) -> list[Signatory]:
    """The landlord and the holder first. No query when they were read with it."""
    return sorted(convention.signatories.all(), key=lambda party: party.pk)


@once_a_request
def _agreed_end(convention: Convention) -> date:
    """The end that the parties signed, the first term where it is renewed: an amendment cuts the version before
    on its eve, an end or a termination too."""
    if convention.term_on is not None:
        return convention.term_on
    cuts = (HistoryEntry.Act.AMENDED, HistoryEntry.Act.ENDED, HistoryEntry.Act.TERMINATED)
    cut = HistoryEntry.objects.about(convention).filter(act__in=cuts).first()
    agreed = cut.details.get("ends_on") if cut is not None else None
    return date.fromisoformat(agreed[0]) if agreed else convention.ends_on


def _unoffered(convention: Convention) -> str:
    return f"si la cause est {sides(convention.not_offered)}" if convention.not_offered else "rien"


def _publics(convention: Convention) -> str:
    words = publics(convention)
    return f"{words} ; un autre candidat est {convention.get_outside_publics_display()}" if words else "tous"


def _restarts(convention: Convention) -> str:
    if convention.new_candidates_days is None:
        return "le délai ne repart pas"
    given = in_days(convention.new_candidates_days, convention.day_unit)
    return f"{given}, après le refus de : {sides(convention.clock_restarts)}"


def _fallback(convention: Convention) -> str:
    return ", puis ".join(str(Convention.Fallback(step).label) for step in convention.fallback) or "aucun ordre convenu"


def _returned_cap(convention: Convention) -> str:
    return f"{homes(convention.returned_cap)} au plus" if convention.returned_cap else "sans plafond"


#: Terms that one says in words of their own.
IN_SHORT: dict[str, Callable[[Convention], str]] = {
    "carry_over": carried_in_short,
    "fallback": _fallback,
    "new_candidates_days": _restarts,
    "not_offered": _unoffered,
    "publics": _publics,
    "returned_cap": _returned_cap,
}


def _figure(value: Decimal) -> str:
    """Without idle zeros, with a comma."""
    return f"{value.normalize():f}".replace(".", ",")


def awaited_papers(convention: Convention, documents: Iterable[SignedDocument]) -> str:
    """« Papier à joindre : mise en demeure. »: those of the dated acts whose paper is not joined; "" when none lacks.
    The parties of the convention are fetched."""
    joined = {each.paper for each in documents} | {SignedDocument.Paper.CONVENTION}
    lacking = [str(each.label) for each in papers_of(convention) if each not in joined]
    return f"Papier à joindre : {', '.join(lacking)}." if lacking else ""


def documents_table(documents: Iterable[SignedDocument]) -> Table:
    """The signed files of a convention, each with its digest, cut where a narrow page may cut it."""
    note = "Gardées telles qu’elles ont été jointes, avec leur empreinte SHA-256."
    return Rows(
        documents,
        Shown(
            "Fichier",
            lambda each: below(
                link(reverse("document-download", args=[each.pk]), each.name), muted(each.get_paper_display(), "small")
            ),
        ),
        Shown(Head("Joint", ""), lambda each: f"{day(each.attached_at)}, par {each.attached_by}"),
        Number("Taille", lambda each: filesizeformat(each.size)),
        Shown(
            "Empreinte",
            lambda each: format_html(
                "<code>{}<wbr>{}<wbr>{}<wbr>{}</code>", *(each.sha256[at : at + 16] for at in (0, 16, 32, 48))
            ),
        ),
    ).titled("", "Pièces signées", note)
