"""Our own mistakes: every one says what, where and what to do. Bad input is a Finding, never one of these."""

from __future__ import annotations


class KlaError(Exception):
    """A mistake in our data, configuration or code.

    Args:
        where: file and key, e.g. "instrument/2024/klaster_3.yaml, question 12.P2".
        what: what is wrong, with the figures.
        remedy: what the reader has to do.
    """

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}. {remedy}")
        self.where = where
        self.what = what
        self.remedy = remedy


class InstrumentError(KlaError):
    """The law as data does not hold together (instrument/)."""


class DistrictError(KlaError):
    """A district's folder does not hold together (districts/)."""


class RuleError(KlaError):
    """A rule in expectations/ is wrong, or raised while it was run."""


class SettingsError(KlaError):
    """The project's folders or environment are not as expected."""


class WarehouseError(KlaError):
    """The warehouse holds something that must not be."""


class BusyError(KlaError):
    """Another run is at work on all that was asked for; nothing was done. The message is in Bahasa Indonesia."""


class LeaseLostError(KlaError):
    """A run was thought dead and another took over; it must not write any more. The message is in Bahasa Indonesia."""
