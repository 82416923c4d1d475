"""The column of links: what leads to a document, the names of files among it, and which files may be data dukung."""

from __future__ import annotations

import re

# Kinds of file that data dukung comes in; workbooks are read, not attached.
ATTACHMENT_KINDS = frozenset(
    {"pdf", "jpg", "jpeg", "png", "heic", "webp", "tif", "tiff", "mp4", "mov"}
    | {"doc", "docx", "odt", "ppt", "pptx", "zip", "rar", "7z"}
)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_HOST_ENDS = re.compile(r"[/?#]")
_BETWEEN_LINKS = re.compile(r"[\n;]|,\s")
_NAME = re.compile(r"[^\s<>\"|?*:/\\][^<>\"|?*:/\\]*\.[a-z0-9]{2,5}", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:\d+)?", re.IGNORECASE)


def link_parts(text: str) -> list[str]:
    """Return the links or file names of one cell: one a line, or parted by a semicolon or comma.

    >>> link_parts("foto 1.jpg; foto 2.jpg")
    ['foto 1.jpg', 'foto 2.jpg']
    """
    return [part.strip() for part in _BETWEEN_LINKS.split(text) if part.strip()]


def is_attachment_name(name: str) -> bool:
    """Whether a file of this name may be data dukung.

    >>> is_attachment_name("SK Gugus Tugas.PDF"), is_attachment_name("isian.xlsx"), is_attachment_name("~$SK.docx")
    (True, False, False)
    """
    _, dot, kind = name.rpartition(".")
    return bool(dot) and kind.strip().lower() in ATTACHMENT_KINDS and not name.startswith((".", "~$"))


def _is_link(text: str) -> bool:
    if address := _ADDRESS.match(text):
        host = _HOST_ENDS.split(text[address.end() :], maxsplit=1)[0]
        return " " not in text and _HOST.fullmatch(host) is not None
    host, slash, _ = text.partition("/")
    is_bare = bool(slash) or text.casefold().startswith("www.")
    return bool(_NAME.fullmatch(text)) or (is_bare and " " not in text and _HOST.fullmatch(host) is not None)


def is_link(text: str) -> bool:
    """Whether a text leads somewhere others can open: an address of the web, or the name of a file handed in.

    Several may stand in one cell, one a line or parted by a comma or semicolon. A path on somebody's own computer or an
    address without a host leads nowhere.

    >>> [is_link(text) for text in ("https://drive.google.com/x", "foto 1.jpg", "C:\\\\data\\\\sk.pdf", "http://", "ada")]
    [True, True, False, False, False]
    """
    return all(_is_link(part) for part in link_parts(text))
