"""Passwords: Argon2id in a few threads, so that a flood of logins takes neither all cores nor all memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.config import AuthSettings


class Passwords:
    """Hashes and verifies; the caller closes it."""

    def __init__(self, settings: AuthSettings) -> None:
        self._hasher = PasswordHasher(settings.hash_passes, settings.hash_memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(settings.hash_threads, "passwords")
        # Verified when there is no such user, so that an unknown name takes as long as a wrong password.
        self._nobody = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """The Argon2id hash, with its salt and cost."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, known: str | None, password: str) -> bool:
        """Whether `password` is the one of the hash; false, after the same work, where there is no hash."""
        loop = asyncio.get_running_loop()
        same = await loop.run_in_executor(self._threads, self._verify, known or self._nobody, password)
        return same and known is not None

    def outdated(self, known: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(known)

    def close(self) -> None:
        """End the threads; logins that still wait for one fail."""
        self._threads.shutdown(cancel_futures=True)

    def _verify(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False
