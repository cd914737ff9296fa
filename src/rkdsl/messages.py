"""Every sentence an author may read: one function a mistake or finding, one code and title a kind."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction

from rkdsl.diagnostics import ERROR, FINDING, Diagnostic, Label, Place
from rkdsl.plain import TYPE_CHECKING, Any, Final, Late, evolve
from rkdsl.source import Flaw, shown
from rkdsl.values import (
    DAY,
    LAST_DAY,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_ITEMS,
    MAX_MEMBERS,
    MAX_PARTS,
    PERCENT,
    PLAIN,
    Period,
    Unit,
    decimal_text,
    parse_period,
)

if TYPE_CHECKING:
    import difflib

    from rkdsl.language.nodes import Statement
else:
    difflib = Late("difflib")

TITLES: Final[dict[str, str]] = {
    # the text
    "RK001": "the text is not UTF-8",
    "RK002": "a character that cannot be seen",
    "RK003": "the text is too large",
    "RK004": "a date that does not exist",
    "RK005": "a number that cannot be read",
    "RK006": "a number that can be read in two ways",
    "RK007": "a number with too many digits",
    "RK008": "a name in mixed scripts",
    "RK009": "a character the language does not use",
    "RK010": "a text in quotes that does not end",
    "RK011": "nested too deeply",
    "RK012": "a number in pieces",
    "RK013": "a backslash without meaning",
    "RK014": "a statement too long",
    "RK020": "not expected here",
    "RK021": "the text ends too early",
    # actuals
    "RK601": "not JSON",
    "RK602": "actuals nested too deeply",
    "RK603": "a key written twice",
    "RK604": "not a figure",
    "RK605": "a figure with too many digits",
    "RK606": "a hidden character in actuals",
    "RK607": "a key that actuals do not have",
    "RK608": "something is missing",
    "RK609": "another kind of value is expected",
    "RK610": "a day that does not exist",
    "RK611": "a period that does not exist",
    "RK612": "two answers in one entry",
    "RK613": "more mistakes than are shown",
    "RK614": "more values than a file may hold",
    "RK621": "actuals of another contract",
    "RK622": "a name the contract does not have",
    "RK623": "a period of another length",
    "RK624": "not what the contract measures",
    "RK625": "finer than its unit",
    "RK626": "outside its range",
    "RK627": "reported before it happened",
    "RK628": "a day that has not come",
    "RK629": "reported twice",
    "RK630": "a correction of nothing",
    "RK631": "corrected twice",
    "RK632": "assessed by another role",
    "RK633": "the contract states another figure",
    "RK634": "not applicable, though the contract does not say it may",
    "RK635": "not one of its words",
    "RK636": "not one of its numbers",
    "RK637": "another shape than the parameter has",
    "RK638": "not an outcome",
    "RK639": "the previous outcome says otherwise",
    "RK640": "an outcome of another contract",
    "RK641": "not known from the previous outcome",
    "RK642": "actuals of different days",
    "RK643": "told in two files",
    "RK644": "a decision without its role or reason",
    "RK645": "a decision about what is reported",
    # what may still happen
    "RK661": "nothing to draw from",
    "RK662": "not a file of distributions",
    "RK663": "a distribution of nothing",
    "RK664": "another kind of distribution",
    "RK665": "not a distribution",
    "RK666": "draws out of range",
    "RK667": "scored too early",
    "RK668": "a threshold of nothing",
    "RK669": "a key that distributions do not have",
    # declarations
    "RK201": "said again",
    "RK202": "an unknown name",
    "RK203": "a name that is a word of the language",
    "RK204": "something is missing",
    "RK205": "not lawful here",
    "RK206": "not a rhythm",
    "RK207": "two values govern",
    "RK208": "too many items",
    "RK209": "more mistakes in the contract than are shown",
    "RK210": "a circle",
    "RK211": "an unknown function",
    "RK212": "a row with other columns",
    "RK213": "an unknown word",
    "RK214": "not used this way",
    "RK215": "too much to work out",
    # numbers, units and time
    "RK301": "units differ",
    "RK302": "a unit is missing",
    "RK303": "per cent or percentage points",
    "RK304": "not a whole number",
    "RK305": "not an amount of money",
    "RK306": "a number out of place",
    "RK307": "a unit out of place",
    "RK308": "not a period",
    "RK309": "units that do not add",
    "RK310": "units that do not multiply",
    "RK311": "a period is missing",
    "RK312": "a period out of place",
    "RK313": "a date out of place",
    "RK314": "not one day",
    "RK315": "`year before` out of place",
    "RK316": "yes or no, and numbers",
    "RK317": "a range turned round",
    "RK318": "a range out of place",
    "RK319": "a reading out of range",
    "RK320": "a reading off the rhythm",
    "RK321": "a change below zero",
    "RK322": "nothing is measured",
    "RK323": "other arguments",
    "RK324": "not whole periods",
    # scoring
    "RK401": "not points",
    "RK402": "points below zero",
    "RK403": "against the declared direction",
    "RK404": "a linear share without slope",
    "RK405": "a linear share among conditions",
    "RK406": "not a count of the group",
    "RK407": "nothing is scored",
    "RK408": "points without weight",
    "RK409": "a worth is missing",
    "RK410": "worths that do not make the weight",
    "RK411": "late costs without points",
    "RK412": "points inside a group",
    "RK413": "not scored inside a group",
    "RK414": "an assessment without name",
    "RK415": "an assessment without worth",
    "RK416": "a total that does not add up",
    "RK417": "guidelines without target",
    "RK418": "a floor out of place",
    "RK419": "a line without direction",
    "RK420": "points of something not scored",
    "RK421": "points by two ways",
    "RK422": "a range out of place",
    "RK423": "a gap between steps",
    "RK424": "steps that overlap",
    "RK425": "corners out of order",
    "RK426": "an end of a curve is missing",
    "RK427": "a value out of its range",
    "RK428": "a limit of nothing",
    "RK429": "a combination without sense",
    "RK430": "points where the result is states",
    "RK431": "words and numbers",
    # findings
    "RK501": "stated more than once",
    "RK502": "undecided",
    "RK503": "unclear",
    "RK504": "no such reading",
    "RK505": "a target outside the time that binds",
    "RK506": "a target weaker than the latest reading",
    "RK507": "per cent of a percentage",
    "RK508": "early is a miss",
    "RK509": "a rule that never acts",
    "RK510": "a total that cannot be proved",
    "RK511": "a baseline that is not earlier",
    "RK512": "a reading stated in advance",
    "RK513": "reporting closes too early",
    "RK514": "more findings than are shown",
    "RK515": "a range that can be left",
    "RK516": "a weight that cannot be reached",
    "RK517": "not used",
    "RK518": "one name for two things",
    "RK519": "a limit that always or never acts",
    "RK520": "a curve against the direction",
    "RK521": "contracts without what is rolled up",
    "RK530": "a register that contradicts itself",
    "RK531": "a register that what happened contradicts",
    "RK532": "rows that are missing, or too many",
    "RK533": "a goal in danger",
    "RK540": "a target weaker than last year",
    "RK541": "a guideline weaker than what comes before it",
    "RK542": "figures that do not say the same",
    "RK543": "the same for some baselines only",
    "RK544": "an undecided figure that follows from another",
    "RK545": "statements that cannot both hold",
    "RK546": "more is expected than the target asks for",
    "RK547": "more than the parts are asked for",
    "RK550": "nothing to silence",
    # the command
    # tables
    "RK651": "a column that cannot be read",
    "RK652": "a column of no figure",
    "RK653": "a column with two meanings",
    "RK654": "not reckoned over columns",
    "RK655": "a figure between the decimals",
    "RK656": "rows that are not looked at",
    "RK701": "no day is given",
    "RK702": "a file that cannot be read",
    "RK703": "not final",
    "RK704": "an unknown name to explain",
    # what stands beside a contract
    "RK535": "not as the contract expects",
    "RK536": "an example that expects nothing",
    "RK537": "not applicable in an example, though the contract does not say it may",
    "RK850": "an example without a day",
    "RK851": "a period out of place in an example",
    "RK852": "another kind of value in an example",
    "RK853": "a value that cannot be reported",
    "RK854": "a day that has not come in an example",
    "RK855": "a word of outcomes out of place",
    "RK801": "a file that cannot be used",
    "RK802": "a file outside the folder",
    "RK803": "files that use each other",
    "RK804": "another kind of file",
    "RK805": "two contracts of one name",
    "RK806": "something that no contract has",
    "RK807": "the name of a contract",
    "RK808": "a contract that cannot be used by its name",
    "RK809": "too many files used",
    # amendments and versions
    "RK820": "an amendment of something that is not there",
    "RK821": "an amendment of another contract",
    "RK822": "an amendment without its days",
    "RK823": "two amendments of one name",
    "RK824": "amendments that overlap",
    "RK825": "not what the amendment says",
    "RK826": "removed, and still asked for",
    "RK827": "what no amendment can say",
    "RK828": "a contract that cannot be rolled on",
    "RK829": "no series of that name",
    "RK560": "an amendment that is not signed",
    "RK561": "an amendment after the time that binds",
    "RK562": "an amendment signed before the contract",
    "RK840": "a unit of registers",
    "RK841": "a cell of another kind",
    "RK842": "a name that is taken",
    "RK843": "a register that is not declared",
    "RK844": "not in a register",
    "RK845": "not a number of rows",
    "RK846": "a column said twice",
    "RK847": "an unknown register or column",
    "RK880": "not to be silenced",
    "RK881": "no reason",
}

STATED: Final = ("RK501", "RK502", "RK503")
"""The findings that repeat what the author wrote down as open, in the order in which they are told."""
COMPUTED: Final = "RK5"
"""How the codes of all other findings about a contract begin: what the tool found by itself."""
NOT_SILENCED: Final = ("RK514", "RK535", "RK550")
"""Findings about the findings themselves, and about what comes of what is reported."""


def error(code: str, place: Place, text: str, *more: Label, note: str = "", hint: str = "") -> Diagnostic:
    """A mistake: it refuses the text."""
    return Diagnostic(code, ERROR, TITLES[code], (Label(place, text), *more), note, hint)


def finding(code: str, place: Place, text: str, *more: Label, note: str = "", hint: str = "") -> Diagnostic:
    """A finding: something to settle, which refuses nothing."""
    return Diagnostic(code, FINDING, TITLES[code], (Label(place, text), *more), note, hint)


# ---- words about words


def quoted(text: str) -> str:
    """The author's words, in backticks, safe to print."""
    return f"`{shown(text)}`"


