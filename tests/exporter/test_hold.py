"""One process writes into the folder, and nobody while it is read."""

from pathlib import Path

import pytest

from services.errors import ConflictError
from services.exporter.hold import Hold, at_rest, held


def test_while_some_read_nobody_writes_and_while_one_writes_nobody_reads(tmp_path: Path) -> None:
    writer = Hold(tmp_path)
    with held(tmp_path), pytest.raises(ConflictError), at_rest(tmp_path):
        pass
    with at_rest(tmp_path), at_rest(tmp_path), pytest.raises(ConflictError):
        writer.take()
    writer.take()
    writer.free()
