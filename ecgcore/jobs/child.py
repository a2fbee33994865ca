"""The process that does one claimed job: ``python -m ecgcore.jobs.child ID FENCE LEASE``.

It is a process of its own, so that what kills it, such as the kernel for want of memory, leaves
the worker to say so. Exit code 0: it has written how the job ended.
"""

import logging
import sys
import time
import traceback
from collections.abc import Callable
from typing import Final

from ecgcore.errors import EcgError, JobError, LeaseLostError
from ecgcore.executor.memory import is_out_of_memory, limit_memory
from ecgcore.jobs import batches, store, training
from ecgcore.jobs.claim import CANCELLED, STOPPED, Claim
from ecgcore.jobs.engine import jobs_database
from ecgcore.jobs.memory import ADVICE
from ecgcore.jobs.pulse import LOST, Cancelled, Pulse, Stopped
from ecgcore.settings import settings

_UNWRITTEN: Final = 74  # exit code: how it ended could not be written
_PATIENCE_S: Final = 60.0

_log = logging.getLogger("beatlens")


def main(id: str, fence: int, lease: float) -> int:
    """Do the job and return the exit code."""
    database = jobs_database()
    claim = Claim(database=database, job=store.get(database, id), fence=fence, lease=lease)
    pulse = Pulse(claim)
    pulse.start()
    try:
        write = _work(claim, pulse)
        return _written(write)
    except LeaseLostError as error:
        _log.warning("%s", error)
        return LOST
    finally:
        pulse.stop()


def _work(claim: Claim, pulse: Pulse) -> Callable[[], None]:
    """Do the work; return what writes down how it ended."""
    try:
        limit_memory(settings().job_memory_mb)
        if claim.job.kind == batches.KIND:
            return batches.run(claim, pulse)
        import torch

        torch.set_num_threads(1)  # see ``cli.train``: the result depends on it
        return training.run(claim, pulse)
    except LeaseLostError:
        raise
    except Cancelled:
        return lambda: claim.end("cancelled", CANCELLED)
    except Stopped:
        return lambda: claim.give_back(STOPPED, counts=False)
    except JobError as error:  # the database of jobs; later it may be there again
        why = str(error)
        return lambda: claim.give_back(why, counts=True)
    except EcgError as error:
        said = str(error)
        return lambda: claim.end("failed", said)
    except Exception as error:
        if is_out_of_memory(error):
            return lambda: claim.end("out-of-memory", f"The memory did not suffice. {ADVICE}")
        trace, kind = traceback.format_exc(), type(error).__name__
        _log.exception("job %s", claim.job.id)

        def fail() -> None:
            claim.log(trace)
            claim.end("failed", f"Something went wrong in the program ({kind}); its log has more.")

        return fail


def _written(write: Callable[[], None]) -> int:
    """Write how it ended, again and again while the database can't be written to."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            write()
        except LeaseLostError:
            raise
        except JobError as error:
            if time.monotonic() > until:
                _log.error("%s", error)
                return _UNWRITTEN
            time.sleep(1.0)
        else:
            return 0


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    sys.exit(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