def listed(words: Iterable[str], joint: str = "or", limit: int = 8) -> str:
    """`a, b or c`; a long list is cut."""
    found = list(words)
    if len(found) > limit:
        return f"{', '.join(found[:limit])} … ({len(found)} in all)"
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {joint} {found[-1]}" if found else ""


def folded(word: str) -> str:
    """A word with case, accents and the two spellings of Danish letters folded together."""
    word = word.casefold()
    if word.isascii():
        return word
    word = word.replace("å", "aa").replace("æ", "ae").replace("ø", "oe")
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def nearest(words: str | tuple[str, ...], candidates: Iterable[str]) -> str:
    """The candidate nearest to any of the words, or nothing when none is near."""
    by_fold = {folded(each): each for each in candidates}
    for word in (words,) if isinstance(words, str) else words:
        if len(word) > 100:
            continue
        close = difflib.get_close_matches(folded(word), by_fold, n=1, cutoff=0.72)
        if close and by_fold[close[0]] != word:
            return by_fold[close[0]]
    return ""


def number_text(number: Fraction, unit: Unit = PLAIN) -> str:
    """A held number as it is written: 4/5 in % is `80 %`, a day by its date."""
    if unit == DAY and number.denominator == 1 and 1 <= number <= LAST_DAY:
        return datetime.date.fromordinal(int(number)).isoformat()
    text = decimal_text(number / unit.scale)
    return f"{text} {unit}" if unit != PLAIN else text


def range_text(low: Fraction | None, high: Fraction | None, unit: Unit = PLAIN) -> str:
    """`0 to 100 %`, `0 or more`, `100 or less`, `any number`."""
    if low is None and high is None:
        return "any number"
    if high is None:
        assert low is not None
        return f"{number_text(low, unit)} or more"
    if low is None:
        return f"{number_text(high, unit)} or less"
    return (
        f"{number_text(low)} to {number_text(high)}"
        if unit == PLAIN
        else f"{number_text(low, unit)} to {number_text(high, unit)}"
    )


def did_you_mean(near: str) -> str:
    """The hint of a near word, or nothing."""
    return f"did you mean `{near}`?" if near else ""


# ---- the text


def flaw(file: str, found: Flaw) -> Diagnostic:
    """A text that is not UTF-8, or hides characters."""
    if found.kind == "encoding":
        where, _, guess = found.detail.partition("|")
        hint = f"it looks like {guess}: save the file as UTF-8"
        return error("RK001", Place(file), f"first seen at {where}", hint=hint)
    hint = "take it out: what is signed must be what is seen"
    return error("RK002", Place(file, found.span), f"{found.detail} stands here", hint=hint)


def text_too_large(place: Place) -> Diagnostic:
    """A file over the limit."""
    return error("RK003", place, f"a file may have {MAX_BYTES // 1024 // 1024} MiB")


def no_such_date(place: Place, run: str) -> Diagnostic:
    """`2009-02-30`, `2009-13`, `2009-Q5`."""
    hint = f"dates are {_DATES}"
    return error("RK004", place, f"{quoted(run)} is on no calendar", hint=hint)


_DATES: Final = "2009-07-01, 2009-07, 2009-Q3, 2009-H2 or 2009"


def malformed_number(place: Place, run: str, *, is_member: bool = False) -> Diagnostic:
    """`9,4`, `26_67`, `5-3`, `25cases`, `2009-7-1`; `is_member` where a list may be meant."""
    hint = _number_hint(run)
    if is_member and re.fullmatch(r"[0-9]+(?:,[0-9]+)+", run) and len(run) <= 60:
        hint = f"{hint}, or {quoted(run.replace(',', ' | '))} for a list"
    return error("RK005", place, f"{quoted(run)} is neither a number nor a date", hint=hint)


def _number_hint(run: str) -> str:
    if len(run) > 60:
        return ""
    if not run.isascii() and any(c.isdigit() and not c.isascii() for c in run):
        return "digits are 0 to 9"
    if re.fullmatch(r"[0-9]{4}-[0-9]{4}", run):
        return f"from one year to another is written `{run.replace('-', '..')}`"
    if re.fullmatch(r"[0-9]{4}(?:-[0-9]{1,2}){1,2}|[0-9]{4}-[qh][0-9]", run):
        year, *parts = run.upper().split("-")
        date = "-".join([year, *(part.zfill(2) for part in parts)])
        return f"write `{date}`" if parse_period(date) else f"dates are {_DATES}"
    if re.fullmatch(r"[0-9]{1,2}([-.])[0-9]{1,2}\1(?:[0-9]{2}){1,2}", run):
        return "dates begin with the year, as in 2009-12-31"
    if re.fullmatch(r"[0-9._]+-[0-9._]+", run):
        left, right = run.split("-")
        return f"a minus has blanks around it: `{left} - {right}`; from one to another is `{left}..{right}`"
    if re.fullmatch(r"[0-9._]+[eE][-+]?[0-9]+", run):
        return "numbers are written out, as in 100_000"
    return _mark_hint(run)


