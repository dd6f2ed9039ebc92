"""A small slice of each campaign, so that no change breaks what they guard."""

import pytest

from tests.faults import campaigns


@pytest.mark.parametrize(
    ("name", "size"), [("worker-kill", 60), ("redis-wipe", 30), ("gateway-kill", 80), ("lease-pause", 40), ("postgres-kill", 60)]
)
async def test_no_invariant_breaks(name: str, size: int) -> None:
    campaign, _, _ = campaigns.CAMPAIGNS[name]
    arguments = {"kills": 4} if name == "worker-kill" else {"wipes": 2} if name == "redis-wipe" else {"kills": 2} if name.endswith("-kill") else {}
    found = await campaign(size, **arguments)  # type: ignore[call-arg]
    assert (found.tried, found.broken) == (size, 0), found.note
