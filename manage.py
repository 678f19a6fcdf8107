#!/usr/bin/env python
"""Django's command line. From a checkout, prefer `./run manage …`: it also brings the services up."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if "runserver" not in sys.argv[1:2]:  # a command reads for nobody: the second wall hides nothing from it
        os.environ.setdefault("EQUIFLUX_COMMAND", " ".join(sys.argv[1:2]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
