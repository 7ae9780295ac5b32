"""A contract as a Great Expectations suite: the second lock on the reader (architecture, decision 2).

The suite asks of staged rows what the reader asked of cells; where it is red, the fault is ours. It is asked
of all staged columns with `_report_date`, `_mode`, `_county_code` of the submission (shegong/judge.py).
Limits that need the past belong to expectations/plausibility/, which is written by hand.
"""

# ruff: noqa: S608 - what is put into SQL here are names and types of the contracts, which are code

import json
from pathlib import Path

from shegong import contract as contracts
from shegong.contract import Contract, Field
from shegong.render.staging import all_columns

FOLDER = Path(__file__).resolve().parent.parent.parent / "expectations" / "submissions"

SEVERITIES = {"F": "critical", "E": "critical", "W": "warning", "N": "info", "I": "info", "P": "info"}

# Where a cell that is never staged as it is leaves its trace (Contract.derived).
TRACES = {"document": "person_key", "name": "name_key", "birth": "birth_year"}

# GB 32100-2015: the alphabet without I, O, S, V, Z and the weights 3^(i-1) mod 31 of the first 17 characters.
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = [pow(3, i, 31) for i in range(17)]

# UnexpectedRowsExpectation hands back 200 rows at most, so a claim names all its submissions in one.
_FAILING = (
    "select string_agg(distinct _submission_id::text, ',') as submissions, count(*) as failing_rows "
    "from {{batch}} where not ({ok}) having count(*) > 0"
)


def render(contract: Contract) -> dict:
    """The suite of one table. The same contract always gives the same suite."""
    expectations = [_types(contract), _unique_key(contract), *_key_given(contract)]
    for field in contract.fields:
        expectations += _of_field(contract, field)
    expectations += [_of_rule(rule) for rule in contract.rules]
    if contract.has_person:
        expectations += _of_person(contract)
    return {
        "name": f"submissions.{contract.table}",
        "expectations": expectations,
        "meta": {
            "table": contract.table,
            "title": contract.title,
            "version": contract.version,
            "domain": contract.domain,
            "fields": {field.name: _said(field) for field in contract.fields},
        },
    }


def render_all(folder: Path = FOLDER) -> dict[Path, str]:
    """Path -> text of every generated suite, one a version. A test compares them with what is committed."""
    return {
        folder / _file(contract, first=contract is history[0]): json.dumps(
            render(contract), ensure_ascii=False, indent=1
        )
        + "\n"
        for history in contracts.versions().values()
        for contract in history
    }


def _file(contract: Contract, *, first: bool) -> str:
    return f"{contract.table}.json" if first else f"{contract.table}.{contract.valid_from}.json"


def write_all(folder: Path = FOLDER) -> None:
    """Write the generated suites; run it after a change of a contract."""
    for path, text in render_all(folder).items():
        path.write_text(text, encoding="utf-8")


def _said(field: Field) -> dict:
    """What a suite can't ask of a row but its reader wants to know: nothing that is declared is dropped."""
    said = {
        "header": field.header,
        "type": field.type,
        "description": field.description,
        "aliases": list(field.aliases),
        "default": field.default,
        "unit": field.unit,
        "check": field.check,
        "scale": field.scale,
        "personal": field.personal,
        "stored": field.stored,
        "mergeable": field.mergeable,
        "labels": field.codes and field.codes.codes,
        "max_length": field.max_length,
    }
    return {name: value for name, value in said.items() if value not in (None, [], False) or name == "stored"}


def _expectation(kind: str, rule_id: str, text: str, severity: str = "critical", **kwargs: object) -> dict:
    return {
        "type": kind,
        "kwargs": kwargs,
        "severity": severity,
        "meta": {"rule_id": rule_id, "text": text},
    }


def rows_expectation(ok: str, rule_id: str, text: str, severity: str = "critical") -> dict:
    """The claim that `ok` holds on every row; null counts as kept, as in the contract."""
    query = _FAILING.format(ok=ok.replace("{", "{{").replace("}", "}}"))
    return _expectation("unexpected_rows_expectation", rule_id, text, severity, unexpected_rows_query=query)


