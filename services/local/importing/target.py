"""Where an import goes: the API that is named, or the local stack that runs on the data folder."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from services.core.sync.tabular import Unusable

KEY = "COMPHUB_API_KEY"


@dataclass(frozen=True, slots=True)
class Target:
    """An API and the key for it."""

    api_url: str
    key: str


def find(data_dir: Path, api_url: str | None, key: str | None) -> Target:
    """The target that the options and the environment name; `Unusable` says what is missing."""
    key = key or os.environ.get(KEY)
    if api_url:
        if not key:
            raise Unusable(f"Which key? Give --key, or set {KEY}.")
        if not api_url.startswith(("http://", "https://")):
            raise Unusable(f"“{api_url}” is not the address of an API: it begins with https:// or http://.")
        return Target(api_url, key)
    try:
        card = json.loads((data_dir / "stack.json").read_text(encoding="utf-8"))
        return Target(str(card["api_url"]), key or str(card["admin_api_key"]))
    except FileNotFoundError:
        raise Unusable(f"No stack runs on {data_dir}: start one with `comphub up`, or name an API with --api-url.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{data_dir / 'stack.json'} cannot be read: {error}") from error
