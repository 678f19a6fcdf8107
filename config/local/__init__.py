"""Équiflux on one machine: the services it needs, embedded and supervised. No business.

A workstation, a demonstration and the tests use this package; production does not. `./run` is its only door.
"""