def _mark_hint(run: str) -> str:
    """What to do about commas, points, `_` and letters in a number."""
    spelled = ""
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", run):
        spelled = run.replace(",", "_")
    elif re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?", run):
        spelled = run.replace(".", "_").replace(",", ".")
    elif re.fullmatch(r"[0-9]+,[0-9]+", run):
        spelled = run.replace(",", ".")
    if spelled:
        return f"the decimal mark is `.` and thousands are joined by `_`: write `{spelled}`"
    word = re.fullmatch(r"([0-9_]+(?:\.[0-9]+)?)([^\W\d_]\w*)", run)
    if word is not None:
        return f"write a blank between number and word: `{word.group(1)} {word.group(2)}`"
    if "_" in run:
        return "`_` joins groups of exactly three digits, as in 26_675"
    return "a number is written as in 9.4 or 26_675"


def misprint(place: Place, run: str) -> Diagnostic:
    """`34.7100`: a decimal, or thousands with a misprint?"""
    whole, _, fraction = run.replace("_", "").partition(".")
    short = f"{whole}.{fraction.rstrip('0')}".rstrip(".")
    return _two_readings(place, run, short, f"{whole}{fraction}")


def comma_of_two_readings(place: Place, run: str, *, is_member: bool = False) -> Diagnostic:
    """`26,675`: a decimal comma, or thousands? `is_member` where a list may be meant."""
    more = f"{quoted(run.replace(',', ' | '))} for a list, " if is_member else ""
    return _two_readings(place, run, run.replace(",", "."), run.replace(",", "_"), more)


def _two_readings(place: Place, run: str, first: str, second: str, more: str = "") -> Diagnostic:
    first, second = shown(first), shown(second)
    hint = f'write `{first}` or `{second}`, {more}or `unclear "{shown(run)}"` if the document says no more'
    return error("RK006", place, f"{quoted(run)} may be {first} or {second}", hint=hint)


def number_too_long(place: Place, run: str) -> Diagnostic:
    """More digits than any figure has."""
    text = f"this one has {len(run) - run.count('_') - run.count('.')} digits"
    return error("RK007", place, text, hint=f"a number may have {MAX_DIGITS} digits")


def mixed_script(place: Place, run: str) -> Diagnostic:
    """A name whose letters look alike but are not."""
    hint = "write the name in letters of one script"
    return error("RK008", place, f"{quoted(run)} mixes letters of more than one script", hint=hint)


def bad_character(place: Place, run: str, *, is_member: bool = False) -> Diagnostic:
    """`;`, `,`, `€`, a curly quote, a digit of another script; `is_member` where a list may go on."""
    hint = next((hint for marks, hint in _MARK_HINTS if run in marks), "")
    if is_member and run in ",;":
        hint = list_mark()
    if run.isdecimal():
        hint = "digits are 0 to 9"
    return error("RK009", place, f"{quoted(run)} has no meaning here", hint=hint)


_MARK_HINTS: Final = (
    (",", "leave it out: the decimal mark is `.`, and nothing stands between statements or rows"),
    (";", "leave it out: nothing stands between statements"),
    (".", "a decimal mark has digits on both sides, as in 0.5"),
    ("≠", "write `is not` before a word, `above` or `below` before a number"),
    ("<≤", "write `at most` or `below`"),
    (">≥", "write `at least` or `above`"),
    ("“”„«»‘’'´`", 'texts stand in straight double quotes: "…"'),
    ("–—‒−‐‑", "write `-` for a minus and `..` for from one to another"),
    ("×·", "write `*`"),
    ("÷", "write `/`"),
    ("€$£¥", "money is written by its code, as in 100 EUR"),
    ("[]", "write `{ }` around statements and `( )` around calculations and lists"),
    ("…", "write `..`"),
)


def bad_string(place: Place, rest: str) -> Diagnostic:
    """A quote that its line does not close; `rest` is the line after it."""
    if any(mark in rest for mark in "“”„"):
        return error("RK010", place, "begins here", hint='both quotes are straight: "…"')
    return error("RK010", place, "begins here", hint='a text ends with `"` on the line it begins on')


def bad_escape(place: Place, run: str) -> Diagnostic:
    """`\\n` in a text: only a quote and a backslash need one before them."""
    hint = f'write `\\{run}` for the backslash itself; before `"` it makes a quote'
    return error("RK013", place, f"{quoted(run)} has no meaning in a text", hint=hint)


def too_long(place: Place) -> Diagnostic:
    """More terms or rows in one statement than any contract has."""
    return error("RK014", place, f"at most {MAX_PARTS} terms, factors or rows in one statement")


def too_deep(place: Place) -> Diagnostic:
    """More braces inside one another than allowed."""
    return error("RK011", place, f"at most {MAX_DEPTH} levels of braces and parentheses")


def number_in_pieces(place: Place, run: str, mark: str = "") -> Diagnostic:
    """`26 675`; `mark` is what might stand between two numbers there."""
    whole = "_".join(run.split())
    is_grouped = re.fullmatch(r"[0-9]{1,3}(?:_[0-9]{3})+(?:\.[0-9]+)?", whole)
    hint = f"thousands are joined by `_`: write `{whole}`" if is_grouped else "write one number"
    if mark:
        hint = f"{hint}, or `{mark}` between the two"
    return error("RK012", place, "two numbers side by side", hint=hint)


def unexpected(place: Place, run: str, expected: list[str], hint: str) -> Diagnostic:
    """A token that does not fit."""
    return error("RK020", place, f"found {quoted(run)}", note=f"expected {listed(expected)}", hint=hint)


def brace_too_many() -> str:
    """The hint at a `}` after the contract."""
    return "there is a `}` too many, here or above"


def brace_too_few() -> str:
    """The hint at a statement of the contract inside one of its parts."""
    return "is a `}` missing before it?"


def other_place(word: str) -> str:
    """A word that other languages have, or that stands elsewhere in this one."""
    if word == "if":
        return "write rows: `{ when visits at least 5: 10  otherwise: 0 }`"
    return f"{quoted(word)} stands in a section: put what it speaks of into one"


def period_at_the_end() -> str:
    """`visits in 2026 - 200`: a period ends a calculation."""
    return "a period stands after the whole calculation, or with its value in parentheses: `(visits in 2026) - 200`"


def period_in_parentheses() -> str:
    """In a row, a period after a value could belong to the next row."""
    return "a value read in a period stands in parentheses here: `(visits in 2026)`"


def period_in_words() -> str:
    """The hint at `by december 2009`."""
    return f"periods are {_DATES}"


def list_mark() -> str:
    """The hint at `(a, b)` and `(a b)`."""
    return "write `|` between the members of a list, as in `(0 | 25 | 50)`"


def list_in_parentheses() -> str:
    """The hint at `range 0 | 25`."""
    return "a list stands in parentheses, as in `(0 | 25 | 50)`"


def parenthesis_too_few() -> str:
    """The hint at a statement inside a list."""
    return "is a `)` missing before it?"


def equal_sign() -> str:
    """The hint at `target visits = 5`."""
    return "write `exactly` in a condition"


def other_mark(expected: str) -> str:
    """The hint at `value rate: 5` and `at 80 % = 5`."""
    return f"write `{expected}` here"


def dotted_name() -> str:
    """The hint at `result total.points` and `goal a.b`."""
    return "a name with a dot is part of something, for calculations and conditions: here a name has no dot"


def row_of_curve() -> str:
    """The hint at `curve of x { 0: 5 }`."""
    return "a row of a curve begins with `at`, `below` or `above`, as in `at 80 %: 50 %`"


def row_of_steps() -> str:
    """The hint at `steps of x { 0: 5 }`."""
    return "a row of steps begins with its stretch, as in `at least 80 %: 50 %` or `exactly 2: 50 %`"


_MEANT: Final = {
    "`%` for a share, `pp` for percentage points": ("percent", "pct", "procent", "percentage", "per"),
    "`day` with `each`, `days` for a number of days": ("dage",),
    "`cases`, `persons` or another name of the table of units": ("pieces", "pcs", "stk"),
    "a code such as DKK, EUR or USD": ("kr", "kroner", "euro", "euros", "dollar", "dollars", "pounds", "mio"),
    "`million`, and billions as thousands of it": ("billion", "billions", "mia"),
    "`fte`": ("FTEs", "ftes", "årsværk"),
}


