"""`explain`: a finding back to its raw lines, deadline and citation; or why a document has no finding of a rule."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from audit.command import DAY_OPTION, Command, Context, ExitStatus, UsageError, add_as_of
from audit.period import Period, asked_period

if TYPE_CHECKING:
    from audit.explain.step import Explanation
    from audit.pipeline.explaining import Question


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("finding", nargs="?", metavar="FINDING", help="id of a finding, 16 hex digits")
    asked = parser.add_argument_group("instead of a finding: why a document has none, or which")
    asked.add_argument("--document", metavar="NUMBER/NOTATION", help="the document, e.g. 814/UBND-VXNV, or its uid")
    asked.add_argument("--rule", metavar="R", help="the rule; its id or code")
    asked.add_argument("--sender", metavar="C", help="only documents of this agency; any of its codes")
    asked.add_argument("--issued", metavar="D", type=DAY_OPTION, help="only documents of this date")
    asked.add_argument("--recipient", metavar="C", help="only this recipient; any of its codes")
    days = "local day of the period (default: all days that were pulled)"
    asked.add_argument("--from", dest="first_day", metavar="D", type=DAY_OPTION, help=f"first {days}")
    asked.add_argument("--to", dest="last_day", metavar="D", type=DAY_OPTION, help=f"last {days}")
    add_as_of(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the output")


def _explain(context: Context) -> ExitStatus:
    """Prints the explanations."""
    from audit.explain.layout import as_json, as_text
    from audit.explain.wording import Wording

    arguments = context.arguments
    if (arguments.finding is None) == (arguments.document is None):
        raise UsageError("give either the id of a finding or --document with --rule")
    found = _of_finding(context) if arguments.finding else _of_document(context)
    wording = Wording(context.settings.labels)
    print(as_json(found, wording) if arguments.format == "json" else as_text(found, wording))
    return ExitStatus.DONE


def _of_finding(context: Context) -> list[Explanation]:
    from audit.pipeline.explaining import explain_by_id

    finding = context.arguments.finding.strip().lower()
    found = explain_by_id(context.workspace, finding, context.arguments.as_of)
    if found is None:
        raise UsageError(
            f"{finding!r} is no finding that the ledger or a judgement at hand knows; judge its period first"
        )
    return [found]


def _of_document(context: Context) -> list[Explanation]:
    from audit.pipeline.explaining import explain_document

    question = _question(context)
    found = explain_document(context.workspace, question, _period(context))
    if not found:
        raise UsageError(f"--document: no log tells of a document {question.reference!r} like that")
    return found


def _question(context: Context) -> Question:
    from audit.pipeline.explaining import Question
    from audit.rules import CATALOGUE

    arguments = context.arguments
    wanted = (arguments.rule or "").casefold()
    rules = [rule for rule in CATALOGUE if wanted in (rule.id, rule.code.casefold())]
    if not rules:
        raise UsageError(f"--rule: {arguments.rule!r} is no rule; `rules` lists them")
    if rules[0].group == "H":
        raise UsageError(f"--rule: {rules[0].code} is about systems and not about documents")
    canonical = context.workspace.registry.canonical_code
    return Question(
        reference=arguments.document,
        rule=rules[0],
        sender=arguments.sender and canonical(arguments.sender),
        recipient=arguments.recipient and canonical(arguments.recipient),
        issued_on=arguments.issued,
    )


def _period(context: Context) -> Period:
    """The period asked for; what is not given is the first and the last day that was pulled."""
    arguments, pulled = context.arguments, context.workspace.evidence.days()
    first, last = arguments.first_day, arguments.last_day
    if not pulled and (first is None or last is None):
        raise UsageError("nothing was pulled yet")
    first, last = first or pulled[0], last or pulled[-1]
    try:
        return asked_period(first, last, arguments.as_of, context.today)
    except ValueError as error:
        raise UsageError(f"--to: {error}") from None


COMMANDS = (
    Command("explain", "a finding back to its raw lines, deadline arithmetic and citation", _explain, _add_arguments),
)
