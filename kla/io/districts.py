"""Reads districts/<code>/ into a District, knows all 514 kabupaten and kota, and writes the folder of a new one."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from kla.district import District, Regency
from kla.errors import DistrictError
from kla.io import project
from kla.io.district_build import build_district
from kla.io.yaml_text import Value, near, read_mapping

_CODE = re.compile(r"\d\d\.\d\d")
_KEPT_CAPITALS = {"DKI"}


@cache
def load_district(code: str) -> District:
    """Return a district read from districts/<code>/ (kept in memory).

    Raises:
        DistrictError: the code is not text or not known, the district has no folder, or its files do not hold together.
    """
    if not isinstance(code, str):
        raise DistrictError("districts", f"the code {code!r} is a number", f'Write it as text: "{code}".')
    regency = _regency(code)
    folder = project.data("districts") / code
    if not folder.is_dir():
        raise DistrictError(f"districts/{code}", f"{regency.name} has no folder yet", f"Run: kla init {code}")
    return load_district_from(folder)


def load_district_from(folder: Path) -> District:
    """Return the district whose folder this is; the folder is named after its code.

    Raises:
        DistrictError: file, key, what is wrong, what to do.
    """
    where = f"districts/{folder.name}"
    documents: dict[str, dict[str, Value]] = {}
    for name in ("district", "offices", "calendar", "owners"):
        path = folder / f"{name}.yaml"
        if name == "owners" and not path.exists():
            documents[name] = {}
            continue
        documents[name] = read_mapping(path, f"{where}/{name}.yaml", DistrictError)
    return build_district(_regency(folder.name), documents)


def district_codes() -> tuple[str, ...]:
    """Return the codes that have a folder, in order."""
    folders = project.data("districts").iterdir()
    return tuple(sorted(folder.name for folder in folders if folder.is_dir() and _CODE.fullmatch(folder.name)))


@cache
def regencies() -> Mapping[str, Regency]:
    """Return all kabupaten and kota of Indonesia by code, in the order of their codes."""
    root = project.data("districts")
    zones = _zones(root)
    provinces = {row["code"]: _name(row["name"]) for row in _rows(root / "provinces.csv")}
    found = {}
    for row in _rows(root / "regencies.csv"):
        province = row["province_code"]
        found[row["code"]] = Regency(row["code"], _name(row["name"]), province, provinces[province], zones[province])
    return MappingProxyType(found)


def create_district(code: str, target_folder: Path) -> Path:
    """Write <target_folder>/<code>/ from the default list of offices and return it; what `kla init <code>` does.

    Raises:
        DistrictError: the code is not known (a near one is suggested), or the folder exists already.
    """
    regency = _regency(code)
    folder = target_folder / code
    if folder.exists():
        raise DistrictError(f"districts/{code}", "the folder exists already", "Edit its files, or remove it first.")
    texts = {name: _default(f"default_{name}.yaml") for name in ("district", "offices", "calendar", "contacts")}
    texts["district"] = texts["district"].format(regency=regency)
    staged = target_folder / f".{code}.part"
    staged.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (staged / f"{name}.yaml").write_text(text, encoding="utf-8")
    return staged.rename(folder)


def _regency(code: str) -> Regency:
    known = regencies()
    if code not in known:
        likely = meant(code)
        hint = f'Did you mean "{likely.code}" ({likely.name})?' if likely else near(code, regencies()).strip()
        hint = hint or "Codes are written like 63.10; districts/regencies.csv lists them."
        raise DistrictError(f"districts/{code}", f'"{code}" is not the code of a kabupaten or kota', hint)
    return known[code]


def meant(word: str) -> Regency | None:
    """Return the one that may be meant by a code without its dot or last zero, or by a name; None when none is."""
    words: dict[str, str] = {}
    for code, regency in regencies().items():
        bare = regency.name.casefold().removeprefix("kabupaten ").removeprefix("kota ")
        for known in (code.replace(".", ""), code.rstrip("0"), regency.name.casefold(), bare):
            words.setdefault(known, code)
    return regencies().get(words.get(word.casefold(), ""))


def _default(name: str) -> str:
    return (project.data("districts") / name).read_text(encoding="utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _zones(root: Path) -> dict[str, ZoneInfo]:
    """Return the time zone of each province, by its code."""
    listed = read_mapping(root / "zones.yaml", "districts/zones.yaml", DistrictError)
    return {str(code): ZoneInfo(zone) for zone, codes in listed.items() if isinstance(codes, list) for code in codes}


def _name(capitals: str) -> str:
    """Return a name as people write it: "KABUPATEN TANAH BUMBU" is "Kabupaten Tanah Bumbu"."""
    return " ".join(word if word in _KEPT_CAPITALS else word.title() for word in capitals.split())
