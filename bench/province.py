"""A synthetic province to measure on: copies of one sample district under other codes, with its own filled forms."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kla import layout
from kla.findings import Outcome
from kla.io import project
from kla.io.districts import regencies
from kla.io.samples import build_inbox

MODEL = "64.02"
DAY, NEXT_DAY, LATER_DAY, FURTHER_DAY, LAST_DAY = (f"2024-05-{day}" for day in range(20, 25))
AGAIN = "baru"  # what the name of a form begins with that came once more


@dataclass(frozen=True)
class Province:
    """Where the synthetic districts live: KLA_HOME, KLA_VAR, and how many forms lie in the inbox."""

    home: Path
    var: Path
    codes: tuple[str, ...]
    forms: tuple[Path, ...]


def sound_forms(folder: Path) -> list[tuple[str, Path]]:
    """Return (office folder, form) of the model district, one per office, those a run accepts or returns."""
    from desk.checking import judged

    build_inbox(folder, [MODEL])
    found: dict[str, Path] = {}
    for path, file in judged([folder / MODEL], MODEL):
        if file is not None and file.outcome is not Outcome.REFUSED:
            found[file.receipt.opd_code] = path
    return sorted(found.items())


def build(root: Path, count: int, models: Sequence[tuple[str, Path]]) -> Province:
    """Write a province of `count` forms, whole districts of `models` and a part of the last one."""
    home, var = root / "home", root / "var"
    home.mkdir(parents=True)
    for name in project.DATA_FOLDERS:
        if name == "districts":
            (home / name).mkdir()
            for path in project.data(name).iterdir():
                if path.is_file():
                    shutil.copy(path, home / name)
        else:
            (home / name).symlink_to(project.data(name), target_is_directory=True)
    books = [(office, _parts(path), path.name) for office, path in models]
    places = _places(books, count)
    forms = []
    for code, office, parts, name in places:
        if not (home / "districts" / code).exists():
            _copy_district(home / "districts" / code)
        target = var / "inbox" / code / office / name.replace(MODEL, code)
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, parts, code)
        if not name.startswith(books[0][2][:3]):  # the second time
            _marked(target, target.name)
        forms.append(target)
    return Province(home, var, tuple(dict.fromkeys(path.parent.parent.name for path in forms)), tuple(forms))


def _places(
    books: Sequence[tuple[str, dict[str, bytes], str]], count: int
) -> Iterator[tuple[str, str, dict[str, bytes], str]]:
    """Yield (district, office, parts, file name) for `count` forms; what 513 districts do not need comes a second time."""
    codes = [code for code in regencies() if code != MODEL]
    for number in range(count):
        round_, place = divmod(number, len(codes) * len(books))
        office, parts, name = books[place % len(books)]
        yield (codes[place // len(books)], office, parts, f"{round_ + 1} {name}" if round_ else name)


def renew(province: Province, count: int) -> None:
    """Let `count` forms, spread over the districts, come once more as another file with the same answers."""
    step = max(1, len(province.forms) // count)
    for number, path in enumerate(province.forms[::step][:count]):
        target = path.with_name(f"{AGAIN} {len(list(path.parent.iterdir()))} {path.name}")
        shutil.copy(path, target)
        _marked(target, f"{number} {target.name}")


def _marked(form: Path, text: str) -> None:
    """Make a form another file that holds the same; which one follows from the text alone, not from the clock."""
    with zipfile.ZipFile(form, "a") as book:
        book.writestr(zipfile.ZipInfo("customXml/item.xml"), f"<baru>{text}</baru>")


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def _copy_district(folder: Path) -> None:
    shutil.copytree(project.data("districts") / MODEL, folder)
    regency = regencies()[folder.name]
    head = folder / "district.yaml"
    changes = {
        "code": f'"{regency.code}"',
        "name": regency.name,
        "province": regency.province_name,
        "zone": str(regency.zone),
    }
    lines = head.read_text(encoding="utf-8").splitlines()
    lines = [
        next((f"{key}: {new}" for key, new in changes.items() if line.startswith(f"{key}:")), line) for line in lines
    ]
    head.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(target: Path, parts: dict[str, bytes], code: str) -> None:
    """Write a copy of a form whose seal names another district, and holds."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, content in parts.items():
            is_seal = b">checksum<" in content and MODEL.encode() in content
            book.writestr(name, _resealed(content.decode(), code).encode() if is_seal else content)


def _resealed(sheet: str, code: str) -> str:
    texts = re.findall(r"<t[^>]*>([^<]*)</t>", sheet)
    seal = dict(zip(texts[::2], texts[1::2], strict=False))
    questions = seal["question_ids"].split()
    old, new = (
        layout.checksum(it, seal["opd"], seal["cycle"], seal["stage"], seal["template_version"], questions)
        for it in (MODEL, code)
    )
    if old != seal["checksum"]:
        raise ValueError("the model's own seal does not hold")
    return sheet.replace(f">{MODEL}<", f">{code}<").replace(old, new)
