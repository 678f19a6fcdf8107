"""The web server, in production and in the demonstration: `gunicorn config.wsgi` reads this file by itself."""

import os
from pathlib import Path
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from config.logs import logging_configuration

worker_class = "config.turns.Worker"
workers = 2
threads = 4
control_socket_disable = True
logger_class = "config.request_identifier.AccessLog"
logconfig_dict = logging_configuration(
    os.environ.get("LOG_LEVEL", "INFO"), as_json=os.environ.get("LOG_FORMAT", "").strip().lower() == "json"
)

counted = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def on_starting(server: Any) -> None:
    """What the processes of an earlier start counted is over."""
    if counted:
        Path(counted).mkdir(parents=True, exist_ok=True)
        for old in Path(counted).glob("*.db"):
            old.unlink()


def child_exit(server: Any, worker: Any) -> None:
    """What a process that ended counted stays; it is no longer among those that live."""
    if counted:
        mark_process_dead(worker.pid)
