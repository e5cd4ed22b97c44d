"""scikit-learn in a loop: a line through each series and its forecast. Prints seconds of the processor's time."""

import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from sklearn.linear_model import LinearRegression

STEPS, HORIZON = 300, 10
panel = np.random.default_rng(1).random((int(sys.argv[1]), STEPS))
past, ahead = np.arange(STEPS)[:, None], np.arange(STEPS, STEPS + HORIZON)[:, None]
began = time.process_time()
for series in panel:
    LinearRegression().fit(past, series).predict(ahead)
print(time.process_time() - began)
