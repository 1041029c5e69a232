"""What must be repeated, word for word or with one change."""
