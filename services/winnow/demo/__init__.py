"""Everything on one machine: embedded broker and Redis, sample data, simulated reviewers."""
