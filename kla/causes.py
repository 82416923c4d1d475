"""Why a verifier changed points, told from the words of the recap. Pure; the words are data (reports/causes.id.yaml)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Change(StrEnum):
    """Why a question's points changed from one stage to the next."""

    NO_EVIDENCE = "no_evidence"  # the evidence is missing
    NO_LEGAL_FORM = "no_legal_form"  # evidence without decree or signature
    OUTDATED = "outdated"  # out of date, outside the cycle's years
    REUSED = "reused"  # one photo or document for several questions
    UNCLEAR = "unclear"  # cannot be read or recognised
    NOT_STANDARD = "not_standard"  # the institution or service has no standard yet
    NOT_DOCUMENTED = "not_documented"  # done, but nothing written down
    NOT_DONE = "not_done"  # no activity, partnership or innovation at all
    OTHER = "other"  # a reason no alias knows
    NO_REASON = "no_reason"  # points fell and the recap does not say why
    NOT_STATED = "not_stated"  # the later stage has no counting row for the question
    RAISED = "raised"  # the later stage gave more


@dataclass(frozen=True, slots=True)
class CauseWords:
    """What people call a cause, which texts mean it, and which action wins the points back (`kla.measures.Action`)."""

    label: str
    needs: str
    remedy: str
    aliases: tuple[str, ...] = ()


@lru_cache(maxsize=4096)  # every reason is held against the same few hundred aliases
def cause_key(text: str) -> str:
    """Return a reason as it is compared: NFKC, lower case, words of letters and digits only, one space between.

    >>> cause_key("Bukti  tanpa dasar-hukum (SK).")
    'bukti tanpa dasar hukum sk'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded).split())


def classify(reason: str, words: Mapping[Change, CauseWords]) -> Change:
    """Return the cause a verifier's reason means.

    The longest alias that stands in the text as whole words decides; among equally long ones the earlier cause of
    `words`. A blank is NO_REASON, a text that no alias knows OTHER.

    >>> words = {Change.UNCLEAR: CauseWords("Tidak jelas", "upload", "", ("foto tidak jelas",))}
    >>> classify("Foto  TIDAK jelas!", words), classify("-", words), classify("lain-lain", words)
    (<Change.UNCLEAR: 'unclear'>, <Change.NO_REASON: 'no_reason'>, <Change.OTHER: 'other'>)
    """
    key = cause_key(reason)
    if not key:
        return Change.NO_REASON
    found, longest = Change.OTHER, 0
    for change, entry in words.items():
        for alias in map(cause_key, entry.aliases):
            if len(alias) > longest and f" {alias} " in f" {key} ":
                found, longest = change, len(alias)
    return found
