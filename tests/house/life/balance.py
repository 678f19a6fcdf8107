"""The year closed: its balance is sent, contested, corrected, sent again, commented on, and signed by some."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from attributions.bilan.models import AnnualBalance, BalanceRemark, BalanceVersion
from attributions.bilan.operations.layout import remind_landlord
from attributions.bilan.operations.lines import correct_line
from attributions.bilan.operations.remarks import answer_remark, comment_balance, make_remark
from attributions.bilan.operations.sending import open_version, send_balance, sign_version, tolerate
from attributions.bilan.queries.figures import figures
from flux.models import Routing
from flux.operations.forecast import write_forecast

if TYPE_CHECKING:
    from tests.house.life import Life

YEAR = 2026


def review(life: Life) -> None:
    """From the first reminder to the last signature; a life stops before some of them."""
    for act in (remind, tolerate_late, comment, send, read, remark, remark, correct, answer, send, foresee):
        life.do(act)
        life.wait(1)
    for act in (answer, answer, remark, answer, send, sign)[: life.chance.randint(1, 6)]:
        life.do(act)
        life.wait(1)


def _about(life: Life) -> dict[str, Any]:
    return {"landlord": life.world.landlord, "departement": life.world.places["Aude"], "exercise": YEAR}


def _latest() -> BalanceVersion | None:
    return BalanceVersion.objects.order_by("-number").first()


def remind(life: Life) -> object:
    about = {"landlord": life.world.landlord, "exercise": YEAR, "organisation": life.world.state, "absent": True}
    return remind_landlord(**about, **life.by("bob"))


def tolerate_late(life: Life) -> object:
    about = {"region": life.world.places["Occitanie"], "exercise": YEAR, "until": date(2027, 3, 31)}
    return tolerate(**about, source="Lettre du préfet de région", by=life.world.people["adam"])


def comment(life: Life) -> object:
    return comment_balance(**_about(life), holder=None, text="Peu de grands logements.", **life.by())


def send(life: Life) -> object:
    return send_balance(**_about(life), note="Ce qui a changé." if _latest() else "", **life.by("alice"))


def read(life: Life) -> object:
    version = _latest()
    return version and (open_version(version=version, organisation=life.world.city, **life.by("chloe")) or True)


def remark(life: Life) -> object:
    version = _latest()
    if version is None:
        return None
    place = life.pick(sorted(figures(json.loads(version.content))))
    who = life.chance.choice(["city", "als", "state", "employer"])
    by = {"city": "chloe", "als": "anna", "state": "bob", "employer": "ines"}[who]
    about = {"organisation": getattr(life.world, who), "place": place, "reason": "Ce chiffre est faux."}
    return make_remark(version=version, **about, **life.by(by))


def correct(life: Life) -> object:
    balance = AnnualBalance.objects.order_by("pk").first()
    rows = Routing.objects.filter(vacancy__kind="IN_FLOW", vacancy__unit__landlord=life.world.landlord)
    routing = life.pick(rows.select_related("vacancy", "holder").order_by("pk"))
    if balance is None or routing is None:
        return None
    about = {"vacancy": routing.vacancy, "holder": routing.holder, "stage": "OFFERED", "quantity": -1}
    return correct_line(balance=balance, **about, why="Les travaux n’étaient pas finis.", **life.by())


def answer(life: Life) -> object:
    found = life.pick(BalanceRemark.objects.filter(answer="").order_by("pk"))
    result = life.chance.choice(["MAINTAINED", "CORRECTED"])
    return found and answer_remark(remark=found, answer=result, text="Vérifié.", **life.by())


def sign(life: Life) -> object:
    version = _latest()
    if version is None:
        return None
    for at, by in ((life.world.landlord.organisation, "alice"), (life.world.city, "chloe")):
        sign_version(version=version, organisation=at, **life.by(by))
    return version


def foresee(life: Life) -> object:
    return write_forecast(
        landlord=life.world.landlord,
        departement=life.world.places["Aude"],
        exercise=2027,
        expected=55,
        subtracted={"INTERNAL_TRANSFER": 5},
        by=life.world.people["alice"],
        today=life.today,
    )
