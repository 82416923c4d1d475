"""The sheets of a workbook as a package lists them: ours put in front, an earlier one of ours taken out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from kla.io.return_package import RELATION_TYPES, Package
from kla.io.return_xml import Edit, Element, around_rows, bare, edited, elements, escaped, retagged

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_OF_THE_SHEET_ALONE = frozenset({"comments", "vmlDrawing", "printerSettings", "drawing"})
# What an empty workbook of ours begins with.
BLANK: Mapping[str, bytes] = {
    "[Content_Types].xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        b'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        b'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        b"<bookViews><workbookView/></bookViews><sheets></sheets></workbook>"
    ),
}


def sheet_parts(package: Package) -> dict[str, str]:
    """Return sheet name -> name of its part, in the order of the tabs; chart sheets have "" (they hold no cells)."""
    main = package.main()
    relations = {relation.key: relation for relation in package.relations(main)}
    found = {}
    for sheet in _listed(package.xml(main)):
        relation = relations.get(_key(sheet))
        is_cells = relation is not None and relation.kind == "worksheet" and package.has(relation.target)
        found[sheet.attributes.get("name", "")] = relation.target if relation and is_cells else ""
    return found


def styles_part(package: Package) -> str:
    """Return the name of the part that holds the styles; a new one where the workbook has none."""
    main = package.main()
    for relation in package.relations(main):
        if relation.kind == "styles" and package.has(relation.target):
            return relation.target
    # Some programs look for the styles under this name, whatever the relations say.
    part = "xl/styles.xml" if not package.has("xl/styles.xml") else package.free_name("xl/kla_styles{}.xml")
    package.declare(part, _STYLES_TYPE)
    package.relate(main, "styles", part)
    return part


def drop_sheets(package: Package, names: Collection[str]) -> None:
    """Take sheets out of the workbook with what belongs to them alone; names that speak of them go too."""
    if not names:
        return
    main = package.main()
    xml = package.xml(main)
    relations = {relation.key: relation for relation in package.relations(main)}
    listed = _listed(xml)
    gone = [sheet for sheet in listed if sheet.attributes.get("name") in names]
    kept = [number for number, sheet in enumerate(listed) if sheet not in gone]
    edits: list[Edit] = [(sheet.start, sheet.end, b"") for sheet in gone]
    edits += _renumbered(xml, lambda number: kept.index(number) if number in kept else None)
    package.put(main, edited(xml, edits))
    for sheet in gone:
        package.unrelate(main, _key(sheet))
        relation = relations.get(_key(sheet))
        if relation is None:
            continue
        for own in package.relations(relation.target):
            if own.kind in _OF_THE_SHEET_ALONE:
                package.drop(own.target)
        package.drop(relation.target)


def put_first(package: Package, name: str, content: bytes, headings: int = 0) -> None:
    """Put a sheet in front of all others and let the workbook open on it, with no other sheet selected beside it.

    Its row `headings` is printed on every page; 0: none is.
    """
    others = [part for part in sheet_parts(package).values() if part]
    main = package.main()
    part = package.free_name("xl/worksheets/kla_sheet{}.xml")
    package.put(part, package.dialect(content))
    package.declare(part, _SHEET_TYPE)
    key = package.relate(main, "worksheet", part)
    xml = package.xml(main)
    holder = next(element for element in elements(xml, "sheets") if element.name == "sheets")
    listed = _listed(xml)
    number = 1 + max((int(sheet.attributes.get("sheetId", "0")) for sheet in listed), default=0)
    key_name = _key_attribute(listed[0]) if listed else "r:id"
    line = b'<%ssheet%s name="%s" sheetId="%d" %s="%s"/>' % (
        holder.prefix,
        package.dialect(_declared_for(xml, key_name)),
        escaped(name),
        number,
        key_name.encode(),
        key.encode(),
    )
    edits: list[Edit] = [(holder.inside, holder.inside, line), *_renumbered(xml, lambda number: number + 1)]
    views = [element for element in elements(xml, "workbookView") if element.name == "workbookView"]
    edits += [retagged(xml, view, activeTab="0", firstSheet="0") for view in views]
    edits += [_printed(xml, name, headings)] if headings else []
    package.put(main, edited(xml, edits))
    for other in others:
        _deselect(package, other)


def _printed(xml: bytes, sheet: str, row: int) -> Edit:
    """Return the edit that has a row of the first sheet printed on every page."""
    found = elements(xml, "sheets", "functionGroups", "externalReferences", "definedNames")
    parts = {element.name: element for element in found[1:]}
    names, prefix = parts.get("definedNames"), parts["sheets"].prefix
    place = escaped(f"'{sheet.replace(chr(39), chr(39) * 2)}'!${row}:${row}")
    line = b'<%sdefinedName name="_xlnm.Print_Titles" localSheetId="0">%s</%sdefinedName>' % (prefix, place, prefix)
    if names and not names.is_closed:
        return names.inside, names.inside, line
    whole = b"<%sdefinedNames>%s</%sdefinedNames>" % (prefix, line, prefix)
    if names:
        return names.start, names.end, whole
    after = max(element.end for element in parts.values())
    return after, after, whole


def _listed(xml: bytes) -> list[Element]:
    return [element for element in elements(xml, "sheet") if element.parent == "sheets"]


def _key_attribute(sheet: Element) -> str:
    return next((name for name in sheet.attributes if name.endswith(":id")), "r:id")


def _key(sheet: Element) -> str:
    return sheet.attributes.get(_key_attribute(sheet), "")


def _declared_for(xml: bytes, key_name: str) -> bytes:
    """Return the declaration a key's prefix needs where only each sheet's own element declares it, as some programs do."""
    declaration = f"xmlns:{key_name.partition(':')[0]}"
    if declaration in elements(xml)[0].attributes:
        return b""
    return f' {declaration}="{RELATION_TYPES}"'.encode()


def _renumbered(xml: bytes, new_number: Callable[[int], int | None]) -> list[Edit]:
    """Return the edits that let names of single sheets (print titles, filters) follow their sheets."""
    edits: list[Edit] = []
    for name in elements(xml, "definedName"):
        number = name.attributes.get("localSheetId", "")
        if name.name != "definedName" or not number.isdecimal():
            continue
        new = new_number(int(number))
        edits.append((name.start, name.end, b"") if new is None else retagged(xml, name, localSheetId=str(new)))
    return edits


def _deselect(package: Package, part: str) -> None:
    xml = package.xml(part)
    if b"tabSelected" not in xml:
        return
    views = [
        e for e in around_rows(bare(xml)) if e.name == "sheetView" and e.attributes.get("tabSelected") in ("1", "true")
    ]
    if views:
        package.put(part, edited(xml, [retagged(xml, view, tabSelected="0") for view in views]))
