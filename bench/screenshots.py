"""Takes the pictures of docs/guide/img/ from the pages a `make run` published and from a form: `make screenshots`.

Needs the programs `chromium`, `soffice` and `pdftoppm` (Debian: chromium, libreoffice-calc, poppler-utils).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from kla.io import project
from kla.io.districts import load_district
from kla.io.forms import write_forms
from kla.io.instruments import load_instrument

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "guide" / "img"
MOST_BYTES = 150_000
DISTRICT, OFFICE = "63.10", "DINKES"
# Picture, page under var/public, width and height of the picture, how far down the page it begins.
PAGES = (
    ("semua-daerah.png", "index.html", 1280, 800, 0),
    ("kabupaten.png", "63.10/2024/index.html", 1280, 1220, 0),
    ("jalan.png", "64.02/2024/index.html", 1280, 1100, 760),
    ("antartahap.png", "63.10/2024/index.html", 1280, 1080, 2120),
    ("klaster.png", "63.10/2024/klaster/k5.html", 1280, 1000, 0),
    ("kabupaten-ponsel.png", "63.10/2024/index.html", 390, 1100, 0),
    ("opd.png", "63.10/2024/opd/dinkes.html", 1280, 1000, 0),
    ("temuan.png", "64.02/2024/findings.html", 1280, 1000, 0),
)
# Picture, page of the printed form, dots per inch.
FORM_PAGES = (("formulir-petunjuk.png", 1, 90), ("formulir-klaster.png", 4, 110))
PROGRAMS = {"chromium": "chromium", "soffice": "libreoffice-calc", "pdftoppm": "poppler-utils"}


def main() -> int:
    """Take all pictures; 2 when a program or the pages are missing."""
    missing = [f"{program} (Debian: {package})" for program, package in PROGRAMS.items() if not shutil.which(program)]
    pages = [page for _, page, *_ in PAGES if not (project.public() / page).is_file()]
    if missing or pages:
        for program in missing:
            print(f"missing program: {program}", file=sys.stderr)
        for page in pages:
            print(f"missing page: {project.public() / page}; make run publishes it", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for picture, page, width, height, top in PAGES:
            _shoot(project.public() / page, work / picture, (width, top + height), work / "profile")
            _cut(work / picture, top)
        _print_form(work)
        for picture in sorted(work.glob("*.png")):
            _keep(picture, FOLDER / picture.name)
    return 0


def _shoot(page: Path, picture: Path, size: tuple[int, int], profile: Path) -> None:
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []  # chromium refuses root otherwise
    flags = ["--headless=new", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}", *sandbox]
    window = f"--window-size={size[0]},{size[1]}"
    command = ["chromium", *flags, window, f"--screenshot={picture}", page.resolve().as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def _cut(picture: Path, top: int) -> None:
    """Leave away what stands above the part that is wanted."""
    with Image.open(picture) as opened:
        image = opened.copy()
    image.crop((0, top, image.width, image.height)).save(picture)


def _print_form(work: Path) -> None:
    """Print an office's form as LibreOffice shows it and keep two of its pages."""
    district = load_district(DISTRICT)
    (form,) = write_forms(district, load_instrument(district.cycle), "mandiri", work, [district.office(OFFICE)])
    profile = f"-env:UserInstallation={(work / 'office').as_uri()}"
    convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(work), str(form)]
    subprocess.run(convert, check=True, capture_output=True, timeout=300)
    for picture, number, dots in FORM_PAGES:
        only = ["-f", str(number), "-l", str(number), "-singlefile", "-r", str(dots)]
        target = work / picture.removesuffix(".png")
        command = ["pdftoppm", *only, "-png", str(Path(form).with_suffix(".pdf")), str(target)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def _keep(picture: Path, target: Path) -> None:
    """Store a picture with as many colours as its size allows, its empty lower part cut off."""
    with Image.open(picture) as opened:
        image = _without_blank_end(opened.convert("RGB"))
    for colours in (256, 128, 64, 32, 16):
        image.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= MOST_BYTES:
            break
    print(f"{target.name}: {image.width} x {image.height}, {target.stat().st_size // 1000} kB, {colours} colours")


def _without_blank_end(image: Image.Image) -> Image.Image:
    """Return the image down to its last line that is not of one colour, and a margin."""
    lines = image.convert("L")
    for y in range(image.height - 1, 0, -1):
        lowest, highest = lines.crop((0, y, image.width, y + 1)).getextrema()
        if lowest != highest:
            return image.crop((0, 0, image.width, min(image.height, y + 24)))
    return image


if __name__ == "__main__":
    raise SystemExit(main())
