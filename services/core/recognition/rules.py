"""Levels of recognition and the life of one."""

from services.core.kit.states import Machine

LEVELS = ("recognised", "commended")
RECOGNITION = Machine(name="recognition", statuses=("granted", "revoked"), moves={"revoke": {"granted": "revoked"}})