def unit_meant(word: str) -> str:
    """The hint at a word in the place of a unit that is spelled otherwise here, or nothing."""
    return next((f"write {unit}" for unit, words in _MEANT.items() if word.casefold() in words), "")


_CLOSING: Final = {"{": "}", "(": ")"}


def unexpected_end(place: Place, expected: list[str], opened: Place | None, mark: str = "{") -> Diagnostic:
    """The end of the text inside a statement; `opened` is the last `mark`, `{` or `(`, that is not closed."""
    note = f"expected {listed(expected)}"
    if opened is None:
        return error("RK021", place, "the text ends here", note=note)
    label = Label(opened, "this is not closed")
    hint = f"every `{mark}` needs its `{_CLOSING[mark]}`"
    return error("RK021", place, "the text ends here", label, note=note, hint=hint)


# ---- declarations


def said_again(place: Place, name: str, first: Place) -> Diagnostic:
    """Something declared or said once, again."""
    what = f"{quoted(name)} stands here again" if name else "stands here again"
    hint = 'when the document says both, write one with `elsewhere … see "…"`' if not name else ""
    return error("RK201", place, what, Label(first, "stands first here"), hint=hint)


def unknown_name(
    place: Place, name: str, kind: str, known: list[str], *, is_compared: bool = True
) -> Diagnostic:
    """A name that nothing declares; where it `is_compared`, with what may have been meant."""
    near = nearest(name, known) if is_compared else ""
    note = f"declared: {listed(known, 'and')}" if known and not near else ""
    hint = did_you_mean(near) or f"declare the {kind}"
    return error("RK202", place, f"no {kind} is called {quoted(name)}", note=note, hint=hint)


def reserved_name(place: Place, name: str) -> Diagnostic:
    """A measure or fact named like a word that conditions need."""
    hint = f"another name, such as `{name}_count`"
    return error(
        "RK203", place, f"{quoted(name)} is a word of the language where a measure may stand", hint=hint
    )


def missing_statement(place: Place, kind: str, name: str, what: str) -> Diagnostic:
    """A measure without unit, direction, rhythm or words."""
    hints = {
        "unit": "write `unit cases`, `unit %`, `unit DKK` …",
        "direction": "write `lower is better`, `higher is better`, or `no direction` for a band",
        "rhythm": "write `each month`, `each quarter`, `each half-year`, `each year` or `each day`",
        "words": 'write which words it can be: `range ("low" | "high")`',
    }
    return error("RK204", place, f"the {kind} {quoted(name)} has no {what}", hint=hints[what])


def not_of_a_fact(place: Place, name: str, what: str) -> Diagnostic:
    """A fact is known once: it has no rhythm and no readings; a row of numbers has none either."""
    hint = "declare a `measure` when it is read again and again"
    return error("RK205", place, f"{quoted(name)} cannot have {what}", hint=hint)


def not_a_rhythm(place: Place, unit: str) -> Diagnostic:
    """`each cases`."""
    hint = "write `each day`, `each month`, `each quarter`, `each half-year` or `each year`"
    return error("RK206", place, f"{quoted(unit)} is not a part of a year", hint=hint)


def two_govern(place: Place, first: Place) -> Diagnostic:
    """Two of several stated values are said to govern."""
    hint = "leave `governs` with the one that holds"
    return error("RK207", place, "governs as well", Label(first, "governs already"), hint=hint)


def too_many_items(place: Place, count: int) -> Diagnostic:
    """More goals and requirements than a contract may have."""
    return error("RK208", place, f"{count} goals and requirements; at most {MAX_ITEMS} are allowed")


# ---- numbers, units and time


def units_differ(place: Place, found: str, expected: str) -> Diagnostic:
    """A value in another unit than its place asks for."""
    note, hint = "", ""
    if {found, expected} == {"a day", "days"}:
        hint = "a number of days is written `days`, a day of the calendar is a date"
    if {found, expected} == {"%", "pp"}:
        note = "`%` is a share of something, `pp` is a difference between two percentages"
        hint = "write `%` for a level, `pp` for a difference"
    return error("RK301", place, f"found {found}, expected {expected}", note=note, hint=hint)


_SMALL: Final = 10
"""A bare number below it, beside a percentage, may be a share or a multiple: 1 for the whole, 0.8, 1.5."""


def unit_wanted(place: Place, number: Fraction, unit: str) -> Diagnostic:
    """A bare number where a percentage is meant. `1 - cut`: a small one may be meant as it is held."""
    text = f"{number_text(number)} what? A value in {unit} is expected"
    written = f"{number_text(number)} {unit}"
    whole = {"%": 100, "‰": 1000}.get(unit)
    if whole is None or not 0 < abs(number) < _SMALL:
        return error("RK302", place, text, hint=f"write `{written}`")
    other = f"{number_text(number * whole)} {unit}"
    note = f"`{written}` is {number_text(number / whole)}, `{other}` is {number_text(number)}"
    return error("RK302", place, text, note=note, hint=f"write `{written}` or `{other}`")


def per_cent_or_points(place: Place, number: Fraction | None) -> Diagnostic:
    """`falls by 10` of a measure in %."""
    text = number_text(number) if number is not None else "…"
    note = f"`{text} %` is a share of the baseline, `{text} pp` is a difference between two percentages"
    return error(
        "RK303", place, "per cent or percentage points?", note=note, hint=f"write `{text} %` or `{text} pp`"
    )


def whole_number_wanted(place: Place, number: Fraction, decimals: int, unit: Unit) -> Diagnostic:
    """`26.675` cases."""
    hint = "counts are whole numbers"
    if decimals == 3:
        hint = f"thousands are joined by `_`: write `{number_text(number * 1000)}`"
    return error("RK304", place, f"{number_text(number)} {unit} is not a whole number", hint=hint)


def money_decimals(place: Place, number: Fraction, decimals: int) -> Diagnostic:
    """Three decimals on an amount of money."""
    hint = f"write `{number_text(number * 1000)}` if thousands are meant" if decimals == 3 else ""
    return error("RK305", place, f"an amount has at most two decimals, this one has {decimals}", hint=hint)


def not_a_number_here(place: Place, unit: str) -> Diagnostic:
    """A number where a day, or yes or no, is asked for."""
    hint = "write a date such as 2009-07-01" if unit == "a day" else "write `holds`"
    return error("RK306", place, f"found a number, expected {unit}", hint=hint)


def no_unit_here(place: Place, unit: str) -> Diagnostic:
    """A unit after something that has none."""
    return error("RK307", place, f"{quoted(unit)} has no meaning here", hint="leave it out")


def not_a_period(place: Place) -> Diagnostic:
    """A number that is not a year, a range that ends before it begins."""
    hint = "periods are 2009, 2009-H1, 2009-Q2, 2009-07, 2009-07-01 and runs such as 2009-03..2009-05"
    return error("RK308", place, "this is not a period", hint=hint)


def units_do_not_add(place: Place, left: str, sign: str, right: str) -> Diagnostic:
    """A sum of unlike things."""
    word = "added to" if sign == "+" else "subtracted from"
    hint = "a rate is written as a quotient: `250 USD / 1 customers`" if " x " in f"{left}{right}" else ""
    return error("RK309", place, f"{right} cannot be {word} {left}", hint=hint)


def units_do_not_multiply(place: Place, left: str, sign: str, right: str) -> Diagnostic:
    """A product with a day or a yes or no in it."""
    word = "multiplied with" if sign == "*" else "divided by"
    return error("RK310", place, f"{left} cannot be {word} {right}")


def period_wanted(place: Place, name: str) -> Diagnostic:
    """A measure without a period."""
    return error(
        "RK311",
        place,
        f"the reading of {quoted(name)} for which period?",
        hint="write `at 2009-12` or `in 2009` after it",
    )


def nothing_to_read(place: Place) -> Diagnostic:
    """A period after something that has no readings."""
    return error(
        "RK312",
        place,
        "nothing before this is read in a period",
        hint="leave the period out: a fact has none",
    )


