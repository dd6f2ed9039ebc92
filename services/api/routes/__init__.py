"""One file per feature: verbs only."""

from services.api.pages import review, verify
from services.api.routes import (
    admin,
    calls,
    clients,
    commitments,
    communities,
    health,
    jurisdictions,
    memberships,
    people,
    practices,
    recognitions,
    representatives,
    review_links,
    reviews,
)

ROUTERS = (
    health.router,
    admin.router,
    clients.router,
    jurisdictions.router,
    communities.router,
    memberships.router,
    representatives.router,
    people.router,
    commitments.router,
    calls.router,
    practices.router,
    reviews.router,
    review_links.router,
    recognitions.router,
    review.router,
    verify.router,
)
