"""How a run ends on the Prefect page: completed, completed in part (and it says who), or failed."""

from __future__ import annotations

from typing import Any

from prefect.states import Completed

from kla.night import Night, NightStatus, told


class NightFailedError(Exception):
    """Nobody was served, or the warehouse holds what must not be. `night` says the rest."""

    def __init__(self, night: Night) -> None:
        super().__init__("; ".join(told(night)) or "failed")
        self.night = night


def ended(night: Night) -> Any:
    """Return the state a run ends in; calling the flow plainly gives its `night`.

    Raises:
        NightFailedError: the run failed.
    """
    if night.status is NightStatus.FAILED:
        raise NightFailedError(night)
    name = "Completed" if night.status is NightStatus.COMPLETE else "Partial"
    return Completed(data=night, name=name, message="; ".join(told(night))[:2000] or None)
