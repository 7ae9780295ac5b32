"""Folders beside the counties' root, and two runs at once over several sources: each file is taken once."""

import multiprocessing
from collections.abc import Iterator
from datetime import timedelta

import pytest
from intake_files import NOW, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, settings_of
from source_cases import NAME, TALENT, Case

processes = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "counties").mkdir()
    return settings_of(database, home)


@pytest.fixture
def case(ours, database) -> Iterator[Case]:
    case = Case(ours, Ledger(database))
    yield case
    case.clear()


def run_once(ours, barrier) -> None:
    """A run in a process of its own, which lists only when the other does."""
    case = Case(ours, None)
    case.now = NOW + timedelta(minutes=30)
    barrier.wait(60)
    found = case.find()
    barrier.wait(60)
    case.load(found)


def test_two_runs_at_once_take_each_file_of_each_source_once(case, ours, tmp_path) -> None:
    names = []
    for number, unit in enumerate((UNIT, OTHER_UNIT, UNIT), start=1):
        folder = tmp_path / f"place{number}"
        folder.mkdir()
        case.add(f"place{number}", "folder", str(folder), str(folder / "back"), unit)
        for sequence in range(1, 9):
            names.append(csv_name("talent", unit=unit, sequence=number * 10 + sequence))
            (folder / names[-1]).write_bytes(as_csv("talent", good("talent", remark=f"{number}{sequence}")))
    barrier = processes.Barrier(2)
    running = [processes.Process(target=run_once, args=(ours, barrier)) for _ in range(2)]
    for process in running:
        process.start()
    for process in running:
        process.join(120)
    assert [process.exitcode for process in running] == [0, 0]
    assert case.taken() == sorted(names)
    assert case.ledger.rows("select count(*) from staging.talent") == [(24,)]
    assert case.run() == []


def test_a_link_out_of_the_folder_is_not_followed_and_a_missing_folder_stops_no_other(case, tmp_path) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / NAME).write_bytes(TALENT)
    (folder / "passwd.csv").symlink_to("/etc/passwd")
    case.add("there", "folder", str(folder), str(folder / "back"))
    case.add("gone", "folder", str(tmp_path / "gone"), unit=OTHER_UNIT)
    assert [file.name for file in case.run()] == [NAME]
    assert case.open_incidents() == ["source:gone:look"]
    assert case.answer() == 1
    assert [path.suffix for path in (folder / "back").iterdir()] == [".xlsx"]
