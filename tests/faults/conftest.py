from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.bench import Bench, opened

Note = Callable[[str, str], None]


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(tmp_path_factory.mktemp("bench")) as made:
        yield made


@pytest.fixture(scope="session")
def note() -> Note:
    """Notes what came of a trial, for the table of docs/an-toan.md (`make faults`)."""
    path = os.environ.get("AUDIT_FAULTS_RECORD")

    def write(fault: str, outcome: str) -> None:
        if path:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(json.dumps([fault, outcome], ensure_ascii=False) + "\n")

    return write
