"""What the committee decides of each case, one of the five decisions; and the votes of who is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from attributions.households import deliberation
from attributions.households.deliberation import CaseLine
from attributions.households.models import (
    AgendaCase,
    BallotLine,
    BallotVote,
    CaseDecision,
    CommitteeMember,
    ProposalEnd,
)
from attributions.households.operations.ballot import TERMS, LineTerms
from reservations.forms.convention_acts import WhyField
from reservations.forms.fields import DayField, months_away
from reservations.words import of

Kind, Document, Reason, Choice = BallotLine.Kind, BallotLine.Document, ProposalEnd.Reason, BallotVote.Choice

KINDS = [
    (Kind.ALLOCATED, "Attribution"),
    (Kind.RANKED, "Attribution, avec un rang"),
    (Kind.CONDITIONAL, "Attribution sous condition suspensive"),
    (Kind.NOT_ALLOCATED, "Non-attribution"),
    (Kind.INELIGIBLE, "Rejet, demande irrecevable"),
]


#: What is asked beside a decision, and of the refusal of a household that the convention asks to be stated (arrêté of
#: 10 March 2011, article 1, 7° and 9°).
OPTIONAL = "Précision (facultatif)"
TO_EXPLAIN = "Pourquoi, en une phrase, s’il n’est pas retenu : c’est un ménage DALO, et la convention le demande"

#: Where what does not hold with a decision is put right.
WHERE = {str(Kind.RANKED): "rank", str(Kind.NOT_ALLOCATED): "not_allocated", str(Kind.INELIGIBLE): "ineligible"}


def ordinal(rank: int) -> str:
    """« 1er », « 2e »."""
    return "1er" if rank == 1 else f"{rank}e"


def _reasons(reasons: Sequence[str]) -> list[tuple[str, str]]:
    words = {each: str(Reason(each).label) for each in reasons}
    return [("", "Choisir un motif"), *((each, f"{text[0].upper()}{text[1:]}") for each, text in words.items())]


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
    #: What the sentence is asked for: nothing, or the refusal of a household that the convention asks to be stated.
    text_words: str

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

    #: The letters of the cases whose refusal the convention asks to give a reason for.
    to_explain: Collection[str] = ()

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
            label=label, required=False, initial=was.get("document_due_on"), example=months_away(1)
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
        words = TO_EXPLAIN if letter in self.to_explain else OPTIONAL
        return CaseFields(letter=letter, text_words=words, **{name: self[f"{name}_{key}"] for name in names})

    def check_cases(self, letters: Sequence[str], *, day: date) -> None:
        """Each decision has what it needs; then they hold together, by the rules of a deliberation."""
        for letter in letters:
            self._check_case(letter, day=day)
        if not self.errors:
            lines = [self._line(letter) for letter in letters]
            self.show_faults(deliberation.faults(lines, letters=letters, day=day))

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Put what does not hold on the fields of its case; `faults`: a sentence by letter, that begins with it."""
        for letter, sentence in faults.items():
            kind: str = self.cleaned_data.get(f"kind_{letter.lower()}", "")
            about = WHERE.get(kind, "kind")
            field = f"{about}_{letter.lower()}"
            self.add_error(field if field in self.fields else None, sentence.removeprefix(f"Dossier {letter} : "))

    def _line(self, letter: str) -> CaseLine:
        terms = self.terms_of(letter)
        return CaseLine(letter, *(terms[name] for name in ("kind", "rank", "document", "document_due_on", "reason")))

    def _check_case(self, letter: str, *, day: date) -> None:
        key, given = letter.lower(), self.cleaned_data
        kind = given.get(f"kind_{key}")
        if kind == Kind.RANKED:
            self._need(f"rank_{key}", "donnez-lui un rang, ou choisissez une autre décision.")
        elif kind == Kind.CONDITIONAL:
            self._need(f"document_{key}", "choisissez la pièce qui manque.")
            self._need(f"due_{key}", "écrivez le jour avant lequel la pièce doit être fournie.")
            due = given.get(f"due_{key}")
            if due and due <= day:
                self.add_error(f"due_{key}", f"la pièce est attendue après le {day:%d/%m/%Y}.")
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
    """The decisions of one item; in the room, the votes too, « pour » unless stated otherwise."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        cases: Sequence[AgendaCase],
        voters: Sequence[CommitteeMember],
        day: date,
        to_explain: Collection[str] = (),
    ) -> None:
        super().__init__(data, auto_id="%s")
        self.to_explain = to_explain
        self.cases, self.voters, self.day = list(cases), list(voters), day
        for case in self.cases:
            self.add_case(case.letter, ranks=len(self.cases))
        for voter in self.voters:
            self.fields[f"vote_{voter.pk}"] = forms.ChoiceField(
                label=f"Vote {of(voter.full_name)}",
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
        """The decisions hold, each and together."""
        given = super().clean() or {}
        self.check_cases([case.letter for case in self.cases], day=self.day)
        return given

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
        kept = [
            (terms["rank"] or 1, case.letter, terms) for case, terms in self.lines if terms["kind"] in deliberation.KEPT
        ]
        kept.sort(key=lambda row: row[:2])
        rows = []
        for place, (_, letter, terms) in enumerate(kept):
            if terms["kind"] == Kind.CONDITIONAL:
                due = f"{terms['document_due_on']:%d/%m/%Y}"
                piece = Document(terms["document"]).label
                rows.append(
                    f"Dossier {letter} : retenu si le bailleur reçoit la pièce au plus tard le {due} ({piece})."
                )
            elif place == 0:
                rows.append(f"Dossier {letter} : le bailleur lui envoie une offre ; il a 10 jours au moins.")
            else:
                before = kept[place - 1][1]
                rows.append(
                    f"Dossier {letter} : l’offre lui passe si le dossier {before} refuse, ou ne répond pas à temps."
                )
        rows += [
            f"Dossier {case.letter} : sa candidature se termine, et le motif lui est notifié par écrit "
            f"({Reason(terms['reason']).label})."
            for case, terms in self.lines
            if terms["kind"] not in BallotLine.KEPT
        ]
        return rows


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
    """Other decisions in the place of some that were recorded wrong, and why. What stands is there to begin with."""

    why = WhyField(
        label="Pourquoi rectifier",
        help_text="La première décision reste lisible au procès-verbal ; celle-ci s’y ajoute, avec ce motif.",
        error_messages={"required": "Dites pourquoi la décision est rectifiée : le procès-verbal le garde."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        cases: Sequence[AgendaCase],
        decisions: Mapping[str, CaseDecision],
        day: date,
        to_explain: Collection[str] = (),
    ) -> None:
        super().__init__(data, auto_id="%s")
        self.to_explain = to_explain
        self.cases, self.decisions, self.day = list(cases), decisions, day
        for case in self.cases:
            was = {name: getattr(decisions[case.letter], name) for name in TERMS}
            self.add_case(case.letter, ranks=len(self.cases), initial=was)
        self.order_fields([name for name in self.fields if name != "why"])

    @property
    def rows(self) -> list[CaseFields]:
        return [self.case_fields(case.letter) for case in self.cases]

    def clean(self) -> dict[str, Any]:
        """The decisions hold together, and one of them at least is another."""
        given = super().clean() or {}
        self.check_cases([case.letter for case in self.cases], day=self.day)
        if not self.errors:
            changed = [
                case
                for case in self.cases
                if self.changes(self.decisions[case.letter], LineTerms(case=case, **self.terms_of(case.letter)))
            ]
            if not changed:
                self.add_error(None, "Rien n’est changé : choisissez une autre décision, ou revenez au logement.")
        return given

    @staticmethod
    def changes(decision: CaseDecision, terms: LineTerms) -> bool:
        """Is what is given another decision than the one that stands?"""
        return any(getattr(decision, name) != getattr(terms, name) for name in TERMS)
