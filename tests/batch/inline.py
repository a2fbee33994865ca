"""An executor without processes, for tests of what is done and not of where."""

from collections.abc import Callable, Iterable, Iterator

from ecgcore.executor.task import Check, Failed, R, T, attempt


class Inline:
    name = "here"

    def results(
        self, do: Callable[[T], R], items: Iterable[T], check: Check
    ) -> Iterator[tuple[T, R | Failed]]:
        for item in items:
            check()
            yield item, attempt(do, item)
