"""A verifier's words are sorted into causes by data; nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.causes import CauseWords, Change, cause_key, classify

WORDS = {
    Change.NO_EVIDENCE: CauseWords("Bukti tidak ada", "upload", "", ("bukti tidak ada", "tidak ada")),
    Change.NO_LEGAL_FORM: CauseWords("Tanpa dasar hukum", "sign", "", ("tidak ada SK", "tanpa dasar hukum")),
    Change.UNCLEAR: CauseWords("Tidak jelas", "upload", "", ("foto tidak jelas",)),
}


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("Bukti tidak ada", Change.NO_EVIDENCE),
        ("  BUKTI\u00a0tidak   ada!! ", Change.NO_EVIDENCE),
        ("Bukti tanpa dasar-hukum (SK)", Change.NO_LEGAL_FORM),
        ("dokumen tidak ada SK", Change.NO_LEGAL_FORM),  # longer than "tidak ada"
        ("ＦＯＴＯ tidak jelas", Change.UNCLEAR),
        ("fotonya tidak jelas", Change.OTHER),  # whole words only
        ("diskusi internal", Change.OTHER),
        ("", Change.NO_REASON),
        (" - . ", Change.NO_REASON),
    ],
)
def test_the_longest_alias_as_whole_words_decides(reason: str, change: Change) -> None:
    assert classify(reason, WORDS) is change


@given(st.text())
def test_any_text_gets_exactly_one_cause_and_only_blanks_have_none(reason: str) -> None:
    assert (classify(reason, WORDS) is Change.NO_REASON) == (cause_key(reason) == "")
