"""The page that says where everything in the two source documents lives: what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rkdsl

_ROOT = Path(__file__).parents[1]
_EXAMPLES = {"The results contract": "ams-2009", "The memo": "bif-2009"}
_FILE = re.compile(r"`([\w/*-]+\.rk)`:")


def _rows() -> list[tuple[str, str, str]]:
    """The folder of the example, what the document says, and where it lives."""
    found, folder = [], ""
    for line in (_ROOT / "docs" / "documents.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            folder = next(name for begin, name in _EXAMPLES.items() if line[3:].startswith(begin))
        elif line.startswith("| ") and not line.startswith(("| In the document", "|---")):
            _, says, lives = (each.strip() for each in line.strip("|").split("|"))
            found.append((folder, says, lives))
    return found


def test_the_page_has_every_row() -> None:
    """Both documents, and none of their rows without a place."""
    rows = _rows()
    assert {"ams-2009", "bif-2009"} == {folder for folder, _, _ in rows}
    assert len(rows) > 60
    assert all(says and lives for _, says, lives in rows)


@pytest.mark.parametrize(("folder", "says", "lives"), _rows(), ids=lambda each: str(each)[:30])
def test_what_is_named_is_there(folder: str, says: str, lives: str) -> None:
    """Each name in code stands in the file before it."""
    files = _FILE.findall(lives)
    assert files, f"{says}: no file is named"
    for part in re.split(r"(?=`[\w/*-]+\.rk`:)", lives):
        named = _FILE.match(part)
        if named is None:
            continue
        text = (_ROOT / "examples" / folder / named.group(1)).read_text(encoding="utf-8")
        for name in re.findall(r"`([^`]+)`", part)[1:]:
            if name.startswith("rkdsl ") or name.endswith(".rk"):
                continue
            for word in name.split(" … "):
                assert word.strip() in text, f"{named.group(1)} has no {word!r}"


def test_every_item_of_the_contracts_is_named() -> None:
    """No goal, requirement or register of the examples is left out of the page."""
    page = (_ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    for path in (
        "ams-2009/contract.rk",
        "ams-2009/agreement.rk",
        "bif-2009/skelbaekgade.rk",
        "bif-2009/portfolio.rk",
    ):
        contract = rkdsl.load(_ROOT / "examples" / path)
        own = [each.id for each in contract.tree.items if "." not in each.id]
        own += [each.id for each in contract.registers if "." not in each.id]
        assert [] == [name for name in own if f"`{name}`" not in page and not re.fullmatch(r"pk\d+", name)]
