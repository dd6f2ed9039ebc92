"""The reference: FastAPI, an asyncpg pool and orjson, with none of our layers.

One row of 25 columns, a list of 50 such rows, and two inserts in a transaction. ``python -m tests.bench.reference --fd N``.
"""

import argparse
import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel

SCHEMA = """
CREATE TABLE reference_row (
  id uuid PRIMARY KEY, owner_id uuid NOT NULL, title text NOT NULL, kind text NOT NULL, base_year int, base double precision,
  percent double precision, target_year int NOT NULL, year_set int, goal double precision, computed double precision,
  sector text NOT NULL, boundary text, gases text[] NOT NULL, scopes int[] NOT NULL, conditional double precision, credits boolean,
  net_zero boolean, law text, measures jsonb NOT NULL, findings jsonb NOT NULL, progress jsonb NOT NULL, visibility text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE reference_event (id uuid PRIMARY KEY, type text NOT NULL, subject_id uuid NOT NULL, data jsonb NOT NULL);
"""
_INSERT = """
INSERT INTO reference_row (id, owner_id, title, kind, base_year, base, percent, target_year, year_set, goal, computed, sector, boundary,
  gases, scopes, conditional, credits, net_zero, law, measures, findings, progress, visibility)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, '[]', '[]', '{}', $20)
"""
_EVENT = "INSERT INTO reference_event (id, type, subject_id, data) VALUES ($1, $2, $3, $4)"
_ONE = "SELECT * FROM reference_row WHERE id = $1"
_MANY = "SELECT * FROM reference_row ORDER BY id LIMIT $1"


class Row(BaseModel):
    """The body of a write."""

    title: str
    kind: str
    base_year: int | None = None
    base: float | None = None
    percent: float | None = None
    target_year: int
    year_set: int | None = None
    goal: float | None = None
    sector: str = "all"
    boundary: str | None = None
    gases: list[str] = []
    scopes: list[int] = []
    conditional: float | None = None
    credits: bool | None = None
    net_zero: bool | None = None
    law: str | None = None
    visibility: str = "public"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    dsn = os.environ["DATABASE_URL"].replace("postgresql+asyncpg://", "postgresql://", 1)
    async with asyncpg.create_pool(dsn, min_size=10, max_size=10, server_settings={"application_name": "reference"}) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)
_GROUPS = ("measures", "findings", "progress")


def _shown(row: asyncpg.Record) -> dict[str, Any]:
    shown = dict(row)
    shown["id"], shown["owner_id"] = str(row["id"]), str(row["owner_id"])
    for name in _GROUPS:
        shown[name] = orjson.Fragment(row[name])
    return shown


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


@app.get("/ready")
async def ready() -> Response:
    return _json({"ready": True})


@app.get("/rows/{row_id}")
async def one(row_id: uuid.UUID) -> Response:
    async with app.state.pool.acquire() as connection:
        row = await connection.fetchrow(_ONE, row_id)
    return _json(_shown(row)) if row else _json({"detail": "not found"}, 404)


@app.get("/rows")
async def many(limit: int = 50) -> Response:
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(_MANY, limit)
    return _json({"items": [_shown(row) for row in rows]})


@app.post("/owners/{owner_id}/rows")
async def write(owner_id: uuid.UUID, given: Row) -> Response:
    row_id = uuid.uuid4()
    computed = None if given.base is None or given.percent is None else given.base * (1 - given.percent / 100)
    async with app.state.pool.acquire() as connection, connection.transaction():
        values = (
            *(row_id, owner_id, given.title, given.kind, given.base_year, given.base, given.percent, given.target_year),
            *(given.year_set, given.goal, computed, given.sector, given.boundary, given.gases, given.scopes, given.conditional),
            *(given.credits, given.net_zero, given.law, given.visibility),
        )
        await connection.execute(_INSERT, *values)
        await connection.execute(_EVENT, uuid.uuid4(), "row.made", row_id, "{}")
    return _json({"id": str(row_id), "owner_id": str(owner_id), "computed": computed, **given.model_dump()}, 201)


def main() -> None:
    """Serve on an inherited listening socket, with the same uvicorn settings as the gateway."""
    parser = argparse.ArgumentParser(prog="reference")
    parser.add_argument("--fd", type=int, required=True)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=parser.parse_args().fd)])


if __name__ == "__main__":
    main()
