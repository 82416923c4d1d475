"""Rows of many files as pandas tables, with limits joined as columns; expectations/*.yaml declares the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kla.district import District
from kla.findings import StandingRow
from kla.instrument import Instrument
from kla.io.frames.answers import answers_frame
from kla.io.frames.context import Handed, Settings, hand_over
from kla.io.frames.evidence import evidence_frame
from kla.io.frames.figures import figures_frame
from kla.io.frames.files import files_frame, problems_frame
from kla.io.frames.recap import rollups_frame, stated_frame
from kla.io.frames.standing import questions_frame
from kla.io.frames.table import Frame, Subject, from_examples

__all__ = ["Frame", "Handed", "Subject", "file_frames", "from_examples", "hand_over", "standing_frames"]


def file_frames(handed: Sequence[Handed]) -> tuple[Frame, ...]:
    """Return the frames over files, in the order of kla.io.rules.FRAMES."""
    return (
        files_frame(handed),
        problems_frame(handed),
        answers_frame(handed),
        evidence_frame(handed),
        stated_frame(handed),
        rollups_frame(handed),
    )


def standing_frames(
    rows: Sequence[StandingRow], districts: Mapping[str, District], instruments: Mapping[int, Instrument]
) -> tuple[Frame, ...]:
    """Return the frames over current answers, `questions` and `figures`: the last two of kla.io.rules.FRAMES."""
    settings = Settings(districts, instruments)
    return questions_frame(rows, settings), figures_frame(rows, settings)
