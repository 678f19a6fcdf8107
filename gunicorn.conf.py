"""The web server, in production and in the demonstration: `gunicorn config.wsgi` reads this file by itself."""

import os

from config.logs import logging_configuration

worker_class = "gthread"
workers = 2
threads = 4
control_socket_disable = True
logger_class = "config.access_log.AccessLog"
logconfig_dict = logging_configuration(
    os.environ.get("LOG_LEVEL", "INFO"), as_json=os.environ.get("LOG_FORMAT", "").strip().lower() == "json"
)
