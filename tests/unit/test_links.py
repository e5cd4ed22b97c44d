"""What the documents name is there: linked files, their headings, and the tests that prove a promise."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("k8s/*.md"), *ROOT.glob("charts/*/*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
TEST = re.compile(r"`(tests/[\w/.]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link.partition("#") for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    targets = [(page.parent / path if path else page, heading) for path, _, heading in links]
    targets += [(ROOT / test, "") for test in TEST.findall(text)]
    missing = [str(target) for target, _ in targets if not target.exists()]
    missing += [f"{target}#{heading}" for target, heading in targets if heading and heading not in headings(target)]
    assert missing == []


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made of their words."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
