"""Scores records, decides what becomes of each, and writes labels, review requests and counts, exactly once."""
