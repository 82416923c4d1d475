"""Writes the form of one office: only its own questions, lists, locked cells, a hidden seal. Same input, same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl.workbook import Workbook

from kla import layout
from kla.district import District, Office
from kla.instrument import Instrument
from kla.io.form_cover import write_cover
from kla.io.form_sheets import FormFrame, FormPlaces, Owned, write_block, write_evidence, write_lists, write_seal
from kla.io.form_style import add_styles, text, texts
from kla.io.steady_xlsx import workbook_bytes, write_bytes


@dataclass(frozen=True)
class BuiltForm:
    """An office form in memory and where its questions and evidence rows stand."""

    workbook: Workbook
    places: FormPlaces
    made_at: datetime

    def to_bytes(self) -> bytes:
        """Return the .xlsx; the same form gives the same bytes."""
        return workbook_bytes(self.workbook, self.made_at)


def write_form(district: District, instrument: Instrument, office: Office, stage: str, path: Path) -> Path:
    """Write the form of one office for one stage to `path` and return the path.

    Raises:
        ValueError: the office owns no question of this cycle, or the stage is not one of the instrument's.
    """
    return write_bytes(path, build_form(district, instrument, office, stage).to_bytes())


def write_forms(
    district: District, instrument: Instrument, stage: str, out_dir: Path, offices: Sequence[Office] | None = None
) -> tuple[Path, ...]:
    """Write one form per office (all that own a question by default) and return the paths, e.g. KLA-2024-63.10-DINKES.xlsx."""
    chosen = district.expected_offices(instrument) if offices is None else offices
    return tuple(
        write_form(district, instrument, office, stage, out_dir / form_name(district, instrument, office))
        for office in chosen
    )


def form_name(district: District, instrument: Instrument, office: Office) -> str:
    """Return the file name of an office's form."""
    return f"KLA-{instrument.cycle}-{district.code}-{_file_part(office.code)}.xlsx"


def build_form(
    district: District, instrument: Instrument, office: Office, stage: str, subtitle_note: str = ""
) -> BuiltForm:
    """Return the form of one office in memory. `subtitle_note` is printed in red on the cover (samples say what they are).

    Raises:
        ValueError: as `write_form`.
    """
    owned = district.questions_for(office.code, instrument)
    if not owned:
        raise ValueError(f"{office.code} owns no question of cycle {instrument.cycle} in {district.code}")
    if stage not in instrument.stages:
        raise ValueError(f"{stage} is not a stage of cycle {instrument.cycle}: {', '.join(instrument.stages)}")
    workbook = Workbook()
    add_styles(workbook)
    cover = workbook.worksheets[0]
    cover.title = layout.COVER_SHEET
    form = FormFrame(instrument, _fields(district, instrument, office, stage, owned), "", {})
    form = FormFrame(
        instrument, form.fields, text("footer", **form.fields), write_lists(workbook, _lists(instrument, owned))
    )
    places = FormPlaces()
    for block in instrument.blocks:
        own = [pair for pair in owned if pair[0].block_code == block.code]
        if own:
            write_block(workbook, block, own, form, places)
    write_evidence(workbook, owned, form, places)
    write_cover(cover, instrument, owned, form, subtitle_note)
    write_seal(workbook, _seal(district, instrument, office, stage, owned))
    # The lists were needed first; on the screen they come last.
    workbook.move_sheet(layout.LISTS_SHEET, len(workbook.sheetnames))
    workbook.properties.creator = "KLA"
    workbook.properties.title = text("title", **form.fields)
    return BuiltForm(workbook, places, datetime(instrument.cycle, 1, 1))


def deadline_text(closes_on: date, zone_key: str) -> str:
    """Return a closing date as people read it, e.g. "Rabu, 5 Juni 2024, pukul 23.59 WITA"."""
    return text(
        "deadline",
        weekday=texts("weekdays")[closes_on.weekday()],
        day=closes_on.day,
        month=texts("months")[closes_on.month - 1],
        year=closes_on.year,
        zone=text(f"zones.{zone_key}"),
    )


def _fields(
    district: District, instrument: Instrument, office: Office, stage: str, owned: Sequence[Owned]
) -> dict[str, object]:
    windows = {window.stage: window for window in district.windows(instrument.cycle)}
    window = windows.get(stage)
    leads = sum(is_lead for _, is_lead in owned)
    t2, t1 = instrument.evidence_years
    return {
        "district": district.name,
        "office": office.name,
        "cycle": instrument.cycle,
        "stage": text(f"stages.{stage}"),
        "t2": t2,
        "t1": t1,
        "deadline": deadline_text(window.closes_on, district.zone.key) if window else text("no_deadline"),
        "coordinator": district.coordinator or text("no_coordinator"),
        "all": len(owned),
        "lead": leads,
        "support": len(owned) - leads,
    }


def _lists(instrument: Instrument, owned: Sequence[Owned]) -> dict[str, list[str]]:
    scales = {question.scale.code: question.scale for question, _ in owned}
    lists = {
        code: [level.label for level in scale.levels]
        for code, scale in scales.items()
        if "answer" in set().union(*(layout.asked_inputs(q) for q, _ in owned if q.scale.code == code))
    }
    lists["question_id"] = [question.question_id for question, _ in owned]
    lists["kind"] = [kind.label for kind in instrument.evidence_kinds.values()]
    return lists


def _seal(
    district: District, instrument: Instrument, office: Office, stage: str, owned: Sequence[Owned]
) -> dict[str, str]:
    ids = [question.question_id for question, _ in owned]
    version = layout.TEMPLATE_VERSION
    return {
        "district": district.code,
        "opd": office.code,
        "cycle": str(instrument.cycle),
        "stage": stage,
        "template_version": version,
        "question_ids": " ".join(ids),
        "checksum": layout.checksum(district.code, office.code, instrument.cycle, stage, version, ids),
    }


def _file_part(code: str) -> str:
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in code)
