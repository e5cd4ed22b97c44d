"""How a run's MPI program is started: as a child process on this machine, or by Kubernetes."""
