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
