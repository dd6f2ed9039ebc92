"""Run as a program by the tests: owns a PostgreSQL and a Redis, says where they are, and waits to be stopped or killed."""

import json
import sys
from pathlib import Path

from services.local.engines.postgres import Postgres
from services.local.engines.redis import Redis


def main() -> None:
    data_dir = Path(sys.argv[1])
    with Postgres(data_dir / "postgres", fsync=False) as postgres, Redis(data_dir / "redis") as redis:
        facts = {"postgres": postgres.pid, "redis": redis.pid, "url": postgres.url(), "redis_url": redis.url()}
        print(json.dumps(facts), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
