"""The bureau's page on a warehouse of its own: what each cell says, who gets in, and that nothing is open."""

import html
import re
from dataclasses import replace
from datetime import date, datetime

import psycopg
import pytest
from fastapi.testclient import TestClient
from intake_files import settings_of
from page_guard import GUARD, HOST, act, look

from shegong import reference_files
from shegong.alerts import incidents
from shegong.calendar import SHANGHAI
from shegong.page import app as page
from shegong.page import board_matrix, incident_list, incident_routes, target_progress
from shegong.page.frame import FOLDER, PARTS, words
from shegong.page.guard import same_origin

NOW = datetime(2026, 5, 8, 9, 30, tzinfo=SHANGHAI)
DAY = date(2026, 5, 7)


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    ours = settings_of(database, tmp_path_factory.mktemp("home"))
    with psycopg.connect(database.superuser_dsn) as connection:
        _fill(connection)
    return ours


@pytest.fixture(scope="module")
def client(ours) -> TestClient:
    return TestClient(page.create(GUARD, lambda: ours), base_url="http://bureau.test", follow_redirects=False)


STATES = {
    "talent": "accepted", "certificate": "partly_accepted", "post": "held", "agency": "refused", "project": "nil", "event": "staged",
}  # fmt: skip


def _fill(connection: psycopg.Connection) -> None:
    """西湖区's 7 May: a table in each state; three tables that didn't come; the clock at the next working day's 9:30."""
    # what was replaced doesn't count however late it came; what is held still waits when another file came after it
    later = [("talent", "replaced"), ("post", "accepted"), (None, "refused")]
    for number, (table, state) in enumerate([*STATES.items(), *later]):
        _submission(connection, number, table, state, "10:00" if number < len(STATES) else "11:00")
    due = [("employer", "2026-05-07 18:00+08", None), ("funding", "2026-05-08 18:00+08", None), ("community", "2026-05-11 18:00+08", None),
           ("township", "2026-05-08 18:00+08", "2026-05-07 12:00+08"), ("talent", "2026-05-07 18:00+08", None)]  # fmt: skip
    for table, until, came in due:
        connection.execute(
            "insert into ops.report_due values ('330106', %s, 'D', %s, '2026-05', %s, %s)",
            [table, DAY, until, came],
        )
    connection.execute(
        "insert into reference.extension values ('330106', 'community', '2026-05-07', '2026-05-11', '李科长', '2026-05-07', '系统迁移')"
    )


def _submission(connection: psycopg.Connection, number: int, table: str | None, state: str, at: str) -> None:
    name = "王芳330106199001011234.xlsx" if table == "post" else f"330106_{table}_D20260507_01.xlsx"
    received = f"2026-05-07 {at}+08"
    delivery = connection.execute(
        "insert into ops.delivery (place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash, received_at, state)"
        " values ('330106', %s, %s, 10, %s, %s, %s, 'read') returning delivery_id",
        [f"/{number}", name, received, str(number), received],
    ).fetchone()[0]
    submission = connection.execute(
        "insert into ops.submission (delivery_id, unit_code, table_name, mode, report_date, sequence, state, held_for, reason, rows_total, received_at)"
        " values (%s, '330106', %s, 'D', %s, 1, %s, %s, %s, 5, %s) returning submission_id",
        [delivery, table, DAY, state, "bureau" if state == "held" else None, "<script>alert(1)</script>" if state == "held" else None, received],
    ).fetchone()[0]  # fmt: skip
    if state == "held":
        connection.execute(
            "insert into ops.finding (submission_id, check_class, rule_id, level, row_number, header, value_shown, text, mend)"
            " values (%s, 'file', 'R1', 'W', 4, '证件号码', '3****************X', '核实：号码', '请核对')",
            [submission],
        )


def test_each_cell_says_what_came_or_is_owed(ours) -> None:
    with psycopg.connect(ours.dsn["auditor"]) as connection:
        matrix = board_matrix.read(connection, DAY, DAY, NOW)
    line = matrix.cells[[code for code, *_ in matrix.units].index("330106")]
    said = {table: letter for (table, _), letter in zip(matrix.tables, line, strict=True) if letter != "."}
    assert said == {
        "talent": "a", "certificate": "p", "post": "h", "agency": "r", "project": "n", "event": "s", "_file": "r",
        "employer": "o", "funding": "u", "community": "e", "township": "c",
    }  # fmt: skip
    assert set("".join(matrix.cells)) == {*said.values(), "."}


