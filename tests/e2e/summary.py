"""Printed at the end of scripts/test: which test proves which fault, and how many tests there were.

    summary.py FOLDER   the folder with ctest.xml and what the suites left there
"""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

import faults

folder = pathlib.Path(sys.argv[1])
results = folder / "ctest.xml"
if not results.exists():
    sys.exit("no results: ctest did not run")
cases = [(case.get("name", ""), case.get("status") == "run") for case in xml.parse(results).iter("testcase")]

proved: dict[str, list[tuple[str, bool]]] = {row: [] for row in faults.ROWS}
for path in sorted(folder.glob("faults-*.json")):
    for row, tests in json.loads(path.read_text()).items():
        proved[row] += [(name.partition("[")[0], passed) for name, passed in tests]
for row, pattern in faults.ROWS.items():
    if pattern:
        proved[row] += [(name, passed) for name, passed in cases if re.search(pattern, name)]

if any(proved.values()):
    print("\nFaults, and what proves that they are survived:")
    for row, tests in proved.items():
        names = sorted({name for name, _ in tests})
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        state = "not run" if not tests else "ok" if all(passed for _, passed in tests) else "FAILED"
        print(f"  {state:7}  {row}: {shown or '-'}")

clients = folder / "clients.txt"
if clients.exists():
    print("\nClients, with nothing changed but the base URL (docs/clients.md names the columns):\n" + clients.read_text(), end="")

inside = 0
for path in folder.glob("pytest-*.xml"):
    inside += sum(int(suite.get("tests", 0)) for suite in xml.parse(path).iter("testsuite"))
suites = sum(name.startswith("e2e: ") for name, _ in cases)
failed = sum(not passed for _, passed in cases)
print(f"\n{len(cases) - suites + inside} tests: {len(cases) - suites} of ctest and {inside} in {suites} end-to-end suites; "
      f"{failed} of {len(cases)} entries of ctest failed")
