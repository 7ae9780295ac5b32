"""New rows that are right: a copy of a row that fits a wish, under a key that nobody has."""

from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd

from shegong.sample.world import World


class Fresh:
    """Makes rows as dictionaries of stored values. Rows of `avoid` are never copied (by table, index
    labels).
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._serial = 0
        self._units = {table: dict(iter(rows.groupby("_unit"))) for table, rows in world.tables.items()}
        self._codes = set(world.tables["community"]["community_code"])
        self._times: dict[tuple, int] = defaultdict(int)
        self._townships = defaultdict(list)
        for code in world.places.kept_townships:
            self._townships[code[:6]].append(code)
        self._kept = set(world.tables["post"]["id_no"].dropna())  # people who stay who they are
        labour = world.tables["project"]
        above = labour["budget_labour_yuan"].astype(float) * 10 > labour["budget_yuan"].astype(float) * 7
        # no copies of what is meant as it is: budgets over the limit, the pay of agencies and communities, no money, terms
        # that are over
        employers, money = world.tables["employer"], world.tables["exam_incentive"]
        terms = world.tables["supervisor"]
        self._avoid = {
            "project": set(labour.index[above]),
            "employer": set(employers.index[employers["employer_type"].isin(["04", "05"])]),
            "exam_incentive": set(money.index[money["people"] == 0]),
            "supervisor": set(terms.index[terms["appoint_no"] == 2]),
        }

    def rows_of(self, table: str, unit: str, pick: dict) -> pd.DataFrame:
        """The unit's clean rows where every column of `pick` has the value wanted (None: empty; ...:
        anything).
        """
        rows = self._units[table].get(unit)
        if rows is None:
            return self.world.tables[table].iloc[:0]
        for name, value in pick.items():
            rows = rows[
                rows[name].notna()
                if value is ...
                else rows[name].isna()
                if value is None
                else rows[name] == value
            ]
        return rows[~rows.index.isin(self._avoid.get(table, ()))]

    def make(self, table: str, unit: str, pick: dict | None = None) -> dict:
        """A clean row of `unit` with a new key. People among them hold no certificate."""
        pick = dict(pick or {})
        if table == "talent":
            pick.setdefault("highest_level", "0")
            pick.setdefault("status", "1")
            pick.setdefault("id_type", "1")
        if table == "certificate":
            pick.setdefault("cert_status", "1")
        rows = self.rows_of(table, unit, pick)
        row = rows.iloc[int(self.world.rng.integers(len(rows)))].to_dict()
        return row | self.new_key(table, row)

    def new_key(self, table: str, row: dict) -> dict:
        """A key for a copy of `row` that nobody has, with what depends on it."""
        self._serial += 1
        return getattr(self, f"_{table}")(row)

    def person(self, birth: str = "1988-08-08", sex: str = "2") -> dict:
        """A new document and name."""
        who = self.world.who
        number = who.numbers(np.array([birth], dtype="datetime64[D]"), np.array([sex]))[0]
        return {"id_type": "1", "id_no": str(number), "person_name": str(who.names(1)[0])}

    def code(self, kind: str, unit: str) -> str:
        return self.world.who.credit_code(kind, unit)

    def _talent(self, row: dict) -> dict:
        birth = f"{1968 + self._serial % 28}-0{1 + self._serial % 9}-1{self._serial % 9}"
        month = date(int(birth[:4]) + 24, 7, 1)
        return self.person(birth) | {
            "sex": None,
            "birth_date": None,
            "start_month": min(month, date(2026, 3, 1)),
        }

    def _certificate(self, row: dict) -> dict:
        return {"cert_mgmt_no": f"{row['exam_year']}0330{row['cert_level']}99{self._serial:07d}"}

    def _agency(self, row: dict) -> dict:
        # influence is recognised by the province only, and not twice
        blank = dict.fromkeys(("recognition_no", "recognition_date", "influence_field"))
        # nobody works yet in one that the talent roster doesn't know
        return blank | {"uscc": self.code(row["uscc"][:2], row["_unit"]), "staff_certified": 0}

    def _employer(self, row: dict) -> dict:
        return {"employer_id": self.code(row["employer_id"][:2], row["_unit"])}

    def _post(self, row: dict) -> dict:
        return {"post_no": f"N{self._serial:05d}"}

    def _community(self, row: dict) -> dict:
        # from the top of the range, where a county numbers last
        low, high = {"1": (1, 199), "2": (200, 399)}.get(row["unit_kind"], (400, 499))
        code = next(
            c for n in range(high, low, -1) if (c := f"{row['township_code']}{n:03d}") not in self._codes
        )
        self._codes.add(code)
        return {"community_code": code, "community_name": f"新设第{self._serial}社区"}

    def _project(self, row: dict) -> dict:
        return {"project_no": f"XN{self._serial:05d}"}

    def _project_staff(self, row: dict) -> dict:
        # a second period of service of the same person in the same project
        return {
            "start_date": date.fromordinal(row["start_date"].toordinal() + 1 + self._serial % 20),
            "end_date": None,
        }

    def _labour_cost(self, row: dict) -> dict:
        return {"period": f"20{20 + self._serial // 4 % 5:02d}Q{1 + self._serial % 4}"}

    def _funding(self, row: dict) -> dict:
        return {"batch_no": f"补〔{row['year']}〕{self._serial}号"}

    def _earlier(self, row: dict, *names: str) -> int:
        """A year before the last one, another one each time for the same thing."""
        about = (names, *(row[name] for name in names))
        self._times[about] += 1
        return 2025 - self._times[about]

    def _agency_year(self, row: dict) -> dict:
        return {"year": self._earlier(row, "uscc")}

    def _employer_year(self, row: dict) -> dict:
        return {"year": self._earlier(row, "employer_id")}

    def _pay(self, row: dict) -> dict:
        return {"year": self._earlier(row, "employer_id", "cert_level")}

    def _evaluation(self, row: dict) -> dict:
        return {"year": self._earlier(row, "employer_id", "cert_level", "evaluated")}

    def _exam(self, row: dict) -> dict:
        return {"exam_year": self._earlier(row, "_unit", "cert_level") - 1}

    def _exam_incentive(self, row: dict) -> dict:
        return {"year": self._earlier(row, "_unit", "cert_level", "kind")}

    def _supervisor(self, row: dict) -> dict:
        return {"appoint_no": 2027 - self._earlier(row, "id_no")}

    def _volunteer_org(self, row: dict) -> dict:
        return {"uscc": self.code("51", row["_unit"])}

    def _summary(self, row: dict) -> dict:
        return {"breakdown": f"分组{self._serial}"}

    def _township(self, row: dict) -> dict:
        return {"township_code": self._townships[row["_unit"]].pop()}

    def _training_session(self, row: dict) -> dict:
        return {"session_no": f"PN{self._serial:05d}"}

    def _training_attendance(self, row: dict) -> dict:
        """Somebody else of the unit's roster; nobody twice, so that no two sessions of his overlap."""
        came = set(self.rows_of("training_attendance", row["_unit"], {})["id_no"])
        staff = self.rows_of("talent", row["_unit"], {"status": "1"})
        fits = staff[staff["id_no"].isin(self._kept - came)]
        self._times["seen", row["_unit"]] += 1
        person = fits.iloc[-self._times["seen", row["_unit"]]]
        return {name: person[name] for name in ("id_type", "id_no", "person_name")}

    def _event(self, row: dict) -> dict:
        return {"event_no": f"SN{self._serial:05d}"}

    def _pairing(self, row: dict) -> dict:
        return {"pair_no": f"XZN{self._serial:05d}"}

    def _service_request(self, row: dict) -> dict:
        return {"request_no": f"XQN{self._serial:05d}"}

    def _task(self, row: dict) -> dict:
        return {"task_no": f"RWN{self._serial:05d}"}