def test_before_nine_of_the_next_working_day_it_is_only_not_reported(ours) -> None:
    with psycopg.connect(ours.dsn["auditor"]) as connection:
        matrix = board_matrix.read(connection, DAY, DAY, NOW.replace(hour=8))
    assert "o" not in "".join(matrix.cells)


def test_too_many_days_are_refused(client) -> None:
    answer = client.get("/board/data?first=2020-01-01&last=2026-01-01", headers={"person": "looks"})
    assert answer.status_code == 400


def test_a_cell_opened_shows_receipt_and_history_without_numbers_or_markup(client) -> None:
    answer = client.get("/board/cell?unit=330106&table=post&day=2026-05-07", headers={"person": "looks"})
    assert answer.status_code == 200
    assert "330106199001011234" not in answer.text
    assert "<script>alert" not in answer.text
    for text in ("3****************X", "核实：号码", "问题清单", "暂存待核"):
        assert text in answer.text


def routes(client):
    return [route for route in client.app.routes if hasattr(route, "methods")]


def test_every_route_stands_behind_the_guard(client) -> None:
    assert len(client.app.routes) == len(routes(client)), "a mount has no guard"
    for route in routes(client):
        asked = _dependencies(route.dependant)
        if route.methods - {"GET", "HEAD"}:
            assert {act, same_origin} <= asked, route.path
        else:
            assert look in asked, route.path


def _dependencies(dependant) -> set:
    return {dependant.call}.union(*(_dependencies(one) for one in dependant.dependencies))


def test_nobody_gets_in_without_login(client) -> None:
    for route in routes(client):
        path = re.sub(r"\{\w+\}", "1", route.path)
        method = next(iter(route.methods))
        assert client.request(method, path, headers=HOST).status_code == 401, path
    page_wanted = client.get("/board?first=2026-05-01", headers={"accept": "text/html"})
    assert page_wanted.status_code == 303
    assert page_wanted.headers["location"] == "/auth/login?next=/board?first=2026-05-01"


def test_nothing_may_load_from_elsewhere_or_inline(client) -> None:
    policy = client.get("/board", headers={"person": "looks"}).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for path in [*FOLDER.glob("templates/*"), *FOLDER.glob("static/*")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org)|\sstyle=|\son\w+=|<script>", text), path


def test_the_language_is_remembered_and_leads_nowhere_else(client) -> None:
    answer = client.get("/language?to=en&back=//evil.test/", headers={"person": "looks"})
    assert answer.headers["location"] == "/board" or answer.headers["location"].startswith("/board")
    assert "bureau_language=en" in answer.headers["set-cookie"]
    text = client.get("/board", headers={"person": "looks", "cookie": "bureau_language=en"}).text
    assert "Submissions board" in text
    assert 'lang="en"' in text
    client.cookies.clear()


def test_every_word_is_there_in_both_languages() -> None:
    for key, texts in words().items():
        assert set(texts) == {"zh", "en"}, key
        assert all(isinstance(text, str) and text for text in texts.values()), key
        assert re.search(r"[\u4e00-\u9fff]", texts["zh"]) and not re.search(
            r"[\u4e00-\u9fff]", texts["en"]
        ), key
    used = {
        key for path in FOLDER.glob("templates/*") for key in re.findall(r"\bt\('(\w+)'\)", path.read_text())
    }
    used |= {f"state_{state}" for state in [*board_matrix.LETTERS, "rejected", "replaced"]} | set(
        PARTS.values()
    )
    used |= {f"incident_{state}" for state in incident_list.STATES} | {
        f"severity_{one}" for one in incident_list.SEVERITIES
    }
    used |= {f"act_{one}" for one in incident_routes.ACTS}
    used |= {
        key for path in FOLDER.glob("*.py") for key in re.findall(r'NotDone\("(\w+)"\)', path.read_text())
    }
    used |= {
        key
        for path in FOLDER.glob("*.py")
        for key in re.findall(r'HTTPException\(\d+, "(\w+)"\)', path.read_text())
    }
    used |= set(re.findall(r"words\.(board_\w+)", (FOLDER / "static" / "board.js").read_text()))
    assert used <= set(words())


