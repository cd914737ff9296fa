"""The databases that the tests run queries on: PostgreSQL started in a temporary folder, Spark on two cores."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"


def _tool(name: str) -> str | None:
    """A program of PostgreSQL: on the path, or where Debian keeps it."""
    found = sorted(_DEBIAN.glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def _account() -> dict[str, Any]:
    """How its programs are run: never as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def postgres() -> Iterator[Any]:
    """A connection to a server of its own, on a socket in a temporary folder."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    initdb, control = _tool("initdb"), _tool("pg_ctl")
    if initdb is None or control is None:
        pytest.skip("PostgreSQL is not installed")
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="rkdsl-postgres-"))
    if account:
        os.chown(folder, account["user"], account["group"])
    data = folder / "data"

    def run(*words: str) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder, **account)

    try:
        run(initdb, "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        run(control, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            with psycopg.connect(
                host=str(folder), user=_USER, dbname=_USER, autocommit=True, prepare_threshold=None
            ) as connection:
                yield connection
        finally:
            run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def spark() -> Iterator[Any]:
    """A session on two cores of this machine."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.codegen.hugeMethodLimit": "8000",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.log.level": "ERROR",
    }
    builder = sql.SparkSession.builder.master("local[2]").appName("rkdsl")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
