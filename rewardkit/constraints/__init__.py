"""The constraints, one file per family, one class per constraint, its vectors beside it."""