def test_the_script_has_a_sign_and_the_style_a_colour_for_each_state() -> None:
    script, style = ((FOLDER / "static" / name).read_text() for name in ("board.js", "page.css"))
    for letter in board_matrix.LETTERS.values():
        assert re.search(rf"\b{letter}: \"[^#\"]+\"", script), letter
        assert f".s-{letter} " in style, letter


def test_another_sites_form_is_refused(client) -> None:
    for origin in ({}, {"origin": "http://evil.test"}):
        headers = {"person": "acts", "host": "bureau.test", **origin}
        answer = client.post("/holds/domain/talent/hold", headers=headers, data={"reason": "核对人数"})
        assert answer.status_code == 403, origin


def test_who_may_only_look_decides_nothing(client) -> None:
    headers = {"person": "looks", **HOST}
    assert (
        client.post("/holds/domain/talent/hold", headers=headers, data={"reason": "核对人数"}).status_code
        == 403
    )
    assert "<form" not in client.get("/holds", headers=headers).text


def test_a_decision_is_written_under_the_name_of_the_login(client, ours) -> None:
    headers = {"person": "acts", **HOST}
    assert (
        client.post("/holds/domain/funding/hold", headers=headers, data={"reason": "核对资金"}).status_code
        == 303
    )
    shown = client.get("/holds", headers=headers).text
    assert "核对资金" in shown and "李科长" in shown
    assert (
        client.post("/holds/domain/funding/release", headers=headers, data={"reason": "已核对"}).status_code
        == 303
    )
    again = client.post("/holds/domain/funding/release", headers=headers, data={"reason": "已核对"})
    assert again.status_code == 409 and "这个领域没有暂停" in again.text
    with psycopg.connect(ours.dsn["auditor"]) as connection:
        kept = connection.execute("select held_by, lifted_by, lift_reason from ops.domain_hold").fetchall()
    assert kept == [("李科长", "李科长", "已核对")]


def test_before_the_first_publication_pages_say_so(client) -> None:
    for path in ("/targets", "/publications"):
        assert "还没有发布" in client.get(path, headers={"person": "looks"}).text


def test_every_current_county_has_one_tile_and_none_twice() -> None:
    tiles = target_progress.tiles()
    counties = {
        row["area_code"]
        for row in reference_files.area_rows()
        if row["is_current"] and row["area_level"] == "county"
    }
    assert {code for code, *_ in tiles} == counties and len(tiles) == len(counties) == 90
    assert len({(row, column) for *_, row, column in tiles}) == 90


def test_equal_values_have_one_colour_and_more_is_never_lighter() -> None:
    of_area, bounds = target_progress.classes({"a": 0.1, "b": 0.1, "c": 0.5, "d": 0.9})
    assert of_area["a"] == of_area["b"] < of_area["c"] < of_area["d"]
    assert bounds == [(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)]


def test_incidents_are_filtered_and_the_resolved_ones_are_asked_for(client, ours) -> None:
    with psycopg.connect(ours.dsn["loader"]) as connection:
        for number, (area, severity) in enumerate((("330106", "critical"), ("330212", "warning"))):
            incidents.open_incident(
                connection, cause=f"c{number}", kind="held", severity=severity, audience="bureau", title=f"事项{area}",
                details="<b>x</b>", now=NOW, area_code=area,
            )  # fmt: skip
        incidents.resolve(connection, "c1", NOW)
    headers = {"person": "looks"}
    shown = {
        query: [
            name
            for name in ("事项330106", "事项330212")
            if name in client.get(f"/incidents?{query}", headers=headers).text
        ]
        for query in ("", "area=330100", "area=330200", "state=resolved", "severity=info")
    }
    assert shown == {
        "": ["事项330106"],
        "area=330100": ["事项330106"],
        "area=330200": [],
        "state=resolved": ["事项330212"],
        "severity=info": [],
    }
    assert "<b>x" not in client.get("/incidents", headers=headers).text


def an_incident(ours, cause: str) -> int:
    with psycopg.connect(ours.dsn["loader"]) as connection:
        return incidents.open_incident(
            connection, cause=cause, kind="source", severity="warning", audience="bureau", title=f"事项{cause}",
            details="", now=NOW,
        )  # fmt: skip


def handle(client, number: int, name: str, person: str = "acts", **fields: str):
    return client.post(f"/incidents/{number}/{name}", headers={"person": person, **HOST}, data=fields)


