"""Who may see and do what through software: every method of the API by token, as test_seeing.py is for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.households.models import AgendaItem, CommitteeMember
from flux.models import Programme
from reservations.models import ApiToken, Membership, ReservationHolder, User
from reservations.operations.token import make_token, revoke_token
from tests.house.test_files import addresses
from tests.house.test_seeing import things, undone
from tests.world import MORNING, World

__all__ = ["things"]

#: Whose software it is.
SOFTWARE = {
    "alice": "landlord",
    "bob": "State",
    "anna": "holder",
    "emma": "EPCI",
    "zoe": "another landlord",
    "reads": "landlord, reads only",
    "revoked": "landlord, revoked",
    "none": "nobody",
}

#: What is posted where an empty body is refused before the right is looked at; nothing anywhere else.
BODIES: dict[str, dict[str, Any]] = {
    "api-vacancies": {"unit": "nulle part", "notice_on": "2026-11-24", "available_on": "2026-12-24"},
    "api-programmes": {"delivered_on": "2027-03-01", "expected_units": 12, "name": "Les Tamaris", "commune": "00000"},
    "api-units": {"rooms": 3, "financing_code": "13", "street": "rue Voltaire"},
}

#: Columns: address, method, then SOFTWARE. Bodies are empty, but those of BODIES and of who sends a unit elsewhere; the
#: landlord's software is lent by the secretary of its committee.
TABLE = """
api-account              GET   200 200 200 200 404 200 401 401
api-agenda-item          GET   200 404 404 404 404 403 401 401
api-agenda-item-decide   POST  400 404 404 404 404 403 401 401
api-agenda-items         GET   200 200 200 200 200 403 401 401
api-balance              GET   200 200 200 200 404 403 401 401
api-balances             GET   200 200 200 200 200 403 401 401
api-cancel               POST  400 403 403 403 404 403 401 401
api-candidate            GET   200 404 200 404 404 403 401 401
api-candidate-answer     POST  400 404 403 404 404 403 401 401
api-candidate-document   POST  400 404 403 404 404 403 401 401
api-candidate-instruct   POST  428 404 403 404 404 403 401 401
api-candidate-lease      POST  400 404 403 404 404 403 401 401
api-candidate-lease-undo POST  400 404 403 404 404 403 401 401
api-candidate-offer      POST  428 404 403 404 404 403 401 401
api-candidate-withdraw   POST  400 404 400 404 404 403 401 401
api-candidates           GET   200 200 200 200 404 403 401 401
api-candidates           POST  403 403 400 403 404 403 401 401
api-candidates-send      POST  403 403 422 403 404 403 401 401
api-confirm              POST  428 403 403 403 404 403 401 401
api-explanation          GET   200 200 200 200 404 200 401 401
api-ledgers              GET   200 200 200 200 200 200 401 401
api-moved                GET   308 308 308 308 308 308 308 308
api-none                 GET   404 404 404 404 404 404 401 401
api-none                 POST  404 404 404 404 404 404 401 401
api-outcome              POST  400 403 403 403 404 403 401 401
api-override             POST  428 403 403 403 404 403 401 401
api-programme            GET   200 404 200 404 404 200 401 401
api-programme-units      POST  400 404 403 404 404 403 401 401
api-programmes           GET   200 200 200 200 200 200 401 401
api-programmes           POST  400 403 403 403 400 403 401 401
api-resume               POST  428 403 403 403 404 403 401 401
api-schema               GET   200 200 200 200 200 200 401 200
api-unit                 GET   200 404 200 404 404 200 401 401
api-units                GET   200 200 200 200 200 200 401 401
api-units                POST  201 403 403 403 400 403 401 401
api-vacancies            GET   200 200 200 200 200 200 401 401
api-vacancies            POST  400 403 403 403 400 403 401 401
api-vacancy              GET   200 200 200 200 404 200 401 401
api-why-not              GET   200 200 200 200 404 200 401 401
"""

ROWS = [line.split() for line in TABLE.splitlines() if line.strip()]
ANSWERS = {(name, method): tuple(map(int, answers)) for name, method, *answers in ROWS}


def secret_of(member: Membership, *scopes: str) -> str:
    """The secret of software that this person lends a token to; every scope, unless some are given."""
    chosen, term = scopes or ApiToken.Scope.values, timezone.localdate() + timedelta(30)
    return make_token(member=member, name="Gestion", scopes=chosen, expires_on=term)[1]


def secrets_of(world: World) -> dict[str, str]:
    """The secret of each piece of software."""
    made = {name: secret_of(world.member(name)) for name in ("alice", "bob", "anna", "emma", "zoe")}
    made["reads"] = secret_of(world.member("alice"), "READ")
    made["revoked"] = secret_of(world.member("alice"))
    revoke_token(token=ApiToken.objects.order_by("pk").last(), by=world.people["alice"])
    return made | {"none": ""}


def asked(name: str, method: str, secret: str, things: dict[str, dict[str, Any]]) -> Any:
    """What one request of a piece of software gives back."""
    url = reverse(name, args=things.get(name, {}).get("args", []))
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    if method == "GET":
        return Client().get(url, headers=headers)
    keyed = headers | {"Idempotency-Key": "0f4c6e0a-0000-4000-8000-000000000001"}
    body = BODIES.get(name, {})
    if name == "api-units":
        body = {"programme": Programme.objects.earliest("pk").pk, **body}
    if name == "api-override":
        body = {"holder": ReservationHolder.objects.earliest("pk").pk, "motive": "OTHER", "motive_text": "Un accord."}
    return Client().post(url, body, content_type="application/json", headers=keyed)


def seat(person: User, committee: int) -> None:
    """Somebody keeps the minutes of a committee."""
    CommitteeMember.objects.create(
        committee_id=committee,
        capacity=CommitteeMember.Capacity.SECRETARY,
        full_name=person.full_name,
        user=person,
        starts_on=MORNING.date().replace(month=1, day=1),
    )


def methods() -> Iterator[tuple[str, str]]:
    """Every address of the API with each method that the views of this folder may take."""
    names = sorted(name for name in addresses() if name.startswith("api-"))
    yield from ((name, method) for name in names for method in ("GET", "POST"))


def test_each_method_of_the_api_answers_each_software_as_declared(
    world: World, things: dict[str, dict[str, Any]]
) -> None:
    """Every address of the API, by GET and POST, for software of each role, that only reads, revoked, and of nobody."""
    secrets, found = secrets_of(world), {}
    item = AgendaItem.objects.select_related("session").get(pk=things["api-agenda-item"]["args"][0])
    seat(world.people["alice"], item.session.committee_id)
    for name, method in methods():
        answers = []
        for who, secret in secrets.items():
            if who != "alice" and (name, method) not in ANSWERS and answers == [405]:
                continue  # no method of that address: nobody's
            with undone():
                answers.append(asked(name, method, secret, things).status_code)
        if set(answers) - {405, 401}:
            found[name, method] = " ".join(map(str, answers))
    kept = {case: " ".join(map(str, answers)) for case, answers in ANSWERS.items()}
    assert [f"{' '.join(case)} {each}" for case, each in found.items() if kept.get(case) != each] == []
    assert set(kept) == set(found)
