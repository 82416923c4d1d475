"""The parts of a workbook: read whole, changed one by one, written so that the same content gives the same bytes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kla.io.detect import opened, refuse_declarations
from kla.io.return_xml import MOST_REMEMBERED, UnsafeXml, as_utf8, edited, elements, escaped, refuse_broken, within
from kla.io.steady_zip import Packed, packed, unpacked, zipped

TYPES, ROOT_RELATIONS = "[Content_Types].xml", "_rels/.rels"
_TRANSITIONAL = "http://schemas.openxmlformats.org"
# "Strict Open XML" says the same under other names.
_STRICT_NAMES = (
    (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)
RELATION_TYPES = f"{_TRANSITIONAL}/officeDocument/2006/relationships"
_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation of a part; `target` is the other part's name, "" outside the workbook."""

    key: str
    kind: str  # last part of its type: worksheet, comments, vmlDrawing ...
    target: str


@dataclass(slots=True)
class Package:
    """All parts of a workbook, by name."""

    parts: dict[str, bytes]
    is_strict: bool = False
    packed: Mapping[str, Packed] = field(default_factory=dict)  # as they came: what is not changed is not packed again
    _known: dict[str, str] = field(default_factory=dict)  # lower-case name -> name
    _changed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._known = {name.lower(): name for name in self.parts}

    @classmethod
    def read(cls, path: Path) -> Package:
        """Return the parts of a file that was inspected before.

        Raises:
            Unreadable: it is no package, protected, broken or too large, or a part holds a DTD.
            UnsafeXml: the workbook's own parts are no XML.
            KeyError: a part every workbook has is missing.
        """
        with opened(path) as archive, path.open("rb") as file:
            infos = {
                info.filename.replace("\\", "/").lstrip("/"): info for info in archive.infolist() if not info.is_dir()
            }
            as_they_came = {name: it for name, info in infos.items() if (it := packed(file, info))}
            found = {
                name: unpacked(as_they_came[name]) if name in as_they_came else archive.read(info)
                for name, info in infos.items()
            }
        package = cls(found, packed=as_they_came)
        for name in filter(_is_xml, found):
            refuse_declarations(package.xml(name), name)
        package.is_strict = b"http://purl.oclc.org/ooxml/" in package.xml(package.main())
        return package

    def name(self, part: str) -> str:
        """Return a part's name as it is written in the file, whatever the case it is asked by."""
        return self._known.get(part.lower(), part)

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._known

    def xml(self, part: str) -> bytes:
        """Return a part as UTF-8; raises KeyError where there is none."""
        return as_utf8(self.parts[self.name(part)])

    def speaks_of(self, words: bytes) -> bool:
        """Whether these words stand in any part, as they are."""
        return any(words in self.xml(name) for name in self.parts if _is_xml(name))

    def put(self, part: str, content: bytes) -> None:
        """Put a part in place, or replace it."""
        name = self._known.setdefault(part.lower(), part)
        self.parts[name] = content
        self._changed.add(name)

    def check(self) -> None:
        """Refuse a part of which a change has made something no program could read.

        Raises:
            UnsafeXml: a changed part is no XML, or names a prefix it does not declare.
        """
        for name in sorted(self._changed & self.parts.keys()):
            if not name.endswith(".vml"):  # Excel itself writes these less than well-formed
                refuse_broken(self.parts[name])

    def drop(self, part: str) -> None:
        """Take a part away with its relations and its content type."""
        for name in (part, relations_of(part)):
            written = self._known.pop(name.lower(), None)
            if written is not None:
                del self.parts[written]
        types = self.xml(TYPES)
        gone = [
            e for e in elements(types, "Override") if e.attributes.get("PartName", "").lower() == f"/{part}".lower()
        ]
        self.put(TYPES, edited(types, [(e.start, e.end, b"") for e in gone]))

    def dialect(self, xml: bytes) -> bytes:
        """Return a part of ours in the names this workbook uses."""
        for transitional, strict in _STRICT_NAMES if self.is_strict else ():
            xml = xml.replace(transitional, strict)
        return xml

    def main(self) -> str:
        """Return the name of the workbook's own part.

        Raises:
            KeyError: the package names none.
        """
        for relation in self.relations("", ROOT_RELATIONS):
            if relation.kind == "officeDocument" and self.has(relation.target):
                return self.name(relation.target)
        raise KeyError("officeDocument")

    def relations(self, part: str, at: str = "") -> tuple[Relation, ...]:
        """Return the relations of a part, in the order they are written."""
        where = at or relations_of(part)
        if not self.has(where):
            return ()
        xml, folder = self.xml(where), part.rpartition("/")[0]
        return _known_relations(xml, folder) if len(xml) <= MOST_REMEMBERED else _relations(xml, folder)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relation from one part to another and return its key."""
        where = relations_of(part)
        xml = self.xml(where) if self.has(where) else _NO_RELATIONS
        used = {relation.key for relation in self.relations(part)}
        key = next(key for number in range(1, len(used) + 2) if (key := f"rIdKla{number}") not in used)
        root = elements(xml)[0]
        kind_name = self.dialect(f"{RELATION_TYPES}/{kind}".encode())
        line = b'<%sRelationship Id="%s" Type="%s" Target="/%s"/>' % (
            root.prefix,
            key.encode(),
            kind_name,
            escaped(target),
        )
        self.put(where, edited(xml, [within(xml, root, line)]))
        return key

    def unrelate(self, part: str, key: str) -> None:
        """Take a relation away."""
        xml = self.xml(relations_of(part))
        gone = [e for e in elements(xml, "Relationship") if e.attributes.get("Id") == key]
        self.put(relations_of(part), edited(xml, [(e.start, e.end, b"") for e in gone]))

    def declare(self, part: str, content_type: str) -> None:
        """Say what kind of content a part holds."""
        self._add_type(b'Override PartName="/%s" ContentType="%s"' % (escaped(part), content_type.encode()))

    def declare_ending(self, ending: str, content_type: str) -> None:
        """Say what kind of content all parts of an ending hold, unless that is said already."""
        known = {e.attributes.get("Extension", "").lower() for e in elements(self.xml(TYPES), "Default")}
        if ending not in known:
            self._add_type(b'Default Extension="%s" ContentType="%s"' % (ending.encode(), content_type.encode()))

    def _add_type(self, line: bytes) -> None:
        xml = self.xml(TYPES)
        root = elements(xml)[0]
        self.put(TYPES, edited(xml, [within(xml, root, b"<" + root.prefix + line + b"/>")]))

    def free_name(self, pattern: str) -> str:
        """Return the first name of a numbered pattern ("xl/kla{}.xml") that no part has."""
        return next(name for number in range(1, len(self.parts) + 2) if not self.has(name := pattern.format(number)))

    def to_bytes(self) -> bytes:
        """Return the .xlsx; the same parts give the same bytes."""
        first = [name for name in (self.name(TYPES), self.name(ROOT_RELATIONS)) if name in self.parts]
        kept = {name: part for name, part in self.packed.items() if name in self.parts and name not in self._changed}
        return zipped({name: kept.get(name, self.parts[name]) for name in (*first, *self.parts)})


def _is_xml(part: str) -> bool:
    return part.lower().endswith((".xml", ".rels"))


def relations_of(part: str) -> str:
    """Return the name of the part that holds a part's relations.

    >>> relations_of("xl/worksheets/sheet1.xml")
    'xl/worksheets/_rels/sheet1.xml.rels'
    """
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def _relations(xml: bytes, folder: str) -> tuple[Relation, ...]:
    """Return the relations that such a part tells of one in a folder."""
    found = []
    for element in elements(xml, "Relationship"):
        given = element.attributes
        if element.name != "Relationship":
            continue
        inside = given.get("TargetMode", "") != "External"
        target = _resolved(folder, given.get("Target", "")) if inside else ""
        found.append(Relation(given.get("Id", ""), given.get("Type", "").rpartition("/")[2], target))
    return tuple(found)


_known_relations = lru_cache(maxsize=128)(_relations)  # the forms of one cycle have the same, and each is asked often


def _resolved(folder: str, target: str) -> str:
    target = target.replace("\\", "/")
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target))


def without_macros(package: Package) -> None:
    """Take the macros out: what goes back is a workbook that only holds what was typed into it."""
    main = package.main()
    for relation in package.relations(main):
        if relation.kind in ("vbaProject", "wordVbaData"):
            package.unrelate(main, relation.key)
            package.drop(relation.target)
    types = package.xml(TYPES)
    plain = re.sub(rb"application/vnd\.ms-excel\.\w+\.macroEnabled\.main\+xml", _MAIN_TYPE, types)
    package.put(TYPES, plain)


_MAIN_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
__all__ = ["Package", "Relation", "UnsafeXml", "relations_of", "without_macros"]
