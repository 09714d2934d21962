"""The review desk: people answer what the machine is not sure of, or must not decide alone."""
