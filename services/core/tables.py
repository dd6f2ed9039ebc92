"""Loads every room's tables, so that the metadata is whole (migrations, tests)."""

from services.core.accounts import models as accounts
from services.core.commitments import models as commitments
from services.core.communities import models as communities
from services.core.imports import models as imports
from services.core.jurisdictions import models as jurisdictions
from services.core.kit.columns import Base
from services.core.ledger import models as ledger
from services.core.mail import models as mail
from services.core.practices import models as practices
from services.core.recognition import models as recognition
from services.core.reviews import models as reviews
from services.core.sync import models as sync

ROOMS = (accounts, commitments, communities, imports, jurisdictions, ledger, mail, practices, recognition, reviews, sync)
METADATA = Base.metadata
