"""Where metrics cannot be served, both settings are named."""

import pytest

from services.errors import ConflictError
from services.web.metrics import served


@pytest.mark.parametrize("host", ["192.0.2.1", "no..host"])
def test_a_host_that_is_not_this_machine_is_told(host: str) -> None:
    with (
        pytest.raises(ConflictError, match=rf"cannot be served on {host}:0 \(.*metrics_port.*metrics_host"),
        served(host, 0),
    ):
        pass
