"""A defect for every row rule, reference and code to look at twice that a full roster can carry: projects and money."""

from datetime import timedelta

from shegong.sample.fresh import Fresh
from shegong.sample.plant import ONE_UNIT, Plant

_LABOUR_PARTS = ("sw_wage_yuan", "sw_social_insurance_yuan", "sw_housing_fund_yuan", "sw_other_yuan")
_FUNDED = "XM0002"


def plants() -> list[Plant]:
    return _project() + _money()


def _project() -> list[Plant]:
    running = {"status": "1"}
    return [
        Plant("project.domain.warn_code", "W", "domain", set={"domain": "99"}),
        Plant(
            "project.end_before_start",
            "E",
            "end_date",
            set=lambda row, fresh: {"end_date": row["start_date"] - timedelta(days=3)},
        ),
        Plant(
            "project.long_project",
            "W",
            "end_date",
            running,
            lambda row, fresh: {"end_date": row["start_date"] + timedelta(days=1300)},
        ),
        Plant("project.amount_slip", "W", "contract_yuan", set={"contract_yuan": 500.0}),
        Plant(
            "project.provider_unknown",
            "W",
            "provider_id",
            set=lambda row, fresh: {"provider_id": fresh.code("52", row["_unit"])},
        ),
        Plant(
            "project_staff.end_before_start",
            "E",
            "end_date",
            set=lambda row, fresh: {"end_date": row["start_date"] - timedelta(days=3)},
        ),
        Plant("project_staff.project_unknown", "W", "project_no", set={"project_no": "XM9999"}),
        Plant(
            "project_staff.person_unknown",
            "W",
            "id_no",
            {"as_social_worker": True, "cert_mgmt_no": None},
            lambda row, fresh: fresh.person("1985-05-05"),
        ),
    ]


def _labour_at(share: float):
    """A quarter that brings the project's labour to a share of its budget."""

    def amounts(row: dict, fresh: Fresh) -> dict:
        projects = fresh.world.tables["project"]
        own = projects[(projects["_unit"] == row["_unit"]) & (projects["project_no"] == row["project_no"])]
        budget = float(own["budget_yuan"].iat[0])
        wage = round(budget * share - row["labour_total_yuan"] - 300, 2)
        parts = dict(zip(_LABOUR_PARTS, (wage, 200.0, 100.0, 0.0), strict=True))
        return parts | {"labour_total_yuan": round(wage + 300, 2)}

    return amounts


def _more_than_contract(row: dict, fresh: Fresh) -> dict:
    """Money for a project beyond its contract, of which almost nothing is spent."""
    contract = fresh.rows_of("project", row["_unit"], {"project_no": _FUNDED})["contract_yuan"].iat[0]
    much = round(contract + 10_000, 2)
    return {"project_no": _FUNDED, "budget_yuan": much, "received_yuan": much, "spent_yuan": 10.0}


def _money() -> list[Plant]:
    def no_insurance(row: dict, fresh: Fresh) -> dict:
        total = sum(row[part] for part in _LABOUR_PARTS) - row["sw_social_insurance_yuan"]
        return {"sw_social_insurance_yuan": 0.0, "labour_total_yuan": round(total, 2)}

    return [
        Plant(
            "labour_cost.total_against_sum",
            "E",
            "labour_total_yuan",
            set=lambda row, fresh: {"labour_total_yuan": row["labour_total_yuan"] + 1},
        ),
        Plant("labour_cost.insurance_missing", "W", "sw_social_insurance_yuan", set=no_insurance),
        Plant(
            "labour_cost.share_near_limit", "N", "labour_total_yuan", {"period": "2026Q1"}, _labour_at(0.67)
        ),
        Plant(
            "labour_cost.share_over_limit", "W", "labour_total_yuan", {"period": "2026Q1"}, _labour_at(0.85)
        ),
        Plant(
            "labour_cost.labour_over_spent",
            "W",
            "labour_total_yuan",
            {"period": "结项"},
            {"project_no": _FUNDED, "period": "2025Q3"},
            unit=ONE_UNIT,
        ),
        Plant("funding.project_unknown", "W", "project_no", set={"project_no": "XM9997"}),
        Plant(
            "funding.project_over_contract",
            "W",
            "project_no",
            {"source_type": "4"},
            _more_than_contract,
            unit=ONE_UNIT,
        ),
        Plant("labour_cost.project_unknown", "W", "project_no", set={"project_no": "XM9998"}),
        Plant(
            "funding.spent_over_money",
            "E",
            "spent_yuan",
            set=lambda row, fresh: {
                "spent_yuan": round(row["received_yuan"] + row["carried_over_yuan"] + 100, 2)
            },
        ),
        Plant(
            "funding.received_over_budget",
            "W",
            "received_yuan",
            {"source_type": "4"},
            lambda row, fresh: {"received_yuan": round(row["budget_yuan"] * 1.5, 2)},
        ),
        Plant("funding.project_unknown", "W", "project_no", set={"project_no": "XM9997"}),
        Plant("funding.year_future", "E", "year", set={"year": 2027}),
    ]