def _of_rule(rule: contracts.Rule) -> dict:
    return rows_expectation(rule.ok, rule.rule_id, rule.text, SEVERITIES[rule.level])


def _types(contract: Contract) -> dict:
    """Every declared column is there in its declared type, which staging's DDL adds but never changes."""
    # Names and types are the contracts', so nothing of a county gets into this SQL.
    declared = ", ".join(f"('{c.name}', '{c.sql_type}')" for c in all_columns(contract))
    query = (
        "select (select string_agg(distinct _submission_id::text, ',') from {batch}) as submissions, "
        "string_agg(declared.column_name, ',') as columns "
        f"from (values {declared}) as declared (column_name, sql_type) "
        f"left join pg_attribute as present on present.attrelid = 'staging.{contract.table}'::regclass "
        "and present.attname = declared.column_name and not present.attisdropped "
        "where format_type(present.atttypid, present.atttypmod) is distinct from declared.sql_type "
        "having count(*) > 0"
    )
    rule_id = f"{contract.table}.types"
    return _expectation(
        "unexpected_rows_expectation", rule_id, "列的类型与合同不符", unexpected_rows_query=query
    )


def _unique_key(contract: Contract) -> dict:
    # the same key on two days is two statements, as the reader has it (rows.py)
    key = ", ".join(("_submission_id", *contract.key, "coalesce(effective_date, _report_date)"))
    query = (
        "select string_agg(distinct _submission_id::text, ',') as submissions, "
        "sum(times)::bigint as failing_rows "
        "from (select _submission_id, count(*) as times "
        f"from {{batch}} group by {key} having count(*) > 1)"
        " as repeated having count(*) > 0"
    )
    rule_id = f"{contract.table}.duplicate_key"
    return _expectation(
        "unexpected_rows_expectation", rule_id, "同一报送中主键重复", unexpected_rows_query=query
    )


def _key_given(contract: Contract) -> list[dict]:
    """A part of the key may come from a default or the submission: required or not, it can't be empty."""
    required = {_column(contract, f) for f in contract.fields if f.required}
    return [_not_null(contract, name, "主键列为空") for name in contract.key if name not in required]


def _not_null(contract: Contract, column: str, text: str) -> dict:
    return _expectation(
        "expect_column_values_to_not_be_null", f"{contract.table}.{column}.required", text, column=column
    )


def _column(contract: Contract, field: Field) -> str | None:
    """The staged column that shows whether the field was read well; None where nothing of it is kept."""
    name = field.name if field.is_staged else TRACES.get(field.personal or "", field.name)
    return name if name in {column.name for column in contract.columns} else None


def _of_field(contract: Contract, field: Field) -> list[dict]:
    column = _column(contract, field)
    if column is None:
        return []
    made = []
    if field.required:
        made.append(_not_null(contract, column, f"{field.header}为空"))
    if field.required_when:
        ok = f"not ({field.required_when}) or {column} is not null"
        made.append(rows_expectation(ok, f"{contract.table}.{column}.required_when", f"{field.header}为空"))
    if field.codes:
        made += _of_codes(contract, field, column)
    return made + (
        _of_value(contract, field, column) if field.is_staged else _of_trace(contract, field, column)
    )


def _of_codes(contract: Contract, field: Field, column: str) -> list[dict]:
    rule_id, codes = f"{contract.table}.{column}", list(field.codes.codes)
    if field.type == "codes":
        return _of_several_codes(field, column, rule_id)
    made = [
        _expectation(
            "expect_column_values_to_be_in_set",
            f"{rule_id}.code",
            f"{field.header}不在代码表中",
            column=column,
            value_set=codes,
        )
    ]
    if field.warn_codes:
        kind, text = "expect_column_values_to_not_be_in_set", f"{field.header}是需要核实的代码"
        warned = list(field.warn_codes)
        made.append(
            _expectation(kind, f"{rule_id}.warn_code", text, "warning", column=column, value_set=warned)
        )
    return made


