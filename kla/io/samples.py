"""Builds the sample inbox: forms filled from profiles, recaps, and the dirt of a real inbox. Same profiles, same files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from kla.district import District
from kla.io import project
from kla.io.districts import load_district
from kla.io.form_style import text
from kla.io.forms import build_form, form_name
from kla.io.instruments import load_instrument
from kla.io.sample_dirt import soil, soil_bytes
from kla.io.sample_fill import Sender, fill, pick, sample_texts
from kla.io.sample_marks import stamp_path
from kla.io.sample_profile import (
    Answers,
    Dirt,
    Forms,
    Sample,
    load_sample,
    load_sample_day,
    load_sample_notice,
    sample_codes,
    sample_cycles,
)
from kla.io.sample_recap import recap_file
from kla.io.steady_xlsx import write_bytes

ARRIVALS = "_kedatangan.csv"
_WORKERS = 2
_WORTH_A_SECOND_PROCESS = 30
_DAYS_BEFORE_MENDING = 4

Arrival = tuple[str, datetime]  # path relative to the district's inbox, moment of arrival


def sample_days() -> Mapping[str, date]:
    """Return the day on which each sample district is looked at (code -> local date)."""
    return {code: load_sample_day(code) for code in sample_codes()}


def build_inbox(inbox: Path, codes: Sequence[str] | None = None) -> Mapping[str, datetime]:
    """Write the sample districts' files into an inbox; returns code -> as_of (the end of its day, local).

    A district whose profile has not changed since is left alone; nothing is ever rewritten with the same bytes.

    Raises:
        SettingsError: a code is no sample district, or a profile does not hold together.
    """
    chosen = sample_codes() if codes is None else tuple(codes)
    stamp = _Stamp(inbox)
    stale = [code for code in chosen if not stamp.holds(code)]
    jobs = [job for code in stale for job in _jobs(code)]
    written = list(_run(inbox, jobs))
    for code in stale:
        arrivals = [arrival for made, arrivals in written if made == code for arrival in arrivals]
        _write_arrivals(inbox / code, arrivals)
        stamp.set(code, [path for path, _ in arrivals])
    return {code: _end_of(load_sample_day(code), load_district(code)) for code in chosen}


def _jobs(code: str) -> list[tuple[str, int, str]]:
    """Return one job per office and one for the recaps: (code, which forms, office code)."""
    sample = _sample(code)
    jobs = [(code, -1, "")]
    for which, forms in enumerate(sample.forms):
        expected = load_district(code).expected_offices(load_instrument(forms.cycle))
        jobs += [(code, which, office.code) for office in expected if office.code not in forms.silent]
    return jobs


def _run(inbox: Path, jobs: Sequence[tuple[str, int, str]]) -> Iterable[tuple[str, list[Arrival]]]:
    if len(jobs) < _WORTH_A_SECOND_PROCESS:
        return [_write_job(inbox, job) for job in jobs]
    with ProcessPoolExecutor(_WORKERS) as pool:
        return list(pool.map(_write_job, [inbox] * len(jobs), jobs, chunksize=4))


def _write_job(inbox: Path, job: tuple[str, int, str]) -> tuple[str, list[Arrival]]:
    code, which, office_code = job
    district, sample = load_district(code), _sample(code)
    if which < 0:
        files = [recap_file(district, sample, recap) for recap in sample.recaps]
    else:
        forms = sample.forms[which]
        sender = Sender(district, load_instrument(forms.cycle), district.office(office_code))
        files = _office_files(sender, forms)
    for name, content, _ in files:
        _write_when_new(inbox / code / name, content)
    return code, [(name, moment.replace(tzinfo=district.zone)) for name, _, moment in files]


def _office_files(sender: Sender, forms: Forms) -> list[tuple[str, bytes, datetime]]:
    """Return the files one office sends: (path, content, local moment); a mended one comes days after the first."""
    office = sender.office
    dirt = [item for item in forms.dirt if item.office == office.code]
    earlier = [item for item in dirt if item.is_earlier]
    folder = forms.folders.get(office.code, office.code)
    names: Mapping[str, str] = sample_texts()["file_names"]
    stem = form_name(sender.district, sender.instrument, office).removesuffix(".xlsx")
    moment = _arrival(sender, forms)
    files = []
    if earlier:
        first = _form_bytes(sender, forms, earlier)
        name = names["earlier"].format(form=stem)
        files.append((f"{folder}/{name}", first, moment - timedelta(days=_DAYS_BEFORE_MENDING)))
    content = _form_bytes(sender, forms, [item for item in dirt if not item.is_earlier])
    files.append((f"{folder}/{names['clean'].format(form=stem)}", content, moment))
    return files


def _form_bytes(sender: Sender, forms: Forms, dirt: Sequence[Dirt]) -> bytes:
    built = build_form(sender.district, sender.instrument, sender.office, forms.stage, text("synthetic"))
    kinds = {item.kind for item in dirt}
    if "empty" not in kinds:
        other = {question: item.level for item in dirt if item.kind == "disagrees" for question in item.questions}
        fill(built, sender, _answers(forms, dirt), other)
    for item in dirt:
        soil(built, sender, item)
    content = built.to_bytes()
    for item in dirt:
        content = soil_bytes(content, sender, item)
    return content


def _answers(forms: Forms, dirt: Sequence[Dirt]) -> Answers:
    """Return what is filled in: an unfinished form leaves its questions blank, a future SK is all the evidence there is."""
    unfinished = {question for item in dirt if item.kind == "unfinished" for question in item.questions}
    bare = {question for item in dirt if item.kind == "future_sk" for question in item.questions}
    levels = {question: level for question, level in forms.answers.levels.items() if question not in unfinished}
    return Answers(levels, forms.answers.without_evidence | bare)


def _arrival(sender: Sender, forms: Forms) -> datetime:
    if sender.office.code in forms.arrivals:
        return forms.arrivals[sender.office.code]
    seed = (sender.district.code, forms.cycle, sender.office.code)
    day = forms.first_day + timedelta(days=pick((forms.last_day - forms.first_day).days + 1, *seed))
    return datetime.combine(day, time(8 + pick(8, *seed, "hour"), pick(60, *seed, "minute")))


def _end_of(day: date, district: District) -> datetime:
    return datetime.combine(day, time(23, 59, 59), district.zone)


@cache
def _sample(code: str) -> Sample:
    return load_sample(code, {cycle: load_instrument(cycle) for cycle in sample_cycles(code)})


def _write_when_new(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)


def _write_arrivals(folder: Path, arrivals: Sequence[Arrival]) -> None:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("path", "received_at"))
    rows.writerows((path, moment.isoformat()) for path, moment in sorted(arrivals))
    _write_when_new(folder / ARRIVALS, out.getvalue().encode())


class _Stamp:
    """Remembers beside the inbox from which profiles its samples were made, and which files these are."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox
        self._path = stamp_path(inbox)
        self._made: dict[str, dict[str, object]] = {}
        if self._path.is_file():
            self._made = json.loads(self._path.read_text(encoding="utf-8"))

    def holds(self, code: str) -> bool:
        """Whether the district's files are all there and made from the profiles as they are now."""
        made = self._made.get(code, {})
        if made.get("digest") != _digest(code):
            return False
        files = made.get("files")
        return isinstance(files, list) and all((self._inbox / code / name).is_file() for name in (*files, ARRIVALS))

    def set(self, code: str, files: Sequence[str]) -> None:
        """Write down what was made; files of an older profile that are not made any more are taken away."""
        old = self._made.get(code, {}).get("files")
        for name in set(old if isinstance(old, list) else ()) - set(files):
            (self._inbox / code / name).unlink(missing_ok=True)
        self._made[code] = {"digest": _digest(code), "notice": load_sample_notice(code), "files": sorted(files)}
        content = json.dumps(self._made, indent=1, sort_keys=True, ensure_ascii=False)
        write_bytes(self._path, content.encode())


def _digest(code: str) -> str:
    """Return a digest of all a district's sample files depend on: profiles, district, instrument, texts, this code."""
    here = Path(__file__).resolve().parent
    places = [project.data("samples") / code, project.data("districts") / code]
    places += [project.data("instrument"), project.data("samples") / "evidence.yaml"]
    places += [project.data("reports") / "form.id.yaml", here.parent / "layout.py"]
    places += [*sorted(here.glob("form*.py")), *sorted(here.glob("sample*.py")), here / "steady_xlsx.py"]
    places += [here / "recap_form.py", here / "steady_zip.py"]
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
