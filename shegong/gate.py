"""A person's hand at the second gate: hold a domain's figures, lift that, or let pass what an audit refused.

Nothing here publishes: the next audit honours it. Holds and waivers are kept with who, when and why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.types.json import Jsonb

from shegong.alerts.causes import DOMAINS
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.quality import domains
from shegong.settings import Settings

# A waiver is for the builds between a yes and the next publication; what returns later is asked anew.
WAIVED_FOR = timedelta(days=3)
# Meanwhile files go on coming in: a failing figure may move by this share and still be the one that was let pass.
DRIFT = 0.02

_WAITING = """
select domain, expectation, details
from ops.verdict
where
    severity = 'critical' and outcome in ('failed', 'errored') and submission_id is null and domain is not null
    and publication_id = (select max(publication_id) from ops.publication where state in ('audited', 'published'))
order by domain, expectation
"""


@dataclass(frozen=True)
class Hold:
    """A domain whose published figures stay, and who wants it so."""

    domain: str
    held_by: str
    held_at: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class Waiting:
    """A domain that the last audit refused: the failed checks, with their rows; `is_askable` where a person may let it pass."""

    domain: str
    title: str
    checks: dict[str, list[dict]]
    texts: dict[str, str]
    is_askable: bool


def names() -> list[str]:
    """The domains of the marts."""
    return sorted(set(domains.declared().values()))


def title(domain: str) -> str:
    """What people call a domain."""
    return DOMAINS.get(domain, {"measures": "指标", "quality": "报送情况"}.get(domain, domain))


def hold(
    settings: Settings,
    now: datetime,
    domain: str,
    by: str,
    reason: str,
    until: datetime | None = None,
) -> Hold:
    """Hold a domain from now on. Run again: the first hold stands. Raises ShegongError for a domain that isn't one."""
    _must_be_domain(domain)
    with connect(settings.dsn["loader"]) as connection:
        put_hold(connection, now, domain, by, reason, until)
        return next(found for found in holds(connection, now) if found.domain == domain)


def put_hold(
    connection: psycopg.Connection,
    now: datetime,
    domain: str,
    by: str,
    reason: str,
    until: datetime | None = None,
) -> None:
    """Write a hold where none stands."""
    # One that ended by itself makes room.
    connection.execute(
        "update ops.domain_hold set lifted_by = held_by, lifted_at = until, lift_reason = '到期'"
        " where domain = %s and lifted_at is null and until <= %s",
        [domain, now],
    )
    connection.execute(
        "insert into ops.domain_hold (domain, held_by, held_at, until, reason) values (%s, %s, %s, %s, %s)"
        " on conflict (domain) where lifted_at is null do nothing",
        [domain, by, now, until, reason],
    )


def holds(connection: psycopg.Connection, now: datetime) -> list[Hold]:
    """The holds that stand at a moment, by domain."""
    query = """
        select domain, held_by, held_at, until, reason from ops.domain_hold
        where held_at <= %(now)s and (lifted_at is null or lifted_at > %(now)s) and (until is null or until > %(now)s)
        order by domain
    """
    return [Hold(*row) for row in connection.execute(query, {"now": now})]


def release(settings: Settings, now: datetime, domain: str, by: str, reason: str) -> list[str]:
    """Lift the hold of a domain and let pass what its last audit refused; returns the checks that were waived.

    The next build publishes it, if nothing else fails. Run again: nothing more to do, an error says so.
    Raises ShegongError where nothing is held or waits, or where a check could not be asked at all.
    """
    _must_be_domain(domain)
    with connect(settings.dsn["loader"]) as connection:
        lifted = connection.execute(
            "update ops.domain_hold set lifted_by = %s, lifted_at = %s, lift_reason = %s"
            " where domain = %s and lifted_at is null",
            [by, now, reason, domain],
        ).rowcount
        found = [item for item in waiting(connection) if item.domain == domain]
        if found and not found[0].is_askable:
            raise ShegongError(
                f"{domain} waits for engineers: a check could not be asked.",
                "Mend what the incident names; nobody can let pass what nobody could look at.",
                "waits_engineers",
            )
        if not found and not lifted:
            raise ShegongError(
                f"Nothing of {domain} is held or waits.",
                "`shegong publications` shows what does.",
                "nothing_held",
            )
        waived = found[0].checks if found else {}
        for rule, rows in waived.items():
            connection.execute(
                "insert into ops.waiver (rule_id, domain, waived_rows, granted_by, granted_at, until, reason)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                [rule, domain, Jsonb(rows), by, now, now + WAIVED_FOR, reason],
            )
    return sorted(waived)


def waiting(connection: psycopg.Connection) -> list[Waiting]:
    """The domains that the last audit refused, with what failed; not those that a person holds."""
    by_domain: dict[str, list[tuple[str, dict]]] = {}
    for domain, rule, details in connection.execute(_WAITING):
        by_domain.setdefault(domain, []).append((rule, details))
    return [
        Waiting(
            domain,
            title(domain),
            {rule: details.get("shown", []) for rule, details in checks},
            {rule: details.get("text", rule) for rule, details in checks},
            all(details.get("shown") for _, details in checks),
        )
        for domain, checks in by_domain.items()
    ]


def waived(
    connection: psycopg.Connection, now: datetime, rule: str, domain: str, rows: Sequence[Mapping]
) -> bool:
    """Whether a person let pass all these failing rows of a check, about as they are."""
    query = """
        select waived_rows from ops.waiver
        where rule_id = %s and domain = %s and granted_at <= %s and until > %s
    """
    seen = [row for (kept,) in connection.execute(query, [rule, domain, now, now]) for row in kept]
    return bool(rows) and all(any(_same(row, other) for other in seen) for row in rows)


def _same(row: Mapping, other: Mapping) -> bool:
    return row.keys() == other.keys() and all(_near(row[name], other[name]) for name in row)


def _near(value: object, other: object) -> bool:
    numbers = [_number(value), _number(other)]
    if None in numbers:
        return value == other
    return abs(numbers[0] - numbers[1]) <= DRIFT * max(abs(numbers[0]), abs(numbers[1]))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _must_be_domain(domain: str) -> None:
    if domain not in names():
        raise ShegongError(
            f"There is no domain {domain}.", f"They are: {', '.join(names())}.", "domain_unknown"
        )


def told(held: Iterable[Hold]) -> dict[str, dict]:
    """Domain -> what the record of an audit says of its hold."""
    return {
        item.domain: {"by": item.held_by, "reason": item.reason, "text": "由专人暂停发布"} for item in held
    }
