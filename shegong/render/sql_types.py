"""PostgreSQL's type for each field of a contract. No SQL is made here: `shegong check` has no database driver."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shegong.contract_model import Field

_SQL_TYPES = {
    "text": "text",
    "code": "text",
    "codes": "text",
    "integer": "integer",
    "date": "date",
    "month": "date",
    "boolean": "boolean",
    "document": "text",
    "name": "text",
}


def sql_type(field: "Field") -> str:
    """PostgreSQL type of a staged field. A month is the first day of it; money keeps its declared scale."""
    return f"numeric(18,{field.scale or 0})" if field.type == "decimal" else _SQL_TYPES[field.type]
