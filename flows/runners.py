"""Where the parts of a night are served: on this machine by default, on the workers of a Dask cluster where one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kla.errors import SettingsError
from kla.io import settings

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

LOCAL, DASK = "lokal", "dask"


def is_local() -> bool:
    """Whether this process itself has the parts of a night served."""
    return settings.current().runner.partition(":")[0] == LOCAL


def runner() -> TaskRunner[Any]:
    """Return the task runner that KLA_RUNNER names, with room for KLA_WORKERS parts side by side.

    "lokal": threads, each of which waits for a child process of this machine. "dask": a Dask cluster of this machine,
    started for the run. "dask:tcp://host:8786": the workers of a running cluster, which see the same var and warehouse.
    Threads and workers do the same: they have a foreman fork a child, so that whatever kills it costs its part alone.

    Raises:
        SettingsError: another name, or Dask is not installed.
    """
    now = settings.current()
    name, _, address = now.runner.partition(":")
    if name == LOCAL:
        from prefect.task_runners import ThreadPoolTaskRunner

        return ThreadPoolTaskRunner(max_workers=max(now.workers, 1))
    if name != DASK:
        raise SettingsError("KLA_RUNNER", f"{now.runner!r} is unknown", "Write lokal, dask or dask:tcp://host:port.")
    return _dask(address, now.workers)


def _dask(address: str, workers: int) -> TaskRunner[Any]:
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as error:
        raise SettingsError("KLA_RUNNER", "prefect-dask is not installed", "pip install 'kla[dask]'.") from error
    if address:
        return DaskTaskRunner(address=address)
    # A worker waits for its child most of the time; one thread each, no dashboard to the outside.
    local = {"n_workers": workers, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    return DaskTaskRunner(cluster_kwargs=local)