def date_for_a_number(place: Place, date: str, expected: str) -> Diagnostic:
    """`at most 2009-12`."""
    return error("RK313", place, f"found the date {quoted(date)}, expected {expected}")


def one_day_wanted(place: Place, period: str) -> Diagnostic:
    """A month where a day is compared."""
    return error(
        "RK314", place, f"{quoted(period)} is more than one day", hint="write a day such as 2009-12-31"
    )


def year_before_what(place: Place) -> Diagnostic:
    """`year before` where no subject stands."""
    return error(
        "RK315",
        place,
        "the year before of what?",
        hint="`year before` stands after the subject of a condition",
    )


def truths_and_numbers(place: Place, unit: str, wanted: str) -> Diagnostic:
    """`is yes` of a number, or a comparison of a yes or no."""
    hints = {"yes or no": "write `is yes` or `is no`", "a word": 'write `is "…"`'}
    text = f"this test asks for {wanted}, and the subject is {unit}"
    return error("RK316", place, text, hint=hints.get(unit, "write `at most`, `at least` …"))


def range_turned_round(place: Place) -> Diagnostic:
    """A range whose first number is not below its second."""
    hint = "write the lower number first; one number alone where there is no range"
    return error("RK317", place, "the first number is not below the second", hint=hint)


def no_range_of_this(place: Place, unit: str) -> Diagnostic:
    """A range of days, or of yes or no."""
    return error("RK318", place, f"{unit} has no range of numbers")


def change_below_zero(place: Place, direction: str) -> Diagnostic:
    """`rises by -5 %`: a fall in the clothes of a rise."""
    other = {"falls": "rises", "rises": "falls"}.get(direction, "")
    hint = f"write `{other} by …`" if other else "write the tolerance without a minus"
    return error("RK321", place, "a change or tolerance is not below zero", hint=hint)


def no_baseline(place: Place) -> Diagnostic:
    """`year before` of a fact: it has one figure, and no earlier one."""
    hint = "declare a `measure`, and write its period once: `target NAME in 2009 falls from 2008`"
    return error("RK312", place, "nothing before this is read in another period", hint=hint)


def reading_out_of_range(
    place: Place, ends: tuple[Fraction | None, Fraction | None], unit: Unit
) -> Diagnostic:
    """A stated reading outside the range of its measure."""
    text = f"the range of the measure is {range_text(ends[0], ends[1], unit)}"
    return error("RK319", place, text)


def reading_off_rhythm(place: Place, period: str, rhythm: str) -> Diagnostic:
    """A reading of a year for a monthly measure."""
    return error("RK320", place, f"{quoted(period)} is not a {rhythm}, and the measure is read each {rhythm}")


def nothing_measured(place: Place) -> Diagnostic:
    """`target 3 at least 2`."""
    hint = "name a measure or a fact"
    return error("RK322", place, "nothing in this is read or reported", hint=hint)


# ---- scoring


def points_wanted(place: Place, unit: str) -> Diagnostic:
    """Another unit than points or per cent where points are given."""
    text = f"found {quoted(unit)}, expected points" if unit else "a number of points is expected"
    return error("RK401", place, text, hint="write a plain number, `points`, or `%` where the total is in %")


def weight_below_zero(place: Place) -> Diagnostic:
    """A negative weight, worth, cost or floor."""
    return error("RK402", place, "points given or lost are not below zero")


def against_direction(place: Place, asked: str, name: str, declared: str, at: Place) -> Diagnostic:
    """A target that asks for less of what is declared to be better when higher."""
    text = f"asks for a {asked} figure"
    hint = "turn the condition round, or declare `no direction`"
    return error(
        "RK403", place, text, Label(at, f"{quoted(name)} is declared `{declared} is better`"), hint=hint
    )


def linear_without_slope(place: Place) -> Diagnostic:
    """`linear from 5 to 5`."""
    return error("RK404", place, "both ends are the same", hint="use `at least` or `at most`")


def linear_alone(place: Place) -> Diagnostic:
    """A linear share joined with conditions that only hold or do not."""
    hint = "give each part of the item its `worth`"
    return error("RK405", place, "a linear share stands alone in its item, or has a worth", hint=hint)


def count_of_group(place: Place, members: int) -> Diagnostic:
    """`at least 5 of` three."""
    return error(
        "RK406", place, f"a whole number from 1 to {members} is expected: the group has {members} members"
    )


def too_many_members(place: Place, members: int) -> Diagnostic:
    """A group over the limit."""
    return error("RK406", place, f"the group has {members} members; at most {MAX_MEMBERS} are counted")


def nothing_scored(place: Place, name: str) -> Diagnostic:
    """An item with nothing that decides it."""
    hint = "give it a `target`, a `milestone` or `assessed by`"
    return error("RK407", place, f"nothing decides whether {quoted(name)} is met", hint=hint)


def points_without_weight(place: Place, name: str) -> Diagnostic:
    """Points inside an item that has none."""
    return error(
        "RK408", place, f"gives points, but {quoted(name)} has no weight", hint="write `weight …` in the item"
    )


def worth_missing(place: Place, name: str) -> Diagnostic:
    """Some parts of an item have a worth and this one has none."""
    hint = "write `worth …`, or take it out of the scoring with `followed` or `evidence`"
    return error("RK409", place, f"other parts of {quoted(name)} have a worth, this one has none", hint=hint)


def worths_cannot_make(
    place: Place, name: str, least: Fraction, most: Fraction | None, weight: Fraction
) -> Diagnostic:
    """Worths, some of them open, that cannot make the weight whatever is decided."""
    found = f"at least {number_text(least)}"
    if most is not None:
        found = f"{number_text(least)} to {number_text(most)}"
    text = f"the worths in {quoted(name)} make {found}, not {number_text(weight)}"
    return error("RK410", place, text)


def worths_do_not_add_up(
    place: Place,
    name: str,
    highs: list[Fraction | None],
    total: Fraction,
    weight: Fraction,
    lowest: Fraction,
    low: Fraction,
) -> Diagnostic:
    """Worths whose sum is not the weight."""
    listing = " + ".join(number_text(each) for each in highs if each is not None)
    text = f"the worths in {quoted(name)} make {number_text(total)}, not {number_text(weight)}"
    if total == weight:
        text = (
            f"the least the parts of {quoted(name)} give is {number_text(lowest)}, below {number_text(low)}"
        )
        return error("RK410", place, text)
    return error("RK410", place, text, note=f"{listing} = {number_text(total)}")


def late_without_worth(place: Place) -> Diagnostic:
    """Late costs without points to take them from."""
    return error(
        "RK411",
        place,
        "costs points, but the milestone has no worth of its own",
        hint="write `worth …` before it",
    )


def floor_out_of_place(place: Place, floor: Fraction, low: Fraction, high: Fraction) -> Diagnostic:
    """`down to 20` of a milestone worth 10; `down to 0` of a weight that begins at 5."""
    text = f"{number_text(floor)} is above what the milestone is worth: {number_text(high)}"
    if floor < low:
        text = f"{number_text(floor)} is below the least the item gives: {number_text(low)}"
    return error("RK418", place, text, hint=f"write a floor from {number_text(low)} to {number_text(high)}")


def line_without_direction(place: Place) -> Diagnostic:
    """`linear from year before to undecided` of a measure without direction."""
    hint = "declare `lower is better` or `higher is better` on the measure"
    return error("RK419", place, "which end is the better one?", hint=hint)


def points_in_group(place: Place) -> Diagnostic:
    """A worth, linear share or late costs inside a group."""
    hint = "write `worth …` after the group's `}`"
    return error("RK412", place, "a member of a group only holds or does not", hint=hint)


def standing_in_group(place: Place, standing: str) -> Diagnostic:
    """A guideline inside a group that is scored."""
    return error(
        "RK413",
        place,
        f"`{standing}` takes it out of the scoring, and the group is scored",
        hint="move it out of the group",
    )


def assessment_needs_name(place: Place) -> Diagnostic:
    """`assessed by ministry worth 0..50`."""
    hint = 'name the part: `assessed by … rest "what is assessed" worth 0..50`'
    return error("RK414", place, "a worth of its own, but no name to report it by", hint=hint)


