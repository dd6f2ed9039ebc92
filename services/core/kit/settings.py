"""All settings of all services, each read from the environment (or a file in ``/run/secrets``) and named in .env.example."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS_DIR = Path("/run/secrets")


class MissingSettingError(Exception):
    """A service was started without a setting that it cannot run without, or with one that cannot be; the message names it."""


class Settings(BaseSettings):
    """Names are the environment's, lower-cased. Times are in seconds."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", secrets_dir=SECRETS_DIR if SECRETS_DIR.is_dir() else None)

    database_url: str = ""
    author_database_url: str = ""
    cop_owner_password: SecretStr = SecretStr("")
    cop_api_password: SecretStr = SecretStr("")
    cop_author_password: SecretStr = SecretStr("")
    cop_worker_password: SecretStr = SecretStr("")
    cop_notifier_password: SecretStr = SecretStr("")
    redis_url: str = ""
    smtp_url: str = ""
    secret_key: SecretStr = SecretStr("")
    public_url: str = "http://localhost:8000"
    environment: Literal["local", "test", "staging", "production"] = "production"

    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8000
    forwarded_allow_ips: str = "127.0.0.1"
    log_format: Literal["json", "console"] = "json"
    log_level: str = "INFO"

    database_pool_size: int = Field(default=10, ge=1)
    database_pool_timeout_s: float = Field(default=0.8, gt=0)
    statement_timeout_s: float = Field(default=15, gt=0)
    lock_timeout_s: float = Field(default=5, gt=0)

    rate_limit: str = "600/minute"
    sign_in_rate_limit: str = "30/minute"
    sign_in_link_s: float = Field(default=900, gt=0)
    invitation_s: float = Field(default=7 * 86400, gt=0)
    session_s: float = Field(default=43200, gt=0)
    body_limit_bytes: int = 256 * 1024
    practice_body_limit_bytes: int = 1024 * 1024
    batch_body_limit_bytes: int = 64 * 1024 * 1024
    import_body_limit_bytes: int = 32 * 1024 * 1024
    evidence_url: str = ""
    key_cache_s: float = Field(default=1, ge=0, le=1)

    feed_poll_s: float = Field(default=0.25, gt=0)
    poll_delay_s: float = Field(default=0.02, gt=0)
    sweep_s: int = Field(default=5, ge=1, le=30)
    task_lease_s: float = Field(default=30, gt=0)
    task_batch: int = Field(default=50, ge=1)
    task_concurrency: int = Field(default=8, ge=1)
    retry_first_s: float = Field(default=5, gt=0)
    retry_ceiling_s: float = Field(default=4 * 3600, gt=0)
    ring_timeout_s: float = Field(default=0.2, gt=0)

    pull_folder: str = ""

    release_tick_s: int = Field(default=900, ge=1)
    mail_from: str = "ComP Hub <no-reply@comphub.example>"
    mail_reply_to: str = "secretariat@comphub.example"
    mail_domain: str = "comphub.example"
    letter_retry_s: float = Field(default=300, gt=0)
    letter_retry_for_s: float = Field(default=72 * 3600, gt=0)
    letter_doubt_s: float = Field(default=900, gt=0)
    letter_reply_s: float = Field(default=600, gt=0)


NEEDED: dict[str, tuple[str, ...]] = {
    "gateway": ("database_url", "redis_url", "secret_key"),
    "worker": ("database_url", "redis_url", "secret_key"),
    "notifier": ("database_url", "redis_url", "smtp_url", "secret_key"),
    "migrate": ("database_url",),
    "bootstrap": ("database_url",),
}


@cache
def settings() -> Settings:
    """This process's settings, read once."""
    return Settings()


def require(service: str, given: Settings | None = None) -> Settings:
    """The settings of ``service``, or a `MissingSettingError` whose sentence names what is not set."""
    values = given or settings()
    missing = [name.upper() for name in NEEDED[service] if not _text(values, name)]
    if missing:
        names = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]}"
        it = "it" if len(missing) == 1 else "them"
        msg = f"The {service} needs {names}: set {it} in the environment (see .env.example), or use `comphub up` for a local stack."
        raise MissingSettingError(msg)
    for name in ("database_url", "author_database_url"):
        url = _text(values, name)
        if url and not url.startswith(("postgresql://", "postgresql+asyncpg://")):
            raise MissingSettingError(f"{name.upper()} must be like postgresql://user:password@host:5432/comphub.")
    return values


def _text(values: Settings, name: str) -> str:
    value = getattr(values, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
