"""What the band of a jurisdiction looks at, and where it is stored. Only what is public counts."""

from itertools import chain
from typing import Any, Final

from sqlalchemy import bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.types import Text, Uuid

from services.core.commitments.models import Commitment, JurisdictionBand, ProgressReport
from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.statements import Statement, param, utc

_MOST_COMMITMENTS: Final = 500
_MOST_REPORTS: Final = 10
"""The newest ones of a jurisdiction, and of a commitment: a band costs no more for whoever has thousands."""
_TARGET: Final = (
    "id", "sector", "boundary", "gases", "scopes", "base_year", "target_year", "year_set", "status_in_law", "uses_credits", "net_zero",
    "conditional_percent", "base_year_emissions_t", "target_year_emissions_t", "assessed_at", "findings", "progress", "sufficiency",
    "measures",
)  # fmt: skip
_INVENTORY: Final = (
    "id", "commitment_id", "year", "emissions_t", "notation_key", "population", "method", "verified", "boundary", "gases", "scopes",
    "sectors",
)  # fmt: skip
_FACTS: Final = ("population", "population_year", "area_km2", "latitude", "context")


def _object(columns: Any, names: tuple[str, ...], **more: Any) -> Any:
    return func.json_build_object(*chain.from_iterable((name, columns[name]) for name in names), *chain(*more.items()), type_=JSON)


def _list(items: Any) -> Any:
    return func.coalesce(func.json_agg(items), cast("[]", JSON), type_=JSON)


_commitment = (
    select(Commitment.__table__)
    .where(Commitment.jurisdiction_id == Jurisdiction.id, Commitment.visibility == "public")
    .order_by(Commitment.id.desc())
    .limit(_MOST_COMMITMENTS)
    .correlate(Jurisdiction)
    .subquery("newest_commitment")
    .lateral()
)
_report = (
    select(ProgressReport.__table__)
    .where(ProgressReport.commitment_id == _commitment.c.id)
    .order_by(ProgressReport.year.desc())
    .limit(_MOST_REPORTS)
    .correlate(_commitment)
    .subquery("newest_report")
    .lateral()
)
_reports = select(_list(_object(_report.c, _INVENTORY))).select_from(_report).correlate(_commitment).scalar_subquery()
_commitments = (
    select(_list(_object(_commitment.c, _TARGET, reports=_reports))).select_from(_commitment).correlate(Jurisdiction).scalar_subquery()
)
BAND_LOCK = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(param("id", Uuid).cast(Text), text("43")))))
"""Hold a jurisdiction's band until the transaction ends. What it is computed from is read by a statement of its own, after this."""

DISCLOSED = Statement(
    select(
        Jurisdiction.version,
        func.date_part("year", DOMAIN_NOW).label("this_year"),
        cast(_object(Jurisdiction.__table__.c, _FACTS), Text).label("facts"),
        cast(_commitments, Text).label("commitments"),
    ).where(Jurisdiction.id == param("id", Uuid))
)
"""The whole public disclosure of a jurisdiction."""

BAND = Statement(
    select(
        Jurisdiction.version,
        func.date_part("year", DOMAIN_NOW).label("this_year"),
        JurisdictionBand.band,
        cast(JurisdictionBand.body, Text).label("body"),
        utc(JurisdictionBand.assessed_at).label("assessed_at"),
    )
    .outerjoin(JurisdictionBand, JurisdictionBand.jurisdiction_id == Jurisdiction.id)
    .where(Jurisdiction.id == param("id", Uuid))
)
"""The band of a jurisdiction as it was last stored (``body`` is null when it never was); no row for an unknown jurisdiction."""

_given = {name: bindparam(name, type_=JurisdictionBand.__table__.c[name].type) for name in ("scheme", "band", "body")}
STORE_BAND = Statement(
    upsert(JurisdictionBand)
    .values(jurisdiction_id=param("id", Uuid), **_given)
    .on_conflict_do_update(index_elements=["jurisdiction_id"], set_={**_given, "assessed_at": DOMAIN_NOW})
)
"""Store the band of a jurisdiction."""
