"""Every setting of Shegong, declared once, read from the environment.

The demo writes them to `.shegong/env`; production gives them in `.env`. Nothing else reads the environment.
"""

import base64
import os
from dataclasses import dataclass, fields
from pathlib import Path

from shegong.intake.limits import Limits

ROLES = ("admin", "loader", "transformer", "auditor", "publisher", "bi_reader")


@dataclass(frozen=True)
class Setting:
    """One environment variable. `default` None means that it must be given; a secret is never shown."""

    name: str
    meaning: str
    default: str | None = None
    secret: bool = False


SETTINGS = (
    Setting("SHEGONG_HOME", "folder of everything that runs and is not code", ".shegong"),
    *(
        Setting(f"SHEGONG_DSN_{role.upper()}", f"PostgreSQL address that logs in as {role}", secret=True)
        for role in ROLES
    ),
    Setting(
        "SHEGONG_COUNTIES_URL", "the counties' places: <unit>/submit/ is read, <unit>/receipts/ is written"
    ),
    Setting("SHEGONG_ARCHIVE_URL", "the encrypted archive of every file that came"),
    Setting("SHEGONG_OUTBOX_URL", "folder for mails as .eml while no SMTP connection is named"),
    Setting(
        "SHEGONG_SMTP_CONNECTION", "Airflow connection that mails leave by; empty: the outbox folder", ""
    ),
    Setting("SHEGONG_MAIL_FROM", "sender of mails", "shegong@localhost"),
    Setting("SHEGONG_MAIL_TO", "who gets the province's digest", "bureau@localhost"),
    Setting(
        "SHEGONG_PAGE_URL",
        "address of the incidents' page that the bureau's messages link to, <airflow>/bureau/incidents; empty: no link",
        "",
    ),
    Setting(
        "SHEGONG_PERSON_KEY",
        "key of the hash that stands for a document number (base64, 32 bytes)",
        secret=True,
    ),
    Setting(
        "SHEGONG_VAULT_KEY", "key that encrypts names and document numbers (base64, 32 bytes)", secret=True
    ),
    Setting("SHEGONG_ARCHIVE_KEY", "key that encrypts archived files (base64, 32 bytes)", secret=True),
    Setting("SHEGONG_OWNER_NAME", "the office that runs the warehouse, as texts name it", "省民政厅"),
    Setting("SHEGONG_GIT_SHA", "commit of the code where it is no clone (an image); empty: git is asked", ""),
    Setting(
        "SHEGONG_RUNS_BY_CLOCK",
        "yes: the DAGs follow their timetables; no: only assets and people start them",
        "yes",
    ),
    Setting("SHEGONG_MAX_FILE_MIB", "largest file that is read, in MiB", str(Limits.max_file_mib)),
    Setting("SHEGONG_MAX_SHEET_CELLS", "largest sheet that is read, in cells", str(Limits.max_sheet_cells)),
    Setting("SHEGONG_MAX_COLUMNS", "most columns of a sheet", str(Limits.max_columns)),
    Setting(
        "SHEGONG_MAX_UNPACKED_MIB",
        "largest workbook that is read, unpacked, in MiB",
        str(Limits.max_unpacked_mib),
    ),
    Setting(
        "SHEGONG_MAX_UNPACK_RATIO",
        "most unpacked bytes for a packed one, beyond 64 MiB",
        str(Limits.max_unpack_ratio),
    ),
    Setting("SHEGONG_MAX_PACKAGE_PARTS", "most parts of a workbook's package", str(Limits.max_package_parts)),
    Setting(
        "SHEGONG_SETTLE_SECONDS",
        "a file changed less than this many seconds ago may still be being written, and waits",
        "30",
    ),
    Setting("SHEGONG_SOURCE_WAIT_SECONDS", "longest wait for one answer of a county's server", "20"),
    Setting(
        "SHEGONG_SOURCE_WORK_SECONDS", "longest time that one file may take from a county's server", "900"
    ),
    Setting("SHEGONG_DISK_FREE_GIB", "less room than this on a disk is an incident, in GiB", "10"),
    Setting("SHEGONG_MAX_MAIL_MIB", "largest attachment that is taken from a mailbox, in MiB", "50"),
)


class SettingMissing(RuntimeError):
    """A setting without default was not given; the text says which and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process. Keys are raw bytes; sizes are in the unit of their name."""

    home: Path
    dsn: dict[str, str]
    counties_url: str
    archive_url: str
    outbox_url: str
    smtp_connection: str
    mail_from: str
    mail_to: str
    page_url: str
    person_key: bytes
    vault_key: bytes
    archive_key: bytes
    owner_name: str
    git_sha: str
    limits: Limits
    settle_seconds: float
    disk_free_gib: float
    source_wait_seconds: float
    source_work_seconds: float
    max_mail_mib: int


def load(environment: dict[str, str] | None = None) -> Settings:
    """Read all settings. Raises SettingMissing with the names of all that are missing."""
    env = os.environ if environment is None else environment
    values = {s.name: env.get(s.name) or s.default for s in SETTINGS}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise SettingMissing(
            f"not set: {', '.join(missing)}. Run `shegong up` for a demo, or fill in .env (see .env.example)."
        )
    value = {name.removeprefix("SHEGONG_").lower(): text for name, text in values.items()}
    return Settings(
        home=Path(value["home"]).resolve(),
        dsn={role: value[f"dsn_{role}"] for role in ROLES},
        counties_url=value["counties_url"],
        archive_url=value["archive_url"],
        outbox_url=value["outbox_url"],
        smtp_connection=value["smtp_connection"],
        mail_from=value["mail_from"],
        mail_to=value["mail_to"],
        page_url=value["page_url"],
        person_key=_key(value["person_key"], "SHEGONG_PERSON_KEY"),
        vault_key=_key(value["vault_key"], "SHEGONG_VAULT_KEY"),
        archive_key=_key(value["archive_key"], "SHEGONG_ARCHIVE_KEY"),
        owner_name=value["owner_name"],
        git_sha=value["git_sha"],
        limits=Limits(**{each.name: int(value[each.name]) for each in fields(Limits)}),
        settle_seconds=float(value["settle_seconds"]),
        disk_free_gib=float(value["disk_free_gib"]),
        source_wait_seconds=float(value["source_wait_seconds"]),
        source_work_seconds=float(value["source_work_seconds"]),
        max_mail_mib=int(value["max_mail_mib"]),
    )


def runs_by_clock() -> bool:
    """Whether timetables count. Asked while Airflow reads the DAGs, when no other setting need be there."""
    return (os.environ.get("SHEGONG_RUNS_BY_CLOCK") or "yes") == "yes"


def _key(text: str, name: str) -> bytes:
    key = base64.b64decode(text)
    if len(key) != 32:
        raise SettingMissing(
            f"{name} must be 32 bytes in base64, it has {len(key)}. Make one: openssl rand -base64 32"
        )
    return key
