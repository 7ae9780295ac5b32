"""A defect for every row rule, reference and code to look at twice that a full roster can carry: people, papers, seats."""

from datetime import date, timedelta

from shegong.sample.fresh import Fresh
from shegong.sample.plant import CLOSED_AGENCY, ONE_UNIT, Plant


def plants() -> list[Plant]:
    return _talent() + _certificate() + _post()


def _talent() -> list[Plant]:
    def born(year: int, **more: object):
        return lambda row, fresh: fresh.person(f"{year}-02-03") | {"start_month": None} | more

    return [
        Plant(
            "talent.community_elsewhere",
            "E",
            "community_code",
            {"employer_type": "04"},
            _community_of_another,
        ),
        Plant("talent.start_before_16", "W", "start_month", set=born(1990, start_month=date(2004, 1, 1))),
        Plant("talent.age_in_post", "W", "status", set=born(1950)),
        Plant(
            "talent.sex.number",
            "W",
            "sex",
            set=lambda row, fresh: fresh.person(sex="2") | {"sex": "1", "start_month": None},
        ),
        Plant(
            "talent.birth_date.number",
            "E",
            "birth_date",
            set=lambda row, fresh: (
                fresh.person("1988-08-08") | {"birth_date": date(1988, 8, 18), "start_month": None}
            ),
        ),
        Plant("talent.service_domain.warn_code", "W", "service_domain", set={"service_domain": "99"}),
        Plant(
            "talent.community_unknown",
            "W",
            "community_code",
            {"employer_type": "04"},
            dict.fromkeys(("community_code", "employer_id"), f"{ONE_UNIT}099198"),
            unit=ONE_UNIT,
        ),
        Plant(
            "talent.agency_unknown",
            "W",
            "employer_id",
            {"employer_type": "05"},
            {"employer_id": CLOSED_AGENCY},
            unit=ONE_UNIT,
        ),
        Plant("talent.highest_differs", "W", "highest_level", set={"highest_level": "2"}),
    ]


def _community_of_another(row: dict, fresh: Fresh) -> dict:
    register = fresh.world.places.register
    other = register[register["county_code"] != row["_unit"]].iloc[int(fresh.world.rng.integers(20_000))]
    return {"community_code": other["community_code"]}


def _certificate() -> list[Plant]:
    def later(**days: int):
        return lambda row, fresh: {
            name: row["reg_date"] + timedelta(days=count) for name, count in days.items()
        }

    def late_first(row: dict, fresh: Fresh) -> dict:
        begin = row["approve_date"] + timedelta(days=500)
        return {"reg_date": begin, "reg_valid_to": begin + timedelta(days=1094)}

    return [
        Plant(
            "certificate.number_length",
            "W",
            "cert_mgmt_no",
            set=lambda row, fresh: {"cert_mgmt_no": f"3301{fresh.world.rng.integers(10**7, 10**8)}"},
        ),
        Plant(
            "certificate.exam_year_future",
            "E",
            "exam_year",
            {"reg_kind": "0"},
            {"exam_year": 2027},
            also=(("certificate.approval_year", "W", "approve_date"),),
        ),
        Plant(
            "certificate.approval_year",
            "W",
            "approve_date",
            {"reg_kind": "0", "cert_level": "1"},
            lambda row, fresh: {"approve_date": date(row["exam_year"] + 2, 3, 1)},
        ),
        Plant("certificate.validity_far", "E", "reg_valid_to", {"reg_kind": "1"}, later(reg_valid_to=1826)),
        Plant("certificate.validity_off", "W", "reg_valid_to", {"reg_kind": "1"}, later(reg_valid_to=1120)),
        Plant("certificate.first_registration_late", "W", "reg_date", {"reg_kind": "1"}, late_first),
        Plant("certificate.hours_short", "W", "ce_hours", {"reg_kind": "2"}, {"ce_hours": 10.5}),
        Plant(
            "certificate.renewal_outside", "W", "reg_date", {"reg_kind": "1"}, _late_renewal, keep_key=True
        ),
        Plant(
            "certificate.person_unknown",
            "W",
            "id_no",
            {"reg_kind": "0"},
            lambda row, fresh: fresh.person("1979-04-05"),
        ),
    ]


def _late_renewal(row: dict, fresh: Fresh) -> dict:
    """The next registration of a certificate that has the first one only, half a year after it lapsed."""
    rows = fresh.world.tables["certificate"]
    once = rows[~rows.duplicated("cert_mgmt_no", keep=False) & (rows["_unit"] == row["_unit"])]
    first = once[once["reg_kind"] == "1"].iloc[3].to_dict()
    begin = first["reg_valid_to"] + timedelta(days=180)
    return first | {
        "reg_seq": first["reg_seq"] + 1,
        "reg_kind": "2",
        "reg_date": begin,
        "reg_valid_to": begin + timedelta(days=1094),
        "ce_hours": 120.0,
    }


def _post() -> list[Plant]:
    empty = {"id_type": None, "id_no": None, "person_name": None, "status": "2"}
    return [
        Plant(
            "post.community_elsewhere", "E", "community_code", {"employer_type": "04"}, _community_of_another
        ),
        Plant(
            "post.grade_thirteen",
            "W",
            "post_grade",
            {"employer_type": "03"},
            empty | {"post_grade": 13, "post_title": None, "required_level": None},
        ),
        Plant(
            "post.title_against_grade",
            "E",
            "post_title",
            {"employer_type": "03"},
            lambda row, fresh: {
                "post_title": "社会工作师一级" if row["post_grade"] != 8 else "社会工作师二级"
            },
        ),
        Plant(
            "post.level_against_grade",
            "E",
            "required_level",
            {"employer_type": "03"},
            lambda row, fresh: {"required_level": "1" if row["required_level"] != "1" else "2"},
        ),
        Plant(
            "post.holder_unknown",
            "W",
            "id_no",
            {"employer_type": "05"},
            lambda row, fresh: fresh.person("1981-06-07") | {"status": "2"},
        ),
        Plant(
            "post.community_unknown",
            "W",
            "community_code",
            {"employer_type": "04"},
            lambda row, fresh: (
                empty | dict.fromkeys(("community_code", "employer_id"), f"{row['_unit']}099197")
            ),
        ),
    ]
