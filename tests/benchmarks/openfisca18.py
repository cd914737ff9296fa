"""The job AMS-18 as a system of OpenFisca: a variable for each input and item, in vectors of float32."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.model_api import YEAR, Variable
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from tests.benchmarks import ams18

PERIOD = "2009"
POINTS = (*(f"m{at}" for at in range(1, 6)), *(f"p{at}" for at in range(1, 14)))
UNIT = build_entity("unit", "units", "A unit", is_person=True)


def batch(table: Any) -> Callable[[], dict[str, Any]]:
    """What scores a frame of Polars anew each time: its columns are vectors of the right type beforehand."""
    system = TaxBenefitSystem([UNIT])
    inputs = {}
    for name in table.columns:
        vector = table[name].to_numpy()
        kind: Any = bool if vector.dtype.kind == "b" else float
        if vector.dtype.kind == "M":
            kind, vector = datetime.date, vector.astype("datetime64[D]")
        elif kind is float:
            vector = vector.astype(np.float32)
        system.add_variable(_variable(ams18.NAMES[name], kind))
        inputs[ams18.NAMES[name]] = vector
    for name, formula in formulas().items():
        system.add_variable(_variable(name, float, formula))

    def run() -> dict[str, Any]:
        simulation = SimulationBuilder().build_default_simulation(system, len(table))
        for name, vector in inputs.items():
            simulation.set_input(name, PERIOD, vector)
        return {name: simulation.calculate(name, PERIOD) for name in (*POINTS, "total", "bonus")}

    return run


def _variable(name: str, kind: Any, formula: Any = None) -> Any:  # a class of OpenFisca's
    members = {"value_type": kind, "entity": UNIT, "definition_period": YEAR, "label": name}
    if formula is not None:
        members["formula"] = lambda unit, period, parameters: formula(lambda key: unit(key, period))
    return type(name, (Variable,), members)


def formulas() -> dict[str, Callable[[Callable[[str], Any]], Any]]:
    """The rules, each of what gives the vector of a variable."""
    one = np.float32

    def at(key: str) -> str:
        return ams18.NAMES[key]

    def linear(key: str, weight: int, start: int, end: int) -> Any:
        return lambda of: np.clip((start - of(key)) * one(weight / (start - end)), one(0), one(weight))

    def steps(of: Any) -> Any:
        edge = of(at("readings.edge.2009"))
        return np.select(
            [edge <= most for most, _ in ams18.STEPS], [one(gives) for _, gives in ams18.STEPS], one(0)
        )

    def near(of: Any) -> Any:
        before, now = of(at("readings.foreign.2008")), of(at("readings.foreign.2009"))
        # in whole numbers, which float32 holds: 0.98 x `before` it does not
        return np.where((now * 50 >= before * 49) & (now * 50 <= before * 51), one(50), one(0))

    def late(of: Any) -> Any:
        found = one(0)
        for name, last in ams18.LATE:
            days = (of(at(f"milestones.p1.{name}")) - np.datetime64(last)).astype(np.int32)
            found = found + (30 - 2 * np.clip((days + 6) // 7, 0, 15)).astype(np.float32)
        return found

    def within(key: str, first: str, last: str) -> Any:
        def formula(of: Any) -> Any:
            done = of(key)
            holds = done <= np.datetime64(last)
            if first:
                holds = holds & (done >= np.datetime64(first))
            return np.where(holds, one(25), one(0))

        return formula

    def survey(of: Any) -> Any:
        holds = (of(at("readings.score.2009")) >= one(3.9)) & (of(at("readings.place.2009")) > one(102.5))
        return np.where(holds, one(25), one(0))

    def running(of: Any) -> Any:
        holds = of(at("facts.plan")) & of(at("facts.audit"))
        holds = holds & (of(at("facts.launched")) <= np.datetime64("2009-09-15"))
        for part, least in (("Q1", 20), ("Q2", 45), ("Q4", 97.5)):
            holds = holds & (of(at(f"readings.use.2009-{part}")) >= one(least))
        return np.where(holds, one(50), one(0))

    found: dict[str, Any] = {
        f"m{index}": linear(at(f"readings.{name}.2009"), weight, start, end)
        for index, (name, weight, start, end) in enumerate(ams18.LINEAR, 1)
    }
    found |= {"m4": steps, "m5": near, "p1": late, "p12": survey, "p13": running}
    found |= {name: within(at(f"milestones.{name}.done"), first, last) for name, first, last in ams18.WITHIN}
    found["total"] = lambda of: sum(of(name) for name in POINTS)
    found["bonus"] = lambda of: of("total") * one(70) + of(at("facts.individual"))
    return found
