"""What Winnow decides and learns: pure, without Kafka, Redis, clock, environment or randomness."""
