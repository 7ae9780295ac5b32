"""What `recomputed` does for people and posts, for the rest: events, agencies, townships, requests, volunteers, money, tasks.

Plain pandas by the words of the paper's measures, and not a line of the product. Each takes rows of `recomputed.rows_of`.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

REFERENCE = Path(__file__).resolve().parents[2] / "shegong" / "reference"
DAY = pd.Timestamp("2026-05-06")
YEAR = DAY.year
# Hangzhou's districts that went into others in 2021.
GONE = {"330103": "330105", "330104": "330102"}
Told = dict[tuple[str, str, str], float]
Sums = Callable[..., pd.Series]

# measure, figure: event type, what is added up (rows or a column), of this year.
OF_THE_YEAR = {
    ("M03-1", "value"): ("0301", "quantity"),
    ("M03-1", "departments"): ("0302", "quantity"),
    ("M06-7", "settled"): ("0604", "quantity"),
    ("M06-7", "housed"): ("0605", "quantity"),
    ("M06-8", "proposed"): ("0606", "quantity"),
    ("M06-8", "value"): ("0607", "quantity"),
    ("M10-5", "activities"): ("1002", None),
    ("M11-3", "value"): ("1101", "quantity"),
    ("M11-3", "plans"): ("1102", "quantity"),
    ("M11-3", "teams"): ("1103", "quantity"),
    ("M11-3", "resources"): ("1104", "quantity"),
    ("M11-3", "talks"): ("1105", "quantity"),
    ("M13-1", "meetings"): ("1302", None),
    ("M15-1", "value"): ("1501", None),
    ("M15-1", "week_people"): ("1501", "participants"),
    ("M15-1", "forums"): ("1502", None),
    ("M15-1", "forum_people"): ("1502", "participants"),
    ("M15-1", "others"): ("1504", None),
    ("M15-1", "other_people"): ("1504", "participants"),
    ("M15-1", "media"): ("1503", "quantity"),
}
# Documents and bodies that are in force: counted, or the share of the counties that have one.
IN_FORCE = {
    ("M03-2", "value"): "0303",
    ("M03-3", "value"): "0304",
    ("M03-3", "bases"): "0305",
    ("M05-2", "value"): "0503",
    ("M10-4", "plans"): "1001",
    ("M14-5", "founded"): "1403",
}
COVERAGE = {
    "M06-6": "0602", "M06-7": "0603", "M09-5": "0901", "M12-1": "1201", "M12-4": "1202", "M13-1": "1301",
    "M13-4": "1305", "M14-2": "1402", "M14-8": "1401",
}  # fmt: skip


def add(rows: dict[str, pd.DataFrame], told: Told, by_area: Sums) -> None:
    """Add the figures to `told`."""
    rows = {table: frame.assign(area=frame["unit"]) for table, frame in rows.items()}

    def count(measure: str, figure: str, frame: pd.DataFrame, column: str | None = None) -> None:
        if column:
            frame = frame[frame[column].notna()]
        told.update({(measure, figure, area): float(v) for area, v in by_area(frame, column).items()})

    def share(measure: str, figure: str, top: pd.Series, bottom: pd.Series) -> None:
        for area, value in bottom.items():
            if value:
                told[measure, figure, area] = float(top.get(area, 0) / value)

    _events(rows, told, count)
    _agencies(rows, count)
    _townships(rows, count, share, by_area)
    _requests(rows, count, share, by_area)
    _projects(rows, count)
    _places_of_work(rows, count, share, by_area)
    _pay(rows, count, share, by_area)
    _yearly(rows, count, share, by_area)
    _tasks(rows, count, share, by_area)
    _levels(rows, share, by_area)
    _supervisors(rows, count)


def _events(rows: dict, told: Told, count: Callable) -> None:
    events = rows["event"]
    events = events[events["event_date"] <= DAY]
    of_year = events[events["event_date"].dt.year == YEAR]
    for (measure, figure), (kind, column) in OF_THE_YEAR.items():
        count(measure, figure, of_year[of_year["event_type"] == kind], column)
    # A county has told of its pairings when it reported those too: only the province's sum is sure to be told.
    for key in [key for key in told if key[:2] == ("M10-5", "activities") and key[2] != "330000"]:
        del told[key]
    standing = events[events["valid_to"].isna() | (events["valid_to"] >= DAY)]
    for (measure, figure), kind in IN_FORCE.items():
        count(measure, figure, standing[standing["event_type"] == kind])
    counties = {unit for unit in rows["talent"]["unit"] if not unit.endswith("00") and unit < "339900"}
    assert len(counties) == 90
    for measure, kind in COVERAGE.items():
        have = set(standing[standing["event_type"] == kind]["unit"]) & counties
        told[measure, "value", "330000"] = len(have) / len(counties)
        for city in {code[:4] for code in have}:
            of_city = [code for code in counties if code.startswith(city)]
            told[measure, "value", f"{city}00"] = len(have & set(of_city)) / len(of_city)


def _agencies(rows: dict, count: Callable) -> None:
    agencies = rows["agency"]
    active = agencies[agencies["status"] == "1"]
    count("M02-3", "other_forms", active[active["org_form"] != "1"])
    bodies = active[active["is_industry_body"].eq(True)]
    count("M02-3", "industry_bodies", bodies)
    count("M05-3", "value", bodies)
    count("M05-3", "members", bodies, "member_count")
    count("M09-2", "value", active)
    given = {"offices": "office_m2", "sites": "site_m2", "funds": "start_fund_yuan"}
    for figure, column in given.items():
        count("M09-1", figure, active[active[column] > 0])
    count("M09-1", "value", active[(active[list(given.values())] > 0).any(axis=1)])
    for figure, column in {"office_m2": "office_m2", "site_m2": "site_m2", "yuan": "start_fund_yuan"}.items():
        count("M09-1", figure, active, column)


def _townships(rows: dict, count: Callable, share: Callable, by_area: Sums) -> None:
    """Shares of all townships of today; a former one is today's of its name, or of its name with another word for its kind."""
    listed = pd.read_csv(REFERENCE / "zhejiang_townships_2026.csv", dtype=str)
    former = pd.read_csv(REFERENCE / "zhejiang_townships_former.csv", dtype=str)
    listed = listed.assign(area=listed["county_code"])
    successor = {}
    for name in (str, lambda name: re.sub("(街道|镇|民族乡|乡)$", "", name)):
        by_name = listed.assign(name=listed["township_name"].map(name)).drop_duplicates(
            ["area", "name"], keep=False
        )
        of_today = by_name.set_index(["area", "name"])["township_code"].to_dict()
        for code, old, county in zip(
            former["township_code"], former["township_name"], former["county_code"], strict=True
        ):
            if found := of_today.get((GONE.get(county, county), name(old))):
                successor.setdefault(code, found)
    said = rows["township"]
    said = said.assign(township_code=said["township_code"].map(lambda code: successor.get(code, code)))
    everywhere = by_area(listed)

    def having(reports: pd.DataFrame) -> pd.Series:
        return by_area(listed[listed["township_code"].isin(set(reports["township_code"]))])

    share("M09-4", "stations", having(said[said["has_sw_station"].eq(True)]), everywhere)
    share("M10-2", "governance", having(said[said["governance_sw_count"] > 0]), everywhere)
    share("M10-2", "service", having(said[said["service_sw_count"] > 0]), everywhere)
    count("M10-2", "governance_people", said, "governance_sw_count")
    count("M10-2", "service_people", said, "service_sw_count")


