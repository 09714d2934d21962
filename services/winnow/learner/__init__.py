"""Learns every verdict once and in order, and publishes what it learned within half a second."""
