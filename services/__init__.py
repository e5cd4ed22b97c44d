"""Foresail: a forecasting-job platform of four HTTP services, a queue and an MPI program that drains it."""

import os

# Read when NumPy is imported. More threads add up long series in another order: a service's forecast would differ from
# a run's in its last bits.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
