"""The kind of file that keeps households of one's own, before any unit awaits them: who they are, what they want."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from attributions.households.imports.outcomes import record_file, record_taken
from attributions.households.imports.sne import unique_number
from attributions.households.models import Application, PriorityCategory
from attributions.households.models.priority import FACT_BOUNDS, NEED_BOUNDS
from attributions.households.operations.application import Identity
from attributions.households.operations.needs import communes_of, register_household
from attributions.households.permissions import can_keep_households
from attributions.households.queries.candidates import own
from reservations.imports.cells import choice, day, text, whole, yes_no
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.imports.slices import try_lines
from reservations.models import Membership, Organisation
from reservations.refusals import Refusal

NUMBER, NAME, BORN, SINCE = "numéro unique", "nom", "né le", "demande du"
COMMUNES, UNTIL, PAPERS, DALO, LABELLED = "communes souhaitées", "label jusqu’au", "dossier", "DALO", "labellisé le"
#: The fact of the household, and what it looks for, that each column states.
FACTS = {"adultes": "adults", "enfants": "children", "RFR": "income", "quartile": "income_quartile"} | {
    LABELLED: "labelled_on"
}
NEEDS = {"pièces": "least_rooms", "accessible": "needs_accessible", UNTIL: "labelled_until", PAPERS: "documents"}
IDENTITY = {"number": NUMBER, "name": NAME, "birth_date": BORN, "requested_on": SINCE}
COLUMN_OF = (
    IDENTITY
    | {"priority": DALO, "has_priority": DALO, "wanted_communes": COMMUNES}
    | {name: column for column, name in (FACTS | NEEDS).items()}
)
PAPER_WORDS = {"COMPLETE": "complet", "LACKING": "à compléter"}
BOUNDS = {bound.field: bound for bound in (*FACT_BOUNDS, *NEED_BOUNDS)}


def _within(name: str) -> Any:
    return whole(int(BOUNDS[name].least), int(BOUNDS[name].most))


class Households(FileKind):
    """Un ménage par ligne."""

    code = "menages"
    title = "Ménages"
    one, many = "ménage", "ménages"
    says = (
        "Les ménages que vous gardez ici avant de les proposer, avec ce qu’ils cherchent : aucun bailleur ne les voit "
        "tant que vous ne les transmettez pas. Une case vide n’efface rien. Une fois écrit, le fichier est effacé : "
        "gardez le vôtre."
    )
    columns = (
        Column(
            NUMBER,
            unique_number,
            "Les dix-huit caractères de l’attestation, en texte.",
            ("NUD", "NUR", "numéro unique départemental", "numéro unique régional", "demande", "numéro de demande"),
            required=True,
            example="011012345678911235",
        ),
        Column(
            NAME,
            text(120),
            "Vide : la demande est déjà enregistrée chez vous.",
            ("demandeur", "nom du demandeur"),
            example="DUPONT Marie",
        ),
        Column(BORN, day, "Du titulaire de la demande.", ("date de naissance",)),
        Column(SINCE, day, "Le jour où elle a été créée.", ("date création demande", "date de la demande")),
        Column("adultes", _within("adults"), "Qui vivront là.", ("nombre d’adultes",)),
        Column("enfants", _within("children"), "À charge.", ("nombre d’enfants",)),
        Column("RFR", _within("income"), "En euros, de l’année n-2.", ("revenu fiscal", "ressources")),
        Column("quartile", _within("income_quartile"), "De ressources, de 1 à 4."),
        Column(COMMUNES, text(500), "Noms ou codes INSEE, séparés par « ; ».", ("communes",)),
        Column("pièces", _within("least_rooms"), "Souhaitées, au moins.", ("pièces souhaitées",)),
        Column("accessible", yes_no, "Un logement accessible est nécessaire ; oui ou non.", ("PMR",), soft=True),
        Column(
            DALO,
            yes_no,
            "« oui » quand l’État l’a reconnu ; sinon vide : « non » ne change rien.",
            ("statut DALO",),
            soft=True,
        ),
        Column(LABELLED, day, "Par l’État.", ("date du label",)),
        Column(UNTIL, day, "Dernier jour de la labellisation.", ("fin du label",)),
        Column(
            PAPERS,
            choice({words: code for code, words in PAPER_WORDS.items()}),
            "« complet » ou « à compléter ».",
            ("pièces du dossier",),
            soft=True,
        ),
    )
    only_known = True
    naming = (NUMBER, NAME, BORN, SINCE)
    rank = 73

    def may(self, member: Membership | None) -> bool:
        """Whoever keeps households and proposes them."""
        return can_keep_households(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Its number."""
        return str(values[NUMBER])

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Each is tried by the act that will write it, then undone; what says nothing new stays as it is."""
        known = {
            each.number: each
            for each in Application.objects.filter(
                organisations=scope.organisation, number__in=[line.values[NUMBER] for line in lines]
            ).select_related("priority")
        }
        for line in lines:
            before = known.get(line.values[NUMBER])
            line.target = None if before is None else before.pk
            try:
                needs = self._needs(line, scope)
            except Refusal as refused:
                line.refuse(COMMUNES, str(refused))
                continue
            if before is None and NAME not in line.values:
                line.refuse(NAME, "cette demande n’est pas encore enregistrée chez vous : écrivez le nom du demandeur.")
                continue
            stated = self._facts(line, scope) | needs
            if before is not None:
                if line.values.get(DALO) is False and before.priority is not None and before.priority.code == "DALO":
                    line.warn(DALO, "ce ménage est DALO ici, et le reste : changez sa priorité sur sa page.")
                stated |= {"requested_on": line.values[SINCE]} if SINCE in line.values else {}
                differ = [name for name, value in stated.items() if getattr(before, name) != value]
                named = (NAME in line.values and not before.name) or (BORN in line.values and not before.birth_date)
                line.verdict = Verdict.CHANGED if differ or named else Verdict.SAME
                line.changes = {
                    COLUMN_OF[name]: [_plain_value(getattr(before, name)), _plain_value(stated[name])]
                    for name in differ
                }
            else:
                line.verdict = Verdict.NEW
        waiting = [[line] for line in lines if not line.is_refused and line.verdict != Verdict.SAME]
        try_lines(waiting, lambda line: self._keep(line, scope), lambda field: COLUMN_OF.get(field, NUMBER))

    def _keep(self, line: FileLine, scope: Scope) -> None:
        assert scope.by is not None  # a person imports
        values = line.values
        register_household(
            number=values[NUMBER],
            identity=Identity(values.get(NAME, ""), values.get(BORN), requested_on=values.get(SINCE)),
            facts=self._facts(line, scope),
            needs=self._needs(line, scope),
            organisation=scope.organisation,
            by=scope.by,
        )

    def _facts(self, line: FileLine, scope: Scope) -> dict[str, Any]:
        values = line.values
        facts = {name: values[column] for column, name in FACTS.items() if column in values}
        if values.get(DALO):
            if "dalo" not in scope.kept:
                scope.kept["dalo"] = PriorityCategory.objects.in_force(scope.today).filter(code="DALO").first()
            facts["priority"] = scope.kept["dalo"]
        return facts

    def _needs(self, line: FileLine, scope: Scope) -> dict[str, Any]:
        """Raises NeedsRefused: a commune that nobody knows."""
        values = line.values
        needs = {name: values[column] for column, name in NEEDS.items() if column in values}
        if COMMUNES in values:
            cell = values[COMMUNES]
            found = scope.kept.setdefault("communes", {})
            if cell not in found:
                found[cell] = communes_of(cell)
            needs["wanted_communes"] = found[cell]
        return needs

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The requests that are known here."""
        return [Application.objects.filter(organisations=scope.organisation)]

    def lock(self, scope: Scope) -> None:
        """Imports of one organisation wait for each other."""
        Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.organisation.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the screen."""
        for line in lines:
            self._keep(line, scope)

    def finish(self, scope: Scope) -> None:
        """The journal has who brought how many households in."""
        record_file(scope, "fichier de ménages")

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """The households that the organisation keeps: given back, they change nothing."""
        if not can_keep_households(member):
            return
        for each in own(member.organisation).iterator(chunk_size=500):
            yield _row(each)

    def taken(self, member: Membership, lines: int) -> None:
        """The journal has who takes how many households away."""
        record_taken(member, self.title, lines)

    def after(self) -> str:
        """Their list."""
        return "household-list"


def _plain_value(value: Any) -> Any:
    """As a file keeps it and as people read it."""
    if isinstance(value, list):
        return ", ".join(value)
    return PAPER_WORDS[value] if value in PAPER_WORDS else plain(value)


def _row(each: Application) -> dict[str, str]:
    """A household, as a line of its file."""
    values: dict[str, object] = {column: getattr(each, name) for name, column in IDENTITY.items()}
    values |= {column: getattr(each, name) for column, name in (FACTS | NEEDS).items()}
    values |= {
        COMMUNES: " ; ".join(each.wanted_communes),
        "accessible": {True: "oui", False: "non", None: None}[each.needs_accessible],
        DALO: "oui" if each.priority is not None and each.priority.code == "DALO" else None,
        PAPERS: PAPER_WORDS.get(each.documents),
    }
    return {column: "" if value is None else str(plain(value)) for column, value in values.items()}
