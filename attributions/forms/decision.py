"""What the committee decides of each case, one of the five decisions; and the votes of who is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from attributions.models import AgendaCase, BallotLine, BallotVote, CommitteeMember, ProposalEnd
from reservations.forms.convention_acts import WhyField
from reservations.forms.fields import DayField

Kind, Document, Reason, Choice = BallotLine.Kind, BallotLine.Document, ProposalEnd.Reason, BallotVote.Choice

KINDS = [
    (Kind.ALLOCATED, "Attribution"),
    (Kind.RANKED, "Attribution, avec un rang"),
    (Kind.CONDITIONAL, "Attribution sous condition suspensive"),
    (Kind.NOT_ALLOCATED, "Non-attribution"),
    (Kind.INELIGIBLE, "Rejet, demande irrecevable"),
]


def ordinal(rank: int) -> str:
    """« 1er », « 2e »."""
    return "1er" if rank == 1 else f"{rank}e"


def _reasons(reasons: Sequence[str]) -> list[tuple[str, str]]:
    return [("", "Choisir un motif"), *((each, f"{Reason(each).label[0].upper()}{Reason(each).label[1:]}") for each in reasons)]


@dataclass(frozen=True, slots=True)
class CaseFields:
    """The fields of one case, for the template to lay out."""

    letter: str
    kind: forms.BoundField
    rank: forms.BoundField
    document: forms.BoundField
    due: forms.BoundField
    condition_rank: forms.BoundField
    not_allocated: forms.BoundField
    ineligible: forms.BoundField
    text: forms.BoundField

    @property
    def is_bad(self) -> bool:
        """Is there something to correct in this case?"""
        return any(
            field.errors
            for field in (
                self.kind,
                self.rank,
                self.document,
                self.due,
                self.condition_rank,
                self.not_allocated,
                self.ineligible,
                self.text,
            )
        )


class DecisionFields(forms.Form):
    """Five radios a case, with what each decision needs. What a decision not chosen would need is ignored."""

    def add_case(self, letter: str, *, ranks: int, initial: dict[str, Any] | None = None) -> None:
        """The fields of one case, among `ranks` cases. All bear its name: an error says whose it is."""
        label, key, was = f"Dossier {letter}", letter.lower(), initial or {}
        choices = [("", "Choisir"), *((str(n), ordinal(n)) for n in range(1, ranks + 1))]

        def rank() -> forms.TypedChoiceField:
            return forms.TypedChoiceField(
                label=label,
                choices=choices,
                required=False,
                coerce=int,
                empty_value=None,
                initial=was.get("rank"),
                error_messages={"invalid_choice": "choisissez un rang de la liste."},
            )

        def listed(options: list[tuple[str, str]], name: str) -> forms.ChoiceField:
            return forms.ChoiceField(
                label=label,
                choices=options,
                required=False,
                initial=was.get(name),
                error_messages={"invalid_choice": "choisissez dans la liste."},
            )

        self.fields[f"kind_{key}"] = forms.ChoiceField(
            label=label,
            choices=[(value.value, words) for value, words in KINDS],
            widget=forms.RadioSelect,
            initial=was.get("kind"),
            error_messages={
                "required": "choisissez l’une des cinq décisions.",
                "invalid_choice": "choisissez l’une des cinq décisions.",
            },
        )
        self.fields[f"rank_{key}"] = rank()
        documents = [("", "Choisir dans la liste (R441-2-4-1)")]
        documents += [(value, f"{words[0].upper()}{words[1:]}") for value, words in Document.choices]
        self.fields[f"document_{key}"] = listed(documents, "document")
        self.fields[f"due_{key}"] = DayField(
            label=label, required=False, initial=was.get("document_due_on"), help_text="Jour, mois, année : 18/12/2026"
        )
        self.fields[f"condition_rank_{key}"] = rank()
        self.fields[f"not_allocated_{key}"] = listed(_reasons(ProposalEnd.NOT_ALLOCATED), "reason")
        self.fields[f"ineligible_{key}"] = listed(_reasons(ProposalEnd.INELIGIBLE), "reason")
        self.fields[f"text_{key}"] = forms.CharField(
            label=label, required=False, max_length=500, initial=was.get("text")
        )

    def case_fields(self, letter: str) -> CaseFields:
        """The bound fields of a case."""
        key = letter.lower()
        names = ("kind", "rank", "document", "due", "condition_rank", "not_allocated", "ineligible", "text")
        return CaseFields(letter, *(self[f"{name}_{key}"] for name in names))

    def check_case(self, letter: str, *, today: date) -> None:
        """What the chosen decision needs is there."""
        key, given = letter.lower(), self.cleaned_data
        kind = given.get(f"kind_{key}")
        if kind == Kind.RANKED:
            self._need(f"rank_{key}", "donnez-lui un rang, ou choisissez une autre décision.")
        elif kind == Kind.CONDITIONAL:
            self._need(f"document_{key}", "choisissez la pièce qui manque.")
            self._need(f"due_{key}", "écrivez le jour avant lequel la pièce doit être fournie.")
            due = given.get(f"due_{key}")
            if due and due <= today:
                self.add_error(f"due_{key}", "le délai pour fournir la pièce est un jour à venir.")
        elif kind == Kind.NOT_ALLOCATED:
            self._need(f"not_allocated_{key}", "choisissez le motif de la non-attribution : il est notifié par écrit.")
        elif kind == Kind.INELIGIBLE:
            self._need(f"ineligible_{key}", "choisissez le motif du rejet : il est notifié par écrit.")

    def _need(self, field: str, sentence: str) -> None:
        if not self.cleaned_data.get(field) and field not in self.errors:
            self.add_error(field, sentence)

    def terms_of(self, letter: str) -> dict[str, Any]:
        """What was decided of a case, once valid: kind, rank, document, document_due_on, reason, text."""
        key, given = letter.lower(), self.cleaned_data
        kind = given[f"kind_{key}"]
        conditional = kind == Kind.CONDITIONAL
        rank = given[f"rank_{key}"] if kind == Kind.RANKED else given[f"condition_rank_{key}"] if conditional else None
        reason = {Kind.NOT_ALLOCATED: f"not_allocated_{key}", Kind.INELIGIBLE: f"ineligible_{key}"}.get(kind)
        return {
            "kind": kind,
            "rank": rank,
            "document": given[f"document_{key}"] if conditional else "",
            "document_due_on": given[f"due_{key}"] if conditional else None,
            "reason": given[reason] if reason else "",
            "text": given[f"text_{key}"],
        }


class ItemForm(DecisionFields):
    """The decisions of one item; in the room, the votes too, « pour » unless said otherwise."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        cases: Sequence[AgendaCase],
        voters: Sequence[CommitteeMember],
        today: date,
    ) -> None:
        super().__init__(data, auto_id="%s")
        self.cases, self.voters, self.today = list(cases), list(voters), today
        for case in self.cases:
            self.add_case(case.letter, ranks=len(self.cases))
        for voter in self.voters:
            self.fields[f"vote_{voter.pk}"] = forms.ChoiceField(
                label=f"Vote de {voter.full_name}",
                choices=Choice.choices,
                widget=forms.RadioSelect,
                initial=Choice.FOR,
                error_messages={
                    "required": "notez pour, contre ou abstention.",
                    "invalid_choice": "notez pour, contre ou abstention.",
                },
            )

    @property
    def rows(self) -> list[CaseFields]:
        return [self.case_fields(case.letter) for case in self.cases]

    @property
    def vote_rows(self) -> list[tuple[CommitteeMember, forms.BoundField]]:
        return [(voter, self[f"vote_{voter.pk}"]) for voter in self.voters]

    def clean(self) -> dict[str, Any]:
        """Each decision has what it needs; ranks are 1 to n, each once; one household at most without a rank."""
        given = super().clean() or {}
        for case in self.cases:
            self.check_case(case.letter, today=self.today)
        if not self.errors:
            self._check_together()
        return given

    def _check_together(self) -> None:
        kept = [(case.letter, self.terms_of(case.letter)) for case in self.cases]
        kept = [(letter, terms) for letter, terms in kept if terms["kind"] in BallotLine.KEPT]
        taken: dict[int, str] = {}
        for letter, terms in kept:
            field = f"{'condition_' if terms['kind'] == Kind.CONDITIONAL else ''}rank_{letter.lower()}"
            if (rank := terms["rank"]) is None:
                continue
            if rank in taken:
                self.add_error(field, f"le dossier {taken[rank]} est déjà {ordinal(rank)}. Donnez-lui un autre rang.")
            taken.setdefault(rank, letter)
        if not self.errors and taken and sorted(taken) != list(range(1, len(taken) + 1)):
            self.add_error(None, f"Les rangs se suivent à partir du 1er : donnez-les de 1 à {len(taken)}.")
        unranked = [letter for letter, terms in kept if terms["rank"] is None]
        if len(kept) > 1 and unranked:
            several = " et ".join(letter for letter, _ in kept)
            self.add_error(
                f"kind_{unranked[0].lower()}",
                f"les dossiers {several} sont retenus pour un seul logement : donnez un rang à chacun.",
            )

    @property
    def lines(self) -> list[tuple[AgendaCase, dict[str, Any]]]:
        """What is proposed for each case, once valid."""
        return [(case, self.terms_of(case.letter)) for case in self.cases]

    @property
    def votes(self) -> list[tuple[CommitteeMember, str]]:
        """Who voted what, once valid."""
        return [(voter, self.cleaned_data[f"vote_{voter.pk}"]) for voter in self.voters]

    @property
    def consequences(self) -> list[str]:
        """What recording would do, in order; empty until the decisions are complete."""
        if not self.is_bound or self.errors:
            return []
        kept = sorted(
            ((terms["rank"] or 1, case.letter, terms) for case, terms in self.lines if terms["kind"] in BallotLine.KEPT),
            key=lambda row: row[:2],
        )
        said = []
        for place, (_, letter, terms) in enumerate(kept):
            if terms["kind"] == Kind.CONDITIONAL:
                due = f"{terms['document_due_on']:%d/%m/%Y}"
                piece = Document(terms["document"]).label
                said.append(f"Dossier {letter} : retenu si le bailleur reçoit la pièce avant le {due} ({piece}).")
            elif place == 0:
                said.append(f"Dossier {letter} : le bailleur lui envoie une offre ; il a au moins 10 jours pour répondre.")
            else:
                before = kept[place - 1][1]
                said.append(
                    f"Dossier {letter} : l’offre lui passe si le dossier {before} refuse, ou ne répond pas à temps."
                )
        said += [
            f"Dossier {case.letter} : sa candidature se termine, et le motif lui est notifié par écrit "
            f"({Reason(terms['reason']).label})."
            for case, terms in self.lines
            if terms["kind"] not in BallotLine.KEPT
        ]
        return said


