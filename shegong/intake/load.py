"""A file's way in: archive, ledger, read, check, stage. One call a file, safe to run again after any kill.

The delivery is noted first; everything that the file holds follows in one transaction, which also takes it off the
list of what is to do. Two runs at the same file take turns, and the second finds it done.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
from psycopg.types.json import Jsonb

from shegong import contract as contracts_module
from shegong import due, header_aliases
from shegong.archive import Archive, FileTooLarge
from shegong.calendar import SHANGHAI, WorkCalendar
from shegong.contract import Contract
from shegong.intake import admission, cover, envelope, explanations, headings, layout, messages, opening
from shegong.intake.envelope import Envelope, FileRefused
from shegong.intake.fingerprint import fingerprint
from shegong.intake.identify import NIL, identify
from shegong.intake.places.place import COUNTIES
from shegong.intake.rows import Context, RowChecker
from shegong.intake.sheets import Sheet
from shegong.intake.staging import SubmissionWriter
from shegong.people import Hasher
from shegong.settings import Settings
from shegong.vault import Vault

log = logging.getLogger(__name__)

_RECEIVE = """
insert into ops.delivery (
    source_path, content_hash, modified_at,
    place_unit_code, file_name, size_bytes, received_at, source_name, source_version, reply
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (source_path, content_hash, modified_at) do nothing
returning delivery_id
"""
_RECEIVED = """
select delivery_id from ops.delivery where source_path = %s and content_hash = %s and modified_at = %s
"""


@dataclass(frozen=True)
class Prepared:
    """A sheet that can be read: its contract, its columns, what its unknown headings may be, and its checks."""

    contract: Contract
    placed: list[layout.Placed]
    proposals: dict[int, headings.Proposal]
    checker: RowChecker


@dataclass
class Loader:
    """What loading needs, made once a task: contracts, units, calendar and keys. `now` is the run's."""

    settings: Settings
    connection: psycopg.Connection
    archive: Archive
    now: datetime
    contracts: dict[str, Contract] = field(default_factory=contracts_module.load)

    def __post_init__(self) -> None:
        rows = self.connection.execute(
            "select unit_code, unit_name, county_code from reference.unit"
        ).fetchall()
        self.units = {code: name for code, name, _ in rows}
        self.counties = {code: county for code, _, county in rows}
        self.calendar = WorkCalendar.from_database(self.connection)
        self.rules = due.DueRules.from_database(self.connection)
        self.hasher = Hasher(self.settings.person_key)
        self.vault = Vault(self.settings.vault_key)
        self.aliases = header_aliases.read(self.connection)
        self.headers = layout.all_headers() | self.aliases.headers
        self.connection.commit()

    def take(self, file: dict, source) -> int:
        """Load one found file (sources.Found as a dict) from `source`, its pathlib-like path; its delivery_id.

        Raises what the place or the database raises: the task fails and is retried; what the clerk did wrong is a
        refused submission and no error.
        """
        delivery_id, content_hash = self._receive(file, source)
        with self.connection.transaction():
            query = "select state from ops.delivery where delivery_id = %s for update"
            if self.connection.execute(query, [delivery_id]).fetchone()[0] != "received":
                return delivery_id
            earlier = self._earlier(delivery_id, content_hash, file)
            if earlier is None:
                self._read(delivery_id, content_hash, file)
            self.connection.execute(
                "update ops.delivery set state = %s, duplicate_of = %s where delivery_id = %s",
                ["read" if earlier is None else "duplicate", earlier, delivery_id],
            )
        return delivery_id

    def _earlier(self, delivery_id: int, content_hash: str, file: dict) -> int | None:
        """The delivery that this one repeats: same place and content, nothing else said by its name, and not all refused.

        A copy may have any name, such as …_01 (1).xlsx; the nil reports of two days may be the same bytes, and what was refused by its name or date comes back unchanged.
        """
        known = self.connection.execute(
            """select delivery_id, file_name from ops.delivery as d
            where content_hash = %s and place_unit_code = %s and delivery_id < %s and state = 'read' and exists (
                select from ops.submission as s where s.delivery_id = d.delivery_id and s.state <> 'refused')
            order by delivery_id""",
            [content_hash, file["unit_code"], delivery_id],
        ).fetchall()
        said = envelope.from_name(file["name"])
        if said == Envelope():
            return known[0][0] if known else None
        return next(
            (earlier for earlier, name in known if envelope.from_name(name) in (said, Envelope())), None
        )

    def _receive(self, file: dict, source) -> tuple[int, str]:
        """Archive the file and note the delivery, at once; both do nothing the second time."""
        limit = self.settings.limits.max_file_mib << 20
        try:
            with source.open("rb") as stream:
                content_hash, size = self.archive.put(stream, limit)
        except FileTooLarge:
            content_hash, size = f"larger than {limit}", file["size_bytes"]
        # a statement each, for another run's insert is seen by the next one only
        key = [file["path"], content_hash, file["modified_at"]]
        said = [
            *(file["unit_code"], file["name"], size, self.now, file.get("source", COUNTIES)),
            file.get("version", str(file["size_bytes"])),
            Jsonb(file["reply"]) if file.get("reply") else None,
        ]
        new = self.connection.execute(_RECEIVE, [*key, *said]).fetchone()
        return (new or self.connection.execute(_RECEIVED, key).fetchone())[0], content_hash

    def _read(self, delivery_id: int, content_hash: str, file: dict) -> None:
        """Every sheet of the file becomes a submission; what can't be read becomes a refused one."""
        name = envelope.from_name(file["name"])
        place = file["unit_code"]
        try:
            if place not in self.units:
                raise admission.unit_unknown(place)
            sheets = open_archived(self.archive, content_hash, self.headers, self.settings)
        except FileRefused as refused:
            self._refuse(delivery_id, place, name, refused)
            return
        sheets, forms = admission.split(sheets)
        covers = (form for form in forms if form.table == cover.COVER)
        stated = [line for form in covers for line in cover.read(form, self.contracts)]
        if not self._take_explanations(delivery_id, place, forms) and not sheets:
            self._refuse(delivery_id, place, name, admission.nothing())
        unfilled: list[tuple[Envelope, FileRefused]] = []
        for sheet in sheets:
            said = Envelope()
            try:
                if isinstance(sheet, FileRefused):
                    raise sheet
                said = identify(name, sheet, place, len(sheets), self.units, self.contracts, self._today())
                with self.connection.transaction():
                    self._load_sheet(delivery_id, sheet, said, stated)
            except FileRefused as refused:
                refused.sheet = refused.sheet or getattr(sheet, "name", "")
                if admission.is_unfilled(sheet, refused):
                    unfilled.append((said, refused))
                else:
                    self._refuse(delivery_id, place, said if said.table else name, refused)
        # in a package of forms those that nobody filled say nothing, unless nothing was filled at all
        if len(unfilled) == len(sheets):
            for said, refused in unfilled:
                self._refuse(delivery_id, place, said if said.table else name, refused)

    # What follows up to _load_sheet is done otherwise where a file is read again (shegong/replay/).

    def _today(self) -> date:
        """The day that no report date may be after."""
        return self.now.astimezone(SHANGHAI).date()

    def _contract(self, said: Envelope) -> Contract:
        return contracts_module.load(on=said.report_date)[said.table]

    def _take_explanations(self, delivery_id: int, place: str, forms: Sequence[Sheet]) -> int:
        """Note what a returned receipt explains; how many lines."""
        returned = (form for form in forms if form.table == explanations.EXPLANATIONS)
        lines = [line for form in returned for line in explanations.read(form)]
        return explanations.take(self.connection, self.contracts, delivery_id, place, lines, self.now)

    def _note_proposals(self, table: str, unit_code: str, proposals: Iterable[headings.Proposal]) -> None:
        header_aliases.note(self.connection, table, unit_code, proposals, self.now)

    def _replay_of(self, sheet_name: str, table: str | None) -> int | None:
        """The submission that this one is a later reading of; none for a file that comes."""

    def _prepare(self, sheet: Sheet, said: Envelope) -> Prepared:
        """Everything that reading a sheet's rows needs. Raises FileRefused where they can't be read at all."""
        table = self._contract(said)
        admission.check_version(sheet, table, said.report_date)
        table = layout.as_laid_out(sheet, table)
        known = self.aliases.of(said.table, said.unit_code, said.report_date)
        placed, proposals = headings.lay_out(sheet, table, said.mode, known)
        context = Context(said.unit_code, self.counties[said.unit_code], said.report_date, said.mode)
        return Prepared(table, placed, proposals, RowChecker(table, placed, context, self.hasher))

    def _load_sheet(
        self, delivery_id: int, sheet: Sheet, said: Envelope, stated: Sequence[cover.Stated]
    ) -> None:
        if said.table == NIL:
            self._load_nil(delivery_id, sheet, said)
            return
        ready = self._prepare(sheet, said)
        table, checker = ready.contract, ready.checker
        submission_id = self._submission(delivery_id, said, "staged", sheet.name, table.version)
        with SubmissionWriter(
            self.connection, table, submission_id, said.unit_code, sheet.name, self.vault, self.now
        ) as writer:
            for chunk in sheet.chunks:
                writer.write(checker.check(chunk))
            writer.finish([checker.totals()])
        if not writer.total:
            raise admission.no_rows(sheet)
        for told in remarks(sheet, ready, writer.total, stated):
            self._tell(submission_id, *told)
        self._note_proposals(said.table, said.unit_code, ready.proposals.values())
        self._note_parent(submission_id, sheet.parent)
        self.connection.execute(
            "update ops.submission set rows_total = %s, rows_accepted = %s, rows_refused = %s, layout = %s where submission_id = %s",
            [
                writer.total,
                writer.accepted,
                writer.refused,
                Jsonb(layout.printed(ready.placed)),
                submission_id,
            ],
        )

    def _load_nil(self, delivery_id: int, sheet: Sheet, said: Envelope) -> None:
        """A nil report: one submission in state nil for each table that it names."""
        for table in admission.nil_tables(sheet, self.contracts):
            nil = Envelope(said.unit_code, table, said.mode, said.report_date, said.sequence, said.version)
            self._submission(delivery_id, nil, "nil", sheet.name, None)

    def _submission(
        self, delivery_id: int, said: Envelope, state: str, sheet_name: str, version: str | None
    ) -> int:
        is_due = said.table in self.contracts and said.is_complete
        due_at = (
            due.due_at(
                self._contract(said),
                said.mode,
                said.report_date,
                self.calendar,
                self.rules,
                said.unit_code,
            )
            if is_due
            else None
        )
        return self.connection.execute(
            """insert into ops.submission (delivery_id, unit_code, table_name, sheet_name, mode, report_date, sequence,
                version, contract_version, state, received_at, due_at, is_late, read_with, replay_of)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning submission_id""",
            [
                delivery_id, said.unit_code, said.table, sheet_name, said.mode, said.report_date, said.sequence,
                said.version, version, state, self.now, due_at, bool(due_at and due.is_late(self.now, due_at)),
                fingerprint(self.aliases, said.table, said.unit_code, said.report_date),
                self._replay_of(sheet_name, said.table),
            ],
        ).fetchone()[0]  # fmt: skip

    def _refuse(self, delivery_id: int, place: str, said: Envelope, refused: FileRefused) -> None:
        known = Envelope(
            place,
            said.table if said.table in self.contracts else None,
            said.mode,
            said.report_date,
            said.sequence,
            said.version,
        )
        submission_id = self._submission(delivery_id, known, "refused", refused.sheet, None)
        self.connection.execute(
            "update ops.submission set reason = %s where submission_id = %s", [refused.text, submission_id]
        )
        self._tell(
            submission_id,
            refused.sheet,
            refused.rule_id,
            "F",
            refused.text,
            refused.mend,
            refused.row,
            header=refused.header or None,
        )
        if known.table:
            self._note_proposals(known.table, place, refused.proposals)
        log.info("refused %s: %s", delivery_id, refused.rule_id)

    def _note_parent(self, submission_id: int, parent: int | None) -> None:
        """Returned rows name the submission that they were refused of; one of another unit or table is no parent."""
        if parent is not None:
            self.connection.execute(
                """update ops.submission as own set parent_id = parent.submission_id from ops.submission as parent
                where own.submission_id = %s and parent.submission_id = %s and parent.submission_id < own.submission_id
                    and (own.unit_code, own.table_name) = (parent.unit_code, parent.table_name)""",
                [submission_id, parent],
            )

    def _tell(
        self, submission_id, sheet, rule_id, level, text, mend, row=None, letter=None, header=None
    ) -> None:
        self.connection.execute(
            """insert into ops.finding (submission_id, check_class, rule_id, level, sheet_name, row_number, column_letter, header, text, mend)
            values (%s, 'file', %s, %s, %s, %s, %s, %s, %s, %s)""",
            [submission_id, rule_id, level, sheet, row, letter, header, text, mend],
        )


def remarks(sheet: Sheet, ready: Prepared, total: int, stated: Sequence[cover.Stated]) -> Iterator[tuple]:
    """What is told of a sheet beside its rows, as the ledger keeps it: what its cover contradicts, what wasn't read."""
    for wrong in cover.mismatches(stated, ready.contract, total, ready.checker.sums):
        at = wrong.stated
        yield (
            at.sheet_name,
            wrong.rule_id,
            "E",
            wrong.text,
            wrong.mend,
            at.row_number,
            at.column_letter,
            at.item,
        )
    for column in layout.unknown(ready.placed):
        proposed = ready.proposals[column.index].field if column.index in ready.proposals else None
        text = messages.unknown_header(proposed)
        place = (sheet.header_row, column.letter, column.header[:60])
        yield (sheet.name, "file.header_unknown", "N", *text, *place)
    for notice in sheet.notices:
        yield (sheet.name, *notice, None, None, None)


def open_archived(
    archive: Archive, content_hash: str, headers: frozenset[str], settings: Settings
) -> list[Sheet | FileRefused]:
    """The sheets of an archived file, whatever its format. Raises FileRefused where the whole can't be read."""
    if content_hash.startswith("larger"):
        raise FileRefused(
            "too_large", f"文件超过 {settings.limits.max_file_mib} MiB 的上限", "请拆分成几个文件报送"
        )
    stream = archive.open(content_hash)
    return opening.open_sheets(stream, headers, settings.limits)