def test_each_act_on_an_incident_is_kept_and_shown_under_the_name_of_the_login(client, ours) -> None:
    number = an_incident(ours, "acts")
    for name, more in (
        ("acknowledge", {}), ("assign", {"assignee": "张三"}), ("mute", {"until": "2099-01-31"}), ("explain", {}),
    ):  # fmt: skip
        answer = handle(client, number, name, reason=f"理由{name}", **more)
        assert answer.headers["location"] == f"/incidents?done=1&number={number}#incident-{number}", (
            answer.text
        )
    shown = client.get("/incidents", headers={"person": "acts"}).text
    for text in (
        "已说明",
        "李科长 · 指派 → 张三：理由assign",
        "暂不通知 → 2099-01-31",
        "理由explain",
        "已作的处理",
    ):
        assert text in shown, text
    assert handle(client, number, "resolve", reason="已修好").status_code == 303
    assert "理由explain" not in client.get("/incidents", headers={"person": "acts"}).text
    resolved = client.get("/incidents?state=resolved", headers={"person": "acts"}).text
    assert "李科长 · 了结：已修好" in resolved
    assert f"/incidents/{number}/" not in resolved, "what is over has no form"


def test_an_act_that_makes_no_sense_is_answered_in_the_readers_language(client, ours) -> None:
    number = an_incident(ours, "nonsense")
    for name, fields, said in (
        ("mute", {"until": "31/05/2026"}, "日期不对"), ("mute", {"until": "2026-02-30"}, "日期不对"), ("mute", {}, "日期不对"),
        ("mute", {"until": "2020-01-01"}, "日期已过"), ("assign", {"assignee": "  "}, "请填写经办人"),
    ):  # fmt: skip
        answer = handle(client, number, name, reason="理由", **fields)
        assert answer.status_code == 409 and said in answer.text, (name, fields)
    assert "请写明理由" in handle(client, number, "resolve", reason="   ").text
    assert "没有这个编号" in handle(client, 999999, "resolve", reason="理由").text
    assert handle(client, number, "resolve", reason="已修好").status_code == 303
    ended = handle(client, number, "explain", reason="再说明")
    assert ended.status_code == 409 and "已经了结" in ended.text
    with psycopg.connect(ours.dsn["auditor"]) as connection:
        query = "select act from ops.incident_act where incident_id = %s"
        assert connection.execute(query, [number]).fetchall() == [("resolve",)]


REFUSALS = [
    ("get", "/board?first=2020-01-01&last=2026-01-01", {}, 409, "一次最多看 92 天", "At most 92 days"),
    ("get", "/board?first=gestern", {}, 422, "看不懂", "can't be read"),
    ("get", "/board/cell?unit=999999&table=post&day=2026-05-07", {}, 404, "没有这个报送单位", "no such unit"),
    ("get", "/nowhere", {}, 404, "没有这个网页", "no such page"),
    ("get", "/publications/diff?first=1&last=2", {}, 409, "没有这个编号的已发布数据", "No publication"),
    ("get", "/incidents?number=999999", {}, 200, "没有这个编号的事项", "no incident of this number"),
    ("post", "/holds/submission/999999/release", {"reason": "已核对"}, 409, "没有这个编号的报送", "no submission"),
    ("post", "/holds/submission/1/release", {"reason": "已核对"}, 409, "不在待核之列", "is not held"),
    ("post", "/holds/submission/1/reject", {"reason": " "}, 409, "请写明理由", "say why"),
    ("post", "/holds/submission/1/reject", {"reason": "长" * 201}, 422, "看不懂或太长", "too long"),
    ("post", "/holds/domain/nothing/hold", {"reason": "已核对"}, 409, "没有这个领域", "no such domain"),
    ("post", "/holds/domain/talent/release", {"reason": "已核对"}, 409, "这个领域没有暂停", "Nothing of this domain"),
    ("post", "/publications/77/revert", {"reason": "有误"}, 409, "已不保留", "no longer kept"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "fields", "status", "zh", "en"), REFUSALS)
def test_a_refusal_is_a_page_in_the_readers_language(client, method, path, fields, status, zh, en) -> None:
    for language, said in (("zh", zh), ("en", en)):
        headers = {"person": "acts", "accept": "text/html", "cookie": f"bureau_language={language}", **HOST}
        answer = client.request(method, path, headers=headers, data=fields or None)
        assert answer.status_code == status, answer.text
        told = html.unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]))
        assert said in told
        assert language == "en" or not re.search(r"[a-z]{4,} [a-z]{2,} [a-z]{2,}", told), told


