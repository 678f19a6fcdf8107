"""The database of a demonstration before anybody uses it: tables, territories and the story, restored from where it was
recorded and gone on with, or told whole."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg

from config.local import postgres, prepared, recording
from config.local.console import Refusal, say
from config.local.fingerprint import STORY, fingerprint
from config.local.processes import last_lines
from config.local.progress import Progress
from config.local.recording import Recording
from config.local.services import given_addresses, manage_command, prepare_database
from config.local.state import ROOT, State
from config.local.supervisor import Supervisor

PARIS = ZoneInfo("Europe/Paris")  # where the morning of the story is
#: The steps of a start, in order, with the seconds each takes on a workstation of two cores: from nothing, then when
#: the database is there. What is not needed is passed over.
FROM_NOTHING = {
    "Base PostgreSQL": 3.0,
    "Récit enregistré": 4.0,
    "Tables": 0.0,
    "Territoires": 0.0,
    "Démonstration": 0.0,
    "Enregistrement": 0.0,
    "Suite jusqu’à ce matin": 10.0,
    "Travailleur et site": 8.0,
}
PREPARATION = {"migrate": "Tables", "load_territories": "Territoires"}
#: When the story is told whole.
WHOLE = FROM_NOTHING | {
    "Récit enregistré": 0.0,
    "Tables": 15.0,
    "Territoires": 8.0,
    "Démonstration": 150.0,
    "Enregistrement": 4.0,
}
#: Seconds of a day lived, and of this morning.
A_DAY, THIS_MORNING = 0.33, 8.0
LOADED = dict.fromkeys(FROM_NOTHING, 0.0) | {
    "Base PostgreSQL": 1.0,
    "Tables": 2.5,
    "Territoires": 2.5,
    "Démonstration": 1.5,
    "Travailleur et site": 8.0,
}


def steps(state: State) -> Progress:
    """The progress of a start in this folder: short when there is a database already."""
    return Progress(LOADED if state.pgdata.exists() else FROM_NOTHING)


def refuse_given_database(option: str) -> None:
    """Raise Refusal when the database to start over, or to record in, is not the embedded one."""
    if "DATABASE_URL" in given_addresses():
        raise Refusal(
            f"{option} n’emploie que la base embarquée, et DATABASE_URL en nomme une autre : retirez cette variable, "
            "ou videz vous-même cette base."
        )


def put_in_place(
    supervisor: Supervisor, environment: Mapping[str, str], progress: Progress, *, reset: bool, retell: bool
) -> None:
    """Bring the database to the end of the story; nobody else is connected to it yet.

    Raises Refusal when a step fails, Stopped when told to stop meanwhile.
    """
    build = Build(supervisor, environment, progress)
    if not supervisor.record.embedded["postgresql"]:
        build.prepare()
        build.tell()
        return
    sockets = supervisor.state.socket_folder()
    if not reset and prepared.is_current(sockets):
        return
    code = fingerprint(*STORY)  # of before: a file may change meanwhile
    if not reset and not prepared.is_empty(sockets):
        build.prepare()
        build.tell()
        prepared.mark_current(sockets, code)
        return
    if reset:
        folder = supervisor.state.folder
        say(f"J’efface la base de {folder} ({prepared.size(sockets)}), avec tout ce qui y a été saisi.")
    draft = Build(supervisor, in_database(environment, sockets, prepared.start_draft(sockets)), progress)
    draft.fill(retell=retell)
    prepared.put_in_place(sockets, code)


def in_database(environment: Mapping[str, str], sockets: Path, name: str) -> dict[str, str]:
    """The environment of commands on another database of the embedded server."""
    return {**environment, "DATABASE_URL": f"postgres://{postgres.ACCOUNT}@/{name}?host={quote(str(sockets))}"}


@dataclass(frozen=True)
class Build:
    """The database of an environment, being filled."""

    supervisor: Supervisor
    environment: Mapping[str, str]
    progress: Progress

    @property
    def state(self) -> State:
        return self.supervisor.state

    def fill(self, *, retell: bool) -> None:
        """The whole demonstration in an empty database: from the latest recording that serves, or told and recorded."""
        today = datetime.now(PARIS).date()
        own = self.state.folder / "demonstration.sql.xz"
        found = "vous l’avez demandé" if retell else recording.serving(today, recording.KEPT, own)
        if not isinstance(found, str):
            path, recorded = found
            if self._restore(path, recorded, recorded.days_left(today)):
                return
            found = "ce serveur refuse celui qui est enregistré"
        say(f"Je raconte la démonstration entière, par ses actes, en quelques minutes : {found}.")
        self.record(own, small=False)
        self.go_on()

    def _restore(self, path: Path, recorded: Recording, days: int) -> bool:
        """Restore a recording and live the days since; False when the server refuses it."""
        self.progress.expect(FROM_NOTHING | {"Suite jusqu’à ce matin": THIS_MORNING + A_DAY * days})
        self.progress.begin("Récit enregistré")
        try:
            recording.restore(path, self.environment["DATABASE_URL"])
        except psycopg.Error:
            return False
        if not recorded.is_laid:
            self.prepare()
        self._notes.write_text(json.dumps(recorded.notes), encoding="utf-8")
        self.go_on()
        return True

    def record(self, path: Path, *, small: bool) -> None:
        """Tell the story in an empty database until the eve of this morning, and record it there."""
        self.progress.expect(WHOLE)
        self.prepare()
        self.tell("--until-the-eve", str(self._notes))
        self.progress.begin("Enregistrement")
        program = postgres.binaries(self.state.pgdata) / "pg_dump"
        notes = json.loads(self._notes.read_text(encoding="utf-8"))
        recording.write(path, program, self.environment["DATABASE_URL"], notes, small=small)

    @property
    def _notes(self) -> Path:
        """Where the story leaves what its next day needs, for the command that takes it up again."""
        return self.state.log("demo").with_suffix(".notes.json")

    def prepare(self) -> None:
        """Tables and territories, brought up to date."""
        prepare_database(self.supervisor, self.environment, lambda command: self.progress.begin(PREPARATION[command]))

    def tell(self, *options: str) -> None:
        """Tell the story unless it is told.

        Raises Refusal when the acts refuse.
        """
        self.progress.begin("Démonstration")
        self._run(*options)

    def go_on(self) -> None:
        """Live the days since the story was left, and this morning."""
        self.progress.begin("Suite jusqu’à ce matin")
        self._run("--go-on", str(self._notes))

    def _run(self, *options: str) -> None:
        log = self.state.log("demo")
        mark = log.with_suffix(".progress")
        mark.unlink(missing_ok=True)
        self.supervisor.meanwhile = lambda: follow(mark, self.progress)
        command = manage_command("demo", "--only-tell", *options, "--progress", str(mark))
        with log.open("wb") as output:
            code = self.supervisor.run(command, self.environment, ROOT, output, output)
        self.supervisor.meanwhile = self.progress.tick
        if code:
            raise Refusal(f"« manage.py demo » a échoué ; fin de son journal, {log} :\n{last_lines(log)}")


def follow(mark: Path, progress: Progress) -> None:
    """Take over where the telling says it is."""
    if mark.exists():
        said = json.loads(mark.read_text(encoding="utf-8"))
        progress.reach(said["share"], said["line"])
    else:
        progress.tick()
