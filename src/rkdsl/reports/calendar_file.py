"""The days of a contract as an iCalendar file. Knows the package `icalendar`, which is an extra."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from rkdsl.outcome import Deadline


class NoCalendarPackage(Exception):  # noqa: N818  (says what is missing)
    """The package that writes calendar files is not installed."""


def calendar_file(contract: str, title: str, stamp: datetime.date, found: Iterable[Deadline]) -> bytes:
    """An all-day event for each day. `stamp` is the day the events are said to be made: the same input gives the
    same bytes. Raises `NoCalendarPackage`.
    """
    try:
        from icalendar import Calendar, Event
    except ImportError:
        raise NoCalendarPackage from None
    whole = Calendar()
    whole.add("prodid", "-//rkdsl//rkdsl//EN")
    whole.add("version", "2.0")
    whole.add("x-wr-calname", title)
    made = datetime.datetime.combine(stamp, datetime.time(), datetime.UTC)
    for each in found:
        event = Event()
        event.add("uid", f"{each.kind}.{each.id}@{contract}.rkdsl")
        event.add("dtstamp", made)
        event.add("dtstart", each.day)
        event.add("summary", f"{each.title} [{each.status}]" if each.status else each.title)
        event.add("description", each.detail)
        event.add("categories", [each.kind])
        event.add("transp", "TRANSPARENT")
        whole.add_component(event)
    content: bytes = whole.to_ical()
    return content
