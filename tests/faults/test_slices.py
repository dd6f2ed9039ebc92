"""A small slice of each campaign, so that no change breaks what they guard."""

import pytest

from tests.faults import campaigns


@pytest.mark.parametrize(
    ("name", "size", "hurts"),
    [
        ("worker-kill", 60, {"kills": 4}),
        ("redis-wipe", 30, {"wipes": 2}),
        ("gateway-kill", 80, {"kills": 2}),
        ("lease-pause", 40, {}),
        ("postgres-kill", 60, {"kills": 2}),
        ("batch-kill", 2_500, {"kills": 3}),
    ],
)
async def test_no_invariant_breaks(name: str, size: int, hurts: dict[str, int]) -> None:
    campaign, _, _ = campaigns.CAMPAIGNS[name]
    found = await campaign(size, **hurts)
    assert (found.tried, found.broken) == (size, 0), found.note
