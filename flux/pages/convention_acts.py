"""What a reader may do with a convention and its suspensions, and what each act changes."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.forms import Form
from django.urls import reverse

from reservations.models import Convention, Organisation
from reservations.pages.pauses import PauseLine
from reservations.pages.pieces import Act
from reservations.words import day, of, to


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page of a convention knows of its reader: the names of the acts that are theirs (`can`), the form of
    each, the one that was `refused`, for whom they act; whether nothing prevents a signature, whether an amendment is
    already written, since when the State may terminate."""

    can: Container[str]
    forms: Mapping[str, Form]
    refused: str
    organisation: Organisation | None
    may_be_signed: bool
    is_amended: bool
    termination_from: date | None
    today: date

    def sees(self, act: str, *, when: bool = True) -> bool:
        """Is it theirs, and its time? One that was refused stays on the page."""
        return act in self.can and (when or self.refused == act)


def convention_acts(convention: Convention, asked: Asked) -> tuple[Act, ...]:
    """In the order in which a convention lives."""
    before = *_signing(convention, asked), *_writing(convention, asked), *_delegating(convention, asked)
    return *before, *_ending(convention, asked)


def _to(convention: Convention, act: str) -> str:
    return reverse(f"convention-{act}", args=[convention.pk])


def _signing(convention: Convention, asked: Asked) -> Iterator[Act]:
    if asked.sees("propose"):
        yield Act(
            "Proposer la convention…",
            _to(convention, "propose"),
            "Chaque partie la lira comme une proposition, à signer. Ses termes ne bougent plus, jusqu’à la dernière "
            "signature ou au retrait de la proposition. Elle n’engage encore personne.",
            "Proposer la convention",
            first=True,
            opens=asked.refused == "propose",
        )
    if asked.sees("sign", when=asked.may_be_signed):
        yield Act(
            "Signer la convention…",
            _to(convention, "sign"),
            _signed(convention, asked.organisation),
            "Signer la convention",
            first="propose" not in asked.can,
            binds=True,
            opens=asked.refused == "sign",
        )
    if asked.sees("deposit") and asked.may_be_signed:
        yield Act("Déposer une signature sur papier", _to(convention, "deposit"))
    if asked.sees("withdraw"):
        yield Act(
            "Retirer la proposition…",
            _to(convention, "withdraw"),
            "La convention redevient un brouillon, que vous pouvez modifier, proposer de nouveau ou supprimer. Les "
            "autres parties ne la lisent plus d’ici là ; une signature déjà donnée tombe, et sera à redonner.",
            "Retirer la proposition",
            fields=(asked.forms["withdraw"]["why"],),
            opens=asked.refused == "withdraw",
        )


def _signed(convention: Convention, organisation: Organisation | None) -> str:
    before = ""
    if convention.amends_id is not None:
        before = f" La version {convention.version - 1} finit la veille du {day(convention.starts_on)}."
    return (
        f"Vous signez au nom {of(organisation)}, aujourd’hui. La convention engage une fois signée de chacune de ses "
        "parties ; elle ne se modifie plus alors que par un avenant. Ses parts comptent pour chaque logement qui "
        f"entre dans le flux pendant sa période ; ceux déjà orientés ne bougent pas.{before}"
    )


def _writing(convention: Convention, asked: Asked) -> Iterator[Act]:
    if asked.sees("edit"):
        yield Act("Modifier le brouillon", _to(convention, "edit"))
        yield Act(
            "Supprimer le brouillon…",
            _to(convention, "discard"),
            f"Le brouillon disparaît ; {convention.organisation.name} ne le lit pas. Rien n’était signé, aucun compte "
            "ne change. Cela ne peut pas être défait.",
            "Supprimer le brouillon",
            css="btn sm",
        )
    if asked.sees("amend") and not asked.is_amended:
        yield Act(
            "Préparer un avenant…",
            _to(convention, "amend"),
            f"Un brouillon de la version {convention.version + 1} reprend tout ce que dit celle-ci : vous y changez "
            "une part, un terme ou la fin. Rien ne change avant sa signature.",
            "Préparer l’avenant",
            fields=(asked.forms["amend"]["starts_on"],),
            opens=asked.refused == "amend",
        )


def _delegating(convention: Convention, asked: Asked) -> Iterator[Act]:
    if asked.sees("delegate") and not asked.is_amended:
        form = asked.forms["delegate"]
        yield Act(
            "Déléguer à vos communes…",
            _to(convention, "delegate"),
            "Un avenant, signé de vous aussitôt, est proposé au bailleur : les communes cochées proposent des "
            "candidats à votre place ; les logements restent décomptés de votre part. Rien ne change avant la "
            "signature de chacun.",
            "Signer et proposer l’avenant",
            fields=tuple(form[name] for name in ("starts_on", "delegates", "delegated_share", "delegated_until")),
            opens=asked.refused == "delegate",
        )


