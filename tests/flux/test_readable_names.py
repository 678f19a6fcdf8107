import pytest

from flux.models import Programme, Unit
from flux.models.unit import readable


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("DES VENDANGES", "Des Vendanges"),
        ("RESIDENCE DE LA CLAPE", "Residence de la Clape"),
        ("CHARITE (30 HLM)", "Charite (30 HLM)"),
        ("DUPLESSIS DE POUZILHAC", "Duplessis de Pouzilhac"),
        ("Le Clos Vallière", "Le Clos Vallière"),
        ("L EUROPE", "L’Europe"),
        ("RUE DE L ANCIEN PORT D AVAL", "Rue de l’Ancien Port d’Aval"),
        ("PLACE DE L'EGLISE", "Place de l’Eglise"),
        ("BATIMENT D", "Batiment D"),
        ("", ""),
    ],
)
def test_readable_name(stored: str, read: str) -> None:
    assert readable(stored) == read


def test_address_and_programme_are_read_and_not_rewritten() -> None:
    unit = Unit(street_number="2", street_index="B", street_type="RUE", street_name="EMILE EUDES")
    assert unit.address == "2 b rue Emile Eudes"
    unit.street_name = "DES VENDANGES"
    assert unit.address == "2 b rue des Vendanges"
    programme = Programme(name="SAINT JEAN SAINT PIERRE (75 HLM)")
    assert (str(programme), programme.name) == (
        "Saint Jean Saint Pierre (75 HLM)",
        "SAINT JEAN SAINT PIERRE (75 HLM)",
    )
