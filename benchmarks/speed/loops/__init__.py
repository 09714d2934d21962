"""Transactional loops without Winnow: records passed through, and records scored by River one by one."""
