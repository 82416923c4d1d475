"""Renders many districts in child processes; a child that dies takes one district with it, no more."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from pathlib import Path

from pebble import ProcessPool

from kla.io.fault_marks import said_of
from kla.io.pages import Carried, Draft, Published, attempt

SECONDS_PER_DISTRICT = 120.0


def publish_in_children(
    drafts: Sequence[Draft], public: Path, carried: Mapping[tuple[str, int], Carried], workers: int
) -> Mapping[tuple[str, int], Published]:
    """Return what became of each district and cycle. Children are spawned: forking a threaded parent may hang.

    `carried` says where the files of each one's attempts lie.
    """
    made: dict[tuple[str, int], Published] = {}
    with ProcessPool(max_workers=min(workers, len(drafts)), context=multiprocessing.get_context("spawn")) as pool:
        waiting = []
        for draft in drafts:
            work = [draft], public, {draft.key: carried[draft.key]}
            waiting.append((draft.key, pool.schedule(attempt, args=work, timeout=SECONDS_PER_DISTRICT)))
        for key, future in waiting:
            try:
                made |= future.result()
            except Exception as fault:  # noqa: BLE001 (a child that died or hung is told as its district's error)
                made[key] = Published(*key, is_changed=False, error=said_of(fault))
    return made
