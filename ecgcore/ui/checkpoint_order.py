"""In which order checkpoints are offered, and what kind each is: a long list that can be read."""

from collections.abc import Mapping
from typing import Final

from ecgcore.models.meta import CheckpointMeta

# The ones to begin with; which they are is said on their cards, and chosen on no test label here.
RECOMMENDED: Final = ("best-inter-patient", "resunet-b2", "identity-nsrdb")
_TASKS: Final = {"beat-class": "beats", "identity": "people"}


def ordered(metas: Mapping[str, CheckpointMeta]) -> dict[str, CheckpointMeta]:
    """Return the checkpoints: those to begin with, then by task, people's own before table rows."""
    tasks = list(_TASKS)

    def place(name: str) -> tuple[int, int, bool, str]:
        first = RECOMMENDED.index(name) if name in RECOMMENDED else len(RECOMMENDED)
        return first, tasks.index(metas[name].task), name.startswith("table"), name

    return {name: metas[name] for name in sorted(metas, key=place)}


def listed(name: str, meta: CheckpointMeta) -> str:
    """Return a name as it stands in a list: with its task, and a star where one begins."""
    return f"{'★ ' * (name in RECOMMENDED)}{name} · {_TASKS[meta.task]}"
