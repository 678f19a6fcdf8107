"""As whom PostgreSQL runs: it refuses root.

Not root: as we are. Root, or a number without a name: in a user namespace where we are called `nobody`, files
staying ours. Where namespaces are forbidden (many containers), root becomes `nobody` for good. The owner of the data
folder says which of the two it was made with: they do not mix.
"""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.local.console import Refusal
from config.local.processes import LIBC, spawn

PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1


@dataclass(frozen=True)
class Identity:
    """The owner of the files as seen from here, and what a child does to take that identity (None: nothing)."""

    owner: int
    group: int
    become: Callable[[], None] | None = None

    def give(self, folder: Path) -> None:
        """Make `folder` belong to this identity."""
        found = folder.stat()
        if (found.st_uid, found.st_gid) != (self.owner, self.group) and os.geteuid() == 0:
            os.chown(folder, self.owner, self.group)


def identity_for(pgdata: Path) -> Identity:
    """Choose the identity that can run PostgreSQL on `pgdata`, whether it exists yet or not.

    Raises Refusal when the folder belongs to somebody whose identity we cannot take.
    """
    user, group = os.geteuid(), os.getegid()
    found = pgdata.stat() if pgdata.exists() else None
    owner = found.st_uid if found else None
    if user != 0:
        if owner not in (None, user):
            raise Refusal(
                f"La base {pgdata} appartient à un autre utilisateur : lancez la commande avec le compte qui l’a "
                "créée, ou choisissez un autre dossier avec EQUIFLUX_STATE."
            )
        return Identity(user, group, None if has_name(user) else enter_namespace)
    if owner in (None, 0):
        if namespace_reaches(pgdata.parent):
            return Identity(user, group, enter_namespace)
        if owner == 0:
            raise Refusal(
                f"La base {pgdata} appartient à root, et ce système ne permet pas de l’ouvrir sous un autre nom : "
                "donnez une base avec DATABASE_URL, ou un dossier d’état neuf avec EQUIFLUX_STATE."
            )
    if found:
        new_user, new_group = found.st_uid, found.st_gid
    else:
        nobody = pwd.getpwnam("nobody")
        new_user, new_group = nobody.pw_uid, nobody.pw_gid
    return Identity(new_user, new_group, lambda: change_user(new_user, new_group))


def enter_namespace() -> None:
    """Enter a user namespace where our only user is called `nobody`: outside, nothing changes hands."""
    user, group, account = os.geteuid(), os.getegid(), pwd.getpwnam("nobody")
    os.unshare(os.CLONE_NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{account.pw_uid} {user} 1"),
        ("gid_map", f"{account.pw_gid} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def has_name(user: int) -> bool:
    """Whether the system knows an account by this number (a container may run us under any)."""
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def namespace_reaches(folder: Path) -> bool:
    """Whether this system lets us enter a user namespace and, from there, `folder`; only trying states.

    Root enters folders that are closed to it; in a namespace it no longer does.
    """
    try:
        return spawn(["test", "-x", folder], signal.SIGKILL, enter_namespace).wait() == 0
    except (subprocess.SubprocessError, OSError):
        return False


def change_user(user: int, group: int) -> None:
    """Become `user` for good, keeping from root only the right to walk through closed folders.

    A checkout under a private folder (`/root`, a temporary one) would otherwise be out of reach.
    Where even that right is missing we go on without it: an open path suffices.
    """
    LIBC.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    bit = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if LIBC.capset(header, effective_permitted_inheritable) == 0:
        LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
