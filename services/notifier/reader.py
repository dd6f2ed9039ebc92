"""Whom a letter is for, and what every letter's context holds."""

from dataclasses import dataclass

LANGUAGES = ("en",)
"""The languages that letters are written in; the first is the one for everybody else."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The recipient: name and address as they were given, BCP 47 locale, IANA time zone."""

    name: str
    email: str
    locale: str
    time_zone: str

    @property
    def language(self) -> str:
        """The language in which this reader is written to."""
        wanted = self.locale.replace("_", "-").casefold()
        return next((tag for tag in LANGUAGES if wanted == tag or wanted.startswith(f"{tag}-")), LANGUAGES[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a letter says; each letter adds its own fields. Templates see them by name, and `reader`."""

    reader: Reader


def in_words(code: str) -> str:
    """A code of ours as people say it: ``energy_transition`` is “energy transition”."""
    return code.replace("_", " ")
