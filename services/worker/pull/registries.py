"""The registries that this installation reads: one TOML mapping with a table ``[pull]`` each, in the folder PULL_FOLDER."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from services.core.kit import settings as configuration
from services.core.kit.log import logger
from services.core.sync import mapping as mappings
from services.core.sync.mapping import Auth, BrokenMapping, Mapping, Pull

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Described:
    """One registry: how its rows are mapped and how it is read."""

    mapping: Mapping
    pull: Pull

    @property
    def source(self) -> str:
        """Its name."""
        return self.mapping.source

    @property
    def digest(self) -> str:
        """Another one when anything in the description is another."""
        return hashlib.sha256(self.mapping.model_dump_json().encode()).hexdigest()

    def headers(self) -> dict[str, str]:
        """The header that proves who we are; `BrokenMapping` when its secret is not there, or would travel in the clear."""
        auth = self.pull.auth
        if auth is None:
            return {}
        address = urlsplit(self.pull.url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise BrokenMapping(f"{self.source}: a secret is sent by https only")
        return {auth.header: f"{auth.scheme} {_secret(self.source, auth)}".strip()}


def configured() -> dict[str, Described]:
    """Every registry that can be read, by its name. A broken description is logged and left out."""
    folder = configuration.settings().pull_folder
    found: dict[str, Described] = {}
    if not folder:
        return found
    for path in sorted(Path(folder).glob("*.toml")):
        try:
            described = _described(path)
        except BrokenMapping as broken:
            logger.error("pull_mapping_broken", why=str(broken))
            continue
        if described.source in found:
            logger.error("pull_mapping_broken", why=f"{path.name}: another file describes “{described.source}” already")
        else:
            found[described.source] = described
    return found


def _described(path: Path) -> Described:
    mapping = mappings.read(path)
    if mapping.pull is None:
        raise BrokenMapping(f"{path.name} has no table [pull]")
    return Described(mapping, mapping.pull)


def _secret(source: str, auth: Auth) -> str:
    if auth.env is not None:
        secret, place = os.environ.get(auth.env, ""), auth.env
    else:
        path = configuration.SECRETS_DIR / str(auth.file)
        place = str(path)
        try:
            secret = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            secret = ""
    secret = secret.strip()
    if not secret or not secret.isascii() or not secret.isprintable():
        raise BrokenMapping(f"{source}: {place} holds no secret that a header can carry")
    return secret
