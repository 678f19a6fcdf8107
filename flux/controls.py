"""The controls of the night: one list, from which the task, the screen and the tests follow (docs/decisions/0100).

A control has its code (whose label is its name), a sentence that says what it looks at, what mends what it finds and
on which page, and how it runs. The app above adds its own when it starts (`register`), as it does its files. Several
controls may have one reading in common: it runs once a night, in the order of the list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import InterfaceError, OperationalError
from django.urls import reverse
from django.utils import timezone

from flux.models import AuditAlert
from flux.operations.audit import alert_set_aside, audit_ledgers, record_differences, replay_recorded, yesterday
from flux.operations.entries import carry_lost, lost_dues
from flux.operations.openings import settle_missing, settlements_adrift
from flux.queries.controls.accounts import Check, Difference, closed_but_awaited, counts_adrift, gone_but_vacant
from reservations.models import User

logger = logging.getLogger(__name__)

#: Reads, keeps an alert of what is new, and gives the alerts that were kept.
Run = Callable[[datetime], list[AuditAlert]]
#: Objects that one control names in one night: the first ones, until they are mended.
NAMED = 50


@dataclass(frozen=True, slots=True)
class Mend:
    """The act that mends what an alert found. `words`: what its link or button says; `address`: of the page where it is
    done; else `act`, done from the alert's own page."""

    words: str
    address: Callable[[AuditAlert], str] | None = None
    act: Callable[[AuditAlert, User], object] | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """`meaning`: what is looked at; `remedy`: which act mends what is found, and whose; `mends`: where it is done, when
    a screen does it."""

    check: Check
    meaning: str
    remedy: str
    run: Run
    mends: Mend | None = None


#: By code, in the order in which they run and are shown.
CONTROLS: dict[Check, Control] = {}


def register(*controls: Control) -> None:
    """Add these to the list, each once."""
    for control in controls:
        assert control.check not in CONTROLS, f"{control.check} is controlled twice"
        CONTROLS[control.check] = control


def run_controls(*, now: datetime | None = None, controls: Iterable[Control] | None = None) -> int:
    """Run every control, or these, each alone: one that fails is logged, and stops none of the others. How many alerts
    were kept. Safe to run twice.

    Raises OperationalError or InterfaceError, once all were tried, when the database did not answer one of them: the
    task is then tried again.
    """
    now = now or timezone.now()
    kept, silent = 0, None
    for run in dict.fromkeys(control.run for control in (CONTROLS.values() if controls is None else controls)):
        try:
            kept += len(run(now))
        except (OperationalError, InterfaceError) as error:
            silent = error
            logger.warning("A control was not answered: %s", error)
        except Exception:
            logger.exception("A control failed")
    if silent is not None:
        raise silent
    return kept


def looked_for(find: Callable[[datetime], Iterable[Difference]]) -> Run:
    """The run of a control that names objects: an alert for each that is new, among the first ones."""

    def run(now: datetime) -> list[AuditAlert]:
        found = iter(find(now))
        named = list(islice(found, NAMED))
        if next(found, None) is not None:
            logger.error("%s: more than %s, the first are named", named[0].check, NAMED)
        return record_differences(differences=named, now=now)

    return run


def detail_of(alert: AuditAlert, name: str) -> Any:
    """What an alert is about, by its name: « vacancy », « year »."""
    return alert.found[name] if isinstance(alert.found, dict) else None


def at_vacancy(name: str) -> Callable[[AuditAlert], str]:
    """The page of this name, of the unit that fell vacant that an alert is about."""
    return lambda alert: reverse(name, args=[detail_of(alert, "vacancy")])


def _accounts(now: datetime) -> list[AuditAlert]:
    return audit_ledgers(now=now)


def _replayed(now: datetime) -> list[AuditAlert]:
    return replay_recorded(since=yesterday(now), now=now)


#: Where an account does not hold what its entries say, nobody mends it from a screen.
OPERATOR = (
    "Aucun acte d’un écran ne l’écrit : l’exploitant lance `manage.py audit_routing`, qui nomme chaque ligne, et "
    "cherche qui a écrit hors de l’application."
)
REWRITE = (
    "L’exploitant lance `manage.py audit_routing`, qui nomme chaque ligne, puis `manage.py write_counts`, qui récrit "
    "les décomptes à partir des faits."
)
READ_THE_ALERT = "Rien n’est à récrire : dites en lisant l’alerte ce qui l’explique."
BACKUP = (
    "Aucun acte ne défait ce qui a été écrit hors de l’application : l’exploitant compare avec une sauvegarde d’avant, "
    "et restaure s’il le faut."
)

