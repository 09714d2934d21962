"""What Winnow costs and holds, measured. Not part of the package: run from the repository by `make bench-*`."""
