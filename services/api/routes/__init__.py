"""One file per feature: verbs only."""

from services.api.routes import clients, communities, health, jurisdictions, memberships, people, representatives

ROUTERS = (
    health.router,
    clients.router,
    jurisdictions.router,
    communities.router,
    memberships.router,
    representatives.router,
    people.router,
)