register(
    Control(
        Check.LINE,
        "Le compte garde une ligne par réservataire, somme de tous ses mouvements. Refaite à partir des "
        "mouvements seuls, cette ligne ne donne pas les mêmes chiffres.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.DUE,
        "Chaque logement entré dans le flux est dû une fois en entier, tous réservataires réunis, et une fois "
        "de plus quand un retour compte pour celui qui l’a rendu. Le total dû n’est pas ce nombre de logements.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.RECEIVED,
        "Chaque réservataire a reçu les logements qui lui sont orientés, ceux qui attendent une "
        "confirmation et ceux qu’il a rendus quand ce retour compte. Le compte en dit un autre nombre.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.DELAYS,
        "Ce qui est dû en trop à l’un manque à un autre : la somme des écarts est nulle, aux logements "
        "sortis du flux pour travaux près. Elle ne l’est pas.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.LACKS,
        "L’écart d’un réservataire se retrouve par typologie, par financement, par commune : chaque fois, les "
        "manques font le même total. Ici, ils ne le font pas.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.SUMS,
        "Un report, un abandon ou un transfert prend à l’un ce qu’il donne à l’autre. La somme n’est pas nulle.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.SEQUENCE,
        "Chaque logement entré ou proposé de nouveau prend un rang dans le compte. Le dernier rang n’est "
        "pas leur nombre.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.OPENING,
        "Ce qui était dû avant que le compte soit tenu ici n’y entre qu’accepté par son réservataire, et "
        "pour ce qu’il a accepté. Le compte reprend autre chose.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.RECORDED,
        "Ce qui a été orienté avant que le compte soit tenu ici est repris tel quel, et lui seul. Ici, un "
        "logement du compte est compté comme repris sans l’avoir été, ou l’inverse.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.ORDER,
        "Les logements sont traités dans l’ordre de leur enregistrement. Celui-ci est passé après un logement "
        "enregistré plus tard, de la même commune et du même jour, ou traité avec lui.",
        READ_THE_ALERT,
        _accounts,
    ),
    Control(
        Check.REPLAY,
        "Chaque recommandation garde tout ce que la règle a lu. Recalculée aujourd’hui, elle ne dit pas la même chose.",
        OPERATOR,
        _replayed,
    ),
    Control(
        Check.UNFOUND,
        "Un logement rendu l’est par un acte, qui dit pourquoi ; un bail signé est dans l’histoire de son "
        "logement. Le compte en porte un autre nombre : un mouvement a été écrit à côté des actes.",
        OPERATOR,
        _accounts,
    ),
    Control(
        Check.ASKED,
        "Les départs connus sont décidés dans l’ordre de leur enregistrement. Quelqu’un peut demander qu’un "
        "départ soit décidé avant son tour, en disant pourquoi : ici, c’est le cas d’un départ sur dix ou plus. Le "
        "compte est juste ; les réservataires voient ces demandes sur la page de transparence.",
        READ_THE_ALERT,
        _accounts,
    ),
    Control(
        Check.ALTERED,
        "Chaque ligne gardée laisse son empreinte quand un acte l’écrit. Celles‑ci ne sont plus comme la "
        "dernière empreinte les dit : quelqu’un les a écrites, ou effacées, dans la base même. Comparez‑les à une "
        "sauvegarde d’avant, et aux papiers que chacun garde.",
        BACKUP,
        _accounts,
    ),
    Control(
        Check.BROKEN,
        "Les empreintes se suivent dans une chaîne, dont la tête est imprimée sur chaque bilan et chaque "
        "relevé. À partir de ce rang, un maillon ne suit plus ceux d’avant : quelqu’un a écrit dans la chaîne même.",
        BACKUP,
        _accounts,
    ),
    Control(
        Check.APART,
        "Une tâche (offres sans réponse, courriels, effacements…) traite chaque ligne à part. Celle‑ci a échoué trois "
        "fois : elle est mise de côté, les autres sont traitées.",
        "L’exploitant corrige ce qui est en cause, puis marque l’alerte comme lue : la ligne est alors reprise.",
        lambda now: alert_set_aside(now=now),
    ),
    Control(
        Check.COUNTS,
        "Les bilans lisent des cumuls, que la base tient à chaque mouvement. Refait à partir des mouvements, l’un "
        "d’eux ne donne pas les mêmes chiffres.",
        REWRITE,
        looked_for(lambda now: counts_adrift()),
    ),
    Control(
        Check.GONE,
        "Un logement vendu, démoli ou cédé ne se loue plus. Celui‑ci est sorti du parc, et une déclaration le dit "
        "encore libéré : un réservataire le reçoit ou l’attend.",
        "Le bailleur annule cette déclaration ; si le logement est toujours à lui, il corrige d’abord sa fiche.",
        looked_for(lambda now: gone_but_vacant(timezone.localdate(now))),
        Mend("Annuler cette déclaration", at_vacancy("vacancy-cancel")),
    ),
    Control(
        Check.CLOSED,
        "Une organisation fermée n’a plus personne pour proposer. Un logement lui est pourtant orienté ou recommandé.",
        "Le bailleur réoriente le logement vers l’organisation qui l’a remplacée, ou vers un autre réservataire.",
        looked_for(lambda now: closed_but_awaited()),
        Mend("Réorienter ce logement", at_vacancy("vacancy-detail")),
    ),
    Control(
        Check.LOST,
        "Ce qu’une année laisse dû à un réservataire, ou d’avance, est rendu l’année suivante, comme sa convention le "
        "dit. Ce compte n’a pas tout repris de la dernière année où un logement s’est libéré.",
        "Le bailleur reporte ici ce qui manque : le compte le rend par pas, comme un report de janvier.",
        looked_for(lambda now: lost_dues(timezone.localdate(now))),
        Mend(
            "Reporter ce qui manque",
            act=lambda alert, by: carry_lost(ledger=alert.ledger_id or 0, by=by, on=timezone.localdate()),
        ),
    ),
    Control(
        Check.SETTLED,
        "Une convention enregistrée après son premier jour règle en une écriture ce que les logements entrés entre les "
        "deux auraient donné, ou le laisse, comme elle le dit. Recompté d’après ses taux, logement par logement, ce "
        "n’est pas ce que le compte porte.",
        "Le bailleur règle ici ce qui manque, si rien ne l’a été. Si le chiffre diffère, l’exploitant cherche qui a "
        "écrit hors de l’application.",
        looked_for(lambda now: settlements_adrift(timezone.localdate(now))),
        Mend(
            "Régler ce qui manque",
            act=lambda alert, by: settle_missing(convention=detail_of(alert, "convention"), by=by),
        ),
    ),
)
