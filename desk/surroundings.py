"""What the machine around the command refuses (a permission, room on the disk, its database), told in one sentence."""

from __future__ import annotations

import errno
from typing import cast

from kla.io.desk_words import entry, say

# By name: a command that touches no database does not import SQLAlchemy for its errors.
_OF_A_DATABASE = frozenset({"OperationalError", "InterfaceError", "DatabaseError"})


def said_of_surroundings(error: Exception) -> str:
    """Return what is to be said of an error that is no fault of the program; "" for one that is.

    No text of a database's driver is quoted, for it may name a user or a password.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return _of_the_system(error)
    kind = type(error)
    if kind.__module__ == "sqlalchemy.exc" and kind.__name__ in _OF_A_DATABASE:
        origin = getattr(error, "orig", None)
        name = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None) or kind.__name__
        return say("surroundings.database", name=name)
    return ""


def _of_the_system(error: OSError) -> str:
    name = errno.errorcode.get(error.errno or 0, str(error.errno))
    known = cast(dict[str, str], entry("surroundings.system"))
    what = known.get(name) or say("surroundings.other", name=name)
    place = error.filename2 or error.filename
    return f"{place}: {what}" if place else what
