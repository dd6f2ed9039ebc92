"""The letters of this house, each named by what its reader learns; a letter is a module here and a folder of templates."""

from services.notifier.letter import Letter

LETTERS: dict[str, Letter] = {}