def test_who_has_no_right_or_the_wrong_site_is_told_so_in_words(client) -> None:
    headers = {"accept": "text/html", "person": "looks"}
    answer = client.post("/holds/domain/talent/hold", headers=headers | HOST, data={"reason": "核对"})
    assert answer.status_code == 403 and "您没有这个权限" in answer.text
    elsewhere = {"accept": "text/html", "person": "acts", "host": "bureau.test", "origin": "http://evil.test"}
    answer = client.post("/holds/domain/talent/hold", headers=elsewhere, data={"reason": "核对"})
    assert answer.status_code == 403 and "不是从本看板发出的" in answer.text


def test_a_database_that_is_away_is_told_in_words(ours) -> None:
    away = replace(ours, dsn=dict.fromkeys(ours.dsn, "postgresql://nobody@127.0.0.1:1/none"))
    client = TestClient(page.create(GUARD, lambda: away), base_url="http://bureau.test")
    answer = client.get("/board", headers={"person": "looks", "accept": "text/html"})
    assert answer.status_code == 503 and "数据库暂时连不上" in answer.text


def test_every_cause_that_the_page_may_meet_has_its_words() -> None:
    package = FOLDER.parent
    for name in ("decisions", "gate", "revert", "marts_schemas", "database"):
        for raised in re.findall(
            r"raise ShegongError\((.*?)\n\s*\)", (package / f"{name}.py").read_text(), re.DOTALL
        ):
            key = re.findall(r'"(\w+)",?\s*$', raised)
            assert key and key[0] in words(), (name, raised)


def test_who_may_only_look_has_no_hand_on_an_incident(client, ours) -> None:
    number = an_incident(ours, "viewer")
    for name in incident_routes.ACTS:
        assert handle(client, number, name, person="looks", reason="理由").status_code == 403
    assert f"/incidents/{number}/" not in client.get("/incidents", headers={"person": "looks"}).text
    assert f"/incidents/{number}/" in client.get("/incidents", headers={"person": "acts"}).text


def test_a_message_is_read_when_its_link_is_opened_by_who_is_logged_in(client, database) -> None:
    with psycopg.connect(database.dsn["loader"]) as connection:
        connection.execute(
            "insert into ops.outbox (dedupe_key, recipient, subject, body_text, body_html, created_at, link_mark)"
            " values ('a', 'x@localhost', '', '', '', now(), 'mark'), ('b', 'y@localhost', '', '', '', now(), 'other')"
        )
    moments = []
    for person in ("", "looks", "looks"):
        headers = {"person": person} if person else {}
        answer = client.get("/incidents?message=mark", headers=headers)
        assert (answer.status_code == 200) == bool(person)
        with psycopg.connect(database.dsn["auditor"]) as connection:
            query = "select read_at from ops.outbox where dedupe_key in ('a', 'b') order by dedupe_key"
            moments.append([at for (at,) in connection.execute(query)])
    assert moments[0] == [None, None]
    assert moments[1][0] is not None and moments[1][1] is None
    assert moments[2] == moments[1]


def test_the_guide_tells_each_sign_and_its_state() -> None:
    guide = (FOLDER.parents[1] / "docs" / "bureau.zh-CN.md").read_text(encoding="utf-8")
    signs = dict(
        re.findall(r"\b(\w): \"([^#\"]+)\"", (FOLDER / "static" / "board.js").read_text().split("COLOURS")[0])
    )
    for state, letter in board_matrix.LETTERS.items():
        assert f"| {signs[letter]} | {words()['state_' + state]['zh']} |" in guide, state


def test_rules_are_found_and_opened(client, ours) -> None:
    def rules(query: str) -> str:
        return client.get(f"/rules{query}", headers={"person": "looks"}).text

    assert "请缩小范围" in rules("")
    found = rules("?stage=judged&level=E&word=全量表")
    assert re.findall(r"judge\.\w+(?=<)", found) == [
        "judge.roster_fall",
        "judge.roster_gone",
        "judge.roster_rise",
    ]
    assert re.findall(r"(?<=hint\">)R1", rules("?fired=true")) == ["R1"]
    assert "没有触发过" in rules("?rule=judge.roster_fall")
    assert "&lt;script&gt;" in rules("?word=<script>")
    assert client.get("/rules?word=" + "x" * 41, headers={"person": "looks"}).status_code == 422
