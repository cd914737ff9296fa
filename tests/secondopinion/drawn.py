"""Small contracts from a seed: units with shared goals, amendments of what `every_form` writes, registers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from rkdsl.language import nodes as n
from tests import every_form
from tests.secondopinion.ground import walked
from tests.secondopinion.whole import document

DAYS = ("2026-06-30", "2026-12-31", "2027-01-31", "2027-02-01", "2027-06-30")


class Case(NamedTuple):
    """A contract in files, with amendments by their names and records, to be looked at as of a day or as amended."""

    files: Mapping[str, str]
    main: str
    records: Sequence[Mapping[str, Any]]
    as_of: datetime.date | None = None
    amendments: Sequence[str] = ()
    as_signed: bool = False


# ---- units with shared goals

GOALS = """
role board "The board"
use "measures.rk"
section jobs "Jobs" {
  %(jobs)s
  goal places(least) "Placed" { weight 60  target placed in 2026 at least least  %(cap)s }
  section deep "Deep" {
    %(deep)s
    goal ill(most) "Absence" { weight 20  target absence in 2026 at most most  %(rule)s }
  }
}
section service "Service" {
  goal phone(low | high) "Answered" { weight 40  target answered in 2026 linear from low to high }
  goal moved(day) "Moved" { weight 5..15  milestone done "Moved" by day  late costs 2 per started week down to 6 }
  goal plan() "The plan" { weight 0..30  assessed by board }
}
goal grown() "Grown" { weight 10  target placed in 2026 at least (placed in 2025) * (100 %% + growth) }
"""
MEASURES = """
measure placed "Placed" { unit persons  higher is better  each year  may not apply }
measure answered "Answered" { unit %  higher is better  each year  range 0 %..100 % }
measure sick "Sick days" { unit days  lower is better  each quarter  combined by sum  range at least 0 days }
measure staff "Staff" { unit persons  no direction  each year }
measure never "Never asked for" { unit visits  higher is better  each year }
value absence "Absence" lower is better = sick / staff
parameter growth "Growth" { unit %  range 0..50 % }
fact grade "Grade" { unit word  range ("low" | "high") }
"""
SECTION_RULES = ("", "not applicable is left out", "combined by mean", "combined by best 1", "weight 50")
ROLLED = (
    "sum(units.points)",
    "mean(units.share)",
    "max(units.maximum)",
    "sum(units.placed in 2026)",
    "sum(units.sick in 2026) / sum(units.staff in 2026)",
    "mean(units.staff in 2026)",
    "min(units.answered in 2026)",
    "best(1 | units.points)",
    "count(units.places is met)",
    "count(units.placed in 2026 at least 20)",
    "count(units.plan is missed)",
    "count(units.ill is applicable)",
    "count(units is partly met)",
    "count(units is missed)",
    "count(units.jobs is missed)",
    "count(units.service is met)",
    "count(units.plan is partly met)",
    "sum(units.places.points)",
    "mean(units.jobs.share)",
    "sum(units.half)",
    "(2 * u0.share + u1.share) / 3",
    "2 * u0.half",
    "u0.own.points + u1.points",
    "u1.points at least u0.points",
    "sum(u0.placed | u1.placed in 2026)",
    "{ when u0.placed in 2026 is reported: 1  otherwise: 0 }",
    "{ when u0.placed in 2026 is applicable and u0.own is not met: 1  otherwise: 0 }",
)


def units(seed: int) -> Case:
    """A library, two to four units, and one or two contracts that use them."""
    r = Random(seed)
    goals = GOALS % {
        "jobs": r.choice(SECTION_RULES),
        "deep": r.choice(SECTION_RULES[:3]),
        "cap": r.choice(("", 'limit "low" to at most 25 when grade is "low"')),
        "rule": r.choice(("", "not reported counts as zero", "not applicable counts as zero")),
    }
    names = [f"u{at}" for at in range(r.randint(2, 4))]
    files = {"goals.rk": goals, "measures.rk": MEASURES}
    files |= {f"{each}.rk": unit(r, each) for each in names}
    inner = names[2:] if len(names) > 3 or (len(names) == 3 and r.random() < 0.5) else []
    if inner:
        files["inner.rk"] = whole(r, "inner", inner, ["sum(units.points)", "mean(units.share)"])
    again = [r.choice(inner)] if inner and r.random() < 0.3 else []
    outer = [*(each for each in names if each not in inner), *again, *(["inner"] if inner else [])]
    texts = [files[f"{each}.rk"] for each in outer if each != "inner"]
    bodies = r.sample([each for each in ROLLED if can_be_rolled(each, texts)], 8) + (
        ["inner.points", "inner.share"] if inner else []
    )
    files["main.rk"] = whole(r, "main", outer, bodies)
    day = r.choice(DAYS)
    records = [told(r, each, day, files[f"{each}.rk"], goals) for each in [*names, "main"]]
    published = [each for each in records if each.get("parameters")]
    for each in published[1:]:  # published for all: said once
        del each["parameters"]
    return Case(
        files, "main.rk", records, datetime.date.fromisoformat(r.choice(DAYS)) if r.random() < 0.4 else None
    )


NEEDED = {
    "answered": "(phone|target answered)",
    "sick": "use ill",
    "staff": "use ill",
    "jobs": r"\n  use (places|ill)",
}
"""What stands in a unit that has something."""


def can_be_rolled(body: str, texts: Sequence[str]) -> bool:
    """Whether one of the units has each thing that is asked for."""
    asked = [each for each in re.findall(r"units\.(\w+)", body) if each not in ("points", "share", "maximum")]
    return all(any(re.search(NEEDED.get(each, each), text) for text in texts) for each in asked)


def unit(r: Random, name: str) -> str:
    own = r.choice(
        ("", "{ weight 25 }", '"Otherwise" { weight 30  not applicable is left out }', "{ weight 0..9 }")
    )
    uses = [
        f"use places({r.choice((10, 20, 'undecided', '30 persons'))}) {own}",
        f"use phone({r.choice(('45 % | 70 %', '80 % | 95 %'))}) {r.choice(('', '{ weight 10 }'))}",
        f"use ill({r.choice(('2', '4.5', 'ceiling'))})",
        f"use moved({r.choice(('2026-06', '2026-12-31', '2026'))})",
        r.choice(
            ("use plan", "use plan { weight 5..20 }", "use plan { target answered in 2026 at least 50 % }")
        ),
        "use grown",
    ]
    chosen = r.sample(uses, r.randint(2, 5))
    if "use grown" in chosen and r.random() < 0.5:
        chosen.append('goal steady "Steady" { weight 4  target growth at most 10 % }')
    if r.random() < 0.4:
        placed = chosen.pop()
        chosen.append(f'section here "Here" {{ {r.choice(SECTION_RULES[:3])} {placed} }}')
    more = [
        'goal own "Own" { weight 10  milestone done "Done" by 2026-10 }',
        "value half = 0.5 * placed in 2026",
        'parameter ceiling "Ceiling" { unit days/persons }'
        if any("ceiling" in each for each in chosen)
        else "",
        'limit "graded" to at most 30 when grade is "low"' if r.random() < 0.4 else "",
        'assessed by board reads "in a dispute"' if r.random() < 0.3 else "",
        "value rounded_points = total.points rounded undecided" if r.random() < 0.2 else "",
    ]
    body = "\n  ".join(filter(None, (rules(r), 'use "goals.rk"', *chosen, *more)))
    return f'contract {name} "{name}" {{\n  period 2026\n  {body}\n}}\n'


def rules(r: Random) -> str:
    said = r.choice(("", "", "not reported counts as zero", "not reported is left out"))
    out = r.choice(("", "not applicable is left out", "not applicable counts as zero"))
    return f"{said}  {out}  reporting closes 2027-02-01"


def whole(r: Random, name: str, used: Sequence[str], bodies: Sequence[str]) -> str:
    uses = "\n  ".join(f'use "{each}.rk"' for each in used)
    values = "\n  ".join(f"value v{at} = {each}" for at, each in enumerate(bodies))
    least = len(used) if name == "main" else 1
    more = f"""
  goal together "Together" {{ weight 10  target sum(units.placed) in 2026 at least 45 }}
  goal every "Every" {{ target count(units.own is met) at least {least}  {r.choice(RULES)} }}
  goal scored "Scored" {{ weight 0..50  score min(mean(units.points) / 100 points | 100 %) }}
  limit "one is low" to at most 12 when {used[0]}.points below 20
