"""A form with one file, as routes read it: the file, and the other fields as texts that are clean like those in JSON."""

from collections.abc import Mapping

from services.api.gate import clean_text
from services.api.uploads import Part
from services.core.kit.errors import Problem, invalid


def file_and_others(form: Mapping[str, Part]) -> tuple[Part, dict[str, str]]:
    """The field ``file``, and the others by their names; `Problem` names the field that cannot be read."""
    part = form.get("file")
    if part is None:
        raise invalid("/file", "Send the file in the field “file”.")
    if not part.filename:
        raise Problem("file-name-refused", "Send the file with its name.", errors=invalid("/file", "The file has no name.").errors)
    return part, {name: _text(name, each.content) for name, each in form.items() if name != "file"}


def _text(name: str, content: bytes) -> str:
    try:
        return clean_text(content.decode("utf-8"), f"/{name}")
    except UnicodeDecodeError as error:
        raise invalid(f"/{name}", "This is not UTF-8.") from error
