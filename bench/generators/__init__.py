"""Generators of rule sets; bench/generate.py is their command line.

Integers only and a generator of random numbers of our own, so that a seed gives the same text everywhere.
"""