def _requests(rows: dict, count: Callable, share: Callable, by_area: Sums) -> None:
    requests = rows["service_request"]
    requests = requests[requests["requested_date"] <= DAY]
    asked = requests[requests["outcome"] != "4"]
    matched = (asked["matched_date"] <= DAY) & (asked["outcome"] != "3")
    share("M05-5", "value", by_area(asked[matched]), by_area(asked))
    count("M05-5", "unmet", asked[~matched & (asked["outcome"] != "2")])


def _projects(rows: dict, count: Callable) -> None:
    projects = rows["project"]
    signed = projects[(projects["sign_date"].dt.year == YEAR) & projects["is_purchased"].eq(True)]
    count("M14-3", "projects", signed)
    count("M14-3", "value", signed, "contract_yuan")


def _places_of_work(rows: dict, count: Callable, share: Callable, by_area: Sums) -> None:
    places = rows["community"]
    places = places[places["status"] == "1"]
    share("M07-5", "value", by_area(places[places["has_sw_room"].eq(True)]), by_area(places))
    share("M11-1", "value", by_area(places[places["has_three_linkage"].eq(True)]), by_area(places))
    funds = places[places["fund_yuan"] > 0]
    count("M11-4", "value", funds)
    count("M11-4", "yuan", places, "fund_yuan")


