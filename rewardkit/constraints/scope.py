"""Constraints on a part of the response: its first line, each paragraph, the second list item."""
