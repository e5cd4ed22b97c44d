"""Foresail: a forecasting-job platform of four HTTP services, a queue and an MPI program that drains it."""
