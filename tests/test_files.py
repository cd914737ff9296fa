"""Files that are used: below the folder of the contract, of bounded size, and read as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import rkdsl
from rkdsl.files import NOWHERE, Folder, Found, Missing, standard_names
from rkdsl.values import MAX_BYTES
from tests.uses import codes, written

_USES = 'contract c "C" {{ period 2009  use "{}"  result states }}'


@pytest.mark.parametrize(
    "name",
    [
        "../goals.rk",
        "a/../../goals.rk",
        "/etc/hosts",
        "shared\\\\goals.rk",
        "c:goals.rk",
        "C:/goals.rk",
        "//x/goals.rk",
    ],
)
def test_a_path_that_leaves_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    """Also where such a file is there: it is not read."""
    written(tmp_path, {"goals.rk": "this is read by nobody"})
    inner = written(tmp_path / "inner", {}, c=_USES.format(name))
    assert ["RK802"] == codes(inner / "c.rk")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """And one that stays in it is followed."""
    outside = written(tmp_path / "outside", {"goals.rk": 'role board "The board"'})
    inner = written(tmp_path / "inner", {"own.rk": 'role board "The board"'}, c=_USES.format("goals.rk"))
    (inner / "goals.rk").symlink_to(outside / "goals.rk")
    assert ["RK802"] == codes(inner / "c.rk")
    (inner / "goals.rk").unlink()
    (inner / "goals.rk").symlink_to(inner / "own.rk")
    assert [] == codes(inner / "c.rk")


def test_a_path_may_go_up_and_stay_in_the_folder(tmp_path: Path) -> None:
    """A file in a folder beside is named from where it is used."""
    files = {"shared/goals.rk": 'use "../roles.rk"', "roles.rk": 'role board "The board"'}
    written(tmp_path, files, c=_USES.format("shared/goals.rk"))
    assert [] == codes(tmp_path / "c.rk")


def test_what_is_no_file_cannot_be_used(tmp_path: Path) -> None:
    """Missing, a folder, a pipe, or with a name that no file has: told, and never waited for."""
    (tmp_path / "folder.rk").mkdir()
    os.mkfifo(tmp_path / "pipe.rk")
    (tmp_path / "round.rk").symlink_to(tmp_path / "round.rk")
    for name in ("missing.rk", "folder.rk", "pipe.rk", "round.rk", "", "x" * 5000 + ".rk"):
        written(tmp_path, {}, c=_USES.format(name))
        assert ["RK801"] == codes(tmp_path / "c.rk"), name


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """At the file itself."""
    written(tmp_path, {}, c=_USES.format("large.rk"))
    with (tmp_path / "large.rk").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert ["RK003"] == codes(tmp_path / "c.rk")


def test_a_file_in_another_encoding_is_refused_with_its_own_name(tmp_path: Path) -> None:
    """Of the library, and of a contract."""
    for start in ('role board "', 'contract n "'):
        written(tmp_path, {}, c=_USES.format("goals.rk"))
        (tmp_path / "goals.rk").write_bytes(start.encode() + "Rådet".encode("latin-1") + b'"\n')
        with pytest.raises(rkdsl.Refused, match=r"goals\.rk") as refused:
            rkdsl.load(tmp_path / "c.rk")
        assert {"RK001"} == {each.code for each in refused.value.diagnostics}


def test_a_text_without_a_file_uses_standard_libraries_alone() -> None:
    """Nothing is read beside it."""
    with pytest.raises(rkdsl.Refused, match="does not come from a file"):
        rkdsl.loads(_USES.format("goals.rk"))
    for name in standard_names():
        assert rkdsl.loads(_USES.format(name)).id == "c"
        assert isinstance(NOWHERE.find(name), Found)
    assert isinstance(NOWHERE.find("standard:../files"), Missing)


def test_one_file_has_one_key(tmp_path: Path) -> None:
    """However it is written."""
    written(tmp_path, {"a/goals.rk": "x"})
    folder = Folder(tmp_path)
    found = [folder.find(name) for name in ("a/goals.rk", "./a/goals.rk", "a/../a/goals.rk")]
    found.append(folder.find("goals.rk", "a/other.rk"))
    assert ["a/goals.rk"] * 4 == [each.key for each in found if isinstance(each, Found)]
