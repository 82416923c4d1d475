"""Remind: works out who still owes what in a district, and tells each address once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from kla.io.fault_marks import said_of
from kla.night import DistrictLine, Trouble
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one

if TYPE_CHECKING:
    from kla.io.contacts import Address, Contacts
    from kla.picture import Picture
    from kla.reminders import Reminder, ReminderRules, Sent


class Reminded:
    """What was sent in a district, why it was silent otherwise, and what went wrong. A plain class like `Batch`."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.silent: dict[str, str] = {}
        self.lines: list[DistrictLine] = []
        self.troubles: list[Trouble] = []


@effect("ingatkan", "ingatkan {code}", seconds=1800)
def remind_district(code: str, plan: Plan, run_id: str, has_hour: bool) -> Reminded:
    """Remind the offices of one district and those above; in a rehearsal nothing is sent or kept, only returned.

    `has_hour`: the moment was given with its hour, so that quiet hours count, and not quiet days alone. What an address
    did not take is a trouble and is tried again the next time; the others are told all the same.
    """
    from kla.io.contacts import load_contacts, load_rules
    from kla.io.warehouse.reminders import told

    reminded = Reminded()

    def work(_: str) -> None:
        district, now = plan.districts[code], plan.moments[code]
        rules, contacts = load_rules(district), load_contacts(district)
        found = _seen(plan, code, rules)
        if isinstance(found, str):
            reminded.silent[code] = found
            return
        picture, due = found
        from tasks.publish import line_of

        reminded.lines.append(line_of([picture], is_page_new=False))
        reason = _silence(picture, due, rules, now, has_hour)
        if reason:
            reminded.silent[code] = reason
            return
        known = told(plan.warehouse, code, picture.cycle)
        open_ones = [
            (one, address) for one, address in _addressed(due, contacts) if one.occasion(address.name) not in known
        ]
        if not open_ones:
            reminded.silent[code] = "told"
        for one, address in open_ones:
            _tell(one, address, contacts, plan, run_id, reminded)

    _, troubles = one_by_one("remind", [code], work)
    reminded.troubles += troubles
    return reminded


def _seen(plan: Plan, code: str, rules: ReminderRules) -> tuple[Picture, tuple[Reminder, ...]] | str:
    """Return a district's picture of its current cycle and who is to be reminded; why not where there is none."""
    from kla.io.instruments import load_instrument
    from kla.io.outlook import ground_from, needs
    from kla.letters import letters_of
    from kla.reminders import reminders_of

    district = plan.districts[code]
    instrument, day = load_instrument(district.cycle), plan.day(code)
    if not plan.warehouse.sheets(code, instrument, district.cycle):
        return "unscored"
    picture = plan.warehouse.picture(district, instrument, district.cycle, day)
    ground = ground_from(picture)
    letters = letters_of(picture, needs(ground, day)) if ground else ()
    return picture, reminders_of(picture, letters, rules)


def _silence(picture: Picture, due: tuple[Reminder, ...], rules: ReminderRules, now: datetime, has_hour: bool) -> str:
    """Return why nobody is to be told in a district now: a key of `silent` in reports/reminder.id.yaml; "" when somebody is."""
    from kla.io.holidays import load_holidays

    if picture.days_left is None:
        return "no_deadline"
    if picture.days_left < 0:
        return "over"
    if picture.days_left > max(rules.marks):
        return "early"
    if not due:
        return "done"
    quiet = rules.is_quiet if has_hour else None
    holidays = load_holidays()
    is_quiet = (
        quiet(now, picture.days_left, holidays) if quiet else rules.is_quiet_on(now.date(), picture.days_left, holidays)
    )
    return "quiet" if is_quiet else ""


def _addressed(due: tuple[Reminder, ...], contacts: Contacts) -> Iterator[tuple[Reminder, Address]]:
    from kla.io.contacts import addresses

    for one in due:
        for address in addresses(contacts.of(one.level, one.opd_code)):
            yield one, address


def _tell(one: Reminder, address: Address, contacts: Contacts, plan: Plan, run_id: str, reminded: Reminded) -> None:
    """Send one reminder and keep that it was sent; what goes wrong is a trouble of its addressee alone."""
    from kla.io.outbox import DeliveryError, deliver
    from kla.io.reminder_text import body_of, title_of
    from kla.io.warehouse.reminders import keep
    from kla.reminders import Sent

    sent = Sent(one, address.name, title_of(one), body_of(one, contacts.of(one.level, one.opd_code)))
    try:
        if not plan.is_rehearsal:
            deliver(one, address, sent.title, sent.body)
            keep(plan.warehouse, sent, plan.moments[one.district.code], run_id)
    except (DeliveryError, OSError) as error:
        what = str(error) if isinstance(error, DeliveryError) else said_of(error)
        reminded.troubles.append(Trouble("remind", one.district.code, one.opd_code or one.level.value, what))
        return
    reminded.sent.append(sent)
