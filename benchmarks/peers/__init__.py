"""What people use today to let a machine label a stream, under the same conditions as Winnow."""
