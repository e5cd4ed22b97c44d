"""The MPI program that drains one queue: rank 0 alone speaks to the store, the other ranks know numbers only."""
