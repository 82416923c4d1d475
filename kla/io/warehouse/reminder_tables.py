"""What was sent to remind people."""

from __future__ import annotations

from sqlalchemy import Index, Table

from kla.io.warehouse.columns import METADATA, count, means, text

reminder = Table(
    "reminder",
    METADATA,
    text("reminder_id", "digest of deadline, mark, addressee and address: sent once", primary_key=True),
    text("district_code", "Kemendagri code"),
    count("cycle", "of the evaluation"),
    text("stage", "the stage counted down to"),
    text("deadline_on", "its last day, or that of the field verification"),
    count("mark", "days before: 30, 14, 7, 3, 1 or 0"),
    text("level", "office, coordinator or sekda"),
    text("opd_code", "the office addressed; '' for the Sekda"),
    text("address", "variable and place in it, or berkas; never an address"),
    text("title", "the subject line"),
    text("content", "sha256 of subject and text"),
    count("offices", "how many offices it speaks of"),
    count("questions", "how many questions they still owe"),
    count("findings", "how many findings they still have to mend"),
    count("points_hundredths", "points at stake"),
    text("sent_at", "the moment it was sent as of"),
    text("run_id", "the run that sent it; the ledger of a rebuilt warehouse does not hold it"),
    Index("ix_reminder_place", "district_code", "cycle"),
    info=means("Reminders that went out, one row per address. What could not be sent is not here, and is tried again."),
)
