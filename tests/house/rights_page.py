"""docs/built/rights.md, laid out from what the predicates answer (tests/house/rights.py)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.house.documents import rows_of
from tests.house.rights import SIGNS, Role
from tests.house.test_seeing import ANNA, CASES, PEOPLE
from tests.house.test_seeing_by_software import ANSWERS, SOFTWARE

HEAD = """# Rights

Who may do and read what. `./run docs` asks each predicate, for two people of each role in a world where everything has
happened. What they answer is reviewed in `reservations/data/rights.csv`, which the page « Qui peut quoi » shows to
whoever manages the people of an organisation, and in `tests/house/personal.csv`; `tests/house/test_rights.py` compares.

**Roles.** {roles}. Whoever acts for no organisation may nothing of this.

**Signs.** own: for what concerns one’s own organisation, or lies in its territory; **all**: for anybody’s; yes: where
there is nothing to tell apart; –: never. A seat in a committee comes with the seat, not with the role: the table gives
one to everybody who may have one.
"""

ABBREVIATED = {
    Role.LANDLORD_STAFF: "LS",
    Role.LANDLORD_MANAGER: "LM",
    Role.HOLDER_STAFF: "HS",
    Role.HOLDER_MANAGER: "HM",
    Role.EPCI_OFFICER: "EO",
    Role.STATE_OFFICER: "SO",
    Role.ADMINISTRATOR: "AD",
}
#: The role of each person of the table of addresses.
ROLE_OF = {
    "alice": "LM, one’s own",
    "aline": "LS",
    "bob": "SO",
    "chloe": "HS",
    "anna": "HM",
    "driss": "no organisation",
    "emma": "EO",
    "adam": "AD",
    "zoe": "LM, another’s",
    "anonymous": "nobody",
}


def page(acts: list[dict[str, str]], fields: list[tuple[str, list[str]]]) -> str:
    """docs/built/rights.md: the rows of rights.csv, the fields of `personal`, and the tables of addresses."""
    return "\n".join([*_acts(acts), *_fields(fields), *_addresses(), *_software()]) + "\n"


def _acts(acts: list[dict[str, str]]) -> Iterator[str]:
    yield HEAD.format(roles=", ".join(f"{short}: {role.label}" for role, short in ABBREVIATED.items()))
    yield "## Role × act × object"
    part = ""
    heads = ("Act", "Said by", *ABBREVIATED.values())
    rows: dict[str, list[list[str]]] = {}
    for row in acts:
        text = f"`{row['predicate'].removeprefix('seen:')}`" + (
            ".visible_to" if row["predicate"][:5] == "seen:" else ""
        )
        cells = [row["act"], text, *(SIGNS[row[role]] for role in map(str, Role))]
        rows.setdefault(row["part"], []).append(cells)
    for part, lines in rows.items():
        yield f"\n### {part}\n"
        yield from rows_of(heads, lines)


def _fields(fields: list[tuple[str, list[str]]]) -> Iterator[str]:
    yield "\n## Role × field of personal data\n"
    yield "Everybody reads their own account, sign-ins, sessions and factors; this is who reads another’s. Of"
    yield "households: by the request, by a candidature, by a seat before the decision (no name), by the minutes (the"
    yield "name). What a field is kept for, and until when: `docs/personal-data.md`.\n"
    rows = [[f"`{name}`", *(SIGNS[cell] for cell in cells)] for name, cells in fields]
    yield from rows_of(("Field", *ABBREVIATED.values()), rows)


def _addresses() -> Iterator[str]:
    yield "\n## Every address and its methods, by person\n"
    yield "200: shown; 202: being drawn; 302: led elsewhere (signing in, or the page of the act); 308: moved; 403:"
    yield "seen, not done; 404: not yours; 401: no token; 422: a form to correct; 503: not ready. A session reads the"
    yield "API and never acts through it. `tests/house/test_seeing.py` asks each of these.\n"
    people = [*PEOPLE[:4], "anna", *PEOPLE[4:]]
    rows = []
    for (name, method), answers in CASES.items():
        values = answers | {"anna": ANNA.get((name, method), answers["chloe"])}
        rows.append([f"`{name}`", method, *(str(values[person]) for person in people)])
    yield from rows_of(("Address", "Method", *(ROLE_OF[each] for each in people)), rows)


def _software() -> Iterator[str]:
    yield "\n## Every method of the API, by software\n"
    yield "With a token that reads and acts, lent by somebody of that role (a manager’s software acts as its staff"
    yield "does), then with one that only reads, one that was revoked, and none. The body is empty, but where it would"
    yield "be refused before the right is looked at: 400, 422 and 428 are what is said of it to who may."
    yield "`tests/house/test_seeing_by_software.py` asks each of these.\n"
    rows = [[f"`{name}`", method, *map(str, answers)] for (name, method), answers in ANSWERS.items()]
    yield from rows_of(("Address", "Method", *SOFTWARE.values()), rows)