def assessment_needs_worth(place: Place, name: str) -> Diagnostic:
    """A named part that is assessed, without the range of points."""
    return error(
        "RK415",
        place,
        f"how many points is {quoted(name)} worth?",
        hint="write `worth 0..50` after the title",
    )


def total_differs(
    place: Place, stated: Fraction, found: Fraction, parts: list[tuple[str, Fraction]]
) -> Diagnostic:
    """A total that is not the sum of what counts in it."""
    listing = " + ".join(f"{name} {number_text(number)}" for name, number in parts[:40])
    more = f" … ({len(parts)} in all)" if len(parts) > 40 else ""
    difference = number_text(abs(stated - found))
    word = "missing" if stated > found else "too many"
    text = f"{number_text(stated)} stated, the parts make {number_text(found)}: {difference} {word}"
    return error("RK416", place, text, note=f"{listing}{more} = {number_text(found)}" if parts else "")


def guideline_without_target(place: Place, name: str) -> Diagnostic:
    """A table of guidelines with nothing to take measure and comparison from."""
    hint = "write the target first, with `at most`, `at least`, `above`, `below` or `exactly`"
    return error(
        "RK417", place, f"{quoted(name)} has no target these guidelines could be read with", hint=hint
    )


def points_unscored(place: Place, standing: str) -> Diagnostic:
    """A worth, late costs or a linear share of something that is not scored."""
    text = f"`{standing}` takes it out of the scoring, so it gives and costs no points"
    return error("RK420", place, text, hint=f"leave out `{standing}`, or the points")


# ---- findings


def said_twice(
    statements: tuple[Statement[Any], ...], file: str, governing: Statement[Any] | None
) -> Diagnostic:
    """One value, stated several times."""
    first, *others = statements
    labels = [
        Label(
            Place(file, each.span),
            "governs" if each is governing else f"in {each.see.text}" if each.see else "",
        )
        for each in others
    ]
    text = "governs" if first is governing else "stated here"
    hint = (
        ""
        if governing
        else "write `governs` after the one that holds; until then the points are open over all of them"
    )
    return finding("RK501", Place(file, first.span), text, *labels, hint=hint)


def undecided(place: Place, until: Period | None, remark: str) -> Diagnostic:
    """A value still to be decided: by when, and by whom or by what rule."""
    text = f"to be decided by {until}" if until else "no day is set for the decision"
    found = finding("RK502", place, text, note=remark, hint="an amendment settles it")
    return evolve(found, until=until, remark=remark)


def unclear(place: Place, text: str) -> Diagnostic:
    """A value that cannot be read."""
    return finding(
        "RK503",
        place,
        f"the document says {quoted(text)}",
        hint="ask whoever wrote it; until then it is not known",
    )


def no_such_reading(place: Place, period: str, name: str, rhythm: str, known: list[str]) -> Diagnostic:
    """A period that the rhythm of a measure cannot answer."""
    note = f"readings stated: {listed(known, 'and', 12)}" if known else ""
    hint = f"name one {rhythm}; until then the reading is not known"
    return finding(
        "RK504",
        place,
        f"{quoted(name)} is read each {rhythm}: there is no reading of {period}",
        note=note,
        hint=hint,
    )


def target_outside_binding(place: Place, period: str, binding: str) -> Diagnostic:
    """A scored target for a time whose targets do not bind."""
    hint = "write `guideline` before it if it is a pointer for later"
    return finding("RK505", place, f"{period} is not within {binding}, whose targets bind", hint=hint)


def weaker_than_reading(
    place: Place, limit: Fraction, reading: Fraction, period: Period, unit: Unit, entry: Place
) -> Diagnostic:
    """A target that the latest reading already beats."""
    text = f"{number_text(limit, unit)} is weaker than the latest reading"
    return finding("RK506", place, text, Label(entry, f"{period}: {number_text(reading, unit)}"))


def of_or_points(
    place: Place, number: Fraction, unit: str, levels: tuple[Fraction, Fraction] | None
) -> Diagnostic:
    """A change of a measure that is itself in per cent."""
    text = f"{number_text(number)} % of the baseline is another change than {number_text(number)} percentage points"
    note = ""
    if levels is not None:
        relative, absolute = (number_text(each, PERCENT) for each in levels)
        note = f"`{number_text(number)} %` gives the level {relative}, `{number_text(number)} pp` gives {absolute}"
    return finding("RK507", place, text, note=note, hint=f"`{unit}` is what counts as it stands")


def early_is_a_miss(place: Place, name: str, period: Period) -> Diagnostic:
    """`in 2009-Q2`: is done in March a miss?"""
    text = f"{quoted(name)} done before {period.first} is a miss"
    return finding("RK508", place, text, hint=f"write `by {period}` if early is as good")


def rule_without_closing(place: Place) -> Diagnostic:
    """A rule for what is missing that never acts."""
    hint = "write `reporting closes …` in the contract"
    return finding("RK509", place, "never acts: the contract does not say when reporting closes", hint=hint)


def more_than_shown(place: Place, count: int, *, is_error: bool) -> Diagnostic:
    """The end of a long list."""
    if is_error:
        return error("RK209", place, f"{count} more, the first of them here", hint="mend the others first")
    return finding("RK514", place, f"{count} more, the first of them here")


def total_not_proved(place: Place) -> Diagnostic:
    """A total over weights that are not decided."""
    return finding("RK510", place, "cannot be proved while a weight in it is open")


def worths_not_proved(place: Place) -> Diagnostic:
    """A weight over worths that are not decided."""
    text = "that the worths make it cannot be proved while one of them, or the weight, is open"
    return finding("RK510", place, text)


def baseline_not_earlier(place: Place, base: str, period: str) -> Diagnostic:
    """`falls by 15 % from 2009` of a target in 2009: a year compared with itself."""
    text = f"{period} is compared with {base}, which does not end before it"
    if base == period:
        text = f"{period} is compared with itself"
    return finding("RK511", place, text, hint="name the earlier period the change is counted from")


def stated_in_advance(place: Place, name: str, period: str, entry: Place) -> Diagnostic:
    """A contract that states the reading its own target asks for."""
    text = (
        f"the contract itself states {quoted(name)} for {period}: the target is decided before it is reported"
    )
    hint = "leave the figure out: what happens is reported in the actuals"
    return finding("RK512", place, text, Label(entry, "stated here"), hint=hint)


def closes_too_early(place: Place, closes: str, period: str) -> Diagnostic:
    """Reporting that closes before what is reported has happened."""
    text = f"{closes} does not come after {period}"
    hint = "from that day what is not reported counts as the rule says, also what is not due yet"
    return finding("RK513", place, text, hint=hint)


# ---- actuals


def not_json(place: Place, line: int, column: int, run: str, problem: str) -> Diagnostic:
    """A comma too many, a quote too few."""
    expected, hint = _JSON_PROBLEMS.get(problem, ("something else", "check the file with a JSON tool"))
    found = quoted(run) if run else "the end of the file"
    text = f"line {line}, column {column}: found {found}, expected {expected}"
    return error("RK601", place, text, hint=hint)


_JSON_PROBLEMS: Final = {
    "Expecting value": (
        "a value",
        "a value is a number, a text in double quotes, true, false, null, `[` or `{`",
    ),
    "Expecting property name enclosed in double quotes": (
        "a key in double quotes",
        "keys stand in double quotes, and no comma stands after the last",
    ),
    "Expecting ':' delimiter": ("`:`", "a key and its value are joined by `:`"),
    "Expecting ',' delimiter": (
        "a comma or a closing bracket",
        "put a comma between two values; numbers are written as 26400 or 26.5",
    ),
    "Extra data": ("the end of the file", "a file holds one object: remove what follows it"),
    "Unterminated string starting at": (
        "a closing quote",
        "close the text that begins here with a quote",
    ),
    "Invalid control character at": (
        "the text to end on its line",
        "close the text with a quote on its own line; a tab in it is written `\\t`",
    ),
    "Invalid \\escape": (
        "an escape such as `\\n` or `\\u00e5`",
        "write `\\\\` for the sign itself",
    ),
    "Invalid \\uXXXX escape": (
        "four hexadecimal digits after `\\u`",
        "write `\\u00e5` for å, or the letter itself",
    ),
}


