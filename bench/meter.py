"""What each part of intake takes: calls are timed where they stand, without a word about it in the product."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shegong.archive import Archive
from shegong.intake import csv_reader, opening, rows, staging, vault_rows, workbook_reader
from shegong.intake.load import Loader
from shegong.intake.seen_keys import SeenKeys
from shegong.people import Hasher

# part -> the calls that make it up; a call inside another counts for its own part only
_PARTS = (
    ("archive", Archive, "put"),
    ("read", csv_reader, "read"),
    ("read", workbook_reader, "read"),
    ("check", rows.RowChecker, "check"),
    ("check", rows.RowChecker, "totals"),
    ("hash", Hasher, "keys"),
    ("stage: encode", staging.SubmissionWriter, "_rows"),
    ("vault: seal", vault_rows.Waiting, "add"),
    ("vault: seal", vault_rows.Waiting, "all"),
    ("vault: seal", vault_rows, "persons"),
    ("vault: look up", vault_rows.Newcomers, "ask"),
    ("vault: look up", vault_rows.Newcomers, "among"),
    ("findings", staging.SubmissionWriter, "_findings"),
    ("findings", staging.SubmissionWriter, "_refused"),
    ("duplicates", SeenKeys, "again"),
    ("ledger", Loader, "_receive"),
    ("ledger", Loader, "_submission"),
)


class Meter:
    """Seconds by part. Parts run in three threads side by side, so that their sum is more than the whole."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner = threading.local()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        outer, begun = getattr(self._inner, "seconds", 0.0), time.perf_counter()
        self._inner.seconds = 0.0
        try:
            yield
        finally:
            spent = time.perf_counter() - begun
            self.seconds[name] += spent - self._inner.seconds
            self._inner.seconds = outer + spent

    def timed(self, name: str, call: Callable) -> Callable:
        def measured(*args, **keywords):
            with self.part(name):
                return call(*args, **keywords)

        return measured

    def attach(self) -> None:
        """From now on every part of intake in this process is timed."""
        for name, owner, attribute in _PARTS:
            setattr(owner, attribute, self.timed(name, getattr(owner, attribute)))
        self._attach_chunks()
        self._attach_copies()

    def _attach_chunks(self) -> None:
        """Reading goes on while the chunks of a sheet are taken."""
        opened = opening.open_sheets

        def open_sheets(*args):
            sheets = opened(*args)
            for sheet in sheets:
                if chunks := getattr(sheet, "chunks", None):
                    sheet.chunks = self._timed_items("read", chunks)
            return sheets

        opening.open_sheets = open_sheets

    def _timed_items(self, name: str, items: Iterator) -> Iterator:
        advance = self.timed(name, next)
        while (item := advance(items, None)) is not None:
            yield item

    def _attach_copies(self) -> None:
        """One method sends all COPYs; the table tells whose it is."""
        copy = staging.SubmissionWriter._copy

        def measured(writer, statement, content):
            text = statement.as_string(None)
            name = "vault: copy" if "vault" in text else "stage: copy" if "staging" in text else "findings"
            with self.part(name):
                copy(writer, statement, content)

        staging.SubmissionWriter._copy = measured
