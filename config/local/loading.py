"""The database of a demonstration before anybody uses it: tables, territories, and the story, told or copied."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.local import prepared
from config.local.console import Refusal, say
from config.local.fingerprint import STORY, fingerprint
from config.local.prepared import Origin
from config.local.processes import last_lines
from config.local.progress import Progress
from config.local.services import given_addresses, manage_command, prepare_database
from config.local.state import ROOT, State
from config.local.supervisor import Supervisor

PARIS = ZoneInfo("Europe/Paris")  # where the morning of the story is
#: The steps of a start, in order, with the seconds each takes on a workstation of two cores: from nothing, then when
#: the database is there. What is not needed is passed over.
FROM_NOTHING = {
    "Base PostgreSQL": 4.0,
    "Copie de la démonstration": 2.0,
    "Tables": 8.0,
    "Territoires": 8.0,
    "Démonstration": 120.0,
    "Mise de côté": 2.0,
    "Travailleur et site": 8.0,
}
PREPARATION = {"migrate": "Tables", "load_territories": "Territoires"}
LOADED = FROM_NOTHING | {"Base PostgreSQL": 1.0, "Tables": 2.5, "Territoires": 2.5, "Démonstration": 1.5}


def steps(state: State) -> Progress:
    """The progress of a start in this folder: short when there is a database already."""
    return Progress(LOADED if state.pgdata.exists() else FROM_NOTHING)


def refuse_reset_of_given_database() -> None:
    """Raise Refusal when the database to start over is not the embedded one."""
    if "DATABASE_URL" in given_addresses():
        raise Refusal(
            "--reset n’efface que la base embarquée, et DATABASE_URL en nomme une autre : retirez cette variable, "
            "ou videz vous-même cette base."
        )


def put_in_place(
    supervisor: Supervisor, environment: Mapping[str, str], progress: Progress, *, reset: bool, retell: bool
) -> None:
    """Bring the database to the end of the story; nobody else is connected to it yet.

    Raises Refusal when a step fails, Stopped when told to stop meanwhile.
    """
    if not supervisor.record.embedded["postgresql"]:
        prepare_and_tell(supervisor, environment, progress)
        return
    sockets = supervisor.state.socket_folder()
    if reset and start_over(supervisor.state, progress, retell=retell):
        return
    if prepared.is_current(sockets):
        return
    if prepared.is_empty(sockets):
        progress.expect(FROM_NOTHING)
    code = fingerprint(*STORY)  # of before: a file may change while the story is told
    told_on = prepare_and_tell(supervisor, environment, progress)
    if told_on is not None:
        progress.begin("Mise de côté")
        prepared.keep(sockets, Origin(code, told_on.isoformat()))
    else:
        prepared.mark_current(sockets, code)


def prepare_and_tell(supervisor: Supervisor, environment: Mapping[str, str], progress: Progress) -> date | None:
    """Tables, territories, and the story unless it is told: the morning where it stops if it was told now."""
    prepare_database(supervisor, environment, lambda command: progress.begin(PREPARATION[command]))
    progress.begin("Démonstration")
    return tell(supervisor, environment, progress)


def start_over(state: State, progress: Progress, *, retell: bool) -> bool:
    """Replace the database by the prepared demonstration (True), or by an empty one to be filled (False)."""
    sockets = state.socket_folder()
    told = prepared.origin(sockets, prepared.PREPARED)
    today = datetime.now(PARIS).date()
    say(f"J’efface la base de {state.folder} ({prepared.size(sockets)}), avec tout ce qui y a été saisi.")
    if told is not None and not retell and told.serves(today):
        say(f"Je reprends la démonstration préparée{day_in_words(told.day, today)}.")
        progress.begin("Copie de la démonstration")
        prepared.bring_back(sockets, told)
        return True
    say(f"Je raconte de nouveau la démonstration, par ses actes : {why(told, today, retell=retell)}.")
    prepared.forget(sockets)
    prepared.start_empty(sockets)
    return False


def day_in_words(day: date, today: date) -> str:
    """« aujourd’hui », or which day it stops at and how to have it told until today."""
    if day == today:
        return " aujourd’hui"
    return f" le {day:%d/%m/%Y} : elle s’arrête à ce jour (--retell la raconte jusqu’à aujourd’hui)"


def why(told: Origin | None, today: date, *, retell: bool) -> str:
    """Why the prepared one does not serve."""
    if retell:
        return "vous l’avez demandé"
    if told is None:
        return "aucune n’est prête ici"
    if told == Origin(Origin.of(today).fingerprint, told.told_on):
        return f"celle qui est prête s’arrête au {told.day:%d/%m/%Y}"
    return "le programme a changé depuis celle qui est prête"


def tell(supervisor: Supervisor, environment: Mapping[str, str], progress: Progress) -> date | None:
    """Tell the story unless it is told, and return the morning where it stops if it was told now.

    Raises Refusal when the acts refuse.
    """
    log = supervisor.state.log("demo")
    answer, mark = log.with_suffix(".json"), log.with_suffix(".progress")
    mark.unlink(missing_ok=True)
    supervisor.meanwhile = lambda: follow(mark, progress)
    command = manage_command("demo", "--only-tell", "--json", "--progress", str(mark))
    with answer.open("wb") as output, log.open("wb") as errors:
        code = supervisor.run(command, environment, ROOT, output, errors)
    supervisor.meanwhile = progress.tick
    if code:
        raise Refusal(f"« manage.py demo » a échoué ; fin de son journal, {log} :\n{last_lines(log)}")
    told_on = json.loads(answer.read_text(encoding="utf-8"))["told_on"]
    return date.fromisoformat(told_on) if told_on else None


def follow(mark: Path, progress: Progress) -> None:
    """Take over where the telling says it is."""
    if mark.exists():
        said = json.loads(mark.read_text(encoding="utf-8"))
        progress.weigh(FROM_NOTHING["Démonstration"])  # it is being told
        progress.reach(said["share"], said["line"])
    else:
        progress.tick()
