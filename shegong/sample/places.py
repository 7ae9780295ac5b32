"""Where the sample plays: the 91 submitting units with their population, and the real register of
communities.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

PROVINCE_UNIT = "339900"
_HERE = Path(__file__).parent
_COUNTIES = _HERE.parent / "reference" / "zhejiang_counties.csv"
_COMMUNITIES = _HERE / "data" / "communities_2023.csv"
_KINDS = {"urban": "1", "rural": "2", "other": "9"}


@dataclass(frozen=True)
class Places:
    """`units`: unit_code -> name, city_code and city_name (None for 省本级) and population. `register`: one row a
    community.

    `id_prefixes` are the county codes that an identity card may begin with, closed counties included.
    """

    units: pd.DataFrame
    register: pd.DataFrame
    id_prefixes: list[str]

    @cached_property
    def kept_townships(self) -> list[str]:
        """A third of each county's townships, which it reports later than on the first day."""
        codes = sorted(set(self.register["township_code"]))
        return [code for at, code in enumerate(codes) if at % 3 == 2]

    @property
    def counties(self) -> list[str]:
        return [code for code in self.units.index if code != PROVINCE_UNIT]

    def allot(self, total: int, minimum: int = 1, province_share: float = 0.015) -> pd.Series:
        """`total` over the units by population, exactly, none below `minimum`."""
        weight = self.units["population"].astype(float)
        weight = weight / weight.sum() * (1 - province_share)
        weight[PROVINCE_UNIT] = province_share
        exact = weight * (total - minimum * len(weight))
        given = np.floor(exact).astype(int)
        rest = total - minimum * len(weight) - int(given.sum())
        order = (exact - given).sort_values(ascending=False, kind="stable").index[:rest]
        given[order] += 1
        return given + minimum


def load() -> Places:
    counties = pd.read_csv(_COUNTIES, dtype=str)
    current = counties[counties["is_current"] == "1"].set_index("code")
    register = _register()
    units = pd.DataFrame(
        {
            "name": current["name"],
            "city_code": current["city_code"],
            "city_name": current["city_name"],
            # five districts of 2021 have no census figure: their communities times the mean of a community
            "population": pd.to_numeric(current["pop_2020"]).fillna(
                register.groupby("county_code").size() * 4000.0
            ),
        }
    )
    units.loc[PROVINCE_UNIT] = ["浙江省本级", None, None, 0.0]
    return Places(units, register, sorted(set(counties["code"])))


def _register() -> pd.DataFrame:
    register = pd.read_csv(_COMMUNITIES, dtype=str)
    register["unit_kind"] = register["unit_kind"].map(_KINDS)
    return register[["community_code", "community_name", "unit_kind", "township_code", "county_code"]]