def _of_several_codes(field: Field, column: str, rule_id: str) -> list[dict]:
    """A cell of several codes: each of them in the list, and none of those that must be explained."""
    one, warned = "|".join(field.codes.codes), "|".join(field.warn_codes)
    made = [
        rows_expectation(
            f"{column} ~ '^({one})(,({one}))*$'", f"{rule_id}.code", f"{field.header}不在代码表中"
        )
    ]
    if field.warn_codes:
        ok = f"{column} !~ '(^|,)({warned})(,|$)'"
        made.append(
            rows_expectation(ok, f"{rule_id}.warn_code", f"{field.header}有需要核实的代码", "warning")
        )
    return made


def _of_value(contract: Contract, field: Field, column: str) -> list[dict]:
    rule_id, header, made = f"{contract.table}.{column}", field.header, []
    if field.max_length is not None:
        kind = "expect_column_value_lengths_to_be_between"
        made.append(
            _expectation(
                kind, f"{rule_id}.length", f"{header}过长", column=column, max_value=field.max_length
            )
        )
    if field.min is not None or field.max is not None:
        bounds = {"min_value": _bound(field, field.min), "max_value": _bound(field, field.max)}
        given = {name: value for name, value in bounds.items() if value is not None}
        kind = "expect_column_values_to_be_between"
        made.append(_expectation(kind, f"{rule_id}.range", f"{header}超出范围", column=column, **given))
    if field.pattern:
        kind = "expect_column_values_to_match_regex"
        made.append(
            _expectation(kind, f"{rule_id}.pattern", f"{header}格式不符", column=column, regex=field.pattern)
        )
    if field.type == "month":
        made.append(
            rows_expectation(f"extract(day from {column}) = 1", f"{rule_id}.type", f"{header}不是年月")
        )
    if field.check in ("uscc", "employer_id"):
        made.append(
            rows_expectation(_check_digit_kept(column), f"{rule_id}.check_digit", f"{header}校验位不符")
        )
    return made


def _of_trace(contract: Contract, field: Field, column: str) -> list[dict]:
    """A birth date leaves its year, which must lie within the date's own bounds."""
    if field.personal != "birth" or (field.min is None and field.max is None):
        return []
    bounds = {"min_value": field.min, "max_value": field.max}
    years = {name: int(value[:4]) for name, value in bounds.items() if value is not None}
    kind, rule_id = "expect_column_values_to_be_between", f"{contract.table}.{column}.range"
    return [_expectation(kind, rule_id, f"{field.header}超出范围", column=column, **years)]


def _bound(field: Field, text: str | None) -> int | float | str | None:
    if text is None or field.type in ("date", "month"):
        return text
    return int(text) if field.type == "integer" else float(text)


def _check_digit_kept(column: str) -> str:
    """SQL: a code of 18 characters has the right last one. Codes of another length have no check digit."""
    weights = ", ".join(map(str, _USCC_WEIGHTS))
    position = f"(strpos('{_USCC_ALPHABET}', substr({column}, {{}}, 1)) - 1)"
    total = (
        f"select sum({position.format('place::integer')} * weight) "
        f"from unnest(array[{weights}]) with ordinality as weighed (weight, place)"
    )
    return f"length({column}) <> 18 or (({total}) + {position.format('18')}) % 31 = 0"


def _of_person(contract: Contract) -> list[dict]:
    """No document number gets past the vault, and whoever is named says what kind of document it is."""
    table = contract.table
    return [
        rows_expectation(
            "person_key is null or id_type is not null",
            f"{table}.id_type.required",
            "有证件号码而没有证件类型",
        ),
        rows_expectation("person_mask !~ '[0-9]{8}'", f"{table}.person_mask.unmasked", "证件号码没有遮盖"),
        rows_expectation(
            "(person_key is null) = (person_mask is null)",
            f"{table}.person_mask.required",
            "证件遮盖与散列不成对",
        ),
    ]
