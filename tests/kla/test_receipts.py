"""The receipt number names one attempt and one file, always in the same way."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.receipts import receipt_number

DIGEST = "ab12cd" + "0" * 58
digests = st.text("0123456789abcdef", min_size=64, max_size=64)


def test_it_names_district_office_cycle_stage_attempt_and_file() -> None:
    assert receipt_number("63.10", "DINKES", 2024, "mandiri", 1, DIGEST) == "KLA-63.10-DINKES-2024-mandiri-01-ab12cd"


def test_a_recap_has_no_office_in_it() -> None:
    assert receipt_number("63.10", "", 2024, "vlh", 12, DIGEST) == "KLA-63.10-2024-vlh-12-ab12cd"


@given(st.integers(1, 300), digests)
def test_attempt_and_file_can_be_read_back(version: int, digest: str) -> None:
    found = re.fullmatch(
        r"KLA-53\.71-DP3A-2024-mandiri-(\d{2,})-([0-9a-f]{6})",
        receipt_number("53.71", "DP3A", 2024, "mandiri", version, digest),
    )
    assert found is not None
    assert (int(found[1]), found[2]) == (version, digest[:6])


def test_a_digest_in_capitals_gives_the_same_number() -> None:
    upper, lower = (receipt_number("53.71", "DP3A", 2024, "mandiri", 1, text) for text in (DIGEST.upper(), DIGEST))
    assert upper == lower


@pytest.mark.parametrize(("version", "digest"), [(0, DIGEST), (-1, DIGEST), (1, ""), (1, "12345"), (1, "xyz" * 30)])
def test_what_is_no_attempt_or_no_digest_is_refused(version: int, digest: str) -> None:
    with pytest.raises(ValueError, match=r"attempts|sha256"):
        receipt_number("53.71", "DP3A", 2024, "mandiri", version, digest)
