"""`python -m tests.house`: the laws, without a database. `--wired` asks only the services, `--source` only the files."""

import sys
from pathlib import Path

from tests.house.laws import SOURCE, judge
from tests.house.laws.wired import wired

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Print each breach on a line; 1 if there is one."""
    breaches = [] if "--wired" in arguments else judge(ROOT)
    breaches += [] if "--source" in arguments else list(wired(ROOT))
    for breach in breaches:
        print(breach)
    print(f"house: {len(SOURCE)} laws on the source, 3 on the services: " + (f"{len(breaches)} broken" if breaches else "ok"))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
