"""The rulebook: what it holds, and what its reader refuses."""

from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from services.core.commitments import rulebook
from services.core.commitments.rulebook import CASES, RulebookError, current, load, parse, versions

D = Decimal
TEXT = (files("services.core.commitments") / "rulebooks" / "2026-1.toml").read_text("utf-8")


def test_the_newest_version_is_current_and_is_read_once() -> None:
    assert versions()[0] == "2026-1"
    assert current().version == versions()[-1]
    assert current() is load(versions()[-1])
    with pytest.raises(LookupError, match="no rulebook 1999-1; there are 2026-1"):
        load("1999-1")


def test_every_published_version_can_be_read() -> None:
    assert [load(version).version for version in versions()] == versions()


def test_only_r0_and_r3_block() -> None:
    assert {case.split(".")[0] for case, entry in current().cases.items() if entry.severity == "blocking"} == {"R0", "R3"}
    assert {case.split(".")[0] for case in current().cases if case[0] == "R"} == {
        "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R13",
    }  # fmt: skip


def test_what_is_not_known_is_information_and_nothing_else() -> None:
    unknown = [entry for case, entry in current().cases.items() if case.endswith("unknown")]
    assert len(unknown) == 17
    assert {entry.severity for entry in unknown} == {"info"}


def test_the_thresholds_of_2026_1() -> None:
    limits = load("2026-1").thresholds
    assert (limits.status_tolerance, limits.typed_tolerance) == (D(5), D(1))
    assert (limits.identity_tolerance_t, limits.identity_tolerance_percent) == (D(1), D("0.5"))
    assert (limits.interim_by, limits.net_zero_by, limits.inventory_max_age_years) == (2030, 2050, 4)
    assert (limits.minimum_sectors, limits.minimum_gases, limits.minimum_scopes) == (3, ("CO2", "CH4", "N2O"), (1, 2))
    assert (limits.net_zero_residual_percent, limits.recalculation_percent) == (D(20), D(5))
    assert (limits.target_within_years, limits.report_every_years, limits.fair_share_year) == (2, 2, 2030)
    assert (limits.sbti_points_1_5c, limits.sbti_points_well_below_2c) == (D("4.2"), D("2.5"))
    assert {country: share.percent for country, share in load("2026-1").fair_share_percap_pct.items()} == {"US": D("63.3")}


def test_what_could_not_be_checked_says_so() -> None:
    for case, entry in current().cases.items():
        unread = entry.source.startswith(("GCoM Common Reporting Framework", "NetZeroCities", "GHG Protocol"))
        assert ("not verified" in entry.source) == unread, case


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"R4.differs" = ["warning", "cdp"]\n', "", "lacks the case R4.differs"),
        ('"R4.differs" =', '"R4.differ" =', "unknown case R4.differ"),
        ('"R4.differs" = ["warning", "cdp"]', '"R4.differs" = ["fatal", "cdp"]', "R4.differs; it needs one of blocking, warning, info"),
        ('"R4.differs" = ["warning", "cdp"]', '"R4.differs" = ["warning", "nobody"]', "R4.differs.*a known source"),
        ('"R4.differs" = ["warning", "cdp"]', '"R4.differs" = "warning"', "R4.differs"),
        ("interim_by = 2030", "interim_by = 2030.5", "interim_by, which is of another kind"),
        ("interim_by = 2030", "interim_by = true", "interim_by, which is of another kind"),
        ("typed_tolerance = 1 ", "typed_tolerance = true ", "typed_tolerance, which is of another kind"),
        ("interim_by = 2030", "interim_bye = 2030", "unknown entry interim_bye"),
        ('minimum_gases = ["CO2", "CH4", "N2O"]', "minimum_gases = [1]", "minimum_gases, which is of another kind"),
        ('minimum_gases = ["CO2", "CH4", "N2O"]', "minimum_gases = []", "minimum_gases, which is of another kind"),
        ("population_factor = 5", "", "lacks the entry population_factor"),
        ("percent = 63.3", 'percent = "63.3"', "percent, which is of another kind"),
        ("[plausible]", "[plausibility]", "unknown part plausibility"),
        ('version = "2026-1"', 'version = "latest"', "latest is no version"),
        ('version = "2026-1"', "", "without a version lacks|lacks the part version"),
        ('version = "2026-1"', "version", "no TOML"),
    ],
)
def test_a_wrong_file_is_refused_and_the_entry_named(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(RulebookError, match=says):
        parse(TEXT.replace(old, new, 1))


def test_a_later_version_adds_cases_and_the_older_file_stays_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "CASES", {**CASES, "2026-10": ("R15.new",)})
    assert parse(TEXT).version == "2026-1"
    assert parse(TEXT.replace('version = "2026-1"', 'version = "2026-2"')).version == "2026-2", "the second is before the tenth"
    later = TEXT.replace('version = "2026-1"', 'version = "2026-10"')
    with pytest.raises(RulebookError, match=r"lacks the case R15\.new"):
        parse(later)
    assert parse(later.replace("[cases]", '[cases]\n"R15.new" = ["info", "comp"]')).cases["R15.new"].severity == "info"


def test_the_public_page_names_every_rule_and_every_threshold_of_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "climate-rules.md").read_text("utf-8")
    for rule in {case.split(".")[0] for case in current().cases}:
        assert f"| {rule} |" in page or f"| `{rule}` |" in page, rule
    limits = current().thresholds
    for said in (
        f"within {limits.identity_tolerance_t} t or {limits.identity_tolerance_percent} % of the base",
        f"a step by {limits.interim_by}", f"net zero by {limits.net_zero_by}",
        f"at most {limits.net_zero_residual_percent} % of the base year",
        f"up to {limits.recalculation_percent} %: info", f"at most {limits.inventory_max_age_years} years old",
        f"at least {limits.minimum_sectors} sectors", f"within {limits.target_within_years} years of joining",
        f"a report every {limits.report_every_years} years", f"within {limits.typed_tolerance} point",
        f"{limits.status_tolerance} points around", f"({limits.sbti_points_1_5c} and {limits.sbti_points_well_below_2c} points a year)",
    ):  # fmt: skip
        assert said in page, said
