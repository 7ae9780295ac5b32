"""`shegong release`, `reject`, `claims`, `extension`, `punctuality`: the bureau's hand in the life of a submission."""

import os
from collections.abc import Callable

import click

from shegong import settings
from shegong.runtime.progress import console

_SUBMISSION = click.argument("submission_id", metavar="ID", type=int)
_BY = click.option("--by", required=True, help="Who decides, by name.")
_REASON = click.option("--reason", required=True, help="Why; the county reads it in its receipt.")


def _now():
    from shegong.cli import week_now

    return week_now()


def _decision(outcome: Callable, submission_id: int, by: str, reason: str) -> None:
    done = outcome(settings.load(os.environ), _now(), submission_id, by, reason)
    console.print(
        f"Submission {done.submission_id} is {done.state}. Earlier versions replaced: {done.replaced}; receipts written: {done.receipts}."
    )


@click.command()
@_SUBMISSION
@_BY
@_REASON
def release(submission_id: int, by: str, reason: str) -> None:
    """Accept a held submission: it counts with the next build, where its dates put it."""
    from shegong import decisions

    _decision(decisions.release, submission_id, by, reason)


@click.command()
@_SUBMISSION
@_BY
@_REASON
def reject(submission_id: int, by: str, reason: str) -> None:
    """Leave a held submission out for good; what was accepted before stays in force."""
    from shegong import decisions

    _decision(decisions.reject, submission_id, by, reason)


COMMANDS = (release, reject)
