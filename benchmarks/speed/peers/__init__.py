"""The same pipeline as each stream processor recommends to write it; each runs in an environment of its own.

A program takes all it needs from the environment (see `pipeline`), and runs until it is ended.
"""
