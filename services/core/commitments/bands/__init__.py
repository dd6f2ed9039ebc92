"""The band of a jurisdiction's whole disclosure: what is asked (`scheme`), how it is judged (`criteria`, `scoring`), what is lacking."""

from services.core.commitments.bands.scheme import Scheme, current, load, versions
from services.core.commitments.bands.scoring import band

__all__ = ["Scheme", "band", "current", "load", "versions"]
