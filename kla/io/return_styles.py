"""Tones for cells: each is the office's own style with another fill, and the fill that was there can be put back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kla.io.return_xml import Edit, Element, edited, elements, tag_with, within

# Tone -> (on dark text, on light text). These very colours say that a cell was marked by us.
TONES: Mapping[str, tuple[str, str]] = {
    "blocking": ("FFF7B2AD", "FF9B1C2E"),
    "warning": ("FFFFC861", "FF8A5A00"),
    "info": ("FFB4D3F2", "FF1F5A94"),
}
OURS = frozenset(color[2:] for pair in TONES.values() for color in pair)
NO_FILL = "none"
_FORM_INPUT = "rgb:FFFFF8DC"
_GROUPS = ("fonts", "fills", "borders", "cellXfs")
_COLOR = re.compile(rb"""<(?:\w+:)?fgColor\b([^>]*)>""")
_FONT_COLOR = re.compile(rb"""<(?:\w+:)?color\b([^>]*)>""")
_PATTERN = re.compile(rb"""<(?:\w+:)?patternFill\b[^>]*?\bpatternType=["'](\w+)["']""")
_ATTRIBUTE = re.compile(rb"""\b(rgb|theme|indexed|tint)=["']([^"']*)["']""")
_RECORD = re.compile(r"(rgb:[0-9A-Fa-f]{8}|theme:\d{1,2}|indexed:\d{1,3})(?:;tint:(-?\d(?:\.\d{1,20})?))?")
_EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    b'<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    b'</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    b'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    b'<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    b'<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Look:
    """A style of our own sheet; colours as FFRRGGBB, "" for none."""

    fill: str = ""
    color: str = "FF000000"
    size: int = 10
    bold: bool = False
    underlined: bool = False
    lined: bool = True
    horizontal: str = "left"
    vertical: str = "center"
    number_format: int = 0


class Styles:
    """The styles of one workbook, to which we add; what is there keeps its number."""

    def __init__(self, xml: bytes | None, dialect: Callable[[bytes], bytes] = bytes) -> None:
        self._xml = xml or dialect(_EMPTY)
        self._groups: dict[str, Element] = {}
        self._members: dict[str, list[bytes]] = {name: [] for name in _GROUPS}
        self._fills: dict[int, str] = {}  # what is there never changes, and a sheet asks for each cell
        self._looks: dict[Look, int] = {}
        self._read(elements(self._xml, *_GROUPS, "font", "fill", "border", "xf"))
        self._before = {name: len(members) for name, members in self._members.items()}
        self._p = self._groups["cellXfs"].prefix if "cellXfs" in self._groups else b""
        self._ours = [b"%d" % number for number in range(self._before["cellXfs"]) if self.is_ours(number)]

    def _read(self, found: Iterable[Element]) -> None:
        for element in found:
            if element.name in _GROUPS and element.parent == "styleSheet":
                self._groups[element.name] = element
            elif element.parent in _GROUPS and f"{element.name}s" in ("fonts", "fills", "borders", "xfs"):
                self._members[element.parent].append(self._xml[element.start : element.end])

    def _add(self, group: str, member: bytes) -> int:
        members = self._members[group]
        if member not in members[self._before[group] :]:
            members.append(member)
        return members.index(member, self._before[group])

    def _style(self, number: int) -> bytes:
        styles = self._members["cellXfs"]
        return styles[number] if 0 <= number < len(styles) else b"<%sxf/>" % self._p

    def fill_of(self, number: int) -> str:
        """Return a style's fill in short: "none", "rgb:FFFFF8DC", "theme:4;tint:0.5"; "" when it is no plain colour."""
        if number not in self._fills:
            self._fills[number] = self._fill_of(number)
        return self._fills[number]

    def _fill_of(self, number: int) -> str:
        fill = self._member_of(number, "fill")
        pattern = _PATTERN.search(fill)
        if not pattern or pattern[1] == b"none":
            return NO_FILL if b"gradientFill" not in fill else ""
        color = _COLOR.search(fill)
        if pattern[1] != b"solid" or not color:
            return ""
        given = {name.decode(): value.decode() for name, value in _ATTRIBUTE.findall(color[1])}
        key = next((name for name in ("rgb", "theme", "indexed") if name in given), "")
        record = f"{key}:{given.get(key, '')}" + (f";tint:{given['tint']}" if "tint" in given else "")
        return record if _RECORD.fullmatch(record) else ""

    def is_ours(self, number: int) -> bool:
        """Whether a style bears one of our tones."""
        return self.fill_of(number).upper()[-6:] in OURS

    def have_ours(self) -> bool:
        """Whether any style of the workbook as it came bears one of our tones."""
        return bool(self._ours)

    def uses_of_ours(self) -> re.Pattern[bytes] | None:
        """Return what finds such a style where a cell names it, None where there is none."""
        return re.compile(rb"""\ss\s*=\s*["'](?:%s)["']""" % b"|".join(self._ours)) if self._ours else None

    def toned(self, number: int, tone: str) -> int:
        """Return the style that is like another one, in a tone; light text gets the deep shade."""
        light = self._has_light_text(number)
        return self._filled(number, f"rgb:{TONES[tone][1 if light else 0]}")

    def restored(self, number: int, record: str) -> int:
        """Return the style as it was before our tone: with the fill on record, else with the form's own for such a cell."""
        if record == NO_FILL or _RECORD.fullmatch(record):
            return self._filled(number, record)
        return self._filled(number, _FORM_INPUT if b'locked="0"' in self._style(number) else NO_FILL)

    def look(self, look: Look) -> int:
        """Return the style of our own sheet with this look."""
        if look not in self._looks:
            self._looks[look] = self._look(look)
        return self._looks[look]

    def _look(self, look: Look) -> int:
        p = self._p
        color = look.color.encode()
        font = b"<%sfont>%s%s" % (p, b"<%sb/>" % p if look.bold else b"", b"<%su/>" % p if look.underlined else b"")
        font += b'<%ssz val="%d"/><%scolor rgb="%s"/><%sname val="Calibri"/></%sfont>' % (p, look.size, p, color, p, p)
        sides = (b"left", b"right", b"top", b"bottom") if look.lined else ()
        lines = b"".join(b'<%s%s style="thin"><%scolor rgb="FFB7BFCB"/></%s%s>' % (p, s, p, p, s) for s in sides)
        border = b"<%sborder>%s</%sborder>" % (p, lines, p)
        fill = self._add_fill(f"rgb:{look.fill}") if look.fill else 0
        style = b'<%sxf numFmtId="%d" fontId="%d" fillId="%d" borderId="%d" xfId="0"' % (
            p,
            look.number_format,
            self._add("fonts", font),
            fill,
            self._add("borders", border),
        )
        style += b' applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
        style += b'<%salignment horizontal="%s" vertical="%s" wrapText="1"%s/></%sxf>' % (
            p,
            look.horizontal.encode(),
            look.vertical.encode(),
            b' indent="1"' if look.lined and look.horizontal != "center" else b"",
            p,
        )
        return self._add("cellXfs", style)

    def to_bytes(self) -> bytes:
        """Return the part with everything that was added."""
        edits: list[Edit] = []
        for name, element in self._groups.items():
            new = self._members[name][self._before[name] :]
            if not new:
                continue
            edits.append(within(self._xml, element, b"".join(new)))
            if not element.is_closed:
                tag = tag_with(self._xml[element.start : element.inside], count=str(len(self._members[name])))
                edits.append((element.start, element.inside, tag))
        return edited(self._xml, edits)

    def _member_of(self, number: int, kind: str) -> bytes:
        given = re.search(rb"""\b%sId=["'](\d+)["']""" % kind.encode(), self._style(number))
        members, at = self._members[f"{kind}s"], int(given[1]) if given else 0
        return members[at] if at < len(members) else b""

    def _has_light_text(self, number: int) -> bool:
        color = _FONT_COLOR.search(self._member_of(number, "font"))
        given = dict(_ATTRIBUTE.findall(color[1])) if color else {}
        return given.get(b"theme") == b"0" or given.get(b"rgb", b"").upper()[-6:] == b"FFFFFF"

    def _filled(self, number: int, record: str) -> int:
        style = self._style(number)
        end = style.index(b">") + 1
        fill = 0 if record == NO_FILL else self._add_fill(record)
        tag = tag_with(style[:end], fillId=str(fill), applyFill="1")
        return self._add("cellXfs", tag + style[end:])

    def _add_fill(self, record: str) -> int:
        pairs = (part.partition(":") for part in record.split(";"))
        color = b" ".join(b'%s="%s"' % (name.encode(), value.encode()) for name, _, value in pairs)
        p = self._p
        solid = b'<%sfill><%spatternFill patternType="solid"><%sfgColor %s/>' % (p, p, p, color)
        return self._add("fills", solid + b"</%spatternFill></%sfill>" % (p, p))