"""
    return f'contract {name} "{name}" {{\n  period 2026\n  {rules(r)}\n  {uses}\n  {values}\n{more}\n}}\n'


RULES = ("", "not reported counts as zero", "not applicable counts as zero")
NOT_APPLICABLE = {"not_applicable": "why"}


def told(r: Random, name: str, day: str, text: str, goals: str) -> dict[str, Any]:
    """What a unit reports, with gaps."""
    found: dict[str, Any] = {"contract": name, "as_of": day}
    if name in ("main", "inner"):
        return found
    readings: dict[str, Any] = {
        "placed": {"2026": r.choice((5, 15, 20, 31, NOT_APPLICABLE)), "2025": r.choice((10, 20))},
        "answered": {"2026": r.choice((44, 50, 82, 100))},
        "sick": {f"2026-Q{at}": r.choice((0, 10, 25)) for at in range(1, 5) if r.random() < 0.9},
        "staff": {"2026": r.choice((0, 8, 20))},
    }
    asked = {"placed": "", "answered": "phone|target answered", "sick": "use ill", "staff": "use ill"}
    found["readings"] = {
        each: value for each, value in readings.items() if re.search(asked[each], text) and r.random() < 0.8
    }
    if day < "2026-12-31":  # what has not come is not reported
        found["readings"].pop("answered", None)
        found["readings"].pop("staff", None)
        for figures in found["readings"].values():
            for period in [each for each in figures if each in ("2026", "2026-Q3", "2026-Q4")]:
                del figures[period]
    is_graded = "when grade" in text or ("when grade" in goals and "places" in text)
    found["facts"] = {"grade": r.choice(("low", "high", "high"))} if is_graded and r.random() < 0.8 else {}
    found["milestones"] = {}
    for each in ("moved.done", "own.done"):
        if r.random() < 0.7 and ("own" in each or "moved" in text):
            found["milestones"][each] = r.choice(("2026-05-31", "2026-06-30", "not done"))
    if r.random() < 0.7 and "plan" in text:
        found["assessed"] = {"plan": {"points": r.choice((5, 12, 20)), "by": "board", "reason": "Seen."}}
    if r.random() < 0.5 and "dispute" in text:
        found.setdefault("assessed", {})["own"] = {"points": 3, "by": "board", "reason": "A dispute."}
    found["parameters"] = (
        {"growth": r.choice((0, 10, 50))} if re.search("grow", text) and r.random() < 0.7 else {}
    )
    return found


# ---- amendments of contracts that reach every form


def amendments(seed: int) -> Case:
    """A contract of `every_form` without totals, and two amendments of what stands in it."""
    r = Random(seed)
    made = every_form.contract(seed)
    contract = document(made.text)
    text = made.text
    for each in reversed([each for each in walked(contract) if isinstance(each, n.Total)]):
        if each.amount.unit != "%":
            text = text[: each.span.start] + text[each.span.end :]
    files = {"main.rk": text}
    signed = [r.choice(("2026-03-01", "2026-09-15", "2026-03-01", "undecided")) for _ in range(2)]
    for at, day in enumerate(signed):
        inner = "\n  ".join(changes(r, document(text), at, r.randint(1, 3)))
        # where the time that binds is open, nothing is said of those that begin late
        late = "2028-03" if is_stated_once(contract) else "2026-07"
        starts = r.choice(("2026", "2026-07", late, "2026-01-01"))
        files[f"a{at}.rk"] = (
            f'amendment a{at} "A" of {made.name} {{ signed {day}  from {starts}\n  {inner}\n}}\n'
        )
    given = ["a0.rk", "a1.rk"]
    r.shuffle(given)
    actuals = made.actuals(seed)
    mode = r.choice(("amended", "amended", "known", "signed"))
    as_of = datetime.date.fromisoformat(r.choice(DAYS)) if mode == "known" else None
    return Case(files, "main.rk", [actuals], as_of, given, mode == "signed")


CHANGES = (
    *("weight", "weight", "target", "target", "add", "add in section", "milestone", "milestone", "limit"),
    *("add in section", "add in section", "remove", "remove", "remove", "rule", "rule", "rule"),
    *("closes", "title", "history", "whole", "whole"),
)


def changes(r: Random, contract: n.Contract, at: int, count: int) -> list[str]:
    """Statements of an amendment that change what stands in a contract."""
    items = [each for each in walked(contract) if isinstance(each, n.Item) and not each.rows]
    rows = [
        (each.kind, row.name.text)
        for each in walked(contract)
        if isinstance(each, n.Item)
        for row in each.rows
    ]
    plain = [(each.kind, each.name.text) for each in items]
    sections = [each.name.text for each in walked(contract) if isinstance(each, n.Section)]
    measures = [each for each in walked(contract) if isinstance(each, n.Measure)]
    milestones = [
        (item, each) for item in items for each in walked(item.statements) if isinstance(each, n.Milestone)
    ]
    found: list[str] = []
    for number, (kind, name) in enumerate(r.sample([*plain, *rows], min(count, len([*plain, *rows])))):
        new = f"x{at}_{number}"
        target = f"target {new} in 2026 at least {r.choice((5, 10))}"
        measure = f'measure {new} "New" {{ unit visits  higher is better  each year  2026: {r.choice((4, 7, 20))} }}'
        choice = r.choice(CHANGES)
        own = next((each.statements for each in items if each.name.text == name), ())
        has_worth = any(isinstance(each, (n.Worth, n.LateCosts)) or is_part(each) for each in walked(own))
        if choice in ("weight", "target") and (
            has_worth or not any(isinstance(each, n.Weight) for each in own)
        ):
            choice = "add"
        if choice == "target" and any(isinstance(each, (n.Score, n.Linear)) for each in walked(own)):
            choice = "title"
        if choice == "weight":
            found.append(f"{kind} {name} {{ weight {r.choice((10, 25, '5..15', '0..40', 'undecided'))} }}")
        elif choice == "target":
            found += [measure, f"{kind} {name} {{ {target} }}"]
        elif choice == "add":
            found += [measure, f'goal {new}_g "New" {{ weight {r.choice((3, 8))}  {target} }}']
        elif choice == "add in section" and sections:
            section = r.choice(sections)
            found += [measure, f'section {section} {{ goal {new}_g "New" {{ weight 6  {target} }} }}']
        elif choice == "remove":
            found.append(f"remove {r.choice([name, *sections])}")
        elif choice == "milestone" and milestones:
            item, milestone = r.choice(milestones)
            part = f'milestone {milestone.name.text} "New" by 2026-{r.choice(("03", "11"))}'
            found.append(f"{item.kind} {item.name.text} {{ {part} }}")
        elif choice == "limit":
            cap = f'"new" to at most {r.choice((1, 3))} when {new} in 2026 at least 5'
            found += [measure, f"limit {r.choice((name, 'total'))} {cap}"]
        elif choice == "rule":
            rule = r.choice(
                ("not reported counts as zero", "not applicable is left out", "not reported stays open")
            )
            where = r.choice((f"{kind} {name}", f"{kind} {name}", *(f"section {each}" for each in sections)))
            found.append(f"{where} {{ {rule} }}" if where else rule)
        elif choice == "closes":
            found.append(f"reporting closes {r.choice(('2026-12-31', '2027-01-15'))}")
        elif choice == "title":
            found.append(f'{kind} {name} "Another title" {{ }}')
        elif choice == "history" and measures:
            chosen = r.choice(measures)
            stated = [each for each in chosen.statements if isinstance(each, n.Entry)]
            if stated:
                period = stated[0].period.period
                found.append(f"measure {chosen.name.text} {{ {period}: 7 }}")
        elif choice == "whole":
            found += [measure, f"remove {name}", f'{kind} {new}_g "Whole" {{ weight 4  {target} }}']
    return found or [f'goal y{at} "New" {{ weight 1  milestone done "Done" by 2026 }}']


def is_stated_once(contract: n.Contract) -> bool:
    """Whether the time of the contract is."""
    said = [each.period for each in contract.statements if isinstance(each, n.ContractPeriod)]
    return all(len(each.statements) == 1 and isinstance(each.first, n.PeriodLiteral) for each in said)


def is_part(written: Any) -> bool:
    return isinstance(written, n.Assessment) and written.name is not None


# ---- registers


def registers(seed: int) -> Case:
    """A contract with a register of a few rows, some of them of the standard library."""
    r = Random(seed)
    goals = [f"g{at}" for at in range(r.randint(2, 4))]
    open_cell = ("undecided", 'not applicable "none"', 'unclear "?"')

    def cell(*choices: Any) -> str:
        return str(r.choice(open_cell)) if r.random() < 0.12 else str(r.choice(choices))

    def number() -> str:
        return cell(0, 1, 2, 3, 4.5, 10)

    rows = []
    for at in range(r.randint(1, 5)):
        name = r.choice([*goals, f"own{at}"])
        word, day = cell('"low"', '"high"'), cell("2026-03", "2026-06-30", "2026", "2026-Q3")
        item, share = cell(*goals), cell("25 %", "50 %", "100")
        rows.append(f"{name}: {number()} | {number()} | {word} | {day} | {item} | {share}")
    values = {
        "product": "amount * price",
        "rate": "amount / price",
        "left": "amount - used",
        "weighted": "share * amount rounded half up to 1",
        "part": "amount / sum(amount)",
        "capped range 0..6": "amount + price",
        "level": '{ when word is "low": 1  when word is "high" and amount above 2: 2  otherwise: 3 }',
        "late": "day above 2026-06-30",
        "waits": "days(2026-01-01 | day)",
        "mark": "steps of amount { below 2: 0  between 2 and 4.5: 1  above 4.5: 2 }",
        "told": "{ when used is reported: used  otherwise: amount }",
        "all_amount": "sum(amount)",
        "most": "max(amount)",
        "mean_price": "mean(price)",
        "many": "count(amount at least 2)",
        "low_ones": 'count(word is "low")',
        "all_used": "sum(used)",
        "all_products": "sum(amount * price)",
        "last_day": "max(day)",
        "twice": "2 * sum(price)",
        "visited": "sum(amount) + visits in 2026",
    }
    chosen = sorted(r.sample(sorted(values), 9))
    said = "\n    ".join(f"value {each} = {values[each]}" for each in chosen)
    expected = [
        'expect "a" used at most amount',
        'expect "b" amount exactly price or word is "low"',
        'expect "c" sum(amount) at least 6',
        'expect "d" day is applicable',
        'expect "e" item is applicable',
        f'expect "f" each goal {r.choice(("exactly", "at least", "at most"))} 1',
        'expect "g" share at least 50 % and amount above 0',
        'expect "h" count(used is reported) at least 1'
        if r.random() < 0.3
        else 'expect "h" amount between 1 and 5',
        'expect "i" used is reported',
        f'expect "j" {chosen[0].split()[0]} is defined',
    ]
    expectations = "\n    ".join(r.sample(expected, 5))
    totals = [
        each for each in chosen if each in ("all_amount", "most", "mean_price", "many", "all_used", "twice")
    ]
    outer = "\n  ".join(f"value v_{each} = t.{each}" for each in totals)
    goal = (
        f"target t.{totals[0]} at least 5"
        if totals and r.random() < 0.5
        else "target visits in 2026 at least 5"
    )
    risks = "\n    ".join(
        f'{each} "R": {number()} | {r.choice((1, 2, 3))} | {number()} | "None"' for each in goals
    )
    risks = risks.replace("4.5", "3").replace(" 10 ", " 2 ").replace(": 0 ", ": 1 ")
    text = f"""contract c "C" {{
  period 2026
  use "standard:registers"
  measure visits "Visits" {{ unit number  higher is better  each year }}
  {" ".join(f'goal {each} "G" {{ weight 5  {goal} }}' for each in goals)}
  register t(amount | price | word | day | item | share) "T" {{
    fact amount "Amount" {{ unit number }}
    fact price "Price" {{ unit number }}
    fact word "Word" {{ unit word  range ("low" | "high") }}
    fact day "Day" {{ unit day }}
    fact item "Item" {{ unit item }}
    fact share "Share" {{ unit %  range 0..100 % }}
    fact used "Used" {{ unit number  range at least 0 }}
    {said}
    {expectations}
  }} each {{
    {(chr(10) + "    ").join(rows)}
  }}
  register risks each {{
    {risks}
  }}
  {outer}
}}
"""
    keys: list[str] = []
    for each in rows:
        name = each.partition(":")[0]
        count = sum(key.partition(".")[0] == name for key in keys)
        keys.append(f"{name}.{count + 1}" if count else name)
    reported = {each: {"used": r.choice((0, 2, 3.5))} for each in keys if r.random() < 0.6}
    actuals = {"contract": "c", "as_of": "2027-01-31", "registers": {"t": reported}}
    if r.random() < 0.7:
        actuals["readings"] = {"visits": {"2026": r.choice((3, 8))}}
    return Case({"c.rk": text}, "c.rk", [actuals])
