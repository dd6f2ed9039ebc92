"""Pictures for readers: SVG by matplotlib, which is loaded on the first request, in the one thread that draws."""

from services.api.pictures.answer import SVG_ANSWER, answer
from services.api.pictures.moves import drawn_moves
from services.api.pictures.words import LANGUAGES

__all__ = ["LANGUAGES", "SVG_ANSWER", "answer", "drawn_moves"]
