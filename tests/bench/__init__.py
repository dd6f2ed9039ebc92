"""Benchmarks (`make bench`): each against its reference, in turns, in one run.

Machines are noisy: only the ratio of two things measured in turns counts, and where a server is measured, the CPU time that
its process used, read from /proc. All load goes to loopback or a unix socket, has a count, and ends by itself.
"""