class VoteForm(forms.Form):
    """For, against, or neither."""

    choice = forms.ChoiceField(
        label="Votre vote",
        choices=[(Choice.FOR, "Pour"), (Choice.AGAINST, "Contre"), (Choice.ABSTAIN, "Abstention")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez pour, contre ou abstention.",
            "invalid_choice": "Choisissez pour, contre ou abstention.",
        },
    )


class CorrectionForm(DecisionFields):
    """Another decision in the place of one that was wrong, and why."""

    why = WhyField(
        label="Pourquoi rectifier",
        help_text="La première décision reste lisible au procès-verbal ; celle-ci s’y ajoute, avec ce motif.",
        error_messages={"required": "Dites pourquoi la décision est rectifiée : le procès-verbal le garde."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        letter: str,
        ranks: int,
        initial: dict[str, Any],
        today: date,
    ) -> None:
        super().__init__(data, auto_id="%s")
        self.letter, self.today = letter, today
        self.add_case(letter, ranks=ranks, initial=initial)
        self.order_fields([name for name in self.fields if name != "why"])

    @property
    def row(self) -> CaseFields:
        return self.case_fields(self.letter)

    def clean(self) -> dict[str, Any]:
        """The decision has what it needs."""
        given = super().clean() or {}
        self.check_case(self.letter, today=self.today)
        return given

    @property
    def terms(self) -> dict[str, Any]:
        """What is decided now, once valid."""
        return self.terms_of(self.letter)

