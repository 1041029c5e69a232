"""Claim: `import rewardkit` costs under 150 ms beyond a bare interpreter, and the first verdict little more.

Each row is the least of many new processes less the least of as many bare ones, run in turns; a second column counts
the modules each brings along.

usage: import_cost.py [--rounds N] [--record]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from measured import against_baseline
from rich.console import Console
from rich.table import Table

LIMIT = 0.150
WORDS = "[{'id': 'length:words', 'args': {'relation': 'at least', 'n': 1}}]"
PROGRAMS = {
    "bare interpreter": "",
    "import rewardkit": "import rewardkit",
    "the first verdict (words)": f"import rewardkit; rewardkit.compile({WORDS}).verify('one two').ok",
    "the first verdict (language)": "import rewardkit; rewardkit.compile([{'id': 'language:response', 'args': "
    "{'language': 'nl'}}]).verify('Het is een mooie dag.').ok",
    "pydantic, for comparison": "from pydantic import BaseModel, TypeAdapter, Field",
}


def seconds(program: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - start


def modules(program: str) -> int:
    code = f"{program}\nimport sys\nprint(len(sys.modules))"
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--record", action="store_true", help="record the figures as the baseline")
    rounds = parser.parse_args().rounds
    least = dict.fromkeys(PROGRAMS, float("inf"))
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            least[name] = min(least[name], seconds(program))
    bare, bare_modules = least["bare interpreter"], modules("")
    table = Table(title=f"beyond a bare interpreter ({1000 * bare:.0f} ms, {bare_modules} modules)")
    for heading in ("program", "ms", "modules"):
        table.add_column(heading, justify="right")
    figures = {}
    for name, program in list(PROGRAMS.items())[1:]:
        figures[name] = 1000 * (least[name] - bare)
        table.add_row(name, f"{figures[name]:.0f}", str(modules(program) - bare_modules))
    console = Console(width=100, highlight=False)
    console.print(table)
    console.print(against_baseline("import_cost", figures))
    return 0 if figures["import rewardkit"] < 1000 * LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
