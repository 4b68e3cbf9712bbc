"""No row of the fault table goes without a test."""

import pathlib
import re

import faults

HERE = pathlib.Path(__file__).parent


def cpp_tests() -> list[str]:
    """As ctest names them: by the folder and the test's own name."""
    return [f"{path.parent.relative_to(HERE.parent).as_posix()}:{name}" for path in HERE.parent.glob("**/*_test.cc")
            for name in re.findall(r'TEST_CASE\("([^"]*)"', path.read_text())]


def test_every_row_has_a_test():
    text = "".join(path.read_text() for path in HERE.glob("test_*.py") if path != pathlib.Path(__file__))
    marked = set(re.findall(r'@faults_row\("([^"]*)"\)', text))
    assert not [row for row, pattern in faults.ROWS.items() if row not in marked and not pattern]


def test_every_pattern_finds_cpp_tests():
    names = cpp_tests()
    for row, pattern in faults.ROWS.items():
        assert not pattern or any(re.search(pattern, name) for name in names), row
