"""One file per feature: verbs only."""

from services.api.routes import clients, health, jurisdictions

ROUTERS = (
    health.router,
    clients.router,
    jurisdictions.router,
)
