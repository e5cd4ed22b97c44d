"""The settings: config.ini is their manual, and a wrong one is named with what is accepted."""

import configparser
import re
from pathlib import Path
from typing import get_args

import pytest

from services.config import JobSettings, Settings
from services.errors import InvalidError
from services.forecasting.models import MODELS
from services.settings import load

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "config.ini"
NAMES = [(section, key) for section in Settings.model_fields for key in type(getattr(Settings(), section)).model_fields]

EXAMPLES = {"url": "redis://elsewhere", "ca_file": "/etc/ssl/ca.crt", "first_password": "correct horse"}
"""Of settings that are empty by default."""


def read(tmp_path: Path, text: str | bytes, **environment: str) -> Settings:
    file = tmp_path / "config.ini"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load({"FORESAIL_CONFIG": str(file), **environment})


def refusal(tmp_path: Path, text: str | bytes, **environment: str) -> str:
    with pytest.raises(InvalidError) as refused:
        read(tmp_path, text, **environment)
    assert str(tmp_path / "config.ini") in refused.value.detail
    return refused.value.detail


def test_config_ini_names_every_setting_and_no_other() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(MANUAL.read_text("utf-8"))
    assert [(section, key) for section in parser.sections() for key in parser[section]] == NAMES


def test_config_ini_shows_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, MANUAL.read_bytes()) == read(tmp_path, "")


@pytest.mark.parametrize(("section", "key"), NAMES)
def test_every_setting_has_a_comment_above_it(section: str, key: str) -> None:
    body = MANUAL.read_text("utf-8").split(f"\n[{section}]\n")[1].split("\n[")[0]
    above = re.split(rf"^{key} =", body, flags=re.MULTILINE)[0].strip().splitlines()
    # One comment may speak of several settings that follow it without another.
    while above and not above[-1].startswith(";"):
        above.pop()
    assert above, f"[{section}] {key} says nothing about itself"


@pytest.mark.parametrize(("section", "key"), NAMES)
def test_every_setting_is_overridden_by_its_variable(tmp_path: Path, section: str, key: str) -> None:
    value = getattr(getattr(Settings(), section), key) or EXAMPLES[key]
    variable = f"FORESAIL_{section}_{key}".upper()
    changed = read(tmp_path, f"[{section}]\n{key} = wrong\n", **{variable: str(value)})
    assert getattr(getattr(changed, section), key) in (value, tmp_path / str(value), tmp_path / "data" / str(value))


@pytest.mark.parametrize(
    ("text", "named", "accepted"),
    [
        ("[web]\nport = many", "[web] port is 'many'", "valid integer"),
        ("[web]\nport = 70000", "[web] port is '70000'", "65535"),
        ("[auth]\ntoken_hours = 0.0001", "[auth] token_hours is '0.0001'", "greater than or equal to 0.01"),
        ("[log]\nlevel = loud", "[log] level is 'loud'", "'debug', 'info', 'warning' or 'error'"),
        ("[jobs]\ndefault_model = crystal", "[jobs] default_model is 'crystal'", "'ols', 'naive', 'drift' or 'theta'"),
        ("[web]\nprot = 1", "[web] prot is not a setting", "metrics_port"),
        ("[wbe]\nport = 1", "[wbe] is not a setting", "[web]"),
        ("[run]\nprocesses = 20", "[run]", "most_processes 16"),
        ("[jobs]\ndefault_horizon = 400", "[jobs]", "longest_horizon 366"),
        ("port = 1", "INI", "line 1"),
        ("[web]\nport", "INI", "line 2"),
        ("[web]\nport = 1\nport = 2", "INI", "'port'"),
        (b"[web]\nhost = \xff", "INI", "utf-8"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_accepted(tmp_path: Path, text: str, named: str, accepted: str) -> None:
    detail = refusal(tmp_path, text)
    assert named in detail
    assert accepted in detail


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("FORESAIL_WEB_PROT", "1", "[web] prot is not a setting; there are mode, host, port"),
        ("FORESAIL_QUEUE_LEASE_SECONDS", "soon", "FORESAIL_QUEUE_LEASE_SECONDS"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, value: str, named: str) -> None:
    assert named in refusal(tmp_path, "", **{variable: value})


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    detail = refusal(tmp_path, "[web]\nport = a\n[log]\nlevel = b")
    assert "[web] port" in detail
    assert "[log] level" in detail


def test_variables_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    assert read(tmp_path, "", FORESAIL_URL="http://localhost", FORESAIL_TOKEN="x", FORESAIL_DEBUG="1").web.port == 8080


@pytest.mark.parametrize(
    "text",
    [
        "[store]\nurl = http://me:SECRET@host",
        "[auth]\nfirst_password = SECRET\nfirst_password = SECRET",
        "[auth]\nfirst_password SECRET",
        "[auth]\nfirst_password = SECRET\n  SECRET",
        "first_password = SECRET",
    ],
)
def test_a_secret_is_never_quoted(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read(tmp_path, text)
    error: BaseException | None = refused.value
    while error is not None:
        assert "SECRET" not in str(error)
        error = error.__cause__


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_first_password_may_come_from_a_file_that_ends_with_a_line_end(tmp_path: Path, end: str) -> None:
    password = " any of 256 characters ".ljust(256, "…")
    assert read(tmp_path, "", FORESAIL_AUTH_FIRST_PASSWORD=password + end).auth.first_password == password


@pytest.mark.parametrize(
    ("password", "accepted"),
    [("x" * 257, "at most 256 characters"), ("two lines\n\n", "one line is accepted"), ("one\rtwo", "one line")],
)
def test_a_first_password_with_which_nobody_could_log_in_is_refused(
    tmp_path: Path, password: str, accepted: str
) -> None:
    detail = refusal(tmp_path, "", FORESAIL_AUTH_FIRST_PASSWORD=password)
    assert detail.startswith("[auth] first_password is wrong: ")
    assert accepted in detail
    assert password not in detail


def test_a_missing_file_is_told_where_it_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"FORESAIL_CONFIG names .*gone.ini, and there is no such file"):
        load({"FORESAIL_CONFIG": str(tmp_path / "gone.ini")})


def test_a_file_for_which_nobody_can_look_is_told(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 300)
    with pytest.raises(InvalidError, match=r"cannot be read as an INI file: .*File name too long"):
        load({"FORESAIL_CONFIG": str(file)})


def test_folders_count_from_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, "[store]\nfolder = here").store.folder == tmp_path / "here"


def test_the_export_is_below_the_store_unless_its_folder_is_absolute(tmp_path: Path) -> None:
    assert read(tmp_path, "").export.folder == tmp_path / "data" / "export"
    assert read(tmp_path, "", FORESAIL_STORE_FOLDER="/there").export.folder == Path("/there/export")
    assert read(tmp_path, "[export]\nfolder = /elsewhere").export.folder == Path("/elsewhere")


def test_the_models_that_can_be_the_default_are_those_that_there_are() -> None:
    assert set(get_args(JobSettings.model_fields["default_model"].annotation)) == set(MODELS)
