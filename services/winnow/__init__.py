"""Winnow: selective labelling of a stream, with a bound on the error of the machine's labels."""
