"""Rows that keep their contracts, for tests of judging and auditing."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(prefix: str, number: int) -> str:
    """A unified social credit code with the right check character (GB 32100-2015)."""
    body = f"{prefix}{number:0{17 - len(prefix)}d}"
    total = sum(_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + _ALPHABET[-total % 31]


def talent(number: int, unit: str = "330106", **changes: object) -> dict:
    return {
        "person_key": f"{unit}-{number:06d}", "person_mask": "3****************X",
        "name_key": f"name-{number}",
        "birth_year": 1985, "sex": "2", "id_type": "1", "education": "20", "sw_major": True,
        "employer_type": "01", "employer_name": "某局", "employer_id": credit_code("11330106", 1),
        "is_direct_service": True, "highest_level": "1", "status": "1",
    } | changes  # fmt: skip


def certificate(number: int, unit: str = "330106", **changes: object) -> dict:
    return {
        "person_key": f"{unit}-{number:06d}", "person_mask": "3****************X",
        "name_key": f"name-{number}",
        "id_type": "1", "cert_mgmt_no": f"{unit}20180000{number:06d}", "reg_seq": 0, "cert_level": "1",
        "exam_year": 2018, "approve_date": "2018-10-01", "cert_status": "1",
    } | changes  # fmt: skip


def agency(number: int, **changes: object) -> dict:
    return {
        "uscc": credit_code("52330106", number), "agency_name": f"社工中心{number}", "org_form": "1", "main_domains": "05",
        "reg_level": "3", "found_date": "2015-01-01", "staff_total": 6, "staff_certified": 2,
        "staff_qualified": 3, "status": "1",
    } | changes  # fmt: skip


def funding(number: int, **changes: object) -> dict:
    return {
        "year": 2026, "source_type": "1", "level": "3", "usage": "1", "batch_no": f"文{number}",
        "budget_yuan": 100_000, "received_yuan": 80_000, "spent_yuan": 50_000, "carried_over_yuan": 0,
        "book_date": "2026-04-01",
    } | changes  # fmt: skip


def post(number: int, **changes: object) -> dict:
    return {
        "employer_id": credit_code("12330106", 1), "post_no": f"P{number}", "slot_no": 1, "post_name": "社工",
        "employer_type": "03", "is_professional": True, "post_grade": 11,
        "set_date": "2018-01-01", "status": "1",
    } | changes  # fmt: skip


def project(number: int, **changes: object) -> dict:
    return {
        "project_no": f"X{number}", "title": "社区服务", "is_purchased": True, "purchaser_name": "某街道",
        "provider_id": credit_code("52330106", 1), "domain": "01", "fund_source": "1", "method": "1",
        "sign_date": "2026-01-01", "start_date": "2026-01-01", "end_date": "2026-12-31",
        "budget_yuan": 100_000, "budget_labour_yuan": 60_000, "contract_yuan": 100_000, "status": "1",
    } | changes  # fmt: skip
