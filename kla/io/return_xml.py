"""Finding elements in a part of a workbook by byte, so that a change leaves every other byte as the office saved it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from xml.parsers import expat

MOST_REMEMBERED = 50_000  # bytes
Edit = tuple[int, int, bytes]  # from, to, what stands there instead

_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NO_TAGS = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|(?<!^)<\?.*?\?>", re.DOTALL)
_ROWS = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?:\s[^>]*)?(?<!/)>")
# What a sheet may have outside its rows that we look for: asked for together, one look at the part serves all.
_AROUND = (
    "sheetView",
    "col",
    "sheetData",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_DECLARED = re.compile(r"""(<\?xml[^>]*encoding=["'])[^"']*""", re.IGNORECASE)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class UnsafeXml(ValueError):  # noqa: N818 - a verdict about a file, not an error of ours
    """A part holds a DTD, or is no XML."""


@dataclass(slots=True)
class Element:
    """One element: `start` to `end` is all of it, `inside` to `inside_end` its content; offsets are bytes."""

    name: str  # without prefix
    prefix: bytes  # b"x:" or b""
    attributes: Mapping[str, str]
    parent: str
    start: int
    inside: int = 0
    inside_end: int = 0
    end: int = 0

    @property
    def is_closed(self) -> bool:
        """Whether it is written <x/>: it has no inside to put anything into."""
        return self.inside == self.end


@dataclass(slots=True)
class _Finder:
    xml: bytes
    wanted: Collection[str]
    found: list[Element] = field(default_factory=list)
    _path: list[tuple[str, Element | None]] = field(default_factory=list)

    def run(self) -> list[Element]:
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: self._open(name, attributes, parser.CurrentByteIndex)
        parser.EndElementHandler = lambda _: self._close(parser.CurrentByteIndex)
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(self.xml, True)
        except expat.ExpatError as error:
            raise UnsafeXml(str(error)) from error
        return self.found

    def _open(self, name: str, attributes: Mapping[str, str], at: int) -> None:
        local = name.rpartition(":")[2]
        element = None
        if local in self.wanted or not self._path:
            prefix = name[: len(name) - len(local)].encode()
            parent = self._path[-1][0] if self._path else ""
            tag = _TAG.match(self.xml, at)
            element = Element(local, prefix, attributes, parent, at, tag.end() if tag else at)
            self.found.append(element)
        self._path.append((local, element))

    def _close(self, at: int) -> None:
        _, element = self._path.pop()
        if element is None:
            return
        if self.xml[element.inside - 2 : element.inside] == b"/>":
            element.inside_end = element.end = element.inside
        else:
            element.inside_end, element.end = at, self.xml.index(b">", at) + 1

    @staticmethod
    def _refuse(*_: object) -> None:
        raise UnsafeXml("a DTD")


def elements(xml: bytes, *wanted: str) -> tuple[Element, ...]:
    """Return the root and every element of these names (prefixes aside), in the order they begin.

    Raises:
        UnsafeXml: the part holds a DTD or is no XML.
    """
    return _found(xml, wanted) if len(xml) <= MOST_REMEMBERED else tuple(_Finder(xml, wanted).run())


@lru_cache(maxsize=128)
def _found(xml: bytes, wanted: tuple[str, ...]) -> tuple[Element, ...]:
    """Return the elements of a part seen before, perhaps: forms of one cycle differ in their rows, not around them."""
    return tuple(_Finder(xml, wanted).run())


def bare(xml: bytes) -> bytes:
    """Return a part of the same length in which every "<" begins a tag: comments and the like are blanked.

    Raises:
        UnsafeXml: the part holds a DTD.
    """
    if b"<!" not in xml and xml.find(b"<?", 2) < 0:
        return xml
    if b"<!DOCTYPE" in xml:
        raise UnsafeXml("a DTD")
    return _NO_TAGS.sub(lambda found: b" " * len(found[0]), xml)


def around_rows(plain: bytes) -> tuple[Element, ...]:
    """Return what `elements` finds in a sheet outside its rows, which are nearly all of it and are not looked into.

    `plain` is what `bare` gave.

    Raises:
        UnsafeXml: the part is no XML around its rows.
    """
    rows = _ROWS.search(plain)
    start = rows.end() if rows else 0
    end = plain.rfind(b"</%ssheetData" % rows[1], start) if rows else 0
    if not rows or end < start:
        return elements(plain, *_AROUND)
    found = elements(plain[:start] + plain[end:], *_AROUND)
    return tuple(_widened(element, start, end - start) for element in found)


def _widened(element: Element, at: int, length: int) -> Element:
    """Return an element where so many bytes more stand at a place; sheetData begins before them and ends after."""
    if element.end < at:
        return element
    return replace(
        element,
        start=element.start + length * (element.start > at),
        inside=element.inside + length * (element.inside > at),
        inside_end=element.inside_end + length * (element.inside_end >= at),
        end=element.end + length * (element.end >= at),
    )


def begins(xml: bytes, name: bytes, start: int, end: int) -> Iterator[re.Match[bytes]]:
    """Yield the start tags of one name, as it is written, in a stretch of a part that `bare` gave; [1] is what they say."""
    return _named(name).finditer(xml, start, end)


@cache
def _named(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"""<%s(?=[\s/>])([^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*)>""" % re.escape(name))


def begun(tag: re.Match[bytes]) -> Element:
    """Return the element of a start tag, its end not looked for."""
    prefix, _, name = tag[0][1 : tag.start(1) - tag.start()].rpartition(b":")
    given = {key.decode(): (one or other).decode() for key, one, other in _ATTRIBUTE.findall(tag[1])}
    return Element(name.decode(), prefix and prefix + b":", given, "", tag.start(), tag.end())


def refuse_broken(xml: bytes) -> None:
    """Raise UnsafeXml where a part is no XML or names a prefix it does not declare."""
    _known_whole(xml) if len(xml) <= MOST_REMEMBERED else _parse(xml)


def _parse(xml: bytes) -> None:
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(xml, True)
    except expat.ExpatError as error:
        raise UnsafeXml(str(error)) from error


_known_whole = lru_cache(maxsize=128)(_parse)  # styles, relations and types of forms of one cycle are the same


def as_utf8(part: bytes) -> bytes:
    """Return a part that is written in UTF-16 as UTF-8, any other as it is."""
    if not part.startswith((b"\xff\xfe", b"\xfe\xff")):
        return part
    return _DECLARED.sub(r"\g<1>UTF-8", part.decode("utf-16", "replace"), count=1).encode()


def edited(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the part with its edits made; several at one place keep their order."""
    out, last = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        out += [xml[last:start], new]
        last = max(last, end)
    return b"".join((*out, xml[last:]))


def within(xml: bytes, element: Element, content: bytes) -> Edit:
    """Return the edit that adds content at the end of an element, opening it where it is written <x/>."""
    if not element.is_closed:
        return element.inside_end, element.inside_end, content
    tag = xml[element.start : element.end].removesuffix(b">").removesuffix(b"/").rstrip()
    name = element.prefix + element.name.encode()
    return element.start, element.end, tag + b">" + content + b"</" + name + b">"


def tag_with(tag: bytes, **values: str) -> bytes:
    """Return a start tag with some attributes set, replaced where they stand already."""
    for name, value in values.items():
        given = re.compile(rb"""(\s%s\s*=\s*)(?:"[^"]*"|'[^']*')""" % name.encode())
        written = b'"' + escaped(value) + b'"'
        if given.search(tag):
            tag = given.sub(lambda found, new=written: found[1] + new, tag, count=1)  # type: ignore[misc]
        else:
            name_end = re.match(rb"<[^\s/>]+", tag)
            at = name_end.end() if name_end else len(tag)
            tag = tag[:at] + b" " + name.encode() + b"=" + written + tag[at:]
    return tag


def retagged(xml: bytes, element: Element, **values: str) -> Edit:
    """Return the edit that sets attributes of an element."""
    return element.start, element.inside, tag_with(xml[element.start : element.inside], **values)


def escaped(text: str) -> bytes:
    """Return text as it may stand in any part, whatever its encoding: ASCII, the rest as character references."""
    safe = _NOT_IN_XML.sub("", text)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "&#10;")):
        safe = safe.replace(char, entity)
    return safe.encode("ascii", "xmlcharrefreplace")
