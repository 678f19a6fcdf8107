"""The kind of file that states conventions and their rates: a line a contingent."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Max, Q, QuerySet, When

from reservations.imports import delegations, grounds
from reservations.imports.cells import day, percent, percent_cell, text, whole
from reservations.imports.convention_lines import DELEGATES, HOLDER, OTHERS, PLANNED, YEARLY, quota_lines
from reservations.imports.convention_pauses import PAUSES, PAUSES_COLUMN, pauses_in, warn_of_pauses
from reservations.imports.convention_procedure import PROCEDURE_COLUMNS, SAME, procedure_given
from reservations.imports.convention_rates import RATE, RATE_COLUMNS, WHEN, ask_terms, is_row, row_of, split
from reservations.imports.convention_terms import DELAYS, RENEWAL, TERMS, term_columns
from reservations.imports.convention_trials import Rows, put_back, refuse_all, rows_of
from reservations.imports.grounds import ARTICLES, in_a_cell
from reservations.imports.grounds import FREE_ARTICLES_COLUMN as ARTICLES_COLUMN
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Shown, Verdict
from reservations.imports.parties import directory, holder_of, named_so, one_of, place_of, signing_too
from reservations.imports.slices import nicknamed, tried
from reservations.models import (
    Convention,
    Landlord,
    Membership,
    Organisation,
    Quota,
    ReservationHolder,
    Territory,
)
from reservations.models.convention import percent_of
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.operations.convention import draft_convention, sign_convention
from reservations.operations.convention_signature import take_up_signatures
from reservations.operations.convention_terms import (
    QuotaTerms,
    proposed_terms,
    share_of,
    share_of_units,
)
from reservations.operations.pause_carrying import take_up_pauses
from reservations.operations.rate_table import RateTerms, rate_terms
from reservations.operations.terms import ConventionTerms
from reservations.queries.signatories import awaited, perimeters_of
from reservations.refusals import Refusal
from reservations.words import day as in_words

#: By column, the term of the convention that it gives: what is left empty is as the law and usage propose.
GIVEN = TERMS | {ARTICLES: "articles"}
type Group = tuple[int, int, date]
#: What tells a convention from another in a file, and which of several that it does not tell apart is stated.
ONE = ("organisation_id", "perimeter_id", "starts_on")
BINDING_FIRST = (Case(When(status__in=Convention.OPEN, then=1), default=0), "-version", "-pk")


def stated(found: QuerySet[Convention]) -> QuerySet[Convention]:
    """Those that a file states: what binds in its last version, and drafts; not that of an amendment, nor one beside
    what is signed from the same day on, nor a version without effect."""
    binding = Q(status__in=Convention.BINDING) & ~Q(amended_by__status__in=Convention.BINDING)
    kept = found.filter(binding | Q(status__in=Convention.OPEN, amends=None))
    return kept.order_by(*ONE, *BINDING_FIRST).distinct(*ONE)


class Conventions(FileKind):
    """Un contingent d’une convention par ligne."""

    code = "conventions"
    title = "Conventions et leurs taux"
    one, many = "part réservée", "parts réservées"
    says = (
        "Une ligne par contingent : réservataire, taux, périmètre, dates ; et une de plus par taux particulier, avec "
        "les logements où il vaut, la ligne sans critère étant la part générale. Avec une date de signature, la "
        "convention est enregistrée comme signée sur papier ; une partie pour laquelle quelqu’un signe ici est invitée "
        "à signer elle-même. Sans date, elle reste un brouillon. Ce qui est signé ne change que par un avenant."
    )
    columns = (
        Column(
            HOLDER,
            text(120),
            "SIREN ou nom, tel qu’il est enregistré.",
            ("SIREN", "SIREN réservataire", "signataire", "organisation", "nom"),
            required=True,
            example="Ville de Narbonne",
        ),
        Column(
            "contingent",
            whole(1, 6),
            "RPLS, rubrique 63 ; vide quand le réservataire n’en a qu’un.",
            ("code contingent",),
            example="4",
        ),
        Column(
            "périmètre",
            text(140),
            "Le nom ou le code du département ; vide : le territoire du réservataire.",
            ("territoire", "département"),
            example="11",
        ),
        Column(
            RATE, percent, "En pourcentage du flux.", ("part", "pourcentage", "%"), example="12,5", shown=Shown.PERCENT
        ),
        Column(
            YEARLY,
            whole(1, 9_999),
            "À la place du taux : un nombre de logements par an.",
            ("nombre par an",),
            shown=Shown.SUM,
        ),
        Column(PLANNED, whole(1, 99_999), "Le flux annuel sur lequel ce nombre est promis.", ("flux annuel",)),
        Column(
            DELEGATES,
            text(500),
            "Communes et intercommunalités qui proposent au nom du préfet (CCH, L441-1) : SIREN ou nom, entre barres "
            "obliques.",
            ("délégué à", "délégation", "délégations"),
        ),
        *delegations.COLUMNS,
        grounds.COLUMN,
        Column(
            OTHERS,
            text(500),
            "Qui signe aussi, au-delà du bailleur et du réservataire : SIREN ou nom, entre barres obliques.",
            ("signataires", "cosignataires"),
        ),
        Column("rang", whole(1, 999), "Départage en dernier ; vide : à la suite.", ("ordre", "priorité"), example="4"),
        Column("début", day, "Premier jour.", ("date de début", "prise d’effet"), required=True, example="01/01/2026"),
        Column("fin", day, "Dernier jour.", ("date de fin", "échéance"), required=True, example="31/12/2028"),
        Column("signée le", day, "Vide : un brouillon.", ("signature", "date de signature"), example="15/12/2025"),
        *term_columns(("counting_point", *RENEWAL)),
        PAUSES_COLUMN,
        *term_columns(DELAYS),
        *term_columns(("proposal_days", "first_letting_days", "minimum_candidates", "carry_over", "earlier_dues")),
        *term_columns(("first_letting_counts",)),
        *PROCEDURE_COLUMNS,
        ARTICLES_COLUMN,
        *RATE_COLUMNS,
    )
    nicknames = True
    grouped = "cette convention"
    rank = 40

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.is_manager

    def key(self, values: Mapping[str, Any]) -> str:
        """Whose contingent, where, from when, and for which units."""
        return "|".join(
            str(each)
            for each in (
                *(values[HOLDER], values.get("contingent", ""), values.get("périmètre", ""), values["début"]),
                *(values[column] for column in WHEN if column in values),
            )
        )

    def check(self, line: FileLine) -> None:
        """One rate, or units a year on a flow; a row of a table has a rate."""
        values = line.values
        if is_row(line) and RATE not in values:
            line.refuse(RATE, "écrivez le taux de ces logements.")
        if (RATE in values) == (YEARLY in values):
            line.refuse(RATE, "écrivez un taux, ou un nombre de logements par an : l’un des deux.")
        elif YEARLY in values and PLANNED not in values:
            line.refuse(PLANNED, "écrivez le flux annuel sur lequel ce nombre est promis.")
        if values["fin"] < values["début"]:
            line.refuse("fin", "la convention finit avant de commencer.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is recorded already says the same, or is put right on its page; the rest is tried by the acts that will
        write it, then undone: each refusal (caps, sums over 100 %, ranks, perimeters) is shown on its line."""
        groups = self._groups(lines, scope)
        fresh = {group: held for group, held in groups.items() if not self._recorded(group, held, scope)}
        for held in fresh.values():
            for line, _ in held:
                line.verdict = Verdict.NEW
                ask_terms(line)
                self._delegates(line, scope)  # names that nobody answers to are asked
        whole = [pair for pair in fresh.items() if not any(line.is_refused for line, _ in pair[1])]
        accepted: list[Rows] = scope.kept.setdefault("accepted", [])
        for (_, held), outcome in tried(
            whole, lambda pair, _: rows_of(self._make(*pair, scope, tried=True)), lambda: put_back(accepted)
        ):
            if isinstance(outcome, Refusal):
                refuse_all(held, outcome)
            else:
                accepted.append(outcome)

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """A convention: whose, where, from when. By the organisation that is named, however it is."""
        values, known = line.values, scope.kept.setdefault("groups", {})
        asked = (values.get(HOLDER), values.get("périmètre"))
        if asked not in known:
            known[asked] = self._whose(FileLine(line.number, [], dict(values)), scope)
        return (*known[asked], values.get("début"))

    def _whose(self, line: FileLine, scope: Scope) -> tuple[Hashable, Hashable]:
        """The organisation and the perimeter (ids) of a line, which says nothing of it; the text of what nobody answers
        to, all those that answer to a name, None for a cell that nobody can read."""
        if HOLDER not in line.values:
            return None, None
        several = named_so(line, scope, column=HOLDER)
        if len(several) != 1:
            return frozenset(each.pk for each in several) or search_key(line.values[HOLDER]), None if several else ""
        perimeter = self._perimeter(line, several[0], scope)
        return several[0].pk, perimeter.pk if perimeter else None

    def _groups(self, lines: Sequence[FileLine], scope: Scope) -> dict[Group, list[tuple[FileLine, ReservationHolder]]]:
        """The lines of each convention, with their contingents; those that name nobody or no place are refused."""
        groups: dict[Group, list[tuple[FileLine, ReservationHolder]]] = {}
        for line in lines:
            holder = holder_of(line, scope, column=HOLDER)
            if holder is None:
                continue
            perimeter = self._perimeter(line, holder.organisation, scope)
            if perimeter is not None:
                group = (holder.organisation_id, perimeter.pk, line.values["début"])
                groups.setdefault(group, []).append((line, holder))
        return groups

    def _perimeter(self, line: FileLine, organisation: Organisation, scope: Scope) -> Territory | None:
        if not line.values.get("périmètre"):
            perimeters = scope.kept.setdefault("perimeters", {})
            if organisation.pk not in perimeters:
                perimeters[organisation.pk] = list(perimeters_of(organisation)[:2])
            places = perimeters[organisation.pk]
            if len(places) == 1:
                return places[0]
            line.refuse("périmètre", "écrivez le département sur lequel porte cette convention.")
            return None
        kinds = (
            tuple(Territory.Kind) if organisation.kind in Organisation.OWN_TERRITORY else (Territory.Kind.DEPARTEMENT,)
        )
        return place_of(line, "périmètre", kinds, scope)

    def _recorded(self, group: Group, held: Sequence[tuple[FileLine, ReservationHolder]], scope: Scope) -> bool:
        """Is this convention there already? Its lines then say the same, or are refused."""
        organisation, perimeter, starts_on = group
        same = {"organisation": organisation, "perimeter": perimeter, "starts_on": starts_on}
        found = stated(Convention.objects.filter(landlord=scope.landlord, **same)).first()
        if found is None:
            return False
        shares = {quota.holder_id: quota for quota in found.quotas.prefetch_related("rates__territory").order_by("pk")}
        kept = "\n".join(each.strip() for each in found.articles.strip().splitlines())
        for line, holder in held:
            line.target, line.verdict = found.pk, Verdict.SAME
            quota = shares.get(holder.pk)
            if quota is not None and is_row(line):
                if row_of(line, scope).bare not in {rate_terms(rate).bare for rate in quota.rates.all()}:
                    line.refuse(RATE, "cette convention est déjà enregistrée sans ce taux : un avenant le change.")
                continue
            if quota is None or quota.share != self._share(line):
                sentence = (
                    f"{percent_cell(percent_of(quota.share)).removesuffix(' %')} %" if quota else "sans cette part"
                )
                how = "un avenant la change" if not found.is_draft else "modifiez le brouillon sur sa page"
                line.refuse(RATE, f"cette convention est déjà enregistrée ({sentence}) : {how}.")
            elif found.agreed_term != line.values["fin"]:
                line.warn("fin", f"déjà enregistrée jusqu’au {in_words(found.agreed_term)} : cette date reste.")
            elif line.values.get(ARTICLES, kept) != kept:
                line.warn(ARTICLES, "déjà enregistrée avec d’autres articles : un avenant les change.", value="")
            elif DELEGATES in line.values:
                known = {each.delegate_id for each in quota.delegations.order_by("pk")}
                if known != {each.pk for each in self._delegates(line, scope)}:
                    line.warn(DELEGATES, "déjà enregistrée avec d’autres délégataires : un avenant les change.")
        return True

    def _delegates(self, line: FileLine, scope: Scope) -> tuple[Organisation, ...]:
        """Those that a cell names, by a recorded nickname too. One that nobody answers to is asked: the line is
        refused. Those who may be are read once a file."""
        asked = [each.strip() for each in line.values.get(DELEGATES, "").split("/") if each.strip()]
        if asked and "delegates" not in scope.kept:
            known = Organisation.objects.open().filter(kind__in=Organisation.OWN_TERRITORY).order_by("pk")
            scope.kept["delegates"] = directory(known.select_related("territory"))
        found = []
        for name in asked:
            called = nicknamed(name, line, scope)
            one = called.organisation if called else one_of(scope.kept["delegates"], name, line, DELEGATES)
            if one is not None:
                found.append(one)
        if found:
            line.named[DELEGATES] = " / ".join(f"{each.name} (SIREN {each.siren})" for each in found)
        return tuple(found)

    def _share(self, line: FileLine) -> int:
        """In millionths of a unit."""
        values = line.values
        if YEARLY in values:
            return share_of_units(values[YEARLY], values[PLANNED])
        return share_of(Decimal(values[RATE]))

    def _terms(
        self, line: FileLine, holder: ReservationHolder, rank: int, scope: Scope, rows: tuple[RateTerms, ...]
    ) -> QuotaTerms:
        values, delegates = line.values, self._delegates(line, scope)
        terms = QuotaTerms(holder, self._share(line), values.get("rang", rank), delegates, rates=rows)
        by_year = (values[YEARLY], values[PLANNED]) if YEARLY in values else (None, None)
        given, how = grounds.shares_given(values, terms.share, by_year[0]), delegations.scope_in(values)
        return replace(terms, scope=how, grounds=given, yearly_units=by_year[0], planned_flow=by_year[1])

    def _make(
        self, group: Group, held: Sequence[tuple[FileLine, ReservationHolder]], scope: Scope, *, tried: bool = False
    ) -> Convention:
        """Draft it, and sign it when the file says so."""
        assert scope.by is not None  # a person signs
        general, tables = split(held, scope)
        first = general[0][0].values
        for line, _ in held:
            for column in ("fin", "signée le", OTHERS, PAUSES, *GIVEN, *SAME):
                if line.values.get(column, first.get(column)) != first.get(column):
                    raise Refusal(f"Les lignes d’une convention disent la même chose : « {column} » diffère.")
        organisation = held[0][1].organisation
        ranks = Quota.objects.filter(convention__landlord=scope.landlord)
        following = int(ranks.aggregate(last=Max("rank"))["last"] or 0) + 1
        others = signing_too(first.get(OTHERS, ""))
        for line, _ in held if others else ():
            line.named[OTHERS] = " / ".join(f"{each.name} (SIREN {each.siren})" for each in others)
        terms: ConventionTerms = proposed_terms(organisation, first["début"])
        given = {field: first[column] for column, field in GIVEN.items() if column in first}
        convention = draft_convention(
            landlord=scope.landlord,
            organisation=organisation,
            perimeter=Territory.objects.get(pk=group[1]),
            starts_on=first["début"],
            ends_on=first["fin"],
            quotas=[
                self._terms(line, holder, following + place, scope, tuple(tables.get(holder, ())))
                for place, (line, holder) in enumerate(general)
            ],
            terms=replace(terms, **given, **procedure_given(first)),
            others=others,
            by=scope.by,
        )
        if signed_on := first.get("signée le"):
            whose: dict[str, Any] = {"signed_on": signed_on, "by": scope.by, "today": scope.today}
            taken = take_up_signatures(convention=convention, tried=tried, **whose)
            warn_of_pauses(general[0][0], taken)
            if not awaited(taken):
                signed = sign_convention(convention=taken, **whose)
                take_up_pauses(signed, pauses_in(first.get(PAUSES, "")), by=scope.by, today=scope.today)
        return convention

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The landlord's conventions, and everybody that may sign one."""
        return [Convention.objects.filter(landlord=scope.landlord), Organisation.objects.all()]

    def lock(self, scope: Scope) -> None:
        """Signatures of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """Each convention, in the order of the file."""
        for group, held in self._groups(lines, scope).items():
            self._make(group, held, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those of the landlord that bind, in their last version, or are in preparation; no order of the préfet."""
        own = Convention.objects.filter(landlord__organisation=member.organisation_id, prefect_order="")
        held = Quota.objects.filter(convention__in=stated(own).values("pk"))
        held = held.select_related("convention__organisation", "convention__perimeter", "holder")
        held = held.prefetch_related(
            "delegations__delegate", "rates__territory", "convention__signatories__organisation", "convention__pauses"
        )
        seen: set[int] = set()
        for quota in held.order_by("convention__starts_on", "rank", "pk").iterator(chunk_size=500):
            convention = quota.convention
            articles = "" if convention.pk in seen else in_a_cell(convention.articles)
            seen.add(convention.pk)
            yield from quota_lines(quota, articles)

    def after(self) -> str:
        """Their list."""
        return "convention-list"
