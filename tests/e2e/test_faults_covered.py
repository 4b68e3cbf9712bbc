"""No row of the fault table goes without a test."""

import pathlib
import re

import faults

HERE = pathlib.Path(__file__).parent


def cpp_tests() -> list[str]:
    """As ctest names them: by the program's folder and the test's own name."""
    found = []
    for path in HERE.parent.glob("**/*_test.cc"):
        folders = path.parent.relative_to(HERE.parent).parts
        program = "/".join(folders[:2] if folders[0] == "adapters" else folders[:1])
        found += [f"{program}:{name}" for name in re.findall(r'TEST_CASE\("([^"]*)"', path.read_text())]
    return found


def test_every_row_has_a_test():
    text = "".join(path.read_text() for path in HERE.glob("test_*.py") if path != pathlib.Path(__file__))
    marked = set(re.findall(r'@faults_row\("([^"]*)"\)', text))
    assert not [row for row, pattern in faults.ROWS.items() if row not in marked and not pattern]


def test_every_pattern_finds_cpp_tests():
    names = cpp_tests()
    for row, pattern in faults.ROWS.items():
        assert not pattern or any(re.search(pattern, name) for name in names), row
