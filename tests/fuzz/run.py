"""The fuzzer: `python -m tests.fuzz.run --mutants 100000`. Each mutant must get an answer; none may end the reader.

A worker process reads mutants as `shegong check` would, under a limit of memory; the parent watches it. A worker that
ends, or is silent too long, is a failure, as is any exception but a refusal: its mutant is kept in --keep.
"""

import argparse
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

from tests.fuzz.mutate import mutant

CORPUS = Path(__file__).parent / "corpus"
TODAY = date(2026, 5, 6)
MEMORY = 6 << 30  # address space of a worker; polars and its threads reserve much that they never touch
SILENT = 60  # seconds that one mutant may take before it counts as hanging


def seeds() -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(CORPUS.iterdir()) if path.is_file()]


def made(number: int, seed: int, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The mutant of this number: its file name and content."""
    random_ = random.Random(f"{seed}:{number}")
    name, content = files[number % len(files)]
    return name, mutant(content, random_)


def answer(path: Path) -> str:
    """What becomes of a file: 'refused', 'findings' or 'clean'. Raises what the reader raises."""
    from shegong.intake.check import check

    reports = check(path, TODAY, unit="330106")
    assert reports, "no answer"
    for report in reports:
        for finding in report.findings:
            assert finding["text"] and finding["mend"], finding["rule_id"]
    if any(finding["level"] == "F" for report in reports for finding in report.findings):
        return "refused"
    return "findings" if any(report.findings for report in reports) else "clean"


def _work(numbers: range, seed: int, out) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    files = seeds()
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            name, content = made(number, seed, files)
            path = Path(folder) / name
            path.write_bytes(content)
            out.send((number, None))
            try:
                outcome = answer(path)
            except BaseException as error:  # noqa: BLE001 a panic of the reading library is no Exception
                outcome = f"{type(error).__name__}: {str(error)[:200]}"
            out.send((number, outcome))


def fuzz(first: int, last: int, seed: int) -> tuple[Counter, dict[int, str]]:
    """Outcomes counted, and the failures by the mutant's number."""
    counts: Counter[str] = Counter()
    failures: dict[int, str] = {}
    context = multiprocessing.get_context("spawn")
    while first < last:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(range(first, last), seed, theirs))
        worker.start()
        theirs.close()
        at, why = first - 1, None
        while True:
            try:
                if not ours.poll(SILENT):
                    why = f"hangs longer than {SILENT} s"
                    worker.kill()
                    break
                number, outcome = ours.recv()
            except EOFError:
                break
            at = number
            if outcome in ("refused", "findings", "clean"):
                counts[outcome] += 1
                why = None
            elif outcome is not None:
                failures[number] = outcome
                why = None
            else:
                why = "ended the process"
        worker.join()
        if at < first and why is None:
            raise RuntimeError(f"no worker starts (exit code {worker.exitcode})")
        if why:
            failures[at] = f"{why} (exit code {worker.exitcode})"
        first = at + 1
    return counts, failures


def _tell(failed: dict[int, str], seed: int, keep: Path | None) -> None:
    files = seeds()
    for number, why in failed.items():
        name, content = made(number, seed, files)
        print(f"mutant {number} of {name}: {why}")
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{number}-{name}").write_bytes(content)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for mutants that were not answered")
    said = parser.parse_args()
    begun, counts, failures = time.monotonic(), Counter(), {}
    for first in range(said.first, said.first + said.mutants, 5000):
        last = min(first + 5000, said.first + said.mutants)
        more, failed = fuzz(first, last, said.seed)
        counts += more
        failures |= failed
        _tell(failed, said.seed, said.keep)
        print(
            f"{last - said.first} mutants, {time.monotonic() - begun:.0f} s: {dict(counts)}, {len(failures)} failures",
            flush=True,
        )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
