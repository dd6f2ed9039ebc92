"""What may be done with files of targets."""

from services.core.imports.service.files import File, read
from services.core.imports.service.running import KIND, begin, result, take_parts

__all__ = ["KIND", "File", "begin", "read", "result", "take_parts"]
