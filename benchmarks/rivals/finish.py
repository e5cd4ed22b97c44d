"""What every rival runs as its job, nothing, and how long that takes from the first job to the last.

It is called with the store's URL and how many jobs; after the last of them it prints the seconds and ends.
"""

import itertools
import os
import sys
import time

URL = sys.argv[1]
COUNT = int(sys.argv[2])
_numbers = itertools.count(1)
_began = [0.0]


def step() -> None:
    """The whole job, in whatever thread it runs."""
    number = next(_numbers)
    if number == 1:
        _began[0] = time.perf_counter()
    if number == COUNT:
        print(time.perf_counter() - _began[0], file=sys.__stdout__, flush=True)
        # At once, whatever threads and loops are there: nothing that follows is measured.
        os._exit(0)
