"""How the commands of this folder are typed, and refused."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that refuses in French; code 2."""

    def __init__(self, module: str, description: str) -> None:
        super().__init__(prog=f"python -m {module}", description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Refuse a misspelt command line."""
        self.exit(2, f"Cette commande n’est pas bien écrite. L’aide : {self.prog} --help\n")
