"""No row of the fault table goes without a test."""

import pathlib
import re

import faults

HERE = pathlib.Path(__file__).parent


def test_every_row_has_a_test():
    text = "".join(path.read_text() for path in HERE.glob("test_*.py") if path != pathlib.Path(__file__))
    marked = set(re.findall(r'@faults_row\("([^"]*)"\)', text))
    assert not [row for row, pattern in faults.ROWS.items() if row not in marked and not pattern]
