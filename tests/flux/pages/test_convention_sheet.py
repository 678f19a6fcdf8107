"""What the page of a convention asks, says of its dates, and lets its reader do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils.html import strip_tags

from flux.pages.convention_acts import Asked, convention_acts, pause_acts
from flux.pages.convention_sheet import answer, convention_facts, question
from reservations.forms.convention_acts import (
    AmendForm,
    DropPauseForm,
    LiftForm,
    NoticeForm,
    PauseForm,
    TerminateForm,
    WithdrawForm,
)
from reservations.models import Convention, Landlord, Organisation, Pause, Territory
from reservations.pages.pauses import PauseLine

TODAY, FIRST, LAST = date(2026, 11, 24), date(2026, 1, 1), date(2028, 12, 31)


def convention(**given: Any) -> Convention:
    parties = {
        "landlord": Landlord(organisation=Organisation(name="Robine Habitat")),
        "organisation": Organisation(name="Ville de Narbonne", article="la"),
        "perimeter": Territory(name="Aude", kind="DEPARTEMENT"),
    }
    days = {"starts_on": FIRST, "ends_on": LAST, "version": 2, "status": "SIGNED"}
    return Convention(**{"pk": 5} | parties | days | given)


def sheet_rows(one: Convention, after: Convention | None = None, since: date | None = None) -> dict[str, str]:
    rows = convention_facts(one, renewal="", before=None, after=after, termination_from=since, today=TODAY)
    return {label: strip_tags(words) for label, words in rows}


def test_it_asks_what_it_promises_or_would() -> None:
    assert question(convention()) == "Que promet la convention Robine Habitat – Ville de Narbonne ?"
    assert question(convention(status="DRAFT")).startswith("Que promettrait la convention")
    during = "du 1er janvier 2026 au 31 décembre 2028"
    assert answer(convention(), "", "") == f"Rien encore : aucune part n’est écrite (Aude, {during})."
    assert answer(convention(), "12", "comptés ainsi").endswith(
        f"12 reviennent au signataire, comptés ainsi, {during}."
    )
    assert "12 reviendraient" in answer(convention(status="DRAFT"), "12", "comptés ainsi")


@pytest.mark.parametrize(
    ("given", "label", "expected"),
    [
        ({}, "Signée le", "pas encore"),
        ({"signed_on": FIRST}, "Signée le", "1er janvier 2026"),
        ({"proposed_on": FIRST}, "Proposée le", "1er janvier 2026"),
        ({"status": "ENDED"}, "Fin", "avancée, avant que l’accord de chaque partie ne s’enregistre ici"),
        ({"status": "TERMINATED"}, "Fin", "résiliée par l’État"),
        ({"status": "VOID"}, "Fin", "sans effet : un autre acte est venu avant son premier jour"),
        ({"formal_notice_on": FIRST, "status": "ENDED"}, "Mise en demeure", "1er janvier 2026"),
    ],
)
def test_its_dates_are_those_it_has(given: dict[str, Any], label: str, expected: str) -> None:
    assert sheet_rows(convention(**given))[label] == expected


def test_what_is_not_so_is_left_out() -> None:
    assert set(sheet_rows(convention())) == {"Bailleur", "Signataire", "Périmètre", "Du", "Au", "Signée le"}
    late = sheet_rows(convention(formal_notice_on=FIRST), since=TODAY)["Mise en demeure"]
    assert late.endswith("l’État peut résilier à partir du 24 novembre 2026")


def test_an_amendment_is_where_one_acts() -> None:
    draft = convention(pk=6, version=3, status="DRAFT", starts_on=date(2027, 1, 1))
    assert "Avenant en préparation" in sheet_rows(convention(), draft)
    signed = convention(pk=6, version=3, starts_on=date(2027, 1, 1))
    assert sheet_rows(convention(status="AMENDED"), signed)["Remplacée par"] == (
        "la version 3, effet le 1er janvier 2027 ; d’ici là, tout acte se fait sur sa page"
    )


def asked(*can: str, **given: Any) -> Asked:
    forms = {
        "withdraw": WithdrawForm(),
        "amend": AmendForm(),
        "notice": NoticeForm(),
        "terminate": TerminateForm(),
        "pause": PauseForm(),
    }
    usual = {
        "refused": "",
        "organisation": Organisation(name="Robine Habitat"),
        "may_be_signed": True,
        "is_amended": False,
    }
    return Asked(**{"can": can, "forms": forms, "termination_from": None, "today": TODAY} | usual | given)


@pytest.mark.parametrize(
    ("reader", "names"),
    [
        (asked(), []),
        (asked("propose", "sign"), ["Proposer la convention…", "Signer la convention…"]),
        (asked("sign", "deposit", may_be_signed=False), []),
        (asked("sign", may_be_signed=False, refused="sign"), ["Signer la convention…"]),
        (asked("deposit", "withdraw"), ["Déposer une signature sur papier", "Retirer la proposition…"]),
        (asked("edit"), ["Modifier le brouillon", "Supprimer le brouillon…"]),
        (asked("amend"), ["Préparer un avenant…"]),
        (asked("amend", is_amended=True), []),
        (asked("suspend", "notice"), ["Suspendre la convention…", "Enregistrer une mise en demeure…"]),
        (asked("terminate"), []),
        (asked("terminate", termination_from=TODAY), ["Résilier la convention…"]),
    ],
)
def test_each_act_has_its_reader_and_its_time(reader: Asked, names: list[str]) -> None:
    assert [act.name for act in convention_acts(convention(), reader)] == names


def test_what_is_done_next_stands_out_and_what_was_refused_opens() -> None:
    first, second = convention_acts(convention(), asked("propose", "sign", refused="sign"))
    assert (first.stands, first.presses, first.opens) == ("btn go", "btn go", False)
    assert (second.stands, second.presses, second.opens) == ("btn", "btn go", True)
    [alone] = convention_acts(convention(amends_id=4), asked("sign"))
    assert alone.stands == "btn go"
    assert alone.says.endswith("La version 1 finit la veille du 1er janvier 2026.")


def test_a_suspension_is_agreed_to_refused_or_lifted() -> None:
    pause = Pause(pk=9)
    forms = DropPauseForm(about="9"), LiftForm(about="9")
    line = PauseLine(pause, "Suspendue.", accept=True, deposit=True, drop=True, lift=True)
    acts = pause_acts(line, convention(), *forms, refused="lift-9", organisation=Organisation(name="Robine Habitat"))
    assert [act.opens for act in acts] == [False, False, False, True]
    assert pause_acts(PauseLine(pause, "Suspendue."), convention(), *forms, refused="", organisation=None) == ()
