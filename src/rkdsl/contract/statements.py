"""What the author wrote down as said twice, undecided or unclear, wherever it stands."""

from __future__ import annotations

from rkdsl import messages
from rkdsl.contract.report import Report, inside
from rkdsl.language import nodes


def statement_findings(contract: nodes.Contract, report: Report) -> None:
    """A finding for each open place of the text."""
    for node in inside(contract):
        _find(node, report)


def _find(node: nodes.Node, report: Report) -> None:
    match node:
        case nodes.Stated(statements=statements) if len(statements) > 1:
            governing = [each for each in statements if each.governs]
            report.add(messages.said_twice(statements, report.file, governing[0] if governing else None))
        case nodes.Undecided():
            until = node.until.period if node.until is not None else None
            remark = node.remark.text if node.remark else ""
            report.add(messages.undecided(report.place(node.span), until, remark))
        case nodes.Unclear():
            report.add(messages.unclear(report.place(node.span), node.text.text))
