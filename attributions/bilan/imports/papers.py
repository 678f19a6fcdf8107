"""The files of papers that come in.

* A file of the national table « bilan de la gestion en flux », checked whoever made it
  (`docs/schemas/bilan-gestion-en-flux.json`).
* Balances that another tool sealed, given back with an archive: kept as « bilans tenus ailleurs ».
* The contingent that a file writes in words: which codes of RPLS item 63 it may mean.
"""

from __future__ import annotations

from pathlib import Path

from attributions.bilan.imports.table_schema import Reading, Schema, read, schema_of
from attributions.bilan.models import BalanceVersion
from reservations.imports.cells import day, siren, text, whole
from reservations.imports.papers import Bringing, PaperFolder, Returned, own_landlord
from reservations.imports.table import read_rows
from reservations.models import KeptElsewhere, ReservationHolder, Territory
from reservations.models.territory import search_key
from reservations.operations.documents import JSON, PDF, NotThatPaper, keep_elsewhere, object_in
from reservations.pages.nicknames import FILE, KEPT_IN
from reservations.refusals import Refusal

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "bilan-gestion-en-flux.json"

#: What its rows add up to, and what states whose they are.
SUMMED = (
    *("logements_proposes", "logements_attribues", "logements_loues", "logements_rendus"),
    "candidatures_non_abouties",
)
DISTINCT = ("bailleur", "annee", "code_departement", "reservataire", "code_commune")


def balance_schema() -> Schema:
    """The schema as it is published."""
    return schema_of(SCHEMA)


def check_balance(content: bytes) -> Reading:
    """Each line of a file, text or workbook, beside the schema. Raises FileRefused: it cannot be read at all."""
    return read(read_rows(content, breaks=True), balance_schema(), summed=SUMMED, distinct=DISTINCT)


SENT_TO = "envoyée à"


class BalancesBack(PaperFolder):
    """Bilans envoyés: JSON, as this product seals them, or PDF."""

    title = "Bilans"
    needs = ("SIREN du bailleur", "département", "exercice", "envoyée le")

    def keep(self, paper: Returned, bringing: Bringing) -> bool:
        """One that was sent here is here already."""
        landlord = own_landlord(paper, bringing)
        exercise = paper.read("exercice", whole(1990, 2099))
        code = paper.read("département", text(3))
        departement = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT, code=code).first()
        if departement is None:
            raise Refusal(f"le département « {code} » n’existe pas : reprenez la liste de l’archive d’origine.")
        if BalanceVersion.objects.filter(balance__landlord=landlord, seal=paper.seal).exists():
            return False
        keeper, kind = bringing.member.organisation, KeptElsewhere.Kind.BALANCE
        if KeptElsewhere.objects.filter(keeper=keeper, kind=kind, sha256=paper.seal).exists():
            return False
        is_pdf = paper.content.startswith(b"%PDF-")
        if not is_pdf:
            _is_that(paper.content, landlord.organisation.siren, code, exercise)
        keep_elsewhere(
            kind=kind,
            keeper=keeper,
            landlord=landlord,
            departement=departement,
            exercise=exercise,
            held_on=paper.read("envoyée le", day),
            sealed_on=paper.read("scellée le", day) if paper.cells.get("scellée le") else None,
            readers=[siren(each) for each in paper.cells.get(SENT_TO, "").replace(",", " ").split()],
            values=paper.facts,
            kept_in=paper.cells.get(KEPT_IN) or bringing.kept_in,
            name=paper.cells[FILE],
            content_type=PDF if is_pdf else JSON,
            content=paper.content,
            sha256=paper.seal,
            by=bringing.member.user,
            now=bringing.now,
        )
        return True


def _is_that(content: bytes, siren_read: str, code: str, exercise: int) -> None:
    """A list has no seal of its own: what it says of a file is what the file says. Raises NotThatPaper."""
    paper = object_in(content)
    landlord, departement = paper.get("landlord"), paper.get("departement")
    of = landlord.get("siren") if isinstance(landlord, dict) else None
    place = departement.get("code") if isinstance(departement, dict) else None
    if (of, place, paper.get("exercise")) != (siren_read, code, exercise):
        raise NotThatPaper(
            f"sa ligne le dit du bailleur {siren_read}, du département {code}, de {exercise}, et le fichier dit autre "
            "chose : reprenez la liste de l’archive d’origine."
        )


Contingent = ReservationHolder.Contingent

AGENTS = {"agent", "agents", "fonctionnaire", "fonctionnaires"}
PRIORITY = {"prioritaire", "prioritaires", "dalo"}
STATE = {"etat", "prefet", "prefecture", "prefectoral", "prefectorale"}
CONVENTIONAL = {"conventionnel", "conventionnelle", "conventionnelles"}
EMPLOYERS = {"employeur", "employeurs", "als", "collecteur", "collecteurs"}
AUTHORITY = {
    "agglomeration",
    "collectivite",
    "collectivites",
    "commune",
    "communes",
    "departement",
    "departemental",
    "epci",
    "intercommunalite",
    "mairie",
    "metropole",
    "region",
    "regional",
    "ville",
}
LANDLORD = {"bailleur", "organisme"}


#: The State without more: any of its contingents.
ANY_STATE = frozenset({*ReservationHolder.STATE, Contingent.STATE_CONVENTIONAL})


def contingents_of(text: str) -> tuple[frozenset[int], str]:
    """(codes, our words for them). No code when the words are not understood, or not given: nothing is compared then.

    « État » alone may be any of the State's contingents.
    """
    key = search_key(text)
    code = _code(key, set(key.split()))
    if code is None:
        return (ANY_STATE, "État") if set(key.split()) & STATE else (frozenset(), "")
    return frozenset({int(code)}), str(code.label)


def _code(key: str, words: set[str]) -> ReservationHolder.Contingent | None:
    """The first that the words say; None for the State without more, and for what is not understood."""
    others = bool(words & (AUTHORITY | EMPLOYERS | LANDLORD)) or "action logement" in key
    rows = (
        (Contingent.STATE_CONVENTIONAL, bool(words & STATE and words & CONVENTIONAL)),
        (Contingent.STATE_AGENTS, bool(words & AGENTS) and not others),
        (Contingent.STATE_PRIORITY, bool(words & PRIORITY) and not others),
        (None, bool(words & STATE)),
        (Contingent.ACTION_LOGEMENT, bool(words & EMPLOYERS) or "action logement" in key),
        (Contingent.AUTHORITY, bool(words & AUTHORITY)),
        (
            Contingent.NOT_RESERVED,
            bool(words & LANDLORD) or key.startswith(("non reserve", "hors contingent", "sans reserv")),
        ),
        (Contingent.OTHER, bool(words & {"autre", "autres"})),
    )
    return next((code for code, is_said in rows if is_said), None)
