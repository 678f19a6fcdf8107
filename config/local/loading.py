"""Loading.

* `./run record`: state the demonstration whole, and keep the recording in the repository, from which others start.
* The database of a demonstration before anybody uses it: tables, territories and the story, restored from where it
  was recorded and gone on with, or lived whole.
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from config.day import AHEAD
from config.local import days, postgres, prepared, recording
from config.local.console import Refusal, say
from config.local.fingerprint import STORY, fingerprint
from config.local.processes import last_lines
from config.local.progress import Progress
from config.local.recording import Recording
from config.local.services import given_addresses, manage_command, prepare_database, start_missing
from config.local.state import ROOT, State
from config.local.supervisor import Stopped, Supervisor, supervising

PASSED = "Jours passés"
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
    PASSED: 0.0,
    "Travailleur et site": 8.0,
}
PREPARATION = {"migrate": "Tables", "load_territories": "Territoires"}
#: When the story is lived whole.
WHOLE = FROM_NOTHING | {
    "Récit enregistré": 0.0,
    "Tables": 15.0,
    "Territoires": 8.0,
    "Démonstration": 150.0,
    "Enregistrement": 4.0,
}
#: Seconds of a day lived, and of this morning.
A_DAY, THIS_MORNING = 0.33, 8.0
#: Seconds of a day passed by the clock alone.
A_DAY_PASSED = 1.0
LOADED = dict.fromkeys(FROM_NOTHING, 0.0) | {
    "Base PostgreSQL": 1.0,
    "Tables": 2.5,
    "Territoires": 2.5,
    "Démonstration": 1.5,
    PASSED: 0.0,
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
    supervisor: Supervisor,
    environment: Mapping[str, str],
    progress: Progress,
    *,
    reset: bool,
    retell: bool,
    on: date | None = None,
) -> dict[str, str]:
    """Bring the database to the end of the story, then to the day that is asked for; nobody else is connected to it
    yet. What states that day to whoever serves it is given back.

    Raises Refusal when a step fails, or that day is past; Stopped when asked to stop meanwhile.
    """
    build = Build(supervisor, environment, progress)
    if not supervisor.record.embedded["postgresql"]:
        build.prepare()
        build.tell()
        return {}
    sockets = supervisor.state.socket_folder()
    current = not reset and prepared.is_current(sockets)
    if current or not (reset or prepared.is_empty(sockets)):
        if on is not None:
            days.refuse_going_back(on, days.day_at(days.kept(sockets)))
        if not current:
            code = fingerprint(*STORY)  # of before: a file may change meanwhile
            build.prepare()
            build.tell()
            prepared.mark_current(sockets, code)
        return build.pass_days(postgres.NAME, on)
    code = fingerprint(*STORY)
    morning = build.morning(on)
    if reset:
        folder = supervisor.state.folder
        say(f"J’efface la base de {folder} ({prepared.size(sockets)}), avec tout ce qui y a été saisi.")
    ahead = days.ahead_of(morning)
    environment = in_database(environment, sockets, prepared.start_draft(sockets)) | {AHEAD: str(ahead)}
    draft = Build(supervisor, environment, progress)
    draft.fill(morning, retell=retell)
    if ahead:
        days.keep(sockets, prepared.DRAFT, ahead)
    taken = draft.pass_days(prepared.DRAFT, on)
    prepared.put_in_place(sockets, code)
    return taken


def in_database(environment: Mapping[str, str], sockets: Path, name: str) -> dict[str, str]:
    """The environment of commands on another database of the embedded server."""
    return {**environment, "DATABASE_URL": postgres.address_of(sockets, name)}


@dataclass(frozen=True)
class Build:
    """The database of an environment, being filled."""

    supervisor: Supervisor
    environment: Mapping[str, str]
    progress: Progress

    @property
    def state(self) -> State:
        return self.supervisor.state

    @property
    def _own(self) -> Path:
        """Where the first telling leaves a recording."""
        return self.state.folder / "demonstration.sql.xz"

    def morning(self, on: date | None) -> date:
        """The last one of the story: today’s, or that of an earlier day which is asked for.

        Raises Refusal when the recorded story is past that day.
        """
        today = days.day_at(0)
        if on is None or on >= today:
            return today
        found = [each.next_day for each in map(Recording.at, (recording.KEPT, self._own)) if each is not None]
        first = min(found, default=today)
        if on < first:
            raise Refusal(
                f"Le récit de la démonstration est enregistré jusqu’à la veille du {first:%d/%m/%Y} : donnez à --on ce "
                "jour, ou un jour d’après."
            )
        return on

    def fill(self, today: date, *, retell: bool) -> None:
        """The whole demonstration in an empty database, until the morning of that day: from the latest recording that
        serves, or lived and recorded."""
        own = self._own
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
        """State the story in an empty database until the eve of this morning, and record it there."""
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
        """State the story unless it is complete.

        Raises Refusal when the acts refuse.
        """
        self.progress.begin("Démonstration")
        self._run(*options)

    def go_on(self) -> None:
        """Live the days since the story was left, and this morning."""
        self.progress.begin("Suite jusqu’à ce matin")
        self._run("--go-on", str(self._notes))

    def pass_days(self, name: str, on: date | None) -> dict[str, str]:
        """Live by the clock alone until the day that is asked for, in the database of that name. What states the day
        where it is to whoever serves it is given back.

        Raises Refusal when a task fails: it stays on the day of that failure.
        """
        sockets = self.state.socket_folder()
        ahead = days.kept(sockets, name)
        if on is not None and (left := (on - days.day_at(ahead)).days) > 0:
            self.progress.expect(LOADED | {PASSED: left * A_DAY_PASSED})
            self.progress.begin(PASSED)
            own = {AHEAD: str(ahead), "EMAIL_URL": "mailbox:"}
            self._follow("pass_days", ["--until", on.isoformat()], {**self.environment, **own})
            ahead = days.kept(sockets, name)
        return {AHEAD: str(ahead)} if ahead or AHEAD in self.environment else {}

    def _run(self, *options: str) -> None:
        self._follow("demo", ["--only-tell", *options], self.environment)

    def _follow(self, name: str, options: Sequence[str], environment: Mapping[str, str]) -> None:
        log = self.state.log(name)
        mark = log.with_suffix(".progress")
        mark.unlink(missing_ok=True)
        self.supervisor.meanwhile = lambda: follow(mark, self.progress)
        command = manage_command(name, *options, "--progress", str(mark))
        with log.open("wb") as output:
            code = self.supervisor.run(command, environment, ROOT, output, output)
        self.supervisor.meanwhile = self.progress.tick
        if code:
            raise Refusal(f"« manage.py {name} » a échoué ; fin de son journal, {log} :\n{last_lines(log)}")


def follow(mark: Path, progress: Progress) -> None:
    """Take over where the telling says it is."""
    if mark.exists():
        payload = json.loads(mark.read_text(encoding="utf-8"))
        progress.reach(payload["share"], payload["line"])
    else:
        progress.tick()


def record() -> int:
    """State until the eve of this morning, on services of its own, and replace the recording of the repository.

    Raises Refusal when the story cannot be lived; the recording that was there stays.
    """
    refuse_given_database("./run record")
    state = State.for_recording()
    if not state.lock():
        raise Refusal("Un autre enregistrement est en cours ici : attendez sa fin.")
    began = time.monotonic()
    try:
        with supervising(state, "record", considerate=False) as supervisor:
            progress = steps(state)
            supervisor.meanwhile = progress.tick
            try:
                progress.begin("Base PostgreSQL")
                environment, sockets = start_missing(supervisor), state.socket_folder()
                draft = in_database(environment, sockets, prepared.start_draft(sockets))
                Build(supervisor, draft, progress).record(recording.KEPT, small=True)
            finally:
                progress.end()
    except Stopped:
        say("Interrompu : le récit d’avant est resté.")
        return 1
    shutil.rmtree(state.folder)
    made = recording.Recording.at(recording.KEPT)
    assert made is not None, "it was just written"
    say(
        f"Récit enregistré en {time.monotonic() - began:.0f} s, jusqu’à la veille du {made.day} : "
        f"{recording.KEPT.relative_to(ROOT)}, {recording.KEPT.stat().st_size / 1e6:.1f} Mo. Versez-le au dépôt."
    )
    return 0
