"""`python -m rkdsl` is the command."""

from rkdsl.tools.command import run

run()
