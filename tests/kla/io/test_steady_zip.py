"""A ZIP of ours is what the standard library writes, byte for byte, and copies what is packed already."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.io.steady_zip import Packed, pack, packed, unpacked, zipped

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda it: "\\" not in it
)


def by_the_library(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, part)
    return out.getvalue()


@given(st.dictionaries(NAMES, st.binary(max_size=2000), max_size=6))
def test_it_is_the_same_as_the_standard_library_writes(parts: dict[str, bytes]) -> None:
    assert zipped(parts) == by_the_library(parts)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_part_is_copied_as_it_lies_there_if_it_is_deflated(method: int) -> None:
    source = io.BytesIO(b"something in front")
    source.seek(0, io.SEEK_END)
    with zipfile.ZipFile(source, "w") as target:
        for name in ("a", "b"):
            with target.open(zipfile.ZipInfo(name), "w") as part:
                part.write(b"")
        target.writestr("c", b"isi " * 500, compress_type=method, compresslevel=1)
    with zipfile.ZipFile(source) as archive:
        info = archive.getinfo("c")
        found = packed(source, info)
    assert (found is not None) == (method == zipfile.ZIP_DEFLATED)
    if found:
        assert found == Packed(found.content, info.CRC, 2000)
        with zipfile.ZipFile(io.BytesIO(zipped({"x": b"y", "c": found}))) as archive:
            assert (archive.read("x"), archive.read("c")) == (b"y", b"isi " * 500)
            assert archive.getinfo("c").compress_size == info.compress_size


def test_a_part_that_is_not_where_the_zip_says_is_refused() -> None:
    info = zipfile.ZipInfo("a")
    info.compress_type, info.header_offset = zipfile.ZIP_DEFLATED, 5
    with pytest.raises(zipfile.BadZipFile):
        packed(io.BytesIO(b"no zip at all, but long enough for a header"), info)


@given(st.binary(max_size=2000))
def test_a_part_unpacked_is_what_was_packed(part: bytes) -> None:
    assert unpacked(pack(part)) == part


@pytest.mark.parametrize("size_bytes", [3, 6])
def test_a_part_that_holds_more_or_less_than_the_zip_says_is_refused_and_never_unpacked_further(
    size_bytes: int,
) -> None:
    whole = pack(b"isi a")
    with pytest.raises(zipfile.BadZipFile):
        unpacked(Packed(whole.content, whole.crc, size_bytes))
