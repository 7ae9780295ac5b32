"""`dbt source freshness` on the ledger: silence is counted in working days, and a holiday is none."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from quality_rows import agency
from warehouse_rows import Rows, settings_of

from shegong import reference_data, transform


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    reference_data.load(database.dsn["admin"])
    return settings_of(database.dsn, tmp_path_factory.mktemp("home"))


def heard(database, hours: float, days_off: int = 0) -> None:
    """The last report came so many hours ago; so many of the days since, and today, were off. All else was work."""
    last = datetime.now(UTC) - timedelta(hours=hours)
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("update ops.submission set received_at = %s", [last])
        connection.execute("delete from reference.workday where day >= %s", [last.date()])
        for back in range(int(hours // 24) + 2):
            day = datetime.now(UTC).date() - timedelta(days=back)
            connection.execute(
                "insert into reference.workday values (%s, %s) on conflict do nothing",
                [day, back >= days_off],
            )


@pytest.mark.parametrize(
    ("hours", "days_off", "status"),
    [
        (2, 0, "pass"),
        (29, 0, "pass"),
        (31, 0, "warn"),
        (55, 0, "error"),
        (24 * 9 + 2, 9, "pass"),
        (24 * 9 + 2, 7, "warn"),
    ],
)
def test_silence_is_counted_in_working_days(database, ours, hours, days_off, status) -> None:
    Rows(database.superuser_dsn).submit(
        "330106", "agency", f"2026-05-{6 + hours % 20:02d}", [agency(1)], mode="S"
    )
    heard(database, hours, days_off)
    (found,) = transform.invoke(ours, ["source", "freshness"], {})
    assert str(found.status) == status