def _pay(rows: dict, count: Callable, share: Callable, by_area: Sums) -> None:
    """Of the newest year that anybody reported: formal staff of institutions, all staff of social organisations."""
    kinds = (
        rows["employer"].drop_duplicates("employer_id", keep="last").set_index("employer_id")["employer_type"]
    )
    pay = rows["pay"].assign(kind=rows["pay"]["employer_id"].map(kinds))
    pay = pay[pay["year"] == pay["year"].max()]
    formal = pay[pay["kind"] == "03"]
    share("M06-2", "value", by_area(formal, "on_standard_count"), by_area(formal, "formal_count"))
    social = pay[pay["kind"].isin(["05", "06"])]
    share("M06-3", "value", by_area(social, "with_social_insurance"), by_area(social, "headcount"))
    share("M06-3", "housing_fund", by_area(social, "with_housing_fund"), by_area(social, "headcount"))
    count("M06-4", "people", pay[pay["cert_level"].isin(["1", "2", "3"])], "with_community_allowance")


def _yearly(rows: dict, count: Callable, share: Callable, by_area: Sums) -> None:
    years = rows["agency_year"]
    years = years[(years["year"] == years["year"].max()) & years["uscc"].isin(set(rows["agency"]["uscc"]))]
    count("M12-3", "value", years, "volunteers_used")
    count("M12-3", "hours", years, "volunteer_hours")
    count("M12-3", "agencies", years[years["volunteers_used"] > 0])
    count("M14-6", "value", years, "fee_income_yuan")
    count("M14-6", "agencies", years[years["fee_income_yuan"] > 0])
    orgs = rows["volunteer_org"].assign(
        area=rows["volunteer_org"]["area_code"].map(lambda code: GONE.get(code, code))
    )
    share("M12-2", "value", by_area(orgs[orgs["has_professional"].eq(True)]), by_area(orgs))
    count("M12-2", "people", orgs, "professionals")
    given = rows["exam_incentive"]
    given = given[given["year"] == given["year"].max()]
    for figure, kind in {"value": "1", "books": "2", "allowance": "3", "bonus": "4"}.items():
        of_kind = given[given["kind"] == kind]
        count("M04-4", f"{figure}_people", of_kind, "people")
        count("M04-4", f"{figure}_yuan", of_kind, "yuan")
    money = rows["funding"]
    money = money[money["year"] == YEAR]
    count("M14-1", "spent", money[money["source_type"] == "1"], "spent_yuan")
    count("M14-5", "value", money[money["source_type"] == "3"], "received_yuan")
    count("M14-7", "value", money, "received_yuan")


def _tasks(rows: dict, count: Callable, share: Callable, by_area: Sums) -> None:
    tasks = rows["task"]
    tasks = tasks[tasks["due_date"].dt.year == tasks["due_date"].dt.year.max()]
    done = tasks["done_date"] <= DAY
    due = tasks["due_date"] <= DAY
    share("M13-2", "value", by_area(tasks[due & done]), by_area(tasks[due]))
    count("M13-2", "overdue", tasks[(tasks["due_date"] < DAY) & ~done])
    count("M13-2", "all", tasks)


def _levels(rows: dict, share: Callable, by_area: Sums) -> None:
    """Technical posts of institutions by grade: 5-7 ask for the highest certificate, 8-10 the middle, 11-12 the lowest."""
    papers = rows["certificate"].assign(seq=rows["certificate"]["reg_seq"].fillna(0))
    papers = papers.sort_values("seq").drop_duplicates("cert_mgmt_no", keep="last")
    papers = papers[papers["cert_status"] == "1"]
    highest = papers.groupby(papers["id_no"].str.upper())["cert_level"].max()
    posts = rows["post"]
    posts = posts[
        (posts["status"] == "1")
        & (posts["id_no"] != "")
        & posts["is_professional"].eq(True)
        & (posts["employer_type"] == "03")
        & posts["post_grade"].between(5, 12)
    ]
    asked = pd.cut(posts["post_grade"], [4, 7, 10, 12], labels=[3, 2, 1]).astype(int)
    have = posts["id_no"].str.upper().map(highest).fillna("0").astype(int)
    share("M08-1", "value", by_area(posts[have >= asked]), by_area(posts))
    share("M08-1", "beside", by_area(posts[have > asked]), by_area(posts))


def _supervisors(rows: dict, count: Callable) -> None:
    people = rows["supervisor"]
    people = people.assign(in_term=people["valid_to"] >= DAY, id_no=people["id_no"].str.upper())
    # The contract: who is not in the roster of people does not count yet.
    people = people[people["id_no"].isin(set(rows["talent"]["id_no"].str.upper()))]
    for measure, origin in (("M03-7", "1"), ("M03-8", "2")):
        ever = people[people["origin"] == origin]
        count(measure, "value", ever.drop_duplicates("id_no", keep="last"))
        count(measure, "beside", ever[ever["in_term"]].drop_duplicates("id_no", keep="last"))
