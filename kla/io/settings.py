"""Every environment variable the project reads, typed, in one place: nothing else looks at the environment.

A new one is a field of `Settings` and its sentence in reports/settings.id.yaml; docs/operations lists it (a test asks for both).
Plain dataclasses on purpose: a settings library costs every command and every child process a fifth of a second.
"""

# ruff: noqa: RUF009 - declarations of fields, made once
from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any

from kla.errors import SettingsError


class Secret(Enum):
    """What of a value must not be shown."""

    NOTHING = "nothing"
    PASSWORD = "password"  # noqa: S105 - the part of a database URL
    ALL = "all"


def _of(name: str, default: Callable[[Mapping[str, Any]], Any], read: Callable[[str], Any] = str, **more: Any) -> Any:
    """Declare a setting; `default` is given the settings declared before it."""
    return field(metadata={"name": name, "default": default, "read": read, "secret": Secret.NOTHING, **more})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, defaults filled in; in the order in which `kla settings` shows them."""

    home: Path | None = _of("KLA_HOME", lambda _: None, Path)
    var: Path = _of("KLA_VAR", lambda got: (got["home"] or Path.cwd()) / "var", Path)
    warehouse_url: str = _of(
        "KLA_WAREHOUSE_URL", lambda got: f"sqlite:///{got['var'] / 'warehouse.db'}", secret=Secret.PASSWORD
    )
    reader_url: str | None = _of("KLA_READER_URL", lambda _: None, secret=Secret.PASSWORD)
    steward_url: str | None = _of("KLA_STEWARD_URL", lambda _: None, secret=Secret.PASSWORD)
    notify_urls: tuple[str, ...] = _of(
        "KLA_NOTIFY_URLS", lambda _: (), lambda text: tuple(text.split()), secret=Secret.ALL
    )
    workers: int = _of("KLA_WORKERS", lambda _: min(len(os.sched_getaffinity(0)), 8), int)
    runner: str = _of("KLA_RUNNER", lambda _: "lokal")
    alarm_hours: int = _of("KLA_ALARM_HOURS", lambda _: 26, int)


def current() -> Settings:
    """Return the settings as the environment is now; an empty variable counts as none.

    Raises:
        SettingsError: a value cannot be read as what it has to be. A secret is not repeated.
    """
    got: dict[str, Any] = {}
    for one in fields(Settings):
        written = os.environ.get(one.metadata["name"], "").strip()
        got[one.name] = _read(one, written) if written else one.metadata["default"](got)
    return Settings(**got)


def notify_urls(name: str) -> tuple[str, ...]:
    """Return the addresses a variable of contacts.yaml holds (KLA_NOTIFY_DINKES), as KLA_NOTIFY_URLS does; () when it is empty.

    Raises:
        SettingsError: the name is not one of a variable for addresses.
    """
    if not name.startswith("KLA_NOTIFY_"):
        raise SettingsError(name, "is no variable for addresses", "Name it KLA_NOTIFY_...")
    return tuple(os.environ.get(name, "").split())


def _read(one: Field[Any], written: str) -> Any:
    try:
        return one.metadata["read"](written)
    except ValueError as error:
        said = "its value" if one.metadata["secret"] is not Secret.NOTHING else repr(written)
        raise SettingsError(one.metadata["name"], f"{said} cannot be used", "See `kla settings`.") from error


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting as it may be shown: secrets are masked. `default` is what would hold without its variable."""

    name: str
    value: str
    default: str
    is_set: bool


def shown() -> tuple[Shown, ...]:
    """Return every setting as it may be shown, in the order of `Settings`; "" stands for none."""
    now = current()
    got = {one.name: getattr(now, one.name) for one in fields(Settings)}
    lines = []
    for one in fields(Settings):
        name, secret = one.metadata["name"], one.metadata["secret"]
        value, default = _text(got[one.name]), _text(one.metadata["default"](got))
        is_set = bool(os.environ.get(name, "").strip())
        lines.append(Shown(name, masked(value, secret), masked(default, secret), is_set))
    return tuple(lines)


def may_only_decide() -> bool:
    """Whether this machine is a steward's, told no database but the one to add decisions to: the night judges them."""
    return current().steward_url is not None and not os.environ.get("KLA_WAREHOUSE_URL", "").strip()


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(part) for part in value)
    return "" if value is None else str(value)


def masked(value: str, secret: Secret = Secret.PASSWORD) -> str:
    """Return a value without its secret part.

    >>> masked("postgresql://kla:rahasia@db/kla?sslpassword=x")
    'postgresql://kla:***@db/kla?sslpassword=***'
    >>> masked("sqlite:////srv/kla/var/warehouse.db")
    'sqlite:////srv/kla/var/warehouse.db'
    >>> masked("slack://token/channel mailto://a:b@c", Secret.ALL)
    'slack://*** mailto://***'
    """
    if secret is Secret.NOTHING or not value:
        return value
    if secret is Secret.ALL:
        return " ".join(f"{part.partition('://')[0]}://***" if "://" in part else "***" for part in value.split())
    without = re.sub(r"(://[^:/@\s]*:)[^\s]*(?=@)", r"\1***", value)
    return re.sub(r"(?i)(pass\w*=)[^&\s]*", r"\1***", without)


# What other programs read from the environment


def tell_others(name: str, value: str) -> None:
    """Set a variable that a library or a child process reads."""
    os.environ[name] = value


def suggest_to_others(values: Mapping[str, str]) -> None:
    """Set variables that a library or a child process reads, where the environment does not name them already."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a child process, with some variables changed."""
    return {**os.environ, **(more or {})}


def replace_environment(values: Mapping[str, str]) -> None:
    """Have this process, and all it starts, find these variables and no others."""
    os.environ.clear()
    os.environ.update(values)


def prefect_home() -> Path:
    """Return the folder in which Prefect keeps its own state."""
    return Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()


def names_a_prefect_server() -> bool:
    """Whether the environment or a profile in use says which Prefect server to talk to."""
    return "PREFECT_API_URL" in os.environ or (prefect_home() / "profiles.toml").exists()


def settle_prefect() -> None:
    """Say what Prefect has to know before it is imported.

    Nothing leaves the machine, a first start may take as long as its migrations do, and without a profile of one's
    own its state stays in the working folder.
    """
    suggest_to_others(
        {
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            # A fresh home's migrations take longer than the 20 s after which the temporary server gives up.
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        }
    )
    is_named = {"PREFECT_HOME", "PREFECT_API_URL"} & os.environ.keys()
    if not is_named and not Path("~/.prefect/profiles.toml").expanduser().exists():
        os.environ["PREFECT_HOME"] = str(current().var / "prefect")
