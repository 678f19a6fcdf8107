"""What happens next to a unit: every stage has its sentence, and only who instructs is given an act."""

from __future__ import annotations

import pytest

from attributions.households.pages.files import LETTING, NEXT, letting_words, next_act
from attributions.households.pages.leases import SAID
from attributions.households.queries.letting import State
from attributions.households.queries.stage import Stage

#: Stated by who looks for the candidates, not by the stage alone.
SEARCHED = {Stage.TO_FIND, Stage.TO_PROPOSE, Stage.NOBODY_LEFT}


def next_words(stage: Stage | None, *, by_landlord: bool = False, ours: bool = False, returns: bool = False) -> str:
    return next_act(stage, None, None, "Robine Habitat", by_landlord=by_landlord, ours=ours, returns=returns)


def test_every_stage_is_stated() -> None:
    assert set(NEXT) | SEARCHED == set(Stage)
    assert set(SAID) == set(State)
    assert next_words(Stage.TO_SIGN) == "Robine Habitat et le ménage signent le bail."
    assert next_words(None).startswith("Ce logement n’est orienté vers personne")


def test_who_looks_for_candidates_is_stated_where_none_is_left() -> None:
    assert next_words(Stage.TO_FIND, by_landlord=True) == "Robine Habitat cherche ses candidats."
    assert next_words(Stage.TO_PROPOSE, ours=True) == "Proposez vos candidats."
    assert next_words(Stage.NOBODY_LEFT) == "Aucun candidat ne reste : proposez-en d’autres."
    assert next_words(Stage.NOBODY_LEFT, returns=True).endswith("d’autres, ou le bailleur rend le logement.")


@pytest.mark.parametrize("stage", Stage)
def test_only_who_instructs_reads_which_act_its_page_is_for(stage: Stage) -> None:
    assert letting_words(stage, instructs=False, returns=True) == "Offres et bail"
    act = letting_words(stage, instructs=True, returns=stage == Stage.NOBODY_LEFT)
    assert act == LETTING.get(stage, "Rendre ce logement" if stage == Stage.NOBODY_LEFT else "Offres et bail")
