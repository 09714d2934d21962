"""The contracts of Winnow's topics: the only language its services share."""
