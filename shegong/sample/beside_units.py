"""Organisations, money and totals beside other rows and tables."""

from collections.abc import Callable

import pandas as pd

from shegong.sample.register_day import Day, pairs_of


def _reg_area_unknown(day: Day, rows: pd.DataFrame) -> pd.Series:
    return ~rows["uscc"].str[2:4].eq("33")  # all codes of the sample that begin with 33 are areas


def _named(parent: str, code: str, name: str, own_code: str, own_name: str) -> Callable:
    def ask(day: Day, rows: pd.DataFrame) -> pd.Series:
        names = day.now(parent).set_index(code)[name]
        other = rows[own_code].map(names)
        return other.notna() & (rows[own_name] != other)

    return ask


def _certified_differ(day: Day, rows: pd.DataFrame) -> pd.Series:
    people = day.in_post[day.in_post["highest_level"] != "0"].groupby("employer_id").size()
    counted, said = rows["uscc"].map(people).fillna(0), rows["staff_certified"].astype(float)
    return (rows["status"] == "1") & (
        (said - counted).abs() * 5 > pd.concat([said, counted], axis=1).max(axis=1)
    )


def _agency_closed(day: Day, rows: pd.DataFrame) -> pd.Series:
    return rows["status"].isin(["2", "3"]) & rows["uscc"].isin(day.in_post["employer_id"])


def _community_closed(day: Day, rows: pd.DataFrame) -> pd.Series:
    posts = day.now("post")
    codes = {
        *day.in_post["community_code"].dropna(),
        *posts.loc[posts["status"] == "1", "community_code"].dropna(),
    }
    return (rows["status"] == "2") & rows["community_code"].isin(codes)


def _posts_differ(day: Day, rows: pd.DataFrame) -> pd.Series:
    posts = day.now("post")
    counted = (
        posts[(posts["status"] == "1") & posts["is_professional"].eq(True)].groupby("employer_id").size()
    )
    return rows["sw_pt_posts"].notna() & (rows["sw_pt_posts"] != rows["employer_id"].map(counted).fillna(0))


def _employer_unknown(day: Day, rows: pd.DataFrame) -> pd.Series:
    """An employer that was withdrawn on an earlier day; what goes today is known until it is built."""
    known = {*day.before("employer")["employer_id"], *day.now("employer")["employer_id"]}
    return ~rows["employer_id"].isin(known)


def _groups_differ(day: Day, rows: pd.DataFrame) -> pd.Series:
    parts = day.now("exam")
    parts = (
        parts[parts["source_group"] != "0"].groupby(["_unit", "exam_year", "cert_level"])["applicants"].sum()
    )
    total = pairs_of(rows, "_unit", "exam_year", "cert_level").map(parts.to_dict())
    return (rows["source_group"] == "0") & total.notna() & (rows["applicants"] != total)


def _over_contract(day: Day, rows: pd.DataFrame) -> pd.Series:
    at = pairs_of(rows, "_unit", "project_no")
    return at.map(day.money("received_yuan").to_dict()) > at.map(day.projects["_contract"].to_dict())


def _headcount_over(day: Day, rows: pd.DataFrame) -> pd.Series:
    staff = day.now("project_staff")
    staff = staff[staff["as_social_worker"].eq(True)].groupby(["_unit", "project_no"])["_person"].nunique()
    people = pairs_of(rows, "_unit", "project_no").map(staff.to_dict()).fillna(0)
    return rows["paid_headcount"].notna() & (rows["paid_headcount"].astype(float) * 5 > people * 6)


def _labour_share(low: float, high: float | None) -> Callable:
    def ask(day: Day, rows: pd.DataFrame) -> pd.Series:
        at = pairs_of(rows, "_unit", "project_no")
        labour, budget = at.map(day.labour.to_dict()), at.map(day.projects["_budget"].to_dict())
        return (
            (labour * 100 >= budget * low) & (labour * 100 <= budget * high)
            if high
            else labour * 100 > budget * low
        )

    return ask


def _labour_over_spent(day: Day, rows: pd.DataFrame) -> pd.Series:
    at = pairs_of(rows, "_unit", "project_no")
    return at.map(day.labour.to_dict()) > at.map(day.money("spent_yuan").to_dict())


def _totals_differ(day: Day, rows: pd.DataFrame) -> pd.Series:
    people = day.now("talent")
    people = people[people["status"] != "9"]
    certified = people[people["highest_level"] != "0"]
    posts, agencies = day.now("post"), day.now("agency")
    counted = {("social_work_talent_total", u): n for u, n in people["_unit"].value_counts().items()}
    counted |= {("certified_total", u): n for u, n in certified["_unit"].value_counts().items()}
    counted |= {
        (f"certified_level_{v}", u): n
        for (u, v), n in certified.groupby(["_unit", "highest_level"]).size().items()
    }
    counted |= {("posts", u): n for u, n in posts.loc[posts["status"] == "1", "_unit"].value_counts().items()}
    counted |= {
        ("agencies", u): n for u, n in agencies.loc[agencies["status"] == "1", "_unit"].value_counts().items()
    }
    found = pairs_of(rows, "metric", "_unit").map(counted)
    said = rows["value"].astype(float)
    month = rows["_report"].dt.strftime("%Y-%m")
    last = (rows["_report"] - pd.DateOffset(months=1)).dt.strftime("%Y-%m")
    asked = (rows["breakdown"].fillna("全部") == "全部") & (rows["precision"].fillna("1") == "1")
    asked &= (rows["period"] == month) | (rows["period"] == last)
    return (
        asked
        & found.notna()
        & ((said - found).abs() * 20 > pd.concat([said, found.astype(float)], axis=1).max(axis=1))
    )


# table -> (rule, level, field that is blamed, which rows)
RULES: dict[str, tuple] = {
    "agency": (
        ("reg_area_unknown", "W", "uscc", _reg_area_unknown),
        (
            "named_otherwise",
            "W",
            "agency_name",
            _named("employer", "employer_id", "employer_name", "uscc", "agency_name"),
        ),
        ("certified_against_roster", "W", "staff_certified", _certified_differ),
        ("closed_with_people", "W", "status", _agency_closed),
    ),
    "community": (("closed_with_people", "W", "status", _community_closed),),
    "employer": (
        (
            "named_otherwise",
            "W",
            "employer_name",
            _named("agency", "uscc", "agency_name", "employer_id", "employer_name"),
        ),
        ("professional_posts_differ", "W", "sw_pt_posts", _posts_differ),
    ),
    **dict.fromkeys(
        ("employer_year", "pay", "evaluation"), (("employer_unknown", "W", "employer_id", _employer_unknown),)
    ),
    "exam": (("groups_against_total", "W", "applicants", _groups_differ),),
    "funding": (("project_over_contract", "W", "project_no", _over_contract),),
    "labour_cost": (
        ("headcount_over_staff", "W", "paid_headcount", _headcount_over),
        ("share_near_limit", "N", "labour_total_yuan", _labour_share(65, 70)),
        ("share_over_limit", "W", "labour_total_yuan", _labour_share(70, None)),
        ("labour_over_spent", "W", "labour_total_yuan", _labour_over_spent),
    ),
    "summary": (("differs_from_rosters", "W", "value", _totals_differ),),
}
