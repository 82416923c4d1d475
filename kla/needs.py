"""What each loss needs to be won back: action, effort, certainty, deadline. Pure; over `kla.gaps.find_gaps`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from kla.gaps import Gap
from kla.instrument import Instrument
from kla.measures import Action, EffortClass, EffortTable
from kla.record import record
from kla.scoring import Cause


@record(frozen=True, slots=True)
class Need:
    """A loss and what wins it back. `cause` is a key of reports/causes.id.yaml (`changes` where `is_verifiers`, else
    `losses`); `deadline_on` the last day, None without a calendar; `is_possible` False where waiting outlasts it, or
    where the figure is a fact of years gone by."""

    gap: Gap
    cause: str
    is_verifiers: bool
    action: Action
    effort_days: Decimal
    wait_days: int
    certainty: Decimal
    effort_class: EffortClass
    deadline_on: date | None
    is_possible: bool
    assumption: str


def needs_of(
    gaps: Sequence[Gap],
    instrument: Instrument,
    changes: Mapping[str, tuple[str, Action]],
    actions: Mapping[Cause, Action],
    table: EffortTable,
    as_of: date,
    deadline_on: date | None,
) -> tuple[Need, ...]:
    """Return one need per gap, in the same order: the losses still sum to maximum - score.

    `changes` maps question id to the verifier's cause and what it asks for; `actions` maps each other cause to what it
    asks for. What is below the full level takes the action of its kind of question, counted for one level.
    """
    found = []
    for gap in gaps:
        raising = table.measures[instrument.question(gap.question_id).measure]
        cause, action = gap.cause.value, actions.get(gap.cause, Action.MEND)
        is_verifiers = gap.cause is Cause.CUT_BY_VERIFIER and gap.question_id in changes
        if is_verifiers:
            cause, action = changes[gap.question_id]
        is_raise = gap.cause is Cause.BELOW_FULL
        effort = raising.effort if is_raise else table.actions.get(action, table.actions[Action.SUBMIT])
        is_late = deadline_on is not None and (deadline_on - as_of).days < effort.wait_days
        found.append(
            Need(
                gap=gap,
                cause=cause,
                is_verifiers=is_verifiers,
                action=effort.action if is_raise else action,
                effort_days=effort.effort_days,
                wait_days=effort.wait_days,
                certainty=effort.certainty,
                effort_class=table.effort_class(effort.effort_days),
                deadline_on=deadline_on,
                is_possible=not is_late and not (is_raise and raising.max_steps == 0),
                assumption=effort.assumption,
            )
        )
    return tuple(found)
