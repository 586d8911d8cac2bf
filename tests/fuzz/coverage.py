"""Fuzzes the readers that are Python through and through, guided by which of their lines are reached (atheris, libFuzzer).

    python -m pip install atheris==3.0.0
    python -m tests.fuzz.coverage READER [-max_total_time=60] [DIRECTORY] ...      options and corpus of libFuzzer

The other readers work in C (pyarrow, orjson, lxml, calamine), of which coverage of Python sees next to nothing. The
process ends at the first fault, and the input lies in a file `crash-...` or `timeout-...`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from random import Random

from tests.fuzz.mutations import mutated

Reader = Callable[[bytes], object]
SECONDS = 10
"""After which an input is a fault."""


def readers() -> dict[str, Reader]:
    """The readers, by name; all errors that they may end with are caught."""
    from builders.errors import FormatError  # here, because the instrumented code is what is imported after atheris
    from builders.formats import aozora, quoted_csv, wikitext

    def work(data: bytes) -> None:
        try:
            parts = aozora.split_work(data.decode(errors="replace"))
            aozora.author_of_short_header(parts.header)
            aozora.opening(parts.body, parts.header, 100)
            aozora.parse_header(parts.header)
        except aozora.UnusableWork:
            pass

    def table(data: bytes) -> None:
        try:
            list(quoted_csv.read_quoted_csv(io.BytesIO(b"x,y\n" + data), "file", {"x": "x"}))
        except FormatError:
            pass

    def page(data: bytes) -> None:
        wikitext.plain_text(data.decode(errors="replace"))

    return {"aozora": work, "quoted_csv": table, "wikitext": page}


def main() -> None:
    """Fuzzes one reader until an option of libFuzzer ends it."""
    import atheris  # type: ignore[import-not-found]  # not in requirements.txt: it is for those who look for faults

    with atheris.instrument_imports(include=["builders"]):
        read = readers()[sys.argv.pop(1)]

    def change(data: bytes, size: int, seed: int) -> bytes:
        if seed % 2:
            return bytes(atheris.Mutate(data, size))
        return mutated(data, Random(seed), data)[:size]

    atheris.Setup([*sys.argv, f"-timeout={SECONDS}"], read, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
