"""Whatever stands in config.ini and in the environment, it gives settings or a sentence that names the setting."""

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config import Settings
from services.errors import InvalidError
from services.settings import load

MANUAL = (Path(__file__).parents[2] / "config.ini").read_text("utf-8")
NAMES = [(section, key) for section in Settings.model_fields for key in type(getattr(Settings(), section)).model_fields]
VALUES = (
    st.text(max_size=40)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.sampled_from(
        ["nan", "inf", "-1", "1e400", "9" * 5000, "٣", "1_0", "0x10", "true", "%(x)s", "${x}", "\\", "a\n b"]
    )
)
LINES = (
    st.sampled_from(MANUAL.splitlines())
    | st.text(max_size=40)
    | st.builds("{} = {}".format, st.text(max_size=8), VALUES)
)
TEXTS = (
    st.text(max_size=400) | st.lists(LINES, max_size=30).map("\n".join) | st.lists(LINES, max_size=30).map("\r\n".join)
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "config.ini"


def outcome(file: Path, body: bytes, environment: Mapping[str, str]) -> str:
    """The refusal, or nothing where the settings are good; each number of those is finite."""
    file.write_bytes(body)
    try:
        found = load({"FORESAIL_CONFIG": str(file), **environment})
    except InvalidError as error:
        return error.detail
    for section, key in NAMES:
        value = getattr(getattr(found, section), key)
        assert not isinstance(value, float) or math.isfinite(value), f"[{section}] {key} is {value}"
    return ""


@given(body=st.binary(max_size=400) | TEXTS.map(lambda text: text.encode()))
def test_any_file_gives_settings_or_a_sentence(file: Path, body: bytes) -> None:
    detail = outcome(file, body, {})
    assert not detail or str(file) in detail


@given(name=st.sampled_from(NAMES), value=VALUES)
def test_any_value_is_taken_or_its_setting_named(file: Path, name: tuple[str, str], value: str) -> None:
    section, key = name
    # As one line: what a value's second line is, its blanks decide.
    line = " ".join(value.split())
    detail = outcome(file, f"[{section}]\n{key} = {line}\n".encode(), {})
    assert not detail or f"[{section}]" in detail


@given(name=st.sampled_from(NAMES), value=VALUES)
def test_any_variable_is_taken_or_its_setting_named(file: Path, name: tuple[str, str], value: str) -> None:
    variable = "FORESAIL_{}_{}".format(*name).upper()
    detail = outcome(file, b"", {variable: value})
    assert not detail or f"[{name[0]}]" in detail
    assert not detail or variable in detail or f"FORESAIL_{name[0]}".upper() in detail


@given(name=st.sampled_from(NAMES), value=VALUES, rest=TEXTS)
def test_a_secret_is_never_quoted(file: Path, name: tuple[str, str], value: str, rest: str) -> None:
    secret = "S3cretOfTheHouse"
    text = f"[auth]\nfirst_password = {secret}\n{name[1]} = {value}\n{rest}"
    assert secret not in outcome(file, text.encode(), {"FORESAIL_STORE_URL": f"redis:{secret}"})


def test_the_manual_itself_is_good() -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert outcome(Path(folder) / "config.ini", MANUAL.encode(), {}) == ""
