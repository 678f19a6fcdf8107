"""`./run manage`: a Django command, with the services it needs, if any."""

from collections.abc import Sequence

from config.local.console import say
from config.local.prepared import check_again
from config.local.services import base_environment, borrowed_or_started, given_addresses, manage_command
from config.local.state import State
from config.local.supervisor import Stopped, Supervisor

# Commands that change no database: what is known of ours still holds after them.
CHANGING_NOTHING = {"showmigrations", "sqlmigrate", "help", "--help", "-h", "version", "--version"}

# Commands about the migrations themselves, about an empty database, or about nothing.
WITHOUT_PREPARATION = CHANGING_NOTHING | {
    "makemigrations",
    "migrate",
    "squashmigrations",
    "optimizemigration",
    "restore",
}

# Commands that read and write files only: nothing is started for them, and nothing need answer.
WITHOUT_SERVICES = {"convert"}


def manage(arguments: Sequence[str]) -> int:
    """Run `manage.py` with `arguments`, its input and output untouched, and return its exit code.

    Raises Refusal when the services cannot be had, or the database does not answer.
    """
    if arguments and arguments[0] in WITHOUT_SERVICES:
        state = State.default()
        return Supervisor(state, "manage").hand_over(manage_command(*arguments), base_environment(state), None)
    prepare = bool(arguments) and arguments[0] not in WITHOUT_PREPARATION
    try:
        with borrowed_or_started(State.default(), "manage", prepare=prepare) as services:
            if arguments and arguments[0] not in CHANGING_NOTHING and "DATABASE_URL" not in given_addresses():
                check_again(services.environment["DATABASE_URL"])
            return services.supervisor.hand_over(manage_command(*arguments), services.environment, None)
    except Stopped:
        say("Interrompu.")
        return 1
