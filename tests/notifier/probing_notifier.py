"""A notifier process that knows the probe letter as well: ``python -m tests.notifier.probing_notifier``."""

from services.notifier import main, render
from services.notifier.letters import LETTERS
from tests.notifier.probe import PROBE, TEMPLATES

LETTERS["probe"] = PROBE
render.TEMPLATES = (*render.TEMPLATES, TEMPLATES)

if __name__ == "__main__":
    main.main()
