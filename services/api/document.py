"""``python -m services.api.document``: print the OpenAPI document; no database is asked."""

import sys

import orjson
from pydantic import SecretStr

from services.api.main import create_app
from services.core.kit.settings import Settings


def main() -> None:
    """Print it, indented, with its keys in the order of the application."""
    settings = Settings(database_url="postgresql://nowhere/none", redis_url="redis://nowhere", secret_key=SecretStr("unused"))
    sys.stdout.buffer.write(orjson.dumps(create_app(settings).openapi(), option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
