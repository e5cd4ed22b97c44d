"""What makes a password weak: short, common, made of words of this place, or with little in it. Nothing else does."""

import secrets

import pytest

from services.auth.strength import weakness

SHORTEST = 15
GOOD = (
    "correct horse battery",
    "the first password of all",
    "Grüße, 世界 und alle 🚀",
    "we were there as poor",
    "emil likes green tea",
    "4915-7730-2286-0394",
    "x" * 5 + "quite different then",
)


@pytest.mark.parametrize("password", GOOD)
def test_any_long_password_with_something_in_it_is_good(password: str) -> None:
    assert weakness(password, "emil", SHORTEST) == ""


def test_random_ones_of_the_least_length_are_good() -> None:
    assert [word for _ in range(200) if weakness(word := secrets.token_urlsafe(12)[:SHORTEST], "emil", SHORTEST)] == []


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen chars", "at least 15 characters"),
        ("qwertyuiopasdfgh", "list of common ones"),
        ("PasswordPassword", "list of common ones"),
        ("correcthorsebatterystaple", "list of common ones"),
        ("CorrectHorseBatteryStaple", "list of common ones"),
        ("Foresail-Admin-2026", "a word of Foresail"),
        ("F0res@il F0res@il!", "a word of Foresail"),
        ("emil.becker1emil.becker2", "the user's name"),
        ("manager-employee-1", "a role"),
        ("ab12!ab12!ab12!ab", "repeated or neighbouring"),
        ("zyxwvutsrqp7654321", "repeated or neighbouring"),
        ("!!!!!!!!!!!!!!!!!!!!!", "repeated or neighbouring"),
        ("112233112233221133", "repeated or neighbouring"),
        ("abcabcabcabcabc12", "repeated or neighbouring"),
    ],
)
def test_a_weak_one_is_refused_with_the_reason(password: str, why: str) -> None:
    assert why in weakness(password, "emil.becker", SHORTEST)


@pytest.mark.parametrize("shortest", [10, 15, 40])
def test_the_least_length_is_a_setting(shortest: int) -> None:
    good = "k7#Lq9vW2mZx4Rt8PdYs1Hc6Jb3Nf5Gu0TeQaVoX"
    assert weakness(good[:shortest], "emil", shortest) == ""
    assert f"at least {shortest} characters" in weakness(good[: shortest - 1], "emil", shortest)
