"""The board that the bench opens: every unit's every table on every day, in all the states that a cell can have."""

from datetime import datetime, time, timedelta

import psycopg

from bench import page
from shegong import reference_data
from shegong.calendar import SHANGHAI
from shegong.page import board_matrix

DAYS = 3


def test_every_cell_is_filled_and_every_state_is_there(database) -> None:
    reference_data.load(database.dsn["admin"])
    submissions = page.fill(database.superuser_dsn, DAYS)
    evening = datetime.combine(page.LAST, time(20), SHANGHAI)
    with psycopg.connect(database.dsn["auditor"]) as connection:
        board = board_matrix.read(connection, page.LAST - timedelta(DAYS - 1), page.LAST, evening)
    cells = "".join(line[: -len(board.days)] for line in board.cells)  # without the column of whole files
    assert len(cells) == 91 * 26 * DAYS == sum(letter != board_matrix.NOTHING for letter in cells)
    assert set(cells) == set(board_matrix.LETTERS.values())
    assert submissions > 0.95 * len(cells)
