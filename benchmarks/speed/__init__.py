"""What a record costs: Winnow, the stream processors that people would take instead, and plain transactions."""
