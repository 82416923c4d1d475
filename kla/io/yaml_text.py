"""YAML files of ours, read as text: no number, date or yes/no is guessed, a key given twice is refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from kla.errors import KlaError

try:
    from yaml import CBaseLoader as _BaseLoader
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml: slower, same answers
    from yaml import BaseLoader as _BaseLoader  # type: ignore[assignment]
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class Bare(str):
    """A scalar written without quotation marks: another reader would take 53.70 for a number."""

    __slots__ = ()


Value = str | list["Value"] | dict[str, "Value"]


_TEXT = "tag:yaml.org,2002:str"
_TAGS: dict[type[yaml.Node], str] = {
    yaml.ScalarNode: _TEXT,
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
    yaml.MappingNode: "tag:yaml.org,2002:map",
}


class _Loader(_BaseLoader):
    """BaseLoader (everything is text) that remembers quotation marks and refuses a key given twice."""

    def resolve(self, kind: type[yaml.Node], _value: str | None, _implicit: object) -> str:
        """Return the tag of a node by its kind alone: what PyYAML finds out the long way for each."""
        return _TAGS[kind]


def _scalar(_loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(node.value) if node.style else Bare(node.value)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", key_node.start_mark)
        found[key] = _value(loader, value_node)
    return found


def _sequence(loader: _Loader, node: yaml.SequenceNode) -> list[Value]:
    return [_value(loader, child) for child in node.value]


def _value(loader: _Loader, node: yaml.Node) -> Value:
    """Return what a node holds; a text at once, without the way PyYAML goes for each (a quarter of reading a file)."""
    if isinstance(node, yaml.ScalarNode) and node.tag == _TEXT:
        return _scalar(loader, node)
    found: Value = loader.construct_object(node, deep=True)
    return found


_Loader.add_constructor(_TEXT, _scalar)
_Loader.add_constructor(_TAGS[yaml.MappingNode], _mapping)
_Loader.add_constructor(_TAGS[yaml.SequenceNode], _sequence)


def plain(path: Path) -> Any:
    """Return what a file of ours holds as YAML means it, numbers and dates included; ten times faster than safe_load."""
    return yaml.load(path.read_bytes(), Loader=_SafeLoader)


def near(word: str, known: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the nearest known word, or nothing when none is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{found[0]}"?' if found else ""


def read_mapping(path: Path, where: str, error: type[KlaError]) -> dict[str, Value]:
    """Return a file's top mapping with every scalar as text ("0.25", "true", "2024-05-31").

    Raises:
        KlaError: (as `error`) the file is missing, not YAML, gives a key twice or holds no mapping.
    """
    try:
        found = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 (a BaseLoader: builds text only)
    except FileNotFoundError:
        raise error(where, "the file does not exist", "Write it.") from None
    except yaml.YAMLError as fault:
        raise error(where, " ".join(str(fault).split()), "Correct the YAML.") from fault
    if not isinstance(found, dict):
        raise error(where, "holds no keys", "Write `key: value` lines.")
    return found


class Fields:
    """The keys of one mapping, taken by type; every refusal names file, key and what to do.

    Args:
        values: what the file holds.
        where: file and entry, for messages.
        known: the keys that may stand here; any other is refused, the nearest one suggested.
        error: which of our errors to raise.
    """

    def __init__(
        self, values: Mapping[str, Value], where: str, known: Iterable[str], error: type[KlaError] = KlaError
    ) -> None:
        self._values = values
        self._where = where
        self._error = error
        allowed = tuple(known)
        for key in values:
            if key not in allowed:
                hint = near(key, allowed).strip() or f"Use one of {', '.join(allowed)}."
                raise self.refuse(key, "is not a key that may stand here", hint)

    def refuse(self, key: str, what: str, remedy: str) -> KlaError:
        """Return the error for one key, to be raised."""
        return self._error(f"{self._where}, {key}", what, remedy)

    def has(self, key: str) -> bool:
        """Whether the key is given and holds something."""
        return bool(self._values.get(key))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; `default` where the key is not given."""
        value = self._values.get(key, default)
        if value is None or value == "":
            if default is not None:
                return default
            raise self.refuse(key, "is missing", f"Give {key}.")
        if not isinstance(value, str):
            raise self.refuse(key, "is not a single text", "Write one text.")
        return str(value)

    def quoted(self, key: str) -> str:
        """Return a text that must stand in quotation marks (a code that looks like a number)."""
        text = self.text(key)
        if isinstance(self._values[key], Bare):
            raise self.refuse(key, f"{text} reads as a number", f'Write it as text: {key}: "{text}".')
        return text

    def decimal(self, key: str) -> Decimal:
        """Return an exact decimal, as written."""
        text = self.text(key)
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise self.refuse(key, f'"{text}" is not a number', "Write digits, with a point.") from None
        if not number.is_finite():
            raise self.refuse(key, f'"{text}" is not a number', "Write digits, with a point.")
        return number

    def whole(self, key: str, default: int | None = None) -> int:
        """Return a whole number, zero or more."""
        text = self.text(key, None if default is None else str(default))
        if not (text.isascii() and text.isdigit()):
            raise self.refuse(key, f'"{text}" is not a whole number', "Write digits only.")
        return int(text)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        text = self.text(key, "true" if default else "false")
        if text not in ("true", "false"):
            raise self.refuse(key, f'"{text}" is neither true nor false', "Write true or false.")
        return text == "true"

    def day(self, key: str) -> date:
        """Return a day written 2024-05-31."""
        text = self.text(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.refuse(key, f'"{text}" is not a day', "Write it as 2024-05-31.") from None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where the key is not given."""
        value = self._values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.refuse(key, "is not a list of texts", "Write a list: [a, b].")
        return tuple(str(item) for item in value)

    def mappings(self, key: str) -> tuple[dict[str, Value], ...]:
        """Return a list of mappings, empty where the key is not given."""
        value = self._values.get(key) or []
        if not isinstance(value, list):
            raise self.refuse(key, "is not a list", "Write one `- {...}` per entry.")
        found = tuple(item for item in value if isinstance(item, dict))
        if len(found) != len(value):
            raise self.refuse(key, "holds something that is no mapping", "Write one `- {...}` per entry.")
        return found
