"""Tables of values: CSV and the like."""
