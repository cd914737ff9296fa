"""Contracts that are long in every way are read, checked, compiled and evaluated, without depth."""

from __future__ import annotations

import gc

import pytest

import rkdsl
from rkdsl.collecting import paused
from rkdsl.contract.report import MAX_MISTAKES
from rkdsl.diagnostics import Refused
from tests.benchmarks.shapes import REFUSED, SHAPES


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_goes_through_all_stages(shape: str) -> None:
    """More lines than Python has levels of calls, where a line takes one."""
    lines = 300 if shape == "nested" else 3_000
    contract = rkdsl.loads(SHAPES[shape](lines))
    outcome = contract.evaluate({"contract": "k", "as_of": "2027-01-31"})
    assert outcome.contract == "k"
    assert outcome.to_dict()["contract"] == "k"


@pytest.mark.parametrize("shape", REFUSED)
def test_what_is_wrong_in_long_texts_is_told_once_or_counted(shape: str) -> None:
    with pytest.raises(Refused) as refused:
        rkdsl.loads(REFUSED[shape](3_000))
    assert 1 <= len(refused.value.diagnostics) <= MAX_MISTAKES + 1


def test_very_many_unknown_names_are_compared_with_few() -> None:
    """The first are told what may have been meant; the others are told all the same."""
    with pytest.raises(Refused) as refused:
        rkdsl.loads(REFUSED["names"](3_000))
    hints = [each.hint for each in refused.value.diagnostics if each.code == "RK202"]
    assert len(hints) == MAX_MISTAKES
    assert hints[0] == "did you mean `done0`?"
    assert hints[-1] == "declare the measure, fact or value"


def test_a_pause_of_the_collector_leaves_it_as_it_was() -> None:
    """Also inside another, and when something is raised."""
    with paused():
        assert not gc.isenabled()
        with paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(Refused):
        rkdsl.loads("contract")
    assert gc.isenabled()
