"""The only I/O kit: transactional loop, topic follower, settings, snapshots, health, logs."""
