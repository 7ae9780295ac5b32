"""A person's name beside the talent roster's."""

from psycopg import sql

from shegong.contract import Contract
from shegong.register.asking import Asking, Question, row_set

DIFFERS = Question("name_differs", "W", "姓名与人才花名册中的不一致", "请核对姓名和证件号码，可能整列错位")


def ask_names(asking: Asking, table: Contract) -> None:
    """A name against the talent roster's for the same person; a person may be known by several, one must agree."""
    if not table.has_person:
        return
    talent = asking.contracts["talent"]
    asking.make(talent)
    names = sql.SQL("select person_key, name_key from {} where name_key is not null").format(
        row_set("known", talent)
    )
    if table is not talent:
        names += sql.SQL(" union all select person_key, name_key from {} where name_key is not null").format(
            row_set("batch", talent)
        )
    condition = sql.SQL(
        "row.name_key is not null and exists (select from ({names}) as other where other.person_key = row.person_key)"
        " and not exists (select from ({names}) as other where other.person_key = row.person_key and other.name_key = row.name_key)"
    ).format(names=names)
    asking.tell(table, DIFFERS, "person_name", condition)