def json_too_deep(place: Place, line: int, column: int) -> Diagnostic:
    """More brackets inside one another than allowed."""
    text = f"line {line}, column {column}: at most {MAX_DEPTH} levels of brackets"
    hint = "actuals need no more than five: close the brackets before this one"
    return error("RK602", place, text, hint=hint)


def json_key_twice(place: Place, key: str) -> Diagnostic:
    """The same key a second time, perhaps spelled with escapes."""
    hint = "keep one; several reports of one thing stand in a list, each correction with `corrects`"
    return error("RK603", place, f"{quoted(key)} stands here already", hint=hint)


def json_period_twice(place: Place, key: str, other: Place) -> Diagnostic:
    """`2009` and `2009-01..2009-12`."""
    hint = "keep one; several reports of one thing stand in a list, each correction with `corrects`"
    label = Label(other, "the same days")
    return error("RK603", place, f"{quoted(key)} is a period that stands here already", label, hint=hint)


def json_no_number(place: Place, run: str) -> Diagnostic:
    """`NaN`, `Infinity`."""
    hint = "where there is no figure write null, or leave the entry out"
    return error("RK604", place, f"found {quoted(run)}, expected a number", hint=hint)


def json_number_too_long(place: Place, run: str) -> Diagnostic:
    """More digits than any figure has, or a power of ten that would fill the memory."""
    text = f"{quoted(run)}: a number may have {MAX_DIGITS} digits, and a power of ten up to {MAX_EXPONENT}"
    return error("RK605", place, text, hint="write the figure as it was published")


def json_hidden_character(place: Place, name: str) -> Diagnostic:
    """A control character, a mark that turns the direction of writing, half a character."""
    hint = "remove it: names and texts stand on one line, all of it visible"
    return error("RK606", place, f"found {name}", hint=hint)


def json_unknown_key(place: Place, key: str, known: tuple[str, ...]) -> Diagnostic:
    """`repoted`."""
    near = nearest(key, known)
    text = f"{quoted(key)} is no key here, expected {listed([f'`{each}`' for each in known], limit=12)}"
    return error("RK607", place, text, hint=did_you_mean(near) or "remove it, or put it into `note`")


def json_missing(place: Place, expected: str) -> Diagnostic:
    """A key that must be there, and say something."""
    return error("RK608", place, f"nothing found, expected {expected}", hint="add it")


def json_wrong_kind(place: Place, found: str, expected: str, text: str, is_number: bool) -> Diagnostic:
    """A text where a number stands, a list where a day stands."""
    hint = f"write {expected}"
    if is_number:
        example = f": {text.strip()}" if text.strip().isdigit() else ", as in 26450 or 26.5"
        hint = f"write the number without quotes{example}"
    elif text and "`not done`" in expected and nearest(text, ("not done",)):
        hint = "did you mean `not done`?"
    return error("RK609", place, f"found {found}, expected {expected}", hint=hint)


def json_for_contract(place: Place) -> Diagnostic:
    """Data in the place of the contract."""
    hint = (
        "the contract comes first, then its amendments, then actuals: `rkdsl eval contract.rk actuals.json`"
    )
    return error("RK020", place, "found JSON", note="expected a contract", hint=hint)


def json_no_day(place: Place, run: str) -> Diagnostic:
    """`2009-02-30`."""
    hint = "write year, month and day, as in 2009-11-12"
    return error("RK610", place, f"{quoted(run)} is on no calendar", hint=hint)


def json_no_period(place: Place, run: str) -> Diagnostic:
    """`2009-13`, `dec 2009`."""
    hint = "periods are 2009, 2009-H1, 2009-Q2, 2009-07, 2009-07-01 or 2009-03..2009-05"
    return error("RK611", place, f"{quoted(run)} is no period", hint=hint)


def json_two_answers(place: Place, value_key: str) -> Diagnostic:
    """A figure that is said not to apply."""
    text = f"`{value_key}` and `not_applicable` both say something"
    return error("RK612", place, text, hint="keep the one that holds")


def more_mistakes(place: Place, count: int) -> Diagnostic:
    """The end of a long list."""
    return error("RK613", place, f"{count} more in this file", hint="mend these first")


def json_too_many(place: Place, limit: int) -> Diagnostic:
    """A file that would take long to read and longer to understand."""
    hint = "split the file, or give the figures as a table"
    return error("RK614", place, f"a file may have {limit:_} commas and opening brackets", hint=hint)


def other_contract(place: Place, found: str, expected: str) -> Diagnostic:
    """A file for `ams`, a contract `star`."""
    text = f"the file is for {quoted(found)}, the contract is {quoted(expected)}"
    return error("RK621", place, text, hint=f"choose the other file, or write {quoted(expected)} here")


def unknown_report(place: Place, id: str, section: str, names: list[str], belongs: list[str]) -> Diagnostic:
    """`long_sik_leave`; or a milestone under `facts`."""
    text = f"the contract has nothing called {quoted(id)} under `{section}`"
    inside = [each for each in names if each.endswith(f".{id}")]
    hint = did_you_mean(nearest(id, names)) or "remove it, or let the contract name it first"
    if inside:
        hint = f"did you mean {listed([f'`{each}`' for each in inside])}?"
    if belongs:
        hint = f"{quoted(id)} belongs under {listed([f'`{each}`' for each in belongs])}: move it there"
    return error("RK622", place, text, hint=hint)


def wrong_rhythm(place: Place, id: str, period: str, kind: str, rhythm: str, example: str) -> Diagnostic:
    """A year's figure of a measure that is read each month."""
    text = f"`{period}` is a {kind}, and {quoted(id)} is read each {rhythm}"
    if kind == "days":
        text = f"`{period}` is a run of days, and {quoted(id)} is read each {rhythm}"
    return error("RK623", place, text, hint=f"report it for each {rhythm}, as in `{example}`")


def wrong_measure(place: Place, found: str, id: str, expected: str) -> Diagnostic:
    """Yes where cases are counted."""
    return error("RK624", place, f"found {found}; {quoted(id)} is {expected}", hint=f"write {expected}")


def finer_than_unit(place: Place, number: Fraction, unit: Unit) -> Diagnostic:
    """`26400.5` cases, `10.005` DKK, `26.675` where thousands are meant."""
    rule = f"amounts in {unit} have at most two decimals" if unit.is_money else f"{unit} are whole numbers"
    hint = "write the figure as it was counted"
    if number.denominator != 1 and (number * 1000).denominator == 1 and (number * 100).denominator != 1:
        hint = f"in actuals `.` is the decimal mark: write {int(number * 1000)} if thousands are meant"
    return error("RK625", place, f"found `{decimal_text(number, '')}`; {rule}", hint=hint)


def outside_range(place: Place, found: str, id: str, ends: str) -> Diagnostic:
    """`105` where the contract says `range 0..100 %`."""
    hint = f"check the figure, or the range of {quoted(id)} in the contract"
    return error("RK626", place, f"found `{found}`; the range of {quoted(id)} is {ends}", hint=hint)


def reported_too_early(place: Place, reported: str, what: str, day: str) -> Diagnostic:
    """December's figure, reported on the 15th of December."""
    hint = "a forecast is not a report: give the day on which it was known"
    return error("RK627", place, f"reported {reported}, but {what} {day}", hint=hint)


def in_the_future(place: Place, what: str, day: str, as_of: str) -> Diagnostic:
    """A milestone done, or a period that ends, after the day the file speaks of."""
    hint = "a plan or forecast is not a report: write `null` or `not done`, or say when it was `reported`"
    return error("RK628", place, f"{what} {day}, but the file is as of {as_of}", hint=hint)


