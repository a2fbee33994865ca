"""What a job is: a piece of work that outlives whoever asked for it, and its states."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

State = Literal["queued", "running", "cancelling", "cancelled", "done", "failed", "out-of-memory"]
# Nobody works on these; all but "done" can be resumed.
ENDED: Final[tuple[State, ...]] = ("cancelled", "done", "failed", "out-of-memory")
HELD: Final[tuple[State, ...]] = ("running", "cancelling")
# A job is claimed so often without finishing one more epoch, and then given up.
MAX_ATTEMPTS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Job:
    """One row of the table of jobs. Times are seconds since 1970 by the database's clock."""

    id: str  # a hash of what is to be done: the same work is the same job
    kind: str
    title: str
    config: dict[str, Any] = field(repr=False)
    state: State
    asked: int  # how often it was asked for: above 1 somebody joined
    attempts: int  # claims since it last got on by an epoch
    fence: int  # goes up with every claim; older claims may not write any more
    worker: str | None  # host:pid
    lease_until: float | None
    created: float
    started: float | None
    finished: float | None
    stage: str  # what it is at
    done: int  # steps of ``of`` that are done; a training's steps are epochs
    of: int
    message: str  # a sentence for people: how it ended
    result: dict[str, Any] = field(repr=False)

    @property
    def ended(self) -> bool:
        """Whether nobody works on it and nobody will, unless it is resumed."""
        return self.state in ENDED

    @property
    def resumable(self) -> bool:
        """Whether it can be put into the queue again."""
        return self.ended and self.state != "done"
