"""Notes on cells: ours are added to what a sheet has, and found again by their author or their first words."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil

from kla.io.return_cells import Place
from kla.io.return_package import Package, Relation
from kla.io.return_xml import Element, around_rows, bare, edited, elements, escaped, retagged, within
from kla.parsing.grid import address, column_number

AUTHOR = "kla"
OPENING = "KLA \u00b7 "  # every note of ours begins like this
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_NO_COMMENTS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors></authors>'
    b"<commentList></commentList></comments>"
)
_SHAPE_TYPE = (
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_NO_SHAPES = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    b"</o:shapelayout></xml>"
)
# Programs choose their own prefixes here, and some leave this part less than well-formed: it is searched, not parsed.
_SHAPE = re.compile(rb"<(?:\w+:)?shape\s.*?</(?:\w+:)?shape>", re.DOTALL)
_SHAPE_ROW = re.compile(rb"<(?:\w+:)?Row>\s*(\d+)\s*<")
_SHAPE_COLUMN = re.compile(rb"<(?:\w+:)?Column>\s*(\d+)\s*<")
_SHAPE_NAMES = (
    (b"v", b"urn:schemas-microsoft-com:vml"),
    (b"o", b"urn:schemas-microsoft-com:office:office"),
    (b"x", b"urn:schemas-microsoft-com:office:excel"),
)
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
# What may only come after <legacyDrawing> in a sheet.
_AFTER_LEGACY = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_FIRST_SHAPE = 50_001
_WIDTH_PX, _LINE_PX, _CHARACTERS = 330, 17, 52


@dataclass(slots=True)
class _Comments:
    xml: bytes
    theirs: Set[Place]
    ours: Set[Place]
    total: int


def put_notes(package: Package, sheet: str, notes: Mapping[Place, str]) -> None:
    """Replace our notes on a sheet (a part's name) by these; a cell that bears a note of theirs keeps that one alone."""
    relations = package.relations(sheet)
    comments = next((relation for relation in relations if relation.kind == "comments"), None)
    if comments is None and not notes:
        return
    xml = package.xml(comments.target) if comments else package.dialect(_NO_COMMENTS)
    written = _written(xml, notes)
    if not written.total:
        if comments:
            package.unrelate(sheet, comments.key)
            package.drop(comments.target)
    else:
        _store(package, sheet, comments, written.xml)
    new = [place for place in sorted(notes) if place not in written.theirs]
    _put_shapes(package, sheet, relations, written.ours, {place: notes[place] for place in new})


def _store(package: Package, sheet: str, comments: Relation | None, xml: bytes) -> None:
    if comments:
        package.put(comments.target, xml)
        return
    part = package.free_name("xl/kla_notes{}.xml")
    package.put(part, xml)
    package.declare(part, _COMMENTS_TYPE)
    package.relate(sheet, "comments", part)


def _written(xml: bytes, notes: Mapping[Place, str]) -> _Comments:
    """Return the comments part with our old notes gone and the new ones in."""
    found = elements(xml, "authors", "author", "commentList", "comment")
    authors = [html.unescape(xml[e.inside : e.inside_end].decode()) for e in found if e.name == "author"]
    every = [element for element in found if element.name == "comment"]
    mine = [element for element in every if _is_ours(xml, element, authors)]
    theirs = {_place(element) for element in every if element not in mine}
    edits = [(element.start, element.end, b"") for element in mine]
    holder = next(element for element in found if element.name == "commentList")
    p = holder.prefix
    if AUTHOR not in authors:
        group = next(element for element in found if element.name == "authors")
        edits.append(within(xml, group, b"<%sauthor>%s</%sauthor>" % (p, AUTHOR.encode(), p)))
        authors.append(AUTHOR)
    new = [(place, text) for place, text in sorted(notes.items()) if place not in theirs]
    lines = b"".join(_comment(p, place, text, authors.index(AUTHOR)) for place, text in new)
    if lines:
        edits.append(within(xml, holder, lines))
    ours = {_place(element) for element in mine}
    return _Comments(edited(xml, edits), theirs, ours, len(theirs) + len(new))


def _is_ours(xml: bytes, element: Element, authors: list[str]) -> bool:
    number = element.attributes.get("authorId", "")
    author = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
    texts = re.findall(rb"<(?:\w+:)?t\b[^>]*>([^<]*)<", xml[element.start : element.end])
    opening = html.unescape(b"".join(texts).decode("utf-8", "replace")).lstrip()
    return author == AUTHOR or opening.startswith(OPENING)


def _place(element: Element) -> Place:
    found = _ADDRESS.fullmatch(element.attributes.get("ref", ""))
    return (int(found[2]) - 1, column_number(found[1])) if found else (-1, -1)


def _comment(p: bytes, place: Place, text: str, author: int) -> bytes:
    first, _, rest = text.partition("\n")
    font = b'<%ssz val="9"/><%scolor rgb="FF000000"/><%srFont val="Calibri"/>' % (p, p, p)
    runs = b"".join(
        b'<%sr><%srPr>%s%s</%srPr><%st xml:space="preserve">%s</%st></%sr>' % (p, p, bold, font, p, p, line, p, p)
        for bold, line in ((b"<%sb/>" % p, escaped(first)), (b"", b"&#10;" + escaped(rest)))
    )
    where = address(*place).encode()
    return b'<%scomment ref="%s" authorId="%d"><%stext>%s</%stext></%scomment>' % (p, where, author, p, runs, p, p)


def _put_shapes(
    package: Package, sheet: str, relations: Sequence[Relation], gone: Set[Place], new: Mapping[Place, str]
) -> None:
    """Take away the boxes of notes that are gone and add those of the new ones."""
    xml = package.xml(sheet)
    around = around_rows(bare(xml))
    legacy = next((e for e in around if e.name == "legacyDrawing"), None)
    key = next((v for k, v in legacy.attributes.items() if k.endswith(":id")), "") if legacy else ""
    relation = next((relation for relation in relations if relation.key == key), None)
    if relation is None or not package.has(relation.target):
        if new:
            _add_drawing(package, sheet, around, legacy, _with_shapes(_NO_SHAPES, new))
        return
    shapes = package.xml(relation.target)
    for box in _SHAPE.findall(shapes):
        row, column = _SHAPE_ROW.search(box), _SHAPE_COLUMN.search(box)
        if b'"Note"' in box and row and column and (int(row[1]), int(column[1])) in gone:
            shapes = shapes.replace(box, b"", 1)
    package.put(relation.target, _with_shapes(shapes, new))
    if legacy and not new and not _SHAPE.search(shapes):
        package.put(sheet, edited(xml, [(legacy.start, legacy.end, b"")]))
        package.unrelate(sheet, key)
        package.drop(relation.target)


def _with_shapes(xml: bytes, new: Mapping[Place, str]) -> bytes:
    at = xml.rfind(b"</xml>")
    if not new:
        return xml
    kind = b"" if b'"_x0000_t202"' in xml else _SHAPE_TYPE
    boxes = b"".join(_shape(_FIRST_SHAPE + number, place, new[place]) for number, place in enumerate(sorted(new)))
    missing = b"".join(
        b' xmlns:%s="%s"' % (prefix, name) for prefix, name in _SHAPE_NAMES if b"xmlns:%s=" % prefix not in xml
    )
    if missing:
        boxes = re.sub(rb"<(v:shape(?:type)?) ", rb"<\1" + missing + b" ", kind + boxes)
        kind = b""
    return xml[:at] + kind + boxes + xml[at:]


def _shape(number: int, place: Place, text: str) -> bytes:
    lines = sum(max(1, ceil(len(line) / _CHARACTERS)) for line in text.split("\n"))
    return (
        b'<v:shape id="_x0000_s%d" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
        b'width:%dpx;height:%dpx;z-index:1;visibility:hidden" fillcolor="#fffef5" o:insetmode="auto">'
        b'<v:fill color2="#fffef5"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
        b'<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        b'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
        b"<x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>"
    ) % (number, _WIDTH_PX, (lines + 1) * _LINE_PX, *place)


def _add_drawing(package: Package, sheet: str, around: Sequence[Element], dead: Element | None, shapes: bytes) -> None:
    """Add a drawing with these boxes; `around` is what the sheet has outside its rows, `dead` its way to none."""
    xml = package.xml(sheet)
    part = package.free_name("xl/drawings/kla_notes{}.vml")
    package.put(part, shapes)
    package.declare_ending("vml", _VML_TYPE)
    key = package.relate(sheet, "vmlDrawing", part)
    if dead:
        name = next(name for name in dead.attributes if name.endswith(":id"))
        package.put(sheet, edited(xml, [retagged(xml, dead, **{name: key})]))
        return
    root = around[0]
    line = package.dialect(
        b'<%slegacyDrawing xmlns:klar="http://schemas.openxmlformats.org/officeDocument/2006/relationships" klar:id="%s"/>'
        % (root.prefix, key.encode())
    )
    later = next((it for it in around[1:] if it.name in _AFTER_LEGACY and it.parent == root.name), None)
    edit = (later.start, later.start, line) if later else within(xml, root, line)
    package.put(sheet, edited(xml, [edit]))
