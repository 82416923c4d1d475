"""The receipt number of one attempt: what an office quotes when it calls, and what its returned workbook carries."""

from __future__ import annotations

FINGERPRINT_DIGITS = 6


def receipt_number(district_code: str, opd_code: str, cycle: int, stage: str, version: int, sha256: str) -> str:
    """Return the receipt number of an office's attempt; a recap has no office and leaves that part out.

    The version (from 1) says which attempt it was, the digits of the file's sha256 which bytes arrived: the same
    number never stands for two different files.

    Raises:
        ValueError: the version is below 1, or the sha256 has fewer than six hexadecimal digits.

    >>> receipt_number("63.10", "DINKES", 2024, "mandiri", 3, "ab12cd34")
    'KLA-63.10-DINKES-2024-mandiri-03-ab12cd'
    """
    fingerprint = sha256[:FINGERPRINT_DIGITS].lower()
    if version < 1:
        raise ValueError(f"attempts are counted from 1, not {version}")
    if len(fingerprint) < FINGERPRINT_DIGITS or set(fingerprint) - set("0123456789abcdef"):
        raise ValueError(f"not a sha256: {sha256!r}")
    parts = ("KLA", district_code, opd_code, str(cycle), stage, f"{version:02d}", fingerprint)
    return "-".join(part for part in parts if part)
