"""The kind of file that states candidates: a household for a unit, a line each, prepared as on the screen."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from attributions.households.imports.outcomes import record_file, record_taken
from attributions.households.imports.sne import unique_number
from attributions.households.imports.transmissions import LANDLORD, named_units, open_to, routing_of
from attributions.households.models import Application, ApplicationAlias, PriorityCategory, Proposal
from attributions.households.models.priority import FACT_BOUNDS
from attributions.households.operations.application import Identity
from attributions.households.operations.candidate_state import hold_ledgers
from attributions.households.operations.on_paper import proposer_on_paper, send_typed, type_candidate
from attributions.households.operations.proposal import add_candidate
from attributions.households.permissions import PROPOSING, can_register
from flux.imports.inventory import UNIT
from flux.imports.outside import called
from flux.models import Vacancy
from flux.models.unit import LONGEST_REFERENCE
from flux.queries.opening import past_holders
from reservations.imports.cells import day, siren, text, whole, yes_no
from reservations.imports.kinds import Asks, Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.imports.slices import nicknamed_holder, tried, try_lines
from reservations.models import Membership, Organisation, ReservationHolder
from reservations.refusals import Refusal
from reservations.words import towards

NUMBER, NAME, BORN, SINCE = "numéro unique", "nom", "né le", "demande du"
HOLDER, CONTINGENT, RECEIVED, FEW = "réservataire", "contingent", "reçu sur papier le", "pourquoi moins de candidats"
#: The fact of the household that each column states.
FACTS = {"adultes": "adults", "enfants": "children", "RFR": "income", "quartile": "income_quartile"}
#: The column that shows what the act refuses.
COLUMN_OF = (
    {"number": NUMBER, "name": NAME, "birth_date": BORN, "requested_on": SINCE, "priority": "DALO"}
    | {
        "proposer": UNIT,
        "received_on": RECEIVED,
        "exemption": FEW,
        "exemption_text": FEW,
    }
    | {fact: column for column, fact in FACTS.items()}
)
BOUNDS = {bound.field: (int(bound.least), int(bound.most)) for bound in FACT_BOUNDS if bound.field in FACTS.values()}


class Candidates(FileKind):
    """Un candidat par ligne."""

    code = "candidats"
    title = "Candidats"
    one, many = "candidat", "candidats"
    says = (
        "Les ménages que vous proposez, chacun pour un logement qui vous est orienté ou que vous louez vous-même. Ils "
        "sont préparés : vous les relisez et les transmettez sur la page de chaque logement. Un extrait de SYPLO se "
        "donne tel quel, avec le nom des ménages que vous n’avez pas encore enregistrés. Une fois écrit, le fichier "
        "est effacé : gardez le vôtre."
    )
    columns = (
        Column(
            UNIT,
            text(LONGEST_REFERENCE),
            "La référence du bailleur, ou l’identifiant RPLS.",
            ("référence", "référence du logement", "identifiant RPLS", "ident_int", "ident_rep"),
            required=True,
            example="RH-03-009",
        ),
        Column(
            NUMBER,
            unique_number,
            "Les dix-huit caractères de l’attestation, en texte.",
            ("NUD", "NUR", "numéro unique départemental", "numéro unique régional", "demande", "numéro de demande"),
            required=True,
            example="011012345678911235",
        ),
        Column(NAME, text(120), "Vide : la demande est déjà enregistrée chez vous.", ("demandeur", "nom du demandeur")),
        Column(BORN, day, "Du titulaire de la demande.", ("date de naissance",)),
        Column(SINCE, day, "Le jour où elle a été créée.", ("date création demande", "date de la demande")),
        Column("adultes", whole(*BOUNDS["adults"]), "Qui vivront là.", ("nombre d’adultes",)),
        Column("enfants", whole(*BOUNDS["children"]), "À charge.", ("nombre d’enfants",)),
        Column("RFR", whole(*BOUNDS["income"]), "En euros, de l’année n-2.", ("revenu fiscal", "ressources")),
        Column("quartile", whole(*BOUNDS["income_quartile"]), "De ressources, de 1 à 4."),
        Column(
            "DALO",
            yes_no,
            "« oui » quand l’État l’a reconnu ; sinon vide : « non » ne change rien.",
            ("statut DALO",),
            soft=True,
        ),
        Column(
            HOLDER,
            text(120),
            "Pour qui : vérifié, s’il est dit, contre celui vers qui le logement est orienté.",
            ("bénéficiaire", "pour", CONTINGENT),
        ),
        Column(
            RECEIVED,
            day,
            "Pour un bailleur : le jour où un réservataire, pour qui personne n’agit ici, lui a remis ce candidat. Le "
            "fichier le transmet alors en son nom.",
            ("reçu le", "remis le"),
        ),
        Column(FEW, text(200), "Ce que dit ce réservataire quand il en remet moins que la loi n’en demande."),
        Column(LANDLORD, siren, "Son SIREN, quand deux ont la même référence.", ("SIREN du bailleur",)),
    )
    only_known = True
    naming = (NUMBER, NAME, BORN, SINCE)
    nicknames = True
    written_together = True
    rank = 75

    def may(self, member: Membership | None) -> bool:
        """Whoever registers requests; the act says for which unit it may propose."""
        return can_register(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, which household."""
        return f"{values[UNIT]}|{values.get(LANDLORD, '')}|{values[NUMBER]}"

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Who is a candidate of this unit already stays as it is; the rest is tried by the act, then undone."""
        places = self._places(lines, scope)
        known = _candidates(places.values())
        ours = _registered([line.values[NUMBER] for line in lines], scope.organisation)
        on_paper: dict[int, list[FileLine]] = {}
        for line in lines:
            vacancy = places.get(line.number)
            if vacancy is None:
                continue
            line.target = vacancy.pk
            if (vacancy.pk, line.values[NUMBER]) in known:
                line.verdict = Verdict.SAME
                continue
            line.verdict = Verdict.NEW
            if self._is_on_paper(line, vacancy, scope):
                on_paper.setdefault(vacancy.pk, []).append(line)
                continue
            if line.is_refused:
                continue
            if NAME not in line.values and line.values[NUMBER] not in ours:
                line.refuse(NAME, "cette demande n’est pas encore enregistrée chez vous : écrivez le nom du demandeur.")
                continue
            try_lines(
                [[line]],
                lambda each: self._add(each, places[each.number], scope),
                lambda field: COLUMN_OF.get(field, UNIT),
            )
        for _ in tried(
            on_paper.values(),
            lambda held, _: self._send(held, places[held[0].number], scope, tried=True),
            lambda: None,
        ):
            pass  # what is refused is shown on its line

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """The candidates of one unit are sent together."""
        return line.values.get(UNIT), line.values.get(LANDLORD)

    def _is_on_paper(self, line: FileLine, vacancy: Vacancy, scope: Scope) -> bool:
        """Does a landlord type it in the name of a holder that handed it on paper? The line then says whose name, and
        the day; without them, or when that holder acts here, it is refused."""
        if scope.organisation.pk != vacancy.unit.landlord.organisation_id:
            return False
        try:
            who = proposer_on_paper(vacancy, routing_of(vacancy))
        except Refusal as refused:
            line.refuse(UNIT, str(refused))
            return False
        for column in (HOLDER, RECEIVED, NAME, BORN) if who is not None else ():
            if column not in line.values:
                line.refuse(
                    column,
                    f"ce logement est orienté vers {towards(who)}, pour qui personne n’agit ici : si ce candidat vous "
                    "a été remis sur papier, écrivez son réservataire, le jour, le nom et la naissance ; sinon, "
                    "attendez les siens.",
                )
        return who is not None and not line.is_refused

    def _send(self, lines: Sequence[FileLine], vacancy: Vacancy, scope: Scope, *, tried: bool = False) -> None:
        """Type these candidates of one unit in the holder's name, then send them as of the latest day. `tried`: what
        the acts refuse is shown on its line."""
        routing = routing_of(vacancy)
        assert scope.by is not None  # a person of the landlord types
        assert routing is not None  # on paper, the unit is routed
        typed = 0
        for line in lines:
            try:
                type_candidate(
                    vacancy=vacancy,
                    routing=routing,
                    number=line.values[NUMBER],
                    by=scope.by,
                    **self._values_of(line, scope),
                )
                typed += 1
            except Refusal as refused:
                if not tried:
                    raise
                line.refuse(COLUMN_OF.get(refused.field or "", UNIT), str(refused))
        sent_lines = [line for line in lines if not line.is_refused]
        if not typed:
            return
        try:
            send_typed(
                vacancy=vacancy,
                routing=routing,
                received_on=max(line.values[RECEIVED] for line in sent_lines),
                why_few=next((line.values[FEW] for line in sent_lines if FEW in line.values), ""),
                by=scope.by,
            )
        except Refusal as refused:
            if not tried:
                raise
            for line in sent_lines:
                line.refuse(COLUMN_OF.get(refused.field or "", UNIT), str(refused))

    def _places(self, lines: Sequence[FileLine], scope: Scope) -> dict[int, Vacancy]:
        """By number of line, the freed unit that it names, when what it says of its holder is true."""
        by_number = {line.number: line for line in lines}
        found = named_units(lines, scope.organisation)
        return {number: each for number, each in found.items() if self._is_for(by_number[number], each, scope)}

    def _is_for(self, line: FileLine, vacancy: Vacancy, scope: Scope) -> bool:
        """Is what the line says of its holder true? A name that is nobody's may be recorded."""
        routing = routing_of(vacancy)
        if HOLDER not in line.values or routing is None:
            return True
        called = nicknamed_holder(line, HOLDER, scope)
        if called == routing.holder or (called is None and _answers(line.values[HOLDER], [routing.holder])):
            return True
        sentence = f"ce logement est orienté vers {towards(routing.holder)} : vérifiez lequel c’est."
        if called is None and scope.organisation.pk == vacancy.unit.landlord.organisation_id:
            if "past holders" not in scope.kept:
                scope.kept["past holders"] = past_holders(vacancy.unit.landlord, scope.today)
            others = scope.kept["past holders"]
            if not any(_answers(line.values[HOLDER], [each]) for each in others):
                line.ask(Asks.HOLDER, HOLDER, sentence)
                return False
        line.refuse(HOLDER, sentence)
        return False

    def _add(self, line: FileLine, vacancy: Vacancy, scope: Scope) -> None:
        assert scope.by is not None  # a person proposes
        add_candidate(
            vacancy=vacancy,
            routing=routing_of(vacancy),
            number=line.values[NUMBER],
            proposer=scope.organisation,
            by=scope.by,
            **self._values_of(line, scope),
        )

    def _values_of(self, line: FileLine, scope: Scope) -> dict[str, Any]:
        """Who the household is, and what the line says of it."""
        values = line.values
        facts: dict[str, object] = {fact: values[column] for column, fact in FACTS.items() if column in values}
        if values.get("DALO"):
            facts["priority"] = self._dalo(scope)
        who = Identity(values.get(NAME, ""), values.get(BORN), requested_on=values.get(SINCE))
        return {"identity": who, "facts": facts}

    def _dalo(self, scope: Scope) -> PriorityCategory | None:
        if "dalo" not in scope.kept:
            scope.kept["dalo"] = PriorityCategory.objects.in_force(scope.today).filter(code="DALO").first()
        found: PriorityCategory | None = scope.kept["dalo"]
        return found

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """Which units wait, who is their candidate already, and which requests are known here."""
        return [
            open_to(scope.organisation).values_list("pk", "unit__reference", "unit__rpls_id"),
            Proposal.objects.filter(proposer=scope.organisation).values_list("pk", "status"),
            Application.objects.filter(organisations=scope.organisation).values_list("pk", "number", "closed_on"),
            Membership.objects.filter(role__in=PROPOSING).values_list("organisation", "user__is_active"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one organisation wait for each other."""
        Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.organisation.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the screen, in the order of the file."""
        places = self._places(lines, scope)
        hold_ledgers({vacancy.pk for vacancy in places.values()})  # every unit before the first request
        on_paper: dict[int, list[FileLine]] = {}
        for line in lines:
            vacancy = places[line.number]
            if self._is_on_paper(line, vacancy, scope):
                on_paper.setdefault(vacancy.pk, []).append(line)
            else:
                self._add(line, vacancy, scope)
        for held in on_paper.values():
            self._send(held, places[held[0].number], scope)

    def finish(self, scope: Scope) -> None:
        """The journal has who brought how many files in."""
        record_file(scope, "fichier de candidats")

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those that the organisation proposes and that no committee decided of: given back, they are prepared, and
        sent by a person. Whose identity is erased is left out."""
        live = Proposal.objects.visible_to(member).live().exclude(status__in=Proposal.KEPT)
        mine = live.filter(proposer=member.organisation_id, application__pseudonymised_on=None)
        rows = mine.select_related(
            "vacancy__unit__landlord__organisation", "application__merged_into", "routing__holder__organisation"
        )
        for each in rows.prefetch_related("priority").order_by("vacancy", "position", "pk").iterator(chunk_size=500):
            yield _row(each)

    def taken(self, member: Membership, lines: int) -> None:
        """The journal has who takes how many households away."""
        record_taken(member, self.title, lines)

    def after(self) -> str:
        """The units whose candidates one follows."""
        return "file-list"


def _row(proposal: Proposal) -> dict[str, str]:
    """A candidate, as a line of its file."""
    unit, routing = proposal.vacancy.unit, proposal.routing
    root = proposal.application.merged_into or proposal.application
    facts = {column: getattr(proposal, fact) for column, fact in FACTS.items()}
    values: dict[str, object] = {
        UNIT: unit.reference,
        NUMBER: root.number,
        NAME: root.name,
        BORN: root.birth_date,
        SINCE: root.requested_on,
        **{column: None if value is None else int(value) for column, value in facts.items()},
        "DALO": "oui" if proposal.priority is not None and proposal.priority.code == "DALO" else None,
        HOLDER: str(routing.holder) if routing is not None else None,
        LANDLORD: unit.landlord.organisation.siren,
    }
    return {column: "" if value is None else str(plain(value)) for column, value in values.items()}


def _answers(name: str, holders: Sequence[ReservationHolder]) -> bool:
    """Does one of these answer to a name?"""
    try:
        called(name, None, holders)
    except LookupError:
        return False
    return True


def _candidates(vacancies: Iterable[Vacancy]) -> set[tuple[int, str]]:
    """Who is in the running for which of these units, by each number of its request. Two queries."""
    live = Proposal.objects.live().filter(vacancy__in=[each.pk for each in vacancies]).order_by("pk")
    pairs = list(live.values_list("vacancy", "application", "application__number"))
    also = ApplicationAlias.objects.filter(application__in=[pk for _, pk, _ in pairs]).order_by("pk")
    others: dict[int, list[str]] = {}
    for pk, known in also.values_list("application", "number"):
        others.setdefault(pk, []).append(known)
    return {(vacancy, each) for vacancy, pk, first in pairs for each in (first, *others.get(pk, ()))}


def _registered(numbers: Sequence[str], organisation: Organisation) -> set[str]:
    """Those of these numbers whose request the organisation registered. Two queries."""
    own = Application.objects.filter(organisations=organisation, number__in=numbers).order_by("pk")
    also = ApplicationAlias.objects.filter(application__organisations=organisation, number__in=numbers).order_by("pk")
    return {*own.values_list("number", flat=True), *also.values_list("number", flat=True)}
