"""The report of a replay: one HTML file that can be read offline, by people who never heard of Winnow."""

from winnow.replay.report.page import page

__all__ = ["page"]
