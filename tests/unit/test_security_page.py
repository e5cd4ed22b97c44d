"""docs/security.md answers every requirement of ASVS 5.0.0, level 1 and 2, and names places that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+\.\d+)\.(\d+)(?:–(\d+))? \|[^|]*\| (yes|part|no|–) \|(.*)\|$", flags=re.MULTILINE)
LAST = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6
3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12
6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2
8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3
11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2
13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3
17.1:1 17.2:4 17.3:2
"""
"""Section:number of its last requirement of level 1 or 2; in each section they come before those of level 3."""


def test_every_requirement_has_its_row() -> None:
    numbers = [
        f"{section}.{number}"
        for section, first, last, _, _ in ROW.findall(PAGE)
        for number in range(int(first), int(last or first) + 1)
    ]
    assert sorted(numbers) == sorted(
        f"{section}.{number}"
        for section, last in (entry.split(":") for entry in LAST.split())
        for number in range(1, int(last) + 1)
    )
    assert len(numbers) == 70 + 183


def test_what_is_not_met_says_why() -> None:
    assert [row[0] for row in ROW.findall(PAGE) if row[3] in ("part", "no") and len(row[4].strip()) < 10] == []


def test_the_places_exist() -> None:
    named = set(
        re.findall(
            r"`((?:services|cli|tests|docs|charts|benchmarks)/[^`:]+|[A-Za-z.]+\.(?:md|ini|lock|base|toml))`", PAGE
        )
    )
    outside = {"contexts.json", "users.json"}
    assert len(named) > 50
    assert [name for name in sorted(named - outside) if not (ROOT / name).exists()] == []