def _ending(convention: Convention, asked: Asked) -> Iterator[Act]:
    if asked.sees("end"):
        yield _end(convention, asked)
    yield from _renewal(convention, asked)
    if asked.sees("suspend"):
        form = asked.forms["pause"]
        yield Act(
            "Suspendre la convention…",
            _to(convention, "pause"),
            "Entre ces jours, aucun logement qui se libère n’est compté au réservataire ; ce qui lui restait dû le "
            "reste. La suspension vaut une fois acceptée de chaque partie. Chacune en est prévenue.",
            "Proposer la suspension",
            fields=(form["starts_on"], form["ends_on"], form["why"]),
            opens=asked.refused == "pause",
        )
    if asked.sees("notice"):
        form = asked.forms["notice"]
        yield Act(
            "Enregistrer une mise en demeure…",
            _to(convention, "notice"),
            "Le délai court de ce jour ; si la mise en demeure y reste sans suite, l’État peut résilier (CCH, "
            "R441-5-2, IV). Les deux parties lisent la mise en demeure ici.",
            "Enregistrer la mise en demeure",
            fields=(form["given_on"], form["why"]),
            opens=asked.refused == "notice",
        )
    if asked.sees("terminate", when=asked.termination_from is not None and asked.termination_from <= asked.today):
        form = asked.forms["terminate"]
        yield Act(
            "Résilier la convention…",
            _to(convention, "terminate"),
            f"Après ce jour, la convention n’engage plus {convention.landlord.organisation.name} : le préfet fixe par "
            "arrêté les conditions d’exercice de ses droits (CCH, R441-5-2). Les logements déjà orientés ne bougent "
            "pas. Cela ne peut pas être défait.",
            "Résilier la convention",
            fields=(form["ends_on"], form["why"]),
            sure=(form["sure"],),
            opens=asked.refused == "terminate",
        )


def _end(convention: Convention, asked: Asked) -> Act:
    """Proposed to each party; the préfet's order is repealed by his services."""
    form, whom = asked.forms["end"], convention.organisation
    after = (
        f"Après ce jour, la part promise {to(whom)} revient {to(convention.landlord.organisation)}, sauf nouvelle "
        "convention. Les logements déjà orientés ne bougent pas."
    )
    agreed = (
        "Personne ne met fin seul à une convention signée : elle finit une fois cette fin acceptée de chaque partie."
    )
    order = convention.is_order
    return Act(
        "Abroger l’arrêté…" if order else "Proposer d’y mettre fin…",
        _to(convention, "end"),
        f"{after} Cela ne peut pas être défait." if order else f"{agreed} {after}",
        "Abroger l’arrêté" if order else "Proposer la fin de la convention",
        fields=tuple(form[name] for name in ("ends_on", "why", "successor") if name in form.fields),
        sure=(form["sure"],),
        opens=asked.refused == "end",
    )


def _renewal(convention: Convention, asked: Asked) -> Iterator[Act]:
    if form := asked.forms.get("denounce"):
        yield Act(
            "Dénoncer la convention…",
            _to(convention, "denounce"),
            "La convention finit alors à son terme, sans reconduction. Chaque partie en est prévenue. Celle qui l’a "
            "dénoncée peut revenir dessus d’ici là.",
            "Dénoncer la convention",
            fields=(form["organisation"], form["given_on"], form["why"]),
            opens=asked.refused == "denounce",
        )
    if form := asked.forms.get("renew"):
        yield Act(
            "Retirer la dénonciation…",
            _to(convention, "renew"),
            "La convention sera de nouveau reconduite à son terme, sauf si une autre partie l’a dénoncée aussi. Chaque "
            "partie en est prévenue.",
            "Retirer la dénonciation",
            fields=(form["organisation"], form["why"]),
            opens=asked.refused == "renew",
        )


def pause_acts(
    line: PauseLine, convention: Convention, drop: Form, lift: Form, *, refused: str, organisation: Organisation | None
) -> tuple[Act, ...]:
    """Of a suspension or an end, on the page of a convention: agree to it, refuse it; lift a suspension."""
    about = [convention.pk, line.pause.pk]
    every = (
        (
            line.accept,
            Act(
                "Donner l’accord…",
                reverse("convention-pause-accept", args=about),
                f"Vous donnez l’accord {of(organisation)}, aujourd’hui. Rien ne change avant celui de chaque partie."
                + " Avec le dernier, la convention prend fin ce jour-là : cela ne peut pas être défait."
                * line.pause.is_final,
                "Donner l’accord",
                first=True,
                opens=refused == f"accept-{line.id}",
            ),
        ),
        (line.deposit, Act("Déposer un accord sur papier", reverse("convention-pause-deposit", args=about))),
        (
            line.drop,
            Act(
                "Refuser ou retirer…",
                reverse("convention-pause-withdraw", args=about),
                "Rien ne change : la proposition n’attend plus d’accord. Les autres parties en sont prévenues.",
                "Refuser ou retirer",
                fields=(drop["why"],),
                opens=refused == f"drop-{line.id}",
            ),
        ),
        (
            line.lift,
            Act(
                "Lever plus tôt…",
                reverse("convention-pause-lift", args=about),
                "La suspension reste telle quelle tant que chaque partie n’est pas d’accord.",
                "Proposer la levée",
                fields=(lift["resumes_on"], lift["why"]),
                opens=refused == f"lift-{line.id}",
            ),
        ),
    )
    return tuple(act for may, act in every if may)