def reported_twice(place: Place, other: Place, day: str) -> Diagnostic:
    """Two figures for one thing, and neither says that it corrects the other."""
    hint = (
        f'add `"corrects": "{day}"` if it takes the place of the earlier one'
        if day
        else ("keep one, or give the first a `reported` day that the other `corrects`")
    )
    text = "another report of the same, and it does not say which one it corrects"
    return error("RK629", place, text, Label(other, "reported here before"), hint=hint)


def corrects_nothing(place: Place, day: str, days: list[str]) -> Diagnostic:
    """`corrects` names a day on which nothing was reported before."""
    text = f"it corrects a report of {day}, and there is none before it"
    hint = "remove `corrects`: there is no earlier report of it"
    if days:
        hint = f"earlier reports of it: {listed([f'`{each}`' for each in days])}"
    return error("RK630", place, text, hint=hint)


def corrects_no_figure(place: Place, id: str, period: str) -> Diagnostic:
    """`corrects` the contract, which says nothing."""
    when = f" for {period}" if period else ""
    text = f"it corrects the contract, which states no figure of {quoted(id)}{when}"
    return error("RK630", place, text, hint="remove `corrects`")


def corrected_twice(place: Place, other: Place, day: str, last: str) -> Diagnostic:
    """Two entries that correct the same one."""
    hint = f'write `"corrects": "{last}"` if it takes the place of the latest'
    return error("RK631", place, f"the report of {day} has been corrected", Label(other, "here"), hint=hint)


def wrong_role(place: Place, by: str, id: str, roles: tuple[str, ...]) -> Diagnostic:
    """An assessment by someone the contract does not name."""
    names = listed([f"`{each}`" for each in roles])
    hint = did_you_mean(nearest(by, roles)) or f"only {names} may assess it"
    return error("RK632", place, f"found {quoted(by)}; {quoted(id)} is assessed by {names}", hint=hint)


def differs_from_contract(place: Place, found: str, id: str, period: str, stated: str) -> Diagnostic:
    """The same month with one figure in the contract and another in the actuals."""
    when = f" in {period}" if period else ""
    text = f"found `{found}`; the contract states {stated} for {quoted(id)}{when}"
    note = "nothing says which one holds: the value is taken as anything between them"
    hint = 'add `"corrects": "contract"` if the new figure holds'
    return finding("RK633", place, text, note=note, hint=hint)


def may_it_not_apply(place: Place, id: str) -> Diagnostic:
    """A figure that does not apply, of a measure that never said so."""
    text = f"{quoted(id)} is reported as not applicable"
    hint = "write `may not apply` in its declaration, so that bounds count with it beforehand"
    return finding("RK634", place, text, hint=hint)


def unlawful_word(place: Place, found: str, id: str, words: tuple[str, ...]) -> Diagnostic:
    """`hig` where the contract says `range ("low" | "high")`."""
    lawful = listed([quoted(each) for each in words], limit=20)
    hint = did_you_mean(nearest(found, words)) or "another word is refused: write one of these"
    return error("RK635", place, f"found {quoted(found)}; {quoted(id)} is {lawful}", hint=hint)


def unlawful_number(place: Place, found: str, id: str, numbers: list[str]) -> Diagnostic:
    """`30` where the contract says `range (0 | 25 | 50)`."""
    lawful = listed([f"`{each}`" for each in numbers], limit=20)
    hint = "another grade is refused: give one of these"
    return error("RK636", place, f"found `{found}`; {quoted(id)} is {lawful}", hint=hint)


def column_missing(place: Place, id: str, columns: list[str]) -> Diagnostic:
    """One number for a row of them."""
    names = listed([f"`{each}`" for each in columns], "and")
    entries = ", ".join(f'"{each}": …' for each in columns[:3])
    text = f"{quoted(id)} is a row of numbers, {names}"
    return error("RK637", place, text, hint=f'write `"{id}": {{{entries}}}`')


def no_columns(place: Place, id: str, column: str) -> Diagnostic:
    """A column of a parameter that is one number."""
    hint = "write its value alone, or an object with `value`"
    return error("RK637", place, f"{quoted(id)} is one value, and has no {quoted(column)}", hint=hint)


def period_missing_in_report(place: Place, id: str, rhythm: str, example: str) -> Diagnostic:
    """A value without a period, of a parameter that has one each year."""
    text = f"{quoted(id)} has a value for each {rhythm}, and no {rhythm} is named"
    return error("RK637", place, text, hint=f'report it for each {rhythm}, as in `{{"{example}": …}}`')


def no_periods(place: Place, id: str, period: str) -> Diagnostic:
    """A period, of a parameter that has none."""
    hint = "write its value without a period"
    return error("RK637", place, f"{quoted(id)} has no periods, found {quoted(period)}", hint=hint)


def not_an_outcome(place: Place, found: str, expected: str) -> Diagnostic:
    """Another file where the outcome of the previous period stands."""
    text = f"found {found}, expected an outcome, which begins with `{expected}`"
    hint = "write it with `rkdsl eval … --format json` from the contract of that period"
    return error("RK638", place, text, hint=hint)


def carried_otherwise(place: Place, found: str, id: str, other: Place, said: str) -> Diagnostic:
    """`carried` and the outcome of the previous period give different values."""
    text = f"found {found} for {quoted(id)}; the previous outcome says {said}"
    label = Label(other, "said here")
    return error("RK639", place, text, label, hint="leave it out here: the outcome holds it")


def other_unit(place: Place, found: str, id: str, expected: str) -> Diagnostic:
    """An outcome in per cent, a contract in points."""
    text = f"the points of the outcome are in {quoted(found)}; {quoted(id)} is in {quoted(expected)}"
    return error("RK624", place, text, hint="leave the outcome out, and give the value under `carried`")


def other_outcome(place: Place, found: str, expected: str) -> Diagnostic:
    """The outcome of `star2025`, where `star2026` is evaluated."""
    text = f"the outcome is of {quoted(found)}, the contract is {quoted(expected)}"
    hint = "it is taken: make sure that it is the contract of the period before"
    return finding("RK640", place, text, hint=hint)


def not_carried(place: Place, id: str, why: str, near: str = "") -> Diagnostic:
    """A value that the outcome of the previous period does not hold, or not yet."""
    hint = did_you_mean(near) or "give it in the actuals, under `carried`, once it is known"
    return finding("RK641", place, f"{why}: {quoted(id)} stays not known", hint=hint)


def outcome_too_late(place: Place, day: str, as_of: str) -> Diagnostic:
    """An outcome of a day after the one whose knowledge counts."""
    text = f"the outcome is as of {day}: nothing of it is known on {as_of}"
    hint = f"reckon it as of {as_of} or earlier"
    return finding("RK641", place, text, hint=hint)


# ---- the command


def no_as_of(place: Place) -> Diagnostic:
    """Neither the command nor the actuals say whose day's knowledge counts."""
    hint = 'say `--as-of 2010-01-31`, or write `"as_of": "2010-01-31"` in the actuals'
    return error("RK701", place, "as of which day?", hint=hint)


def unreadable(place: Place, reason: str) -> Diagnostic:
    """A file that is not there, or may not be read."""
    return error("RK702", place, reason)


def not_final(place: Place, items: list[str], findings: int) -> Diagnostic:
    """`--final` with something still open."""
    text = f"still open: {listed(items, 'and', 30)}"
    note = (
        f"and {findings} places of the contract are stated more than once, undecided or unclear"
        if findings
        else ""
    )
    return error("RK703", place, text, note=note, hint="without `--final` the outcome shows what is missing")


def nothing_to_explain(place: Place, name: str, known: list[str], cells: list[str]) -> Diagnostic:
    """`--explain` of something the contract does not have; `cells` are those of its registers."""
    near = nearest(name, [*known, *cells])
    note = f"explained can be: {listed([*known, 'all'], 'and', 40)}"
    note += f"; of registers what is stated or reckoned, such as `{cells[0]}`" if cells else ""
    return error("RK704", place, f"nothing is called {quoted(name)}", note=note, hint=did_you_mean(near))
