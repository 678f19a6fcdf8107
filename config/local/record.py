"""`./run record`: tell the demonstration whole, and keep the recording in the repository, from which others start."""

import shutil
import time

from config.local import prepared, recording
from config.local.console import Refusal, say
from config.local.loading import Build, in_database, refuse_given_database, steps
from config.local.services import start_missing
from config.local.state import ROOT, State
from config.local.supervisor import Stopped, supervising


def record() -> int:
    """Tell until the eve of this morning, on services of its own, and replace the recording of the repository.

    Raises Refusal when the story cannot be told; the recording that was there stays.
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
