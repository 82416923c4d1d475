"""Writes a ZIP so that the same parts give the same bytes; a part that is copied keeps its packed bytes as they are."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipInfo

_EPOCH = 1 << 5 | 1  # 1 January 1980, the first day a ZIP can name
_VERSION, _UTF8, _UNIX, _MODE = 20, 0x800, 3 << 8, 0o600 << 16
_MOST_REMEMBERED = 20_000  # bytes
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")


@dataclass(frozen=True, slots=True)
class Packed:
    """A deflated part as it lies in a ZIP, with the checksum and the size of what it holds."""

    content: bytes
    crc: int
    size_bytes: int


def pack(part: bytes) -> Packed:
    """Return a part deflated; of a small one seen before, perhaps: workbooks of one kind differ in few of their parts."""
    return _known(part) if len(part) <= _MOST_REMEMBERED else _pack(part)


def _pack(part: bytes) -> Packed:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return Packed(deflate.compress(part) + deflate.flush(), zlib.crc32(part), len(part))


_known = lru_cache(maxsize=128)(_pack)


def packed(file: BinaryIO, info: ZipInfo) -> Packed | None:
    """Return a part of a ZIP without unpacking it, None for one that is not deflated.

    Raises:
        BadZipFile: there is no part where the ZIP says.
    """
    if info.compress_type != ZIP_DEFLATED:
        return None
    file.seek(info.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\3\4"):
        raise BadZipFile(info.filename)
    *_, name, extra = _LOCAL.unpack(head)
    file.seek(name + extra, 1)
    return Packed(file.read(info.compress_size), info.CRC, info.file_size)


def unpacked(part: Packed) -> bytes:
    """Return what a part holds, no more than the ZIP announced.

    Raises:
        BadZipFile: it is not what the ZIP says.
        zlib.error: it is not deflated.
    """
    content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(part.content, part.size_bytes) if part.size_bytes else b""
    if len(content) != part.size_bytes or zlib.crc32(content) != part.crc:
        raise BadZipFile("a part is not what it should be")
    return content


def zipped(parts: Mapping[str, bytes | Packed]) -> bytes:
    """Return a ZIP of parts in their order; the same parts give the same bytes."""
    out, listed, at = [], [], 0
    for name, given in parts.items():
        part = pack(given) if isinstance(given, bytes) else given
        written = name.encode()
        flag = 0 if name.isascii() else _UTF8
        facts = (flag, ZIP_DEFLATED, 0, _EPOCH, part.crc, len(part.content), part.size_bytes, len(written), 0)
        out += [_LOCAL.pack(b"PK\3\4", _VERSION, *facts), written, part.content]
        listed += [_CENTRAL.pack(b"PK\1\2", _VERSION | _UNIX, _VERSION, *facts, 0, 0, 0, _MODE, at), written]
        at += _LOCAL.size + len(written) + len(part.content)
    size = sum(map(len, listed))
    return b"".join((*out, *listed, _END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), size, at, 0)))
