"""The files of transmissions that come in.

* The kind of file that sends households to several units: unit, rank, numéro unique.
* The units that lines of a file name, of those that await candidates of the organisation that gives it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import batched
from typing import Any

from django.db.models import Q, QuerySet

from attributions.households.imports.outcomes import record_file
from attributions.households.imports.sne import unique_number
from attributions.households.models import Application, ApplicationAlias, Proposal
from attributions.households.operations.application import current
from attributions.households.operations.candidate_state import hold_ledgers
from attributions.households.operations.sending import Chosen, propose_and_send
from attributions.households.permissions import can_keep_households
from flux.imports.inventory import UNIT
from flux.models import Routing, Vacancy
from flux.models.unit import LONGEST_REFERENCE
from reservations.imports.cells import siren, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.slices import tried_alone
from reservations.imports.staging import BATCH, laid_down
from reservations.models import FileImport, ImportedLine, Membership, Organisation
from reservations.refusals import Refusal

LANDLORD = "bailleur"


def open_to(organisation: Organisation) -> QuerySet[Vacancy]:
    """The units freed whose candidates this organisation may look for: routed to it, or its own."""
    mine = Q(holder__organisation=organisation.pk) | Q(acting=organisation.pk)
    routed = Routing.objects.filter(mine, closed_at=None).order_by().values("vacancy")
    own = Q(unit__landlord__organisation=organisation.pk) & (
        Q(kind=Vacancy.Kind.EXCLUDED) | Q(pk__in=Routing.objects.filter(closed_at=None).order_by().values("vacancy"))
    )
    return Vacancy.objects.filter(Q(pk__in=routed) | own)


def named_units(lines: Sequence[FileLine], organisation: Organisation) -> dict[int, Vacancy]:
    """By number of line, the freed unit that it names; a line that names none, or several, is refused."""
    places: dict[int, Vacancy] = {}
    for line, named in _may_name(lines, organisation):
        if len(named) == 1:
            [places[line.number]] = named
        elif named:
            line.refuse(LANDLORD, "deux bailleurs ont cette référence : écrivez le SIREN du sien.", value="")
        else:
            line.refuse(UNIT, "aucun logement libéré de cette référence n’attend de candidats de vous.")
    return places


def _may_name(lines: Sequence[FileLine], organisation: Organisation) -> Iterator[tuple[FileLine, list[Vacancy]]]:
    """Each line, with the freed units that bear the name which it gives."""
    names = {line.values[UNIT] for line in lines}
    found = list(
        open_to(organisation)
        .filter(Q(unit__reference__in=names) | Q(unit__rpls_id__in=names))
        .select_related("unit__landlord__organisation", "unit__commune", "unit__programme")
        .prefetch_related("routings__holder__organisation", "routings__acting", "routings__convention")
        .order_by("pk")
    )
    for line in lines:
        name, of = line.values[UNIT], line.values.get(LANDLORD)
        latest = {
            each.unit_id: each
            for each in found
            if name in (each.unit.reference, each.unit.rpls_id) and of in (None, each.unit.landlord.organisation.siren)
        }
        yield line, list(latest.values())


def routing_of(vacancy: Vacancy) -> Routing | None:
    """The one that is open, of a vacancy that `named_units` gave. No query."""
    return next((each for each in vacancy.routings.all() if each.closed_at is None), None)


RANK, NUMBER, FEW = "rang", "numéro unique", "pourquoi moins de candidats"
#: The column where what the act refuses is written.
COLUMN_OF = {"number": NUMBER, "exemption": FEW, "exemption_text": FEW}
#: Stated of the lines of a unit of which another is refused at the end of the file.
BACK = "une autre ligne de ce logement est refusée : corrigez-la, elles entrent ensemble."
#: Candidates of one unit, at most.
MOST = 50


class Transmissions(FileKind):
    """Un ménage par ligne, pour un logement."""

    code = "transmissions"
    title = "Transmission de candidats"
    one, many = "candidat", "candidats"
    says = (
        "Vos ménages, chacun pour un logement qui vous est proposé, dans l’ordre des rangs : ils sont transmis aux "
        "bailleurs quand vous confirmez. Les candidats d’un logement sont transmis ensemble, ou pas du tout. Une fois "
        "écrit, le fichier est effacé : gardez le vôtre."
    )
    columns = (
        Column(
            UNIT,
            text(LONGEST_REFERENCE),
            "La référence du bailleur, ou l’identifiant RPLS.",
            ("référence", "référence du logement", "identifiant RPLS"),
            required=True,
            example="RH-03-009",
        ),
        Column(RANK, whole(1, MOST), "Dans l’ordre où vous les proposez.", required=True, example="1"),
        Column(
            NUMBER,
            unique_number,
            "Les dix-huit caractères de l’attestation, en texte.",
            ("NUD", "NUR", "demande", "numéro de demande"),
            required=True,
            example="011012345678911235",
        ),
        Column(FEW, text(200), "Quand un logement en a moins que la loi n’en demande : une phrase, sans nom."),
        Column(LANDLORD, siren, "Son SIREN, quand deux ont la même référence.", ("SIREN du bailleur",)),
    )
    once = (NUMBER,)
    only_known = True
    naming = (NUMBER,)
    grouped = "ce logement"
    written_together = True
    rank = 76

    def may(self, member: Membership | None) -> bool:
        """Whoever keeps households and proposes them."""
        return can_keep_households(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, which household."""
        return f"{values[UNIT]}|{values.get(LANDLORD, '')}|{values[NUMBER]}"

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """The candidates of one unit are sent together. A SIREN that is absent is read: no other group waits for it."""
        name, of = line.values.get(UNIT), line.values.get(LANDLORD)
        return (name, of) if name is None else (name, of or "")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Each unit is tried by the act that will write it, then undone; who was sent there already stays as it is."""
        places = named_units(lines, scope.organisation)
        known = _households([line.values[NUMBER] for line in lines], scope.organisation)
        sent = _sent(places.values())
        by_unit: dict[int, list[FileLine]] = {}
        for line in lines:
            vacancy = places.get(line.number)
            if vacancy is None:
                continue
            line.target, line.verdict = vacancy.pk, Verdict.NEW
            household = known.get(line.values[NUMBER])
            if household is None:
                line.refuse(NUMBER, "ce ménage n’est pas parmi les vôtres : enregistrez‑le, ou vérifiez le numéro.")
            elif (vacancy.pk, household) in sent:
                line.verdict = Verdict.SAME
            else:
                by_unit.setdefault(vacancy.pk, []).append(line)
        groups = [group for group in by_unit.values() if not any(line.is_refused for line in group)]
        for group in groups:
            # Alone: what a household given twice is refused for is on its own line, whatever else the slice holds.
            outcome = tried_alone(partial(self._send, group, places[group[0].number], known, scope))
            if isinstance(outcome, Refusal):
                for line in group:
                    line.refuse(COLUMN_OF.get(outcome.field or "", UNIT), str(outcome), value="")

    def _send(self, lines: Sequence[FileLine], vacancy: Vacancy, known: Mapping[str, int], scope: Scope) -> None:
        assert scope.by is not None  # a person proposes
        why = next((line.values[FEW] for line in lines if FEW in line.values), "")
        ranked = sorted(lines, key=lambda line: (line.values[RANK], line.number))
        propose_and_send(
            chosen=Chosen(vacancy, routing_of(vacancy), [known[line.values[NUMBER]] for line in ranked]),
            sender=scope.organisation,
            exemption="TOO_FEW" if why else "",
            exemption_text=why,
            by=scope.by,
        )

    def conclude(self, scope: Scope, earlier: Earlier) -> Mapping[str, int]:
        """A household that the file gives for two units keeps back, whole, the unit of the line that is refused; a unit
        that is named two ways is kept back too: its candidates would not be sent together."""
        order = FileImport.objects.get(pk=earlier.import_id)
        laid = ImportedLine.objects.filter(file_import=order).order_by("line")
        _named_alike(laid)
        _given_twice(laid, scope.organisation)
        for refused in laid_down(order, self, [Verdict.REFUSED]):
            naming = [line for line in refused if UNIT in line.values]
            units = {unit.pk for _, named in _may_name(naming, scope.organisation) for unit in named}
            _refuse(laid.filter(verdict=Verdict.NEW, target__in=units), UNIT, "", BACK)
        return {}

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """Which units wait, who is their candidate already, and which requests are known here."""
        return [
            open_to(scope.organisation).values_list("pk", "unit__reference", "unit__rpls_id"),
            Proposal.objects.filter(proposer=scope.organisation).values_list("pk", "status"),
            Application.objects.filter(organisations=scope.organisation).values_list("pk", "number", "closed_on"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one organisation wait for each other."""
        Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.organisation.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the screen, a unit after the other."""
        places = named_units(lines, scope.organisation)
        hold_ledgers({vacancy.pk for vacancy in places.values()})
        known = _households([line.values[NUMBER] for line in lines], scope.organisation)
        by_unit: dict[int, list[FileLine]] = {}
        for line in lines:
            by_unit.setdefault(places[line.number].pk, []).append(line)
        for group in by_unit.values():
            self._send(group, places[group[0].number], known, scope)

    def finish(self, scope: Scope) -> None:
        """The journal has who brought how many files in."""
        record_file(scope, "fichier de transmission")

    def after(self) -> str:
        """The units that still await candidates."""
        return "household-send"


def _named_alike(laid: QuerySet[ImportedLine]) -> None:
    """Refuse each line of a unit that the file names by its reference here, by its RPLS identifier there."""
    named: dict[int | None, dict[str, list[int]]] = {}
    new = laid.filter(verdict=Verdict.NEW, target__isnull=False)
    for pk, key, target in new.values_list("pk", "key", "target").iterator():
        named.setdefault(target, {}).setdefault(_unit(key), []).append(pk)
    for names in named.values():
        for name, lines in names.items() if len(names) > 1 else ():
            others = ", ".join(_beside(name, other) for other in names if other != name)
            sentence = (
                f"le fichier nomme aussi ce logement {others} : nommez‑le de la même façon sur toutes ses lignes."
            )
            _refuse(laid.filter(pk__in=lines), UNIT, "", sentence)


def _beside(name: str, other: str) -> str:
    """The other name of a unit; of the same reference, what differs: the SIREN of its landlord."""
    reference, _, of = other.rpartition("|")
    if reference != name.rpartition("|")[0]:
        return f"« {reference} »"
    return f"« {reference} » avec le SIREN {of}" if of else f"« {reference} » sans SIREN"


def _given_twice(laid: QuerySet[ImportedLine], organisation: Organisation) -> None:
    """Refuse the lines that give, by another of its numbers, a request that an earlier line gives: the first stands."""
    first: dict[int, int] = {}
    new = laid.filter(verdict=Verdict.NEW).values_list("pk", "line", "key")
    for batch in batched(list(new), BATCH):
        numbers = {pk: key.rpartition("|")[2] for pk, _, key in batch}
        known = _households(list(numbers.values()), organisation)
        for pk, at, _ in batch:
            if (state := first.setdefault(known[numbers[pk]], at)) != at:
                sentence = f"ce ménage est déjà donné à la ligne {state}, sous un autre numéro : n’en gardez qu’une."
                _refuse(laid.filter(pk=pk), NUMBER, numbers[pk], sentence)


def _refuse(lines: QuerySet[ImportedLine], column: str, value: str, sentence: str) -> None:
    """Lines that were laid down are not written after all."""
    remarks = [[column, value, sentence, True]]
    lines.update(verdict=Verdict.REFUSED, target=None, changes={}, remarks=remarks)


def _unit(key: str) -> str:
    """Which unit, of the key of a line."""
    return key.rpartition("|")[0]


def _households(numbers: Sequence[str], organisation: Organisation) -> dict[str, int]:
    """The request (id) that each of these numbers leads to, of those that the organisation registered. Two queries."""
    own = Application.objects.filter(organisations=organisation, number__in=numbers).select_related("merged_into")
    also = ApplicationAlias.objects.filter(application__organisations=organisation, number__in=numbers)
    found = {each.number: current(each).pk for each in own.order_by("pk")}
    return found | dict(also.order_by("pk").values_list("number", "application"))


def _sent(vacancies: Iterable[Vacancy]) -> set[tuple[int, int]]:
    """Who was sent for which of these units and is in the running. One query."""
    live = Proposal.objects.live().sent().filter(vacancy__in=[each.pk for each in vacancies])
    return set(live.order_by("pk").values_list("vacancy", "application"))
