"""What instrument/<cycle>/ says, file by file, merged over the cycle it extends; not yet judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kla.errors import InstrumentError
from kla.io.yaml_text import Value, near, read_mapping

FLAT_FILES = ("scales", "evidence_kinds", "roles")
_SHAPE = (("block", "code", "indicators"), ("indicator", "number", "questions"), ("question", "id", ""))


@dataclass(frozen=True)
class Entry:
    """One block, indicator, question, scale, kind or role as written: its place, its keys, what stands under it."""

    where: str
    values: Mapping[str, Value]
    children: Mapping[str, Entry] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class CycleFiles:
    """All that one cycle's folder says, together with what it extends; `digest_parts` is (name, bytes) per file."""

    head: Entry  # instrument.yaml; its children are the blocks
    flat: Mapping[str, Entry]  # scales, evidence_kinds, roles
    digest_parts: tuple[tuple[str, bytes], ...]


def read_cycle(folder: Path, home: Path, seen: tuple[str, ...] = ()) -> CycleFiles:
    """Return one folder's files, merged over what they extend (looked for beside the folder, then in `home`).

    Raises:
        InstrumentError: a file is missing or not YAML, an id is given twice, `extends` or `remove` names nothing.
    """
    own = _read_folder(folder)
    base_name = own.head.values.get("extends")
    if base_name is None:
        for entry in (own.head, *own.flat.values()):
            _refuse_removals(entry)
        return own
    if not isinstance(base_name, str) or base_name in (*seen, folder.name):
        raise InstrumentError(f"{own.head.where}, extends", "extends itself", "Name an earlier cycle.")
    base = read_cycle(_base_folder(folder, home, base_name), home, (*seen, folder.name))
    return CycleFiles(
        head=_merge(base.head, own.head),
        flat={name: _merge(base.flat[name], own.flat[name]) for name in FLAT_FILES},
        digest_parts=base.digest_parts + own.digest_parts,
    )


def _base_folder(folder: Path, home: Path, name: str) -> Path:
    for candidate in (folder.parent / name, home / name):
        if candidate.is_dir():
            return candidate
    where = f"instrument/{folder.name}/instrument.yaml, extends"
    known = ", ".join(sorted(path.name for path in home.iterdir() if path.is_dir()))
    raise InstrumentError(where, f"there is no cycle {name}", f"Use one of {known}.")


def _read_folder(folder: Path) -> CycleFiles:
    """Return what one folder says by itself: instrument.yaml, the three flat files, and a file per block."""
    documents: dict[str, tuple[str, dict[str, Value]]] = {}
    parts = []
    for path in sorted(folder.glob("*.yaml")):
        where = f"instrument/{folder.name}/{path.name}"
        documents[path.stem] = (where, read_mapping(path, where, InstrumentError))
        parts.append((f"{folder.name}/{path.name}", path.read_bytes()))
    head_where, head = documents.pop("instrument", (f"instrument/{folder.name}/instrument.yaml", None))
    if head is None:
        raise InstrumentError(head_where, "the file does not exist", "Write it: cycle, max_points, bands ...")
    flat = {
        name: _flat_entry(*documents.pop(name, (f"instrument/{folder.name}/{name}.yaml", {}))) for name in FLAT_FILES
    }
    blocks = _children([document for _, document in documents.values()], [where for where, _ in documents.values()], 0)
    values = {key: value for key, value in head.items() if key != "remove"}
    return CycleFiles(Entry(head_where, values, blocks, _removed(head, head_where)), flat, tuple(parts))


def _flat_entry(where: str, document: Mapping[str, Value]) -> Entry:
    """Return scales.yaml, evidence_kinds.yaml or roles.yaml: one child per key."""
    children = {}
    for key, value in document.items():
        if key != "remove":
            values = value if isinstance(value, dict) else {"name": value}
            children[key] = Entry(f"{where}, {key}", values)
    return Entry(where, {}, children, _removed(document, where))


def _children(items: list[dict[str, Value]], wheres: list[str], depth: int) -> dict[str, Entry]:
    """Return entries by id, in the order given; an id given twice is refused."""
    kind, id_key, _ = _SHAPE[depth]
    found: dict[str, Entry] = {}
    for item, where in zip(items, wheres, strict=True):
        identity = item.get(id_key)
        if not isinstance(identity, str) or not identity:
            raise InstrumentError(where, f"a {kind} has no {id_key}", f"Give {id_key}.")
        place = f"{where}, {kind} {identity}"
        if identity in found:
            raise InstrumentError(place, f"{kind} {identity} is given twice", "Remove one or correct its id.")
        found[identity] = _entry(item, where if depth == 0 else place, where, depth)
    return found


def _entry(item: Mapping[str, Value], place: str, file: str, depth: int) -> Entry:
    child_key = _SHAPE[depth][2]
    under = item.get(child_key, []) if child_key else []
    if not isinstance(under, list) or not all(isinstance(child, dict) for child in under):
        raise InstrumentError(f"{place}, {child_key}", "is not a list of mappings", "Write one `- {...}` per entry.")
    kept = {key: value for key, value in item.items() if key not in (child_key, "remove")}
    mappings = [child for child in under if isinstance(child, dict)]
    children = _children(mappings, [file] * len(mappings), depth + 1) if child_key else {}
    return Entry(place, kept, children, _removed(item, place))


def _removed(item: Mapping[str, Value], where: str) -> tuple[str, ...]:
    names = item.get("remove", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InstrumentError(f"{where}, remove", "is not a list of ids", "Write a list: [1.P2a, 1.P2b].")
    return tuple(str(name) for name in names)


def _refuse_removals(entry: Entry) -> None:
    """Refuse `remove` in a cycle that extends none."""
    if entry.removed:
        raise InstrumentError(f"{entry.where}, remove", "the cycle extends none", "Delete the lines themselves.")
    for child in entry.children.values():
        _refuse_removals(child)


def _merge(base: Entry, change: Entry) -> Entry:
    """Return the base with what the change names: keys replaced, ids changed, added or removed.

    `x_also` adds to the inherited list `x` instead of replacing it.
    """
    for name in change.removed:
        if name not in base.children:
            hint = near(name, base.children).strip() or "Remove it from the list."
            raise InstrumentError(f"{change.where}, remove", f"there is no {name} to remove", hint)
    children = {key: child for key, child in base.children.items() if key not in change.removed}
    for key, child in change.children.items():
        children[key] = _merge(children[key], child) if key in children else child
    return Entry(change.where, _merged_values(base.values, change.values), children)


def _merged_values(base: Mapping[str, Value], change: Mapping[str, Value]) -> dict[str, Value]:
    merged = {**base, **change}
    for key in ("assumptions", "sources"):
        also, kept = merged.get(f"{key}_also"), merged.get(key, [])
        if isinstance(also, list) and isinstance(kept, list):
            merged[key] = [*kept, *also]
            del merged[f"{key}_also"]
    return merged
