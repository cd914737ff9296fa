"""Files that use each other: two units with goals from one library, and the contract of both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import rkdsl

GOALS: Final = """\
measure placed "Placed" { unit persons  higher is better  each year }
measure answered "Answered" { unit %  higher is better  each year  range 0 %..100 % }
role board "The board"
section jobs "Jobs" {
  goal places(least) "Places" { weight 60  target placed in 2009 at least least }
}
section service "Service" {
  goal phone(share) "Telephone" { weight 40  target answered in 2009 at least share }
}
"""
NORTH: Final = """\
contract north "North" {
  period 2009
  use "goals.rk"
  use places(30)
  use phone(95 %)
}
"""
SOUTH: Final = """\
contract south "South" {
  period 2009
  use "goals.rk"
  use places(20) "Places in the south" { weight 50 }
}
"""
BOTH: Final = """\
contract both "Both" {
  period 2009
  use "north.rk"
  use "south.rk"
  value points_in_all = sum(units.points)
  value placed_in_all higher is better = sum(units.placed)
  goal together "Together" { weight 10  target placed_in_all in 2009 at least 50 }
}
"""
FILES: Final = {"goals.rk": GOALS, "north.rk": NORTH, "south.rk": SOUTH, "both.rk": BOTH}


def written(folder: Path, files: Mapping[str, str] = FILES, **more: str) -> Path:
    """The folder, with files in it; `more` are some by their names without `.rk`."""
    for name, text in {**files, **{f"{name}.rk": text for name, text in more.items()}}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def codes(path: Path) -> list[str]:
    """The codes of all that is wrong with a contract; nothing where it is accepted."""
    try:
        rkdsl.load(path)
    except rkdsl.Refused as refused:
        return [each.code for each in refused.diagnostics]
    return []


def record(name: str, **readings: Any) -> dict[str, Any]:
    """Actuals of a contract: readings of 2009, as of the end of January."""
    told = {measure: {"2009": value} for measure, value in readings.items()}
    return {"contract": name, "as_of": "2010-01-31", "readings": told}
