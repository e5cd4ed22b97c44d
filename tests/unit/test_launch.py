"""The launcher's program: it waits for every host, and gives the other pods' ranks nothing but what numerics need."""

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.drain import launch

WORDS = argparse.Namespace(queue=3, processes=3, run=7)


def test_a_hostfile_of_the_operator_is_read() -> None:
    text = "run-7-launcher.run-7.team.svc:2\nrun-7-worker-0.run-7.team.svc:2\n\n"
    assert launch.read_hosts(text) == [
        launch.Host("run-7-launcher.run-7.team.svc", 2),
        launch.Host("run-7-worker-0.run-7.team.svc", 2),
    ]


def test_only_rank_0_gets_the_environment() -> None:
    first, others = " ".join(launch.mpiexec("/etc/mpi/hostfile", WORDS)).split(" : ")
    assert first.startswith("mpiexec -f /etc/mpi/hostfile -n 1 ")
    assert "-envlist" not in first
    assert others.startswith("-n 2 -envlist PATH,HOME,")
    assert "FORESAIL" not in others
    assert first.endswith("--queue 3 --processes 3 --run 7")
    assert others.endswith("--queue 3 --processes 3 --run 7")


@pytest.fixture
def hostfile(tmp_path: Path) -> Path:
    file = tmp_path / "hostfile"
    file.write_text(f"{socket.gethostname()}:1\nnowhere.invalid:1\n", "utf-8")
    return file


def test_a_host_that_does_not_come_ends_the_wait(hostfile: Path) -> None:
    with pytest.raises(SystemExit, match=r"no answer from nowhere\.invalid"):
        launch.wait_for(launch.read_hosts(hostfile.read_text("utf-8")), seconds=0)


def test_too_few_hosts_are_told_before_anything_starts(hostfile: Path) -> None:
    ended = _launch(hostfile, "--queue", "1", "--processes", "3")
    assert ended.returncode == 1
    assert ended.stderr == "launch: 3 ranks are asked for, and 2 hosts offer 2\n"


def test_no_hostfile_is_told(tmp_path: Path) -> None:
    ended = _launch(tmp_path / "none", "--queue", "1", "--processes", "1")
    assert ended.returncode == 1
    assert "HYDRA_HOST_FILE names no file" in ended.stderr


def _launch(hostfile: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, launch.HOSTFILE_VARIABLE: str(hostfile)}
    command = [sys.executable, "-m", "services.drain.launch", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
