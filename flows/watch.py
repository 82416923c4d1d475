"""The watch over the nights: raises an alarm where one stays away, comes late or hangs."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow
from prefect.states import Completed

from flows import occasion
from flows.burying import bury
from flows.parameters import Hours
from kla.io import alarms
from kla.io.warehouse import open_warehouse


@flow(name="watch", **occasion.RUN)
def watch(hours: Hours = None) -> list[str]:
    """Return what is wrong with the nights now, a sentence each; what is new, and what is over, is sent to people.

    `hours` is how long a zone may be without a good night (default: KLA_ALARM_HOURS). Runs that Prefect believes to be
    alive and are dead by the ledger are marked as crashed there.
    """
    now = datetime.now(UTC)
    with open_warehouse() as warehouse:
        found = alarms.current(warehouse, now, hours)
        bury(warehouse)
    alarms.raise_new(found, now)
    told = [alarms.told(alarm) for alarm in found]
    return Completed(data=told, name="Alarm" if told else "Completed", message="; ".join(told)[:2000] or None)  # type: ignore[return-value]
