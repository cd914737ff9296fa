"""rkdsl: performance contracts that can be read, signed, checked, scored and explained.

>>> import rkdsl
>>> contract = rkdsl.loads('''
... contract library "Library services" {
...   period 2026   total 100 points
...   measure visits "Visits" { unit visits  higher is better  each year }
...   goal more "More visits" { weight 100  target visits in 2026 at least 50_000 }
... }
... ''')
>>> outcome = contract.evaluate({"contract": "library", "readings": {"visits": {"2026": 51_200}}}, "2027-01-31")
>>> outcome.points.secured
Fraction(100, 1)
>>> outcome.item("more").state
'met'
"""

from rkdsl.plain import TYPE_CHECKING

if TYPE_CHECKING:
    from rkdsl.diagnostics import Diagnostic, Refused
    from rkdsl.outcome import ItemOutcome, Points, SectionOutcome
    from rkdsl.pipeline import Contract, Explanation, Outcome, load, loads
    from rkdsl.trials import Trial, Trials

__version__ = "0.1.0"

__all__ = [
    "Contract",
    "Diagnostic",
    "Explanation",
    "ItemOutcome",
    "Outcome",
    "Points",
    "Refused",
    "SectionOutcome",
    "Trial",
    "Trials",
    "load",
    "loads",
]

_HOMES = {
    "Contract": "contracts",
    "Diagnostic": "diagnostics",
    "Explanation": "evaluation",
    "ItemOutcome": "outcome",
    "Outcome": "evaluation",
    "Points": "outcome",
    "Refused": "diagnostics",
    "SectionOutcome": "outcome",
    "Trial": "trials",
    "Trials": "trials",
    "load": "pipeline",
    "loads": "pipeline",
}
"""Where each of them lives: it is read when it is first asked for."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'rkdsl' has no attribute {name!r}")
    import importlib

    found = globals()[name] = getattr(importlib.import_module(f"rkdsl.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
